"""The third quarter of 2025 as seen on 13 October, with somebody in every role."""

from datetime import date

import pytest

from registry.models import Duty
from registry.roles import Role
from tasks_app.models import ProgressReport
from tasks_app.services import reports
from tasks_app.services.duties import open_progress_duties
from tests.cast import NOW, TODAY


@pytest.fixture(autouse=True)
def thirteenth_of_october(clock_at):
    clock_at(TODAY)


@pytest.fixture
def duties(plan):
    open_progress_duties(since=date(2025, 7, 1), on=TODAY)
    return Duty.objects.all()


@pytest.fixture
def left(officer, east):
    return officer(east, Role.OFFICIAL, "left", "乌日娜")


@pytest.fixture
def left2(officer, east):
    return officer(east, Role.OFFICIAL, "left2", "娜仁")


@pytest.fixture
def ejina(officer, west):
    return officer(west, Role.OFFICIAL, "ejina", "巴图")


@pytest.fixture
def bureau(officer, league):
    return officer(league, Role.BUREAU, "bureau", "高娃")


@pytest.fixture
def supervisor(officer, league):
    return officer(league, Role.SUPERVISOR, "supervisor", "苏和")


@pytest.fixture
def hand_in(duties, settle):
    """hand_in(task, unit, by, state) -> the report of the third quarter, brought to a state."""

    def make(task, unit, by, state=ProgressReport.State.SUBMITTED, checker=None, decider=None):
        duty = duties.get(code=f"tasks.{task:02}", unit=unit, period="2025Q3")
        report = reports.open_report(duty, by=by, at=NOW)
        data = {"self_assessment": "ON_PLAN", "done": "本季办了两场。"}
        for indicator in reports.indicators_of(duty, report.work_item):
            data[f"i{indicator.pk}-num"] = "8"
            data[f"i{indicator.pk}-den"] = "10"
        reports.save_draft(report, by=by, base_version=0, data=data, at=NOW)
        report.refresh_from_db()
        if state == ProgressReport.State.DRAFT:
            return report
        report = reports.submit_report(report, by=by, at=NOW)
        if report.state == ProgressReport.State.CHECKING and checker:
            report = reports.check_report(report, by=checker, at=NOW, seen=report.draft_version)
        if state == ProgressReport.State.RETURNED:
            return reports.return_report(
                report, by=decider, at=NOW, seen=report.draft_version, note="次数再核对一次"
            )
        if state == ProgressReport.State.APPROVED:
            report = reports.approve_report(report, by=decider, at=NOW, seen=report.draft_version)
            settle()
        return report

    return make
