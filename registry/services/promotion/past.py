"""Promotions that were done: by whom, how many, and what an undo has left."""

from django.db.models import CharField, Sum
from django.db.models.functions import Cast

from common.models import ChangeSet
from registry.models import Student, Unit
from registry.services.promotion.plans import PROMOTED


def sets_of(units):
    """Of these units, the latest first, with the numbers of their schools."""
    keys = units.annotate(key_text=Cast("pk", CharField())).values("key_text")
    return (
        ChangeSet.objects.filter(
            code=PROMOTED, subject_code=Unit._meta.label_lower, subject_pk__in=keys
        )
        .select_related("by", "undone_by")
        .annotate(moved_up=Sum("promotions__moved_up"), graduated=Sum("promotions__graduated"))
        .order_by("-pk")
    )


def left_of(change_set: ChangeSet):
    """Children whom an undo left where they went: somebody has worked on them since.

    Empty before any undo: then all of them stand.
    """
    standing = change_set.rows.filter(undone_at=None, root=Student._meta.db_table)
    if not change_set.rows.exclude(undone_at=None).exists():
        standing = standing.none()
    return Student.objects.filter(pk__in=standing.values("root_pk"))
