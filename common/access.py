"""Who may open a page. Every view carries exactly one of these decorators, as its first line."""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied

GUARDED = "_access_declared"
SIGNED_IN = "signed in"
EVERYONE = "everyone"


def requires(*permissions):
    """Let in signed-in users who hold all the permissions; the rest get 403."""

    def decorate(view):
        @login_required
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.has_perms(permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        setattr(guarded, GUARDED, permissions)
        return guarded

    return decorate


def signed_in(view):
    """Let in every signed-in user: pages about oneself, and files that ask their subject."""
    guarded = login_required(view)
    setattr(guarded, GUARDED, SIGNED_IN)
    return guarded


def open_to_all(view):
    """Sign-in itself, health checks, static help."""
    setattr(view, GUARDED, EVERYONE)
    return view
