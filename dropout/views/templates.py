"""The bureau's templates of documents: the list, one template with its versions, trying it out."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import audit, clock
from common.access import requires
from common.files import FileRefused, too_large
from dropout.models import NoticeKind, NoticeTemplate
from dropout.services import templates
from dropout.services.documents import fields, filling
from dropout.services.documents.checking import TemplateRefused
from dropout.templates_forms import TemplateForm

CHANGE = "dropout.change_template"
EDITING = require_http_methods(["GET", "HEAD", "POST"])
FETCHED = "dropout.template_fetched"


def document(content: bytes, name: str) -> HttpResponse:
    """A Word document for saving; neither the browser nor anything between keeps it."""
    response = HttpResponse(content, content_type=filling.DOCX)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    return response


@requires(CHANGE)
@require_safe
def template_list(request):
    """Every kind of document, with what is filled in when one is made."""
    kept: dict[str, list[NoticeTemplate]] = {}
    for template in NoticeTemplate.objects.for_list():
        kept.setdefault(template.kind, []).append(template)
    kinds = [(kind, kind.label, kept.get(kind, [])) for kind in NoticeKind]
    context = {"kinds": kinds, "fields": fields.FIELDS}
    return render(request, "dropout/template_list.html", context)


@requires(CHANGE)
@EDITING
def template_new(request):
    asked = request.GET.get("kind", "")
    kind = asked if asked in NoticeKind.values else NoticeKind.CORRECT_BY
    initial = {"kind": kind, "name": str(NoticeKind(kind).label)}
    return _edit(request, None, initial)


@requires(CHANGE)
@EDITING
def template_detail(request, pk):
    template = get_object_or_404(NoticeTemplate, pk=pk)
    initial = {
        "kind": template.kind,
        "name": template.name,
        "legal_basis": template.legal_basis,
        "seen": template.version,
    }
    return _edit(request, template, initial)


def _edit(request, template, initial):
    posted = request.method == "POST"
    form = TemplateForm(
        request.POST if posted else None, request.FILES if posted else None, initial=initial
    )
    if getattr(request, "upload_too_large", False):
        form.add_error("file", too_large())
    if form.is_valid() and (kept := _kept(request, template, form)):
        messages.success(request, _("模板已存。"))
        return redirect("dropout:template-detail", kept.pk)
    context = {
        "template": template,
        "form": form,
        "versions": templates.versions_of(template) if template else [],
        "fields": fields.FIELDS,
    }
    status = 422 if form.is_bound else 200
    return render(request, "dropout/template_detail.html", context, status=status)


def _kept(request, template, form):
    """The template as it was kept; None where a fault stands at its field."""
    facts = dict(form.cleaned_data)
    upload = facts.pop("file")
    try:
        return templates.keep_template(
            template, upload=upload, by=request.user, at=clock.now(), **facts
        )
    except TemplateRefused as refused:
        form.add_error("file", refused.faults)
    except FileRefused as refused:
        form.add_error("file", str(refused))
    except templates.NameTaken:
        form.add_error("name", _("已有叫这个名称的模板。"))
    except templates.Stale:
        form.add_error(
            None, _("别人刚改过这个模板。您填的还在，看过现在的内容再提交一次，就以您的为准。")
        )
        template.refresh_from_db()
        form.data = {**form.data.dict(), "seen": template.version}
    return None


@requires(CHANGE)
@require_POST
def template_use(request, pk):
    """Offer a template, or no longer; a second click does not undo the first."""
    template = get_object_or_404(NoticeTemplate, pk=pk)
    in_use = request.POST.get("to") == "on"
    templates.set_in_use(template, in_use, by=request.user, at=clock.now())
    messages.success(request, _("已启用。") if in_use else _("已停用，登记文书时不再出现。"))
    return redirect("dropout:template-detail", pk)


@requires(CHANGE)
@require_safe
@never_cache
def template_document(request, pk):
    """The newest version as it is, for editing."""
    template = get_object_or_404(NoticeTemplate, pk=pk)
    content = templates.content_of(template, template.kind, at=clock.now())
    audit.record(FETCHED, template, by=request.user)
    return document(content, f"{template.name}.docx")


@requires(CHANGE)
@require_safe
@never_cache
def template_preview(request, pk):
    """The newest version filled with a sample of nobody."""
    template = get_object_or_404(NoticeTemplate, pk=pk)
    content = templates.content_of(template, template.kind, at=clock.now())
    words = fields.samples()
    if template.legal_basis:
        words["法律依据"] = template.legal_basis  # data
    filled = filling.fill(content, words)
    return document(filled, _("%(name)s-样张.docx") % {"name": template.name})


@requires(CHANGE)
@require_safe
@never_cache
def template_built_in(request, kind):
    """The portal's own wording of a kind, to begin with."""
    if kind not in NoticeKind.values:
        raise Http404
    name = NoticeKind(kind).label
    return document(templates.content_of(None, kind, at=clock.now()), f"{name}.docx")
