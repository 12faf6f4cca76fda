"""The big screen: 1920 × 1080, refreshes itself, signed in or with a display's code."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import clock
from common.access import open_to_all, requires, requires_or_display
from common.middleware import client_address
from common.models import Display
from common.services import displays as service
from dashboard.queries import wall

COOKIE = "display"
KEPT = 400 * 24 * 3600  # the longest that browsers keep a cookie
VIEW, CHANGE = "tasks_app.view_standing", "common.change_display"


def is_display(request) -> bool:
    """The screen's code comes as a signed cookie, never in an address."""
    code = request.get_signed_cookie(COOKIE, default="", salt=COOKIE)
    return service.find_display(code) is not None


def _facts() -> dict:
    today = clock.today()
    return {"wall": wall.build_wall(today), "now": clock.now()}


@requires_or_display(VIEW, is_display)
@require_safe
def screen(request):
    return render(request, "dashboard/screen.html", _facts())


@requires_or_display(VIEW, is_display)
@require_safe
def board(request):
    """The moving part, asked for by the screen's own timer."""
    return render(request, "dashboard/_screen.html", _facts())


@requires_or_display(VIEW, is_display)
@require_safe
def chart(request):
    today = clock.today()
    line = wall.line_of(wall.build_wall(today), today)
    return JsonResponse(line.as_json() if line else {})


@open_to_all
@require_http_methods(["GET", "POST"])
def open_display(request):
    """At the screen itself: the code is typed in once and then kept by the browser."""
    if request.method == "GET":
        return render(request, "dashboard/screen_open.html")
    code = request.POST.get("code", "").strip().lower()
    try:
        service.open_display(code, address=client_address(request) or "", at=clock.now())
    except service.UnknownCode:
        context = {"fault": _("没有这个大屏码，或已收回。问开通它的盟局科室。")}
        return render(request, "dashboard/screen_open.html", context, status=422)
    except service.TooManyTries:
        context = {"fault": _("这里连续输错了 10 次。过 15 分钟再输。")}
        return render(request, "dashboard/screen_open.html", context, status=429)
    answer = redirect("dashboard:screen")
    answer.set_signed_cookie(
        COOKIE,
        code,
        salt=COOKIE,
        max_age=KEPT,
        httponly=True,
        secure=request.is_secure(),
        samesite="Strict",
        path="/screen/",
    )
    return answer


@requires(CHANGE)
@require_http_methods(["GET", "POST"])
def displays(request):
    """Which screens there are; a new one's code is shown once."""
    context = {"displays": Display.objects.select_related("made_by").order_by("ended_at", "-pk")}
    if request.method == "POST":
        name = request.POST.get("name", "").strip()
        if not name or len(name) > 60:
            context |= {"fault": _("写明放在哪里，不超过 60 个字。"), "name": name}
            return render(request, "dashboard/displays.html", context, status=422)
        made, code = service.make_display(name, by=request.user, at=clock.now())
        context |= {"made": made, "code": code}
        response = render(request, "dashboard/displays.html", context)
        response["Cache-Control"] = "no-store"
        return response
    return render(request, "dashboard/displays.html", context)


@requires(CHANGE)
@require_POST
def display_end(request, pk):
    display = get_object_or_404(Display, pk=pk)
    service.end_display(display, by=request.user, at=clock.now())
    messages.success(request, _("已收回，那块屏下次刷新就不再显示。"))
    return redirect("dashboard:display-list")
