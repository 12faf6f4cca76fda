"""Who may open a page. Every view carries exactly one of these decorators, as its first line."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied

from common.middleware import page_of

GUARDED = "_access_declared"
SIGNED_IN = "signed in"
EVERYONE = "everyone"


def _at_the_door(view):
    """Send who is not signed in to the door, and from there to the page that held the form."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect_to_login(page_of(request))
        return view(request, *args, **kwargs)

    return guarded


def _guard(permissions, lets_in):
    def decorate(view):
        @_at_the_door
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not lets_in(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        setattr(guarded, GUARDED, permissions)
        return guarded

    return decorate


def requires(*permissions):
    """Let in signed-in users who hold all the permissions; the rest get 403."""
    return _guard(permissions, lambda user: user.has_perms(permissions))


def requires_any(*permissions):
    """Let in signed-in users who hold one of the permissions; the rows are still in scope only."""
    return _guard(permissions, lambda user: any(map(user.has_perm, permissions)))


def signed_in(view):
    """Let in every signed-in user: pages about oneself, and files that ask their subject."""
    guarded = _at_the_door(view)
    setattr(guarded, GUARDED, SIGNED_IN)
    return guarded


def requires_or_display(permission, is_display):
    """Let in who holds the permission, and a screen whose code stands: `is_display(request)`."""

    def decorate(view):
        to_door = requires(permission)(view)

        @wraps(view)
        def guarded(request, *args, **kwargs):
            if is_display(request):
                return view(request, *args, **kwargs)
            return to_door(request, *args, **kwargs)

        setattr(guarded, GUARDED, (permission,))
        return guarded

    return decorate


def open_to_all(view):
    """Sign-in itself, health checks, static help."""
    setattr(view, GUARDED, EVERYONE)
    return view
