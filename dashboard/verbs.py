"""What the log calls the deeds behind these pages."""

from django.utils.translation import gettext_lazy as _

from common.audit import label_fields, label_verbs

label_verbs({"tasks_app.reminder_sent": _("催报")})
label_fields({"duties": _("几项填报任务"), "people": _("几个人")})
