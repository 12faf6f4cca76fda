"""The log of deeds. One event a deed, written in the deed's own transaction."""

from contextvars import ContextVar
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _

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


# Words for people ----------------------------------------------------------------------------------
_verbs: dict[str, str | Promise] = {}
_fields: dict[str, str | Promise] = {}


def label_verbs(labels: dict) -> None:
    """Declare what the verbs of an app are called, in `<app>/verbs.py`."""
    for verb, label in labels.items():
        if verb in _verbs:
            raise ValueError(f"Verb {verb} is labelled twice")
        _verbs[verb] = label


def label_fields(labels: dict) -> None:
    """Declare what the names in `before` and `after` are called."""
    _fields.update(labels)


def verb_label(verb: str) -> str:
    return str(_verbs.get(verb, verb))


def verb_choices() -> list[tuple[str, str]]:
    return sorted((verb, str(label)) for verb, label in _verbs.items())


def has_label(verb: str) -> bool:
    return verb in _verbs


def field_label(name: str) -> str:
    return str(_fields.get(name, name))


def as_rows(event: Event) -> list[dict]:
    """Before and after, side by side, each under its name."""
    before, after = event.before or {}, event.after or {}
    return [
        {
            "label": field_label(name),
            "before": _readable(before.get(name)),
            "after": _readable(after.get(name)),
            "differs": name in before and name in after and before[name] != after[name],
        }
        for name in [*before, *(name for name in after if name not in before)]
    ]


def _readable(value) -> str:
    match value:
        case None | "" | [] | {}:
            return "—"
        case bool():
            return _("是") if value else _("否")
        case list():
            return _("、").join(_readable(one) for one in value)
        case dict():
            return _("；").join(f"{field_label(k)} {_readable(v)}" for k, v in value.items())
    return str(value)


def subject_label(code: str) -> str:
    declared = subjects.get(code)
    return str(declared.label) if declared else ""
