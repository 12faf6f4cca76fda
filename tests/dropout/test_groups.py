"""Special groups: from lists that hold on a day, of a child or its guardian, and by who may read."""

from datetime import date

import pytest

from dropout.services.groups import groups_of, shown_to
from registry.identity import number_index
from registry.models import Guardian, Student
from registry.roles import Role
from tests.cast import TODAY
from tests.intake.rosters import child, commit, hand_in, id_number, make_school, take_in

FACTS = {"department": "民政", "title": "名单", "listed_on": "2025-09-30"}


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def two(units, east, officer):
    by, school = officer(east), make_school("阿左旗第一小学", east)
    take_in([child(1, school), child(2, school)], by=by, unit=east)
    first, second = Student.objects.order_by("pk")
    Guardian.objects.filter(student=second).update(
        id_number=id_number(9), id_number_index=number_index(id_number(9))
    )

    def row(n, category, last="2025-12-31"):
        days = {"认定日期": "2025-01-01", "有效期至": last}
        return {"姓名": "那仁", "身份证号": id_number(n), "类别": category} | days

    rows = [
        row(1, "脱贫户"),
        row(1, "孤儿"),
        row(1, "留守儿童", "2025-03-01"),
        row(1, "烈士子女"),
        row(9, "脱贫不稳定户"),
    ]
    upload, preview = hand_in(rows, by=by, unit=east, kind="outside-list", facts=FACTS)
    assert not preview.faults, told(preview)
    commit(upload, by=by)
    return first.pk, second.pk


def told(preview):
    return [(one.code, one.place) for one in preview.faults]


def test_groups_hold_on_their_days_and_come_through_a_guardian(two, django_assert_num_queries):
    first, second = two
    with django_assert_num_queries(3):
        found = groups_of([first, second], TODAY)
    assert found == {first: ["ORPHAN", "POVERTY_EXIT"], second: ["MONITORED_UNSTABLE"]}
    assert groups_of([first], date(2025, 2, 1))[first] == ["ORPHAN", "LEFT_BEHIND", "POVERTY_EXIT"]
    assert groups_of([first, second], date(2024, 12, 31)) == {}


def test_sensitive_groups_take_a_permission(units, east, officer):
    codes = ["ORPHAN", "INVOLVED", "POVERTY_EXIT"]
    assert shown_to(codes, officer(east, Role.OFFICIAL)) == codes
    assert shown_to(codes, officer(east, Role.SCHOOL, "teacher")) == ["POVERTY_EXIT"]
