"""The demonstration's schools and children. Nobody of them exists.

Their identity numbers check, and their area 152999 and telephone numbers 0483-000… were never given
to anybody. Written in bulk; a second run finds the schools and writes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from common.crypto import blind_index
from common.models import User
from common.periods import Kind, Period
from dashboard.demo.history import moment
from dashboard.demo.numbers import chance, read
from dashboard.demo.people import SCHOOL
from registry import identity
from registry.models import (
    Enrolment,
    Ethnicity,
    Guardian,
    Identifier,
    IdKind,
    Membership,
    OutsideList,
    Relation,
    School,
    Sex,
    Student,
    Transfer,
    Unit,
    UnitParent,
)
from registry.services.units import SINCE, rebuild_closure, sort_key_of

AREA = "152999"  # no county has this code
TOWN = "township-152921404"  # where the children of the demonstration's first school live
FIRST_AGE = {"0": 3, "1": 6, "2": 12, "3": 15}  # of a stage's first year, on 1 September
BATCH = 500


@dataclass
class Family:
    """A child and the rows that belong to it, not yet stored."""

    student: Student
    place: dict
    enrolments: list[Enrolment]
    numbers: list[Identifier]
    guardians: list[Guardian] = field(default_factory=list)


def load_children(day: date) -> int:
    """Schools, children, two lists, and cases for a person to decide. Returns how many children."""
    if School.objects.filter(unit__key=SCHOOL).exists():
        return 0
    texts = read("children.toml")
    schools = _schools(texts["school"])
    year = Period.of(Kind.SCHOOL_YEAR, day)
    families = [
        _family(n, place, grade, class_no, year=year, units=schools, texts=texts)
        for n, (place, grade, class_no) in enumerate(_places(texts["school"]))
    ]
    _store(families)
    _lists(texts["list"], families, day)
    _to_decide(families, schools, day)
    return len(families)


# Schools -----------------------------------------------------------------------------------------
def _schools(rows: list[dict]) -> dict[str, Unit]:
    """Units by key: those that schools lie in, and the schools, each with its facts."""
    known = {unit.key: unit for unit in Unit.objects.all()}
    fresh = [_school(number, row) for number, row in enumerate(rows) if row["key"] not in known]
    Unit.objects.bulk_create(fresh)
    known |= {unit.key: unit for unit in fresh}
    UnitParent.objects.bulk_create(
        UnitParent(unit=known[row["key"]], parent=known[row["under"]], valid_from=SINCE)
        for row in rows
        if known[row["key"]] in fresh
    )
    School.objects.bulk_create(
        School(unit=known[row["key"]], type=row["type"], system=row["system"], boards=row["boards"])
        for row in rows
    )
    rebuild_closure()
    return known


def _school(number: int, row: dict) -> Unit:
    return Unit(
        key=row["key"],
        name=row["name"],
        short_name=row["short"],
        kind=Unit.Kind.SCHOOL,
        sort_no=200 + number,
        sort_key=sort_key_of(row["name"]),
        valid_from=SINCE,
    )


def _places(rows: list[dict]) -> Iterator[tuple[dict, str, int]]:
    """One (school, grade, class) for each child."""
    for row in rows:
        for grade in row["grades"]:
            for class_no in range(1, row["classes"] + 1):
                yield from [(row, grade, class_no)] * row["size"]


# Children ----------------------------------------------------------------------------------------
def numbered(n: int, born: date) -> str:
    """A number that checks and is nobody's."""
    body = f"{AREA}{born:%Y%m%d}{n % 1000:03}"
    return body + identity.check_character(body)


def _age(grade: str, system: str) -> int:
    """Of a grade's children on 1 September; five years of primary school end one year sooner."""
    sooner = 1 if system == School.System.FIVE_FOUR and grade[0] == "2" else 0
    return FIRST_AGE[grade[0]] + int(grade[1]) - 1 - sooner


def _named(n: int, names: dict) -> tuple[str, str]:
    """(name, ethnicity)."""

    def pick(kind):
        return names[kind][int(chance(kind, n) * (len(names[kind]) - 0.01))]

    if chance("mongol", n) < 0.4:
        return pick("given"), Ethnicity.MONGOL
    return pick("family") + pick("first"), Ethnicity.HAN


def _family(n, place, grade, class_no, *, year: Period, units, texts) -> Family:
    if place.get("last_year"):
        year = year.previous()
    age = _age(grade, place["system"])
    born = date(year.year - age, 8, 31) - timedelta(days=int(chance("born", n) * 364))
    number = numbered(n, born)
    name, ethnicity = _named(n, texts["names"])
    home = units[TOWN if place["key"] == SCHOOL else place["under"]]
    address = home.name + texts["words"]["address"].format(number=n + 1)
    student = Student(
        name=name,
        sex=identity.sex_of(number),
        ethnicity=ethnicity,
        born_on=born,
        residence=home,
        remark=texts["words"]["remark"],
        **_sealed("registered_address", "student.registered_address", address),
        **_sealed("home_address", "student.home_address", address),
    )
    enrolment = Enrolment(
        student=student,
        school=units[place["key"]],
        grade=grade,
        class_name=texts["words"]["class"].format(number=class_no),
        boards=bool(place["boards"] and chance("boards", n) < 0.6),
        entered_on=date(year.year - int(grade[1]) + 1, 9, 1),
        valid_from=year.start,
    )
    numbers = [_identifier(student, IdKind.RESIDENT, number, born)]
    if grade[0] != "0":  # kindergartens give no roll numbers
        numbers.append(_identifier(student, IdKind.ROLL, f"G{number}", enrolment.entered_on))
    family = Family(student, place, [enrolment], numbers)
    family.guardians = [
        _guardian(n, position, student, texts["names"])
        for position in ((1, 2) if chance("two", n) < 0.2 else (1,))
    ]
    return family


def _sealed(name: str, purpose: str, value: str) -> dict:
    return {name: value, f"{name}_index": blind_index(value, purpose)}


def _identifier(student, kind: str, number: str, since: date) -> Identifier:
    return Identifier(
        student=student, kind=kind, valid_from=since, **_sealed("value", identity.NUMBER, number)
    )


def _guardian(n: int, position: int, student: Student, names: dict) -> Guardian:
    years = 24 + int(chance("parent", n, position) * 12)
    born = date(student.born_on.year - years, 1 + n % 12, 1 + n % 28)
    father = position == 1 and chance("father", n) < 0.5
    return Guardian(
        student=student,
        position=position,
        name=_named(10_000 * position + n, names)[0],
        relation=Relation.FATHER if father else Relation.MOTHER,
        **_sealed("phone", identity.PHONE, f"0483000{(n * 2 + position) % 10_000:04}"),
        **_sealed("id_number", identity.NUMBER, numbered(2 * n + (1 if father else 0), born)),
    )


def _store(families: list[Family]) -> None:
    Student.objects.bulk_create([one.student for one in families], batch_size=BATCH)
    for model, rows in (
        (Enrolment, "enrolments"),
        (Identifier, "numbers"),
        (Guardian, "guardians"),
    ):
        found = [row for one in families for row in getattr(one, rows)]
        model.objects.bulk_create(found, batch_size=BATCH)


# Lists of other departments ------------------------------------------------------------------------
def _lists(rows: list[dict], families: list[Family], day: date) -> None:
    for row in rows:
        unit = Unit.objects.get(key=row["unit"])
        listed = OutsideList.objects.create(
            department=row["department"],
            title=row["title"],
            listed_on=day - timedelta(days=60),
            unit=unit,
        )
        members = [
            _member(listed, row, family, banner=None if row["unit"] == "league" else unit)
            for n, family in enumerate(families)
            if chance(row["title"], n) < row["share"] and row["unit"] in ("league", _banner(family))
        ]
        Membership.objects.bulk_create(members)


def _banner(family: Family) -> str:
    """By how the demonstration names its schools: school-demo-zuoqi… lie in banner-zuoqi."""
    return f"banner-{family.place['key'].split('-')[2]}"


def _member(listed, row: dict, family: Family, *, banner: Unit | None) -> Membership:
    child, number = family.student, family.numbers[0].value
    facts = {"name": child.name, **_sealed("id_number", identity.NUMBER, number)}
    if row["guardians"]:
        parent = family.guardians[0]
        facts = {
            "name": parent.name,
            **_sealed("id_number", identity.NUMBER, parent.id_number),
            "relation": parent.get_relation_display(),
            "child_name": child.name,
            **_sealed("child_id_number", identity.NUMBER, number),
        }
    return Membership(
        list=listed,
        category=row["category"],
        student=child,
        banner=banner,
        valid_from=listed.listed_on.replace(month=1, day=1),
        **facts,
    )


# What a person has to decide -------------------------------------------------------------------------
def _to_decide(families: list[Family], schools: dict[str, Unit], day: date) -> None:
    """A child at two schools, one that another banner asks for, and one who stands here twice."""
    at = {key: [one for one in families if one.place["key"] == key] for key in schools}
    twice = at["school-demo-youqi-primary"][20]
    Enrolment.objects.create(
        student=twice.student,
        school=schools[SCHOOL],
        grade=twice.enrolments[0].grade,
        class_name=twice.enrolments[0].class_name,
        valid_from=day - timedelta(days=10),
    )
    asked = at["school-demo-youqi-primary"][30]
    Transfer.objects.create(
        student=asked.student,
        from_school=asked.enrolments[0].school,
        to_school=schools[SCHOOL],
        grade=asked.enrolments[0].grade,
        class_name=asked.enrolments[0].class_name,
        proposed_by=User.objects.get(username="left"),
        proposed_at=moment(day - timedelta(days=3)),
    )
    again = at[SCHOOL][40].student
    double = Student.objects.create(
        name=again.name, sex=Sex(again.sex), born_on=again.born_on, remark=again.remark
    )
    roll = f"L{AREA}{again.born_on:%Y%m%d}0001"
    _identifier(double, IdKind.ROLL, roll, day - timedelta(days=20)).save()
    Enrolment.objects.create(
        student=double,
        school=schools["school-demo-zuoqi-nine"],
        grade=at[SCHOOL][40].enrolments[0].grade,
        valid_from=day - timedelta(days=20),
    )
