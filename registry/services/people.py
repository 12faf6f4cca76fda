"""Questions about accounts that need postings: the administrators' lists and one's own page."""

from django.db.models import Exists, OuterRef, Prefetch

from common.models import User
from registry.models import Posting


def accounts_for_list(on):
    """Accounts with the postings that hold, will hold or are proposed, in two queries."""
    ever = Posting.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False)
    held = Posting.objects.not_over(on).select_related("unit").order_by("valid_from", "pk")
    return (
        User.objects.annotate(ever_confirmed=Exists(ever))
        .prefetch_related(Prefetch("postings", queryset=held, to_attr="held"))
        .order_by("username")
    )


def own_postings(user, on):
    """What a person holds or is to hold, with deputies and successors of it."""
    below = Posting.objects.not_over(on).select_related("user").order_by("valid_from", "pk")
    return (
        Posting.objects.of(user)
        .not_over(on)
        .select_related("unit", "deputy_for__user", "takes_over__user")
        .prefetch_related(
            Prefetch("deputies", queryset=below, to_attr="stand_ins"),
            Prefetch("successors", queryset=below, to_attr="followers"),
        )
        .order_by("valid_from", "pk")
    )
