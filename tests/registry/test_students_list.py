"""The list of children, its file, and looking for a person."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.lists import CappedPaginator
from common.models import Event
from registry.models import Enrolment, PersonSearch, Student
from registry.roles import Role
from registry.services import searches
from tests.cast import NOW, TODAY
from tests.children import give_guardian, give_number, id_number, make_child, make_school

LIST, SEARCH = "/students/", "/students/search/"


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


def listed(client, query=""):
    """The rows of the list's file, without its first line and head."""
    file = client.get(f"{LIST}?export=csv&{query}")
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[2:]


def names(client, query=""):
    return [row[0] for row in listed(client, query)]


# Promises ------------------------------------------------------------------------------------------
def test_the_list_works_and_leaves_one_event_with_a_count(client, official, school):
    make_child("那仁", school, id_number(1))
    make_child("巴图", school, id_number(2))
    page = client.get(LIST).content.decode()
    assert "那仁" in page and "三年级 1班" in page and "左旗一小" in page
    event = Event.objects.get(verb="registry.students_listed")
    assert event.after == {"rows": 2, "filters": {}}


def test_the_list_needs_permission_and_has_no_other_method(client, officer, league, official):
    assert client.post(LIST).status_code == 405
    client.force_login(officer(league, Role.AUDITOR))
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize(
    "posted_at, sees", [("league", True), ("banner-zuoqi", True), ("banner-ejina", False)]
)
def test_the_list_and_its_file_are_scoped(client, officer, units, school, posted_at, sees):
    make_child("那仁", school)
    role = Role.BUREAU if posted_at == "league" else Role.OFFICIAL
    client.force_login(officer(units[posted_at], role))
    assert ("那仁" in client.get(LIST).content.decode()) is sees
    assert names(client) == (["那仁"] if sees else [])


def test_numbers_are_masked_on_the_page_and_in_the_file(client, official, school):
    number = id_number(1)
    make_child("那仁", school, number)
    page, file = client.get(LIST).content.decode(), client.get(f"{LIST}?export=csv")
    assert number not in page and number not in file.content.decode()
    assert f"{number[:4]}**********{number[-4:]}" in page
    assert listed(client)[0][-1] == f"{number[:4]}**********{number[-4:]}"
    exported = Event.objects.filter(verb="common.list_exported").first()
    assert exported.after["rows"] == 1


def test_a_supervisor_reads_masked_names_and_years(client, officer, league, school):
    make_child("那仁", school, born_on=date(2015, 3, 4))
    client.force_login(officer(league, Role.SUPERVISOR))
    page = client.get(LIST).content.decode()
    assert "那**" in page and "那仁" not in page
    assert "2015年" in page and "2015年3月4日" not in page
    assert listed(client)[0][4] == "2015"
    assert listed(client)[0][0] == "那**"


@pytest.mark.parametrize(
    "query, found",
    [
        ("", ["甲", "乙"]),
        ("grade=13", ["甲"]),
        ("class_name=2班", ["乙"]),
        ("boards=1", ["甲"]),
        ("boards=0", ["乙"]),
        ("ethnicity=02", ["乙"]),
        ("state=NOWHERE", ["丙", "丁"]),
        ("state=ANY", ["甲", "乙", "丙", "丁"]),
        ("state=TWICE", []),
        ("on=2025-08-31", ["丙"]),
        ("grade=99", []),
        ("on=昨天", []),
        ("unit=x", []),
        ("category=NOBODY", []),
    ],
)
def test_the_list_is_narrowed(client, official, school, query, found):
    make_child("甲", school, grade="13", class_name="1班", boards=True, ethnicity="01")
    make_child("乙", school, grade="14", class_name="2班", boards=False, ethnicity="02")
    gone = make_child("丙", school, since=date(2024, 9, 1), kept_by=school)
    gone.enrolments.update(valid_to=date(2025, 8, 31), end_reason="GRADUATED")
    make_child("丁", residence=school.parents.get().parent)
    assert names(client, query) == found


def test_the_list_of_a_school_is_in_the_order_of_its_rolls(client, official, east, school):
    make_child("丁", school, grade="14", class_name="1班")
    make_child("丙", school, grade="13", class_name="2班")
    make_child("乙", school, grade="13", class_name="1班")
    make_child("甲", make_school("左旗二小", east), grade="11")
    assert names(client, f"unit={school.pk}") == ["乙", "丙", "丁"]
    assert names(client, f"unit={east.pk}") == ["丁", "丙", "乙", "甲"]


def test_a_child_at_two_schools_is_one_row_and_says_so(client, official, east, school):
    child = make_child("那仁", school)
    second = make_school("左旗二小", east)
    Enrolment.objects.create(student=child, school=second, grade="13", valid_from=TODAY)
    assert names(client) == names(client, "state=TWICE") == ["那仁"]
    assert "两处在读" in client.get(LIST).content.decode()


def test_queries_do_not_grow_with_rows(client, official, school):
    client.get(LIST)  # the session is written once
    counts = []
    for first in (0, 1, 60):
        for n in range(first, first + (1 if first < 60 else 60)):
            make_child("那仁", school, id_number(n))
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2], counts
    assert counts[0] <= 20


def test_a_long_list_is_counted_no_further_than_it_is_leafed_through(
    client, official, school, monkeypatch
):
    monkeypatch.setattr(CappedPaginator, "MOST", 3)
    for n in range(5):
        make_child("那仁", school, id_number(n))
    page = client.get(LIST).content.decode()
    assert "超过 3 名学生" in page
    exact = client.get(f"{LIST}?unit={school.pk}&stage=registry.enrolled&on={TODAY}")
    assert exact.context["table"].page.paginator.count == 5
    assert len(listed(client)) == 5


def test_htmx_gets_the_same_address(client, official, school):
    make_child("那仁", school)
    part = client.get(LIST, headers={"HX-Request": "true"}).content.decode()
    assert 'id="list"' in part and "那仁" in part


# Looking for a person --------------------------------------------------------------------------------
@pytest.fixture
def child(school):
    child = make_child("乌云其其格", school, id_number(1))
    give_number(child, "G" + id_number(1), kind="ROLL")
    give_number(child, id_number(9), valid_from=date(2024, 1, 1), valid_to=date(2025, 8, 31))
    give_guardian(child, phone="13904830001", number=id_number(77, "19850101"))
    make_child("巴图", school, id_number(2))
    return child


@pytest.mark.parametrize(
    "typed",
    [
        id_number(1),
        f" {id_number(1)[:6]} {id_number(1)[6:]} ",
        "G" + id_number(1),
        id_number(9),
        "139 0483-0001",
        id_number(77, "19850101"),
    ],
)
def test_a_number_leads_to_the_child(client, official, child, typed):
    assert client.post(SEARCH, {"text": typed})["Location"] == child.get_absolute_url()


def test_a_name_is_found_by_its_beginning(client, official, child):
    address = client.post(SEARCH, {"text": "乌云"})["Location"]
    page = client.get(address).content.decode()
    assert "乌云其其格" in page and "巴图" not in page
    assert (
        "其其格"
        not in client.get(client.post(SEARCH, {"text": "其其"})["Location"]).content.decode()
    )


def test_what_is_searched_for_stands_in_no_address_title_or_log(client, official, child):
    for typed in ("乌云其", id_number(5)):
        address = client.post(SEARCH, {"text": typed})["Location"]
        assert typed not in address and re.fullmatch(r"/students/\?found=[\w-]{32}", address)
        page = client.get(address).content.decode()
        assert typed not in re.search("<title>(.*?)</title>", page, re.S)[1]
    for event in Event.objects.all():
        told = f"{event.subject_title}{event.before}{event.after}"
        assert "乌云" not in told and id_number(5) not in told


def test_a_search_is_kept_encrypted(official, child):
    searches.begin_search("乌云其其格", by=official, at=NOW)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT text FROM {PersonSearch._meta.db_table}")
        assert all("乌云" not in row[0] for row in cursor.fetchall())


def test_somebody_else_s_key_and_an_old_one_do_not_exist(
    client, officer, east, official, child, clock_at
):
    address = client.post(SEARCH, {"text": "乌云"})["Location"]
    assert client.get(address).status_code == 200
    client.force_login(officer(east))
    assert client.get(address).status_code == 404
    client.force_login(official)
    clock_at(TODAY + timedelta(days=1))
    assert client.get(address).status_code == 404
    assert client.get(f"{LIST}?found=x").status_code == 404


def test_a_search_stays_in_scope(client, officer, west, child):
    client.force_login(officer(west))
    for typed in (id_number(1), "乌云", "13904830001"):
        page = client.get(client.post(SEARCH, {"text": typed})["Location"]).content.decode()
        assert "没有找到" in page and "乌云" not in page


def test_a_search_says_what_to_write(client, official, school):
    for typed in ("", "王"):
        page = client.post(SEARCH, {"text": typed}, follow=True).content.decode()
        assert "再找" in page
    assert client.get(SEARCH).status_code == 405


def test_old_searches_go_by_night(official):
    searches.begin_search("乌云", by=official, at=NOW)
    searches.begin_search("巴图", by=official, at=NOW - timedelta(hours=2))
    assert searches.clear_searches(at=NOW) == 1
    assert PersonSearch.objects.count() == 1


@pytest.mark.scale
def test_20_000_children_are_listed_with_the_statements_of_ten(client, official, school):
    Student.objects.bulk_create([Student(name="那仁") for _n in range(20_000)])
    Enrolment.objects.bulk_create(
        Enrolment(student_id=pk, school=school, grade="13", valid_from=date(2025, 9, 1))
        for pk in Student.objects.values_list("pk", flat=True)
    )
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(LIST).content.decode()
    assert "超过 10,000 名学生" in page
    assert len(queries) <= 20
