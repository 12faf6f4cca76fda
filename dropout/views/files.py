"""Photos and scans of what was done: the page of one fact with its files."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common import files, subjects
from common.access import requires
from common.models import StoredFile
from dropout.models import Closing, Notice, Placement, RulingOut, Visit

# code in the address -> model, purpose of its files
HOLDERS = {
    "visit": (Visit, "photo"),
    "notice": (Notice, "scan"),
    "placement": (Placement, "proof"),
    "rulingout": (RulingOut, "proof"),
    "closing": (Closing, "proof"),
}

CHANGE = "dropout.change_case"
WITHDRAWN_HERE = ("visit", "placement")


def _may_change(user, thing) -> bool:
    if not user.has_perm(CHANGE):
        return False
    return type(thing).objects.visible_to(user, CHANGE).filter(pk=thing.pk).exists()


@requires("dropout.view_case")
@require_safe
def attachments(request, kind, pk):
    model, purpose = HOLDERS.get(kind, (None, ""))
    thing = model and subjects.find(model._meta.label_lower, pk, request.user)
    if thing is None:
        raise Http404
    withdrawable = kind in WITHDRAWN_HERE and not thing.is_withdrawn
    context = {
        "thing": thing,
        "kind": kind,
        "may_withdraw": withdrawable and _may_change(request.user, thing),
        "case": thing.episode.case,
        "purpose": purpose,
        "files": StoredFile.objects.of(model._meta.label_lower, thing.pk).select_related(
            "uploaded_by"
        ),
        "may_attach": files.may_attach(thing, request.user, purpose),
    }
    return render(request, "dropout/attachments.html", context)
