"""The first real start, and that a demonstration never becomes one."""

import re
from datetime import date

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from common import jobs
from common.models import Event, Job, User
from dashboard.demo.people import PASSWORD
from registry.models import CalendarDay, Duty, Posting, Unit
from registry.roles import Role
from registry.services.duties import NO_LONGER_REPORTS
from registry.services.units import set_reporting
from tasks_app.models import Plan
from tasks_app.services.duties import duties_since

pytestmark = pytest.mark.django_db
BANNERS = {"阿拉善左旗", "阿拉善右旗", "额济纳旗"}


@pytest.fixture
def today(clock_at):
    clock_at(date(2025, 10, 13))


def set_up(capsys, **over):
    call_command("setup_bureau", **{"sysadmin": "sysop", "secadmin": "secop", "zones": "", **over})
    return capsys.readouterr().out


def reporting():
    return set(Unit.objects.filter(reports_education=True).values_list("name", flat=True))


def test_set_up_makes_units_calendar_plan_and_two_administrators(today, capsys):
    told = set_up(capsys)
    assert reporting() == BANNERS
    assert CalendarDay.objects.exists()
    assert Plan.objects.get().work_items.count() == 15
    held = dict(Posting.objects.in_force(date(2025, 10, 13)).values_list("user__username", "role"))
    assert held == {"sysop": Role.SYSADMIN, "secop": Role.SECADMIN}
    assert "sysop" in told and "secop" in told


def test_set_up_prints_one_time_passwords_that_must_be_changed(today, capsys):
    told = set_up(capsys)
    for username in ("sysop", "secop"):
        user = User.objects.get(username=username)
        password = re.search(rf"{username}  (\S+)", told)[1]
        assert user.check_password(password)
        assert user.must_change_password
        browser = Client()
        browser.force_login(user)
        assert browser.get("/").headers["Location"] == reverse("accounts:password")


def test_set_up_is_in_the_log(today, capsys):
    set_up(capsys)
    event = Event.objects.get(verb="dashboard.bureau_set_up")
    assert event.after["from"] == "2025-10-01"
    confirmed = Event.objects.filter(verb="registry.posting_confirmed")
    assert [e.after["at_set_up"] for e in confirmed] == [True, True]
    assert [e.actor for e in confirmed] == ["", ""]


def test_duties_begin_with_the_present_quarter(today, capsys):
    set_up(capsys)
    assert duties_since() == date(2025, 10, 1)
    quarters = Duty.objects.filter(period_kind="QUARTER").values_list("period", flat=True)
    assert set(quarters) == {"2025Q4"}
    assert Duty.objects.filter(period="2025Q4").values("unit").distinct().count() == 3


def test_duties_can_begin_earlier(today, capsys):
    set_up(capsys, duties_since="2025-05-20")
    quarters = Duty.objects.filter(period_kind="QUARTER").values_list("period", flat=True)
    assert set(quarters) == {"2025Q2", "2025Q3", "2025Q4"}


def test_the_bureau_ticks_zones_by_any_of_their_names(today, capsys):
    set_up(capsys, zones="高新区，孪井滩、孪井滩示范区")
    zones = Unit.objects.filter(reports_education=True, kind=Unit.Kind.ZONE)
    assert set(zones.values_list("short_name", flat=True)) == {"高新区", "孪井滩"}
    assert Duty.objects.filter(unit__in=zones).exists()


@pytest.mark.parametrize(
    "over, why",
    [
        ({"zones": "高新"}, "高新区"),
        ({"secadmin": "sysop"}, "两个人"),
        ({"sysadmin": "sys op"}, "用户名"),
        ({"duties_since": "10月1日"}, "2025-10-01"),
        ({"sysadmin": None}, "--sysadmin"),
    ],
)
def test_a_wrong_answer_changes_nothing_and_is_told(today, capsys, over, why):
    with pytest.raises(CommandError, match=why):
        set_up(capsys, **over)
    assert not User.objects.exists()
    assert not Plan.objects.exists()


def test_at_a_terminal_it_asks(today, capsys, monkeypatch):
    zones = {"孪井滩生态移民示范区": "y"}
    asked = []

    def answer(question):
        asked.append(question)
        return {"系统管理员的用户名: ": "sysop", "安全管理员的用户名: ": "secop"}.get(
            question, zones.get(question.strip().rstrip(":"), "")
        )

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", answer)
    set_up(capsys, sysadmin=None, secadmin=None, zones=None)
    assert reporting() == BANNERS | set(zones)
    assert len(asked) > 4


def test_a_second_run_refuses_and_says_what_is_there(today, capsys):
    set_up(capsys)
    with pytest.raises(CommandError, match="sysop、secop"):
        set_up(capsys, sysadmin="other", secadmin="another")
    assert User.objects.count() == 2


def test_set_up_refuses_a_demonstration(today, capsys, settings):
    settings.DEMO = True
    with pytest.raises(CommandError, match="PORTAL_DEMO"):
        set_up(capsys)


def test_public_sign_ins_outside_a_demonstration_are_warned_of(officer, units, settings):
    officer(units["league"], Role.BUREAU, username="bureau")
    officer(units["league"], Role.BUREAU, username="somebody")
    found = run_checks(tags=[Tags.database], databases=["default"])
    assert [message.id for message in found] == ["portal.W001"]
    assert "bureau" in found[0].msg and "somebody" not in found[0].msg
    settings.DEMO = True
    assert run_checks(tags=[Tags.database], databases=["default"]) == []


def test_a_real_account_of_such_a_name_is_no_fault(officer, units):
    user = officer(units["league"], Role.BUREAU, username="bureau")
    user.set_password(PASSWORD + "x")
    user.save()
    assert run_checks(tags=[Tags.database], databases=["default"]) == []


# Who reports -------------------------------------------------------------------------------------
def test_a_unit_ticked_later_gets_its_duties_by_a_job(today, capsys):
    set_up(capsys)
    zone = Unit.objects.get(key="zone-gaoxin")
    set_reporting(zone, by=User.objects.get(username="sysop"), reports=True)
    assert not Duty.objects.filter(unit=zone).exists()
    row = Job.objects.get(kind="tasks_app.open_duties")
    assert jobs.run(row.pk)
    opened = Duty.objects.filter(unit=zone).count()
    assert opened > 15
    row.refresh_from_db()
    assert row.result == {"opened": opened}


def test_an_unticked_unit_owes_nothing_until_it_is_ticked_again(today, capsys):
    set_up(capsys, zones="高新区")
    by, zone = User.objects.get(username="sysop"), Unit.objects.get(key="zone-gaoxin")
    owed = Duty.objects.filter(unit=zone)
    met = owed.first()
    Duty.objects.filter(pk=met.pk).update(met_at=by.created_at)
    before = owed.open().count()
    set_reporting(zone, by=by, reports=False)
    assert owed.open().count() == 0
    assert owed.filter(waived_reason=NO_LONGER_REPORTS).count() == before
    assert Event.objects.latest("pk").after == {"reports_education": False, "duties": before}
    set_reporting(Unit.objects.get(pk=zone.pk), by=by, reports=True)
    assert owed.open().count() == before


def test_the_night_opens_the_periods_that_have_begun(capsys, clock_at):
    clock_at(date(2025, 12, 30))
    set_up(capsys)
    assert not Duty.objects.filter(period="2026Q1").exists()
    clock_at(date(2026, 1, 1))
    jobs.nightly()
    row = Job.objects.get(kind="tasks_app.open_duties", unique_key__endswith="2026-01-01")
    assert jobs.run(row.pk)
    assert Duty.objects.filter(period="2026Q1").count() == 15 * 3


def test_nothing_is_owed_before_the_portal_has_begun(plan):
    row = jobs.enqueue("tasks_app.open_duties")
    assert jobs.run(row.pk)
    assert not Duty.objects.exists()
