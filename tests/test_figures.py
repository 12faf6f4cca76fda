"""Every figure: the list behind a number has as many rows as its numerator says."""

from datetime import date, timedelta

import pytest

from common import figures
from common.periods import Kind, Period
from registry.models import Closure, Duty, School, Unit
from registry.roles import Role
from tasks_app.models import ProgressReport, WorkItem
from tasks_app.services import reported
from tasks_app.services.duties import open_progress_duties
from tests.cast import NOW, TODAY
from tests.children import make_child, make_school
from tests.dropout.cases import one_of_each
from tests.subsidies.counted import aid_of_each

PERIODS = [Period.of(k, date(2025, 9, 15)) for k in (Kind.MONTH, Kind.QUARTER, Kind.SCHOOL_YEAR)]


@pytest.fixture
def reporting(plan, clock_at, officer, league):
    """Duties of half a year: some met in time, some late, some not at all, one waived."""
    clock_at(TODAY)
    open_progress_duties(since=date(2025, 4, 1), on=TODAY)
    by = officer(league, Role.BUREAU)
    items = {item.duty_code: item for item in WorkItem.objects.all()}
    for number, duty in enumerate(Duty.objects.filter(period_end__lt=TODAY).order_by("pk")):
        how = (number + number // 6) % 3  # another for each unit of a period, and for each period
        if how == 0:
            continue
        late = timedelta(days=20 if how == 1 else -2)
        ProgressReport.objects.create(
            duty=duty,
            work_item=items[duty.code],
            state="APPROVED",
            submitted_by=by,
            submitted_at=NOW.replace(
                year=duty.due_on.year, month=duty.due_on.month, day=duty.due_on.day
            )
            + late,
        )
        duty.met_at = NOW
        duty.save()
    waived = Duty.objects.filter(met_at=None, period="2025Q3").first()
    waived.waived_at, waived.waived_reason = NOW, "无此项"
    waived.save()
    for under in ("banner-zuoqi", "zone-gaoxin"):
        unit = Unit.objects.get(key=under)
        school = make_school(f"{unit.short}的学校", unit, School.Type.NINE_YEAR)
        for grade in ("03", "11", "21", "31"):
            make_child(school=school, grade=grade)
        one_of_each(unit, school, officer(unit), on=date(2025, 9, 10))
        people = officer(unit), officer(unit)
        for number, term in enumerate(("2025/26-1", "2025/26-2"), start=unit.pk * 10):
            aid_of_each(unit, school, *people, term=term, n=number)
    return Duty.objects.all()


@pytest.mark.parametrize("figure", figures.all_figures(), ids=lambda figure: figure.code)
def test_the_list_behind_a_figure_counts_what_it_says(client, reporting, officer, figure):
    """As somebody sees it whose posting covers the unit: the league, a banner, and a zone."""
    units = list(Unit.objects.filter(key__in=("league", "banner-zuoqi", "zone-gaoxin")))
    readers = {unit: officer(unit, Role.SUPERVISOR) for unit in units}
    for period in PERIODS:
        found = figure.compute(period=period, units=units)
        assert found, "no answer for any unit"
        for unit in units:
            if unit.pk not in found:
                continue
            client.force_login(readers[unit])
            answer = client.get(figure.rows(period=period, unit=unit))
            assert answer.status_code == 200
            shown = answer.context["table"].page.paginator.count
            assert shown == (found[unit.pk].numerator or 0), f"{unit.name} {period}"


def test_completeness_and_timeliness_by_hand(reporting, east, league):
    """Of the third quarter's own duties and those of months and terms that end in it."""
    quarter = Period.parse("2025Q3")
    owed = reporting.filter(
        period_end__range=(quarter.start, quarter.end), waived_at=None, unit=east
    )
    complete, timely = (
        figures.get(code).compute(period=quarter, units=[east, league])
        for code in (reported.COMPLETENESS, reported.TIMELINESS)
    )
    assert complete[east.pk].denominator == owed.count()
    assert complete[east.pk].numerator == owed.exclude(met_at=None).count() > 0
    assert 0 < timely[east.pk].numerator < complete[east.pk].numerator
    parts = [
        figures.get(reported.COMPLETENESS).compute(period=quarter, units=[unit])[unit.pk]
        for unit in Unit.objects.filter(kind__in=("BANNER", "ZONE", "OFFICE"))
    ]
    assert complete[league.pk].numerator == sum(part.numerator for part in parts)


def test_a_unit_that_owes_nothing_is_no_case(reporting, units):
    school = units["office-basic"]
    month = Period.parse("2025-09")
    found = figures.get(reported.COMPLETENESS).compute(period=month, units=[school])[school.pk]
    assert (found.state, found.denominator) == (figures.State.NO_CASE, 0)
    assert Closure.objects.filter(ancestor=school).exists()


@pytest.mark.parametrize("figure", figures.all_figures(), ids=lambda figure: figure.code)
def test_a_figure_asks_the_same_few_questions_however_many_units(
    reporting, figure, django_assert_max_num_queries
):
    units = list(Unit.objects.filter(kind__in=("LEAGUE", "BANNER", "ZONE")))
    with django_assert_max_num_queries(6):
        figure.compute(period=Period.parse("2025Q3"), units=units)
