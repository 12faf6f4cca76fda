"""Duties of the third quarter of 2025, and the people who fill, check and approve."""

from datetime import date

import pytest

from common.periods import between
from registry.models import Duty, Unit
from registry.roles import Role
from tasks_app.models import HistoryBatch, Indicator, Observation
from tasks_app.services import reports
from tasks_app.services.duties import open_progress_duties
from tasks_app.services.standings import recompute
from tests.cast import NOW, TODAY


@pytest.fixture
def duties(plan):
    """All duties since April 2025, as seen on 13 October 2025."""
    open_progress_duties(since=date(2025, 4, 1), on=TODAY)
    return Duty.objects.all()


@pytest.fixture
def duty(duties, east):
    """Task 07 of the third quarter: one count (job fairs) and the narrative."""
    return duties.get(code="tasks.07", unit=east, period="2025Q3")


@pytest.fixture
def filler(officer, east):
    return officer(east, Role.OFFICIAL, "filler", "填报人")


@pytest.fixture
def checker(officer, east):
    return officer(east, Role.OFFICIAL, "checker", "复核人")


@pytest.fixture
def reviewer(officer, league):
    return officer(league, Role.BUREAU, "reviewer", "审核人")


@pytest.fixture
def fill(filler):
    """fill(duty, **fields) -> a draft with one good number in every indicator and a word said."""

    def make(duty, by=None, **fields):
        by = by or filler
        report = reports.open_report(duty, by=by, at=NOW)
        data = {"self_assessment": "ON_PLAN", "done": "办了两场招聘会。"}
        for indicator in reports.indicators_of(duty, report.work_item):
            data[f"i{indicator.pk}-num"] = "8"
            data[f"i{indicator.pk}-den"] = "10"
        reports.save_draft(
            report, by=by, base_version=report.draft_version, data=data | fields, at=NOW
        )
        report.refresh_from_db()
        return report

    return make


@pytest.fixture
def submitted(fill, duty, filler, settings):
    """A report that waits for the league (there is no second person yet)."""
    return reports.submit_report(fill(duty), by=filler, at=NOW)


@pytest.fixture
def many_observations(plan, reviewer, filler):
    """many_observations(years): approved values of every indicator, unit and period of the years."""
    units = list(Unit.objects.reporting(TODAY))

    def load(years):
        batch = HistoryBatch.objects.create(
            title="往年", source="台账", submitted_by=filler, submitted_at=NOW
        )
        rows = []
        for indicator in Indicator.objects.all():
            owners = units
            if indicator.league_only:
                owners = [indicator.work_item.lead_office]
            for year in years:
                for period in between(indicator.period_kind, date(year, 1, 1), date(year, 12, 31)):
                    if period.year_of_end != year or period.end > TODAY:
                        continue
                    rows += [
                        Observation(
                            indicator=indicator,
                            unit=unit,
                            period=period.code,
                            period_end=period.end,
                            numerator=18,
                            denominator=20 if indicator.is_rate else None,
                            batch=batch,
                            source="台账",
                            entered_by=filler,
                            approved_by=reviewer,
                            approved_at=NOW,
                        )
                        for unit in owners
                    ]
        Observation.objects.bulk_create(rows)
        recompute.recompute_all(at=NOW, on=TODAY)
        return len(rows)

    return load
