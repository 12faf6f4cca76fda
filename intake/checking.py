"""One pass of a workbook through its kind: read, understood, each cell parsed, rules asked, staged.

A preview and a commit make the same pass. Everything that needs no lock happens in `read`; only
`compare`, and the store's `write` after it, stand inside the commit's transaction.
"""

from array import array
from collections.abc import Callable, Iterable

from django.utils.translation import gettext_lazy as _

from common import vault
from common.period_words import read_period
from intake import tokens
from intake.cells import CellError, column_letter, decode
from intake.column_readers import ColumnReader, Keys
from intake.columns.base import BLANK, CLEAR, Column, Doubt
from intake.faults import BadCell, Fault, declare
from intake.findings import Finding, Findings
from intake.kinds import Chunk
from intake.models import Upload
from intake.reading import open_book
from intake.services import headers
from intake.sheets import RawChunk, Table, read_tables
from intake.sheets.facts import PERIOD, UNIT
from intake.sheets.normal import words_of
from intake.stores.base import CONFLICTS, Comparison, Outcome, Run
from registry.models import Unit, descendants_of

SHOWN = 40  # characters of a faulty cell that a list of faults shows
# The faults of a cell that holds a mask or nothing: in a pre-filled row both leave alone what is stored.
MASKED, REQUIRED = "masked_cell", "required"

declare(
    {
        "fact_missing": (_("没有说明“%(header)s”"), _("上传时选上，或写在表头上方。")),
        "fact_wrong": (_("表头上方的“%(header)s”看不懂"), _("上传时选上，或改正这一格。")),
        "period_missing": (
            _("没有说明是哪一期"),
            _("上传时选上，或在表头上方写“期别：”。"),
        ),
        "period_differs": (
            _("表上写的是%(said)s，上传时选的是%(asked)s"),
            _("选对期别再传；表上写错了，改表。"),
        ),
        "unit_differs": (
            _("表上写的填报单位不是%(unit)s"),
            _("看看是不是选错了单位或文件；不是，不用管。"),
        ),
        "row_gone": (
            _("平台里已没有这一行"),
            _("重新下载预填表；要当新行报，就清空平台行标识。"),
        ),
        "number_of_another": (
            _("“%(header)s”在平台里是另一个人的"),
            _("核对号码；没有错，请先在平台里合并或更正那个人的记录。"),
        ),
        "mask_differs": (
            _("“%(header)s”打了星号，又和平台里的不一样"),
            _("填完整的，或留空表示不动。"),
        ),
    }
)


class Pass:
    """A workbook on its way through a kind. Close it, or use it in a `with`."""

    def __init__(
        self, upload: Upload, run: Run, progress: Callable[[int, int], None] | None = None
    ):
        self.upload, self.run = upload, run
        self.kind, self.context = run.kind, run.context
        self.progress = progress or (lambda done, total: None)
        self.faults, self.warnings = Findings(), Findings()
        self.tables: dict[int, Table] = {}  # by number of the sheet
        self.sheets: list[str] = []
        self.format = ""
        self.facts: dict[str, str] = {}
        self.needs_mapping = False
        self.loose = 0  # faults of no single row: they speak against writing all
        self.stage = self.found = None
        self._sheet_of, self._row_of = array("H"), array("L")  # by number of the row
        self._twice: set[int] = set()
        self._read_token = tokens.reader(self.kind.slug)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        if self.stage:
            self.stage.close()

    # Reading -----------------------------------------------------------------------------------
    def read(self) -> None:
        """Parse, check and stage all rows. Unusable if the file is of no use; vault.Gone."""
        with open_book(vault.read(self.upload.file_key), name=self.upload.name) as book:
            self.format, self.sheets = book.format, _names_by_number(book.sheets)
            self.context.uses_1904 = book.uses_1904
            found = read_tables(
                book,
                self.kind,
                context=self.context,
                given=self.upload.mapping,
                remembered=headers.remembered(self.kind, self.upload.unit),
            )
            self._tell(self.warnings, book.warnings)
            self.tables = {table.sheet: table for table in found}
            is_blocked = self._settle_facts(found)
            self.total = sum(i.height for i in book.sheets if i.number in self.tables) or 1
            self.stage = self.kind.store.stage(self.run)
            self.rules = [rule.begin(self.context) for rule in self.kind.rules]
            self.keys = Keys(self.kind)
            for table in found:
                self._read_table(table, is_blocked)

    def _settle_facts(self, found: list[Table]) -> bool:
        """What was asked for, else what stands above a header. True if something needed lacks."""
        said, title = {}, ""
        for table in reversed(found):
            said |= table.facts.values
            title = table.facts.title or title
        for label, raw in said.items():
            self.facts[label] = words_of(raw)
        blocked = False
        for fact in self.kind.facts:
            given, header = self.upload.facts_given, str(fact.column.header)
            raw = given.get(fact.name) or given.get(header) or said.get(fact.name)
            self.facts.pop(fact.name, None)
            blocked |= not self._settle_fact(fact, raw or (title if fact.is_title else ""))
        if self.kind.takes_period:
            blocked |= not self._settle_period(said.get(PERIOD))
        if UNIT in said:
            self._compare_unit(words_of(said[UNIT]))
        return blocked

    def _settle_period(self, raw) -> bool:
        """What was asked for, else what the sheet says; they must agree, or the wrong one is filled."""
        asked, said = self.context.period, read_period(words_of(raw)) if raw else None
        if asked and said and asked != said:
            self._blame_all("period_differs", asked=asked.label, said=said.label)
            return False
        self.context.period = asked or said
        if self.context.period is None:
            self._blame_all("period_missing")
        return self.context.period is not None

    def _settle_fact(self, fact, raw) -> bool:
        header = str(fact.column.header)
        try:
            value = fact.column.reader(self.context)(raw)
        except BadCell:
            self._blame_all("fact_wrong", header=header)
            return False
        if value.__class__ is Doubt:
            value = value.value
        if value is BLANK or value is CLEAR:
            if fact.required:
                self._blame_all("fact_missing", header=header)
            return not fact.required
        self.context.facts[fact.name] = value
        self.facts[header] = fact.column.shown(value)
        return True

    def _compare_unit(self, said: str) -> None:
        """A warning if the sheet names a unit that we know, and it lies elsewhere."""
        named = Unit.objects.called(said)
        mine = descendants_of(self.upload.unit, on=self.context.on)
        if named.exists() and not named.filter(pk__in=mine).exists():
            self.warnings.add(Finding("unit_differs", params={"unit": self.upload.unit.name}))

    def _blame_all(self, code: str, **params) -> None:
        self.loose += 1
        self.faults.add(Finding(code, params=params))

    def _tell(self, into: Findings, some: Iterable[Fault]) -> None:
        into.extend(
            Finding(one.code, one.sheet, one.row, one.column, params=one.params) for one in some
        )

    # Rows --------------------------------------------------------------------------------------
    def _read_table(self, table: Table, is_blocked: bool) -> None:
        """A table of which a column is in doubt is counted and told, none of its rows is taken."""
        self.needs_mapping |= table.needs_mapping
        told = len(table.faults)
        is_blocked = is_blocked or bool(told)
        readers = {
            name: ColumnReader(self.kind.columns[name], self.context) for name in table.columns
        }
        for raw in table.chunks():
            chunk = self._blocked(table, raw) if is_blocked else self._chunk(table, raw, readers)
            self.stage.add(chunk)
            self._sheet_of.extend([table.sheet] * len(raw.rows))
            self._row_of.extend(raw.rows)
            if not is_blocked:
                self._find_twice(chunk)
            self.progress(min(len(self._row_of), self.total - 1), self.total)
        wrong = [one for one in table.warnings if self._refuses(one)]
        self.loose += len(table.faults) + len(wrong)
        self._tell(self.faults, [*table.faults, *wrong])
        self._tell(self.warnings, [one for one in table.warnings if not self._refuses(one)])

    def _refuses(self, warning: Fault) -> bool:
        """Where rows are money, a total that differs is no mere warning."""
        return self.kind.needs_right_totals and warning.code == "total_differs"

    def _blocked(self, table: Table, raw: RawChunk) -> Chunk:
        size = len(raw.rows)
        values = {name: [BLANK] * size for name in self.kind.columns}
        return Chunk(table.sheet, raw.rows, values, bad=set(range(size)))

    def _chunk(self, table: Table, raw: RawChunk, readers: dict[str, ColumnReader]) -> Chunk:
        size = len(raw.rows)
        blanks = [BLANK] * size
        chunk = Chunk(table.sheet, raw.rows, {name: blanks for name in self.kind.columns})
        chunk.tokens = self._tokens(table, raw, chunk)
        chunk.extra = list(zip(table.extra, raw.extra, strict=True))
        faulty = chunk.faulty
        for name, reader in readers.items():
            cells = raw.cells[name]
            chunk.values[name], told = reader.read(cells)
            for at, what in told:
                finding = self._finding(table, raw.rows[at], name, what.code, what.params)
                finding.value = _shown(reader.column, cells[at])
                if what.__class__ is Doubt:
                    self.warnings.add(finding)
                    continue
                faulty.add((at, name))
                is_known = chunk.tokens and chunk.tokens[at]
                if what.code == REQUIRED and is_known:
                    continue
                if what.code == MASKED and is_known:
                    self.stage.expect(len(self._row_of) + at, name, str(decode(cells[at])).strip())
                    continue
                chunk.bad.add(at)
                self.faults.add(finding)
        self._ask_rules(table, raw, chunk)
        self._derive(chunk)
        return chunk

    def _tokens(self, table: Table, raw: RawChunk, chunk: Chunk) -> list | None:
        """Which stored row each line is, where a pre-filled form says so."""
        if raw.tokens is None:
            return None
        found = []
        for at, cell in enumerate(raw.tokens):
            try:
                found.append(self._read_token(cell))
            except BadCell as bad:
                found.append(None)
                chunk.bad.add(at)
                letter = column_letter(table.token_index + 1)
                self.faults.add(Finding(bad.code, table.sheet_name, raw.rows[at], letter))
        return found if any(found) else None

    def _ask_rules(self, table: Table, raw: RawChunk, chunk: Chunk) -> None:
        """A cell that is faulty by itself is not blamed once more for being blank to a rule."""
        faulty = chunk.faulty
        for rule in self.rules:
            into = self.warnings if rule.is_warning else self.faults
            for at, name, code, params in rule.check(chunk):
                if (at, name) in faulty or (code == REQUIRED and chunk.tokens and chunk.tokens[at]):
                    continue
                finding = self._finding(table, chunk.rows[at], name, code, params)
                if name in raw.cells:
                    finding.value = _shown(self.kind.columns[name], raw.cells[name][at])
                into.add(finding)
                if not rule.is_warning:
                    faulty.add((at, name))
                    chunk.bad.add(at)

    def _derive(self, chunk: Chunk) -> None:
        for derived in self.kind.derives:
            values, sources = chunk.values[derived.column], chunk.values[derived.source]
            filled, at_places = list(values), set()
            for at, source in enumerate(sources):
                if values[at] is BLANK and source is not BLANK and source is not CLEAR:
                    filled[at] = derived.make(source)
                    if filled[at] is not BLANK:
                        at_places.add(at)
            if at_places:
                chunk.values[derived.column] = filled
                chunk.derived[derived.column] = at_places

    def _find_twice(self, chunk: Chunk) -> None:
        first = len(self._row_of) - len(chunk.rows)
        for number, before, column in self.keys.twice(chunk, first):
            if before not in self._twice:
                self._blame_twice(before, number, column)
            self._blame_twice(number, before, column)
            self._twice |= {number, before}

    def _blame_twice(self, number: int, other: int, column: str) -> None:
        self._blame(
            self._sheet_of[number],
            self._row_of[number],
            column,
            "key_twice",
            {"place": self._place(self._sheet_of[other], self._row_of[other], column)}
            | {"header": str(self.kind.columns[column].header)},
        )

    def _place(self, sheet: int, row: int, column: str) -> str:
        """A column is the name of one of the kind's, or the letter of one that it has claimed."""
        table = self.tables[sheet]
        letter = column = self._standing_for(table, column)
        if column in self.kind.columns:
            letter = table.columns[column].letter if column in table.columns else ""
        return f"{table.sheet_name}!{letter}{row}" if len(self.tables) > 1 else f"{letter}{row}"

    def _standing_for(self, table: Table, name: str) -> str:
        """A column that the sheet lacks is told at the one that it has instead of it."""
        groups = [group for group in self.kind.either if name in group]
        if name in table.columns or not groups:
            return name
        return next((one for one in groups[0] if one in table.columns), name)

    def _blame(self, sheet: int, row: int, column: str, code: str, params: dict) -> None:
        self.faults.add(self._finding(self.tables[sheet], row, column, code, params))

    def _finding(self, table: Table, row: int, name: str, code: str, params: dict) -> Finding:
        """At a column of the kind; a claimed column is named by its letter."""
        name = self._standing_for(table, name)
        if name in table.columns:
            placed = table.columns[name]
            return Finding(code, table.sheet_name, row, placed.letter, placed.header, params=params)
        if name in self.kind.columns:
            header = str(self.kind.columns[name].header)
            return Finding(code, table.sheet_name, row, "", header, params=params)
        header = next((one.header for one in table.extra if one.letter == name), "")
        return Finding(code, table.sheet_name, row, name, header, params=params)

    # Comparing ---------------------------------------------------------------------------------
    def compare(self) -> Comparison:
        """Against what is stored now. What it finds at rows joins the faults."""
        self.stage.reject(self._twice)
        self.found = self.stage.compare()
        for fault in self.found.faults:
            params = fault.params
            if fault.code == "key_twice":
                column = params.get("column", fault.column)
                place = self._place(params["sheet"], params["row"], column)
                params = {"place": place, "header": params["header"]}
            self._blame(fault.sheet, fault.row, fault.column, fault.code, params)
        return self.found

    @property
    def is_faultless(self) -> bool:
        return not self.loose and not self.needs_mapping and self.found.is_faultless

    def counts(self) -> dict[str, int]:
        """The counts of the commands' JSON; rows are those of the sheets."""
        found = self.found
        return {
            "rows": sum(found.outcomes.values()),
            "inserted": found.rows(Outcome.NEW),
            "updated": found.rows(Outcome.CHANGED),
            "unchanged": found.rows(Outcome.UNCHANGED),
            "rejected": found.rows(Outcome.REJECTED),
            "cleared": found.cleared,
            "conflicts": found.rows(*CONFLICTS),
            "missing": found.missing_total,
            "errors_total": self.faults.total,
        }


def _names_by_number(sheets) -> list[str]:
    """Names of sheets in the order of their numbers; a chart's number has none."""
    names = [""] * max(info.number for info in sheets)
    for info in sheets:
        names[info.number - 1] = info.name
    return names


def _shown(column: Column, raw) -> str:
    """A faulty cell in a list of faults: personal ones as a mask."""
    cell = decode(raw)
    if cell is None or isinstance(cell, CellError):
        return cell.code if cell else ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell).strip()
    return column.masked(text)[:SHOWN] if column.personal else text[:SHOWN]
