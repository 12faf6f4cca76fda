"""How proposals to move a child look in a list."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import masks
from common.templatetags.ax import cndate, cntime, status
from registry.models import Transfer
from registry.students_tables import shown_name


def place(school: str, grade: str, class_name: str):
    """A school, and under it grade and class."""
    return format_html("{}<small>{}</small>", school, f"{grade} {class_name}".strip())


def opened(student, *, masked: bool):
    """A child's name, that leads to its page."""
    shown = shown_name(student, masked=masked)
    return format_html('<a href="{}">{}</a>', student.get_absolute_url(), shown)


def state_of(transfer: Transfer) -> tuple[str, str]:
    """(code of the look, word)."""
    if transfer.decided_at is None:
        return "wait", _("等答复")
    return ("done", _("已转入")) if transfer.accepted else ("off", _("没有转"))


class TransferTable(tables.Table):
    student = tables.Column(verbose_name=gettext_lazy("学生"), orderable=False)
    from_school = tables.Column(
        verbose_name=gettext_lazy("原学校"), orderable=False, empty_values=()
    )
    to_school = tables.Column(verbose_name=gettext_lazy("申请转入"), orderable=False)
    proposed_at = tables.Column(verbose_name=gettext_lazy("谁提出的"), orderable=False)
    state = tables.Column(
        verbose_name=gettext_lazy("状态"), accessor="accepted", orderable=False, empty_values=()
    )
    deeds = tables.Column(
        verbose_name="",
        accessor="pk",
        orderable=False,
        exclude_from_export=True,
        attrs={"td": {"class": "ax-num"}},
    )

    class Meta:
        empty_text = gettext_lazy("没有转学申请")
        attrs = {"aria-label": gettext_lazy("转学申请")}

    def __init__(
        self, *args, may: dict[str, set[int]], today, masked, csrf_token="", side="", **kwargs
    ):
        """`may`: keys of the rows that this person may decide, take back, undo; of children seen."""
        super().__init__(*args, **kwargs)
        self.may, self.today, self.masked = may, today, masked
        self.csrf_token, self.side = csrf_token, side

    def render_student(self, record):
        """Whoever cannot open the child reads the name's first character."""
        if record.student_id not in self.may["see"]:
            return masks.name(record.student.name)
        return opened(record.student, masked=self.masked)

    def render_from_school(self, record):
        return record.from_school.name if record.from_school else _("没有学校")

    def render_to_school(self, record):
        return place(record.to_school.name, record.get_grade_display(), record.class_name)

    def render_proposed_at(self, record):
        when = cntime(record.proposed_at, self.today)
        return format_html("{}<small>{}</small>", record.proposed_by.name, when)

    def render_state(self, record):
        shown = render_to_string("components/status.html", status(*state_of(record)))
        if record.decided_at is None:
            return shown
        said = f"{record.decided_by.name} {cndate(record.decided_at, self.today)}"
        if record.reason:
            said = f"{said}{_('：')}{record.reason}"
        return format_html("{}<small>{}</small>", shown, said)

    def render_deeds(self, record):
        may = {name: record.pk in pks for name, pks in self.may.items() if name != "see"}
        context = {"transfer": record, "csrf_token": self.csrf_token, "side": self.side} | may
        return render_to_string("registry/_transfer_deeds.html", context)
