from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "common"
    verbose_name = _("公共")

    def ready(self):
        from common import checks, event_lists  # noqa: F401  the system checks, the log's export

        # What is below learns what is above, as Django's admin does.
        autodiscover_modules("options", "subjects", "figures", "jobs", "exports", "files", "menu")
        autodiscover_modules("verbs", "own_page")
