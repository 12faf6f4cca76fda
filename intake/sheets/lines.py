"""Telling the rows of data from the other lines of a sheet: totals, notes, sign-offs, headers again.

A hundred thousand rows pass here, so a chunk is looked at as a whole first: only rows that are
sparse and lack a key, or say a telling word in a leading column, are looked at one by one.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum

from intake.sheets.normal import is_blank, squeeze, words_of

LEADING = 3  # columns in which a telling word may stand in a row that is full of numbers
TOTAL = re.compile(
    r"^(?P<of>[^,，。;；:]{0,16}?)(?P<word>合计|小计|总计|共计|累计)(?:\(.{0,8}\))?:?"  # data
    r"(?P<number>[\d,.]*)(?P<measure>[人名户份条元]?)$"  # data
    r"|^(?:[^\d:]{0,8})共:?(?:有)?(?P<count>\d+)[人名户份条]"  # data
)
BY_HAND = r"(?:签名|签字|签章|盖章|公章|章)"  # data
SIGNED = re.compile(
    r"^(?:单位|学校|部门|科室|旗县?区?)?"  # data
    r"(?:(?:填[表报]|制表|审[核批]|复核|负责|经办|联系|主管|分管|校对|统计)(?:人|领导|单位|电话|日期|时间)?"  # data
    r"|负责人|校长|领导|园长|班主任|公章|盖章|日期|报送时间|电话)"  # data
    rf"(?:\({BY_HAND}\)|{BY_HAND})?(?::|$)"
    rf"|^[^,，。]{{0,10}}\({BY_HAND}\):?"
)
NOTE = re.compile(r"^(?:注意?(?:事项)?|说明|备注|填[表报]说明|附注|附)\d*[:.、]|^[※*]\S")  # data
DAY = re.compile(r"^\d{4}[年./-]\d{1,2}[月./-](?:\d{1,2}日?)?$")  # data
NUMBER = re.compile(r"^[-+]?[\d,]*\.?\d+[%人名户份条个所元]?$")  # data
NONE = frozenset({"-", "--", "—", "——", "/", "\\", "－", "一", "无"})  # data
TELLING = re.compile("[计共总例注签章:：※]")  # data
EXAMPLE = re.compile(r"^(?:填写|填表)?(?:示例|样例|例如|例)\d?:?$")  # data
BULLET = re.compile(r"^\d{1,2}[、.](?=[^\d])")
STOP = re.compile(r"[,，。;；、]")
ALIKE = 0.8  # share of equal cells that makes a row the header again
TITLES = 12  # lines at most between one table and the header of the next
SAYING = 200  # characters of a cell in which a total or a note is looked for
SENTENCE = 20  # characters from which a lone text is a note and no value


class Kind(Enum):
    DATA = "data"
    BLANK = "blank"
    TOTAL = "total"
    NOTE = "note"
    SIGN = "sign"
    EXAMPLE = "example"
    HEADER = "header"
    OTHER_HEADER = "other header"
    LOOSE = "loose"  # a title if a header follows, else what `alone` says


@dataclass(slots=True)
class Line:
    """A row that may be no data. `alone` is what a loose one is when no header follows."""

    number: int
    row: list
    kind: Kind
    alone: Kind = Kind.DATA


@dataclass(slots=True)
class Stretch:
    """Rows of data, and the total or header that ends them, if one does."""

    numbers: list[int] = field(default_factory=list)
    rows: list[list] = field(default_factory=list)
    end: Line | None = None

    def add(self, numbers: list[int], rows: list[list]) -> None:
        self.numbers += numbers
        self.rows += rows


class Lines:
    """Sorts the rows below one header. Loose rows are carried over from chunk to chunk."""

    def __init__(self, header_rows, *, placed, key, words, passed_over, token, adds_up):
        """`placed`: positions of the columns taken in; `key`: of those that tell rows apart;
        `words`: headers the kind knows; `passed_over`: positions of 序号 and 签字;
        `adds_up`: whether there are columns to sum."""
        self.header = [_forms_of(row) for row in header_rows]
        self.header_words = {
            raw for row in header_rows for raw in row if isinstance(raw, str) and raw.strip()
        }
        self.placed, self.key, self.words = frozenset(placed), frozenset(key), frozenset(words)
        self.token, self.adds_up = token, adds_up
        self.said = self.words | self.header_words
        self.few = max(3, len(self.placed) // 3)  # so many cells at most make a row sparse
        self.leading = sorted({*placed, *passed_over})[:LEADING]
        self.left_out: Counter[Kind] = Counter()
        self._loose: list[Line] = []

    def sort(self, numbers: list[int], rows: list[list]) -> list[Stretch]:
        """The rows of a chunk, each as long as the sheet is wide, without those that are no data."""
        suspects = self._suspects(rows)
        if not suspects and not self._loose:
            return [Stretch(numbers, rows)]
        found, done = [Stretch()], 0
        for at in suspects:
            line = self._line(numbers[at], rows[at])
            if line.kind is Kind.DATA and not self._loose:
                continue  # goes with the rows around it
            self._pass(found[-1], numbers[done:at], rows[done:at])
            self._take(line, found)
            done = at + 1
        self._pass(found[-1], numbers[done:], rows[done:])
        return found

    def finish(self) -> Stretch:
        """What was held back at the end of the sheet."""
        last = Stretch()
        self._release(last)
        return last

    def _suspects(self, rows: list[list]) -> list[int]:
        few = self.few
        found = {
            at
            for at, row in enumerate(rows)
            if row.count(None) >= len(row) - few and self._lacks_key(row)
        }
        for column in self.leading:
            cells = [row[column] for row in rows]
            texts = [raw for raw in cells if raw.__class__ is str]
            if TELLING.search("\n".join(texts)) or not self.said.isdisjoint(texts):
                telling = {raw for raw in set(texts) if TELLING.search(raw)} | self.said
                found.update(at for at, raw in enumerate(cells) if raw in telling)
        return sorted(found)

    def _lacks_key(self, row: list) -> bool:
        return row.count(None) >= len(row) - 2 or any(row[index] is None for index in self.key)

    def _pass(self, stretch: Stretch, numbers: list[int], rows: list[list]) -> None:
        if rows:
            self._release(stretch)
            stretch.add(numbers, rows)

    def _release(self, stretch: Stretch) -> None:
        """No header followed: loose rows are what they are alone."""
        for line in self._loose:
            if line.alone is Kind.DATA:
                stretch.add([line.number], [line.row])
            else:
                self.left_out[line.alone] += 1
        self._loose = []

    def _take(self, line: Line, found: list[Stretch]) -> None:
        match line.kind:
            case Kind.DATA:
                self._pass(found[-1], [line.number], [line.row])
            case Kind.LOOSE:
                if len(self._loose) >= TITLES:
                    self._release(found[-1])
                self._loose.append(line)
            case Kind.BLANK | Kind.NOTE | Kind.SIGN | Kind.EXAMPLE:
                self.left_out[line.kind] += 1
            case Kind.OTHER_HEADER:
                found[-1].end = line
                found.append(Stretch())
            case Kind.HEADER:
                self.left_out[line.kind] += 1 + len(self._loose)
                self._loose = []
                found[-1].end = line
                found.append(Stretch())
            case Kind.TOTAL:
                self._release(found[-1])
                self.left_out[line.kind] += 1
                found[-1].end = line
                found.append(Stretch())

    def _line(self, number: int, row: list) -> Line:
        filled = [i for i, raw in enumerate(row) if not is_blank(raw)]
        if not filled:
            return Line(number, row, Kind.BLANK)
        if self.token in filled:
            return Line(number, row, Kind.DATA)
        if header := self._header(row, filled):
            return Line(number, row, header)
        texts = [(i, clean(row[i][:SAYING])) for i in filled[:LEADING] if isinstance(row[i], str)]
        if any(self._is_total(row, filled, i, TOTAL.match(words)) for i, words in texts):
            return Line(number, row, Kind.TOTAL)
        if texts and EXAMPLE.match(texts[0][1]):
            return Line(number, row, Kind.EXAMPLE)
        remark = _remark([words for _i, words in texts], alone=len(filled) == 1)
        if remark and len(filled) <= self.few:
            return Line(number, row, remark)
        return self._loose_or_data(number, row, filled)

    def _loose_or_data(self, number: int, row: list, filled: list[int]) -> Line:
        placed = [i for i in filled if i in self.placed]
        if len(placed) > 1 or (placed and not isinstance(row[placed[0]], str)):
            return Line(number, row, Kind.DATA)
        if placed:
            return Line(number, row, Kind.LOOSE)
        if not all(_is_number(row[i]) for i in filled):
            return Line(number, row, Kind.LOOSE, alone=Kind.NOTE)
        return Line(number, row, Kind.BLANK)  # rows numbered in advance

    def _header(self, row: list, filled: list[int]) -> Kind | None:
        """Whether the row is the header again, or the header of another table."""
        texts = [row[i] for i in filled if isinstance(row[i], str)]
        if any(text in self.header_words for text in texts):
            forms = _forms_of(row)
            for header in self.header:
                if len(forms.items() & header.items()) >= ALIKE * max(len(forms), len(header)):
                    return Kind.HEADER
        known = sum(text.strip() in self.words for text in texts)
        return Kind.OTHER_HEADER if known > 2 and known > len(filled) / 2 else None

    def _is_total(self, row: list, filled: list[int], word: int, said: re.Match | None) -> bool:
        """Beside its word a total holds numbers and dashes, and one text at most, not in a key.

        资助金额合计 in a key is the name of something, where no column adds up.
        """
        if said is None or (said["of"] and word in self.key and not self.adds_up):
            return False
        others = [i for i in filled if i != word and not _is_number(row[i])]
        return len(others) <= 1 and self.key.isdisjoint(others)


def clean(raw: str) -> str:
    """Half width, without blanks."""
    return "".join(unicodedata.normalize("NFKC", raw).split())


def _forms_of(row: list) -> dict[int, str]:
    return {i: squeeze(words_of(raw)) for i, raw in enumerate(row) if not is_blank(raw)}


def _is_number(raw) -> bool:
    if isinstance(raw, str):
        words = clean(raw)
        return words in NONE or bool(NUMBER.match(words)) and len(words) <= 14
    return True


def _remark(texts: list[str], *, alone: bool) -> Kind | None:
    """What the first words of an almost empty row make of it."""
    if not texts:
        return None
    signs = [bool(SIGNED.match(words)) for words in texts]
    days = [bool(DAY.match(words)) for words in texts]
    if signs[0] or (alone and days[0]) or (any(signs) and all(map(max, signs, days))):
        return Kind.SIGN
    is_sentence = len(texts[0]) > SENTENCE and STOP.search(texts[0])
    if NOTE.match(texts[0]) or (alone and (BULLET.match(texts[0]) or is_sentence)):
        return Kind.NOTE
    return None
