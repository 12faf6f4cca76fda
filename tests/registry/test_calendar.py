"""Working days: read by a year a page, changed by the bureau, and due days move along."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from common.models import Event
from common.periods import Period
from registry.models import CalendarDay, Duty
from registry.roles import Role
from registry.services import calendar as services
from registry.services.duties import Owed, Workdays, open_duties
from registry.services.setup import load_calendar
from tests.cast import TODAY

PAGE = "/calendar/"
SET = "/calendar/set/"
HOLIDAY = {"is_workday": "0", "first": "2026-01-01", "last": "2026-01-03", "note": "元旦"}


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def bureau(client, officer, league):
    load_calendar()
    user = officer(league, Role.BUREAU)
    client.force_login(user)
    return user


# Counting ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "day, works",
    [
        (date(2025, 10, 1), False),  # National Day, a Wednesday
        (date(2025, 9, 28), True),  # a Sunday worked for it
        (date(2025, 10, 11), True),  # a Saturday worked for it
        (date(2025, 10, 12), False),  # a plain Sunday
        (date(2025, 10, 13), True),  # a plain Monday
    ],
)
def test_holidays_move_working_days(db, day, works):
    load_calendar()
    assert Workdays().is_workday(day) is works


def test_ten_working_days_after_the_third_quarter(db):
    """1 to 8 October are off, the 11th is worked: the tenth working day is the 21st."""
    load_calendar()
    assert Workdays().after(date(2025, 9, 30), 10) == date(2025, 10, 21)
    assert Workdays().after(date(2025, 9, 30), 0) == date(2025, 9, 30)


@pytest.mark.django_db
@given(
    start=st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    count=st.integers(0, 60),
    exceptions=st.dictionaries(
        st.dates(date(2025, 1, 1), date(2027, 6, 30)), st.booleans(), max_size=40
    ),
)
def test_after_counts_working_days(start, count, exceptions):
    workdays = Workdays()
    workdays.exceptions = exceptions
    end = workdays.after(start, count)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(map(workdays.is_workday, between)) == count
    assert count == 0 or workdays.is_workday(end)


def test_the_calendar_ships_once(db):
    assert load_calendar() > 0
    CalendarDay.objects.filter(on=date(2025, 10, 1)).update(note="改过")
    assert load_calendar() == 0
    assert CalendarDay.objects.get(on=date(2025, 10, 1)).note == "改过"


# The page ----------------------------------------------------------------------------------------
def test_the_page_shows_the_year(client, bureau):
    page = client.get(PAGE).content.decode()
    assert "2025年工作日历" in page and "国庆节" in page and "10月1日—10月8日" in page
    assert "2026年工作日历" in client.get(f"{PAGE}?year=2026").content.decode()


@pytest.mark.parametrize("year", ["x", "1999", "2101", "²025", "20250"])
def test_a_year_that_is_none_is_not_found(client, bureau, year):
    assert client.get(PAGE, {"year": year}).status_code == 404


def test_the_page_says_when_a_year_is_not_entered(client, bureau, clock_at):
    CalendarDay.objects.filter(on__year=2026).delete()
    missing = "2026年的放假安排还没有录入"
    assert missing not in client.get(PAGE).content.decode()
    assert missing in client.get(f"{PAGE}?year=2026").content.decode()
    clock_at(date(2025, 11, 20))
    client.logout()
    client.force_login(bureau)
    assert missing in client.get(PAGE).content.decode()
    CalendarDay.objects.create(on=date(2026, 1, 1), is_workday=False, note="元旦")
    assert missing not in client.get(PAGE).content.decode()


def test_others_read_the_calendar_and_change_nothing(client, officer, east, bureau):
    client.force_login(officer(east))
    page = client.get(PAGE).content.decode()
    assert "2025年工作日历" in page and SET not in page
    assert client.post(SET, HOLIDAY).status_code == 403
    day = CalendarDay.objects.first()
    assert client.post(reverse("registry:calendar-clear", args=[day.pk])).status_code == 403
    assert client.get(SET).status_code == 405 or client.get(SET).status_code == 403


# Deeds -------------------------------------------------------------------------------------------
@pytest.fixture
def duty(bureau, east):
    open_duties([Owed("tasks.01", east.pk, Period.parse("2025Q4"))])
    return Duty.objects.get()


def test_setting_days_moves_open_duties_and_says_so(client, bureau, duty):
    CalendarDay.objects.filter(on__year=2026).delete()
    services.set_days(date(2026, 1, 30), date(2026, 1, 30), by=bureau, is_workday=False, note="x")
    duty.refresh_from_db()
    before = duty.due_on
    answer = client.post(SET, HOLIDAY, follow=True)
    duty.refresh_from_db()
    assert duty.due_on > before
    assert "1 项未报的填报任务截止日随之改了" in answer.content.decode()
    assert list(CalendarDay.objects.of_year(2026).values_list("on", "is_workday"))[:3] == [
        (date(2026, 1, n), False) for n in (1, 2, 3)
    ]
    assert Event.objects.filter(verb="registry.calendar_set").count() == 2


def test_met_and_waived_duties_keep_their_day(client, bureau, duty):
    Duty.objects.update(met_at="2026-01-05T00:00:00+08:00")
    before = Duty.objects.get().due_on
    assert (
        services.set_days(
            date(2026, 1, 5), date(2026, 1, 16), by=bureau, is_workday=False, note="x"
        )
        == 0
    )
    assert Duty.objects.get().due_on == before


def test_setting_a_day_again_changes_it(client, bureau):
    client.post(SET, {"is_workday": "1", "first": "2025-10-01", "note": "加班"})
    day = CalendarDay.objects.get(on=date(2025, 10, 1))
    assert (day.is_workday, day.note) == (True, "加班")
    event = Event.objects.get(verb="registry.calendar_set")
    assert event.before == {"2025-10-01": False} and event.after["is_workday"] is True


def test_clearing_a_day_gives_the_weekday_back(client, bureau, duty):
    services.set_days(date(2026, 1, 5), date(2026, 1, 5), by=bureau, is_workday=False, note="误录")
    duty.refresh_from_db()
    before, day = duty.due_on, CalendarDay.objects.get(on=date(2026, 1, 5))
    client.post(reverse("registry:calendar-clear", args=[day.pk]))
    duty.refresh_from_db()
    assert duty.due_on < before
    assert Workdays().is_workday(date(2026, 1, 5))
    assert Event.objects.get(verb="registry.calendar_cleared").before["note"] == "误录"
    assert client.post(reverse("registry:calendar-clear", args=[day.pk])).status_code == 404


@pytest.mark.parametrize(
    "over, why",
    [
        ({"first": ""}, "这里要填日期"),
        ({"first": "明天"}, "日期写成"),
        ({"last": "2025-12-31"}, "不能早于起始日期"),
        ({"last": "2026-03-01"}, "一次最多 31 天"),
        ({"note": ""}, "写明是什么假"),
        ({"note": "长" * 61}, "60"),
        ({"is_workday": "2"}, "选放假或上班"),
    ],
)
def test_a_bad_arrangement_says_why_and_keeps_what_was_typed(client, bureau, over, why):
    answer = client.post(SET, HOLIDAY | over)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert why in page
    assert ("元旦" if "note" not in over else "2026-01-01") in page
    assert not Event.objects.filter(verb="registry.calendar_set").exists()


@pytest.mark.parametrize("kept", ["2026-01-01", "2026.1.1", "20260101", "2026年1月1日"])
def test_dates_may_be_typed_as_people_do(client, bureau, kept):
    assert client.post(SET, HOLIDAY | {"first": kept}).status_code == 302


def test_a_stretch_of_the_wrong_shape_is_refused_below_the_form_too(bureau):
    for last in (date(2025, 12, 31), date(2026, 3, 1)):
        with pytest.raises(services.BadDays):
            services.set_days(date(2026, 1, 1), last, by=bureau, is_workday=False)


def test_months_tell_stretches_with_their_reason(bureau):
    months = services.year_by_month(2025, Workdays())
    october = months[9]
    assert [(s.first.day, s.last.day, s.days) for s in october.holidays] == [(1, 8, 8)]
    assert [s.first.day for s in october.moved] == [11]
    assert october.workdays == 18
    assert sum(month.workdays for month in months) == 248
