"""What the log calls the deeds of this app."""

from django.utils.translation import gettext_lazy as _

from common.audit import label_fields, label_verbs

label_verbs(
    {
        "dropout.cases_listed": _("看个案列表"),
        "dropout.case_opened": _("看一件个案"),
        "dropout.notice_made": _("下载文书"),
        "dropout.template_changed": _("改文书模板"),
        "dropout.template_retired": _("停用文书模板"),
        "dropout.template_restored": _("启用文书模板"),
        "dropout.template_fetched": _("下载文书模板"),
    }
)
label_fields({"kind": _("种类"), "legal_basis": _("法律依据")})
