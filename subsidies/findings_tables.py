"""The list of payments that are out while a finding about them stands open."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from registry.models import Finding
from registry.services import findings
from registry.students_tables import shown_name
from subsidies.services.screening_doubts import PAYMENT, doubts

NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


class DoubtfulTable(tables.Table):
    name = tables.Column(verbose_name=gettext_lazy("姓名"), order_by=("name", "pk"))
    school = tables.Column(verbose_name=gettext_lazy("学校"), order_by=("school__sort_key", "pk"))
    programme = tables.Column(
        verbose_name=gettext_lazy("资助项目"), order_by=("programme__sort_no", "pk")
    )
    term = tables.Column(verbose_name=gettext_lazy("学年学期"), order_by=("term", "pk"))
    amount = tables.Column(
        verbose_name=gettext_lazy("发放金额（元）"), order_by=("amount", "pk"), attrs=NUMBERS
    )
    paid_on = tables.Column(
        verbose_name=gettext_lazy("发放日期"), order_by=("paid_on", "pk"), attrs=NUMBERS
    )
    doubt = tables.Column(
        verbose_name=gettext_lazy("疑点"), accessor="pk", orderable=False, empty_values=()
    )

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有存疑而已发的。核对出疑点不停发，已发的会列在这里。")
        attrs = {"class": "is-wide", "aria-label": gettext_lazy("存疑而已发的")}

    def __init__(self, *args, user, masked, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.masked = user, masked
        self._doubts: dict[str, Finding] | None = None

    def doubt_of(self, payment) -> Finding:
        """Of the rows on the page, in one statement."""
        if self._doubts is None:
            shown = self.page.object_list if hasattr(self, "page") else self.rows
            pks = [row.record.pk for row in shown]
            seen = Finding.objects.visible_to(self.user, "registry.view_finding").open()
            rows = doubts(seen).about(PAYMENT, pks).order_by("-pk")
            self._doubts = {one.subject_pk: one for one in rows}
        return self._doubts[str(payment.pk)]

    def value_name(self, record):
        return shown_name(record, masked=self.masked)

    def render_name(self, record):
        return self.value_name(record)

    def render_school(self, value):
        return value.short

    def render_amount(self, value):
        return f"{value:,.2f}"

    def value_amount(self, value):
        return value

    def render_doubt(self, record):
        finding = self.doubt_of(record)
        address = reverse("registry:finding-detail", args=[finding.pk])
        return format_html('<a href="{}">{}</a>', address, findings.said(finding))

    def value_doubt(self, record):
        return findings.said(self.doubt_of(record))
