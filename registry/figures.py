"""Numbers the registry can compute: villages and communities, children at school by stage."""

from collections import Counter
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.figures import Value, figure
from registry.models import Closure, Unit, in_force, schools_counting
from registry.services.enrolled import STAGES, grades_of


def villages_address(*, period, unit):
    query = {"kind": Unit.Kind.VILLAGE, "under": unit.pk, "on": period.end.isoformat()}
    return f"{reverse('registry:unit-list')}?{urlencode(query)}"


@figure(
    "registry.villages",
    label=_("嘎查村、社区数"),
    source=_("单位名录"),
    rows=villages_address,
)
def villages(*, period, units):
    """Villages and communities at the period's end; those run by a zone count in the zone."""
    counted = Counter(
        Closure.objects.filter(
            in_force(period.end),
            in_force(period.end, "descendant__"),
            ancestor__in=[unit.pk for unit in units],
            descendant__kind=Unit.Kind.VILLAGE,
            counts=True,
        ).values_list("ancestor_id", flat=True)
    )
    return {unit.pk: Value(Decimal(counted[unit.pk])) for unit in units}


# Children at school ----------------------------------------------------------------------------------
LABELS = {
    "registry.enrolled": _("在校（园）学生数"),
    "registry.enrolled_kindergarten": _("在园幼儿数"),
    "registry.enrolled_compulsory": _("义务教育在校生数"),
    "registry.enrolled_senior": _("高中阶段在校生数"),
}


def _children_address(code: str):
    def address(*, period, unit):
        query = {"unit": unit.pk, "on": period.end.isoformat(), "stage": code}
        return f"{reverse('registry:student-list')}?{urlencode(query)}"

    return address


def _children_at_school(code: str):
    def compute(*, period, units):
        """Children at school at the period's end; of two schools in one unit a child counts once.

        A unit of which the portal holds no child on that day has not reported: blank is not zero.
        """
        child = "descendant__enrolments__student"
        at_school = in_force(period.end, "descendant__enrolments__")
        counted = (
            schools_counting(period.end)
            .filter(at_school, ancestor__in=[unit.pk for unit in units])
            .order_by()
            .values("ancestor")
            .annotate(
                held=Count(child),
                of_stage=Count(
                    child,
                    distinct=True,
                    filter=Q(descendant__enrolments__grade__in=grades_of(code)),
                ),
            )
        )
        return {row["ancestor"]: Value(Decimal(row["of_stage"])) for row in counted if row["held"]}

    return compute


for _code in STAGES:
    figure(
        _code,
        label=LABELS[_code],
        source=_("学生名册"),
        rows=_children_address(_code),
    )(_children_at_school(_code))
