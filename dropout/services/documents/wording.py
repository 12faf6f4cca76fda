"""The wording that the portal brings along for each kind of document, until the bureau puts its own.

It is plain on purpose: what a law obliges whom to is for the bureau's legal staff to write.
"""

import io
from functools import cache

from django.utils import translation
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from dropout.models import NoticeKind

BODY, HEAD = "仿宋_GB2312", "黑体"  # data
ADDRESSED = "{{ 送达对象 }}："  # data
BASIS = ("{%p if 法律依据 %}", "依据：{{ 法律依据 }}", "{%p endif %}")  # data
UNTIL = ("{%p if 期限 %}", "请在 {{ 期限 }} 以前办理。", "{%p endif %}")  # data
SIGNED = ("{{ 发文机关 }}", "{{ 发文日期 }}")  # data
CHILD = "学生 {{ 学生姓名 }}（证件号 {{ 身份证号 }}，{{ 学校 }}{{ 年级 }}）"  # data
OUT = "经核实，现未在校接受义务教育。"  # data
RECEIPT = (  # data
    ("送达文书", "{{ 文号 }}"),
    ("受送达人", "{{ 送达对象 }}"),
    ("学生", "{{ 学生姓名 }}"),
    ("送达日期", "{{ 送达日期 }}"),
    ("送达方式", "{{ 送达方式 }}"),
    ("送达结果", "{{ 送达结果 }}"),
    ("见证人（签名）", "{{ 见证人 }}"),
    ("受送达人（签名）", ""),
    ("送达人（签名）", ""),
)
SAID: dict[str, tuple[str, ...]] = {  # data
    NoticeKind.ENROL: (
        ADDRESSED,
        "{{ 学生姓名 }}已到接受义务教育的年龄。请送其到学校报到入学。",
        *UNTIL,
    ),
    NoticeKind.PLEDGE: (
        ADDRESSED,
        f"为使 {CHILD}按时入学、完成义务教育，学校、监护人和负责单位共同签订本责任书。",
        "监护人保证学生按时到校；学校帮助学生解决学习和生活上的困难；负责单位协调落实资助。",
        "监护人（签名）：",
        "学校（盖章）：",
    ),
    NoticeKind.RETURN: (ADDRESSED, CHILD + OUT, "请送其返校复学。", *UNTIL),
    NoticeKind.RETURN_BY: (ADDRESSED, CHILD + OUT, "请按期限送其返校。", *UNTIL),
    NoticeKind.CORRECT_BY: (ADDRESSED, CHILD + OUT, "现责令限期改正，送其返校。", *UNTIL),
    NoticeKind.PENALTY_INFORM: (
        ADDRESSED,
        CHILD + OUT + "经批评教育、责令改正，逾期没有改正。",
        "拟作出的处罚：",
        "您可以陈述和申辩。",
        *UNTIL,
    ),
    NoticeKind.PENALTY: (
        ADDRESSED,
        CHILD + OUT + "经批评教育、责令改正，逾期没有改正。",
        "处罚决定：",
        "不服本决定的，申请复议或起诉的途径和期限：",
    ),
    NoticeKind.CLAIM: (
        "原告：{{ 发文机关 }}",
        "被告：{{ 监护人姓名 }}（{{ 与学生关系 }}），住 {{ 现住址 }}",
        "诉讼请求：判令被告送 {{ 学生姓名 }} 返校，完成义务教育。",
        "事实和理由：" + CHILD + OUT + "经劝返、责令改正，仍未返校。",
        "此致",
        "人民法院",
    ),
    NoticeKind.ENFORCE: (
        "申请人：{{ 发文机关 }}",
        "被申请人：{{ 监护人姓名 }}，住 {{ 现住址 }}",
        "申请事项：强制执行 {{ 文号 }}。",
        "事实和理由：" + CHILD + OUT + "被申请人逾期不履行。",
        "此致",
        "人民法院",
    ),
    NoticeKind.OTHER: (ADDRESSED, CHILD, *UNTIL),
}


@cache
def built_in(kind: str) -> bytes:
    """The template of a kind that everybody starts from."""
    page = Document()
    _settle(page)
    with translation.override("zh-hans"):
        _line(page, str(NoticeKind(kind).label), centred=True, size=22, font=HEAD)
    if kind == NoticeKind.RECEIPT:
        _table(page, RECEIPT)
    else:
        _line(page, "{{ 文号 }}", centred=True)  # data
        for text in (*SAID[kind], *BASIS):
            _line(page, text, indented=text not in (ADDRESSED, *UNTIL[::2], *BASIS[::2]))
        _line(page, "")
        for text in SIGNED:
            _line(page, text, right=True)
    made = io.BytesIO()
    page.save(made)
    return made.getvalue()


def _settle(page) -> None:
    """A4 and the type of official documents; nobody's name in the properties."""
    section = page.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.7)
    section.top_margin = section.bottom_margin = Cm(3)
    page.core_properties.author = page.core_properties.comments = ""
    _type(page.styles["Normal"], BODY, 16)


def _type(styled, font: str, size: int) -> None:
    styled.font.name, styled.font.size = font, Pt(size)
    styled.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _line(page, text, *, centred=False, right=False, indented=False, size=16, font=BODY) -> None:
    line = page.add_paragraph()
    _type(line.add_run(text), font, size)
    line.paragraph_format.space_after = Pt(6)
    if centred:
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if right:
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if indented:
        line.paragraph_format.first_line_indent = Pt(2 * size)


def _table(page, rows) -> None:
    table = page.add_table(rows=0, cols=2, style="Table Grid")
    for label, value in rows:
        cells = table.add_row().cells
        for cell, text in zip(cells, (label, value), strict=True):
            cell.text = text
