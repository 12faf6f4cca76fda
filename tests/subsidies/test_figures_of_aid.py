"""The figures of task 5 by hand: who is covered, paid in time, compared, and wrong."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from common import figures
from common.models import Job
from common.periods import Period
from registry.models import Finding, OutsideList, Unit
from registry.roles import Role
from subsidies.models import Payment
from subsidies.services import counting, screening
from subsidies.services.counting import COMPARED, COVERED, ERRORS, IN_TIME
from tests.cast import NOW, TODAY
from tests.children import make_school
from tests.subsidies.counted import aid_of_each
from tests.subsidies.planted import HALF

pytestmark = pytest.mark.django_db
TERM = Period.parse("2025/26-1")


@pytest.fixture
def school(east):
    return make_school("左旗的小学", east, "211")


@pytest.fixture
def children(east, school, officer):
    by, second = officer(east), officer(east)
    return [aid_of_each(east, school, by, second, term=TERM.code, n=n) for n in range(4)]


def told(*units, period=TERM):
    found = figures.get(COVERED).with_its_kin(period=period, units=units)
    return {
        code: [(int(value.numerator), int(value.denominator)) for value in of_units.values()]
        for code, of_units in found.items()
    }


def test_all_four_by_hand(children, east, league):
    Payment.objects.filter(student=children[0]).delete()
    Payment.objects.filter(student=children[1]).update(amount=Decimal("312.49"))
    Payment.objects.filter(student=children[2]).update(paid_on=date(2026, 3, 1))
    Finding.objects.filter(pk=Finding.objects.last().pk).update(answer="RULE")
    reporting = Unit.objects.reporting(TODAY).count()
    assert told(east) == {
        COVERED: [(3, 4)],
        IN_TIME: [(1, 4)],
        COMPARED: [(1, 3)],
        ERRORS: [(2, 3)],
    }
    assert told(league)[COMPARED] == [(1, 3 * reporting)]
    assert told(league)[COVERED] == [(3, 4)]


def test_a_unit_without_lists_awards_and_payments_has_no_answer(children, west):
    found = figures.get(COVERED).with_its_kin(period=TERM, units=[west])
    assert {code: bool(values) for code, values in found.items()} == {
        COVERED: False,
        IN_TIME: False,
        COMPARED: True,  # it owes its three comparisons: none of them is done
        ERRORS: False,
    }


def test_before_anything_is_known_nobody_has_an_answer(units, east):
    assert figures.get(COVERED).with_its_kin(period=TERM, units=[east]) == {
        code: {} for code in counting.CODES
    }


def test_a_list_of_the_league_is_a_comparison_of_every_unit(children, league, east, west):
    OutsideList.objects.create(department="DISABLED", title="残疾人", listed_on=TODAY, unit=league)
    assert told(east)[COMPARED] == [(2, 3)]
    assert told(west)[COMPARED] == [(1, 3)]


def test_what_was_reversed_is_paid_no_more(children):
    out = Payment.objects.get(student=children[0])
    assert counting.Counts(TERM, []).in_time().count() == 4
    facts = {
        name: getattr(out, name)
        for name in ("batch", "school", "student", "name", "programme", "term", "paid_on")
    }
    Payment.objects.create(
        **facts,
        id_number="1",
        id_number_index=out.id_number_index,
        amount=-HALF,
        reversal_of=out,
        reason="错发",
    )
    assert counting.Counts(TERM, []).in_time().count() == 3
    assert counting.Counts(TERM, []).covered().count() == 3


def test_another_period_tells_the_term_in_which_it_ends(children, east):
    for code, term in (("2025-10", TERM), ("2025", TERM), ("2024/25", Period.parse("2024/25-2"))):
        assert counting.term_of(Period.parse(code)) == term
    assert told(east, period=Period.parse("2025Q4")) == told(east)


def test_all_four_in_few_questions(children, east, league, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        told(east, league)


def test_the_rows_of_a_school_are_its_own(children, school, east, west, officer, client, clock_at):
    clock_at(TODAY)
    for unit, shown in ((east, 4), (west, 0)):
        client.force_login(officer(unit))
        query = {"figure": COVERED, "period": TERM.code, "unit": east.pk}
        page = client.get(reverse("subsidies:number"), query)
        if shown:
            assert page.context["table"].page.paginator.count == shown
        else:
            assert page.status_code == 404
    client.force_login(officer(east, Role.SUPERVISOR))
    bad = {"figure": "x", "period": TERM.code, "unit": east.pk}
    assert client.get(reverse("subsidies:number"), bad).status_code == 404
    assert client.get(reverse("subsidies:number"), {"figure": COVERED}).status_code == 404


def test_screening_moves_the_figures_of_the_term(children, monkeypatch):
    moved = []
    monkeypatch.setattr(
        figures, "touch", lambda code, units, periods: moved.append((code, *periods))
    )
    screening.screen([TERM.code], at=NOW, on=TODAY)
    assert moved == [(code, TERM) for code in counting.CODES]
    assert not Job.objects.filter(kind="subsidies.expect").exists()
