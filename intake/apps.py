from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = _("数据导入")

    def ready(self):
        # Apps above and this one declare the sheets they take in.
        autodiscover_modules("report_kinds")
