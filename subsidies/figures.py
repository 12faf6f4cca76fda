"""Numbers student aid can compute, each with the list behind it, worked out together.

A unit of whose children no list is known, for whom nothing is expected or nothing was paid has no
answer: blank is not zero.
"""

from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.figures import State, Value, kindred
from subsidies.services.counting import COMPARED, COVERED, ERRORS, IN_TIME, Counts

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
    counts = Counts(period, units)
    people = counts.entitled_and_covered()
    awards = counts.expected_and_in_time()
    records = counts.records_and_wrong()
    compared = counts.compared()
    if not (people or awards or records or any(found.done for found in compared.values())):
        compared = {}  # nobody works with aid here yet
    return {
        COVERED: _shares(counts.sums(people)),
        IN_TIME: _shares(counts.sums(awards)),
        ERRORS: _shares(counts.sums(records)),
        COMPARED: {pk: _share(len(found.done), found.owed) for pk, found in compared.items()},
    }


def _shares(of_units: dict[int, tuple[int, int]]) -> dict[int, Value]:
    return {pk: _share(part, whole) for pk, (whole, part) in of_units.items()}


def _share(top: int, bottom: int) -> Value:
    return Value(Decimal(top), Decimal(bottom), State.REPORTED)
