"""What each role may do, in one table. Postings give roles; `backends.PostingBackend` answers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    BUREAU = "BUREAU", _("盟局科室")
    OFFICIAL = "OFFICIAL", _("旗区填报员")
    SCHOOL = "SCHOOL", _("学校填报员")
    SUPERVISOR = "SUPERVISOR", _("督导")
    SYSADMIN = "SYSADMIN", _("系统管理员")
    SECADMIN = "SECADMIN", _("安全管理员")
    AUDITOR = "AUDITOR", _("审计员")


# Three people, never one: they run the portal and match no business row.
ADMINISTRATORS = frozenset({Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR})

_READ_BUSINESS = {
    "tasks_app.view_plan",
    "tasks_app.view_standing",  # approved figures at league and banner level
    "registry.view_unit",
}


def _reference(app: str, *models: str) -> set[str]:
    verbs = ("view", "add", "change", "delete")
    return {f"{app}.{verb}_{model}" for model in models for verb in verbs}


# The reference tables under /admin/. What has history is not deleted, whatever stands here.
_KEEP_REFERENCE = (
    {"common.open_admin", "tasks_app.view_plan", "tasks_app.change_plan"}
    | _reference(
        "registry", "unit", "unitalias", "unitcode", "unitparent", "running", "calendarday"
    )
    | _reference("tasks_app", "section", "workitem", "action", "safeguard", "indicator")
)

# Children's rows, in scope: who works with them hands sheets in, and may see a number whole.
_WORK_WITH_CHILDREN = {
    "registry.view_student",
    "registry.change_student",
    "registry.unmask_student",
    "intake.view_upload",
    "intake.add_upload",
}
_KEEP_LISTS = {
    "registry.change_school",
    "registry.promote_students",
    "registry.view_outsidelist",
    "registry.change_outsidelist",
}

_READ_CASES_AND_AID = {
    "dropout.view_case",
    "dropout.view_ledger",
    "subsidies.view_standard",
    "subsidies.view_recognition",
    "subsidies.view_payment",
}
# A school says who came back, who is absent and who is in need; a banner decides.
_TELL_OF_CASES_AND_AID = {
    "dropout.record_visit",
    "dropout.change_ledger",
    "subsidies.change_recognition",
}
_DECIDE_ON_CASES_AND_AID = {
    "dropout.change_case",
    "dropout.review_case",
    "dropout.view_sensitive",
    "dropout.run_comparison",
    "subsidies.review_recognition",
    "subsidies.change_payment",
    "subsidies.approve_payment",
    "subsidies.view_budget",
    "subsidies.change_budget",
    "subsidies.change_sample",
}

PERMISSIONS: dict[str, set[str]] = {
    Role.BUREAU: _READ_BUSINESS
    | _KEEP_REFERENCE
    | _WORK_WITH_CHILDREN
    | _KEEP_LISTS
    | _READ_CASES_AND_AID
    | _TELL_OF_CASES_AND_AID
    | _DECIDE_ON_CASES_AND_AID
    | {
        "dropout.change_template",
        "subsidies.change_standard",
        "common.change_option",
        "common.change_display",
        "registry.view_duty",
        "registry.waive_duty",
        "registry.view_contact",
        "registry.view_finding",
        "registry.answer_finding",
        "registry.review_finding",
        "tasks_app.view_qualityrule",
        "tasks_app.change_qualityrule",
        "tasks_app.change_target",
        "tasks_app.view_progressreport",
        "tasks_app.fill_progressreport",
        "tasks_app.review_progressreport",
        "tasks_app.send_reminder",
        "tasks_app.load_history",
        "tasks_app.view_observation",
    },
    Role.OFFICIAL: _READ_BUSINESS
    | _WORK_WITH_CHILDREN
    | _KEEP_LISTS
    | _READ_CASES_AND_AID
    | _TELL_OF_CASES_AND_AID
    | _DECIDE_ON_CASES_AND_AID
    | {
        "registry.view_duty",
        "registry.view_contact",
        "registry.view_finding",
        "registry.answer_finding",
        "tasks_app.view_qualityrule",
        "tasks_app.view_progressreport",
        "tasks_app.fill_progressreport",
        "tasks_app.check_progressreport",
        "tasks_app.view_observation",
    },
    Role.SCHOOL: _READ_BUSINESS
    | _WORK_WITH_CHILDREN
    | _READ_CASES_AND_AID
    | _TELL_OF_CASES_AND_AID
    | {"registry.view_finding", "registry.answer_finding"},
    Role.SUPERVISOR: _READ_BUSINESS
    | _READ_CASES_AND_AID
    | {
        "dropout.review_case",
        "subsidies.view_budget",
        "registry.view_duty",
        "registry.view_contact",
        "registry.view_finding",
        "registry.review_finding",
        "tasks_app.view_qualityrule",
        "tasks_app.view_progressreport",
        "tasks_app.send_reminder",
        "tasks_app.view_observation",
        "registry.view_student",
        "registry.view_outsidelist",
        "intake.view_upload",
    },
    Role.SYSADMIN: {
        "registry.view_account",
        "common.manage_accounts",
        "common.view_any_job",
        "intake.add_upload",
    },
    Role.SECADMIN: {"registry.view_account", "common.confirm_rights", "common.reset_password"},
    Role.AUDITOR: {"common.view_event"},
}


def roles_with(permission: str) -> list[str]:
    """The roles that hold a permission."""
    return [role for role, granted in PERMISSIONS.items() if permission in granted]


def only_reads(permission: str) -> bool:
    return permission.partition(".")[2].startswith("view_")
