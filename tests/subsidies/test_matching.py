"""Lists against children and guardians: what numbers leave is suggested, explained and remembered."""

from datetime import date

import pytest
from django.urls import reverse

from registry.identity import number_index
from registry.matching import Ground
from registry.models import Guardian, Membership, OutsideList, Verdict
from registry.roles import Role
from subsidies.models import MemberPair
from subsidies.services import listed, matching
from tests.cast import NOW, TODAY
from tests.intake.rosters import id_number, make_school
from tests.subsidies.money import pupil

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def members(east):
    """members(number, name="那仁", **over): somebody on a list of the east's civil affairs."""
    the_list = OutsideList.objects.create(
        department="CIVIL_AFFAIRS", title="低保", listed_on=date(2025, 9, 1), unit=east
    )

    def make(number, name="那仁", **over):
        told = {
            "list": the_list,
            "name": name,
            "id_number": number,
            "id_number_index": number_index(number),
            "category": "SUBSISTENCE",
        }
        return Membership.objects.create(**told | over)

    return make


def slip(number: str) -> str:
    """The number with its last but one digit mistyped: it fails its check."""
    return number[:16] + str((int(number[16]) + 1) % 10) + number[17]


def on_lists() -> set[int]:
    return named(TODAY)


def named(on: date) -> set[int]:
    members = listed.standing_members(on)
    return set(listed.listed_students(members).values_list("pk", flat=True))


def decide(pair, by, verdict=Verdict.SAME):
    return matching.decide_pair(pair, verdict=verdict, by=by, at=NOW)


def test_a_mistyped_number_is_suggested_and_counts_once_somebody_has_said_same(
    school, members, officer, east
):
    child = pupil(1, school)
    members(slip(id_number(1)))
    matching.match_members(on=TODAY)
    pair = MemberPair.objects.get()
    assert (pair.student, pair.ground) == (child, Ground.MISTYPED)
    assert on_lists() == set()
    decide(pair, officer(east))
    assert on_lists() == {child.pk}
    assert listed.lists_naming([child.pk], TODAY)[child.pk][1] == date(2025, 9, 1)


def test_a_guardian_whose_number_is_mistyped_leads_to_the_child(school, members, officer, east):
    child = pupil(1, school)
    number = id_number(77)
    Guardian.objects.create(
        student=child, name="乌云", id_number=number, id_number_index=number_index(number)
    )
    members(slip(number), name="乌云")
    matching.match_members(on=TODAY)
    pair = MemberPair.objects.exclude(guardian=None).get()
    assert pair.student == child
    decide(pair, officer(east))
    assert on_lists() == {child.pk}


def test_exact_numbers_of_children_and_guardians_need_nobody(school, members):
    child, ward = pupil(1, school), pupil(2, school)
    number = id_number(77)
    Guardian.objects.create(
        student=ward, name="乌云", id_number=number, id_number_index=number_index(number)
    )
    members(id_number(1), student=child)
    members(number, name="乌云")
    matching.match_members(on=TODAY)
    assert not MemberPair.objects.exists()
    assert on_lists() == {child.pk, ward.pk}


def test_what_was_decided_holds_when_the_list_comes_again(school, members, officer, east):
    pupil(1, school)
    one = members(slip(id_number(1)))
    matching.match_members(on=TODAY)
    decide(MemberPair.objects.get(), officer(east), Verdict.DIFFERENT)
    one.delete()
    members(slip(id_number(1)))
    assert matching.match_members(on=TODAY) == {"pairs": 0, "decide": 0}


def test_only_the_newest_list_of_a_department_and_category_counts(school, members, east):
    old, new = pupil(1, school), pupil(2, school)
    newer = OutsideList.objects.create(
        department="CIVIL_AFFAIRS", title="低保十月", listed_on=date(2025, 10, 1), unit=east
    )
    members(id_number(1), student=old)
    assert on_lists() == {old.pk}
    members(id_number(2), student=new, list=newer)
    assert on_lists() == {new.pk}
    assert named(date(2027, 1, 1)) == set()


def test_groups_outside_the_thirteen_are_no_ground(school, members):
    child = pupil(1, school)
    members(id_number(1), student=child, category="LEFT_BEHIND")
    assert on_lists() == set()


# The page ------------------------------------------------------------------------------------------
def test_a_person_decides_on_the_page_and_the_next_pair_follows(
    school, members, officer, east, client, clock_at, django_assert_max_num_queries
):
    clock_at(TODAY)
    for n in (1, 2):
        pupil(n, school)
        members(slip(id_number(n)))
    matching.match_members(on=TODAY)
    client.force_login(officer(east))
    here = reverse("subsidies:pair-list")
    with django_assert_max_num_queries(20):
        page = client.get(here)
    pair = page.context["sides"]["pair"]
    text = page.content.decode()
    assert "身份证号错一位" in text and id_number(1) not in text
    done = client.post(
        reverse("subsidies:pair-decide", args=[pair.pk]), {"verdict": "SAME", "seen": "0"}
    )
    assert done.status_code == 302
    after = client.get(here)
    assert (after.context["waiting"], after.context["sides"]["pair"] != pair) == (1, True)
    stale = client.post(
        reverse("subsidies:pair-decide", args=[pair.pk]),
        {"verdict": "DIFFERENT", "seen": "0"},
        follow=True,
    )
    assert "别人刚定过这一对" in stale.content.decode()
    bad = client.post(reverse("subsidies:pair-decide", args=[pair.pk]), {"verdict": "?"})
    assert bad.status_code == 302


def test_a_banner_decides_on_its_own_lists_and_a_school_on_none(
    school, members, officer, east, west, client, clock_at
):
    clock_at(TODAY)
    pupil(1, school)
    members(slip(id_number(1)))
    matching.match_members(on=TODAY)
    decided = reverse("subsidies:pair-decide", args=[MemberPair.objects.get().pk])
    for unit, role, status in (
        (west, Role.OFFICIAL, 404),
        (school, Role.SCHOOL, 403),
        (east, Role.SUPERVISOR, 403),
    ):
        client.force_login(officer(unit, role))
        assert client.post(decided, {"verdict": "SAME", "seen": "0"}).status_code == status
