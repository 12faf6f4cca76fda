"""The one function that writes an episode's state and next date, and the rules it follows.

Everything is derived from the episode's own facts, a day and the settings: the same facts always
give the same state, whoever asks. `derive` needs no database for what is prefetched.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch

from dropout.models import (
    SETTLED,
    Episode,
    HomeLesson,
    HomePlan,
    Notice,
    Placement,
    State,
    Step,
    Visit,
    Watch,
    WatchAnswer,
)
from dropout.services.rules import Rules, in_force

CHUNK = 500


@dataclass(frozen=True)
class Derived:
    state: str
    next_on: date | None


@dataclass(frozen=True)
class Facts:
    """An episode with what stands of it: nothing withdrawn, nothing of a changed placement."""

    episode: Episode
    visits: list[Visit]
    steps: list[Step]
    notices: list[Notice]
    placement: Placement | None
    watches: list[Watch]
    has_plan: bool
    has_lesson: bool

    def holds(self, on: date) -> bool:
        """Whether the child is placed on a day; an approval that has run out holds nobody."""
        one = self.placement
        return one is not None and (one.ends_on is None or one.ends_on >= on)

    @property
    def is_proved(self) -> bool:
        """Whether the placement's own proof is there: then it is watched. An approval is not."""
        one = self.placement
        if one.is_at_school:
            return one.attended_on is not None
        return one.is_at_home and self.has_plan and self.has_lesson

    @property
    def unanswered(self) -> list[Watch]:
        return [watch for watch in self.watches if watch.answered_on is None]

    @property
    def left(self) -> bool:
        """Whether the school has said that the child is not there any more."""
        return any(watch.answer == WatchAnswer.LEFT for watch in self.watches)


# What is known -----------------------------------------------------------------------------------
def with_facts(episodes) -> "Episode":
    """A queryset that brings what `facts_of` reads."""
    placed = (
        Placement.objects.in_place()
        .order_by("pk")
        .prefetch_related(
            Prefetch("watches", Watch.objects.order_by("days"), to_attr="all_watches"),
            Prefetch("plans", HomePlan.objects.order_by("pk"), to_attr="all_plans"),
            Prefetch(
                "lessons", HomeLesson.objects.standing().order_by("pk"), to_attr="standing_lessons"
            ),
        )
    )
    return episodes.prefetch_related(
        Prefetch("visits", Visit.objects.standing(), to_attr="standing_visits"),
        Prefetch("steps", Step.objects.standing(), to_attr="standing_steps"),
        Prefetch("notices", Notice.objects.standing(), to_attr="standing_notices"),
        Prefetch("placements", placed, to_attr="placements_in_place"),
    )


def facts_of(episode: Episode) -> Facts:
    """As it stands in the database, or as `with_facts` has brought it."""
    if not hasattr(episode, "placements_in_place"):
        episode = with_facts(Episode.objects.filter(pk=episode.pk)).get()
    placement = next(iter(episode.placements_in_place), None)
    return Facts(
        episode,
        episode.standing_visits,
        episode.standing_steps,
        episode.standing_notices,
        placement,
        placement.all_watches if placement else [],
        bool(placement and placement.all_plans),
        bool(placement and placement.standing_lessons),
    )


# What follows from it ----------------------------------------------------------------------------
def derive(facts: Facts, on: date, rules: Rules) -> Derived:
    state = _state(facts, on)
    return Derived(state, _next_on(facts, state, rules))


def _state(facts: Facts, on: date) -> str:
    episode = facts.episode
    if episode.end:
        return State(episode.end)
    if facts.holds(on):
        return State.WATCHED if facts.is_proved else State.PLACED
    if episode.confirmed_on:
        return State.PERSUADING if _is_persuaded(facts) else State.CONFIRMED
    return State.VERIFYING if episode.verifying_on else State.SUSPECTED


def _is_persuaded(facts: Facts) -> bool:
    """Somebody went there, took a step or issued a document since it was confirmed."""
    since = facts.episode.confirmed_on
    days = [visit.on for visit in facts.visits]
    days += [step.taken_on for step in facts.steps if step.taken_on]
    days += [notice.issued_on for notice in facts.notices]
    return any(day >= since for day in days)


def _next_on(facts: Facts, state: str, rules: Rules) -> date | None:
    """The first day on which somebody must look again: no open episode is without one."""
    episode = facts.episode
    if episode.end:
        return None
    planned = [episode.planned_on] if episode.planned_on else []
    if state in SETTLED:
        return min(planned + _looks(facts, state, rules))
    if planned:
        return episode.planned_on
    if not episode.confirmed_on:
        return episode.found_on + timedelta(days=rules.verify_days)
    last = max([episode.confirmed_on, *(visit.on for visit in facts.visits)])
    ran_out = facts.placement.ends_on if facts.placement else None
    if ran_out and last <= ran_out:  # on the day after its last day the child is back on the list
        return ran_out + timedelta(days=1)
    return last + timedelta(days=rules.visit_days)


def _looks(facts: Facts, state: str, rules: Rules) -> list[date]:
    """Days on which a placed child has to be looked at."""
    placement = facts.placement
    days = [watch.due_on for watch in facts.unanswered]
    if placement.ends_on:
        days.append(placement.ends_on)
    elif state == State.PLACED:
        days.append(placement.began_on + timedelta(weeks=rules.attend_weeks))
    elif not days:  # all is answered: to be closed, or taken up again
        days.append(max([placement.began_on, *(watch.answered_on for watch in facts.watches)]))
    return days


# Writing it --------------------------------------------------------------------------------------
def refresh_state(episode: Episode, on: date, rules: Rules | None = None) -> bool:
    """Store the state and the next date that the facts support; True if one of them changed.

    Called by each deed and each night; nothing else writes these columns.
    """
    found = derive(facts_of(episode), on, rules or in_force())
    if found == Derived(episode.state, episode.next_on):
        return False
    if found.state != episode.state:
        episode.state, episode.state_since = found.state, on
    episode.next_on = found.next_on
    episode.save(update_fields=["state", "state_since", "next_on"])
    return True


def differing(episodes: Iterable, on: date) -> Iterator[Episode]:
    """Episodes whose stored state is not the derived one, however many there are."""
    rules, last = in_force(), 0
    while found := list(with_facts(episodes.filter(pk__gt=last).order_by("pk")[:CHUNK])):
        last = found[-1].pk
        for episode in found:
            if derive(facts_of(episode), on, rules) != Derived(episode.state, episode.next_on):
                yield episode
