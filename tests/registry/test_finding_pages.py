"""The pages of findings: who sees, answers and looks again."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from registry.models import Finding
from registry.roles import Role
from registry.services import findings
from registry.services.findings import Found
from tasks_app.services import quality
from tests.cast import NOW, TODAY

LIST = "/findings/"


@pytest.fixture(autouse=True)
def today(clock_at):
    clock_at(TODAY)


@pytest.fixture
def found(east):
    facts = {"code": "T07-04", "value": "95", "middle": "11", "points": 6}
    facts["names"] = {"T07-04": ["专场招聘会场次", "Dedicated job fairs held"]}
    return Found(f"{quality.OUTLIER}.7", "registry.unit", str(east.pk), east.pk, facts, "2025Q3")


@pytest.fixture
def finding(found):
    findings.settle([found], rules=[found.rule], checked=set(), at=NOW, on=TODAY)
    return Finding.objects.get()


@pytest.fixture
def official(officer, east):
    return officer(east, Role.OFFICIAL, "official", "乌日娜")


@pytest.fixture
def bureau(officer, league):
    return officer(league, Role.BUREAU, "bureau", "高娃")


def post(client, user, finding, deed, **data):
    client.force_login(user)
    return client.post(reverse(f"registry:finding-{deed}", args=[finding.pk]), data)


def answer(client, official, finding, **over):
    data = {"answer": "TRUE", "text": "两场合办，按人次"} | over
    return post(client, official, finding, "answer", **data)


def seen(client, bureau, finding):
    client.force_login(bureau)
    page = client.get(finding.get_absolute_url())
    return page.context["look_form"].initial["seen"]


# The list ----------------------------------------------------------------------------------------
def test_list_says_what_was_found_and_until_when(client, finding, official):
    client.force_login(official)
    page = client.get(LIST).content.decode()
    assert (
        "“专场招聘会场次”是 95" in page and "1 条问题线索" in page and "与本单位以往差得远" in page
    )


def test_a_neighbour_sees_nothing_of_it(client, finding, officer, west):
    client.force_login(officer(west))
    assert "专场招聘会" not in client.get(LIST).content.decode()
    assert client.get(finding.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_list_needs_permission(client, finding, officer, league, role):
    client.force_login(officer(league, role))
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize(
    "state, count", [("", 1), ("ANSWER", 1), ("LATE", 0), ("LOOK", 0), ("ENDED", 0), ("x", 1)]
)
def test_list_is_narrowed_by_state(client, finding, bureau, state, count):
    client.force_login(bureau)
    answer = client.get(LIST, {"state": state})
    assert answer.context["table"].page.paginator.count == count


def test_list_is_narrowed_to_one_rule(client, finding, found, bureau):
    other = replace(found, rule=f"{quality.OUTLIER}.77")
    findings.settle([other], rules=[other.rule], checked=set(), at=NOW, on=TODAY)
    client.force_login(bureau)
    for kind, count in ((quality.OUTLIER, 2), (found.rule, 1), (quality.RULE, 0)):
        answer = client.get(LIST, {"kind": kind})
        assert answer.context["table"].page.paginator.count == count, kind


def test_list_is_exported(client, finding, bureau):
    client.force_login(bureau)
    file = client.get(LIST + "?export=csv").content.decode("utf-8-sig")
    assert any(
        "“专场招聘会场次”是 95" in cell for row in csv.reader(io.StringIO(file)) for cell in row
    )


def test_list_to_htmx_is_a_page_part(client, finding, bureau):
    client.force_login(bureau)
    page = client.get(LIST, headers={"HX-Request": "true"})
    assert 'id="list"' in page.content.decode() and "HX-Request" in page["Vary"]


def test_list_asks_the_same_few_questions_however_many(
    client, finding, found, bureau, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(bureau)
    client.get(LIST)
    with CaptureQueriesContext(connection) as asked:
        client.get(LIST)
    many = [replace(found, rule=f"{quality.OUTLIER}.{n}") for n in range(100, 140)]
    rules = [one.rule for one in many]
    findings.settle(many, rules=rules, checked=set(), at=NOW, on=TODAY)
    with django_assert_num_queries(len(asked)):
        client.get(LIST)
    assert len(asked) <= 16


# Answer and second look --------------------------------------------------------------------------
def test_the_unit_answers_and_the_league_accepts(client, finding, official, bureau):
    assert answer(client, official, finding).status_code == 302
    page = client.get(finding.get_absolute_url()).content.decode()
    assert "两场合办，按人次" in page and "等复看" in page
    moment = seen(client, bureau, finding)
    assert post(client, bureau, finding, "accept", seen=moment).status_code == 302
    finding.refresh_from_db()
    assert (finding.end, finding.looked_by) == ("ACCEPTED", bureau)


def test_an_answer_without_a_word_or_a_choice_is_told_at_its_field(client, finding, official):
    page = answer(client, official, finding, text=" ", answer="")
    assert page.status_code == 422
    said = page.content.decode()
    assert "写一句说明。" in said and "选一项结论。" in said
    finding.refresh_from_db()
    assert finding.answered_at is None


def test_a_return_needs_a_note_and_comes_back_to_the_unit(client, finding, official, bureau):
    answer(client, official, finding)
    moment = seen(client, bureau, finding)
    assert post(client, bureau, finding, "return", seen=moment).status_code == 422
    post(client, bureau, finding, "return", seen=moment, note="哪两场")
    client.force_login(official)
    page = client.get(finding.get_absolute_url()).content.decode()
    assert "哪两场" in page and "退回，再说明" in page


@pytest.mark.parametrize("moment", ["", "2025-01-01", "nonsense"])
def test_an_answer_that_was_not_on_the_page_is_not_accepted(
    client, finding, official, bureau, moment
):
    answer(client, official, finding)
    assert post(client, bureau, finding, "accept", seen=moment).status_code == 302
    finding.refresh_from_db()
    assert finding.is_open


def test_who_answered_does_not_look(client, finding, bureau):
    answer(client, bureau, finding)
    moment = seen(client, bureau, finding)
    assert "这条说明是你写的" in client.get(finding.get_absolute_url()).content.decode()
    post(client, bureau, finding, "accept", seen=moment)
    finding.refresh_from_db()
    assert finding.is_open


@pytest.mark.parametrize("deed", ["accept", "return", "assign"])
def test_the_second_look_is_the_leagues(client, finding, official, deed):
    assert post(client, official, finding, deed).status_code == 403


@pytest.mark.parametrize("deed", ["answer", "accept", "return", "assign"])
def test_deeds_take_no_get_and_know_no_stranger(client, finding, officer, west, bureau, deed):
    client.force_login(bureau)
    address = reverse(f"registry:finding-{deed}", args=[finding.pk])
    assert client.get(address).status_code == 405
    stranger = officer(west, Role.OFFICIAL if deed == "answer" else Role.BUREAU)
    assert post(client, stranger, finding, deed, answer="TRUE", text="x").status_code == 404


def test_somebody_of_the_unit_is_named_and_a_stranger_is_not(
    client, finding, official, bureau, officer, west
):
    day = TODAY + timedelta(days=9)
    data = {"owner": official.pk, "due_on": day.isoformat()}
    assert post(client, bureau, finding, "assign", **data).status_code == 302
    finding.refresh_from_db()
    assert (finding.owner, finding.due_on) == (official, day)
    data["owner"] = officer(west).pk
    assert post(client, bureau, finding, "assign", **data).status_code == 422


def test_what_has_ended_is_left_alone(client, finding, found, official, bureau):
    findings.settle([], rules=[found.rule], checked=None, at=NOW, on=TODAY)
    assert answer(client, official, finding).status_code == 302
    post(client, bureau, finding, "assign", owner="", due_on=TODAY.isoformat())
    finding.refresh_from_db()
    assert (finding.end, finding.answered_at) == ("CLEARED", None)
