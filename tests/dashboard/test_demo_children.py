"""The demonstration's children: nobody's numbers, every school, and something for a person to decide."""

import pytest

from common.models import User
from dashboard.demo.children import AREA, load_children
from dashboard.demo.people import SCHOOL, load_people
from registry.id_numbers import checker, roll_checker
from registry.models import (
    Enrolment,
    Guardian,
    Identifier,
    IdKind,
    Membership,
    School,
    Student,
    Transfer,
)
from tests.cast import TODAY


@pytest.fixture
def children(plan):
    load_people(TODAY)
    return load_children(TODAY)


def test_demo_children_are_written_in_bulk_and_once(plan, django_assert_max_num_queries):
    load_people(TODAY)
    with django_assert_max_num_queries(80):
        assert load_children(TODAY) >= 500
    before = Student.objects.count(), Enrolment.objects.count(), Guardian.objects.count()
    assert load_children(TODAY) == 0
    assert before == (Student.objects.count(), Enrolment.objects.count(), Guardian.objects.count())


def test_demo_numbers_check_and_are_nobodys(children):
    wrong, wrong_roll = checker(TODAY), roll_checker(TODAY)
    for one in Identifier.objects.all():
        is_roll = one.kind == IdKind.ROLL
        assert not (wrong_roll if is_roll else wrong)(one.value), one.value
        assert one.value.lstrip("GL").startswith(AREA)
    for one in Guardian.objects.all():
        assert not wrong(one.id_number) and one.id_number.startswith(AREA)
        assert one.phone.startswith("0483000")


def test_demo_has_twelve_schools_that_their_own_people_see(children):
    assert School.objects.count() == 12
    seen = {
        name: Student.objects.visible_to(
            User.objects.get(username=name), "registry.change_student"
        ).count()
        for name in ("school", "left", "right", "ejina", "bureau", "sysadmin")
    }
    assert seen["school"] >= 84 and seen["left"] > seen["school"]
    assert seen["right"] > 0 and seen["ejina"] > 0
    assert seen["bureau"] == children + 1  # with the one who stands there twice
    assert seen["sysadmin"] == 0


def test_demo_leaves_a_person_something_to_decide(children):
    assert Student.objects.enrolled_twice(TODAY).count() == 1
    asked = Transfer.objects.open().get()
    assert asked.to_school.key == SCHOOL and asked.from_school != asked.to_school
    names = Student.objects.filter(enrolments__school__key=SCHOOL).values_list("name", "born_on")
    elsewhere = Student.objects.exclude(enrolments__school__key=SCHOOL)
    assert set(elsewhere.values_list("name", "born_on")) & set(names)
    assert Membership.objects.filter(student=None).count() == 0 < Membership.objects.count()
    assert set(Membership.objects.values_list("category", flat=True)) == {
        "SUBSISTENCE",
        "DISABLED_CHILD",
    }


@pytest.mark.parametrize("day", [TODAY.replace(month=9, day=1), TODAY.replace(month=1, day=2)])
def test_demo_children_hang_on_any_day(plan, day):
    load_people(day)
    assert load_children(day) >= 500
    assert not Student.objects.filter(born_on__gt=day).exists()
