"""Other departments' lists: told to be children of ours by exact numbers, masked, in scope."""

import pytest

from common.models import ChangeSet, Event
from registry import identity
from registry.models import Membership, OutsideList, Student, children_on
from registry.roles import Role
from registry.services import history, students
from registry.services.lists import link_members
from registry.services.merging import merge_students
from tests.cast import NOW, TODAY
from tests.children import give_guardian, give_number, id_number, make_child, make_school

CHILD, OTHER = id_number(1), id_number(2)
PARENT = id_number(7, "19850101")


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("左旗一小", east)


@pytest.fixture
def outside(east):
    return OutsideList.objects.create(
        department="CIVIL_AFFAIRS", title="低保家庭子女", listed_on=TODAY, unit=east
    )


@pytest.fixture
def official(client, officer, east):
    user = officer(east)
    client.force_login(user)
    return user


def put(outside, number, category="SUBSISTENCE", child_number="", **over) -> Membership:
    return Membership.objects.create(
        list=outside,
        name=over.pop("name", "某某某"),
        id_number=number,
        id_number_index=identity.number_index(number),
        child_id_number=child_number,
        child_id_number_index=identity.number_index(child_number) if child_number else None,
        category=category,
        **over,
    )


def linked(member) -> Student | None:
    member.refresh_from_db()
    return member.student


# Matching --------------------------------------------------------------------------------------------
def test_a_child_is_matched_by_its_number_and_only_once(outside, school):
    child, member = make_child(school=school, number=CHILD), put(outside, CHILD)
    stranger = put(outside, OTHER)
    assert link_members(lists=[outside]) == 1
    assert linked(member) == child and linked(stranger) is None
    assert link_members() == 0


def test_the_same_number_as_a_roll_number_is_no_match(outside, school):
    give_number(make_child(school=school), CHILD, kind="ROLL")
    member = put(outside, CHILD)
    link_members()
    assert linked(member) is None


def test_a_guardian_leads_to_the_only_child(outside, school):
    child = make_child(school=school)
    give_guardian(child, number=PARENT)
    member = put(outside, PARENT, "DISABLED_GUARDIAN")
    link_members()
    assert linked(member) == child


def test_of_a_guardian_s_several_children_none_is_guessed_and_all_are_found(outside, school):
    first, second = make_child("甲", school, CHILD), make_child("乙", school, OTHER)
    for child in (first, second):
        give_guardian(child, number=PARENT)
    member = put(outside, PARENT, "DISABLED_GUARDIAN")
    named = put(outside, PARENT, "WORKER_HARDSHIP", OTHER)
    link_members()
    assert linked(member) is None and linked(named) == second
    assert list(Membership.objects.about(first)) == [member]
    found = Student.objects.filter(children_on("DISABLED_GUARDIAN", TODAY))
    assert set(found) == {first, second}
    assert list(Student.objects.filter(children_on("WORKER_HARDSHIP", TODAY))) == [second]


def test_a_child_named_beside_that_we_do_not_have_is_no_other_child(outside, school):
    give_guardian(make_child(school=school, number=CHILD), number=PARENT)
    member = put(outside, PARENT, "DISABLED_GUARDIAN", OTHER)
    link_members()
    assert linked(member) is None


def test_a_corrected_number_is_matched_anew_and_the_old_one_still_known(official, outside, school):
    child = make_child(school=school, number=CHILD)
    old, new = put(outside, CHILD), put(outside, OTHER)
    link_members()
    students.correct_number(child, kind="1", number=OTHER, on=TODAY, by=official, at=NOW)
    assert linked(old) == child and linked(new) == child
    history.undo(ChangeSet.objects.latest("pk"), student=child, by=official, at=NOW)
    assert linked(old) == child and linked(new) is None


def test_a_merge_takes_the_memberships_along_and_its_undo_gives_them_back(
    official, outside, school
):
    keep, drop = make_child("甲", school), make_child("甲", school, CHILD)
    member = put(outside, CHILD)
    link_members()
    merged = merge_students(keep, drop, by=official, at=NOW)
    assert linked(member) == keep
    history.undo(merged, student=keep, by=official, at=NOW)
    assert linked(member) == drop


# Pages -----------------------------------------------------------------------------------------------
def test_the_lists_show_counts_and_members_masked(client, official, outside, school):
    make_child("那仁", school, CHILD)
    put(outside, CHILD, name="那仁")
    put(outside, OTHER, name="王小明")
    link_members()
    page = client.get("/lists/").content.decode()
    assert "低保家庭子女" in page and "民政" in page
    page = client.get(outside.get_absolute_url()).content.decode()
    assert "2 人" in page and "对上学生 1 人" in page and "没有对上" in page
    assert CHILD not in page and f"{CHILD[:4]}**********{CHILD[-4:]}" in page
    assert Event.objects.get(verb="registry.list_read").after == {"rows": 2}


def test_sensitive_categories_ask_for_more_than_reading(client, officer, league, outside, school):
    put(outside, CHILD, "INVOLVED", name="那仁")
    client.force_login(officer(league, Role.SUPERVISOR))
    page = client.get(outside.get_absolute_url()).content.decode()
    assert "涉案" not in page and "那**" in page and "那仁" not in page
    assert 'value="INVOLVED"' not in client.get("/students/").content.decode()
    client.force_login(officer(league, Role.BUREAU))
    assert "涉案" in client.get(outside.get_absolute_url()).content.decode()
    assert 'value="INVOLVED"' in client.get("/students/").content.decode()


def test_a_neighbour_s_list_does_not_exist(client, officer, west, school, outside):
    put(outside, CHILD)
    client.force_login(officer(west))
    assert client.get(outside.get_absolute_url()).status_code == 404
    assert client.post(f"{outside.get_absolute_url()}link/").status_code == 404
    assert "低保家庭子女" not in client.get("/lists/").content.decode()


def test_of_the_league_s_list_a_banner_reads_its_own_people(
    client, official, league, east, west, school
):
    whole = OutsideList.objects.create(
        department="RURAL", title="全盟脱贫户", listed_on=TODAY, unit=league
    )
    put(whole, CHILD, name="本旗学生")
    put(whole, OTHER, name="本旗住户", banner=east)
    put(whole, PARENT, name="外旗住户", banner=west)
    make_child(school=school, number=CHILD)
    link_members()
    page = client.get(whole.get_absolute_url()).content.decode()
    assert "本旗学生" in page and "本旗住户" in page and "外旗住户" not in page and "2 人" in page
    assert client.post(f"{whole.get_absolute_url()}link/").status_code == 404


def test_a_list_is_compared_anew_on_request(client, official, outside, school):
    member = put(outside, CHILD)
    child = make_child(school=school, number=CHILD)
    address = f"{outside.get_absolute_url()}link/"
    assert client.get(address).status_code == 405
    assert "1 人有变化" in client.post(address, follow=True).content.decode()
    assert linked(member) == child
    assert Event.objects.get(verb="registry.list_compared").after == {"changed": 1}


def test_schools_read_no_lists(client, officer, school, outside):
    client.force_login(officer(school, Role.SCHOOL))
    for address in ("/lists/", outside.get_absolute_url()):
        assert client.get(address).status_code == 403


def test_the_list_of_children_is_narrowed_by_category(client, official, outside, school):
    make_child("那仁", school, CHILD)
    make_child("巴图", school, OTHER)
    put(outside, CHILD)
    put(outside, OTHER, valid_to=TODAY.replace(year=2024))
    link_members()
    page = client.get("/students/?category=SUBSISTENCE").content.decode()
    assert "那仁" in page and "巴图" not in page
