"""Pages for what went wrong: one sentence, the way back, a number to report."""

from django.http import HttpResponseBadRequest, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from common import audit


def bad_request(request, exception=None):
    return HttpResponseBadRequest(_bare("400.html", request))


def forbidden(request, exception=None):
    """Whatever a guard refuses is an event too: which page, by whom."""
    if request.user.is_authenticated:
        page = request.resolver_match.view_name if request.resolver_match else ""
        audit.record(
            "common.access_refused",
            by=request.user,
            refused=True,
            title=request.path,
            after={"page": page, "method": request.method},
        )
    return render(request, "403.html", status=403)


def not_found(request, exception=None):
    return render(request, "404.html", status=404)


def server_error(request):
    return HttpResponseServerError(_bare("500.html", request))


def csrf_failed(request, reason=""):
    return render(request, "403_csrf.html", status=403)


def _bare(template, request) -> str:
    """Without context processors: they ask the database, which may be what has failed."""
    return render_to_string(template, {"request_id": getattr(request, "request_id", "")})
