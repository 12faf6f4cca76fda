"""The in-portal inbox: short lines to people, each about a subject."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

from common.models import InboxLine, User

LONGEST = 300


@transaction.atomic
def send(
    users: Iterable[User],
    text: str,
    subject: models.Model | None = None,
    *,
    by: User | None,
    at: datetime,
) -> int:
    """Put a line into the inbox of each person. Returns how many lines are new.

    Who has the same line unread since the same day gets no second one.
    """
    text = text[:LONGEST]
    code = subject._meta.label_lower if subject else ""
    pk = str(subject.pk) if subject else ""
    people = {user.pk for user in users}
    day = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    have = set(
        InboxLine.objects.unread()
        .filter(user__in=people, text=text, subject_code=code, subject_pk=pk, sent_at__gte=day)
        .values_list("user_id", flat=True)
    )
    fresh = [
        InboxLine(
            user_id=user_id, text=text, subject_code=code, subject_pk=pk, sent_by=by, sent_at=at
        )
        for user_id in sorted(people - have)
    ]
    InboxLine.objects.bulk_create(fresh, batch_size=500)
    return len(fresh)


def mark_read(line: InboxLine, *, at: datetime) -> None:
    """The person has opened the line."""
    InboxLine.objects.filter(pk=line.pk, read_at=None).update(read_at=at)


def mark_all_read(user: User, *, at: datetime) -> int:
    """The person has seen enough of the list. Returns how many lines were unread."""
    return InboxLine.objects.of(user).unread().update(read_at=at)
