"""The national ledger's export: kept to be compared, and never a case by itself."""

from datetime import date

import pytest

from dropout.models import Case, NationalEntry, NationalList
from registry.identity import check_character
from registry.roles import Role
from tests.cast import TODAY
from tests.intake.rosters import commit, domain_rows, hand_in, id_number, undo

TABLES = (NationalList, NationalEntry)
FACTS = {"mode": "compare", "listed_on": "2025-09-30"}


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def official(units, east, officer):
    return officer(east, name="左旗填报员")


@pytest.fixture
def check(official, east):
    def hand(rows, facts=FACTS):
        return hand_in(rows, kind="dropout-ledger", facts=facts, by=official, unit=east)

    return hand


def line(n, **over) -> dict:
    full = {
        "姓名": "那仁",
        "身份证号": id_number(n),
        "类型": "辍学",
        "辍学时间": "2025-03-01",
        "辍学原因": "信教",
        "复学时间": None,
        "销号时间": None,
    }
    return full | over


def told(preview) -> set:
    return {(one.code, one.place) for one in preview.faults}


def test_an_export_comes_in_whole_opens_no_case_and_goes_again(check, official, east):
    rows = [line(1), line(2, 类型="失学", 复学时间="2025-05-01")]
    upload, preview = check(rows)
    assert not preview.faults and preview.counts["inserted"] == 2
    upload = commit(upload, by=official)
    one = NationalEntry.objects.get(kind="NEVER_ENROLLED")
    assert (one.list.unit, one.left_on, one.returned_on) == (
        east,
        date(2025, 3, 1),
        date(2025, 5, 1),
    )
    assert not Case.objects.exists()
    assert "信教" not in str(domain_rows(*TABLES)), "a cause is not kept"
    _upload, again = check(rows)
    assert again.counts["unchanged"] == 2
    assert undo(upload, by=official).left == []
    assert domain_rows(*TABLES) == {model._meta.db_table: [] for model in TABLES}


def test_every_fault_is_told_at_its_cell(check):
    body = "15292120080929001"
    rows = [
        line(1, 类型=None),
        line(2, 辍学时间=None),
        line(3, 辍学时间="2099-01-01"),
        line(4, 复学时间="2025-02-28"),
        line(5, 销号时间="2025-02-28"),
        line(6, 身份证号=body + check_character(body)),
        line(7, 类型="不知道"),
    ]
    _upload, preview = check(rows)
    assert told(preview) == {
        ("required", "C2"),
        ("required", "D3"),
        ("day_to_come", "D4"),
        ("before_first", "F5"),
        ("before_first", "G6"),
        ("over_school_age", "B7"),
        ("choice_unknown", "C8"),
    }


def test_a_stored_day_of_leaving_is_not_passed_from_behind(check, official):
    commit(check([line(1, 复学时间="2025-05-01")])[0], by=official)
    _upload, preview = check([line(1, 辍学时间="2025-06-01")])
    assert {one.code for one in preview.faults} == {"before_first"}


def test_a_school_may_not_hand_it_in(east, officer):
    assert not officer(east, Role.SCHOOL, "teacher").has_perm("dropout.run_comparison")
