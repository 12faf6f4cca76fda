"""The register of children of school age: in, told at the cell, linked by exact numbers, out again."""

from datetime import date

import pytest

from dropout.models import SchoolAgeEntry, SchoolAgeList
from registry.identity import check_character
from registry.models import Student
from registry.roles import Role
from tests.cast import TODAY
from tests.intake.rosters import (
    child,
    commit,
    domain_rows,
    hand_in,
    id_number,
    make_school,
    take_in,
    undo,
)

TABLES = (SchoolAgeList, SchoolAgeEntry)
FACTS = {"office": "公安局", "listed_on": "2025-09-30"}


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def official(units, east, officer):
    return officer(east, name="左旗填报员")


@pytest.fixture
def check(official, east):
    def hand(rows, facts=FACTS, **more):
        more = {"by": official, "unit": east} | more
        return hand_in(rows, kind="school-age-children", facts=facts, **more)

    return hand


def born(day: str) -> str:
    """A number of nobody, of a birth date."""
    body = f"152921{day}001"
    return body + check_character(body)


def line(n, **over) -> dict:
    full = {
        "旗(区)": "阿拉善左旗",
        "苏木镇(街道)": "巴彦浩特镇",
        "姓名": "那仁",
        "身份证号": id_number(n),
        "出生日期": None,
        "监护人电话": None,
        "备注": None,
    }
    return full | over


def told(preview) -> set:
    return {(one.code, one.place) for one in preview.faults}


def test_a_list_comes_in_whole_and_goes_again(check, official, east):
    rows = [line(1, 监护人电话="13900000001"), line(2, 备注="新迁入")]
    upload, preview = check(rows)
    assert not preview.faults and preview.counts["inserted"] == 2
    assert not SchoolAgeList.objects.exists(), "a check makes no list"
    upload = commit(upload, by=official)
    one = SchoolAgeEntry.objects.get(remark="新迁入")
    assert (one.list.unit, one.list.listed_on) == (east, date(2025, 9, 30))
    assert (one.banner, one.township.name, one.id_number) == (east, "巴彦浩特镇", id_number(2))
    assert f"{one.born_on:%Y%m%d}" == id_number(2)[6:14], "the number says it"
    stored = str(domain_rows(*TABLES))
    assert id_number(1) not in stored and "13900000001" not in stored
    _upload, again = check(rows)
    assert again.counts["unchanged"] == 2 and not again.changes
    undone = undo(upload, by=official)
    assert (undone.undone, undone.left) == (2, [])
    assert domain_rows(*TABLES) == {model._meta.db_table: [] for model in TABLES}


def test_a_changed_phone_is_told_masked_and_put_back(check, official):
    commit(check([line(1, 监护人电话="13900000001")])[0], by=official)
    before = domain_rows(*TABLES)
    upload, preview = check([line(1, 监护人电话="13900000002")])
    assert [(c.header, c.old, c.new, c.subject) for c in preview.changes] == [
        ("监护人电话", "139****0001", "139****0002", "那**")
    ]
    upload = commit(upload, by=official)
    assert SchoolAgeEntry.objects.get().guardian_phone == "13900000002"
    assert undo(upload, by=official).left == []
    assert domain_rows(*TABLES) == before


def test_only_the_exact_number_links_a_child(check, official, east):
    school = make_school("阿左旗第一小学", east)
    take_in([child(1, school)], by=official, unit=east)
    commit(check([line(1), line(2, 姓名=child(1, school)["姓名"])])[0], by=official)
    linked = {one.id_number: one.student for one in SchoolAgeEntry.objects.all()}
    assert linked == {id_number(1): Student.objects.get(), id_number(2): None}


def test_every_fault_is_told_at_its_cell(check):
    rows = [
        line(1, 身份证号="152921201509010013"),
        line(2, **{"苏木镇(街道)": None}),
        line(3, 姓名=None),
        line(4, **{"旗(区)": "额济纳旗", "苏木镇(街道)": None}),
        line(5, 出生日期="2001-01-01"),
        line(6, 身份证号=born("20080929")),  # seventeen on the day of the list
        line(7),
        line(7),
    ]
    _upload, preview = check(rows)
    assert told(preview) == {
        ("id_checksum", "D2"),
        ("required", "B3"),
        ("required", "C4"),
        ("unit_not_yours", "A5"),
        ("required", "B5"),
        ("birth_differs", "E6"),
        ("over_school_age", "D7"),
        ("key_twice", "D8"),
        ("key_twice", "D9"),
    }


def test_who_is_sixteen_on_the_day_of_the_list_is_let_through(check):
    _upload, preview = check([line(1, 身份证号=born("20081001"))])
    assert not preview.faults, "a day short of seventeen"


def test_a_list_without_its_day_is_taken_by_nobody(check):
    _upload, preview = check([line(1)], {"office": "公安局"})
    assert [(f.code, f.params["header"]) for f in preview.faults] == [("fact_missing", "名单日期")]


def test_another_banner_sees_nothing_of_it(check, official, west, officer):
    commit(check([line(1)])[0], by=official)
    stranger = officer(west, Role.OFFICIAL, "right")
    permission = "dropout.view_ledger"
    assert SchoolAgeEntry.objects.visible_to(official, permission).count() == 1
    assert not SchoolAgeEntry.objects.visible_to(stranger, permission).exists()
