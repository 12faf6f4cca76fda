from common import clock
from common.menu import describe_user
from registry.models import Posting


@describe_user
def posting_line(user) -> str:
    """The unit a person works for, then the name."""
    posting = (
        Posting.objects.filter(user_id=user.pk)
        .in_force(clock.today())
        .select_related("unit")
        .order_by("pk")
        .first()
    )
    return f"{posting.unit.short} | {user.name}" if posting else user.name
