"""The worklist, looking for a child, the board by township."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import Event
from dropout.models import Case, Episode, State
from registry.models import Unit
from registry.roles import Role
from tests.cast import TODAY
from tests.children import id_number, make_child, make_school
from tests.dropout.rows import confirmed, make_case, make_episode

LIST, SEARCH, BOARD = "/dropout/", "/dropout/search/", "/dropout/board/"
YESTERDAY, SOON, LATER = (TODAY + timedelta(days=n) for n in (-1, 3, 30))


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("左旗一小", east)


@pytest.fixture
def official(client, officer, east):
    user = officer(east)
    client.force_login(user)
    return user


@pytest.fixture
def township(units):
    return next(u for u in units.values() if u.kind == Unit.Kind.TOWNSHIP and "巴彦浩特" in u.name)


def listed(client, query=""):
    file = client.get(f"{LIST}?export=csv&{query}")
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[2:]


def names(client, query=""):
    return [row[0] for row in listed(client, query)]


# The list ------------------------------------------------------------------------------------------
def test_overdue_comes_first_then_by_date_and_without_a_date_last(client, official, east):
    for name, day in (("丙", LATER), ("丁", None), ("甲", YESTERDAY), ("乙", SOON)):
        make_case(east, child=make_child(name), next_on=day)
    assert names(client) == ["甲", "乙", "丙", "丁"]
    assert names(client, "sort=-next_on") == ["丙", "乙", "甲", "丁"]
    page = client.get(LIST).content.decode()
    assert "1 件个案逾期" in page and "逾期 1 天" in page and "还有 3 天" in page


def test_a_list_read_leaves_one_event_with_a_count(client, official, east):
    make_case(east)
    client.get(LIST)
    assert Event.objects.get(verb="dropout.cases_listed").after == {"rows": 1, "filters": {}}


def test_an_empty_list_says_what_to_do(client, official):
    assert "没有个案" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    "posted_at, role, sees",
    [
        ("league", Role.BUREAU, True),
        ("banner-zuoqi", Role.OFFICIAL, True),
        ("banner-ejina", Role.OFFICIAL, False),
        ("league", Role.SUPERVISOR, True),
    ],
)
def test_the_list_and_its_file_are_scoped(client, officer, units, east, posted_at, role, sees):
    make_case(east)
    client.force_login(officer(units[posted_at], role))
    shown = "那仁" if role != Role.SUPERVISOR else "那**"
    assert (shown in client.get(LIST).content.decode()) is sees
    assert bool(listed(client)) is sees


def test_a_school_reads_its_own_children_and_no_others(client, officer, east, school):
    make_case(east, school=school)
    make_case(east, child=make_child("旁人"))
    client.force_login(officer(school, Role.SCHOOL))
    assert names(client) == ["那仁"]


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_administrators_have_no_business_here(client, officer, league, role):
    client.force_login(officer(league, role))
    for address in (LIST, BOARD):
        assert client.get(address).status_code == 403


def test_the_file_says_no_cause_and_no_number(client, official, east):
    child = make_child("那仁", number=id_number(1))
    guarded = {"cause": "GUARDED", "guarded_cause": "RELIGION"}
    make_case(east, child=child, **confirmed(**guarded))
    file = client.get(f"{LIST}?export=csv").content.decode()
    page = client.get(LIST).content.decode()
    for text in (file, page):
        assert "信教" not in text.replace('<option value="RELIGION">信教</option>', "")
        assert id_number(1) not in text
    assert Event.objects.filter(verb="common.list_exported").count() == 1


@pytest.mark.parametrize(
    "query, found",
    [
        ("", ["疑", "确", "我", "反"]),
        ("state=SUSPECTED", ["疑", "我", "反"]),
        ("state=CONFIRMED", ["确"]),
        ("state=ENDED", ["完"]),
        ("state=CLOSED", ["完"]),
        ("kind=DROPPED_OUT", ["确"]),
        ("cause=LEARNING", ["确"]),
        ("whose=MINE", ["我"]),
        ("whose=NOBODY", ["疑", "确", "反"]),
        ("due=LATE", ["疑"]),
        ("due=WEEK", ["确"]),
        ("due=UNSET", ["我", "反"]),
        ("again=1", ["反"]),
        ("state=NOTHING", []),
        ("unit=999999", []),
        ("cause=RELIGION", []),
        ("due=x&whose=y", []),
    ],
)
def test_the_list_is_narrowed(client, official, east, query, found):
    make_case(east, child=make_child("疑"), next_on=YESTERDAY)
    make_case(east, child=make_child("确"), next_on=SOON, **confirmed())
    make_case(east, child=make_child("我"), officer=official)
    over = {"ended_on": YESTERDAY, "end": "CLOSED", "state": State.CLOSED}
    make_case(east, child=make_child("完"), **confirmed() | over)
    again = make_case(
        east,
        child=make_child("反"),
        **confirmed()
        | over
        | {"end": "LEFT_AGAIN", "state": State.LEFT_AGAIN, "kind": "NEVER_ENROLLED"},
    )
    make_episode(again, relapse_of=again.episodes.get())
    if query == "state=ENDED":
        found = ["完", "反"]
    assert names(client, query) == found


def test_the_list_is_narrowed_by_township_and_school(client, official, east, township, school):
    make_case(east, child=make_child("镇上"), township=township)
    make_case(east, child=make_child("校里"), school=school)
    assert names(client, f"township={township.pk}") == ["镇上"]
    assert names(client, f"school={school.pk}") == ["校里"]


def test_the_query_count_does_not_grow_with_the_list(client, official, east, school):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    for n in range(10):
        make_case(east, child=make_child(f"甲{n}", school), school=school)
    client.get(LIST)
    few = count()
    children = [make_child(f"乙{n}", school) for n in range(200)]
    cases = Case.objects.bulk_create(
        Case(student=child, unit=east, school=school, opened_at="2025-10-01T00:00Z")
        for child in children
    )
    Episode.objects.bulk_create(
        Episode(case=case, source="TOLD", found_on=TODAY, state_since=TODAY) for case in cases
    )
    assert count() == few <= 25


# Looking for a child -------------------------------------------------------------------------------
def test_a_number_leads_to_the_case_and_stands_in_no_address(client, official, east):
    child = make_child("那仁", number=id_number(1), residence=east)
    case = make_case(east, child=child)
    answer = client.post(SEARCH, {"text": id_number(1)})
    assert answer.url == f"/dropout/cases/{case.pk}/"


def test_a_name_becomes_a_key_that_is_only_ones_own(client, official, officer, east, west):
    make_case(east, child=make_child("那仁"))
    make_case(east, child=make_child("那仁花"), ended_on=TODAY, end="RULED_OUT", state="RULED_OUT")
    make_case(east, child=make_child("旁人"))
    answer = client.post(SEARCH, {"text": "那仁"})
    assert "那仁" not in answer.url and answer.url.startswith("/dropout/?found=")
    assert sorted(names(client, answer.url.split("?")[1])) == ["那仁", "那仁花"]
    client.force_login(officer(west))
    assert client.get(answer.url).status_code == 404


@pytest.mark.parametrize("text", ["", "那"])
def test_too_little_finds_nobody(client, official, text):
    assert client.post(SEARCH, {"text": text}).url == LIST


def test_a_neighbours_child_is_not_found(client, official, west):
    make_case(west, child=make_child("那仁", number=id_number(1)))
    answer = client.post(SEARCH, {"text": id_number(1)})
    assert answer.url.startswith("/dropout/?found=")
    assert names(client, answer.url.split("?")[1]) == []


# The board -----------------------------------------------------------------------------------------
def test_the_board_counts_by_township_and_each_number_leads_to_its_rows(
    client, official, east, township
):
    make_case(east, child=make_child("甲"), township=township, next_on=YESTERDAY)
    make_case(east, child=make_child("乙"), township=township, **confirmed())
    make_case(east, child=make_child("丙"))
    page = client.get(BOARD)
    whole, townships = page.context["board"].groups[0]
    assert (whole.total, whole.late, len(townships)) == (3, 1, 1)
    assert townships[0].counts == {"SUSPECTED": 1, "CONFIRMED": 1}
    first = townships[0].cells[0]
    assert first["n"] == len(listed(client, first["url"].split("?")[1])) == 1
    assert len(listed(client, townships[0].late_url.split("?")[1])) == 1
    assert "3" in page.content.decode()


def test_the_board_counts_nothing_that_one_may_not_open(client, officer, east, west, township):
    make_case(east, township=township)
    client.force_login(officer(west))
    page = client.get(BOARD)
    assert page.context["board"].groups == [] and "没有办理中的个案" in page.content.decode()
    assert township.short not in page.content.decode()
