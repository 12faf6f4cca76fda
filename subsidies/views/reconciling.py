"""Expected against paid: by school and programme, and child by child."""

from django.db.models import Count
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from common.access import requires
from common.exports import export_response
from common.lists import CappedPaginator, arrange, record_listed
from common.templatetags.ax import num
from subsidies.models import Award
from subsidies.models.money import cents
from subsidies.payments_tables import holder_label
from subsidies.reconciling_tables import (
    LATE,
    VIEW,
    PlaceTable,
    children_of,
    place_rows,
    places_of,
)
from subsidies.services.reconciled_places import people_of, summed
from subsidies.services.reconciling import Standing, by_holder, without_award

LISTED = "subsidies.reconciled_listed"


@requires(VIEW)
@require_safe
def reconciling(request):
    """How much of what was expected has come, where it has not, and on whose cards it is."""
    found, places = places_of(request.user, request.GET)
    sort = request.GET.getlist("sort") or None
    table = PlaceTable(place_rows(places), order_by=sort, term=found.period.code)
    arrange(request, table)
    file = export_response(request, table, _("各校资助发放情况"))
    if file is not None:
        return file
    awards = Award.objects.visible_to(request.user, VIEW)
    extra = without_award(found.paid.standing(), awards).aggregate(n=Count("pk"), sum=cents())
    context = {
        "filter": found,
        "table": table,
        "whole": summed(places),
        "strip": _strip(found, summed(places), people_of(found.qs)),
        "extra": extra,
        "extra_address": _payments(found, whose="UNEXPECTED"),
        "holders": _holders(found),
    }
    return render(request, "subsidies/reconciling.html", context)


def _payments(found, **more) -> str:
    return f"{reverse('subsidies:payment-list')}?{urlencode(found.address | more)}"


def _children(found, standing: str) -> str:
    query = urlencode(found.address | {"standing": standing})
    return f"{reverse('subsidies:reconciled-list')}?{query}"


def _strip(found, whole, people: int) -> list[dict]:
    """Money first, then how many person-times stand how; each opens to its rows."""

    def counted(label, count, standing, note=""):
        url = _children(found, standing) if count else ""
        return {
            "label": label,
            "value": num(count),
            "note": note if count and note else _("人次"),
            "url": url,
        }

    return [
        {
            "label": _("应发"),
            "value": num(whole.expected, 2),
            "note": _("元，%(people)s 人、%(times)s 人次")
            % {"people": num(people), "times": num(whole.person_times)},
            "url": _children(found, "") if whole.person_times else "",
        },
        {"label": _("已到卡"), "value": num(whole.paid, 2), "note": _("元")},
        counted(_("未发"), whole.unpaid, Standing.UNPAID),
        counted(
            _("少发"), whole.short, Standing.SHORT, _("少 %(n)s 元") % {"n": num(whole.short_by, 2)}
        ),
        counted(
            _("多发"), whole.over, Standing.OVER, _("多 %(n)s 元") % {"n": num(whole.over_by, 2)}
        ),
        counted(_("银行退回"), whole.sent_back, Standing.RETURNED),
        counted(_("迟发"), whole.late, LATE),
    ]


def _holders(found) -> list[dict]:
    """Whose cards hold the money of these terms."""
    return [
        {
            "label": holder_label(one["relation"]),
            "count": one["count"],
            "paid": one["paid"],
            "url": _payments(found, relation=one["relation"] or "NONE"),
        }
        for one in by_holder(found.paid)
    ]


@requires(VIEW)
@require_safe
def reconciled_list(request):
    """The children behind a number: what each was to get, and got."""
    found, table = children_of(request.user, request.GET)
    arrange(request, table, paginator_class=CappedPaginator)
    file = export_response(request, table, "subsidies.reconciled")
    if file is not None:
        return file
    record_listed(request, table, LISTED)
    n = table.page.paginator.count
    context = {
        "filter": found,
        "table": table,
        "title": ngettext("%(n)s 人次", "%(n)s 人次", n) % {"n": num(n)},
    }
    return render(request, "subsidies/reconciled_list.html", context)
