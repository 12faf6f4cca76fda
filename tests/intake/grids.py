"""Sheets written as text, a book of them as the reader hands it over, and kinds to read them with.

A grid has a row on each line and `|` between cells; what looks like a number is one.
"""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from intake.columns.base import Column
from intake.faults import BadCell, Fault
from intake.kinds import Fact, ReportKind
from intake.sheets import Table, read_tables


@dataclass
class Sheet:
    number: int
    name: str
    width: int
    height: int
    hidden: bool = False
    first_row: int = 1
    first_column: int = 1
    hidden_rows: list = field(default_factory=list)
    hidden_columns: list = field(default_factory=list)
    merged: list = field(default_factory=list)


class Book:
    """Gives chunks of `size` rows. As with the real one, only one sheet is read at a time."""

    def __init__(self, size: int = 2000, format: str = "xlsx"):
        self.sheets: list[Sheet] = []
        self.format, self.unknown = format, ()
        self.size, self.opened, self._turn = size, [], 0
        self._rows: dict[int, list[list]] = {}

    def add(self, rows: list[list], name: str = "", **facts) -> "Book":
        number = len(self.sheets) + 1
        width = max(map(len, rows), default=0)
        self.sheets.append(Sheet(number, name or f"Sheet{number}", width, len(rows), **facts))
        self._rows[number] = [[*row, *[None] * (width - len(row))] for row in rows]
        return self

    def rows(self, number: int):
        self.opened.append(number)
        self._turn += 1
        turn, rows = self._turn, self._rows[number]
        for at in range(0, len(rows), self.size):
            assert turn == self._turn, "another sheet was opened in the meantime"
            yield at + 1, rows[at : at + self.size]


def grid(text: str) -> list[list]:
    return [[_cell(cell) for cell in line.split("|")] for line in text.strip("\n").split("\n")]


def _cell(text: str):
    text = text.strip(" ")
    if text.isascii() and text.replace(".", "", 1).isdecimal() and len(text) < 10:
        return float(text)
    return text.replace("\\n", "\n") or None


class Plain(Column):
    def bind(self, context):
        return lambda cell: cell


class Amount(Column):
    type_name, adds_up = "money", True

    def bind(self, context):
        def read(cell):
            try:
                return Decimal(str(cell).replace(",", "").removesuffix("元"))
            except InvalidOperation:
                raise BadCell("error_cell", error="?") from None

        return read


class Number(Amount):
    type_name = "count"


class Roll(ReportKind):
    """A roster with money on it."""

    title = "发放花名册"
    key = ("id_number",)
    facts = (Fact("department", Plain("部门", also=("报送部门",))),)

    banner = Plain("旗(区)", also=("旗县区",))
    school = Plain("学校", also=("学校名称",), required=True, fills_down=True)
    grade = Plain("年级", required=True)
    name = Plain("姓名", also=("学生姓名",), required=True)
    sex = Plain("性别")
    id_number = Plain("身份证号", also=("公民身份号码", "身份证件号"), required=True)
    guardian = Plain("监护人", also=("监护人姓名",))
    phone = Plain("监护人电话", also=("联系电话",))
    amount = Amount("金额", also=("发放金额",))
    note = Plain("备注")


class Counts(ReportKind):
    """Few columns, most of them numbers."""

    title = "残疾儿童统计表"
    key = ("school",)

    school = Plain("学校名称", required=True, fills_down=True)
    children = Number("残疾儿童总数", required=True)
    sight = Number("残疾类型/视力")
    hearing = Number("残疾类型/听力")
    rate = Plain("入学率")


class Wide(ReportKind):
    """A column for each unit."""

    title = "指标数据"
    key = ("code", "name")
    either = (("code", "name"),)

    code = Plain("指标代码")
    name = Plain("指标名称")
    note = Plain("说明")

    def claims(self, _context):
        return {"阿左旗": 1, "阿拉善左旗": 1, "额济纳旗": 2, "左旗/分子": 3, "左旗/分母": 4}.get


ROLL, COUNTS, WIDE = Roll(), Counts(), Wide()


@dataclass
class Read:
    """A table with its rows read to the end."""

    table: Table
    rows: list[tuple]  # (row number, {column: cell})
    extra: list[list]
    tokens: list

    @property
    def letters(self) -> dict[str, str]:
        return {name: placed.letter for name, placed in self.table.columns.items()}

    @property
    def numbers(self) -> list[int]:
        return [number for number, _cells in self.rows]

    def column(self, name: str) -> list:
        return [cells.get(name) for _number, cells in self.rows]

    @property
    def told(self) -> list[str]:
        return [fault.code for fault in self.table.warnings]

    @property
    def blamed(self) -> list[str]:
        return [fault.code for fault in self.table.faults]

    def fault(self, code: str) -> Fault:
        (found,) = [f for f in (*self.table.faults, *self.table.warnings) if f.code == code]
        return found


def read_all(book: Book, kind=ROLL, **known) -> list[Read]:
    return [read_out(table) for table in read_tables(book, kind, context=None, **known)]


def read_out(table: Table) -> Read:
    read = Read(table, [], [[] for _claimed in table.extra], [])
    for chunk in table.chunks():
        for i, number in enumerate(chunk.rows):
            read.rows.append((number, {name: cells[i] for name, cells in chunk.cells.items()}))
        for all_cells, cells in zip(read.extra, chunk.extra, strict=True):
            all_cells += cells
        read.tokens += chunk.tokens or []
    return read


def read(
    text: str, kind=ROLL, *, size=2000, format="xlsx", given=None, remembered=None, **facts
) -> Read:
    """The one table of a sheet written as text."""
    book = Book(size, format).add(grid(text), **facts)
    (only,) = read_all(book, kind, given=given, remembered=remembered)
    return only
