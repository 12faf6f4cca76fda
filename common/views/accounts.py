"""Signing in and out, and one's own account."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language

from common import clock, own_page
from common.access import open_to_all, signed_in
from common.forms.accounts import PasswordForm, PhoneForm, PreferenceForm, SignInForm
from common.middleware import LAST_SEEN, client_address
from common.services import accounts

YEAR = 365 * 24 * 3600
READ_OR_SEND = ["GET", "HEAD", "POST"]


# Signing in and out ------------------------------------------------------------------------------
@open_to_all
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(READ_OR_SEND)
def sign_in(request):
    goal = _next_page(request)
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(goal or settings.LOGIN_REDIRECT_URL)
        return _sign_in_page(request, SignInForm(), idle="idle" in request.GET)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_page(request, form, status=422)
    user = authenticate(request, **form.cleaned_data)
    if user is None:
        locked = getattr(request, "axes_locked_out", False)
        accounts.record_failure(form.cleaned_data["username"], locked=locked, request=request)
        # A lock is answered by `locked_out`, which the middleware of axes calls instead of this.
        return _sign_in_page(request, form, error=_("用户名或密码不对"), status=422)
    _begin_session(request, user)
    return redirect(goal or settings.LOGIN_REDIRECT_URL)


@transaction.atomic
def _begin_session(request, user):
    login(request, user)  # also gives the session a new key
    request.session[LAST_SEEN] = int(clock.now().timestamp())
    accounts.record_sign_in(user)


def _sign_in_page(request, form, status=200, **shown):
    context = {
        "form": form,
        "next": _next_page(request),
        "idle_minutes": settings.IDLE_SECONDS // 60,
        **shown,
    }
    return render(request, "accounts/login.html", context, status=status)


def _next_page(request) -> str:
    """Where to go after signing in: a page of this portal, or nowhere in particular."""
    goal = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        goal, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Without the stroke it would be taken for the name of a view.
    return goal if safe and goal.startswith("/") else ""


def locked_out(request, credentials=None, *args, **kwargs):
    """What axes answers after five failures, whether the account exists or not."""
    username = (credentials or {}).get("username", "")
    minutes = accounts.minutes_locked(username, client_address(request), at=clock.now())
    form = SignInForm(initial={"username": username})
    return _sign_in_page(request, form, locked_minutes=minutes, status=429)


@open_to_all
@require_safe
def to_sign_in(request):
    """The reference pages have no door of their own."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(_next_page(request) or "/admin/")


@open_to_all
@require_POST
def sign_out(request):
    if request.user.is_authenticated:
        accounts.record_sign_out(request.user)
        logout(request)
        messages.success(request, _("已退出"))
    return redirect("accounts:login")


# One's own account -------------------------------------------------------------------------------
@signed_in
@require_http_methods(READ_OR_SEND)
def me(request):
    form = PhoneForm(request.POST or None, initial={"phone": request.user.phone})
    if request.method == "POST" and form.is_valid():
        accounts.change_phone(request.user, phone=form.cleaned_data["phone"])
        messages.success(request, _("电话已改"))
        return redirect("accounts:me")
    context = {"form": form, "panels": own_page.panels_of(request.user)}
    return render(request, "accounts/me.html", context, status=422 if form.errors else 200)


@signed_in
@sensitive_post_parameters()
@never_cache
@require_http_methods(READ_OR_SEND)
def password(request):
    form = PasswordForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            user = accounts.change_password(request.user, password=form.cleaned_data["new"])
        except accounts.SamePassword:
            form.add_error("new", _("新密码要和现在的不一样"))
        else:
            update_session_auth_hash(request, user)
            messages.success(request, _("密码已改，其他地方的登录都已退出"))
            return redirect("home")
    context = {"form": form, "forced": request.user.must_change_password}
    return render(request, "accounts/password.html", context, status=422 if form.errors else 200)


@open_to_all
@require_POST
def preferences(request):
    """大字 and row height: on the account, and in a cookie for the pages before sign-in."""
    form = PreferenceForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    chosen = {field: form.cleaned_data[field] for field in form.fields if field in request.POST}
    if request.user.is_authenticated and chosen:
        accounts.prefer(request.user, **chosen)
    if request.headers.get("X-Requested-With") == "fetch":
        response = HttpResponse(status=204)
    else:
        response = redirect(_next_page(request) or "home")
    for field, value in chosen.items():
        response.set_cookie(field, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


@open_to_all
@require_POST
def language(request):
    """Django's switch, and the account remembers it."""
    code = request.POST.get("language", "")
    if request.user.is_authenticated and code in dict(settings.LANGUAGES):
        accounts.prefer(request.user, language=code)
    return set_language(request)
