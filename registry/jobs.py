"""What the registry does outside a request."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from common import clock
from common.jobs import JobFault, job
from common.models import ChangeSet
from registry.models import Unit
from registry.services import lists, promotion, searches


@job("registry.clear_searches", label=_("清理过期的查找"), nightly=True)
def clear_searches(_running, **_later):
    return {"cleared": searches.clear_searches(at=clock.now())}


@job("registry.link_lists", label=_("把部门名单对到学生"), nightly=True)
def link_lists(_running, **_later):
    """Children and lists come in by many ways; what was missed by day is found by night."""
    return {"linked": lists.link_members()}


@job("registry.promote", label=_("升级"))
def promote(running, *, unit, day, schools, edited_too=False, **_later):
    """Many children at once: the same deed as on the page, with progress, as of the day it was asked."""
    try:
        change_set = promotion.promote(
            Unit.objects.get(pk=unit),
            by=running.asked_by,
            at=clock.now(),
            on=date.fromisoformat(day),
            schools=schools,
            edited_too=edited_too,
            progress=running.progress,
        )
    except promotion.NothingToDo:
        raise JobFault(str(_("这些学校本学年已经升过级，没有再动。"))) from None
    return {"change_set": change_set.pk}


@job("registry.undo_promotion", label=_("撤销升级"))
def undo_promotion(running, *, change_set, **_later):
    """Safe to repeat: what is back where it was is not put back again."""
    found = ChangeSet.objects.get(pk=change_set)
    undone = promotion.undo_promotion(found, by=running.asked_by, at=clock.now())
    return {"undone": undone.undone, "left": len(undone.left)}
