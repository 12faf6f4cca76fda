from django.utils.translation import gettext_lazy as _

from common.menu import entry

entry(35, _("控辍保学"), "dropout:case-list", permission="dropout.view_case", prefix="/dropout/")
