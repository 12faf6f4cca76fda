"""A row of the ledgers of suspected and confirmed dropouts: what is known of a child and its episode.

Nothing of it is typed for the ledger. Each property is a column of the sheet `dropout-ledger`, under
the name that the column has there, so that list and sheet cannot tell different things.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property

from django.db.models import OuterRef, Prefetch, Subquery
from django.utils.translation import gettext as _

from common import masks
from dropout.models import (
    AttendanceLine,
    End,
    Episode,
    LedgerKind,
    Line,
    Notice,
    Placement,
    Responsible,
    Step,
    Visit,
)
from dropout.services.groups import groups_of, shown_to
from registry.models import Category, Enrolment, Guardian, Identifier, IdKind, Unit
from registry.students_filters import LISTS, UNMASK
from registry.students_tables import CHUNK, InChunks, masked_number, shown_name

POVERTY = frozenset(
    {
        Category.POVERTY_EXIT,
        Category.MONITORED_UNSTABLE,
        Category.MONITORED_EDGE,
        Category.MONITORED_SUDDEN,
    }
)
MARK = "、"  # data


def with_ledger_facts(episodes):
    """Everything that the rows read, in as many queries however many they are."""
    told = AttendanceLine.objects.absent().filter(student=OuterRef("case__student"))
    child = "case__student__"
    named = Responsible.objects.standing().exclude(role__line=Line.FAMILY).for_page()
    return episodes.annotate(
        told_whereabouts=Subquery(
            told.exclude(whereabouts="").order_by("-month", "-pk").values("whereabouts")[:1]
        )
    ).prefetch_related(
        Prefetch(
            f"{child}identifiers",
            Identifier.objects.current().order_by("kind", "pk"),
            to_attr="current_identifiers",
        ),
        Prefetch(
            f"{child}guardians", Guardian.objects.order_by("position"), to_attr="known_guardians"
        ),
        Prefetch(
            f"{child}enrolments",
            Enrolment.objects.select_related("school").order_by("-valid_from", "-pk"),
            to_attr="latest_enrolments",
        ),
        f"{child}residence",
        Prefetch("visits", Visit.objects.standing().order_by("on"), to_attr="standing_visits"),
        Prefetch("steps", Step.objects.standing().order_by("pk"), to_attr="standing_steps"),
        Prefetch("notices", Notice.objects.standing().order_by("pk"), to_attr="standing_notices"),
        Prefetch(
            "placements",
            Placement.objects.in_place().order_by("pk"),
            to_attr="placements_in_place",
        ),
        Prefetch("responsible", named, to_attr="named_people"),
    )


class LedgerRow:
    """What a person may read of one episode. None is what nobody knows."""

    def __init__(self, episode: Episode, groups: list[str] | None, *, masked: bool):
        """`groups`: codes that the person may read; None to who reads no outside list."""
        self.episode, self.codes, self.masked = episode, groups, masked
        self.case, self.child = episode.case, episode.case.student

    # Where ---------------------------------------------------------------------------------------
    @property
    def banner(self):
        return self.case.unit.name

    @property
    def township(self):
        return self.case.township.name if self.case.township else None

    @property
    def village(self):
        home = self.child.residence
        return home.name if home and home.kind == Unit.Kind.VILLAGE else None

    @cached_property
    def _enrolment(self):
        return next(iter(self.child.latest_enrolments), None)

    @property
    def school_name(self):
        if self.case.school:
            return self.case.school.name
        return self._enrolment.school.name if self._enrolment else None

    @property
    def grade(self):
        return self._enrolment.get_grade_display() if self._enrolment else None

    @property
    def class_name(self):
        return self._enrolment.class_name if self._enrolment else None

    # Who -----------------------------------------------------------------------------------------
    @property
    def name(self):
        return shown_name(self.child, masked=self.masked)

    @property
    def sex(self):
        return self.child.get_sex_display()

    @property
    def ethnicity(self):
        return self.child.get_ethnicity_display()

    @property
    def id_number(self):
        return masked_number(self.child)

    @property
    def roll_number(self):
        papers = [one for one in self.child.current_identifiers if one.kind == IdKind.ROLL]
        return masks.id_number(papers[0].value) if papers else None

    @property
    def born_on(self) -> date | str | None:
        """Who sees children masked reads the year only: the day is part of the number."""
        day = self.child.born_on
        return _("%(year)s年") % {"year": day.year} if day and self.masked else day

    @property
    def registered_address(self):
        return self._address(self.child.registered_address)

    @property
    def home_address(self):
        return self._address(self.child.home_address)

    def _address(self, text):
        return masks.address(text) if text else None

    @cached_property
    def _guardian(self):
        return next(iter(self.child.known_guardians), None)

    @property
    def guardian(self):
        if self._guardian is None:
            return None
        return masks.name(self._guardian.name) if self.masked else self._guardian.name

    @property
    def relation(self):
        return self._guardian.get_relation_display() if self._guardian else None

    @property
    def guardian_phone(self):
        phone = self._guardian.phone if self._guardian else ""
        return masks.phone(phone) if phone else None

    # Groups: told by other departments' lists ------------------------------------------------------
    @property
    def poverty_exit(self):
        if self.codes is None:
            return None
        return _("是") if POVERTY & set(self.codes) else _("否")

    @property
    def groups(self):
        named = [str(Category(code).label) for code in self.codes or () if code not in POVERTY]
        return MARK.join(named) or None

    # The episode -----------------------------------------------------------------------------------
    @property
    def state(self):
        return self.episode.get_state_display()

    @property
    def found_on(self):
        return self.episode.found_on

    @property
    def source(self):
        return self.episode.get_source_display()

    @property
    def kind(self):
        return str(LedgerKind(self.episode.kind or LedgerKind.SUSPECTED).label)

    @property
    def left_on(self):
        return since_when(self.episode)

    @property
    def cause(self):
        """Belief and health say only that they are written elsewhere, whoever reads: files travel."""
        return self.episode.get_cause_display()

    @property
    def whereabouts(self):
        return self.episode.told_whereabouts

    @property
    def persuaders(self):
        named = [f"{one.role.name} {one.name}" for one in self.episode.named_people]
        return MARK.join(named) or None

    @property
    def visits(self):
        return len(self.episode.standing_visits)

    @property
    def last_visit(self):
        return self.episode.standing_visits[-1].on if self.episode.standing_visits else None

    @property
    def measures(self):
        taken = [str(one.get_kind_display()) for one in self.episode.standing_steps if one.taken_on]
        served = [str(one.get_kind_display()) for one in self.episode.standing_notices]
        return MARK.join(taken + served) or None

    @cached_property
    def _placement(self):
        return next(iter(self.episode.placements_in_place), None)

    @property
    def returned_on(self):
        one = self._placement
        return one.began_on if one and one.is_at_school else None

    @property
    def placement(self):
        return self._placement.get_kind_display() if self._placement else None

    @property
    def closed(self):
        return _("是") if self.episode.end == End.CLOSED else _("否")

    @property
    def closed_on(self):
        return self.episode.ended_on if self.episode.end == End.CLOSED else None

    @property
    def remark(self):
        return _("反弹") if self.episode.is_relapse else None


def since_when(episode: Episode) -> date:
    """The day of a ledger: when it dropped out; of others since when it is away, or was found."""
    return episode.left_on or episode.absent_since or episode.found_on


class LedgerRows(InChunks):
    """Episodes of a list as ledger rows: a page at once, a file a thousand at a time."""

    def __init__(self, episodes, *, user, on: date):
        super().__init__(episodes)
        self.user, self.on = user, on

    def __getitem__(self, key):
        found = self.data[key]
        if isinstance(key, slice):
            return list(self._rows(list(found)))
        return next(self._rows([found]))

    def __iter__(self) -> Iterator[LedgerRow]:
        some = []
        for episode in super().__iter__():
            some.append(episode)
            if len(some) == CHUNK:
                yield from self._rows(some)
                some = []
        yield from self._rows(some)

    def _rows(self, episodes: Iterable[Episode]) -> Iterator[LedgerRow]:
        masked, reads_lists = not self.user.has_perm(UNMASK), self.user.has_perm(LISTS)
        groups = {}
        if reads_lists and episodes:
            groups = groups_of({one.case.student_id for one in episodes}, self.on)
        for one in episodes:
            codes = shown_to(groups.get(one.case.student_id, ()), self.user)
            yield LedgerRow(one, codes if reads_lists else None, masked=masked)
