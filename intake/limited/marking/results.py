"""The results of formulas, carried from the original into its copy.

openpyxl keeps a formula or its result, never both. Without its result a copy that is handed in again
before Excel has opened it would have blanks where the original has values.
"""

import re
from collections.abc import Callable
from xml.etree import ElementTree

from openpyxl.worksheet._writer import WorksheetWriter

from intake.limited.ooxml import Package, local

PIECE = 1024 * 1024
FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")

# row -> address -> (type of the value, value), as the XML has them
Results = dict[int, dict[str, tuple[str, str]]]


def results_of(file) -> dict[str, Results]:
    """The results in every sheet that has formulas, by the sheet's name."""
    package = Package(file)
    workbook = ElementTree.fromstring(package.small_part("xl/workbook.xml"))
    names = [e.get("name") for e in workbook.iter() if local(e.tag) == "sheet"]
    return {
        name: _results(package, part)
        for name, part in zip(names, package.sheets, strict=True)
        if part in package.zip.NameToInfo and _has_formulas(package, part)
    }


def _has_formulas(package: Package, name: str) -> bool:
    rest = b""
    with package.zip.open(name) as part:
        while piece := part.read(PIECE):
            text = rest + piece
            if FORMULA.search(text):
                return True
            rest = text[-64:]
    return False


def _results(package: Package, name: str) -> Results:
    found: Results = {}
    number = 0
    with package.zip.open(name) as part:
        for event, element in ElementTree.iterparse(part, events=("start", "end")):
            tag = local(element.tag)
            if event == "start":
                number = int(element.get("r", number + 1)) if tag == "row" else number
            elif tag == "c":
                inside = {local(child.tag): child for child in element}
                if "f" in inside and "v" in inside and inside["v"].text:
                    value = (element.get("t", ""), inside["v"].text)
                    found.setdefault(number, {})[element.get("r")] = value
            elif tag == "row":
                element.clear()
    return found


def writer_with(results: dict[str, Results]) -> Callable:
    """What writes a sheet for `common.workbooks.save`, the results of its formulas included."""

    def writer(sheet, part):
        return _ResultWriter(sheet, part, results.get(sheet.title, {}))

    return writer


class _ResultWriter(WorksheetWriter):
    def __init__(self, sheet, part, results: Results):
        super().__init__(sheet, part)
        self.results = results

    def write_row(self, xf, row, row_idx):
        known = self.results.get(row_idx)
        super().write_row(_Completing(xf, known) if known else xf, row, row_idx)


class _Completing:
    """Passes cells on; one with a formula gets its last known result."""

    def __init__(self, xf, known: dict[str, tuple[str, str]]):
        self.xf, self.element, self.known = xf, xf.element, known

    def write(self, cell):
        kind, value = self.known.get(cell.get("r"), ("", ""))
        if value and cell.find("f") is not None and (result := cell.find("v")) is not None:
            result.text = value
            if kind:
                cell.set("t", kind)
        self.xf.write(cell)
