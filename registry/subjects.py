from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.models import User
from common.subjects import subject
from registry.models import Duty, Finding, OutsideList, Posting, Student, Transfer, Unit

subject(
    Unit,
    label=_("单位"),
    visible_to=lambda user: Unit.objects.visible_to(user, "registry.view_unit"),
    title=lambda unit: unit.name,
)
subject(
    Student,
    label=_("学生"),
    visible_to=lambda user: Student.objects.visible_to(user, "registry.view_student"),
)
subject(
    OutsideList,
    label=_("部门名单"),
    visible_to=lambda user: OutsideList.objects.visible_to(user, "registry.view_outsidelist"),
)
subject(
    Duty,
    label=_("填报任务"),
    visible_to=lambda user: Duty.objects.readable_by(user),
    title=lambda duty: f"{duty.kind.title or duty.code} {duty.unit.short} {duty.period}",
    cleared=lambda duty, on: duty.met_at is not None or duty.waived_at is not None,
)
subject(
    Finding,
    label=_("问题线索"),
    visible_to=lambda user: Finding.objects.visible_to(user, "registry.view_finding"),
    title=lambda finding: f"{finding.unit.short} {finding.period}",
    cleared=lambda finding, on: not finding.is_open,
    may_attach=lambda finding, user, purpose: (
        purpose == "proof"
        and finding.is_open
        and Finding.objects.visible_to(user, "registry.answer_finding")
        .filter(pk=finding.pk)
        .exists()
    ),
)
subject(
    Posting,
    label=_("任职"),
    visible_to=lambda user: (
        Posting.objects.all()
        if user.has_perm("registry.view_account")
        else Posting.objects.of(user)
    ),
    title=lambda posting: f"{posting.user.username} {posting.get_role_display()} {posting.unit}",
    address=lambda posting: reverse("registry:account-detail", args=[posting.user_id]),
)
subject(
    User,
    label=_("账号"),
    visible_to=lambda user: (
        User.objects.all() if user.has_perm("registry.view_account") else User.objects.none()
    ),
    title=lambda user: f"{user.name} ({user.username})",
    address=lambda user: reverse("registry:account-detail", args=[user.pk]),
)
subject(
    Transfer,
    label=_("转学申请"),
    visible_to=lambda user: Transfer.objects.visible_to(user, "registry.view_student"),
    title=lambda transfer: f"{_('转学申请')} {transfer.pk}",
    # Who holds the child reads of it before it is decided, who asked reads of it after.
    address=lambda transfer: (
        reverse("registry:transfer-list") + ("?side=to" if transfer.decided_at else "")
    ),
    cleared=lambda transfer, on: transfer.decided_at is not None,
)
