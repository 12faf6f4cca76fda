"""What units owe: opened once, due by the calendar, met or waived, overdue by themselves."""

from datetime import date

import pytest

from common import options
from common.models import Event
from common.periods import Period
from registry.models import Duty
from registry.roles import Role
from registry.services import duties as services
from registry.services.setup import load_calendar
from tests.cast import NOW, TODAY

QUARTER, MONTH = Period.parse("2025Q3"), Period.parse("2025-09")
TERM, YEAR = Period.parse("2024/25-2"), Period.parse("2024")


@pytest.fixture
def calendar(db):
    load_calendar()


@pytest.fixture
def opened(calendar, east):
    """opened(period, unit=east) opens a duty and returns it."""

    def opened(period=QUARTER, unit=east, code="tasks.01"):
        services.open_duties([services.Owed(code, unit.pk, period)])
        return Duty.objects.get(code=code, unit=unit, period=period.code)

    return opened


@pytest.mark.parametrize(
    "period, due",
    [
        (MONTH, date(2025, 10, 14)),  # 5 working days, past the holidays
        (QUARTER, date(2025, 10, 21)),
        (TERM, date(2025, 9, 19)),
        (YEAR, date(2025, 2, 5)),  # past the Spring Festival
        (Period.parse("2023/24"), date(2024, 9, 27)),
    ],
)
def test_due_days_follow_the_kind_of_period(opened, period, due):
    assert opened(period).due_on == due


def test_a_duty_is_opened_once(opened, east):
    opened()
    assert services.open_duties([services.Owed("tasks.01", east.pk, QUARTER)]) == 0
    assert Duty.objects.count() == 1


def test_two_schedulers_at_once_open_it_once(opened, east, monkeypatch):
    """The second looked before the first had written."""
    opened()
    nothing = Duty.objects.none()
    monkeypatch.setattr(Duty.objects, "filter", lambda **_facts: nothing)
    services.open_duties([services.Owed("tasks.01", east.pk, QUARTER)])
    monkeypatch.undo()
    assert Duty.objects.count() == 1


def test_a_setting_moves_open_due_days(opened, officer, league):
    duty = opened()
    options.change("registry.due_quarter", "5", by=officer(league, Role.BUREAU))
    services.move_due_days()
    duty.refresh_from_db()
    assert duty.due_on == date(2025, 10, 14)
    assert services.move_due_days() == 0


def test_overdue_comes_by_itself(opened):
    duty = opened()
    assert list(Duty.objects.overdue(date(2025, 10, 21))) == []
    assert list(Duty.objects.overdue(date(2025, 10, 22))) == [duty]
    services.meet(duty, at=NOW)
    assert list(Duty.objects.overdue(date(2025, 10, 22))) == []


def test_only_what_has_ended_can_be_filled_in(opened):
    duty = opened()
    assert list(Duty.objects.ended(date(2025, 9, 30))) == []
    assert list(Duty.objects.ended(date(2025, 10, 1))) == [duty]


def test_waiving_keeps_the_reason_and_can_be_taken_back(opened, officer, league):
    user, duty = officer(league, Role.BUREAU), opened()
    services.waive_duty(duty, by=user, reason="本季无此项")
    duty.refresh_from_db()
    assert duty.waived_at and duty.waived_reason == "本季无此项"
    assert not Duty.objects.open().exists()
    with pytest.raises(services.AlreadyMet):
        services.waive_duty(duty, by=user, reason="再来")
    services.restore_duty(duty, by=user)
    assert Duty.objects.open().get() == duty
    with pytest.raises(services.AlreadyMet):
        services.restore_duty(duty, by=user)
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["registry.duty_waived", "registry.duty_restored"]


def test_a_met_duty_is_not_waived(opened, officer, league):
    duty = opened()
    services.meet(duty, at=NOW)
    with pytest.raises(services.AlreadyMet):
        services.waive_duty(duty, by=officer(league, Role.BUREAU), reason="x")


def test_the_units_that_report_are_those_ticked(units):
    names = [unit.short for unit in services.reporting_units(TODAY)]
    assert names == ["左旗", "右旗", "额济纳", "高新区", "孪井滩", "乌兰布和"]
