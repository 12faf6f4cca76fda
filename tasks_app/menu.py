from django.utils.translation import gettext_lazy as _

from common.menu import entry

entry(25, _("填报"), "tasks_app:report-list", permission="registry.view_duty", prefix="/reports/")
