"""The unit's own dropout ledger: a line opens a case, takes the open one further, or changes nothing.

What a ledger writes beside it (visits, documents, places, returns) is derived from the case and has
its own deeds with their proof. A line that claims an end which the case does not have is refused.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from common.crypto import blind_index
from dropout.ledgers_rows import since_when
from dropout.models import Case, Episode, LedgerKind
from dropout.report_kinds.children import numbers_of, said
from dropout.services import from_ledger, touched
from dropout.services.from_ledger import Line
from dropout.services.rules import in_force
from dropout.services.sheets import recorded
from dropout.services.states import refresh_state
from intake import kinds
from intake.columns import BLANK, CLEAR
from intake.faults import declare
from intake.kinds import Rule
from intake.stores.base import RowFault
from intake.stores.deeds import Row, Stored
from registry import identity
from registry.models import Identifier, IdKind, Student, Unit, descendants_of
from registry.services.residents import register_resident

SLUG, CHANGE = "dropout-ledger", "dropout.change_case"

declare(
    {
        "child_elsewhere": (
            _("“%(header)s”是别的单位的孩子"),
            _("核对号码；孩子转来的，先办移交。"),
        ),
        "child_unknown": (
            _("“%(header)s”在学生里查不到"),
            _("核对号码；从没上过学的，写上苏木镇，就能登记立案。"),
        ),
        "under_school_age": (
            _("“%(header)s”里的出生日期算来还不到义务教育年龄"),
            _("核对号码；不到年龄的不列入，删掉这一行。"),
        ),
        "too_soon_to_confirm": (
            _("“%(header)s”到今天还不满确认辍学要的 %(days)s 天"),
            _("核对日期；还不满的，类型写“疑似”。"),
        ),
        "after_what_is_known": (
            _("“%(header)s”晚于个案里的发现或确认日期"),
            _("核对日期，不晚于 %(day)s。"),
        ),
        "kind_stands": (
            _("个案里已经确认为“%(kind)s”"),
            _("改回原来的类型；确认错了的，在个案页面办理。"),
        ),
        "settled_in_the_case": (
            _("“%(header)s”和个案不一样"),
            _("复学、安置、销号凭依据在个案页面办；这里清空或改成和个案一样。"),
        ),
        "already_over": (
            _("这次失学辍学已经了结，内容和当时的不一样"),
            _("改回原来的；又离校的，写新的辍学时间。"),
        ),
    }
)


class CauseInOurWords(Rule):
    """CauseInOurWords(cause): a cause that we have a word for is written with it."""

    title = _("“辍学原因”认得的写法按平台的说法记，其余的记作其他原因的说明")

    def __init__(self, cause):
        self.cause = cause

    def check(self, chunk):
        name = self.cause.name
        chunk.values[name] = [self._written(one) for one in chunk.values[name]]
        return ()

    def _written(self, words):
        if words.__class__ is not str:
            return words
        cause, detail = from_ledger.cause_of(words)
        return detail or str(cause.label)


class Ledgered:
    """The children that some lines name, and where their cases stand."""

    def __init__(self, rows: Iterable[Row], context):
        numbers = {row.values.get("id_number") for row in rows} - {BLANK, CLEAR}
        self.indexes = {blind_index(number, identity.NUMBER): number for number in numbers}
        papers = Identifier.objects.current().exclude(kind=IdKind.ROLL)
        papers = papers.filter(value_index__in=self.indexes, student__merged_into=None)
        self.students = {
            self.indexes[one.value_index]: one.student for one in papers.select_related("student")
        }
        known = [one.pk for one in self.students.values()]
        cases = Case.objects.living().filter(student__in=known)
        self.with_case = set(cases.values_list("student", flat=True))
        mine = cases.visible_to(context.user, CHANGE).values_list("student", flat=True)
        held = Student.objects.visible_to(context.user, CHANGE).filter(pk__in=known)
        self.mine = set(mine) | set(
            held.exclude(pk__in=self.with_case).values_list("pk", flat=True)
        )
        episodes = Episode.objects.filter(case__in=cases).select_related("case__student")
        self.latest = {one.case.student_id: one for one in episodes.order_by("number")}

    def student(self, row: Row) -> Student | None:
        return self.students.get(row.values.get("id_number"))

    def episode(self, row: Row) -> Episode | None:
        """The spell that a line is about: the open one, or the last one if its day lies in it."""
        student = self.student(row)
        latest = self.latest.get(student.pk) if student else None
        if latest is None or latest.is_open:
            return latest
        since = row.values.get("left_on")
        is_of_it = since in (BLANK, CLEAR) or since <= latest.ended_on
        return latest if is_of_it else None


# What is stored ----------------------------------------------------------------------------------
def stored_episode(episode: Episode, number: str, unit: int | None = None) -> Stored:
    values = {
        "name": episode.case.student.name,
        "id_number": number,
        "kind": episode.kind or LedgerKind.SUSPECTED.value,
        "left_on": since_when(episode),
    }
    if episode.kind:
        values["cause"] = from_ledger.cause_words(episode)
    return Stored(
        episode.pk,
        episode.case.version,
        values,
        unit_pk=unit,
        subject=str(episode.case),
        fault="" if episode.is_open else "already_over",
    )


def load_ledger(rows, context) -> dict:
    """By the number of the child; a line of a filled form by the episode that it was made for."""
    ledgered = Ledgered(rows, context)
    found = {}
    for row in rows:
        episode, number = ledgered.episode(row), row.values.get("id_number")
        if episode and episode.case.student_id in ledgered.mine:
            found[(number,)] = stored_episode(episode, number)
    listed = _of_cases(Case.objects.visible_to(context.user, CHANGE)).filter(
        pk__in=[row.token[0] for row in rows if row.token]
    )
    held = numbers_of(listed.values("case__student"))
    for episode in listed:
        found[episode.pk] = stored_episode(episode, held.get(episode.case.student_id, ""))
    return found


def all_of_ledger(context) -> list[Stored]:
    """Who is out of school, or may be, in the units of the sheet."""
    under = descendants_of(context.unit, on=context.on)
    cases = Case.objects.visible_to(context.user, CHANGE).filter(unit__in=under)
    episodes = _of_cases(cases).filter(ended_on=None).order_by("found_on", "pk")
    numbers = numbers_of(cases.values("student"))
    return [
        stored_episode(one, numbers[one.case.student_id], one.case.unit_id)
        for one in episodes
        if one.case.student_id in numbers
    ]


def _of_cases(cases):
    return Episode.objects.filter(case__in=cases).select_related("case__student")


# What is wrong with a line -----------------------------------------------------------------------
class Judging:
    """Everything that the deeds would refuse, told at its cell before anything is done."""

    def __init__(self, rows, context):
        self.rows, self.context = rows, context
        self.ledgered, self.rules = Ledgered(rows, context), in_force()
        pks = [row.token[0] for row in rows if row.token]
        self.by_pk = Episode.objects.select_related("case__student").in_bulk(pks)

    def faults(self) -> Iterator[RowFault]:
        for row in self.rows:
            for name, code, params in self._of(row):
                header = str(kinds.get(SLUG).columns[name].header)
                yield RowFault(row.sheet, row.row, name, code, {"header": header} | params)

    def _of(self, row: Row) -> Iterator[tuple[str, str, dict]]:
        if row.token:
            episode = self.by_pk.get(row.token[0])
            student = episode.case.student if episode else None
        else:
            episode, student = self.ledgered.episode(row), self.ledgered.student(row)
            if row.values.get("id_number") in (BLANK, CLEAR):
                return
            if student is None and said(row, "township") is None:
                yield "id_number", "child_unknown", {}
                return
            if student and student.pk not in self.ledgered.mine:
                yield "id_number", "child_elsewhere", {}
                return
        if student and said(row, "name") not in (None, student.name):
            yield "name", "name_differs", {}
        if episode is None:
            yield from self._of_new(row, student)
        elif episode.is_open:
            yield from self._of_open(row, episode)

    def _of_new(self, row: Row, student: Student | None) -> Iterator:
        """A case would be opened: not of who is too young, came back long ago, or belongs to nobody."""
        for name in ("returned_on", "closed", "closed_on"):
            if said(row, name):
                yield name, "settled_in_the_case", {}
        born = student and student.born_on
        born = born or identity.birth_date_of(row.values["id_number"])
        if born and not self.rules.is_of_age(born, self.context.on):
            yield "id_number", "under_school_age", {}
        if said(row, "kind") == LedgerKind.DROPPED_OUT:
            yield from self._too_soon(row, self.context.on)

    def _of_open(self, row: Row, episode: Episode) -> Iterator:
        yield from self._ends(row, episode)
        kind, since = said(row, "kind"), said(row, "left_on")
        stands = episode.kind or LedgerKind.SUSPECTED
        if episode.kind and kind not in (None, episode.kind):
            yield "kind", "kind_stands", {"kind": str(LedgerKind(stands).label)}
            return
        drops_out = (kind or stands) == LedgerKind.DROPPED_OUT
        if since is None or since == since_when(episode) and kind in (None, stands):
            return
        if drops_out:
            yield from self._too_soon(row, episode.confirmed_on or self.context.on)
        elif since > episode.found_on:
            yield "left_on", "after_what_is_known", {"day": episode.found_on.isoformat()}

    def _ends(self, row: Row, episode: Episode) -> Iterator:
        """What a ledger says of the end must be what the case says."""
        placement = episode.placements.in_place().first()
        returned = placement.began_on if placement and placement.is_at_school else None
        if said(row, "returned_on") not in (None, returned):
            yield "returned_on", "settled_in_the_case", {}
        for name in ("closed", "closed_on"):
            if said(row, name):
                yield name, "settled_in_the_case", {}

    def _too_soon(self, row: Row, on: date) -> Iterator:
        since = said(row, "left_on")
        if since and (on - since).days < self.rules.confirm_days:
            yield "left_on", "too_soon_to_confirm", {"days": self.rules.confirm_days}


def judge_ledger(rows, _stored, context) -> Iterator[RowFault]:
    return Judging(rows, context).faults()


# Writing -----------------------------------------------------------------------------------------
def write_ledger(inserts, updates, recorder, context) -> None:
    by, at, on = context.user, recorder.change_set.at, context.on
    ledgered = Ledgered(inserts, context)
    for row in inserts:
        student = ledgered.student(row) or _register(row, recorder, by=by, at=at, on=on)
        with recorded(recorder, student, sheet=row.sheet, row=row.row):
            from_ledger.bring_in(student, _line_of(row.values), by=by, at=at)
    for one in updates:
        episode = Episode.objects.select_related("case__student").get(pk=one.stored.pk)
        place = {"sheet": one.row.sheet, "row": one.row.row}
        with recorded(recorder, episode.case.student, **place):
            _take_further(episode, one, by=by, at=at)


def _register(row: Row, recorder, *, by, at, on: date) -> Student:
    """A child that no school has had lives somewhere: from then on it is one of ours."""
    facts = {name: said(row, name) for name in ("sex", "born_on", "ethnicity")}
    guardian = {"name": said(row, "guardian"), "phone": said(row, "guardian_phone")}
    return register_resident(
        name=row.values["name"],
        id_number=row.values["id_number"],
        residence=Unit.objects.get(pk=row.values["township"]),
        on=on,
        by=by,
        at=at,
        guardian=guardian,
        recorder=recorder,
        **{name: value for name, value in facts.items() if value},
    )


def _take_further(episode: Episode, update, *, by, at) -> None:
    stored = update.stored.values
    values = stored | {name: None if v is CLEAR else v for name, v in update.changes.items()}
    line = _line_of(values)
    if not episode.confirmed_on and line.kind != LedgerKind.SUSPECTED:
        if line.kind == LedgerKind.NEVER_ENROLLED and "left_on" in update.changes:
            from_ledger.correct_since(episode, line.since, by=by, at=at)
        said_cause = update.row.values.get("cause")
        cause = said_cause if said_cause.__class__ is str else ""
        from_ledger.confirm(episode, Line(line.kind, line.since, cause), by=by, at=at)
        return
    if "left_on" in update.changes:
        from_ledger.correct_since(episode, line.since, by=by, at=at)
    if "cause" in update.changes:
        from_ledger.correct_cause(episode, line.cause, by=by, at=at)


def _line_of(values: dict) -> Line:
    cause = values.get("cause")
    return Line(values["kind"], values["left_on"], cause if cause.__class__ is str else "")


# What follows ------------------------------------------------------------------------------------
def follow_cases(change_set, context, *, at: datetime) -> None:
    """States of the cases that lines were about, and figures of the units; after an undo too."""
    written = change_set.rows.filter(root=Case._meta.db_table)
    if not written.exists():
        return
    on = localdate(at)
    cases = Case.objects.filter(pk__in=written.values("root_pk"))
    for episode in Episode.objects.open().filter(case__in=cases):
        refresh_state(episode, on)
    units = {context.unit.pk, *cases.values_list("unit", flat=True)}
    codes = (*touched.OF_CASES, touched.LESSONS)
    touched.touch(codes, units, since=localdate(change_set.at), on=on)
