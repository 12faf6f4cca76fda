"""Looking for a person: what was typed is kept encrypted for an hour, the address holds a key of it."""

import secrets
from datetime import datetime, timedelta

from common import audit
from registry import identity
from registry.models import PersonSearch

KEPT = timedelta(hours=1)
LEAST = 2  # characters of a name
SEARCHED = "registry.person_searched"


class TooShort(Exception):
    """One character of a name would list a whole clan."""


class NoSearch(Exception):
    """The key is nobody's, somebody else's, or its hour is over."""


def begin_search(text: str, *, by, at: datetime) -> PersonSearch:
    """Keep what somebody looks for; the event says of what kind it is and not what it is."""
    text = normal(text)
    if len(text) < LEAST:
        raise TooShort(len(text))
    search = PersonSearch.objects.create(
        key=secrets.token_urlsafe(24), user=by, text=text, expires_at=at + KEPT
    )
    audit.record(SEARCHED, by=by, after={"by_number": is_number(text)})
    return search


def find_search(key: str, *, by, at: datetime) -> PersonSearch:
    search = PersonSearch.objects.of(by, at).filter(key=key).first()
    if search is None:
        raise NoSearch
    return search


def narrow(students, search: PersonSearch):
    """The children that a search means: a number matches exactly, a name by its beginning."""
    if is_number(search.text):
        return students.numbered(
            identity.number_index(search.text),
            identity.phone_index(identity.normal_phone(search.text)),
        )
    return students.named(search.text)


def only_one(students, search: PersonSearch):
    """The child that a number means, where it is one: no list between the number and the page."""
    if not is_number(search.text):
        return None
    found = list(narrow(students, search)[:2])
    return found[0] if len(found) == 1 else None


def is_number(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def normal(text: str) -> str:
    return identity.normal_number(text) if is_number(text) else identity.normal_name(text)


def clear_searches(*, at: datetime) -> int:
    """Searches whose hour is over go for good."""
    return PersonSearch.objects.expired(at).delete()[0]
