from django.utils.translation import gettext_lazy as _

from common.menu import entry

entry(
    50,
    _("数据导入"),
    "intake:home",
    permission=("intake.add_upload", "intake.view_upload"),
    prefix="/intake/",
)
