"""Closing a case: asked for with the proof, decided by a second person."""

from datetime import datetime

from dropout.models import Closing, End, Episode, State, WatchAnswer
from dropout.services.cases import end_episode
from dropout.services.deeds import day_of, deed, given
from dropout.services.refusals import Refused
from dropout.services.states import facts_of


def why_not(episode: Episode, on) -> str:
    """The code of what still stands against closing, or nothing."""
    facts = facts_of(episode)
    if facts.holds(on) and facts.placement.rests_on_approval:
        return "approval_runs"
    if not facts.holds(on) or episode.state != State.WATCHED:
        return "not_settled"
    if facts.unanswered:
        return "watch_open"
    if any(watch.answer != WatchAnswer.PRESENT for watch in facts.watches):
        return "watch_left"
    return ""


def ask_to_close(
    episode: Episode, *, proof: str, by, at: datetime, seen: int | None = None
) -> Closing:
    """Say what proves that the child stays: placed, proved, and there at every look."""
    with deed(episode, "dropout.closing_asked", by=by, at=at, seen=seen) as (episode, _told):
        proof = given(proof, "proof")
        if Closing.objects.of_episode(episode).waiting().exists():
            raise Refused("already_asked", "proof")
        against = why_not(episode, day_of(at))
        if against:
            raise Refused(against, "proof")
        closing = Closing.objects.create(episode=episode, proof=proof, asked_by=by, asked_at=at)
    return closing


def withdraw_closing(closing: Closing, *, by, at: datetime, seen: int | None = None) -> Closing:
    """Take the question back."""
    with deed(closing.episode, "dropout.closing_withdrawn", by=by, at=at, seen=seen):
        closing = _waiting(closing)
        closing.withdrawn_at = at
        closing.save(update_fields=["withdrawn_at"])
    return closing


def decide_closing(
    closing: Closing,
    *,
    accepted: bool,
    by,
    at: datetime,
    note: str = "",
    seen: int | None = None,
) -> Closing:
    """A second person agrees, and the episode ends; or sends it back with a word about why."""
    verb = "dropout.closed" if accepted else "dropout.closing_refused"
    with deed(closing.episode, verb, by=by, at=at, seen=seen) as (episode, _told):
        closing = _waiting(closing)
        if closing.asked_by_id == by.pk:
            raise Refused("own_closing", "accepted")
        if accepted:
            against = why_not(episode, day_of(at))
            if against:
                raise Refused(against, "accepted")
            end_episode(episode, End.CLOSED, day_of(at))
        else:
            given(note, "note")
        closing.decided_by, closing.decided_at = by, at
        closing.accepted, closing.note = accepted, note.strip()
        closing.save(update_fields=["decided_by", "decided_at", "accepted", "note"])
    return closing


def _waiting(closing: Closing) -> Closing:
    closing = Closing.objects.get(pk=closing.pk)
    if closing.decided_at or closing.withdrawn_at:
        raise Refused("decided")
    return closing
