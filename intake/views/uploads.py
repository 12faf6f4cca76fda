"""Handing a sheet in, and the list of what was handed in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from common import clock, exports, files
from common.access import requires, requires_any
from common.htmx import page_or_partial
from common.lists import arrange
from intake.models import Upload
from intake.services import uploads as services
from intake.tables import uploads_seen
from intake.views.kinds import ADD, VIEW, kind_context, kind_or_404, may_add, upload_form


@requires(ADD)
@require_POST
def upload_create(request, kind):
    """Take one file or several. The page's script sends one a request and shows a line for each."""
    form = upload_form(request, kind_or_404(request, kind), request.POST)
    sent = request.FILES.getlist("file")
    if not form.is_valid() or form.unit() is None or not sent:
        return _not_taken(request, form, sent)
    taken, refused = [], []
    for file in sent:
        try:
            taken.append(_take(file, form, by=request.user))
        except services.UploadRefused as why:
            refused.append((files.shown_name(file.name), str(why)))
        except services.NotYours:  # a posting that ended since the page was opened
            refused.append((files.shown_name(file.name), _("这个单位的表不归您交。")))
    if request.headers.get("X-Requested-With") == "fetch":
        return _line(request, taken, refused)
    for name, why in refused:
        messages.error(request, f"{name}{_('：')}{why}")
    if len(taken) == 1:
        return redirect(taken[0])
    if taken:
        said = ngettext("收下 %(n)s 份，正在查。", "收下 %(n)s 份，正在查。", len(taken))
        messages.success(request, said % {"n": len(taken)})
    return redirect("intake:home")


def _take(file, form, *, by) -> Upload:
    return services.take_upload(
        file,
        kind=form.kind.slug,
        by=by,
        unit=form.unit(),
        period=form.cleaned_data.get("period", ""),
        facts=form.facts(),
        at=clock.now(),
    )


def _not_taken(request, form, sent):
    """What must be answered first, or no file at all: nothing was kept."""
    if form.is_valid():
        form.add_error(None, _why_no_file(request, form))
    if request.headers.get("X-Requested-With") == "fetch":
        why = [text for texts in form.errors.values() for text in texts]
        name = files.shown_name(sent[0].name) if sent else ""
        return _line(request, [], [(name, " ".join(why))])
    context = kind_context(request, form)
    return render(request, "intake/kind_detail.html", context, status=422)


def _why_no_file(request, form) -> str:
    if form.unit() is None:
        return _("您现在没有可以替它交表的单位。")
    if getattr(request, "upload_too_large", False):
        return files.too_large()
    return _("先选一个文件。")


def _line(request, taken, refused) -> HttpResponse:
    """The line of one file, as the lists have it."""
    if refused:
        name, why = refused[0]
        context = {"name": name, "why": why}
        return render(request, "intake/_upload_refused.html", context, status=422)
    return render(request, "intake/_upload_line.html", {"upload": taken[0]})


@requires_any(ADD, VIEW)
@require_GET
def upload_list(request):
    """One's own uploads and those of the units one looks after."""
    found, table = uploads_seen(request.user, request.GET)
    arrange(request, table)
    if made := exports.export_response(request, table, "intake.uploads"):
        return made
    mine = Upload.objects.visible_to(request.user).of(request.user)
    context = {
        "filter": found,
        "table": table,
        "waiting": mine.waiting().count(),
        "may_add": may_add(request.user),
        "may_look": request.user.has_perm(VIEW),
    }
    page = "intake/upload_list.html"
    return page_or_partial(request, page, page, context)


@requires_any(ADD, VIEW)
@require_GET
def upload_line(request, pk):
    """The line of one upload, asked for again and again while it moves."""
    upload = get_object_or_404(Upload.objects.visible_to(request.user).for_list(), pk=pk)
    return render(request, "intake/_upload_line.html", {"upload": upload})
