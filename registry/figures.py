"""Numbers the registry can compute: how many villages and communities a unit has."""

from collections import Counter
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.figures import Value, figure
from registry.models import Closure, Unit, in_force


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
