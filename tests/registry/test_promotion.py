"""September: who goes up, who leaves, who stays; once a year, by few statements, and back again."""

from datetime import date

import pytest
from django.urls import reverse

from common import jobs
from common.models import Event, Job, RowChange
from registry.models import Enrolment, Promotion, Student
from registry.roles import Role
from registry.services import promotion
from registry.services import students as deeds
from registry.services.grades import next_grade
from registry.services.units import merge_unit
from tests.cast import NOW, TODAY
from tests.intake.rosters import domain_rows
from tests.registry.roll import LAST_YEAR, THIS_YEAR, child, enrol, make_school

LAST_DAY = date(2025, 8, 31)
End = Enrolment.End
TABLES = (Student, Enrolment)

# School type, system: grade → the next one; "-" leaves. By hand, all that schools have.
PRIMARY = "11>12 12>13 13>14 14>15 15>16 16>-"
JUNIOR = "21>22 22>23 23>-"
FIVE = "11>12 12>13 13>14 14>15 15>-"
FOUR = "21>22 22>23 23>24 24>-"
REST = "01>02 02>03 03>- 04>- 31>32 32>33 33>- 41>42 42>43 43>-"
LADDERS = {
    ("11", "63"): REST,
    ("21", "63"): PRIMARY,
    ("21", "54"): FIVE,
    ("21P", "63"): PRIMARY,
    ("21P", "54"): FIVE,
    ("31", "63"): JUNIOR,
    ("31", "54"): FOUR,
    ("312", "63"): PRIMARY.replace("16>-", "16>21") + " " + JUNIOR,
    ("312", "54"): FIVE.replace("15>-", "15>21") + " " + FOUR,
    ("345", "63"): PRIMARY.replace("16>-", "16>21") + " " + JUNIOR + " 31>32 32>33 33>-",
    ("345", "54"): FIVE.replace("15>-", "15>21") + " " + FOUR + " 31>32 32>33 33>-",
    ("341", "63"): JUNIOR + " 31>32 32>33 33>-",
    ("341", "54"): FOUR + " 31>32 32>33 33>-",
    ("34", "63"): "31>32 32>33 33>-",
    ("36", "63"): "41>42 42>43 43>-",
    ("51", "63"): PRIMARY.replace("16>-", "16>21") + " " + JUNIOR,
    ("51", "54"): FIVE.replace("15>-", "15>21") + " " + FOUR,
}


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def official(officer, east):
    return officer(east, Role.OFFICIAL)


@pytest.fixture
def primary(east):
    return make_school("第一小学", east)


def promote(unit, by, **more):
    return promotion.promote(unit, by=by, at=NOW, on=TODAY, **more)


def open_of(student):
    return student.enrolments.get(valid_to=None)


# Grades --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("type_, system", LADDERS)
def test_grades_go_up_as_the_table_says(type_, system):
    for step in LADDERS[type_, system].split():
        grade, up = step.split(">")
        found = next_grade(grade, type_, system)
        assert (found.value if found else "-") == up, (type_, system, grade)


@pytest.mark.parametrize("grade, system", [("24", "63"), ("16", "54")])
def test_a_grade_that_the_system_does_not_have_is_left_and_told(grade, system, east, official):
    school = make_school("不符的学校", east, "312", system)
    child(1, school, grade)
    child(2, school, "11")
    plan = promotion.plan_promotion(east, on=TODAY)
    assert (plan.unclear, plan.moved) == (1, 1)
    promote(east, official)
    assert Enrolment.objects.get(grade=grade).valid_to is None


# The deed ------------------------------------------------------------------------------------------
def test_children_go_up_and_keep_what_stays_the_same(primary, official, east):
    entered = date(2022, 9, 1)
    pupil = child(1, primary, "13", class_name="2班", boards=True, entered_on=entered)
    leaver = child(2, primary, "16")
    seen = Student.objects.get(pk=pupil.pk).version
    done = promote(east, official)
    old = pupil.enrolments.get(grade="13")
    assert (old.valid_to, old.end_reason) == (LAST_DAY, End.MOVED_UP)
    new = open_of(pupil)
    assert (new.grade, new.class_name, new.boards) == ("14", "2班", True)
    assert (new.valid_from, new.entered_on, new.school) == (THIS_YEAR, entered, primary)
    last = leaver.enrolments.get()
    assert (last.valid_to, last.end_reason) == (LAST_DAY, End.GRADUATED)
    leaver.refresh_from_db()
    assert leaver.kept_by == primary  # who goes nowhere stays with the school
    assert Student.objects.get(pk=pupil.pk).version == seen + 1
    kept = Promotion.objects.get()
    assert (kept.moved_up, kept.graduated, kept.change_set) == (1, 1, done)
    event = Event.objects.get(verb="registry.students_promoted")
    assert event.after == {"period": "2025/26", "schools": 1, "moved_up": 1, "graduated": 1}


def test_who_came_this_school_year_stays(primary, official, east):
    child(1, primary, "13")
    fresh = child(2, primary, "11", valid_from=THIS_YEAR)
    plan = promotion.plan_promotion(east, on=TODAY)
    assert (plan.moved, plan.leaving, plan.entered) == (1, 0, 1)
    promote(east, official)
    assert open_of(fresh).grade == "11"


def test_a_school_without_facts_is_named_and_left(official, east):
    bare = make_school("没填类型的学校", east, None)
    pupil = child(1, bare)
    plan = promotion.plan_promotion(east, on=TODAY)
    assert [one.school for one in plan.without_facts] == [bare]
    assert plan.without_facts[0].waiting == 1
    with pytest.raises(promotion.NothingToDo):
        promote(east, official)
    assert open_of(pupil).grade == "13"


def test_a_school_goes_up_once_a_year(primary, official, east):
    child(1, primary)
    promote(primary, official)
    late = child(2, primary)  # comes in afterwards, of last year
    with pytest.raises(promotion.NothingToDo):
        promote(east, official)
    assert open_of(late).grade == "13"
    assert [one.school for one in promotion.plan_promotion(east, on=TODAY).done] == [primary]


def test_only_schools_that_were_looked_at_go_up(primary, official, east):
    other = make_school("第二小学", east)
    here, there = child(1, primary), child(2, other)
    promote(east, official, schools=[primary.pk])
    assert (open_of(here).grade, open_of(there).grade) == ("14", "13")


def test_a_merged_school_hands_its_children_on(primary, official, east, officer, league):
    point = make_school("教学点", east, "21P")
    pupil, both = child(1, point, "12"), child(2, point, "12")
    enrol(both, primary, "13", valid_from=THIS_YEAR)  # is there already
    merge_unit(point, by=officer(league, Role.BUREAU), into=primary, on=date(2025, 8, 1))
    point.refresh_from_db()
    promote(east, official)
    old, new = pupil.enrolments.order_by("valid_from")
    assert (old.end_reason, old.valid_to) == (End.MERGED, LAST_DAY)
    assert (new.school, new.grade, new.valid_from) == (primary, "13", THIS_YEAR)
    assert open_of(both).school == primary


def test_a_school_merged_in_mid_year_hands_on_without_a_step(
    primary, official, east, officer, league
):
    point = make_school("教学点", east, "21P")
    pupil = child(1, point, "12", valid_from=THIS_YEAR)
    merge_unit(point, by=officer(league, Role.BUREAU), into=primary, on=date(2025, 10, 8))
    promote(east, official)
    old, new = pupil.enrolments.order_by("valid_from")
    assert (old.end_reason, old.valid_to) == (End.MERGED, date(2025, 10, 7))
    assert (new.school, new.grade) == (primary, "12")
    assert not Promotion.objects.exists()


def test_another_banner_is_left_alone(primary, west, official, east):
    far = child(1, make_school("额旗小学", west))
    child(2, primary)
    promote(east, official)
    assert open_of(far).grade == "13"


# Taking it back --------------------------------------------------------------------------------------
def test_an_undo_restores_every_row(primary, official, east):
    for n, grade in enumerate(["11", "13", "16", "16"]):
        child(n, primary, grade)
    before = domain_rows(*TABLES)
    done = promote(east, official)
    assert domain_rows(*TABLES) != before
    undone = promotion.undo_promotion(done, by=official, at=NOW)
    assert domain_rows(*TABLES) == before and not undone.left
    assert promotion.plan_promotion(east, on=TODAY).count == 4
    promote(east, official)  # and once more
    assert Promotion.objects.standing("2025/26").count() == 1


def test_an_undo_leaves_who_was_edited_since_and_tells(primary, official, east):
    edited, other = child(1, primary), child(2, primary)
    done = promote(east, official)
    deeds.change_facts(edited, by=official, at=NOW, remark="换了座位")
    undone = promotion.undo_promotion(done, by=official, at=NOW)
    assert [(left.root_pk, left.code) for left in undone.left] == [(edited.pk, "edited_since")]
    assert list(promotion.left_of(done)) == [edited]
    assert (open_of(edited).grade, open_of(other).grade) == ("14", "13")


def test_who_was_edited_since_the_year_began_waits_for_a_word(primary, official, east):
    edited = child(1, primary)
    child(2, primary)
    deeds.change_facts(edited, by=official, at=NOW, remark="九月改过")
    plan = promotion.plan_promotion(east, on=TODAY)
    assert (plan.moved, plan.edited) == (1, 1)
    assert promotion.plan_promotion(east, on=TODAY, edited_too=True).moved == 2
    promote(east, official, edited_too=True)
    assert open_of(edited).grade == "14"


# Speed ---------------------------------------------------------------------------------------------
def many(count: int, school, grades=("11", "12", "13", "14", "15", "16")) -> None:
    children = Student.objects.bulk_create(
        (Student(name=f"学生{n}") for n in range(count)), batch_size=1000
    )
    Enrolment.objects.bulk_create(
        (
            Enrolment(
                student=one, school=school, grade=grades[n % len(grades)], valid_from=LAST_YEAR
            )
            for n, one in enumerate(children)
        ),
        batch_size=1000,
    )


def test_six_hundred_children_take_few_statements(
    primary, official, east, django_assert_max_num_queries
):
    many(600, primary)
    with django_assert_max_num_queries(90):
        done = promote(east, official)
    assert RowChange.objects.filter(change_set=done).count() == 600
    with django_assert_max_num_queries(80):
        promotion.undo_promotion(done, by=official, at=NOW)
    assert Enrolment.objects.filter(valid_from=THIS_YEAR).count() == 0


# Pages -----------------------------------------------------------------------------------------------
PAGE = "/students/promotion/"


def test_the_page_shows_the_step_and_takes_it_and_back(client, primary, official, east):
    pupil = child(1, primary)
    child(2, primary, "16")
    client.force_login(official)
    shown = client.get(PAGE).content.decode()
    assert "2025-2026学年：2 名学生还没升级" in shown
    assert "三年级 → 四年级" in shown and "六年级 → 毕业" in shown
    asked = {"unit": east.pk, "school": [primary.pk]}
    reply = client.post(f"{PAGE}begin/", asked)
    assert open_of(pupil).grade == "14"
    assert "已升级" in client.get(reply["Location"]).content.decode()
    again = client.post(f"{PAGE}begin/", asked, follow=True).content.decode()
    assert "已经升过级" in again
    done = Promotion.objects.get().change_set
    client.post(reverse("registry:promotion-undo", args=[done.pk]))
    assert open_of(pupil).grade == "13"
    assert "还没升级" in client.get(PAGE).content.decode()


def test_many_children_go_up_by_a_job(client, primary, official, east, monkeypatch):
    monkeypatch.setattr(promotion.deeds, "AT_ONCE", 3)
    for n in range(5):
        child(n, primary)
    client.force_login(official)
    reply = client.post(f"{PAGE}begin/", {"unit": east.pk, "school": [primary.pk]})
    job = Job.objects.get(kind=promotion.JOB)
    assert reply["Location"] == job.get_absolute_url()
    jobs.run(job.pk)
    assert Enrolment.objects.filter(grade="14", valid_to=None).count() == 5
    done = Promotion.objects.get().change_set
    client.post(reverse("registry:promotion-undo", args=[done.pk]))
    jobs.run(Job.objects.get(kind=promotion.UNDO_JOB).pk)
    assert Enrolment.objects.filter(grade="13", valid_to=None).count() == 5


def test_another_banners_promotion_does_not_exist(client, primary, official, east, west, officer):
    child(1, primary)
    done = promote(east, official)
    client.force_login(officer(west, Role.OFFICIAL))
    assert client.get(f"{PAGE}{done.pk}/").status_code == 404
    assert client.post(f"{PAGE}{done.pk}/undo/").status_code == 404
    client.post(f"{PAGE}begin/", {"unit": east.pk, "school": [primary.pk]})
    assert client.get(f"{PAGE}?unit={east.pk}").content.decode().count("第一小学") == 0
    assert Promotion.objects.count() == 1


def test_a_school_reporter_promotes_nobody(client, primary, officer):
    client.force_login(officer(primary, Role.SCHOOL))
    assert client.get(PAGE).status_code == 403
