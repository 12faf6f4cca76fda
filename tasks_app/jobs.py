"""Work of this app that no request waits for."""

from django.utils.translation import gettext_lazy as _

from common import clock
from common.jobs import job
from tasks_app.models import QualityRule
from tasks_app.services import quality
from tasks_app.services.duties import open_begun_duties
from tasks_app.services.standings import recompute, touched, upkeep


@job("tasks_app.open_duties", label=_("开出填报任务"), nightly=True, after=("registry.reporting",))
def open_duties(_running, **_later):
    """A new period has begun, or another unit reports: what is owed now exists by itself."""
    return {"opened": open_begun_duties(on=clock.today())}


@job(touched.JOB, label=_("重算进展状态"))
def recompute_touched(_running, **_later):
    """A deed has touched numbers: only their standings, and those that lean on them."""
    return upkeep.keep_up(at=clock.now(), on=clock.today()).as_json()


@job(quality.JOB, label=_("按新规则核对数据"))
def check_rule(_running, *, rule_id, **_later):
    rule = QualityRule.objects.get(pk=rule_id)
    settled = quality.check_rule(rule, at=clock.now(), on=clock.today())
    return {"raised": settled.raised, "cleared": settled.cleared}


@job("tasks_app.compare_standings", label=_("核对进展状态"), nightly=True)
def compare_standings(_running, **_later):
    """A day has passed, and what came about deed by deed must be what comes out from scratch."""
    return {"differing": recompute.compare(at=clock.now(), on=clock.today())}
