"""Numbers dropout control can compute, each with the list behind it.

A unit without a case, of whose schools none has returned a month, has no answer: blank is not zero.
"""

from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.figures import State, Value, figure
from dropout.services import counts, touched

LABELS = {
    touched.OPEN_POVERTY: _("脱贫家庭学生因贫失学辍学未销号个案"),
    touched.OPEN: _("失学辍学未销号个案"),
    touched.OPEN_LEARNING: _("因学习困难或厌学辍学未销号个案"),
}


def _address(code: str):
    def rows(*, period, unit):
        query = {"figure": code, "period": period.code, "unit": unit.pk}
        return f"{reverse('dropout:number')}?{urlencode(query)}"

    return rows


def _open_cases(code: str):
    def compute(*, period, units):
        """Confirmed by the period's end and not closed then; the relapsed count anew."""
        found = counts.by_unit(counts.behind(code, period), units, period.end)
        working = counts.units_that_work(units, period)
        return {pk: Value(Decimal(found[pk])) for pk in working}

    return compute


for _code, _label in LABELS.items():
    figure(_code, label=_label, source=_("控辍保学个案"), rows=_address(_code))(_open_cases(_code))


@figure(
    touched.RETURNED,
    label=_("辍学学生劝返复学率"),
    source=_("控辍保学个案"),
    rows=_address(touched.RETURNED),
)
def returned(*, period, units):
    """Of the children confirmed in the period, those back at school or lawfully placed at its end."""
    confirmed = counts.by_unit(counts.confirmed_in(period), units, period.end)
    back = counts.by_unit(counts.behind(touched.RETURNED, period), units, period.end)
    working = counts.units_that_work(units, period)
    return {pk: _share(back[pk], confirmed[pk]) for pk in working}


@figure(
    touched.LESSONS,
    label=_("送教上门计划完成率"),
    source=_("送教记录和送教计划"),
    rows=_address(touched.LESSONS),
)
def home_lessons(*, period, units):
    """Lessons given, of those that the plans in force ask for."""
    given = counts.lessons_by_unit(period, units)
    planned = counts.planned_by_unit(period, units)
    working = counts.units_that_work(units, period)
    return {pk: _share(given[pk], planned[pk]) for pk in working}


def _share(top: int, bottom: int) -> Value:
    """Nobody to be brought back is no case: never 0 % and never 100 %."""
    state = State.REPORTED if bottom else State.NO_CASE
    return Value(Decimal(top), Decimal(bottom), state)
