"""The look after payment: the draws, a new one, its children and what they project, one result."""

import secrets

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import audit, clock
from common.access import requires
from common.exports import export_response
from common.lists import arrange
from registry.models import Unit
from registry.students_filters import UNMASK
from registry.students_tables import shown_name
from subsidies.models import Programme, SampleCheck, SampleItem
from subsidies.samples_forms import DrawForm, ResultForm
from subsidies.samples_tables import SampleItemTable, SampleTable
from subsidies.services import sampling
from subsidies.terms import term_choices, term_label, this_term
from subsidies.views.deed_pages import EDITING, asked, deed_page

VIEW, CHANGE = "subsidies.view_payment", "subsidies.change_sample"


def _units(user):
    return Unit.objects.visible_to(user, CHANGE).exclude(kind=Unit.Kind.VILLAGE).for_list()


@requires(VIEW)
@require_safe
def sample_list(request):
    table = SampleTable(SampleCheck.objects.visible_to(request.user, VIEW).for_list())
    arrange(request, table)
    if exported := export_response(request, table, _("资助抽查")):
        return exported
    return render(request, "subsidies/sample_list.html", {"table": table})


@requires(CHANGE)
@EDITING
def sample_new(request):
    """Draw by chance; the seed is kept, so that anybody can draw the same again."""
    today = clock.today()
    form = DrawForm(
        asked(request),
        terms=term_choices(today),
        initial={"term": this_term(today).previous().code},
        offered={
            "unit": _units(request.user),
            "programme": Programme.objects.offered_to(request.user, CHANGE).distinct().for_list(),
        },
    )

    def draw(*, by, at, seen, seed, **told):
        return sampling.draw_sample(
            by=by, at=at, seed=secrets.randbelow(2**31) if seed is None else seed, **told
        )

    return deed_page(
        request,
        form,
        draw,
        title=_("抽查已发放的资助"),
        text=_("每所学校随机抽几笔，打电话或入户问学生家里收到没有、金额对不对。"),
        yes=_("随机抽取"),
        done=lambda check: _("已抽取 %(n)s 笔。") % {"n": check.items.count()},
        back=reverse("subsidies:sample-list"),
        then=lambda check: check.get_absolute_url(),
    )


@requires(VIEW)
@require_safe
def sample_detail(request, pk):
    """The children of a draw, and the error rate with its interval; it prints as a sheet to fill in."""
    check = get_object_or_404(SampleCheck.objects.visible_to(request.user, VIEW).for_list(), pk=pk)
    may_fill = SampleCheck.objects.visible_to(request.user, CHANGE).filter(pk=pk).exists()
    masked = not request.user.has_perm(UNMASK)
    items = check.items.for_list()
    table = SampleItemTable(items, masked=masked, may_fill=may_fill)
    arrange(request, table)
    if exported := export_response(request, table, _("资助抽查对象")):
        return exported
    audit.record("subsidies.sample_listed", check, by=request.user, after={"rows": check.drawn})
    context = {
        "check": check,
        "term": term_label(check.term),
        "whole": sum(check.drawn_from.values()),
        "found": sampling.project(check),
        "table": table,
        "next": items.filter(result="").first() if may_fill else None,
    }
    return render(request, "subsidies/sample_detail.html", context)


@requires(CHANGE)
@EDITING
def sample_item(request, pk):
    mine = SampleItem.objects.visible_to(request.user, CHANGE).for_list()
    item = get_object_or_404(mine.select_related("check_of__unit"), pk=pk)
    given = {
        "seen": item.version,
        "how": item.how,
        "on": item.done_on or clock.today(),
        "result": item.result,
        "received": item.received,
        "note": item.note,
    }
    payment, masked = item.payment, not request.user.has_perm(UNMASK)
    return deed_page(
        request,
        ResultForm(asked(request), initial=given),
        lambda **told: sampling.record_result(item, **told),
        title=_("登记抽查结果"),
        facts=[
            (_("学生"), shown_name(payment, masked=masked)),
            (_("学校"), payment.school.short),
            (_("资助项目"), f"{payment.programme} {term_label(payment.term)}"),
            (_("发放金额（元）"), f"{payment.amount:,.2f}"),
            (_("发到谁的卡"), payment.get_relation_display() or "—"),
        ],
        done=_("已登记。"),
        back=item.check_of.get_absolute_url(),
        thing=item,
    )
