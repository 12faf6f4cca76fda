"""Cells copied out of a spreadsheet, read as values of past years.

Two shapes, told apart by the header: one value a row (指标, 单位, 期别, 分子, 分母), or units down and
periods across. Every fault names its row and column as pasted and says what to do.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from common.figures import State
from common.period_words import read_period
from common.periods import KIND_LABELS, Kind, Period
from registry.models import Unit
from tasks_app.models import Indicator, Observation
from tasks_app.services import numbers
from tasks_app.services.cells import cells_of, squeeze
from tasks_app.services.names import Known, Wrong

FIRST_YEAR = 2015
MOST_VALUES = 10_000
HEAD_WITHIN = 6  # a title may stand above the header

# Header and cell words, as they stand in the bureau's sheets.
HEADS = {
    "code": {"指标", "指标代号", "指标代码", "指标编号", "代号"},  # data
    "name": {"指标名称", "名称"},  # data
    "unit": {"单位", "单位名称", "填报单位", "报送单位", "地区", "旗区", "旗县"},  # data
    "period": {"期别", "期", "时间", "时期", "报告期", "年度", "年份", "年"},  # data
    "num": {"分子", "数值", "数", "值", "分子/数值", "分子或数值", "数值/分子"},  # data
    "den": {"分母"},  # data
    "percent": {"比率", "百分比", "比例", "占比", "率", "%", "比率(%)"},  # data
    "other": {"计量单位", "频次", "口径", "说明", "备注", "序号", "任务", "重点任务"},  # data
}
STATES = {
    "未报": State.NOT_REPORTED,  # data
    "不适用": State.NOT_APPLICABLE,  # data
    "无个案": State.NO_CASE,  # data
}
PARTS = re.compile(r"\(?(分子或数值|分子/数值|分子|数值|分母|百分比|比率|%)\)?$")  # data
PART_OF = {"分母": "den", "百分比": "percent", "比率": "percent", "%": "percent"}  # data

NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|[+-]?\.[0-9]+")


@dataclass(frozen=True)
class Fault:
    """Why a cell cannot be taken; row and column as pasted, counted from 1."""

    line: int
    column: int
    code: str
    message: str
    typed: str = ""


@dataclass
class Row(numbers.Entry):
    """One value of a past year, and how it stands to what is stored."""

    unit: Unit | None = None
    period: Period | None = None
    line: int = 0
    column: int = 0
    old: Observation | None = None

    @property
    def key(self) -> tuple[int, int, str]:
        return self.indicator.pk, self.unit.pk, self.period.code


@dataclass
class Grid:
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


EXAMPLES = {
    Kind.MONTH: "2021-09",
    Kind.QUARTER: "2021Q3",
    Kind.TERM: "2021/22-1",
    Kind.YEAR: "2021",
    Kind.SCHOOL_YEAR: "2021/22",
}


def _check_period(indicator: Indicator, period: Period, on: date) -> None:
    kind = indicator.period_kind
    if period.kind != kind:
        words = {"kind": KIND_LABELS[kind], "example": EXAMPLES[kind]}
        raise Wrong("wrong_kind", _("这项指标按%(kind)s报，期别要写成 %(example)s 这样。") % words)
    if period.year < FIRST_YEAR:
        raise Wrong("too_old", _("只收 %(year)s 年以后的数。") % {"year": FIRST_YEAR})
    if period.end >= on:
        raise Wrong(
            "not_ended", _("%(period)s还没有结束，期末以后再录。") % {"period": period.label}
        )


# Values ------------------------------------------------------------------------------------------
def _read_value(row: Row, num: str, den: str, percent: str) -> bool:
    """Fill a row from its cells. False: blank, leave alone. Wrong carries the part in its code."""
    if not (num or den):
        if percent:
            raise Wrong("num:percent_only", _percent_only())
        return False
    state = STATES.get(squeeze(num), STATES.get(squeeze(den)))
    if state:
        return _read_state(row, state, num, den)
    rate = row.indicator.is_rate
    if not rate and den:
        raise Wrong("den:no_denominator", _("这项指标是个数，没有分母。这一格空着。"))
    if rate and "%" in num + den:
        raise Wrong("num:percent_only", _percent_only())
    if rate and not (num and den):
        part = "num" if den else "den"
        said = _("这是比率，缺%(part)s。分子和分母都要，没掌握就写“未报”。")
        raise Wrong(f"{part}:missing", said % {"part": _("分母") if num else _("分子")})
    whole = row.indicator.unit_zh not in numbers.AMOUNTS
    row.numerator = _read_number("num", num, whole)
    if rate:
        row.denominator = _read_number("den", den, whole)
        if row.denominator == 0:
            if row.numerator:
                raise Wrong("num:over_nothing", _("分母是 0，分子只能是 0。"))
            row.state = State.NO_CASE
    return True


def _percent_only() -> str:
    return _("这是比率，不能只填百分数：要分子和分母两个数，比率由平台算。")


def _read_state(row: Row, state: State, num: str, den: str) -> bool:
    words = {squeeze(cell) for cell in (num, den) if cell}
    if len(words) > 1:
        said = _("写了“%(word)s”就不再填数，另一格空着。")
        word = next(word for word in words if word in STATES)
        raise Wrong("num:state_and_number", said % {"word": word})
    if state == State.NO_CASE:
        if not row.indicator.is_rate:
            raise Wrong("num:no_case", _("“无个案”只用于比率。个数是零就写 0。"))
        row.numerator = row.denominator = Decimal(0)
    row.state = state
    return True


def _read_number(part: str, cell: str, whole: bool) -> Decimal:
    if not NUMBER.fullmatch(cell):
        said = _("“%(typed)s”不是数。只填数字；没掌握写“未报”，没有这回事写“不适用”，不录就空着。")
        raise Wrong(f"{part}:not_a_number", said % {"typed": cell[:30]})
    try:
        return numbers.parse_number(cell, whole=whole)
    except ValueError as error:
        raise Wrong(f"{part}:not_a_number", str(error)) from None


# Shapes ------------------------------------------------------------------------------------------
@dataclass
class _Head:
    """What stands in which column. `slots`: a wide sheet's [(period, {part: column})], else None."""

    first: int  # of the header rows, from 0
    line: int  # the last of them
    columns: dict[str, int]
    slots: list[tuple[Period, dict[str, int]]] | None = None


class _Reader:
    """One reading of one paste."""

    def __init__(self, known: Known, chosen: Indicator | None, on: date):
        self.known, self.chosen, self.on = known, chosen, on
        self.grid = Grid()
        self.seen: dict[tuple, tuple[int, int]] = {}

    def fault(self, line: int, column: int, wrong: Wrong, typed: str = "") -> None:
        code = wrong.code.partition(":")[2] or wrong.code
        self.grid.faults.append(Fault(line + 1, column + 1, code, wrong.message, typed[:60]))

    def read(self, text: str) -> Grid:
        lines = cells_of(text)
        head = self._head(lines)
        if head:
            self._unnamed(lines, head)
            for at in range(head.line + 1, len(lines)):
                if len(self.grid.rows) + len(self.grid.faults) > MOST_VALUES:
                    said = _("一次最多 %(most)s 个数，从这一行起分几次录。") % {
                        "most": f"{MOST_VALUES:,}"
                    }
                    self.fault(at, 0, Wrong("too_many", said))
                    break
                if any(lines[at]):
                    self._line(at, lines[at], head)
            if not self.grid.rows and not self.grid.faults:
                said = _("表头下面没有数。填上要录的格子再粘贴。")
                self.fault(head.line + 1, 0, Wrong("nothing", said))
        return self.grid

    # Header
    def _head(self, lines: list[list[str]]) -> _Head | None:
        filled = [at for at, cells in enumerate(lines) if any(cells)]
        if not filled:
            self.fault(0, 0, Wrong("empty", _("还没有粘贴内容。")))
            return None
        for at in filled[:HEAD_WITHIN]:
            words = [squeeze(cell) for cell in lines[at]]
            named = _named(words)
            if "period" in named:
                return self._long_head(at, words, named)
            if any(_period_of(word)[0] for word in words[1:]) and not _period_of(words[0])[0]:
                return self._wide_head(at, lines, named)
            if sum(map(bool, words)) > 1:
                break
        said = _(
            "第一行要是表头：“指标、单位、期别、分子、分母”，或“单位”后面跟着各个年份（如 2021年）。"
        )
        self.fault(filled[0], 0, Wrong("header", said), " ".join(lines[filled[0]]))
        return None

    def _long_head(self, at: int, words: list[str], named: dict[str, int]) -> _Head | None:
        missing = []
        if not ({"code", "name"} & set(named) or self.chosen):
            missing.append(_("指标"))
        if "unit" not in named:
            missing.append(_("单位"))
        if not {"num", "percent"} & set(named):
            missing.append(_("分子"))
        for column, word in enumerate(words):
            if word and not any(word in known for known in HEADS.values()):
                said = _("不认识这一列。列名用指标、单位、期别、分子、分母；不用的列删掉。")
                self.fault(at, column, Wrong("unknown_column", said), word)
        for name in missing:
            said = _("表头缺“%(name)s”这一列。") % {"name": name}
            self.fault(at, 0, Wrong("missing_column", said))
        return None if missing else _Head(at, at, named)

    def _wide_head(self, at: int, lines: list[list[str]], named: dict[str, int]) -> _Head | None:
        if not ({"code", "name"} & set(named) or self.chosen):
            said = _("横表里没有“指标”列：在上面选这张表是哪一项指标，或加一列指标。")
            self.fault(at, 0, Wrong("missing_column", said))
            return None
        if "unit" not in named:
            column = _unit_column([squeeze(cell) for cell in lines[at]], named)
            if column is None:
                said = _("表头缺“%(name)s”这一列。") % {"name": _("单位")}
                self.fault(at, 0, Wrong("missing_column", said))
                return None
            named["unit"] = column
        below = [squeeze(cell) for cell in lines[at + 1]] if at + 1 < len(lines) else []
        unit_below = below[named["unit"]] if named["unit"] < len(below) else ""
        two = (
            bool(below) and not unit_below and all(not w or _part(w) for w in below) and any(below)
        )
        slots: dict[str, tuple[Period, dict[str, int]]] = {}
        last = None
        # Cells without a head at the end of a line are cut off when the text is edited.
        for column in range(max(map(len, lines[at:]))):
            if column in named.values():
                last = None
                continue
            word = squeeze(lines[at][column]) if column < len(lines[at]) else ""
            period, part = _period_of(word)
            if two and column < len(below):
                part = _part(below[column]) or part
            if not word and last and "den" not in slots[last.code][1]:  # right of a merged cell
                period = last
            if period is None:
                if word and not any(word in known for known in HEADS.values()):
                    said = _("不认识这一列。列名写期别，如 2021年；不用的列删掉。")
                    self.fault(at, column, Wrong("unknown_column", said), word)
                continue
            last = period
            self._place(slots, at, column, period, part)
        columns = {name: c for name, c in named.items() if name in ("code", "name", "unit")}
        return _Head(at, at + 1 if two else at, columns, self._kept(list(slots.values()), at))

    def _place(self, slots, at: int, column: int, period: Period, part: str) -> None:
        """The first column of a period is its numerator, the second its denominator."""
        parts = slots.setdefault(period.code, (period, {}))[1]
        part = part or next((p for p in ("num", "den", "percent") if p not in parts), "")
        if not part or part in parts:
            said = _("%(period)s出现了不止一次，留一列。") % {"period": period.label}
            self.fault(at, column, Wrong("duplicate_column", said))
            return
        parts[part] = column

    def _kept(self, slots, at: int):
        """With one indicator for the whole sheet, a bad period is one fault and not one a row."""
        if not self.chosen:
            return slots
        kept = []
        for period, parts in slots:
            try:
                _check_period(self.chosen, period, self.on)
                if self.chosen.is_rate and not {"num", "den"} <= set(parts):
                    raise Wrong("percent_only", _("这是比率，每期要分子、分母两列，比率由平台算。"))
            except Wrong as wrong:
                self.fault(at, min(parts.values()), wrong, period.code)
            else:
                kept.append((period, parts))
        return kept

    def _unnamed(self, lines: list[list[str]], head: _Head) -> None:
        """What stands under no head would be lost without a word."""
        heads = lines[head.first : head.line + 1]
        taken = set(head.columns.values())
        taken |= {column for _period, parts in head.slots or () for column in parts.values()}
        taken |= {column for cells in heads for column, cell in enumerate(cells) if cell}
        told = set()
        for at in range(head.line + 1, len(lines)):
            for column, cell in enumerate(lines[at]):
                if cell and column not in taken and column not in told:
                    told.add(column)
                    said = _("这一列没有表头。写上列名，不用的列删掉。")
                    self.fault(at, column, Wrong("unnamed_column", said), cell)

    # Body
    def _line(self, at: int, cells: list[str], head: _Head) -> None:
        def cell(name):
            column = head.columns.get(name, -1)
            return cells[column] if 0 <= column < len(cells) else ""

        if not self._has_values(cells, head):
            return
        named = "code" if "code" in head.columns else "name"
        indicator, unit = self.chosen, None
        if named in head.columns:
            try:
                indicator = self.known.indicator(cell(named))
            except Wrong as wrong:
                self.fault(at, head.columns[named], wrong, cell(named))
                return  # nothing else on the line can be judged without it
        try:
            unit = self.known.unit(cell("unit"), indicator)
        except Wrong as wrong:
            self.fault(at, head.columns["unit"], wrong, cell("unit"))
        long = [(read_period(cell("period")), head.columns)]
        for period, parts in long if head.slots is None else head.slots:
            self._value(at, cells, indicator, unit, period, parts)

    def _has_values(self, cells: list[str], head: _Head) -> bool:
        wanted = [head.columns]
        if head.slots is not None:
            wanted = [parts for _period, parts in head.slots]
        columns = [p[part] for p in wanted for part in ("num", "den", "percent") if part in p]
        return any(column < len(cells) and cells[column] for column in columns)

    def _value(self, at, cells, indicator, unit, period, parts) -> None:
        """One value. Without a unit it is only judged, so that all faults of a line are told."""

        def cell(part):
            column = parts.get(part, -1)
            return cells[column] if 0 <= column < len(cells) else ""

        values = cell("num"), cell("den"), cell("percent")
        if not any(values):
            return
        period_column = parts.get("period", min(parts.values()))
        row = Row(indicator, unit=unit, period=period, line=at + 1)
        row.column = parts.get("num", period_column) + 1
        try:
            if period is None:
                said = _("看不懂这个期别，写成 %(example)s 这样。")
                raise Wrong("not_a_period", said % {"example": EXAMPLES[indicator.period_kind]})
            _check_period(indicator, period, self.on)
        except Wrong as wrong:
            typed = cells[period_column] if "period" in parts and period_column < len(cells) else ""
            self.fault(at, period_column, wrong, typed)
            period = None
        try:
            read = _read_value(row, *values)
        except Wrong as wrong:
            part = wrong.code.partition(":")[0]
            if wrong.code == "num:percent_only" and not cell("num"):
                part = next((p for p in ("den", "percent") if cell(p)), part)
            column = parts.get(part, parts.get("num", period_column))
            self.fault(at, column, wrong, cells[column] if column < len(cells) else "")
            return
        if read and unit and period:
            self._add(at, row)

    def _add(self, at: int, row: Row) -> None:
        if row.key in self.seen:
            line, column = self.seen[row.key]
            said = _("和第 %(line)s 行第 %(column)s 列是同一个数，留一处。")
            words = {"line": line, "column": column}
            self.fault(at, row.column - 1, Wrong("duplicate", said % words))
            return
        self.seen[row.key] = row.line, row.column
        self.grid.rows.append(row)


def _named(words: list[str]) -> dict[str, int]:
    """The columns whose head is a known word; of two with one meaning the first."""
    found = {}
    for column, word in enumerate(words):
        for name, known in HEADS.items():
            if word in known and name != "other":
                found.setdefault(name, column)
    return found


def _unit_column(words: list[str], named: dict[str, int]) -> int | None:
    """A wide sheet's first column holds the units, whatever its head says."""
    for column, word in enumerate(words):
        if column in named.values() or word in HEADS["other"]:
            continue
        return None if _period_of(word)[0] else column
    return None


def _part(word: str) -> str:
    found = PARTS.fullmatch(word)
    return PART_OF.get(found[1], "num") if found else ""


def _period_of(word: str) -> tuple[Period | None, str]:
    """A wide header's cell: (period, part), as in 2021年(分母)."""
    found = PARTS.search(word)
    part = _part(found[0]) if found else ""
    return read_period(word[: found.start()] if found else word), part


def parse_grid(text: str, *, known: Known, on: date, indicator: Indicator | None = None) -> Grid:
    """Read what was pasted. Never both nothing read and nothing wrong."""
    return _Reader(known, indicator, on).read(text)
