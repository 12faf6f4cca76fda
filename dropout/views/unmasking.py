"""Seeing a child's guarded values whole from the page of its case."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common import clock, options
from common.access import requires
from dropout.views.deed_pages import VIEW, asked, case_or_404
from registry.services import unmasking
from registry.students_forms import UnmaskForm
from registry.views.students import UNMASKED


@requires(VIEW, "registry.unmask_student")
@require_http_methods(["GET", "HEAD", "POST"])
def case_unmask(request, pk):
    """A reason, then the values for some minutes, in this session only: as on the child's page."""
    case = case_or_404(request, pk, VIEW)
    form = UnmaskForm(asked(request))
    if form.is_valid():
        child = case.student
        until = unmasking.unmask(child, by=request.user, reason=form.said, at=clock.now())
        kept = request.session.get(UNMASKED, {})
        request.session[UNMASKED] = {**kept, str(child.pk): int(until.timestamp())}
        return redirect(case)
    n = options.get(unmasking.MINUTES)
    context = {
        "title": _("为什么要看完整信息？"),
        "text": _("会记下您的姓名、时间和原因，审计员可见。显示 %(n)s 分钟后自动隐去。") % {"n": n},
        "yes": _("显示 %(n)s 分钟") % {"n": n},
        "no": _("不看了"),
        "form": form,
        "back": case.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)
