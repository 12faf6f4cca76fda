"""Expected awards against a table worked by hand: stages, boarding, levels, changes of standard."""

from datetime import date
from decimal import Decimal

import pytest

from registry.models import Enrolment
from subsidies.models import Award, Programme, Recognition, Standard
from subsidies.services.awards import Expected, expect, expect_for
from subsidies.services.standards import confirm_standard, load_standards, save_standard
from tests.cast import NOW
from tests.intake.rosters import make_school
from tests.subsidies.need import at_school, recognised

LAST_OLD, FIRST_NEW = "2023/24-1", "2023/24-2"  # the standards rose with spring 2024
NOW_TERM = "2025/26-1"


@pytest.fixture(autouse=True)
def loaded(db):
    load_standards()


@pytest.fixture
def school(east):
    return make_school("阿左旗第一学校", east)


@pytest.fixture
def bureau(league, officer):
    return officer(league)


@pytest.fixture
def confirm(bureau):
    def all_like(*beginnings):
        for one in Standard.objects.to_confirm():
            if one.loaded_as.startswith(beginnings):
                confirm_standard(one, by=bureau, at=NOW, reason="核对过文件")

    return all_like


def amounts(term) -> dict[int, str]:
    return {one.student_id: str(one.amount) for one in Award.objects.of_term(term)}


# grade, boards, level → autumn 2023, spring 2024, autumn 2024, spring 2025, autumn 2025.
TABLE = [
    ("13", True, "A", ["500.00", "625.00", "625.00", "625.00", "625.00"]),
    ("16", True, "C", ["500.00", "625.00", "625.00", "625.00", "625.00"]),
    ("13", False, "B", ["250.00", "312.50", "312.50", "312.50", "312.50"]),
    ("21", True, "A", ["625.00", "750.00", "750.00", "750.00", "750.00"]),
    ("24", False, "A", ["312.50", "375.00", "375.00", "375.00", "375.00"]),
    ("13", True, "", [None] * 5),
    ("13", None, "A", [None] * 5),
    ("03", False, "A", [None] * 4 + ["1000.00"]),
    ("01", False, "B", [None] * 4 + ["500.00"]),
    ("04", False, "C", [None] * 4 + ["500.00"]),
    ("31", True, "A", [None] * 4 + ["1750.00"]),
    ("33", False, "B", [None] * 4 + ["1150.00"]),
    ("33", False, "C", [None] * 5),
    ("41", True, "A", ["1000.00", "1000.00", "1000.00", "1150.00", "1150.00"]),
    ("42", False, "C", ["1000.00", "1000.00", "1000.00", "1150.00", "1150.00"]),
    ("43", False, "A", [None] * 5),
]
TERMS = [LAST_OLD, FIRST_NEW, "2024/25-1", "2024/25-2", NOW_TERM]


def test_the_table_worked_by_hand(east, school, bureau, confirm):
    confirm("preschool-living", "vocational-grant")
    for level, amount in (("A", "3500"), ("B", "2300")):
        tier = Standard(
            programme=Programme.objects.get(code="senior-grant"),
            stage="SENIOR",
            level=level,
            amount=Decimal(amount),
            document="盟教体局",
            valid_from=date(2025, 9, 1),
        )
        confirm_standard(
            save_standard(tier, by=bureau, at=NOW, reason="依据文件"),
            by=bureau,
            at=NOW,
            reason="核对过文件",
        )
    wanted = {term: {} for term in TERMS}
    for grade, boards, level, row in TABLE:
        student = at_school(school, grade, boards=boards)
        for term, amount in zip(TERMS, row, strict=True):
            if level:
                recognised(student, term, level)
            if amount:
                wanted[term][student.pk] = amount
    for term in TERMS:
        done = expect(term, [east], NOW)
        assert amounts(term) == wanted[term], term
        assert done == Expected(made=len(wanted[term]), boarding_unknown=1)


def test_what_nobody_confirmed_gives_nothing(east, school):
    for grade in ("03", "31", "41"):
        recognised(at_school(school, grade), NOW_TERM)
    assert expect(NOW_TERM, [east], NOW) == Expected()


def test_a_doubtful_better_standard_is_named_and_one_confirmed_is_taken(east, school, confirm):
    child = at_school(school, "13", boards=True)
    recognised(child, NOW_TERM, group="DISABLED_CHILD")
    expect(NOW_TERM, [east], NOW)
    one = Award.objects.get()
    assert str(one.amount) == "625.00" and len(one.why["unsure"]) == 2
    confirm("special-primary-3000")
    assert expect(NOW_TERM, [east], NOW) == Expected(changed=1)
    one.refresh_from_db()
    assert str(one.amount) == "1500.00" and "unsure" not in one.why


def test_a_second_run_changes_nothing_and_a_lost_ground_goes(east, school):
    child = at_school(school, "13")
    ground = recognised(child, NOW_TERM)
    assert expect(NOW_TERM, [east], NOW) == Expected(made=1)
    assert expect(NOW_TERM, [east], NOW) == Expected(unchanged=1)
    assert Award.objects.get().recognition == ground
    Recognition.objects.update(state="ENDED", ended_on=date(2025, 10, 1), reason="好转")
    assert expect_for([child.pk], NOW_TERM, NOW) == Expected(gone=1)


@pytest.mark.parametrize("state", ["APPLIED", "AGREED", "REFUSED"])
def test_only_what_is_filed_gives_an_award(east, school, state):
    recognised(at_school(school, "13"), NOW_TERM, state=state)
    assert expect(NOW_TERM, [east], NOW) == Expected()


def test_who_left_before_the_roll_settled_expects_nothing(east, school):
    gone = at_school(school, "13", valid_to=date(2025, 9, 30), end_reason="LEFT")
    stays = at_school(school, "13", valid_to=date(2025, 10, 1), end_reason="LEFT")
    late = at_school(school, "13", since=date(2025, 10, 10))
    for one in (gone, stays, late):
        recognised(one, NOW_TERM)
    expect(NOW_TERM, [east], NOW)
    assert set(amounts(NOW_TERM)) == {stays.pk, late.pk}


def test_a_child_of_two_schools_is_expected_once_at_the_earlier(league, east, west, school):
    other = make_school("额济纳旗小学", west)
    child = at_school(school, "13")
    Enrolment.objects.create(student=child, school=other, grade="13", valid_from=date(2024, 9, 1))
    recognised(child, NOW_TERM)
    assert expect(NOW_TERM, [west], NOW) == Expected()
    assert expect(NOW_TERM, [league], NOW) == Expected(made=1)
    assert Award.objects.get().unit == school


def test_a_local_programme_is_for_its_own_schools_and_for_everyone_there(
    league, east, west, school, bureau
):
    local = Programme.objects.create(
        code="local", name="左旗交通补助", unit=east, entitles="EVERYONE"
    )
    standard = Standard(
        programme=local,
        stage="PRIMARY",
        amount=Decimal("100.01"),
        document="左旗教体局",
        valid_from=date(2025, 1, 1),
    )
    confirm_standard(
        save_standard(standard, by=bureau, at=NOW, reason="依据文件"),
        by=bureau,
        at=NOW,
        reason="核对过文件",
    )
    mine = at_school(school, "13")
    at_school(make_school("额济纳旗小学", west), "13")
    expect(NOW_TERM, [league], NOW)
    expect("2024/25-2", [league], NOW)
    rows = Award.objects.order_by("term").values_list("student", "amount", "recognition")
    assert list(rows) == [
        (mine.pk, Decimal("50.01"), None),
        (mine.pk, Decimal("50.00"), None),
    ]


def test_statements_do_not_grow_with_children(east, school, django_assert_max_num_queries):
    for n in range(30):
        recognised(at_school(school, "13", boards=bool(n % 2)), NOW_TERM)
    with django_assert_max_num_queries(14):
        assert expect(NOW_TERM, [east], NOW).made == 30
