from django.utils.translation import gettext_lazy as _

from common.menu import entry

entry(25, _("填报"), "tasks_app:report-list", permission="registry.view_duty", prefix="/reports/")
entry(20, _("任务"), "tasks_app:plan-list", permission="tasks_app.view_plan", prefix="/tasks/")
entry(
    30,
    _("指标"),
    "tasks_app:indicator-list",
    permission="tasks_app.view_plan",
    prefix="/indicators/",
)
