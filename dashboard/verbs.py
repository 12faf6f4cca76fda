"""What the log calls the deeds behind these pages."""

from django.utils.translation import gettext_lazy as _

from common.audit import label_fields, label_verbs

label_verbs(
    {
        "tasks_app.reminder_sent": _("催报"),
        "dashboard.bureau_set_up": _("启用平台"),
        "dashboard.child_aid_opened": _("看一名学生的全部资助"),
    }
)
label_fields(
    {
        "duties": _("几项填报任务"),
        "people": _("几个人"),
        "units": _("报送单位"),
        "plan": _("方案"),
    }
)
