"""What dropout control does outside a request."""

from django.utils.translation import gettext_lazy as _

from common import clock
from common.jobs import job
from dropout.services import upkeep


@job("dropout.keep_up", label=_("控辍保学个案：期满、观察、并走的单位"), nightly=True)
def keep_up(_running, **_later):
    """What only time has changed."""
    return upkeep.keep_up(at=clock.now(), on=clock.today())


@job("dropout.refresh", label=_("按新设置排下次日期"))
def refresh(_running, **_later):
    """A setting that dates hang on has changed."""
    return {"refreshed": upkeep.refresh_all(on=clock.today())}
