"""What every page shows around its content."""

from django.conf import settings

from common import clock
from common.menu import menu_for, user_line
from common.models import InboxLine


def portal(request):
    user = getattr(request, "user", None)
    shown = {
        "product_name": settings.PRODUCT_NAME,
        "bureau_name": settings.BUREAU_NAME,
        "portal_demo": settings.DEMO,
        "today": clock.today(),
        "request_id": getattr(request, "request_id", ""),
        "idle_seconds": settings.IDLE_SECONDS,
        "text_size": request.COOKIES.get("text_size", ""),
        "density": request.COOKIES.get("density", ""),
    }
    if user is None or not user.is_authenticated:
        return shown
    return shown | {
        "menu": menu_for(user, request.path),
        "inbox_unread": InboxLine.objects.of(user).unread().count(),
        "text_size": user.text_size,
        "density": user.density,
        "posting_line": user_line(user),
    }
