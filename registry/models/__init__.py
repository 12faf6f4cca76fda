"""Who and where: units and postings, working days and duties, children and outside lists."""

from registry.models.children import Enrolment, Guardian, Identifier, Student
from registry.models.codes import Ethnicity, Grade, IdKind, Relation, Sex
from registry.models.lists import Category, Department, Membership, OutsideList
from registry.models.places import (
    CalendarDay,
    Closure,
    Dated,
    Duty,
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
    units_seen_by,
)
from registry.models.schools import School
from registry.models.transfers import Transfer

__all__ = [
    "CalendarDay",
    "Category",
    "Closure",
    "Dated",
    "Department",
    "Duty",
    "Enrolment",
    "Ethnicity",
    "Grade",
    "Guardian",
    "IdKind",
    "Identifier",
    "Membership",
    "OutsideList",
    "Posting",
    "PostingQuerySet",
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
    "descendants_of",
    "in_force",
    "posted_at",
    "units_seen_by",
]
