"""The four ones, as the lists of duties name them."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dropout.models import Obligation
from registry.duty_kinds import duty_kind

ASKS = {
    Obligation.MONTH: _("学校报一个月的在校情况"),
    Obligation.QUARTER: _("台账复查：做一次比对，或写明复查情况"),
    Obligation.TERM: _("摸排调研的情况和材料"),
    Obligation.YEAR: _("一学年的总结，“一县一案”的修订"),
}

for _code, _asks in ASKS.items():
    duty_kind(
        _code.value,
        title=_code.label,
        asks=_asks,
        address=lambda duty: reverse("dropout:duty-detail", args=[duty.pk]),
        moves_figures=False,
        permission="dropout.view_ledger",
    )
