"""What every request carries: a number, where it came from, and the clock of its session."""

import secrets
from ipaddress import ip_address
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation

from common import audit, clock

LAST_SEEN = "last_seen"
# Requests that a timer makes, not a person: they never extend a session.
TIMER_HEADER = "X-Timer"


def client_address(request) -> str | None:
    """Where a request comes from; behind proxies what the outermost of our own has seen.

    Each proxy adds an address at the end of the header; what stands before is anybody's word.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES:
        seen = request.headers.get("X-Forwarded-For", "").split(",")
        if len(seen) >= settings.PROXIES:
            address = seen[-settings.PROXIES].strip()
    try:
        return str(ip_address(address.strip("[]")))
    except ValueError:
        return None


def request_facts(get_response):
    """Give the request a number and tell the audit where deeds come from."""

    def middleware(request):
        request.request_id = secrets.token_hex(4).upper()
        facts = audit.RequestFacts(client_address(request) or "", request.request_id)
        token = audit.set_facts(facts)
        try:
            response = get_response(request)
        finally:
            audit.reset_facts(token)
        response["X-Request-ID"] = request.request_id
        if request.user.is_authenticated if hasattr(request, "user") else False:
            # A signed-in page must not come back from the browser's store after sign-out.
            response.setdefault("Cache-Control", "no-store, private")
        return response

    return middleware


def readable_request(get_response):
    """Refuse an address with a NUL, which no page links to and no database stores."""

    def middleware(request):
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("a NUL in the address")
        return get_response(request)

    return middleware


def _sign_in_again(request):
    query = urlencode({"idle": 1, "next": page_of(request)})
    address = f"{reverse('accounts:login')}?{query}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=401, headers={"X-Login": address})
    return redirect(address)


def page_of(request) -> str:
    """The page to come back to: of a POST, the page that held the form."""
    if request.path == reverse("accounts:login"):
        return request.GET.get("next", "/")
    if request.method in ("GET", "HEAD") and not _asks_for_a_part(request):
        return request.get_full_path()
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    _scheme, _sep, rest = came_from.partition("://")
    host, slash, path = rest.partition("/")
    return slash + path if host == request.get_host() else "/"


def _asks_for_a_part(request) -> bool:
    headers = request.headers
    return bool(headers.get("HX-Request")) or headers.get("X-Requested-With") == "fetch"


def chosen_language(get_response):
    """Chinese, unless the person chose otherwise: what the browser asks for says little here."""

    def middleware(request):
        wanted = getattr(request.user, "language", "") or request.COOKIES.get(
            settings.LANGUAGE_COOKIE_NAME, ""
        )
        known = wanted in dict(settings.LANGUAGES)
        request.LANGUAGE_CODE = wanted if known else settings.LANGUAGE_CODE
        with translation.override(request.LANGUAGE_CODE):
            response = get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response

    return middleware


def idle_sign_out(get_response):
    """Sign out after half an hour without a deed of the person's own."""

    def middleware(request):
        if request.user.is_authenticated:
            now = int(clock.now().timestamp())
            last = request.session.get(LAST_SEEN, now)
            if now - last > settings.IDLE_SECONDS:
                audit.record("common.idle_sign_out", request.user, by=request.user)
                logout(request)
                return _sign_in_again(request)
            by_timer = request.headers.get(TIMER_HEADER) == "1"
            if not by_timer and (now - last >= 60 or LAST_SEEN not in request.session):
                request.session[LAST_SEEN] = now
        elif _asks_for_a_part(request) and request.path != reverse("accounts:login"):
            # A part of a page asked for without a session must not swap in the sign-in page.
            return _sign_in_again(request)
        return get_response(request)

    return middleware


def forced_password_change(get_response):
    """After a reset nothing opens before the person has chosen a password."""

    def middleware(request):
        user = request.user
        if user.is_authenticated and user.must_change_password:
            allowed = (
                reverse("accounts:password"),
                reverse("accounts:logout"),
                reverse("accounts:preferences"),
                reverse("set_language"),
            )
            if request.path not in allowed and not request.path.startswith(settings.STATIC_URL):
                return redirect("accounts:password")
        return get_response(request)

    return middleware
