"""The page of one deed on a case: a form, what the deed refuses at its field, then the case again."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common import clock, masks
from common.models import User
from common.refusals import Stale
from dropout.models import Case
from dropout.services.refusals import Refused
from registry.models import Posting

EDITING = require_http_methods(["GET", "HEAD", "POST"])
VIEW, CHANGE, RECORD, REVIEW = (
    "dropout.view_case",
    "dropout.change_case",
    "dropout.record_visit",
    "dropout.review_case",
)


def case_or_404(request, pk, permission) -> Case:
    mine = Case.objects.visible_to(request.user, permission)
    return get_object_or_404(mine.select_related("student", "unit", "school", "township"), pk=pk)


def asked(request):
    return request.POST if request.method == "POST" else None


def today(case: Case, *names: str) -> dict:
    """What a form begins with: today in these fields, and the version that was looked at."""
    return {name: clock.today() for name in names} | {"seen": case.version}


def officers(unit):
    """Who reports for a unit today."""
    posted = Posting.objects.reporting_for(unit, clock.today())
    return User.objects.filter(pk__in=posted.values("user")).order_by("name", "username")


def _about(case: Case) -> str:
    """Whose form it is: a mask, for nobody has said yet why they need the name."""
    episode = case.latest
    state = episode.get_state_display() if episode else ""
    return " | ".join(filter(None, (masks.name(case.student.name), case.unit.short, state)))


def deed_page(
    request, case: Case, form, deed: Callable, *, title, done, text="", yes="", back=None, then=None
):
    """Do the deed of a good form. What is refused stands at its field, and what was typed stays.

    Afterwards the page `back`, or what `then` makes of what the deed returned.
    """
    back = back or case.get_absolute_url()
    if form.is_valid():
        try:
            found = deed(by=request.user, at=clock.now(), **form.cleaned_data)
        except Stale:
            form.add_error(
                None,
                _("别人刚改过这件个案。您填的还在，看过现在的内容再提交一次，就以您的为准。"),
            )
            case.refresh_from_db(fields=["version"])
            form.data = {**form.data.dict(), "seen": case.version}
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.says)
        else:
            messages.success(request, done)
            return redirect(then(found) if then else back)
    context = {"case": case, "form": form, "title": title, "text": text, "yes": yes, "back": back}
    context["about"] = _about(case) if case else ""
    return render(request, "dropout/deed_form.html", context, status=422 if form.is_bound else 200)
