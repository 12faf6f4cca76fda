"""The lists that the demonstration's cases stand among: the household registry, what schools returned
each month, the nation's export, key groups; the comparisons made of them, and the looks told of.

Rows of lists are written in bulk, as a sheet's would be; what is made of them goes through services.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from common.crypto import blind_index
from common.models import User
from common.periods import Kind, Period, between
from dashboard.demo.children import BATCH, numbered
from dashboard.demo.history import moment
from dashboard.demo.numbers import chance, read
from dashboard.demo.people import FILLERS
from dropout.models import (
    AttendanceLine,
    ComparisonKind,
    Episode,
    NationalEntry,
    NationalList,
    Obligation,
    Placement,
    SchoolAgeEntry,
    SchoolAgeList,
    Schooling,
)
from dropout.services import comparisons, duties, ledgers
from registry import identity
from registry.models import (
    Duty,
    Enrolment,
    Identifier,
    IdKind,
    Membership,
    OutsideList,
    Student,
    Unit,
    descendants_of,
)
from registry.services.duties import duties_since

COMPULSORY = ("1", "2")
HOME = "banner-zuoqi"  # the banner that has lists to compare


@dataclass(frozen=True)
class Pupil:
    """A child at a school of the compulsory stage, with its number in clear."""

    child: Student
    enrolment: Enrolment
    number: str


def load_ledgers(day: date) -> int:
    """Lists, comparisons and looks. Returns how many rows of lists are new."""
    if SchoolAgeList.objects.exists():
        return 0
    texts = read("cases.toml")
    banner = Unit.objects.get(key=HOME)
    people = {user.username: user for user in User.objects.all()}
    pupils = _pupils(day)
    groups = _groups(texts["group"], pupils, banner, day)
    households = _households(texts["household"], banner, pupils, day)
    lines = _attendance(texts["attendance"], pupils, people, day)
    nation = _national_ledger(banner, day)
    _compare(banner, groups, households, people["left"], day)
    duties.open_obligations(on=day)
    _looks(texts["words"], people, day)
    duties.settle(at=moment(day))
    return lines + nation + households.entries.count()


def _pupils(day: date) -> list[Pupil]:
    numbers = dict(
        Identifier.objects.current().filter(kind=IdKind.RESIDENT).values_list("student", "value")
    )
    held = Enrolment.objects.in_force(day).select_related("student__residence", "school")
    at_school = [one for one in held.order_by("pk") if one.grade[0] in COMPULSORY]
    return [
        Pupil(one.student, one, numbers[one.student_id])
        for one in at_school
        if one.student_id in numbers
    ]


def _number(value: str) -> dict:
    return {"id_number": value, "id_number_index": blind_index(value, identity.NUMBER)}


def _school_year(day: date) -> Period:
    return Period.of(Kind.SCHOOL_YEAR, day)


# Key groups ----------------------------------------------------------------------------------------
def _groups(rows: list[dict], pupils: list[Pupil], banner: Unit, day: date) -> list[OutsideList]:
    """Outside lists of one banner: some of its children, and those out of school for fitting causes."""
    here = set(descendants_of(banner, on=day).values_list("descendant", flat=True))
    mine = [one for one in pupils if one.enrolment.school_id in here]
    made = []
    for row in rows:
        out = set(
            Episode.objects.filter(case__unit=banner, cause__in=row["causes"]).values_list(
                "case__student", flat=True
            )
        )
        listed = OutsideList.objects.create(
            department=row["department"],
            title=row["title"],
            listed_on=day - timedelta(days=90),
            unit=banner,
        )
        Membership.objects.bulk_create(
            Membership(
                list=listed,
                category=row["category"],
                name=one.child.name,
                **_number(one.number),
                student=one.child,
                banner=banner,
                valid_from=listed.listed_on.replace(month=1, day=1),
            )
            for n, one in enumerate(mine)
            if one.child.pk in out or chance(row["title"], n) < row["share"]
        )
        made.append(listed)
    return made


# The household registry ----------------------------------------------------------------------------
def _households(texts: dict, banner: Unit, pupils: list[Pupil], day: date) -> SchoolAgeList:
    """Most as we know them; some with two figures swapped, some under another number, some unknown."""
    here = set(descendants_of(banner, on=day).values_list("descendant", flat=True))
    mine = [one for one in pupils if one.child.residence_id in here]
    counts = [texts["same"], texts["swapped"], texts["other_number"]]
    same, swapped, other = _parted(mine, counts)
    listed = SchoolAgeList.objects.create(
        unit=banner, office=texts["office"], listed_on=_compared_on(day) - timedelta(days=10)
    )
    rows = [_entry(listed, banner, one.child, one.number) for one in same]
    rows += [_entry(listed, banner, one.child, _swapped(one.number)) for one in swapped]
    rows += [
        _entry(listed, banner, one.child, numbered(700 + n, one.child.born_on))
        for n, one in enumerate(other)
    ]
    for n, name in enumerate(texts["strangers"][: texts["strange"]]):
        born = day.replace(year=day.year - 9, month=5, day=3 + n)
        number = numbered(800 + n, born)
        unknown = Student(
            name=name, sex=identity.sex_of(number), born_on=born, residence=mine[0].child.residence
        )
        rows.append(_entry(listed, banner, unknown, number, schooling=Schooling.UNKNOWN))
    for child in Student.objects.filter(enrolments=None, dropout_cases__unit=banner):
        number = child.identifiers.current().get(kind=IdKind.RESIDENT).value
        rows.append(_entry(listed, banner, child, number, schooling=Schooling.NOT_ENROLLED))
    SchoolAgeEntry.objects.bulk_create(rows, batch_size=BATCH)
    ledgers.link_children(listed.entries.all())
    return listed


def _parted(pupils: list[Pupil], counts: list[int]) -> list[list[Pupil]]:
    """The first so many, the next so many, and so on."""
    parts, at = [], 0
    for count in counts:
        parts.append(pupils[at : at + count])
        at += count
    return parts


def _swapped(number: str) -> str:
    """Two neighbouring figures of the serial number that differ, the other way round."""
    at = next(at for at in (15, 14, 13, 12, 11, 10, 9) if number[at] != number[at + 1])
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def _entry(listed, banner: Unit, child: Student, number: str, *, schooling=Schooling.ENROLLED):
    township = child.residence if child.residence.kind == Unit.Kind.TOWNSHIP else None
    return SchoolAgeEntry(
        list=listed,
        banner=banner,
        township=township,
        name=child.name,
        sex=child.sex,
        born_on=child.born_on,
        schooling=schooling,
        **_number(number),
    )


# What schools returned -----------------------------------------------------------------------------
def _attendance(texts: dict, pupils: list[Pupil], people: dict, day: date) -> int:
    """Every month that is owed and over: who was there. Some schools are late."""
    months = [
        month
        for month in between(Kind.MONTH, duties_since(), day)
        if month.end < day and month.end.month not in duties.HOLIDAYS
    ]
    away = _away()
    rows = []
    for back, month in enumerate(reversed(months)):
        rows += [
            _line(one, month, away.get(one.child.pk), texts)
            for one in pupils
            if back >= texts["missing"].get(one.enrolment.school.key, 0)
            and (one.enrolment.valid_from <= month.end or one.enrolment.grade != "11")
        ]
    AttendanceLine.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    for month in months:
        at = moment(min(month.end + timedelta(days=3), day))
        for key, fillers in FILLERS.items():
            under = descendants_of(Unit.objects.get(key=key), on=day)
            ledgers.follow_returns(month.code, under, by=people[fillers[0]], at=at)
    return len(rows)


def _away() -> dict[int, tuple[date, date]]:
    """{child: away since, until}: of everybody who was away, the last time."""
    back = dict(
        Placement.objects.standing().order_by("-began_on").values_list("episode", "began_on")
    )
    episodes = Episode.objects.exclude(absent_since=None).order_by("number")
    return {
        child: (since, back.get(pk) or ended or date.max)
        for pk, child, since, ended in episodes.values_list(
            "pk", "case__student", "absent_since", "ended_on"
        )
    }


def _line(one: Pupil, month: Period, away, texts: dict) -> AttendanceLine:
    gone = bool(away) and away[0] <= month.end < away[1]
    told = {"cause": texts["cause"], "whereabouts": texts["whereabouts"]} if gone else {}
    return AttendanceLine(
        school=one.enrolment.school,
        month=month.code,
        month_end=month.end,
        grade=one.enrolment.grade,
        class_name=one.enrolment.class_name,
        name=one.child.name,
        student=one.child,
        is_present=not gone,
        absent_since=away[0] if gone else None,
        **told,
        **_number(one.number),
    )


# The nation's ledger -------------------------------------------------------------------------------
def _national_ledger(banner: Unit, day: date) -> int:
    """Of our confirmed dropouts all but one; one with another day; one whom we do not have."""
    listed = NationalList.objects.create(unit=banner, listed_on=day - timedelta(days=5))
    found = Episode.objects.open().filter(case__unit=banner).exclude(left_on=None)
    ours = list(found.select_related("case__student").order_by("pk"))[1:]
    rows = [
        _national(listed, banner, one.case.student, one.left_on - timedelta(days=20 * (n == 0)))
        for n, one in enumerate(ours)
    ]
    known = {one.case.student_id for one in ours}
    held = Enrolment.objects.in_force(day).filter(grade="16", school__key="school-demo-zuoqi")
    stranger = held.exclude(student__in=known).order_by("-pk").first().student
    rows.append(_national(listed, banner, stranger, day - timedelta(days=75)))
    NationalEntry.objects.bulk_create(rows)
    ledgers.link_children(listed.entries.all())
    return len(rows)


def _national(listed, banner: Unit, child: Student, left_on: date) -> NationalEntry:
    number = child.identifiers.current().get(kind=IdKind.RESIDENT).value
    return NationalEntry(
        list=listed,
        banner=banner,
        name=child.name,
        sex=child.sex,
        born_on=child.born_on,
        kind="DROPPED_OUT",
        left_on=left_on,
        **_number(number),
    )


# Comparing, and telling of it ----------------------------------------------------------------------
def _compared_on(day: date) -> date:
    """In the last quarter that is over, where the children were at school by then."""
    quarter = Period.of(Kind.QUARTER, day).previous()
    return max(quarter.end - timedelta(days=10), _school_year(day).start)


def _compare(banner: Unit, groups, households, by, day: date) -> None:
    """The register against the roll in time for the quarter; the others yesterday."""
    yesterday = day - timedelta(days=1)
    month = Period.of(Kind.MONTH, day).previous()
    runs = [
        (ComparisonKind.NEVER_ENROLLED, _compared_on(day), {"lists": [households.pk]}),
        (ComparisonKind.ABSENT, yesterday, {"month": month.code}),
        (ComparisonKind.POVERTY, yesterday, {"lists": [groups[0].pk]}),
    ]
    for kind, on, inputs in runs:
        run = comparisons.start_comparison(
            kind, unit=banner, by=by, at=moment(on, 9), on=on, **inputs
        )
        comparisons.run_comparison(run, at=moment(on, 9, 1))


def _looks(words: dict, people: dict, day: date) -> None:
    """Told of in time, but for two units' last quarter and two units' year."""
    text = {
        Obligation.QUARTER: words["look"],
        Obligation.TERM: words["survey"],
        Obligation.YEAR: words["summary"],
    }
    latest = Period.of(Kind.QUARTER, day).previous().code
    late = {("banner-ejina", latest), ("zone-wulanbuhe", latest)}
    for duty in Duty.objects.filter(code__in=list(text)).open().ended(day).for_list():
        key, told_on = duty.unit.key, duty.period_end + timedelta(days=4)
        slow = duty.code == Obligation.YEAR and key in ("banner-ejina", "zone-luanjingtan")
        compared = duty.code == Obligation.QUARTER and (key, duty.period) == (HOME, latest)
        if (key, duty.period) in late or slow or compared or told_on > day:
            continue
        duties.declare(
            duty,
            held_on=duty.period_end - timedelta(days=6),
            text=text[Obligation(duty.code)],
            by=people[FILLERS.get(key, ("bureau",))[0]],
            at=moment(told_on),
        )
