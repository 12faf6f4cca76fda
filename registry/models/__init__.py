"""Who and where: units and postings, working days and duties, children and outside lists."""

from registry.models.children import (
    Enrolment,
    Guardian,
    Identifier,
    Student,
    schools_counting,
)
from registry.models.codes import Ethnicity, Grade, IdKind, Relation, Sex
from registry.models.decisions import MatchDecision, Verdict
from registry.models.duties import CalendarDay, Duty
from registry.models.findings import Finding
from registry.models.lists import (
    SENSITIVE,
    Category,
    Department,
    Membership,
    OutsideList,
    children_on,
)
from registry.models.places import (
    Closure,
    Dated,
    Posting,
    PostingQuerySet,
    Running,
    ScopedQuerySet,
    Unit,
    UnitAlias,
    UnitCode,
    UnitParent,
    descendants_of,
    in_force,
    posted_at,
    postings_of,
    units_seen_by,
)
from registry.models.promotions import Promotion
from registry.models.reading import read_through
from registry.models.schools import School
from registry.models.searches import PersonSearch
from registry.models.transfers import Transfer

__all__ = [
    "SENSITIVE",
    "CalendarDay",
    "Category",
    "Closure",
    "Dated",
    "Department",
    "Duty",
    "Enrolment",
    "Ethnicity",
    "Finding",
    "Grade",
    "Guardian",
    "IdKind",
    "Identifier",
    "MatchDecision",
    "Membership",
    "OutsideList",
    "PersonSearch",
    "Posting",
    "PostingQuerySet",
    "Promotion",
    "Relation",
    "Running",
    "School",
    "ScopedQuerySet",
    "Sex",
    "Student",
    "Transfer",
    "Unit",
    "UnitAlias",
    "UnitCode",
    "UnitParent",
    "Verdict",
    "children_on",
    "descendants_of",
    "in_force",
    "postings_of",
    "posted_at",
    "read_through",
    "schools_counting",
    "units_seen_by",
]
