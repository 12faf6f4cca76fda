from django.utils.translation import gettext_lazy as _

from common.menu import entry

entry(
    40,
    _("学生资助"),
    "subsidies:start",
    permission="subsidies.view_recognition",
    prefix="/subsidies/",
)
