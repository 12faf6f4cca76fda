"""Recognitions by the sheet: in once with what was known, out with an undo, refused at the cell."""

from datetime import date

import pytest

from registry.models import Enrolment
from registry.roles import Role
from subsidies.models import Award, Recognition
from subsidies.services import recognitions as deeds
from subsidies.services.standards import load_standards
from tests.cast import NOW, TODAY
from tests.intake.rosters import commit, hand_in, id_number, make_school, undo
from tests.subsidies.money import pupil

TERM = "2025/26-1"


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def official(east, officer):
    return officer(east)


@pytest.fixture
def child(school):
    load_standards()
    student = pupil(1, school)
    Enrolment.objects.update(boards=False)
    return student


@pytest.fixture
def check(east, child, official):
    def hand(rows, **who):
        return hand_in(rows, kind="recognitions", **({"by": official, "unit": east} | who))

    return hand


def line(n=1, **over) -> dict:
    return {
        "学校": "阿左旗第一小学",
        "年级": None,
        "班级": None,
        "姓名": "那仁",
        "身份证号": id_number(n),
        "困难等级": "B级",
        "特殊群体类别": "最低生活保障家庭",
        "学年学期": "2025-2026学年第一学期",
        "认定日期": "2025-09-20",
        "备注": None,
    } | over


def told(preview) -> set:
    return {(one.code, one.place) for one in preview.faults}


def test_in_with_its_award_and_out_again(check, official, child, school):
    upload, preview = check([line()])
    assert not preview.faults and preview.counts["inserted"] == 1
    assert not Recognition.objects.exists(), "a check writes nothing"
    upload = commit(upload, by=official)
    one = Recognition.objects.get()
    assert (one.student, one.unit, one.term, one.state) == (child, school, TERM, "FILED")
    assert (one.level, one.group, one.recognised_on) == ("B", "SUBSISTENCE", date(2025, 9, 20))
    assert (one.grade, one.class_name, one.source_row) == ("13", "2班", 2)
    award = Award.objects.get()
    assert (str(award.amount), award.recognition) == ("312.50", one)
    assert check([line()])[1].counts["unchanged"] == 1, "the same again"
    undo(upload, by=official)
    assert not Recognition.objects.exists() and not Award.objects.exists()


def test_what_was_adjusted_since_an_undo_leaves(check, official):
    upload = commit(check([line()])[0], by=official)
    deeds.adjust(Recognition.objects.get(), level="A", reason="变化", on=TODAY, by=official, at=NOW)
    undo(upload, by=official)
    assert Recognition.objects.count() == 2


def test_another_level_is_an_adjustment_and_not_a_sheet(check, official):
    commit(check([line()])[0], by=official)
    _upload, preview = check([line(困难等级="A")])
    assert told(preview) == {("recognised_before", "E2")}
    assert preview.counts["rejected"] == 1


@pytest.mark.parametrize(
    "over, code, place",
    [
        ({"身份证号": id_number(2)}, "student_unknown", "E2"),
        ({"姓名": "巴图"}, "student_named_otherwise", "D2"),
        ({"困难等级": "特别困难"}, "choice_unknown", "F2"),
        ({"困难等级": None}, "required", "F2"),
        ({"学年学期": "2025年"}, "term_wrong", "H2"),
        ({"学年学期": "2025/26-2"}, "term_ahead", "H2"),
        ({"学年学期": "2019/20-1", "认定日期": "2019-10-01"}, "student_elsewhere", "A2"),
        ({"认定日期": "2025-10-14"}, "recognised_ahead", "I2"),
        ({"学年学期": "2024/25-2"}, "recognised_late", "I2"),
    ],
)
def test_refused_at_the_cell(check, over, code, place):
    _upload, preview = check([line(**over)])
    assert (code, place) in told(preview), told(preview)
    assert preview.counts["rejected"] == 1


def test_a_child_of_another_school_is_not_ours_to_recognise(check, east, official):
    other = make_school("阿左旗第二小学", east)
    assert told(check([line(学校=other.name)])[1]) == {("student_elsewhere", "A2")}


def test_a_school_hands_in_its_own(check, school, officer):
    teacher = officer(school, Role.SCHOOL)
    upload, preview = check([line()], by=teacher, unit=school)
    assert not preview.faults
    commit(upload, by=teacher)
    assert Recognition.objects.get().unit == school


def test_statements_do_not_grow_with_rows(
    east, school, check, official, django_assert_max_num_queries
):
    for n in range(2, 20):
        pupil(n, school)
    upload, _preview = check([line(n) for n in range(1, 20)])
    with django_assert_max_num_queries(120):
        commit(upload, by=official)
    assert Recognition.objects.count() == 19
