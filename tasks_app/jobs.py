"""Work of this app that no request waits for."""

from django.utils.translation import gettext_lazy as _

from common import clock
from common.jobs import job
from tasks_app.services.duties import open_begun_duties


@job("tasks_app.open_duties", label=_("开出填报任务"), nightly=True, after=("registry.reporting",))
def open_duties(_running, **_later):
    """A new period has begun, or another unit reports: what is owed now exists by itself."""
    return {"opened": open_begun_duties(on=clock.today())}
