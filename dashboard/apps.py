from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = _("首页与看板")

    def ready(self):
        from dashboard import checks  # noqa: F401  registers the system check
