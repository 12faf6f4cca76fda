"""What waits for somebody: watches to answer, closings to decide, cases offered to other units."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import masks
from common.templatetags.ax import cndate, cntime, due, status
from dropout.models import CaseTransfer
from registry.students_tables import shown_name

NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}
DEEDS = {"td": {"class": "ax-num"}}


def to_case(case, *, masked: bool):
    """A child's name that leads to its case."""
    name = shown_name(case.student, masked=masked)
    return format_html('<a href="{}">{}</a>', case.get_absolute_url(), name)


def button(address: str, word: str):
    return format_html('<a class="btn ax-btn btn-sm" href="{}">{}</a>', address, word)


class _Masked(tables.Table):
    """Lists of children for one person: names masked for who sees no numbers, days seen from today."""

    def __init__(self, *args, today, masked, **kwargs):
        super().__init__(*args, **kwargs)
        self.today, self.masked = today, masked

    def due(self, day):
        return render_to_string("components/due.html", due({"today": self.today}, day))


class WatchTable(_Masked):
    student = tables.Column(verbose_name=gettext_lazy("学生"), accessor="pk", orderable=False)
    school = tables.Column(
        verbose_name=gettext_lazy("就读学校"), accessor="placement__school", orderable=False
    )
    grade = tables.Column(
        verbose_name=gettext_lazy("年级、班"), accessor="placement__pk", orderable=False
    )
    days = tables.Column(
        verbose_name=gettext_lazy("第几天"), orderable=False, attrs=NUMBERS, localize=False
    )
    due_on = tables.Column(verbose_name=gettext_lazy("到期"), orderable=False, attrs=NUMBERS)
    deed = tables.Column(
        verbose_name="", accessor="pk", orderable=False, exclude_from_export=True, attrs=DEEDS
    )

    class Meta:
        empty_text = gettext_lazy("没有要回答的。学生返校后第 30、60、90 天会列在这里。")
        attrs = {"aria-label": gettext_lazy("回访")}

    def render_student(self, record):
        return to_case(record.placement.episode.case, masked=self.masked)

    def render_school(self, value):
        return value.name if value else "—"

    def render_grade(self, record):
        placement = record.placement
        return f"{placement.get_grade_display()} {placement.class_name}".strip() or "—"

    def render_due_on(self, value):
        return self.due(value)

    def render_deed(self, record):
        return button(reverse("dropout:watch-answer", args=[record.pk]), _("回答"))


class ClosingTable(_Masked):
    student = tables.Column(verbose_name=gettext_lazy("学生"), accessor="pk", orderable=False)
    unit = tables.Column(
        verbose_name=gettext_lazy("负责单位"), accessor="episode__case__unit", orderable=False
    )
    asked_by = tables.Column(verbose_name=gettext_lazy("申请人"), orderable=False)
    asked_at = tables.Column(verbose_name=gettext_lazy("申请时间"), orderable=False, attrs=NUMBERS)
    deed = tables.Column(
        verbose_name="", accessor="pk", orderable=False, exclude_from_export=True, attrs=DEEDS
    )

    class Meta:
        empty_text = gettext_lazy("没有等审核的销号")
        attrs = {"aria-label": gettext_lazy("待审销号")}

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def render_student(self, record):
        return to_case(record.episode.case, masked=self.masked)

    def render_unit(self, value):
        return value.short

    def render_asked_by(self, value):
        return value.name

    def render_asked_at(self, value):
        return cntime(value, self.today)

    def render_deed(self, record):
        if record.asked_by_id == self.user.pk:
            return _("您申请的，要另一人审核")
        address = reverse("dropout:case-decide-closing", args=[record.episode.case_id])
        return button(address, _("审核"))


def state_of(transfer: CaseTransfer) -> tuple[str, str]:
    """(code of the look, word)."""
    if transfer.is_open:
        return "wait", _("等答复")
    if transfer.withdrawn_at:
        return "off", _("已收回")
    return ("done", _("已接收")) if transfer.accepted else ("back", _("没有接收"))


class TransferTable(_Masked):
    student = tables.Column(verbose_name=gettext_lazy("学生"), accessor="pk", orderable=False)
    from_unit = tables.Column(verbose_name=gettext_lazy("移出单位"), orderable=False)
    to_unit = tables.Column(verbose_name=gettext_lazy("接收单位"), orderable=False)
    offered_at = tables.Column(verbose_name=gettext_lazy("谁提出的"), orderable=False)
    state = tables.Column(
        verbose_name=gettext_lazy("状态"), accessor="pk", orderable=False, empty_values=()
    )
    deeds = tables.Column(
        verbose_name="", accessor="pk", orderable=False, exclude_from_export=True, attrs=DEEDS
    )

    class Meta:
        empty_text = gettext_lazy("没有移交")
        attrs = {"aria-label": gettext_lazy("移交")}

    def __init__(self, *args, may: dict[str, set[int]], csrf_token, **kwargs):
        """`may`: keys of the rows that this person may decide or take back; of cases to open."""
        super().__init__(*args, **kwargs)
        self.may, self.csrf_token = may, csrf_token

    def render_student(self, record):
        """Who cannot open the case reads the name's first character."""
        if record.case_id in self.may["see"]:
            return to_case(record.case, masked=self.masked)
        return masks.name(record.case.student.name)

    def render_from_unit(self, value):
        return value.short

    def render_to_unit(self, value):
        return value.short

    def render_offered_at(self, record):
        when = cntime(record.offered_at, self.today)
        said = format_html("<small>{} {}</small>", when, record.reason)
        return format_html("{}{}", record.offered_by.name, said)

    def render_state(self, record):
        shown = render_to_string("components/status.html", status(*state_of(record)))
        if record.decided_at is None:
            return shown
        said = f"{record.decided_by.name} {cndate(record.decided_at, self.today)} {record.answer}"
        return format_html("{}<small>{}</small>", shown, said)

    def render_deeds(self, record):
        context = {
            "transfer": record,
            "csrf_token": self.csrf_token,
            "decide": record.pk in self.may["decide"],
            "withdraw": record.pk in self.may["withdraw"],
        }
        return render_to_string("dropout/_transfer_deeds.html", context)
