"""Where it begins: which sheet is it, what must stand in it, the forms to fill in."""

from io import BytesIO

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common import clock, exports, vault
from common.access import requires, requires_any
from common.htmx import page_or_partial
from common.models import Job
from intake import forms, kinds
from intake.forms_upload import HandoutForm, UploadForm, units_for
from intake.models import Upload

ADD, VIEW = "intake.add_upload", "intake.view_upload"
UNMASK = forms.handing_out.UNMASK
FORM = forms.long.KIND
RECENT = 8


def may_add(user) -> bool:
    return user.has_perm(ADD)


def upload_form(request, kind, data=None) -> UploadForm:
    return UploadForm(data, **_for_whom(request, kind))


def handout_form(request, kind, data=None) -> HandoutForm:
    return HandoutForm(data, **_for_whom(request, kind))


def _for_whom(request, kind) -> dict:
    on = clock.today()
    units = units_for(request.user, kind.permission, on=on)
    return {"kind": kind, "user": request.user, "on": on, "units": units}


def kind_or_404(request, slug):
    """A kind that this person may hand in; of the others nobody is told."""
    kind = kinds.get(slug)
    if kind is None or not request.user.has_perm(kind.permission):
        raise Http404
    return kind


@requires_any(ADD, VIEW)
@require_GET
def home(request):
    """Which sheet do you have? The kinds one may hand in, and what became of the latest."""
    mine = kinds.kinds_for(request.user) if may_add(request.user) else []
    if not mine and request.user.has_perm(VIEW):
        return redirect("intake:sent-list")
    uploads = Upload.objects.visible_to(request.user).of(request.user).for_list()
    context = {
        "offers": [upload_form(request, kind) for kind in mine],
        "recent": uploads[:RECENT],
        "may_look": request.user.has_perm(VIEW),
    }
    return render(request, "intake/home.html", context)


@requires(ADD)
@require_GET
def kind_detail(request, kind):
    """What a sheet of this kind holds, column by column, and where to hand it in."""
    declared = kind_or_404(request, kind)
    form = upload_form(request, declared)
    return render(request, "intake/kind_detail.html", kind_context(request, form))


def kind_context(request, form) -> dict:
    kind = form.kind
    whom = {"kind": kind, "user": request.user, "on": form.context.on, "units": form.units}
    return {
        "kind": kind,
        "form": form,
        "handout": HandoutForm(**whom),
        "handout_whole": HandoutForm(ids="whole-", **whom),
        "may_unmask": request.user.has_perm(UNMASK) and any_masked(kind),
        "columns": [shown_column(kind, column, form.context) for column in kind.columns.values()],
        "rules": [rule.title for rule in kind.rules],
        "key": [kind.columns[name].header for name in kind.key],
    }


def any_masked(kind) -> bool:
    return any(column.encrypted for column in kind.columns.values())


@requires(ADD)
@require_http_methods(["GET", "POST"])
def kind_form(request, kind):
    """The form to fill in: blank, or with what the portal holds. Numbers in clear are a POST with its
    reason."""
    declared = kind_or_404(request, kind)
    asked = request.GET if request.method == "GET" else request.POST
    form = handout_form(request, declared, asked)
    form.fields["reason"].required = request.method == "POST"
    if not form.is_valid() or form.unit() is None:
        faults = [text for texts in form.errors.values() for text in texts]
        messages.error(request, " ".join(faults) or _("您现在没有可以替它交表的单位。"))
        return redirect("intake:kind-detail", kind=kind)
    try:
        made = _made_form(declared, form, is_blank="filled" not in asked)
    except forms.NotAllowed as refused:
        messages.error(request, str(refused))
        return redirect("intake:kind-detail", kind=kind)
    if isinstance(made, Job):
        return redirect("intake:form-made", pk=made.pk)
    return _attachment(made)


def _made_form(kind, form, *, is_blank: bool) -> forms.Form | Job:
    if is_blank:
        return forms.blank_form(kind, form.wanted())
    reason = form.cleaned_data["reason"] if form.fields["reason"].required else ""
    return forms.ask_for_filled(kind, form.wanted(), reason=reason)


def _attachment(form: forms.Form) -> FileResponse:
    return FileResponse(
        BytesIO(form.content),
        as_attachment=True,
        filename=form.name,
        content_type=exports.CONTENT_TYPES["xlsx"],
    )


@requires(ADD)
@require_GET
def form_made(request, pk):
    """A long form: this page waits for its Job, and gives the form once it is there."""
    job = get_object_or_404(Job.objects.of(request.user), pk=pk, kind=FORM)
    try:
        form = forms.made_form(job)
    except vault.Gone:
        messages.warning(request, _("这份预填表只留一天，已经删了，请再下载一次。"))
        return redirect("intake:home")
    if form is None or request.htmx:
        context = {"job": None if form else job, "address": request.path}
        return page_or_partial(request, "intake/form_made.html", "intake/_making.html", context)
    return _attachment(form)


def shown_column(kind, column, context) -> dict:
    return {
        "column": column,
        "is_key": column.name in kind.key,
        "choices": column.choices(context),
    }
