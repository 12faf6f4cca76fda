"""What a workbook holds beside its cells, counted in the file before and after it was copied.

The difference is what the copy has lost, whatever the reason: nothing has to be known of the
program that copied it.
"""

import re
import zipfile
from collections import Counter
from xml.etree import ElementTree

from intake.limited.ooxml import local

PIECE = 1024 * 1024
PARTS = (
    ("macros", r"xl/vbaProject\.bin"),
    ("charts", r"xl/charts/chart(?:Ex)?\d+\.xml"),
    ("pivots", r"xl/pivotTables/pivotTable\d+\.xml"),
    ("slicers", r"xl/(?:slicers/slicer|timelines/timeline)\d*\.xml"),
    ("controls", r"xl/activeX/activeX\d+\.xml"),
    ("objects", r"xl/embeddings/[^/]+"),
    ("cell_pictures", r"xl/(?:cellimages\.xml|richData/richValueRel\.xml)"),
    ("external", r"xl/externalLinks/externalLink\d+\.xml"),
    ("connections", r"xl/(?:connections\.xml|queryTables/queryTable\d+\.xml|model/item\.data)"),
    ("threads", r"xl/threadedComments/threadedComment\d+\.xml"),
    ("signatures", r"_xmlsignatures/sig\d+\.xml"),
)
DRAWING = re.compile(r"xl/drawings/drawing\d+\.xml")
OLD_DRAWING = re.compile(r"xl/drawings/vmlDrawing\d+\.vml")
# What a comment's frame and an embedded file's picture are not.
CONTROL = re.compile(rb"""ObjectType=["'](?!Note|Pict)\w""")
SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
DRAWN = {"sp": "shapes", "cxnSp": "shapes", "grpSp": "shapes", "pic": "pictures"}
IN_SHEETS = (
    ("sparklines", rb"<x14:sparklineGroup[\s>]"),
    ("conditions", rb"<x14:conditionalFormatting[\s>]"),
    ("validations", rb"<x14:dataValidation[\s>]"),
    ("header_pictures", rb"<(?:\w+:)?(?:legacyDrawingHF|picture)[\s/>]"),
)
LOOK_BACK = 64  # bytes: no searched word is longer


def census(file) -> Counter:
    """How many of each thing a workbook holds; an .xlsx or .xlsm only."""
    found = Counter()
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            for what, form in PARTS:
                found[what] += bool(re.fullmatch(form, name))
            if DRAWING.fullmatch(name):
                found += _drawn(archive, name)
            elif OLD_DRAWING.fullmatch(name):
                found["controls"] += len(CONTROL.findall(archive.read(name)))
            elif SHEET.fullmatch(name):
                found += _in_sheet(archive, name)
    return found


def _drawn(archive: zipfile.ZipFile, name: str) -> Counter:
    """Shapes and pictures of a drawing; what only old programs show instead of a thing is none."""
    found, fallbacks = Counter(), 0
    with archive.open(name) as part:
        for event, element in ElementTree.iterparse(part, events=("start", "end")):
            tag = local(element.tag)
            if tag == "Fallback":
                fallbacks += 1 if event == "start" else -1
            elif event == "end" and not fallbacks and tag in DRAWN:
                found[DRAWN[tag]] += 1
    return found


def _in_sheet(archive: zipfile.ZipFile, name: str) -> Counter:
    found, rest = Counter(), b""
    with archive.open(name) as part:
        while piece := part.read(PIECE):
            text = rest + piece
            for what, form in IN_SHEETS:
                found[what] += sum(match.end() > len(rest) for match in re.finditer(form, text))
            rest = text[-LOOK_BACK:]
    return found
