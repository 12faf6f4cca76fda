"""Checks that fail the start, so that a forgotten guard never reaches a user."""

from django.core.checks import Error, register
from django.urls import URLPattern, get_resolver

from common.access import GUARDED

# Guarded elsewhere: the admin site asks `is_staff` and permissions; the language switch shows nothing.
ADMIN = "admin/"
THIRD_PARTY = ("django.views.i18n",)


def all_patterns(patterns, prefix=""):
    """Every (address, pattern) below the given patterns."""
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address, pattern
        else:
            yield from all_patterns(pattern.url_patterns, address)


@register
def every_view_declares_access(app_configs, **kwargs):
    found = []
    for address, pattern in all_patterns(get_resolver().url_patterns):
        view = pattern.callback
        if hasattr(view, GUARDED) or address.startswith(ADMIN):
            continue
        if view.__module__.startswith(THIRD_PARTY):
            continue
        found.append(
            Error(
                f"{view.__module__}.{view.__qualname__} ({address}) has no access decorator",
                hint="Put @requires, @signed_in or @open_to_all on its first line.",
                id="portal.E001",
            )
        )
    return found
