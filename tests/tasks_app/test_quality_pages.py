"""The pages of quality rules: put together from lists, changed by a new one, taken out of use."""

import pytest
from django.urls import reverse

from registry.roles import Role
from tasks_app.models import QualityRule
from tasks_app.services import quality
from tests.cast import NOW, TODAY

LIST, NEW = "/findings/rules/", "/findings/rules/new/"


@pytest.fixture(autouse=True)
def today(clock_at):
    clock_at(TODAY)


@pytest.fixture
def bureau(client, officer, league):
    user = officer(league, Role.BUREAU)
    client.force_login(user)
    return user


@pytest.fixture
def rule(plan, bureau):
    return quality.set_rule(
        by=bureau,
        at=NOW,
        form="AT_MOST",
        left="T01-01:NUM",
        right=["T01-02:NUM"],
        note="因贫的也在全口径里",
    )


def posted(**over):
    return {"form": "AT_MOST", "left": "T01-01:NUM", "right": ["T01-02:NUM"], "note": "口径"} | over


def test_a_rule_is_put_together_from_lists(client, plan, bureau):
    page = client.get(NEW).content.decode()
    assert 'value="T01-01:NUM"' in page and 'value="T02-01:DEN"' in page
    assert 'value="T01-01:DEN"' not in page  # a count has no denominator
    assert client.post(NEW, posted()).url == LIST
    assert QualityRule.objects.get().formula == "T01-01 ≤ T01-02"
    assert "T01-01 ≤ T01-02" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    "over, words",
    [
        ({"left": "T99-01:NUM"}, "没有这项指标"),
        ({"right": ["T01-02:NUM", "nowhere:NUM"]}, "没有这项指标"),
        ({"right": []}, "选拿来比的数"),
        ({"right": ["T03-02:NUM"]}, "频次不同"),
        ({"right": ["T01-01:NUM"]}, "只能出现一次"),
        ({"form": "LIKE"}, "选"),
        ({"note": ""}, "写明依据"),
    ],
)
def test_what_cannot_be_checked_is_refused_when_saved(client, plan, bureau, over, words):
    answer = client.post(NEW, posted(**over))
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not QualityRule.objects.exists()


def test_a_change_is_a_new_rule_and_the_old_one_is_out_of_use(client, rule):
    page = client.get(f"{NEW}?from={rule.pk}")
    assert page.context["form"]["left"].value() == "T01-01:NUM"
    client.post(NEW, posted(right=["T10-04:NUM"], replaces=rule.pk))
    rule.refresh_from_db()
    assert rule.ended_at is not None
    assert QualityRule.objects.in_use().with_terms().get().formula == "T01-01 ≤ T10-04"


@pytest.mark.parametrize("asked", ["0", "x", "9999999999999999999", "-1"])
def test_a_rule_that_does_not_exist_begins_an_empty_one(client, rule, asked):
    assert client.get(f"{NEW}?from={asked}").context["old"] is None


def test_a_rule_is_taken_out_of_use_after_a_question(client, rule, bureau):
    address = reverse("tasks_app:quality-end", args=[rule.pk])
    assert "停用“T01-01 ≤ T01-02”？" in client.get(address).content.decode()
    assert client.post(address).url == LIST
    assert not QualityRule.objects.in_use().exists()
    assert client.post(address).status_code == 404


@pytest.mark.parametrize(
    "role, listed, changed",
    [
        (Role.BUREAU, 200, 200),
        (Role.SUPERVISOR, 200, 403),
        (Role.OFFICIAL, 200, 403),
        (Role.SCHOOL, 403, 403),
        (Role.AUDITOR, 403, 403),
    ],
)
def test_rules_are_read_by_those_who_answer_and_set_by_the_bureau(
    client, rule, officer, league, role, listed, changed
):
    client.force_login(officer(league, role))
    assert client.get(LIST).status_code == listed
    assert client.get(NEW).status_code == changed
    assert client.get(reverse("tasks_app:quality-end", args=[rule.pk])).status_code == changed


def test_the_list_asks_the_same_few_questions_however_many_rules(
    client, rule, bureau, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(LIST)
    with CaptureQueriesContext(connection) as asked:
        client.get(LIST)
    for n in (1, 2, 3):
        quality.set_rule(
            by=bureau,
            at=NOW,
            form="AT_MOST",
            left="T01-01:NUM",
            right=["T01-02:NUM"],
            note=f"第{n}条",
        )
    with django_assert_num_queries(len(asked)):
        client.get(LIST)
