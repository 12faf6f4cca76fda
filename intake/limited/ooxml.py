"""What calamine does not tell of an .xlsx or .xlsm: error cells, formulas without a value, hidden rows.

A sheet's XML is unpacked piece by piece and searched for a few words; only a piece that holds one is
looked at closely. That costs a quarter of the time in which calamine reads the values, beside it.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from intake.cells import NO_VALUE
from intake.limited.marks import CannotTell, Looker, Marks

PIECE = 1024 * 1024
LONGEST_PART = 8 * 1024 * 1024  # of the parts that are parsed whole
LONGEST_ROW = 32 * 1024 * 1024
ADDRESS = re.compile(rb"^([A-Z]{1,3})([0-9]{1,7})$")


class Package(Looker):
    """The parts of a workbook; a sheet is named by its part."""

    def __init__(self, file):
        super().__init__()
        self.zip = zipfile.ZipFile(file)
        self.names = {name.lower(): name for name in self.zip.namelist()}
        self._open_workbook()

    def _open_workbook(self) -> None:
        workbook = ElementTree.fromstring(self.small_part("xl/workbook.xml"))
        links = self.links("workbook.xml")
        self.sheets = [
            links.get(value)
            for sheet in workbook.iter()
            if local(sheet.tag) == "sheet"
            for name, value in sheet.items()
            if local(name) == "id"
        ]
        self.uses_1904 = any(
            element.get("date1904") in ("1", "true")
            for element in workbook.iter()
            if local(element.tag) == "workbookPr"
        )

    def part(self, name: str):
        """A part, open; its name's case does not count."""
        return self.zip.open(self.names[name.lower()])

    def small_part(self, name: str) -> bytes:
        with self.part(name) as part:
            content = part.read(LONGEST_PART + 1)
        if len(content) > LONGEST_PART:
            raise CannotTell(name)
        return content

    def links(self, name: str) -> dict[str, str]:
        """Where the workbook's parts lie, by the ids under which it names them."""
        relations = ElementTree.fromstring(self.small_part(f"xl/_rels/{name}.rels"))
        return {
            link.get("Id"): posixpath.normpath(posixpath.join("/xl", link.get("Target", "")))[1:]
            for link in relations
        }

    def marks(self, number: int) -> Marks:
        with self.part(self.sheets[number - 1]) as part:
            return Scan(part).run()


def local(name: str) -> str:
    return name.rpartition("}")[2]


class Scan:
    """One pass over a sheet's XML."""

    def __init__(self, part):
        self.part, self.marks = part, Marks()

    def run(self) -> Marks:
        rest = self.part.read(PIECE)
        self._say_words(rest)
        while piece := self.part.read(PIECE):
            text = rest + piece
            cut = text.rfind(self.row)
            if cut > 0:
                self._look(text[:cut])
            elif len(text) > LONGEST_ROW:
                raise CannotTell("a row without end")
            rest = text[max(cut, 0) :]
        self._look(rest)
        return self.marks

    def _say_words(self, head: bytes) -> None:
        """The words to look for; some programs give each name a prefix, as in <x:row>."""
        found = re.search(rb"<([A-Za-z_][\w.-]*:)?worksheet[\s>]", head)
        if not found:
            raise CannotTell("no worksheet")
        p = found[1] or b""
        empty = rb"\s*(?:(<%bv\s*/>|<%bv>\s*</%bv>)\s*)?</%bc>" % (p, p, p, p)
        self.row, self.column, self.cell = b"<%brow" % p, b"<%bcol" % p, b"<%bc" % p
        self.formula, self.cell_end = b"<%bf" % p, b"</%bc>" % p
        self.value = re.compile(rb"<%bv[^<>]*>([^<]*)</%bv>" % (p, p))
        self.long_formula = re.compile(rb"</%bf>" % p + empty)
        self.short_formula = re.compile(rb"<%bf(?:\s[^<>]*)?/>" % p + empty)

    def _look(self, xml: bytes) -> None:
        # One rare letter is found, or not, many times quicker than a word.
        if b"e" in xml and (b'"e"' in xml or b"'e'" in xml):
            self._look_for_errors(xml)
        if b"f" in xml and self.formula in xml:
            self._look_for_empty_formulas(xml)
        if b"h" in xml and b"hidden" in xml:
            self._look_for_hidden(xml)

    def _look_for_errors(self, xml: bytes) -> None:
        for word in (b'"e"', b"'e'"):
            for tag, end in _tags(xml, word):
                if _is(tag, self.cell) and _attribute(tag, b"t") == b"e":
                    value = self.value.search(xml, end, xml.find(self.cell_end, end))
                    code = value[1].decode("ascii", "replace") if value else ""
                    self.marks.error(*_address(tag), code or "#")

    def _look_for_empty_formulas(self, xml: bytes) -> None:
        for pattern in (self.long_formula, self.short_formula):
            at = 0
            for found in pattern.finditer(xml):
                start, at = xml.rfind(self.cell, at, found.start()), found.end()
                tag = xml[start : xml.find(b">", start)] if start >= 0 else b""
                # Excel stores the empty text that a formula gave as t="str" with an empty value.
                if not (found[1] and _attribute(tag, b"t") == b"str"):
                    self.marks.error(*_address(tag), NO_VALUE)

    def _look_for_hidden(self, xml: bytes) -> None:
        for tag, _end in _tags(xml, b"hidden"):
            if _attribute(tag, b"hidden") not in (b"1", b"true"):
                continue
            if _is(tag, self.row):
                row = _number(tag, b"r")
                self.marks.hide_rows(row, row)
            elif _is(tag, self.column):
                self.marks.hide_columns(_number(tag, b"min"), _number(tag, b"max"))


def _tags(xml: bytes, word: bytes) -> Iterator[tuple[bytes, int]]:
    """The tags that hold a word, and where they end. Each byte is looked at a few times at most."""
    at = 0
    while (hit := xml.find(word, at)) >= 0:
        start, end = xml.rfind(b"<", at, hit), xml.find(b">", hit)
        if end < 0:
            return
        if start >= 0:
            yield xml[start:end], end
        at = end


def _is(tag: bytes, beginning: bytes) -> bool:
    return tag.startswith(beginning) and tag[len(beginning) :][:1].isspace()


def _attribute(tag: bytes, name: bytes) -> bytes | None:
    found = re.search(rb"""\s%b\s*=\s*["']([^"']*)["']""" % name, tag)
    return found[1] if found else None


def _number(tag: bytes, name: bytes) -> int:
    value = _attribute(tag, name)
    if not value or not value.isdigit():
        raise CannotTell("a row or column without its number")
    return int(value)


def _address(tag: bytes) -> tuple[int, int]:
    """Row and column of a cell. Programs may leave the address out; then nobody can tell cheaply."""
    found = ADDRESS.match(_attribute(tag, b"r") or b"")
    if not found:
        raise CannotTell("a cell without its address")
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - 64
    return int(found[2]), column
