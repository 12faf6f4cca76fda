"""Codes of big screens: made, used by a screen that nobody is signed in at, taken back."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from common import audit
from common.models import Display, Event
from common.services.accounts import LETTERS

REFUSED = "common.display_refused"
TRIES, PAUSE = 10, timedelta(minutes=15)  # wrong codes from one address in so long, then a rest


class UnknownCode(Exception):
    """No screen has this code, or it was taken back."""


class TooManyTries(Exception):
    """So many wrong codes came from this address that it has to wait."""


def _hash(code: str) -> str:
    return sha256(code.encode()).hexdigest()


def new_code() -> str:
    """A hundred random bits, in five groups of four: typed once at the screen."""
    return "-".join("".join(secrets.choice(LETTERS) for _n in range(4)) for _g in range(5))


@transaction.atomic
def make_display(name: str, *, by, at: datetime) -> tuple[Display, str]:
    """A screen and its code, which is not kept in clear."""
    code = new_code()
    display = Display.objects.create(name=name, code_hash=_hash(code), made_by=by, made_at=at)
    audit.record("common.display_made", display, by=by, after={"name": name})
    return display, code


@transaction.atomic
def end_display(display: Display, *, by, at: datetime) -> None:
    """From now on the screen shows nothing. A second time changes nothing."""
    if Display.objects.filter(pk=display.pk, ended_at=None).update(ended_at=at):
        audit.record("common.display_ended", display, by=by, after={"name": display.name})


def open_display(code: str, *, address: str, at: datetime) -> Display:
    """The screen of a code, as somebody types it in at an address of the network."""
    wrong = Event.objects.filter(verb=REFUSED, address=address, at__gt=at - PAUSE)
    if wrong.count() >= TRIES:
        raise TooManyTries
    display = find_display(code)
    if display is None:
        audit.record(REFUSED, by=None, refused=True)
        raise UnknownCode
    audit.record("common.display_opened", display, by=None, after={"name": display.name})
    return display


def find_display(code: str) -> Display | None:
    if not code:
        return None
    return Display.objects.filter(code_hash=_hash(code), ended_at=None).first()
