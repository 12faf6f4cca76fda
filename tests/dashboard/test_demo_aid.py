"""The demonstration's student aid: every state a term can show, the same every time."""

from datetime import date

import pytest

from dashboard.demo.aid import load_aid
from dashboard.demo.children import load_children
from dashboard.demo.people import load_people
from registry.models import Finding
from registry.services.setup import load_calendar
from registry.services.units import load_units
from subsidies.models import (
    Award,
    BudgetLine,
    NoticeRun,
    Payment,
    PaymentBatch,
    Recognition,
    SampleItem,
)
from subsidies.services.standards import load_standards

LATE, YOUNG = date(2025, 12, 20), date(2025, 9, 12)


@pytest.fixture
def load(db, clock_at):
    def told(day):
        clock_at(day)
        load_units()
        load_calendar()
        load_people(day)
        load_children(day)
        load_standards()
        return load_aid(day)

    return told


def states_of(model):
    return set(model.objects.values_list("state", flat=True))


def test_a_term_shows_every_step_and_every_trouble(load):
    assert load(LATE) == Recognition.objects.count() > 50
    assert states_of(Recognition) == {"APPLIED", "REFUSED", "NOTICED", "FILED"}
    assert states_of(PaymentBatch) == {"DRAFT", "SUBMITTED", "APPROVED"}
    assert NoticeRun.objects.up(LATE).exists() and NoticeRun.objects.exclude(filed_by=None).exists()
    assert {"missed", "amount", "account"} <= {
        rule.split(".")[2]
        for rule in Finding.objects.values_list("rule", flat=True)
        if rule.startswith("subsidies.aid.")
    }
    assert Payment.objects.filter(result="RETURNED").count() == 2
    assert SampleItem.objects.exclude(result="").exists()
    assert BudgetLine.objects.count() == 3


def test_a_second_run_tells_nothing(load):
    load(LATE)
    before = [model.objects.count() for model in (Recognition, Award, Payment, Finding)]
    assert load_aid(LATE) == 0
    assert [m.objects.count() for m in (Recognition, Award, Payment, Finding)] == before


def test_a_young_term_has_applications_and_no_money(load):
    assert load(YOUNG) > 0
    assert states_of(Recognition) == {"APPLIED"}
    assert not Payment.objects.exists()
