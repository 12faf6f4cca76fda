"""Checks of what the database holds; run with `manage.py check --database default` and by `serve`."""

from django.conf import settings
from django.core.checks import Tags, Warning, register
from django.db import DatabaseError

from common.models import User
from dashboard.demo.people import PASSWORD, PEOPLE


def demonstration_accounts() -> list[str]:
    """The accounts that anybody can sign in to, because their password is printed in the manual."""
    known = User.objects.active().filter(username__in=[person[0] for person in PEOPLE])
    return sorted(user.username for user in known if user.check_password(PASSWORD))


@register(Tags.database)
def no_public_sign_ins(app_configs, databases=None, **kwargs):
    if settings.DEMO or not databases:
        return []
    try:
        open_to_all = demonstration_accounts()
    except DatabaseError:  # before the first migration
        return []
    if not open_to_all:
        return []
    return [
        Warning(
            f"Demonstration accounts with their public password: {', '.join(open_to_all)}.",
            hint="Set PORTAL_DEMO=1 for a demonstration, else begin an empty database (PORTAL_VAR "
            "or DATABASE_URL) with `manage.py setup_bureau`.",
            id="portal.W001",
        )
    ]
