"""Numbers student aid can compute, each with the list behind it, worked out together.

A unit of whose children no list is known, for whom nothing is expected or nothing was paid has no
answer: blank is not zero.
"""

from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.figures import State, Value, kindred
from subsidies.services import counting
from subsidies.services.counting import COMPARED, COVERED, ERRORS, IN_TIME

LABELS = {
    COVERED: _("资助应助尽助率"),
    IN_TIME: _("资助资金按时足额发放率"),
    COMPARED: _("部门数据比对完成率"),
    ERRORS: _("资助数据差错率"),
}


def _address(code: str):
    def rows(*, period, unit):
        query = {"figure": code, "period": period.code, "unit": unit.pk}
        return f"{reverse('subsidies:number')}?{urlencode(query)}"

    return rows


@kindred(LABELS, source=_("学生资助台账"), rows=_address)
def of_aid(*, period, units):
    """All of a term: covered children of those on lists, awards paid whole and in time of those
    expected, comparisons done of those owed, payments said to be wrong of all."""
    term = counting.term_of(period)
    ways = counting.ways_up(units, term.end)
    people = counting.entitled_and_covered(term)
    awards = counting.expected_and_in_time(term)
    records = counting.records_and_wrong(term)
    compared = counting.compared_by(units, term)
    if not (people or awards or records or any(found.done for found in compared.values())):
        compared = {}  # nobody works with aid here yet
    return {
        COVERED: _shares(ways, people),
        IN_TIME: _shares(ways, awards),
        ERRORS: _shares(ways, records),
        COMPARED: {pk: _share(len(found.done), found.owed) for pk, found in compared.items()},
    }


def _shares(ways, of_schools: dict[int, tuple[int, int]]) -> dict[int, Value]:
    """Of schools told as (whole, part)."""
    bottom = counting.sums(ways, {school: whole for school, (whole, _part) in of_schools.items()})
    top = counting.sums(ways, {school: part for school, (_whole, part) in of_schools.items()})
    return {pk: _share(top[pk], whole) for pk, whole in bottom.items() if whole}


def _share(top: int, bottom: int) -> Value:
    return Value(Decimal(top), Decimal(bottom), State.REPORTED)
