"""Findings: raised once, answered, looked at by another, and away while the facts stay."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from common.models import Event, InboxLine
from registry.models import Finding
from registry.roles import Role
from registry.services import findings
from registry.services.findings import Found
from tests.cast import NOW, TODAY

RULE = "registry.test.1"


@pytest.fixture
def found(east):
    return Found(RULE, "registry.unit", str(east.pk), east.pk, {"n": 3}, "2025Q3")


@pytest.fixture
def official(officer, east):
    return officer(east, Role.OFFICIAL, "official")


@pytest.fixture
def bureau(officer, league):
    return officer(league, Role.BUREAU, "bureau")


def settle(*ones, checked=None, at=NOW):
    return findings.settle(ones, rules=[RULE], checked=checked, at=at, on=TODAY)


def answered(finding, official, text="三人转出"):
    return findings.answer_finding(finding, by=official, at=NOW, answer="TRUE", text=text)


def test_a_breach_is_raised_with_owner_unit_due_day_and_a_line_to_the_officials(
    found, official, east
):
    assert settle(found) == findings.Settled(1, 0)
    finding = Finding.objects.get()
    assert (finding.unit, finding.facts, finding.is_open) == (east, {"n": 3}, True)
    assert finding.due_on == date(2025, 10, 27)  # ten working days
    assert InboxLine.objects.get().user == official
    assert Event.objects.filter(verb="registry.findings_settled").count() == 1


def test_the_same_breach_is_raised_once(found):
    settle(found)
    assert settle(found) == findings.Settled(0, 0)
    assert Finding.objects.count() == 1


def test_what_is_no_longer_found_has_cleared(found):
    settle(found)
    assert settle() == findings.Settled(0, 1)
    assert Finding.objects.get().end == Finding.End.CLEARED


def test_what_was_not_looked_at_stays_open(found, west):
    settle(found)
    elsewhere = replace(found, subject_pk=str(west.pk), unit_id=west.pk)
    settle(checked={elsewhere.place})
    assert Finding.objects.get().is_open


def test_changed_facts_end_a_finding_and_raise_a_new_one(found, official):
    settle(found)
    answered(Finding.objects.get(), official)
    assert settle(replace(found, facts={"n": 4})) == findings.Settled(1, 1)
    assert list(Finding.objects.order_by("pk").values_list("end", flat=True)) == ["CLEARED", ""]


def test_an_accepted_answer_keeps_it_away_while_its_facts_are_these(found, official, bureau):
    settle(found)
    finding = answered(Finding.objects.get(), official)
    findings.accept_answer(finding, by=bureau, at=NOW, seen=finding.answered_at)
    assert settle(found) == findings.Settled(0, 0)
    assert settle() == findings.Settled(0, 0)
    assert settle(found) == findings.Settled(0, 0)
    assert settle(replace(found, facts={"n": 9})) == findings.Settled(1, 0)


def test_what_cleared_by_itself_comes_back_with_the_same_facts(found):
    settle(found)
    settle()
    assert settle(found) == findings.Settled(1, 0)


def test_nobody_looks_at_their_own_answer(found, official):
    settle(found)
    finding = answered(Finding.objects.get(), official)
    with pytest.raises(findings.OwnAnswer):
        findings.accept_answer(finding, by=official, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.update(looked_by=official)


def test_an_answer_that_is_sent_back_is_given_again(found, official, bureau):
    settle(found)
    finding = answered(Finding.objects.get(), official)
    with pytest.raises(findings.NoteMissing):
        findings.return_answer(finding, by=bureau, at=NOW, note=" ")
    findings.return_answer(finding, by=bureau, at=NOW, note="哪三人")
    finding.refresh_from_db()
    assert finding.was_sent_back and Finding.objects.to_answer().get() == finding
    assert InboxLine.objects.filter(user=official, text__contains="退回").exists()
    answered(finding, official, "名单见附件")
    assert Finding.objects.to_look_at().get().looked_by is None


def test_an_answer_that_changed_meanwhile_is_not_accepted_unseen(found, official, bureau):
    settle(found)
    seen = answered(Finding.objects.get(), official).answered_at
    finding = findings.answer_finding(
        Finding.objects.get(), by=official, at=NOW + timedelta(minutes=1), answer="FIXED", text="改"
    )
    with pytest.raises(findings.NothingToLookAt):
        findings.accept_answer(finding, by=bureau, at=NOW, seen=seen)


def test_an_answer_needs_a_word_and_an_open_finding(found, official, bureau):
    settle(found)
    finding = Finding.objects.get()
    with pytest.raises(findings.NoteMissing):
        answered(finding, official, "  ")
    with pytest.raises(findings.NothingToLookAt):
        findings.accept_answer(finding, by=bureau, at=NOW)
    settle()
    with pytest.raises(findings.AlreadyEnded):
        answered(finding, official)


def test_a_person_and_another_day_can_be_named(found, official, bureau):
    settle(found)
    day = TODAY + timedelta(days=3)
    findings.assign_finding(Finding.objects.get(), by=bureau, owner=official, due_on=day)
    finding = Finding.objects.get()
    assert (finding.owner, finding.due_on) == (official, day)
    assert Event.objects.get(verb="registry.finding_assigned").after["due_on"] == day.isoformat()


def test_overdue_is_what_waits_for_the_unit_after_its_day(found, official):
    settle(found)
    late = date(2025, 12, 1)
    assert Finding.objects.overdue(late).count() == 1
    answered(Finding.objects.get(), official)
    assert not Finding.objects.overdue(late).exists()


def test_settling_asks_the_same_few_questions_however_many(
    found, units, django_assert_max_num_queries
):
    many = [replace(found, period=f"2025-{month:02}") for month in range(1, 13)]
    with django_assert_max_num_queries(14):
        settle(*many)
    with django_assert_max_num_queries(4):
        settle(*many)
