"""What people decide about pairs that `registry.matching` suggests, and what was decided before."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from common import audit
from registry.matching import pair_key
from registry.models import MatchDecision, Verdict


class DecidedMeanwhile(Exception):
    """Somebody else has decided the pair since the page was opened."""


def remembered() -> dict[tuple[UUID, UUID], Verdict]:
    """All that was ever decided and still holds, as `matching.match` takes it.

    Whole, whoever asks: it consists of blind indexes, and tells nothing about a person.
    """
    held = MatchDecision.objects.exclude(verdict=Verdict.OPEN)
    return {
        (first, second): Verdict(verdict)
        for first, second, verdict in held.values_list("first", "second", "verdict")
    }


@transaction.atomic
def decide(
    one: UUID, other: UUID, *, verdict: Verdict, by, at: datetime, seen: int | None = None
) -> MatchDecision:
    """Say of two records whether they are one person. Saying it anew undoes what was said.

    `seen` is the version of the decision on the page, 0 where there was none.
    """
    first, second = pair_key(one, other)
    row, is_new = MatchDecision.objects.select_for_update().get_or_create(
        first=first,
        second=second,
        defaults={"verdict": verdict, "decided_by": by, "decided_at": at},
    )
    before = {} if is_new else {"verdict": row.verdict}
    if not is_new:
        if row.verdict == verdict:
            return row  # a second click
        if seen is not None and seen != row.version:
            raise DecidedMeanwhile(row)
        row.verdict, row.decided_by, row.decided_at = verdict, by, at
        row.version += 1
        row.save(update_fields=["verdict", "decided_by", "decided_at", "version"])
    elif seen:
        raise DecidedMeanwhile(row)
    audit.record("registry.match_decided", row, by=by, before=before, after={"verdict": verdict})
    return row
