"""Settings that the bureau changes itself: each with its default, who changed it and why."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common import options
from common.access import requires
from common.forms.options import OptionForm


@requires("common.change_option")
@require_safe
def option_list(request):
    return _page(request)


@requires("common.change_option")
@require_POST
def option_change(request, code):
    if options.get_declared(code) is None:
        raise Http404
    shown = next(s for s in options.in_force() if s.declared.code == code)
    form = OptionForm(request.POST, shown=shown)
    if not form.is_valid():
        return _page(request, bad=form, status=422)
    options.change(
        code, form.cleaned_data["value"], by=request.user, reason=form.cleaned_data["reason"]
    )
    messages.success(request, _("已改：%(label)s") % {"label": shown.declared.label})
    return redirect("common:option-list")


def _page(request, bad=None, status=200):
    rows = [
        {
            "shown": shown,
            "form": bad if bad and bad.declared == shown.declared else OptionForm(shown=shown),
        }
        for shown in options.in_force()
    ]
    return render(request, "common/option_list.html", {"rows": rows, "bad": bad}, status=status)
