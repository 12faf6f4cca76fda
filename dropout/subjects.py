from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.subjects import subject
from dropout.models import (
    BulkDeed,
    Case,
    CaseTransfer,
    Closing,
    Declaration,
    Episode,
    Notice,
    NoticeTemplate,
    Placement,
    RulingOut,
    Visit,
)
from registry.models import Duty

VIEW, CHANGE, RECORD = "dropout.view_case", "dropout.change_case", "dropout.record_visit"


def _seen(model):
    return lambda user: model.objects.visible_to(user, VIEW)


def _attached_by(permission: str):
    """Files hang on what stands: photos by who tells of visits, papers by who keeps the case."""

    def may_attach(thing, user, _purpose) -> bool:
        if getattr(thing, "is_withdrawn", False) or not user.has_perm(permission):
            return False
        return type(thing).objects.visible_to(user, permission).filter(pk=thing.pk).exists()

    return may_attach


def _page_of(code: str):
    return lambda thing: reverse("dropout:attachments", args=[code, thing.pk])


subject(
    Case,
    label=_("控辍保学个案"),
    visible_to=_seen(Case),
    cleared=lambda case, on: case.latest is None or case.latest.ended_on is not None,
)
subject(
    Episode,
    label=_("失学期"),
    visible_to=_seen(Episode),
    cleared=lambda episode, on: episode.ended_on is not None,
)
for _model, _code, _permission in (
    (Visit, "visit", RECORD),
    (Notice, "notice", CHANGE),
    (Placement, "placement", RECORD),
    (RulingOut, "rulingout", CHANGE),
    (Closing, "closing", CHANGE),
):
    subject(
        _model,
        label=_model._meta.verbose_name,
        visible_to=_seen(_model),
        title=lambda thing: f"{thing._meta.verbose_name} {thing.pk}",
        address=_page_of(_code),
        may_attach=_attached_by(_permission),
    )
# Papers of a look hang on what stands, by who owes it.
subject(
    Declaration,
    label=_("办理情况"),
    visible_to=lambda user: Declaration.objects.visible_to(user, "dropout.view_ledger"),
    title=lambda told: f"{told._meta.verbose_name} {told.pk}",
    may_attach=lambda told, user, purpose: (
        purpose == "proof"
        and not told.is_withdrawn
        and Duty.objects.owed_by(user, "dropout.change_ledger").filter(pk=told.duty_id).exists()
    ),
)
subject(
    CaseTransfer,
    label=_("个案移交"),
    visible_to=_seen(CaseTransfer),
    address=lambda transfer: reverse("dropout:transfer-list"),
    cleared=lambda transfer, on: not transfer.is_open,
)
subject(
    BulkDeed,
    label=_("成批安排"),
    visible_to=lambda user: BulkDeed.objects.asked_by(user),
)
# A template's file is checked on its own page: nothing is attached past that.
subject(
    NoticeTemplate,
    label=_("文书模板"),
    visible_to=lambda user: (
        NoticeTemplate.objects.all()
        if user.has_perm("dropout.change_template")
        else NoticeTemplate.objects.none()
    ),
    address=lambda template: reverse("dropout:template-detail", args=[template.pk]),
)
