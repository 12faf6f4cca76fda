"""What dropout control does outside a request."""

from django.utils.translation import gettext_lazy as _

from common import clock
from common.jobs import job
from dropout.models import BulkDeed, Comparison
from dropout.services import bulk, comparisons, duties, upkeep


@job("dropout.keep_up", label=_("控辍保学个案：期满、观察、并走的单位"), nightly=True)
def keep_up(_running, **_later):
    """What only time has changed."""
    return upkeep.keep_up(at=clock.now(), on=clock.today())


@job(
    "dropout.open_duties",
    label=_("控辍保学“四个一”：开出、核对、提醒"),
    nightly=True,
    after=("registry.reporting",),
)
def open_duties(_running, **_later):
    """A new period has begun, or another unit reports; what was handed in meets what was owed."""
    return duties.keep_up(at=clock.now(), on=clock.today())


@job("dropout.refresh", label=_("按新设置排下次日期"))
def refresh(_running, **_later):
    """A setting that dates hang on has changed."""
    return {"refreshed": upkeep.refresh_all(on=clock.today())}


@job("dropout.compare", label=_("四查三比对"))
def compare(running, *, comparison, **_later):
    """Safe to repeat: rows and numbers of a run are written all at once."""
    found = Comparison.objects.get(pk=comparison)
    return comparisons.run_comparison(found, at=clock.now(), progress=running.progress)


@job("dropout.open_compared", label=_("按比对结果开个案"))
def open_compared(running, *, comparison, **_later):
    """Safe to repeat: a child whose case is open already gets no second one."""
    return comparisons.open_cases(
        Comparison.objects.get(pk=comparison),
        by=running.asked_by,
        at=clock.now(),
        progress=running.progress,
    )


@job("dropout.bulk", label=_("成批安排个案"))
def work_bulk(running, *, deed, **_later):
    """Safe to repeat: what is settled stays settled."""
    found = BulkDeed.objects.select_related("asked_by", "officer").get(pk=deed)
    return bulk.run_bulk(found, at=clock.now(), progress=running.progress)
