"""What children are to get, by its pages: totals to the cent, filters, and why an amount is what it is."""

import csv
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import Event
from registry.models import Enrolment, Student
from registry.roles import Role
from subsidies.models import Award, Programme, Standard
from subsidies.services.awards import expect
from subsidies.services.standards import load_standards
from tests.cast import NOW, TODAY
from tests.children import give_number
from tests.intake.rosters import id_number, make_school
from tests.subsidies.need import at_school, recognised

TERM = "2025/26-1"
LIST = "/subsidies/awards/"


@pytest.fixture(autouse=True)
def loaded(db, clock_at):
    clock_at(TODAY)
    load_standards()


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def official(client, officer, east):
    user = officer(east)
    client.force_login(user)
    return user


def child(school, n=1, name="乌云", grade="13", **more) -> Student:
    one = at_school(school, grade, **more)
    give_number(one, id_number(n))
    Student.objects.filter(pk=one.pk).update(name=name)
    recognised(one, TERM, "A", "ORPHAN")
    return one


def text(client, address) -> str:
    reply = client.get(address)
    assert reply.status_code == 200, address
    return reply.content.decode()


def listed(client, query=""):
    file = client.get(f"{LIST}?export=csv&{query}")
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[2:]


def test_people_person_times_and_the_money_to_the_cent(client, official, school, east, league):
    child(school)
    child(school, 2, "娜仁", boards=True)
    Award.objects.create(
        student=child(school, 3, "三", "23"),
        programme=Programme.objects.create(code="local", name="地方补助"),
        term=TERM,
        unit=school,
        amount=Decimal("0.01"),
    )
    expect(TERM, [league], NOW)
    page = text(client, LIST)
    rows = listed(client)
    # 312.50 by day, 625.00 boarding, 375.00 in junior school; the award that nothing grounds is gone.
    assert "<h1>应发 1,312.50 元</h1>" in page and "3 人" in page and "3 人次" in page
    assert sum(Decimal(row[-1]) for row in rows) == Decimal("1312.50")
    assert [row[4] for row in rows if row[0] == "娜仁"] == [
        "三年级 寄宿 A 级 孤儿 | 每学年 1,250.00 元"
    ]


NARROWED = {
    "": {"甲", "乙"},
    "level=A": {"甲", "乙"},
    "level=C": set(),
    "level=NONE": set(),
    "term=2024/25-2": set(),
    "term=ALL": {"甲", "乙"},
    "term=x": set(),
    "programme=999": set(),
    "standard=999": set(),
}


def test_the_list_is_narrowed(client, official, school, league):
    child(school, 1, "甲")
    child(school, 2, "乙", boards=True)
    expect(TERM, [league], NOW)
    found = {query: {row[0] for row in listed(client, query)} for query in NARROWED}
    assert found == NARROWED


def test_a_standards_page_leads_to_what_rests_on_it(client, official, school, league):
    child(school, 1, "甲")
    child(school, 2, "乙", boards=True)
    expect(TERM, [league], NOW)
    standard = Standard.objects.get(loaded_as="living-primary-boards-2024")
    page = text(client, standard.get_absolute_url())
    assert f"{LIST}?standard={standard.pk}" in page
    assert {row[0] for row in listed(client, f"standard={standard.pk}&term=ALL")} == {"乙"}


def test_every_amount_opens_to_why(client, official, school, league):
    one = child(school, boards=True)
    expect(TERM, [league], NOW)
    award = Award.objects.get()
    page = text(client, award.get_absolute_url())
    assert "应发 625.00 元" in page and "三年级 寄宿 A 级" in page
    assert award.recognition.get_absolute_url() in page
    assert award.standard.get_absolute_url() in page and "每学年 1,250.00 元" in page
    assert "未发放" in page and f"/children/{one.pk}/aid/" in page
    assert id_number(1) not in page
    assert Event.objects.filter(verb="subsidies.award_opened").count() == 1


def test_a_nearer_standard_that_nobody_confirmed_is_told(client, official, school, league):
    one = at_school(school, "13", boards=True)
    recognised(one, TERM, "A", "DISABLED_CHILD")
    expect(TERM, [league], NOW)
    page = text(client, Award.objects.get().get_absolute_url())
    assert "还有更贴近的标准没有确认" in page and "每学年 3,000.00 元" in page


def test_a_school_reads_its_own_and_a_neighbour_nothing(
    client, officer, school, east, west, league
):
    child(school)
    expect(TERM, [league], NOW)
    award = Award.objects.get()
    elsewhere = make_school("阿左旗第二小学", east)
    sees = {officer(school, Role.SCHOOL): True, officer(east): True}
    sees |= {officer(elsewhere, Role.SCHOOL): False, officer(west): False}
    for user, is_there in sees.items():
        client.force_login(user)
        assert bool(listed(client)) is is_there
        assert client.get(award.get_absolute_url()).status_code == (200 if is_there else 404)
    client.force_login(officer(league, Role.SUPERVISOR))
    for told in (text(client, LIST), text(client, award.get_absolute_url())):
        assert "乌云" not in told and "孤儿" not in told and "乌**" in told


def test_a_child_is_found_by_number(client, official, school, league):
    child(school, 1, "甲")
    child(school, 2, "乙")
    expect(TERM, [league], NOW)
    where = client.post(f"{LIST}search/", {"text": id_number(2)})["Location"]
    assert id_number(2) not in where
    page = text(client, where)
    assert "乙</a>" in page and "甲</a>" not in page
    assert client.get(f"{LIST}?found=nobodys").status_code == 404


def test_the_list_asks_as_often_for_many_rows_as_for_few(client, official, school, league):
    def fill(numbers):
        for n in numbers:
            child(school, n, f"学生{n}")
        expect(TERM, [league], NOW)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        return len(queries)

    fill(range(1, 11))
    client.get(LIST)
    few = asked()
    fill(range(11, 50))
    assert asked() == few <= 21


def test_whoever_is_filed_and_expected_nothing_is_told(client, official, school, league):
    child(school)
    Enrolment.objects.update(boards=None)  # the amount hangs on it, and nobody has told
    expect(TERM, [league], NOW)
    page = text(client, "/subsidies/")
    assert "1 名已备案的没有应发" in page and "state=BARE" in page
    where = f"/subsidies/recognitions/?state=BARE&term={TERM}"
    assert "乌云" in text(client, where)
    Enrolment.objects.update(boards=True)
    expect(TERM, [league], NOW)
    assert "没有应发" not in text(client, "/subsidies/") and "乌云" not in text(client, where)


def test_who_moved_away_is_not_on_the_list_any_more(client, official, school, league):
    child(school)
    expect(TERM, [league], NOW)
    assert listed(client)
    Enrolment.objects.all().delete()
    expect(TERM, [league], NOW)
    assert not listed(client) and "没有应发资助" in text(client, LIST)
