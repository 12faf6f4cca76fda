"""The page of one deed: a form, what the deed refuses at its field, then the thing again."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common import clock
from common.refusals import Stale
from subsidies.services.refusals import Refused

EDITING = require_http_methods(["GET", "HEAD", "POST"])


def asked(request):
    return request.POST if request.method == "POST" else None


def deed_page(
    request,
    form,
    deed: Callable,
    *,
    title,
    done,
    back,
    thing=None,
    text="",
    yes="",
    facts=(),
    then=None,
    template="subsidies/deed_form.html",
    **more,
):
    """Do the deed of a good form. What is refused stands at its field, and what was typed stays.

    `thing` is what a colleague may have changed meanwhile; `done` what is said afterwards, on the
    page `back` or on what `then` makes of what the deed returned.
    """
    if form.is_valid():
        try:
            found = deed(by=request.user, at=clock.now(), **form.cleaned_data)
        except Stale:
            form.add_error(
                None,
                _("别人刚改过。您填的还在，看过现在的内容再提交一次，就以您的为准。"),
            )
            thing.refresh_from_db(fields=["version"])
            form.data = form.data.copy()
            form.data["seen"] = thing.version
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.says)
        else:
            messages.success(request, done(found) if callable(done) else done)
            return redirect(then(found) if then else back)
    context = {
        "form": form,
        "title": title,
        "text": text,
        "yes": yes,
        "facts": facts,
        "back": back,
        **more,
    }
    return render(request, template, context, status=422 if form.is_bound else 200)
