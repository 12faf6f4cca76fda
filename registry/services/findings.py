"""Findings: raised and cleared by rules, answered by the unit, looked at by another person.

A rule is declared by the app that knows it (`declare`); what it has found is settled set by set. A
finding whose answer was accepted does not come back unless its facts change.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b

from django.db import transaction
from django.db.models import Q

from common import audit, inbox, options
from common.models import User
from registry.models import Finding, Posting
from registry.services.duties import Workdays

_kinds: dict[str, "Kind"] = {}
TEXT_MOST = 500
MOST_NAMED = 5_000  # subjects named in one question to the database


class AlreadyEnded(Exception):
    """Somebody accepted the answer, or the facts are no longer so."""


class NothingToLookAt(Exception):
    """There is no answer yet, or it has changed since the page was opened."""


class OwnAnswer(Exception):
    """Nobody looks at their own answer."""


class NoteMissing(Exception):
    """An answer, and sending one back, need a word."""


# What rules there are ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Kind:
    """Rules of one kind: how a finding of theirs is told, and where what it is about can be seen."""

    code: str
    label: str
    says: Callable  # (finding) -> the facts in a sentence
    address: Callable  # (finding) -> str
    rules: dict[str, str] = field(default_factory=dict)  # code -> label, of rules with names


def declare(code: str, *, label, says, address, rules: dict | None = None) -> Kind:
    """Declare the rules whose codes begin so: `tasks_app.quality` for `tasks_app.quality.12`.

    `rules` names those that people know by name, so that a list can be narrowed to one.
    """
    if code in _kinds:
        raise ValueError(f"Findings of {code} are declared twice")
    _kinds[code] = Kind(code, label, says, address, rules or {})
    return _kinds[code]


def _kind(rule: str) -> Kind | None:
    return _kinds.get(".".join(rule.split(".")[:2]))


def kind_of(finding: Finding) -> Kind | None:
    return _kind(finding.rule)


def is_rule(code: str) -> bool:
    """Whether the code can be that of a rule."""
    return _kind(code) is not None and len(code) <= 80


def label_of(code: str) -> str:
    """One rule of a kind, as a list that is narrowed to it says."""
    kind = _kind(code)
    if code in kind.rules:
        return f"{kind.label}：{kind.rules[code]}"  # data
    return f"{kind.label} {code.rpartition('.')[2]}"


def all_kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: kind.code)


def said(finding: Finding) -> str:
    """What was found, in a sentence."""
    kind = kind_of(finding)
    return str(kind.says(finding)) if kind else finding.rule


# Raising and clearing ----------------------------------------------------------------------------
Place = tuple[str, str, str, str]  # rule, subject's code and key, period


@dataclass(frozen=True)
class Found:
    """What a rule has found of a subject."""

    rule: str
    subject_code: str
    subject_pk: str
    unit_id: int
    facts: dict = field(hash=False)
    period: str = ""
    told: dict = field(default_factory=dict, hash=False)  # kept beside the facts, and may change

    @property
    def place(self) -> Place:
        return self.rule, self.subject_code, self.subject_pk, self.period

    @property
    def digest(self) -> str:
        text = json.dumps(self.facts, sort_keys=True, ensure_ascii=False, default=str)
        return blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Settled:
    raised: int = 0
    cleared: int = 0


@transaction.atomic
def settle(
    found: Iterable[Found],
    *,
    rules: Iterable[str],
    checked: set[Place] | None,
    at: datetime,
    on: date,
) -> Settled:
    """Keep in step with what rules have found where they looked.

    `rules` are all that looked, `checked` the places they looked at (None: everywhere): what is open
    there and was not found again has cleared. Changed facts end a finding and raise a new one.
    """
    found = {one.place: one for one in found}
    standing, accepted = _known(set(rules), found, checked)
    over = [
        row
        for place, row in standing.items()
        if (checked is None or place in checked)
        and (place not in found or found[place].digest != row.facts_hash)
    ]
    gone = {row.pk for row in over}
    still = {place for place, row in standing.items() if row.pk not in gone}
    fresh = [
        one
        for place, one in found.items()
        if place not in still and (place, one.digest) not in accepted
    ]
    if over:
        Finding.objects.filter(pk__in=gone).update(ended_at=at, end=Finding.End.CLEARED)
    if fresh:
        _raise(fresh, at=at, on=on)
    if fresh or over:
        after = {"raised": len(fresh), "cleared": len(over)}
        audit.record("registry.findings_settled", by=None, after=after, title=_rules_named(rules))
    return Settled(len(fresh), len(over))


def _rules_named(rules: Iterable[str]) -> str:
    return ", ".join(sorted(set(rules)))[:200]


def _known(rules: set[str], found: dict, checked: set[Place] | None):
    """({place: the open finding}, {(place, digest) whose answer was accepted})."""
    wanted = Q(ended_at=None)
    if checked is not None:
        wanted &= _somewhere(checked)
    if found:
        wanted |= Q(end=Finding.End.ACCEPTED) & _somewhere(found)
    standing, accepted = {}, set()
    for row in Finding.objects.filter(wanted, rule__in=rules):
        place = (row.rule, row.subject_code, row.subject_pk, row.period)
        if row.is_open:
            standing[place] = row
        else:
            accepted.add((place, row.facts_hash))
    return standing, accepted


def _somewhere(places: Iterable[Place]) -> Q:
    """Roughly there: the exact places are picked in memory. Very many are not named at all."""
    keys = {pk for _rule, _code, pk, _period in places}
    return Q(subject_pk__in=keys) if len(keys) <= MOST_NAMED else Q()


def _raise(fresh: list[Found], *, at: datetime, on: date) -> None:
    due_on = Workdays().after(on, options.get("registry.finding_days"))
    Finding.objects.bulk_create(
        (
            Finding(
                rule=one.rule,
                subject_code=one.subject_code,
                subject_pk=one.subject_pk,
                period=one.period,
                unit_id=one.unit_id,
                facts=one.facts | one.told,
                facts_hash=one.digest,
                found_at=at,
                due_on=due_on,
            )
            for one in fresh
        ),
        batch_size=500,
    )
    _tell_units(Counter(one.unit_id for one in fresh), at=at, on=on)


def _tell_units(counts: Counter, *, at: datetime, on: date) -> None:
    """One line a unit to the officials who report for it."""
    people: dict[int, list[User]] = {}
    posted = Posting.objects.who_report(on).filter(unit__in=counts)
    for posting in posted:
        people.setdefault(posting.unit_id, []).append(posting.user)
    for unit, users in people.items():
        text = f"有 {counts[unit]} 处数据要核对、写说明，见“核对”"  # data
        inbox.send(users, text, by=None, at=at)


# Answering ---------------------------------------------------------------------------------------
def _open(finding: Finding) -> Finding:
    finding = Finding.objects.select_for_update().get(pk=finding.pk)
    if not finding.is_open:
        raise AlreadyEnded(finding)
    return finding


@transaction.atomic
def assign_finding(finding: Finding, *, by, owner: User | None, due_on: date) -> Finding:
    """Name who is to answer, and until when."""
    finding = _open(finding)
    before = {"owner": str(finding.owner or ""), "due_on": finding.due_on.isoformat()}
    finding.owner, finding.due_on = owner, due_on
    finding.save(update_fields=["owner", "due_on"])
    after = {"owner": str(owner or ""), "due_on": due_on.isoformat()}
    audit.record("registry.finding_assigned", finding, by=by, before=before, after=after)
    return finding


@transaction.atomic
def answer_finding(finding: Finding, *, by, at: datetime, answer: str, text: str) -> Finding:
    """Say what is behind it. Another person looks at the answer."""
    finding = _open(finding)
    text = text.strip()[:TEXT_MOST]
    if not text:
        raise NoteMissing(finding)
    finding.answer, finding.answer_text = answer, text
    finding.answered_by, finding.answered_at = by, at
    finding.looked_by = finding.looked_at = None
    finding.save(
        update_fields=[
            "answer",
            "answer_text",
            "answered_by",
            "answered_at",
            "looked_by",
            "looked_at",
        ]
    )
    audit.record("registry.finding_answered", finding, by=by, after={"answer": answer})
    return finding


def _answered(finding: Finding, *, by, seen: datetime | None) -> Finding:
    finding = _open(finding)
    if finding.answered_at is None or (seen is not None and seen != finding.answered_at):
        raise NothingToLookAt(finding)
    if finding.answered_by_id == by.pk:
        raise OwnAnswer(finding)
    return finding


@transaction.atomic
def accept_answer(
    finding: Finding, *, by, at: datetime, seen: datetime | None = None, note: str = ""
) -> Finding:
    """The second look agrees: the finding ends, and stays away while its facts are these."""
    finding = _answered(finding, by=by, seen=seen)
    finding.looked_by, finding.looked_at, finding.look_note = by, at, note.strip()
    finding.ended_at, finding.end = at, Finding.End.ACCEPTED
    finding.save(update_fields=["looked_by", "looked_at", "look_note", "ended_at", "end"])
    audit.record("registry.finding_ended", finding, by=by, after={"end": finding.end})
    return finding


@transaction.atomic
def return_answer(
    finding: Finding, *, by, at: datetime, note: str, seen: datetime | None = None
) -> Finding:
    """The second look does not agree: the answer goes back with a word about why."""
    finding = _answered(finding, by=by, seen=seen)
    if not note.strip():
        raise NoteMissing(finding)
    who = finding.answered_by
    finding.looked_by, finding.looked_at, finding.look_note = by, at, note.strip()
    finding.answered_at = None
    finding.save(update_fields=["looked_by", "looked_at", "look_note", "answered_at"])
    audit.record("registry.finding_returned", finding, by=by)
    inbox.send([who], "说明被退回，要再写", finding, by=by, at=at)  # data
    return finding
