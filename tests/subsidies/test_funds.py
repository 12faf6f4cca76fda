"""Money granted, arrived, paid and left; money that sits."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from common.refusals import Stale
from registry.models import Unit
from subsidies.models import BudgetLine, Payment, Source
from subsidies.services import funds
from subsidies.services.refusals import Refused
from tests.cast import NOW, TODAY
from tests.intake.rosters import make_school
from tests.subsidies.money import approved, draft, programme, pupil


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def people(east, officer):
    return officer(east), officer(east)


def line(unit: Unit, amount: str, *, by, source=Source.REGION) -> BudgetLine:
    return funds.save_line(
        BudgetLine(
            year=2025,
            programme=programme(),
            unit=unit,
            source=source,
            document="内财教〔2025〕1号",
            amount=Decimal(amount),
        ),
        by=by,
    )


def arrive(of, amount, on=date(2025, 3, 1), *, by):
    return funds.record_arrival(of, amount=Decimal(amount), on=on, by=by, at=NOW)


def view(on=TODAY, days=60, share=10):
    return funds.funds(
        BudgetLine.objects.all(), Payment.objects.all(), year=2025, on=on, days=days, share=share
    )


def test_granted_arrived_paid_and_left(east, league, people):
    first, second = people
    school = make_school("阿左旗第一小学", east)
    granted = line(east, "1000", by=first)
    line(east, "500", by=first, source=Source.BANNER)
    above = line(league, "9000", by=first)
    arrive(granted, "400.50", by=first)
    arrive(above, "9000", by=first)
    child = pupil(1, school)
    approved(school, school, [child], ["100.25"], by=first, second=second)
    approved(east, school, [child], ["200"], by=first, second=second)
    draft(east, school, [child], ["50"], by=first)
    found = {one.unit_id: one for one in view()}
    mine = found[east.pk]
    assert (mine.granted, mine.arrived) == (Decimal("1500"), Decimal("400.50"))
    assert (mine.paid, mine.left, mine.paid_share) == (
        Decimal("300.25"),
        Decimal("100.25"),
        Decimal("75.0"),
    )
    assert found[league.pk].paid == 0, "the nearest unit that has a line pays"


def test_money_sits_after_the_days_and_beyond_the_share(east, people):
    first, second = people
    granted = line(east, "1000", by=first)
    arrive(granted, "1000", on=date(2025, 8, 14), by=first)
    assert not view(on=date(2025, 10, 12))[0].sits, "59 days"
    assert view(on=date(2025, 10, 13))[0].sits
    school = make_school("阿左旗第一小学", east)
    approved(east, school, [pupil(1, school)], ["900"], by=first, second=second)
    assert not view()[0].sits, "ten per cent are left, and ten are allowed"
    assert view(share=9)[0].sits


def test_no_more_arrives_than_is_granted(east, people):
    first, _second = people
    granted = line(east, "1000", by=first)
    arrive(granted, "999.99", by=first)
    for amount, on, code in [
        ("0.02", TODAY, "over_granted"),
        ("0.01", TODAY.replace(year=2026), "in_future"),
        ("0.001", TODAY, "not_money"),
    ]:
        with pytest.raises(Refused) as why:
            arrive(granted, amount, on=on, by=first)
        assert why.value.code == code
    granted.amount = Decimal("999.98")
    with pytest.raises(Refused) as why:
        funds.save_line(granted, by=first)
    assert why.value.code == "below_arrived"


def test_a_stale_form_changes_no_line(east, people):
    granted = line(east, "1000", by=people[0])
    funds.save_line(BudgetLine.objects.get(), by=people[0], seen=1)
    with pytest.raises(Stale):
        funds.save_line(granted, by=people[1], seen=1)


def test_one_document_is_written_down_once(east, people):
    line(east, "1000", by=people[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        line(east, "1000", by=people[0])


def test_queries_do_not_grow_with_units(east, west, people, django_assert_num_queries):
    first, second = people
    for unit in (east, west):
        school = make_school(f"{unit.name}小学", unit)
        arrive(line(unit, "1000", by=first), "10", by=first)
        approved(unit, school, [pupil(unit.pk, school)], ["5"], by=first, second=second)
    with django_assert_num_queries(6):
        assert len(view()) == 2
