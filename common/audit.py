"""The log of deeds. One event a deed, written in the deed's own transaction."""

from contextvars import ContextVar
from dataclasses import dataclass

from django.db import models

from common import clock, subjects
from common.models import Event


@dataclass(frozen=True)
class RequestFacts:
    """Where a deed came from."""

    address: str = ""
    request_id: str = ""


NOWHERE = RequestFacts()
_facts: ContextVar[RequestFacts] = ContextVar("request_facts", default=NOWHERE)


def set_facts(facts: RequestFacts):
    return _facts.set(facts)


def reset_facts(token):
    _facts.reset(token)


def current_facts() -> RequestFacts:
    return _facts.get()


def record(
    verb: str,
    subject: models.Model | None = None,
    *,
    by,
    before: dict | None = None,
    after: dict | None = None,
    refused: bool = False,
    title: str = "",
) -> Event:
    """Write one event. `by` is a User, or None for the portal itself.

    `before` and `after` hold field names, codes and masks: never a name or number of a child.
    """
    facts = _facts.get()
    return Event.objects.create(
        at=clock.now(),
        actor_id=by.pk if by else None,
        actor=f"{by.name} ({by.username})"[:120] if by else "",
        address=facts.address,
        request_id=facts.request_id,
        verb=verb,
        subject_code=subject._meta.label_lower if subject else "",
        subject_pk=str(subject.pk) if subject else "",
        subject_title=(title or (subjects.title_of(subject) if subject else ""))[:200],
        before=before,
        after=after,
        outcome=Event.Outcome.REFUSED if refused else Event.Outcome.OK,
    )


def changes(old: dict, new: dict) -> tuple[dict, dict]:
    """Only the fields that differ, as (before, after)."""
    differing = [name for name in new if old.get(name) != new[name]]
    return {n: old.get(n) for n in differing}, {n: new[n] for n in differing}
