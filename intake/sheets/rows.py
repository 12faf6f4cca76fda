"""The rows of a table, streamed: data in chunks, everything else counted, checked and told."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.cells import column_letter
from intake.columns.ditto import fill_dittos
from intake.sheets.filling import Filling
from intake.sheets.lines import Kind, Line, Lines, Stretch
from intake.sheets.normal import is_blank
from intake.sheets.totals import Summed, Totals

if TYPE_CHECKING:
    from intake.sheets.tables import Table

BESIDE = 30  # columns right of the header in which something may stand


@dataclass(slots=True)
class RawChunk:
    """Rows of data, column by column, as the file holds them; 同上 and merged cells are filled.

    `rows` are numbered as Excel does. `cells` has the columns that stand in the sheet, `extra[i]`
    the cells of `table.extra[i]`, `tokens` those of the row token column.
    """

    rows: list[int]
    cells: dict[str, list]
    extra: list[list]
    tokens: list | None


class Rows:
    """One pass over the rows of a table."""

    def __init__(self, table: "Table"):
        self.table, self.width = table, table.width
        self.filling = Filling(table)
        self.places = [(name, placed.index) for name, placed in table.columns.items()]
        self.above: dict[str, object] = {}  # the last row of the chunk before, filled
        self.hidden: list[int] = []  # rows of data among them
        taken = {index for _name, index in self.places}
        taken |= {heading.index for heading in (*table.unclaimed, *table.passed_over)}
        taken |= {found.index for found in (*table.extra, *table.suggestions)}
        self.headless = set(range(self.width + BESIDE)) - taken - {table.token_index}
        self.lines = _lines(table)
        self.totals = Totals(table.sheet_name, _summed(table))
        self.read = self.stopped = False

    def chunks(self) -> Iterator[RawChunk]:
        for first, rows in self.table.source():
            skipped = max(0, self.table.header_rows[1] + 1 - first)
            rows = self._padded(rows[skipped:])
            if not rows:
                continue
            first += skipped
            numbers = list(range(first, first + len(rows)))
            if chunk := self._chunk(self.lines.sort(numbers, rows)):
                yield chunk
            if self.stopped:
                break
        if not self.stopped and (chunk := self._chunk([self.lines.finish()])):
            yield chunk
        self._tell()

    def _padded(self, rows: list[list]) -> list[list]:
        width = self.width
        if all(len(row) >= width for row in rows):
            return rows
        return [row + [None] * (width - len(row)) for row in rows]

    def _chunk(self, stretches: list[Stretch]) -> RawChunk | None:
        tokens = None if self.table.token_index is None else []
        extra = [[] for _claimed in self.table.extra]
        chunk = RawChunk([], {name: [] for name, _index in self.places}, extra, tokens)
        for stretch in stretches:
            if stretch.rows:
                self._look_beside(stretch)
                self.totals.add(stretch.rows)
                self._gather(stretch, chunk)
            if stretch.end:
                self._end(stretch.end)
            if self.stopped:
                break
        if not chunk.rows:
            return None
        self.read = True
        for name, cells in chunk.cells.items():
            if self.table.kind.columns[name].ditto:
                chunk.cells[name] = fill_dittos(cells, self.above.get(name))
            self.above[name] = chunk.cells[name][-1]
        return chunk

    def _gather(self, stretch: Stretch, chunk: RawChunk) -> None:
        columns = list(zip(*stretch.rows, strict=False))
        chunk.rows += stretch.numbers
        for name, index in self.places:
            cells = columns[index]
            if name in self.filling.columns:
                cells = self.filling.fill(name, stretch.numbers, cells)
            chunk.cells[name] += cells
        for cells, claimed in zip(chunk.extra, self.table.extra, strict=True):
            cells += columns[claimed.index]
        if chunk.tokens is not None:
            chunk.tokens += columns[self.table.token_index]

    def _end(self, line: Line) -> None:
        """A total or a header ends a stretch of data."""
        self.filling.restart()
        if line.kind is Kind.TOTAL:
            self.table.warnings += self.totals.check(line)
        elif line.kind is Kind.HEADER:
            self.table.warnings += self.totals.restart()
        else:
            self.stopped = True
            self.table.blame("header_differs", line.number, row=line.number)

    def _look_beside(self, stretch: Stretch) -> None:
        """Columns without a header that hold something, and rows that are hidden."""
        width = min(map(len, stretch.rows))
        found = {
            index
            for index in self.headless
            if index < width and not all(is_blank(row[index]) for row in stretch.rows)
        }
        for index in sorted(found):
            letter = column_letter(index + 1)
            self.table.headless.append(letter)
            self.table.warn("column_headless", self.table.header_rows[1], letter, letter=letter)
        self.headless -= found
        if self.table.hidden_rows:
            self.hidden += sorted(self.table.hidden_rows.intersection(stretch.numbers))

    def _tell(self) -> None:
        self.table.warnings += self.totals.finish()
        self.filling.tell()
        if self.hidden:
            self.table.warn("hidden_rows", self.hidden[0], rows=as_ranges(self.hidden))
        if not self.read:
            self.table.warn("no_rows", name=self.table.sheet_name)
        self.table.left_out = {kind.value: n for kind, n in self.lines.left_out.items()}


def _lines(table: "Table") -> Lines:
    columns = table.kind.columns
    key = [table.columns[name].index for name in table.kind.key if name in table.columns]
    placed = [placed.index for placed in table.columns.values()]
    return Lines(
        table.header_cells,
        placed=[*placed, *(claimed.index for claimed in table.extra)],
        key=key or placed,
        words=[said for column in columns.values() for said in (str(column.header), *column.also)],
        passed_over=[heading.index for heading in table.passed_over],
        token=table.token_index,
        adds_up=any(columns[name].adds_up for name in table.columns),
    )


def _summed(table: "Table") -> dict[str, Summed]:
    columns = table.kind.columns
    return {
        name: Summed(
            placed.index, columns[name].reader(table.context), columns[name].type_name == "money"
        )
        for name, placed in table.columns.items()
        if columns[name].adds_up
    }


def as_ranges(numbers: list[int]) -> str:
    """12-15, 20 for row numbers in order."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(f"{a}-{b}" if a != b else str(a) for a, b in ranges)
