from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.subjects import subject
from tasks_app.models import (
    HistoryBatch,
    Indicator,
    Observation,
    Plan,
    ProgressReport,
    QualityRule,
    WorkItem,
)

subject(
    Plan,
    label=_("方案"),
    visible_to=lambda user: Plan.objects.visible_to(user),
    title=lambda plan: plan.title_zh,
    may_attach=lambda plan, user, purpose: user.has_perm("tasks_app.change_plan"),
)
subject(
    WorkItem,
    label=_("重点任务"),
    visible_to=lambda user: WorkItem.objects.visible_to(user),
)
subject(
    Indicator,
    label=_("指标"),
    visible_to=lambda user: Indicator.objects.visible_to(user),
)
subject(
    ProgressReport,
    label=_("进展报告"),
    visible_to=lambda user: ProgressReport.objects.readable_by(user),
    title=lambda report: (
        f"{report.work_item.number} {report.duty.unit.short} {report.duty.period} v{report.version}"
    ),
    may_attach=lambda report, user, purpose: report.may_attach(user, purpose),
)
subject(
    HistoryBatch,
    label=_("历年数据批次"),
    visible_to=lambda user: HistoryBatch.objects.visible_to(user),
    title=lambda batch: batch.title,
)
subject(
    Observation,
    label=_("填报值"),
    visible_to=lambda user: Observation.objects.visible_to(user, "tasks_app.view_observation"),
    title=lambda row: f"{row.indicator.code} {row.unit.short} {row.period}",
)
subject(
    QualityRule,
    label=_("核对规则"),
    visible_to=lambda user: QualityRule.objects.visible_to(user),
    title=lambda rule: f"{rule.get_form_display()} {rule.pk}",
    address=lambda rule: reverse("tasks_app:quality-list"),
)
