"""How runs and what they have found look; the screen and the export show the same columns."""

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.db.models import OuterRef, Subquery
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import masks
from common.models import Job
from common.templatetags.ax import cndate, cntime, num, status
from dropout.models import Comparison, Episode, Pair, State
from registry.students_filters import UNMASK

RUN, VIEW_CASE = "dropout.run_comparison", "dropout.view_case"
NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}
_LOOKS = {
    Job.State.QUEUED: "todo",
    Job.State.RUNNING: "busy",
    Job.State.FAILED: "err",
    Job.State.CANCELLED: "off",
}


def look_of(comparison: Comparison) -> tuple[str, str]:
    """(code of the look, word)."""
    if comparison.finished_at or comparison.job is None:
        return "done", _("已比完")
    return _LOOKS.get(comparison.job.state, "busy"), comparison.job.get_state_display()


class ComparisonTable(tables.Table):
    kind = tables.Column(verbose_name=gettext_lazy("比对"), orderable=False)
    unit = tables.Column(verbose_name=gettext_lazy("单位"), orderable=False)
    on = tables.Column(verbose_name=gettext_lazy("日期"), attrs=NUMBERS, order_by=("on", "pk"))
    asked_by = tables.Column(verbose_name=gettext_lazy("谁比的"), orderable=False)
    found = tables.Column(
        verbose_name=gettext_lazy("发现"), accessor="counts", orderable=False, attrs=NUMBERS
    )
    state = tables.Column(
        verbose_name=gettext_lazy("状态"), accessor="pk", orderable=False, empty_values=()
    )

    class Meta:
        empty_text = gettext_lazy("还没有比过。导入适龄儿童名单或在校情况月报后，点“开始比对”。")
        attrs = {"aria-label": gettext_lazy("比对")}

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def render_kind(self, record):
        address, label = record.get_absolute_url(), record.get_kind_display()
        return format_html('<a href="{}">{}</a>', address, label)

    def render_unit(self, value):
        return value.short

    def render_on(self, record):
        return cntime(record.asked_at, self.today)

    def render_asked_by(self, value):
        return value.name

    def render_found(self, record):
        if not record.finished_at:
            return "—"
        return num(sum(record.counts.get(outcome, 0) for outcome in Pair.Outcome.values))

    def render_state(self, record):
        return render_to_string("components/status.html", status(*look_of(record)))


class PairFilter(filters.FilterSet):
    outcome = filters.ChoiceFilter(label=gettext_lazy("结果"), choices=Pair.Outcome.choices)
    run = filters.ModelChoiceFilter(
        field_name="comparison", queryset=Comparison.objects.none(), widget=forms.HiddenInput
    )

    class Meta:
        model = Pair
        fields = []

    def __init__(self, query, *, user):
        super().__init__(query, queryset=Pair.objects.visible_to(user, RUN))
        self.filters["run"].queryset = Comparison.objects.visible_to(user, RUN)

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        return super().filter_queryset(queryset) if self.form.is_valid() else queryset.none()


class PairTable(tables.Table):
    name = tables.Column(verbose_name=gettext_lazy("姓名"), accessor="pk", orderable=False)
    outcome = tables.Column(verbose_name=gettext_lazy("结果"), order_by=("outcome", "pk"))
    place = tables.Column(verbose_name=gettext_lazy("住处、学校"), accessor="pk", orderable=False)
    why = tables.Column(verbose_name=gettext_lazy("依据"), accessor="pk", orderable=False)
    case = tables.Column(verbose_name=gettext_lazy("个案"), accessor="pk", orderable=False)

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有发现")
        attrs = {"aria-label": gettext_lazy("比对结果")}

    def __init__(self, *args, masked, **kwargs):
        super().__init__(*args, **kwargs)
        self.masked = masked

    def render_name(self, record):
        one = record.listed or record.student
        if one is None:
            return _("名单已撤销")
        return masks.name(one.name) if self.masked else one.name

    def render_outcome(self, record):
        label = record.get_outcome_display()
        if record.outcome != Pair.Outcome.SUGGESTED or record.first is None:
            return label
        address = f"{record.comparison.get_absolute_url()}?pair={record.pk}"
        return format_html('<a href="{}">{}</a>', address, label)

    def value_outcome(self, record):
        return record.get_outcome_display()

    def render_place(self, record):
        if record.entry and record.entry.township:
            return record.entry.township.short
        if record.line:
            return record.line.school.short
        home = record.student and record.student.residence
        return home.short if home else "—"

    def render_why(self, record):
        if record.line and record.line.absent_since:
            return _("%(day)s 起不在校") % {"day": cndate(record.line.absent_since)}
        if record.entry:
            return record.get_ground_display() or str(record.entry.list)
        return str(record.member.list) if record.member else "—"

    def render_case(self, record):
        """The one opened from here, else the child's open one: nobody need open it again."""
        if not self._case(record):
            return "—"
        address = reverse("dropout:case-detail", args=[self._case(record)])
        return format_html('<a href="{}">{}</a>', address, self.value_case(record))

    def _case(self, record) -> int | None:
        if record.episode:
            return record.episode.case_id
        # Who may be the same child and who may not has no case by that.
        return None if record.outcome == Pair.Outcome.SUGGESTED else record.standing_case

    def value_case(self, record):
        if record.episode:
            return record.episode.get_state_display()
        return State(record.standing_state).label if self._case(record) else ""


def found_in_runs(user, query) -> tuple[PairFilter, PairTable]:
    """The filter and the table of what runs of one's units have found."""
    found = PairFilter(query, user=user)
    standing = Episode.objects.visible_to(user, VIEW_CASE).open().of_living_cases()
    standing = standing.filter(case__student=OuterRef("student"))
    rows = (
        found.qs.for_page()
        .select_related("comparison")
        .annotate(
            standing_case=Subquery(standing.values("case")[:1]),
            standing_state=Subquery(standing.values("state")[:1]),
        )
        .order_by("outcome", "-strength", "pk")
    )
    table = PairTable(
        rows, order_by=query.getlist("sort") or None, masked=not user.has_perm(UNMASK)
    )
    return found, table
