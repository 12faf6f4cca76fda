"""The same messy roster as ten programs and encodings write it, and files that are no workbook."""

from tests.intake import workbooks
from tests.intake.corpus.books import book, pupil, table, text, with_macros, xlsb
from tests.intake.corpus.cases import case


def messy() -> list[list]:
    """Title, facts, other words in the header, ticks, a total and a sign-off."""
    rows = [
        pupil(n, 是否寄宿="√" if n % 2 else "—", 家长电话=f"139{n:08}", 备注=None)
        for n in range(11, 15)
    ]
    return table(
        *rows,
        above=[
            ["阿左旗第一小学2025-2026学年学生花名册"],
            ["填报单位：阿左旗第一小学（盖章）", None, None, "填报日期：2025年9月12日"],
        ],
        below=[["合计", None, None, None, "共4人"], ["填表人：那仁", None, None, "审核人："]],
        renamed={"学校": "就读学校", "身份证号": "公民身份号码"},
    )


case("format-xlsx", "Title, facts, total and sign-off around the rows", lambda: book(messy()))
case(
    "format-xlsm",
    "A workbook with macros: they are not run",
    lambda: with_macros(book(messy())),
    file="名册.xlsm",
    tells="has_macros",
)
for ending in ("xls", "ods", "et", "xlsx"):
    case(
        f"format-{ending}-of-libreoffice",
        "Saved by LibreOffice: a hidden row, an error cell, another sheet",
        lambda ending=ending: workbooks.stored(f"roster.{ending}"),
        file=f"名册.{ending}",
        tells="error_cell hidden_rows sheet_skipped",
    )
case(
    "format-xlsb",
    "A binary workbook, record by record",
    lambda: xlsb(messy()),
    file="名册.xlsb",
)
case(
    "format-xlsb-of-pyxlsbwriter",
    "A binary workbook of another program",
    lambda: workbooks.stored("roster.xlsb"),
    file="名册.xlsb",
)
CANNOT = "format_cannot_tell"
for name, encoding, told in (
    ("utf-8", "utf-8", ""),
    ("utf-8-bom", "utf-8-sig", ""),
    ("utf-16", "utf-16", ""),
    ("gb18030", "gb18030", ""),
):
    case(
        f"format-csv-{name}",
        f"Text with commas, {name}",
        lambda encoding=encoding: text(messy(), encoding),
        file="名册.csv",
        tells=told,
    )
case(
    "format-csv-semicolons",
    "Text with semicolons",
    lambda: text(messy(), "utf-8", ";"),
    file="名册.csv",
)
case("format-tsv", "Text with tabs", lambda: text(messy(), "utf-8", "\t"), file="名册.tsv")
case(
    "format-named-otherwise",
    "An .xlsx that is called .xls",
    lambda: book(messy()),
    file="名册.xls",
    tells="named_otherwise",
)

# What is no workbook -----------------------------------------------------------------------------
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0"
case("file-picture", "A photograph called .xlsx", PNG, tells="is_picture")
case("file-pdf", "A PDF called .xlsx", b"%PDF-1.7\n1 0 obj\n", tells="is_pdf")
case(
    "file-web-page",
    "A web page called .xls, as some systems export",
    "<html><body><table><tr><td>姓名</td></tr></table></body></html>".encode(),
    file="导出.xls",
    tells="is_web_page",
)
case("file-truncated", "Cut off in a transfer", lambda: book(messy())[:-400], tells="damaged")
case(
    "file-password",
    "Saved with a password",
    lambda: workbooks.stored("locked.xlsx"),
    tells="has_password",
)
case(
    "file-password-xls",
    "An .xls saved with a password",
    lambda: workbooks.stored("locked.xls"),
    file="名册.xls",
    tells="has_password",
)
case("file-nothing-filled", "A workbook without a cell", lambda: book([]), tells="nothing_filled")
case(
    "file-far-cell",
    "A cell at the end of the sheet makes it 16,384 columns wide",
    lambda: workbooks.by_hand(
        f'<row r="1">{workbooks.cell("A1", 1)}{workbooks.cell("XFD1", 1)}</row>'
    ),
    tells="too_many_columns",
)
