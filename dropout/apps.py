from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DropoutConfig(AppConfig):
    name = "dropout"
    verbose_name = _("控辍保学")

    def ready(self):
        from dropout.services import child_links  # noqa: F401  the registry learns of cases
