"""Numbers dropout control can compute, each with the list behind it.

A unit without a case, of whose schools none has returned a month, has no answer: blank is not zero.
"""

from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.figures import State, Value, figure, kindred
from dropout.services import counts, touched

LABELS = {
    touched.OPEN_POVERTY: _("脱贫家庭学生因贫失学辍学未销号个案"),
    touched.OPEN: _("失学辍学未销号个案"),
    touched.OPEN_LEARNING: _("因学习困难或厌学辍学未销号个案"),
    touched.RETURNED: _("辍学学生劝返复学率"),
}


def _address(code: str):
    def rows(*, period, unit):
        query = {"figure": code, "period": period.code, "unit": unit.pk}
        return f"{reverse('dropout:number')}?{urlencode(query)}"

    return rows


@kindred(LABELS, source=_("控辍保学个案"), rows=_address)
def of_cases(*, period, units):
    """All figures of cases in two questions.

    Open is who was confirmed by the period's end and not closed then; the relapsed count anew.
    Returned is, of the children confirmed in the period, who is back at school or lawfully placed
    at its end.
    """
    found = counts.of_cases(period, units)
    working = counts.units_that_work(units, period)
    confirmed = found.pop(counts.CONFIRMED)
    back = found.pop(touched.RETURNED)
    answers = {
        code: {pk: Value(Decimal(number[pk])) for pk in working} for code, number in found.items()
    }
    return answers | {touched.RETURNED: {pk: _share(back[pk], confirmed[pk]) for pk in working}}


@figure(
    touched.LESSONS,
    label=_("送教上门计划完成率"),
    source=_("送教记录和送教计划"),
    rows=_address(touched.LESSONS),
)
def home_lessons(*, period, units):
    """Lessons given, of those that the plans in force ask for."""
    given, planned = counts.lessons_by_unit(period, units)
    working = counts.units_that_work(units, period)
    return {pk: _share(given[pk], planned[pk]) for pk in working}


def _share(top: int, bottom: int) -> Value:
    """Nobody to be brought back is no case: never 0 % and never 100 %."""
    state = State.REPORTED if bottom else State.NO_CASE
    return Value(Decimal(top), Decimal(bottom), state)
