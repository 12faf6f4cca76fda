"""When a notice has hung to its last day, whoever files is told; it is down by then without a deed."""

from datetime import date, datetime, timedelta

from common import inbox
from registry.models import Closure, Posting, in_force
from subsidies.models import NoticeRun


def tell_of_ended(*, on: date, at: datetime) -> int:
    """One line for each notice that hung until yesterday, to the officials over its school."""
    ended = NoticeRun.objects.to_file(on).filter(ends_on=on - timedelta(days=1))
    told = 0
    for notice in ended.select_related("unit"):
        above = Closure.objects.filter(in_force(on), descendant=notice.unit_id, counts=True)
        posted = Posting.objects.who_report(on).filter(unit__in=above.values("ancestor"))
        others = {one.user for one in posted if one.user_id != notice.made_by_id}
        text = f"{notice.unit.name}的困难认定公示期满，等备案"  # data
        told += inbox.send(others, text, notice, by=None, at=at)
    return told
