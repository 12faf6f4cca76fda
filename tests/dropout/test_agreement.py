"""人账相符: our cases against an export of the national ledger, child by child."""

from datetime import date

import pytest

from common.models import Event
from dropout.models import NationalEntry, NationalList
from dropout.services.agreement import Difference, Field, agree
from registry import identity
from registry.models import Membership, OutsideList
from registry.roles import Role
from tests.cast import TODAY
from tests.children import id_number, make_child
from tests.dropout.rows import confirmed, make_case

pytestmark = pytest.mark.django_db
LEFT_ON = date(2025, 9, 1)


@pytest.fixture
def nation(east):
    return NationalList.objects.create(unit=east, listed_on=TODAY)


def theirs(nation, n: int, name: str = "那仁", **over) -> NationalEntry:
    facts = {"kind": "DROPPED_OUT", "left_on": LEFT_ON, **over}
    number = id_number(n)
    return NationalEntry.objects.create(
        list=nation,
        name=name,
        id_number=number,
        id_number_index=identity.number_index(number),
        **facts,
    )


def ours(east, n: int, name: str = "那仁", **over):
    child = make_child(name, number=id_number(n), residence=east)
    return make_case(east, child=child, **confirmed(**{"left_on": LEFT_ON, **over}))


def told(nation) -> list[tuple]:
    return [(line.what, line.fields) for line in agree(nation, on=TODAY).lines]


def test_a_child_told_alike_is_no_difference(east, nation):
    ours(east, 1)
    theirs(nation, 1)
    found = agree(nation, on=TODAY)
    assert (found.lines, found.ours, found.theirs, found.agree) == ([], 1, 1, 1)


def test_a_child_only_one_of_the_two_knows(east, nation):
    ours(east, 1)
    theirs(nation, 2)
    assert told(nation) == [(Difference.ONLY_OURS, ()), (Difference.ONLY_THEIRS, ())]


@pytest.mark.parametrize(
    "over, fields",
    [
        ({"kind": "NEVER_ENROLLED"}, (Field.KIND,)),
        ({"left_on": date(2025, 9, 2)}, (Field.LEFT_ON,)),
        ({"kind": "SUSPECTED", "left_on": date(2025, 9, 2)}, (Field.KIND, Field.LEFT_ON)),
    ],
)
def test_what_the_two_tell_differently_is_named(east, nation, over, fields):
    ours(east, 1)
    theirs(nation, 1, **over)
    assert told(nation) == [(Difference.DIFFERS, fields)]


@pytest.mark.parametrize("over", [{"returned_on": TODAY}, {"closed": True}])
def test_who_came_back_is_not_asked_for(nation, over):
    theirs(nation, 1, **over)
    assert told(nation) == []


def test_a_child_without_a_number_is_only_ours(east, nation):
    make_case(east, child=make_child(residence=east))
    assert told(nation) == [(Difference.ONLY_OURS, ())]


def test_a_case_of_another_unit_is_not_ours(west, nation):
    make_case(west, child=make_child(number=id_number(1)))
    assert told(nation) == []


def test_who_is_on_a_poverty_exit_list_is_told(east, nation):
    case = ours(east, 1)
    one = OutsideList.objects.create(department="RURAL", title="甲", listed_on=TODAY, unit=east)
    Membership.objects.create(
        list=one,
        name="甲",
        id_number=id_number(1),
        id_number_index=identity.number_index(id_number(1)),
        category="POVERTY_EXIT",
        student=case.student,
    )
    assert [line.listed for line in agree(nation, on=TODAY).lines] == [True]


def test_it_asks_as_much_for_many_as_for_one(east, nation, django_assert_max_num_queries):
    for n in range(10):
        ours(east, n)
        theirs(nation, n + 5)
    with django_assert_max_num_queries(7):
        assert len(agree(nation, on=TODAY).lines) == 10


# The page ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "posted_at, role, status",
    [
        ("east", Role.OFFICIAL, 200),
        ("league", Role.BUREAU, 200),
        ("west", Role.OFFICIAL, 404),
        ("east", Role.SCHOOL, 403),
    ],
)
def test_a_banner_sees_its_own_ledger(client, officer, request, nation, posted_at, role, status):
    theirs(nation, 1, "乌云其其格")
    client.force_login(officer(request.getfixturevalue(posted_at), role))
    address = f"/dropout/agreement/{nation.pk}/"
    assert client.get(address).status_code == status
    listed = client.get("/dropout/agreement/")
    assert (address in listed.content.decode()) is (status == 200)


def test_the_page_leads_to_the_case_or_opens_one(client, officer, east, nation):
    case, idle = ours(east, 1), make_child("苏和", number=id_number(2), residence=east)
    theirs(nation, 2, "苏和")
    theirs(nation, 3, "乌云其其格")
    client.force_login(officer(east))
    page = client.get(f"/dropout/agreement/{nation.pk}/").content.decode()
    assert case.get_absolute_url() in page and "先登记学生" in page
    assert f"/{idle.pk}/" in page and "开个案" in page and id_number(2) not in page
    assert Event.objects.filter(verb="dropout.agreement_read").count() == 1


def test_differences_are_narrowed_and_exported(client, officer, east, nation):
    ours(east, 1, "格日勒")
    theirs(nation, 2, "乌云其其格")
    client.force_login(officer(east))
    address = f"/dropout/agreement/{nation.pk}/?what=ONLY_THEIRS"
    page = client.get(address).content.decode()
    assert "乌云其其格" in page and "格日勒" not in page
    assert "乌云其其格" in client.get(f"{address}&export=csv").content.decode()
    assert "格日勒" in client.get(address.replace("ONLY_THEIRS", "x")).content.decode()
