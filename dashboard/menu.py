from django.utils.translation import gettext_lazy as _

from common.menu import entry

entry(10, _("首页"), "home", prefix="/")
entry(
    15, _("看板"), "dashboard:overview", permission="tasks_app.view_standing", prefix="/overview/"
)
