"""Makes workbooks for tests: good ones in few words, broken and hostile ones by hand. Reads them."""

import io
import struct
import zipfile
from pathlib import Path

from openpyxl import Workbook

from intake import reading
from intake.cells import decode

STORED = Path(__file__).parent.parent / "data" / "workbooks"
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def stored(name: str) -> bytes:
    """A small workbook that another program wrote."""
    return (STORED / name).read_bytes()


def xlsx(*sheets: list[list], name: str = "Sheet") -> bytes:
    """Sheets of rows, written by openpyxl."""
    book = Workbook(write_only=True)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"{name}{number}")
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes, name: str = "名单.xlsx", sheet: int = 1) -> dict[int, list]:
    """The rows of a sheet by their numbers, cells decoded."""
    with reading.open_book(data, name=name) as book:
        return {
            first + position: [decode(raw) for raw in row]
            for first, rows in book.rows(sheet)
            for position, row in enumerate(rows)
        }


def facts(data: bytes, name: str = "名单.xlsx", sheet: int = 1) -> reading.SheetInfo:
    with reading.open_book(data, name=name) as book:
        return book.sheets[sheet - 1]


def packed(members: dict[str, bytes | str], compression=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as packer:
        for name, content in members.items():
            packer.writestr(name, content)
    return out.getvalue()


def parts(
    sheet_data: str = "",
    *,
    sheets: int = 1,
    workbook: str = "",
    strings: str = "",
    before: str = "",
    after: str = "",
    head: str = "",
) -> dict[str, str]:
    """The parts of an .xlsx by hand: each sheet holds the same `sheet_data`."""
    numbers = range(1, sheets + 1)
    tabs = "".join(f'<sheet name="表{n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
    links = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    links += f'<Relationship Id="s" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    made = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook}'
        f"<sheets>{tabs}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">{links}</Relationships>',
    }
    if strings:
        made["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    for n in numbers:
        made[f"xl/worksheets/sheet{n}.xml"] = (
            f'{head}<worksheet xmlns="{MAIN}">{before}<sheetData>{sheet_data}</sheetData>'
            f"{after}</worksheet>"
        )
    return made


def by_hand(sheet_data: str = "", **more) -> bytes:
    return packed(parts(sheet_data, **more))


def cell(address: str, value) -> str:
    return f'<c r="{address}"><v>{value}</v></c>'


# Hostile -----------------------------------------------------------------------------------------
def bomb(size: int) -> bytes:
    """A sheet that says truly that it unpacks to `size` bytes, nearly all of them blanks."""
    members = parts(cell("A1", 1))
    members[SHEET] = members[SHEET].replace("<sheetData>", "<sheetData>" + " " * size)
    return packed(members)


def lying(data: bytes, name: str, *, size: int) -> bytes:
    """The same zip whose directory says another size for a member, in both places."""
    made = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        start = read.getinfo(name).header_offset
        true = read.getinfo(name).file_size
    struct.pack_into("<I", made, start + 22, size)
    entry = made.index(b"PK\x01\x02")
    while made[entry + 46 : entry + 46 + len(name)] != name.encode():
        entry = made.index(b"PK\x01\x02", entry + 4)
    assert struct.unpack_from("<I", made, entry + 24) == (true,)
    struct.pack_into("<I", made, entry + 24, size)
    return bytes(made)


# .xlsb -------------------------------------------------------------------------------------------
def record(kind: int, body: bytes = b"") -> bytes:
    return _sevens(kind) + _sevens(len(body)) + body


def _sevens(number: int) -> bytes:
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(made) + bytes([number])


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(*records: bytes, after: bytes = b"", columns: bytes = b"", flags: int = 0) -> bytes:
    """One sheet of records of rows and cells."""
    workbook = record(131) + record(153, struct.pack("<II", flags, 0) + wide("")) + record(143)
    workbook += record(156, struct.pack("<II", 0, 1) + wide("r1") + wide("表1"))
    workbook += record(144) + record(132)
    size = record(148, struct.pack("<4I", 0, 9, 0, 9))
    sheet = record(129) + size + columns + record(145) + b"".join(records) + record(146)
    members = {
        name: content.replace("workbook.xml", "workbook.bin").replace("sheet1.xml", "sheet1.bin")
        for name, content in parts().items()
        if "rels" in name or "Content" in name
    }
    members["xl/_rels/workbook.bin.rels"] = members.pop("xl/_rels/workbook.xml.rels")
    members["xl/workbook.bin"] = workbook
    members["xl/worksheets/sheet1.bin"] = sheet + after + record(130)
    return packed(members)


def xlsb_row(number: int, *, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<IIHBBBI", number - 1, 0, 300, 0, 16 * hidden, 0, 0))


def xlsb_text(column: int, text: str) -> bytes:
    return record(6, struct.pack("<II", column - 1, 0) + wide(text))


def xlsb_number(column: int, number: float) -> bytes:
    return record(5, struct.pack("<IId", column - 1, 0, number))


def xlsb_error(column: int, code: int) -> bytes:
    return record(3, struct.pack("<IIB", column - 1, 0, code))


def xlsb_hidden_columns(first: int, last: int) -> bytes:
    body = struct.pack("<IIIIH", first - 1, last - 1, 2304, 0, 1)
    return record(390) + record(60, body) + record(391)


def xlsb_merged(top: int, left: int, bottom: int, right: int) -> bytes:
    body = struct.pack("<4I", top - 1, bottom - 1, left - 1, right - 1)
    return record(177, struct.pack("<I", 1)) + record(176, body) + record(178)


# .ods --------------------------------------------------------------------------------------------
NAMES = "urn:oasis:names:tc:opendocument:xmlns"


def ods(rows: str, *, settings: str = "") -> bytes:
    """One table of rows, in the short words of the format: the prefix table: is put in."""
    for word in ("row", "cell", "column"):
        rows = rows.replace(f"<{word}", f"<table:table-{word}")
        rows = rows.replace(f"</{word}", f"</table:table-{word}")
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f'<office:document-content xmlns:office="{NAMES}:office:1.0" '
            f'xmlns:table="{NAMES}:table:1.0" xmlns:text="{NAMES}:text:1.0" '
            f'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
            f"<office:body><office:spreadsheet>{settings}"
            f'<table:table table:name="表">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )
