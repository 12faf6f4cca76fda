"""The page of one deed on a case: a form, what the deed refuses at its field, then the case again."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from dropout.models import Case

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


def form_page(request, form, *, title, back, case=None, text="", yes=""):
    """The form by itself: first as it is offered, later with what was typed and its faults."""
    context = {"form": form, "title": title, "text": text, "yes": yes, "back": back, "case": case}
    return render(request, "dropout/deed_form.html", context, status=422 if form.is_bound else 200)


def done(request, said: str, to):
    messages.success(request, said)
    return redirect(to)
