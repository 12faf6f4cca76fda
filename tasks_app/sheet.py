"""What the report's form and its reading page show, row by row. Words and numbers, no deeds."""

import difflib
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import figures
from common.figures import State
from common.periods import Period
from tasks_app.models import Indicator, Observation, ProgressReport, ReportValue, Review
from tasks_app.services import numbers, reports
from tasks_app.services.duties import has_narrative, indicators_of
from tasks_app.sheet_lines import SheetLine, lines_of

WORD_LABELS = {
    "self_assessment": gettext_lazy("自评"),
    "done": gettext_lazy("本期做了什么"),
    "problems": gettext_lazy("存在问题"),
    "next_step": gettext_lazy("下一步"),
}


@dataclass
class Row:
    """One indicator in the form: name and rule, last period, this period."""

    indicator: Indicator
    last: Observation | None
    entry: numbers.Entry
    draft: dict
    faults: dict[str, str]
    note: str = ""
    rows_address: str = ""
    line: SheetLine | None = None  # of the workbook that brought the number

    def name(self, part: str) -> str:
        return numbers.field_name(self.indicator, part)

    @property
    def fields(self) -> dict:
        """Names, typed texts and faults of the row's fields, for the template."""
        return {
            part: {
                "name": self.name(part),
                "value": self.draft.get(self.name(part), ""),
                "fault": self.faults.get(self.name(part), ""),
            }
            for part in ("state", "num", "den", "why")
        }

    @property
    def state(self) -> str:
        return self.draft.get(self.name("state")) or State.REPORTED

    @property
    def locked_whole(self) -> bool:
        return bool(self.indicator.figure) and self.entry.computed

    @property
    def locked_denominator(self) -> Decimal | None:
        if self.indicator.denominator_figure and self.entry.source:
            return self.entry.denominator
        return None

    @property
    def question(self) -> str:
        return numbers.question(self.entry.warnings) if self.entry.warnings else ""

    @property
    def last_label(self) -> str:
        return Period.parse(self.last.period).label if self.last else ""


@dataclass
class Words:
    """One text of the narrative with last period's text beside it."""

    name: str
    label: str
    value: str
    last: str
    fault: str
    note: str


@dataclass
class Sheet:
    """The whole form of a duty."""

    rows: list[Row]
    words: list[Words] = field(default_factory=list)
    self_assessment: Words | None = None
    review: Review | None = None

    @property
    def to_fill(self) -> int:
        return sum(not row.locked_whole for row in self.rows)

    @property
    def computed(self) -> int:
        return sum(row.locked_whole for row in self.rows)


def build_sheet(report: ProgressReport, *, user, faults=()) -> Sheet:
    """Everything the form shows: at most one query for each kind of thing, whatever the rows."""
    said = {fault.field: fault.message for fault in faults}
    review = _last_return(report)
    notes = review.field_notes if review else {}
    last, lines = reports.last_values(report), lines_of(report, user)
    rows = []
    for entry in reports.read_entries(report):
        indicator = entry.indicator
        note = next((notes[n] for n in notes if n.startswith(f"i{indicator.pk}-")), "")
        rows.append(
            Row(
                indicator,
                last.get(indicator.pk),
                entry,
                report.draft,
                said,
                note,
                _rows_address(report, indicator, entry),
                None if entry.computed else lines.get(indicator.pk),
            )
        )
    sheet = Sheet(rows, review=review)
    if has_narrative(report.duty):
        before = _report_before(report)
        for name, label in WORD_LABELS.items():
            words = Words(
                name,
                str(label),
                report.draft.get(name, ""),
                getattr(before, name, "") if before else "",
                said.get(name, ""),
                notes.get(name, ""),
            )
            if name == "self_assessment":
                sheet.self_assessment = words
            else:
                sheet.words.append(words)
    return sheet


def _rows_address(report, indicator, entry) -> str:
    """Where the rows behind a computed number can be read."""
    code = indicator.figure if entry.computed else indicator.denominator_figure
    if not code or not entry.source:
        return ""
    period = Period.parse(report.duty.period)
    return figures.get(code).rows(period=period, unit=report.duty.unit)


def _last_return(report: ProgressReport) -> Review | None:
    if report.pk is None or report.state != ProgressReport.State.RETURNED:
        return None
    return (
        report.reviews.filter(verdict=Review.Verdict.RETURNED)
        .select_related("by")
        .order_by("-at", "-pk")
        .first()
    )


def _report_before(report: ProgressReport) -> ProgressReport | None:
    """The approved report of the period before."""
    duty = report.duty
    return (
        ProgressReport.objects.approved()
        .filter(
            duty__code=duty.code,
            duty__unit=duty.unit_id,
            duty__period=Period.parse(duty.period).previous().code,
        )
        .first()
    )


# Reading -----------------------------------------------------------------------------------------
@dataclass
class ReadRow:
    """One number of a submitted report beside the last period and the version it corrects."""

    value: ReportValue
    last: Observation | None
    old: ReportValue | None
    line: SheetLine | None = None  # of the workbook that brought it

    @property
    def indicator(self) -> Indicator:
        return self.value.indicator

    @property
    def note_name(self) -> str:
        return numbers.field_name(self.indicator, "num")

    @property
    def questions(self) -> list[dict]:
        return [
            {"text": numbers.warning_text(warning), "answer": warning.get("answer", "")}
            for warning in self.value.warnings
        ]

    @property
    def changed(self) -> bool:
        return self.old is not None and (
            (self.old.state, self.old.numerator, self.old.denominator)
            != (self.value.state, self.value.numerator, self.value.denominator)
        )


def read_rows(report: ProgressReport, *, user) -> list[ReadRow]:
    """The numbers as submitted, in the order of the catalogue."""
    last, lines = reports.last_values(report), lines_of(report, user)
    old = {}
    if report.corrects_id:
        old = {v.indicator_id: v for v in ReportValue.objects.filter(report=report.corrects_id)}
    values = report.values.select_related("indicator").order_by("indicator__code")
    return [
        ReadRow(
            value,
            last.get(value.indicator_id),
            old.get(value.indicator_id),
            None if value.computed else lines.get(value.indicator_id),
        )
        for value in values
    ]


def read_words(report: ProgressReport) -> list[Words]:
    """The narrative as submitted, beside last period's."""
    if not has_narrative(report.duty):
        return []
    before = _report_before(report)
    found = []
    for name, label in WORD_LABELS.items():
        if name == "self_assessment":
            continue
        last = getattr(before, name, "") if before else ""
        found.append(Words(name, str(label), getattr(report, name), last, "", ""))
    return found


def label_of_field(report: ProgressReport, name: str) -> str:
    """A field's name in words, for the list of faults and for conflicts."""
    if name in WORD_LABELS:
        return str(WORD_LABELS[name])
    for indicator in indicators_of(report.duty, report.work_item):
        for part, label in (
            ("num", _("分子") if indicator.is_rate else _("数值")),
            ("den", _("分母")),
            ("why", _("原因")),
            ("state", _("数值情况")),
        ):
            if name == numbers.field_name(indicator, part):
                return f"{indicator.name} {label}"
    return name


def differences(mine: str, theirs: str) -> list[tuple[str, str]]:
    """What the other's text has instead of mine: [("same"|"mine"|"theirs", text), …]."""
    pieces = []
    for op, a, b, c, d in difflib.SequenceMatcher(None, mine, theirs).get_opcodes():
        if op == "equal":
            pieces.append(("same", mine[a:b]))
            continue
        if mine[a:b]:
            pieces.append(("mine", mine[a:b]))
        if theirs[c:d]:
            pieces.append(("theirs", theirs[c:d]))
    return pieces
