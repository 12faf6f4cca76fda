"""How differences between our cases and the national ledger look."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import masks
from common.templatetags.ax import cndate
from dropout.models import LedgerKind
from dropout.services.agreement import Field


class AgreementTable(tables.Table):
    name = tables.Column(
        verbose_name=gettext_lazy("姓名"), orderable=False, empty_values=(), accessor="what"
    )
    what = tables.Column(verbose_name=gettext_lazy("差在哪里"), orderable=False)
    ours = tables.Column(verbose_name=gettext_lazy("本台账"), orderable=False, accessor="what")
    theirs = tables.Column(verbose_name=gettext_lazy("国家台账"), orderable=False, accessor="what")
    listed = tables.Column(verbose_name=gettext_lazy("脱贫和监测户"), orderable=False)
    deed = tables.Column(
        verbose_name=gettext_lazy("去办"),
        orderable=False,
        accessor="what",
        exclude_from_export=True,
    )

    exports = True

    class Meta:
        empty_text = gettext_lazy("人账相符，没有差别")
        attrs = {"aria-label": gettext_lazy("人账差别")}

    def __init__(self, *args, masked, cases, children, may_open, **kwargs):
        """`cases`, `children`: keys of those whom this person may open."""
        super().__init__(*args, **kwargs)
        self.masked, self.cases, self.children = masked, cases, children
        self.may_open = may_open

    def render_name(self, record):
        one = record.entry or record.student
        return masks.name(one.name) if self.masked else one.name

    def render_what(self, record):
        fields = _("、").join(str(field.label) for field in record.fields)
        if not fields:
            return record.what.label
        return _("%(what)s：%(fields)s") % {"what": record.what.label, "fields": fields}

    def render_ours(self, record):
        if record.episode is None:
            return "—"
        kind = record.episode.get_kind_display() or LedgerKind.SUSPECTED.label
        return self._told(kind, record, record.episode.left_on or record.episode.absent_since)

    def render_theirs(self, record):
        if record.entry is None:
            return "—"
        return self._told(record.entry.get_kind_display(), record, record.entry.left_on)

    def _told(self, kind, record, left_on):
        if Field.LEFT_ON in record.fields and left_on:
            return f"{kind} {cndate(left_on)}"
        return str(kind)

    def render_listed(self, record):
        may_know = record.student is not None and record.student.pk in self.children
        return _("是") if record.listed and may_know else "—"

    def render_deed(self, record):
        if record.episode and record.episode.case_id in self.cases:
            return format_html(
                '<a href="{}">{}</a>', record.episode.get_absolute_url(), _("看个案")
            )
        if record.student is None:
            return _("先登记学生")
        if record.student.pk not in self.children:
            return _("不归本单位看")
        if record.episode is None and self.may_open:
            address = reverse("dropout:case-new", args=[record.student.pk])
            return format_html('<a href="{}">{}</a>', address, _("开个案"))
        return "—"
