"""The dashboard of student aid: of one's own units, each number with the rows behind it."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from common.periods import Period
from dashboard.queries import aid, aid_charts
from registry.models import Membership, Unit
from registry.roles import Role
from subsidies.models import Payment
from tests.cast import TODAY
from tests.children import make_school
from tests.subsidies.counted import aid_of_each

TERM = Period.parse("2025/26-1")


@pytest.fixture
def children(east, officer, clock_at):
    """Four children of 左旗's school who are on a list, expected 312.50 and paid; one of them late."""
    clock_at(TODAY)
    school = make_school("左旗的小学", east, "211")
    by, second = officer(east, username="maker"), officer(east, username="second")
    children = [aid_of_each(east, school, by, second, term=TERM.code, n=n) for n in range(4)]
    Payment.objects.filter(student=children[0]).update(paid_on=date(2026, 3, 1))
    Payment.objects.filter(student=children[1]).delete()
    return children


def board(user, **over):
    asked = {"unit": None, "term": TERM, "today": TODAY} | over
    return aid.AidBoard(user, **asked)


def test_one_sees_ones_own_units_and_no_other(children, east, west, league, officer):
    mine = board(officer(east, Role.OFFICIAL))
    assert [line.unit for line in mine.lines] == [east]
    assert board(officer(east, Role.OFFICIAL), unit=west.pk).unit == east
    whole = board(officer(league, Role.SUPERVISOR))
    assert {east, west, league} <= {line.unit for line in whole.lines}


def test_the_numbers_by_hand(children, east, officer):
    line = board(officer(east, Role.OFFICIAL)).line
    assert (line.covered.part, line.covered.whole, line.covered.text) == (3, 4, "75.00%")
    assert (line.in_time.part, line.in_time.whole) == (2, 4)
    assert (line.paid, line.payments) == (Decimal("937.50"), 3)


def test_the_league_is_the_sum_of_its_units(children, league, officer):
    shown = board(officer(league, Role.SUPERVISOR))
    whole = next(line for line in shown.lines if line.unit == league)
    parts = [line for line in shown.lines if line.unit != league]
    assert whole.covered.whole == sum(line.covered.whole for line in parts) == 4
    assert whole.paid == sum(line.paid for line in parts)


def test_each_share_opens_as_many_rows(children, east, officer, client):
    user = officer(east, Role.OFFICIAL)
    client.force_login(user)
    for share in board(user).line.shares:
        if share.url:
            assert len(client.get(share.url).context["table"].rows) == share.part


def test_coverage_by_stage_and_by_group_never_names_a_sensitive_one(children, east, officer):
    Membership.objects.filter(student=children[2]).update(category="ORPHAN")
    Membership.objects.filter(student=children[3]).update(category="SUBSISTENCE")
    shown = board(officer(east, Role.OFFICIAL))
    assert sum(share.whole for share in shown.stages.values()) == 4
    assert "孤儿" not in shown.groups and shown.groups["最低生活保障家庭"].whole >= 1


def test_money_by_month_has_gaps_where_no_month_has_begun(children, east, officer):
    shown = board(officer(east, Role.OFFICIAL))
    (sums,) = shown.months.values()
    assert sums[TODAY.month :] == [None] * (12 - TODAY.month)
    assert sum(filter(None, sums)) == Decimal("625.00")  # the late one belongs to the year after


def test_the_page_its_charts_and_its_file(children, east, officer, client):
    client.force_login(officer(east, Role.OFFICIAL))
    query = {"term": TERM.code}
    page = client.get(reverse("dashboard:aid"), query).content.decode()
    assert "应助尽助 75.00%" in page and "937.50" in page
    for code in aid_charts.CHARTS:
        told = client.get(reverse("dashboard:chart-aid", args=[code]), query).json()
        assert told["series"] and told["title"]
    file = client.get(reverse("dashboard:aid"), query | {"export": "xlsx"})
    cells = [cell for row in load_workbook(BytesIO(file.content)).active.values for cell in row]
    assert 75 in cells and 937.5 in cells


@pytest.mark.parametrize("query", [{"term": "x"}, {"unit": "x"}, {"unit": "9" * 30}, {"term": ""}])
def test_odd_questions_get_the_usual_answer(children, east, officer, client, query):
    client.force_login(officer(east, Role.OFFICIAL))
    assert client.get(reverse("dashboard:aid"), query).status_code == 200


def test_a_school_has_no_such_page(children, east, officer, client):
    school = Unit.objects.get(name="左旗的小学")
    client.force_login(officer(school, Role.SCHOOL))
    assert client.get(reverse("dashboard:aid")).status_code == 403


def test_few_questions_however_many_children(children, east, officer, client):
    client.force_login(officer(east, Role.OFFICIAL))
    address = f"{reverse('dashboard:aid')}?term={TERM.code}"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    school = Unit.objects.get(name="左旗的小学")
    by, second = officer(east, username="maker2"), officer(east, username="second2")
    for n in range(10, 22):
        aid_of_each(east, school, by, second, term=TERM.code, n=n)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few) <= 40
