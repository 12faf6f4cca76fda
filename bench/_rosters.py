"""A roster of children who do not exist, as big as a league: 20 columns, one row in a hundred faulty."""

import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from registry.identity import check_character
from registry.models import Closure, Unit
from registry.services.units import sort_key_of

SCHOOLS = 60
SINCE = date(2000, 1, 1)
EPOCH = date(1899, 12, 30)
HEADERS = [
    "序号",
    "旗(区)",
    "学校",
    "年级",
    "班级",
    "姓名",
    "性别",
    "民族",
    "证件类型",
    "身份证号",
    "学籍号",
    "出生日期",
    "是否寄宿",
    "监护人",
    "与学生关系",
    "监护人电话",
    "户籍所在地",
    "现住址",
    "入学年月",
    "备注",
]
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰"
MONGOL = (
    "那仁",
    "苏日娜",
    "巴图",
    "阿拉腾",
    "乌云",
    "其其格",
    "孟和",
    "斯琴",
    "额尔德尼",
    "娜荷芽",
)
GRADES = ["一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "七年级", "八年级", "九年级"]
STREETS = [
    "额鲁特街道",
    "南环路街道",
    "新华街道",
    "王府街道",
    "巴彦浩特镇",
    "吉兰泰镇",
    "嘉尔嘎勒赛汉镇",
]


def id_number(n: int) -> str:
    """Another number for each n below a million: 3,000 days of birth, 333 of each."""
    day = date(2009, 9, 1) + timedelta(days=n % 3000)
    body = f"152921{day:%Y%m%d}{n // 3000:03}"
    return body + check_character(body)


def name(n: int) -> str:
    if n % 4 == 0:
        return MONGOL[n // 4 % 10] + MONGOL[n // 40 % 10][:1]
    return SURNAMES[n % 20] + GIVEN[n // 20 % 25] + GIVEN[n // 500 % 25]


def rows(count: int, schools: list[str]) -> Iterator[list]:
    """Rows as an office writes them; every hundredth has one fault."""
    for n in range(count):
        number = id_number(n)
        row = [
            n + 1,
            "阿拉善左旗",
            schools[n % len(schools)],
            GRADES[n // 7 % 9],
            f"{n // 63 % 8 + 1}班",
            name(n),
            "男" if int(number[16]) % 2 else "女",
            "蒙古族" if n % 4 == 0 else "汉族",
            "居民身份证",
            number,
            f"G{number}",
            date(int(number[6:10]), int(number[10:12]), int(number[12:14])),
            "是" if n % 3 == 0 else "否",
            name(n * 7 + 3),
            ("父亲", "母亲", "祖父母或外祖父母")[n % 3],
            f"13{n % 10}{10_000_000 + n * 37 % 89_999_999:08}",
            f"内蒙古阿拉善左旗{STREETS[n % 7]}{n % 4000}号",
            f"内蒙古阿拉善左旗{STREETS[n // 7 % 7]}{n % 9000}栋{n % 6 + 1}单元",
            f"20{18 + n % 7}-09",
            "随迁子女" if n % 50 == 0 else None,
        ]
        if n % 100 == 99:
            spoil(row, n // 100)
        yield row


def spoil(row: list, kind: int) -> None:
    """One of the faults that offices make."""
    match kind % 4:
        case 0:
            row[9] = row[9][:-1] + ("1" if row[9][-1] != "1" else "2")
        case 1:
            row[5] = None
        case 2:
            row[15] = "12345"
        case _:
            row[3] = "幼师班"


def make_schools(banner: Unit) -> list[str]:
    """Schools under a banner, in the tree as in the closure."""
    schools = Unit.objects.bulk_create(
        Unit(
            key=f"bench-school-{n}",
            name=f"阿左旗测试第{n}小学",
            kind=Unit.Kind.SCHOOL,
            sort_key=sort_key_of(f"{n:03}"),
            valid_from=SINCE,
        )
        for n in range(SCHOOLS)
    )
    above = list(Closure.objects.filter(descendant=banner).values_list("ancestor", flat=True))
    Closure.objects.bulk_create(
        Closure(ancestor_id=ancestor, descendant=school, via=via, valid_from=SINCE)
        for school in schools
        for ancestor, via in [(school.pk, Closure.Via.SELF)]
        + [(pk, Closure.Via.PARENT) for pk in above]
    )
    return [school.name for school in schools]


# As Excel stores it: texts in a table of their own, days as numbers with a format ---------------------
def write_workbook(path: Path, lines: Iterator[list]) -> None:
    shared: dict[str, int] = {}
    sheet = [
        "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>"
    ]
    for number, line in enumerate(lines, start=1):
        cells = "".join(_cell(column, number, value, shared) for column, value in enumerate(line))
        sheet.append(f'<row r="{number}">{cells}</row>')
    sheet.append("</sheetData></worksheet>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in _parts(shared).items():
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet1.xml", "".join(sheet))


def _cell(column: int, number: int, value, shared: dict) -> str:
    place = f"{chr(65 + column)}{number}"
    match value:
        case None:
            return ""
        case int():
            return f'<c r="{place}"><v>{value}</v></c>'
        case date():
            return f'<c r="{place}" s="1"><v>{(value - EPOCH).days}</v></c>'
    return f'<c r="{place}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>'


def _parts(shared: dict) -> dict[str, str]:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{types}.styles+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{types}.sharedStrings+xml"/>'
            "</Types>"
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="名册" sheetId="1" r:id="r1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/>'
            f'<Relationship Id="r3" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
            "</Relationships>"
        ),
        "xl/styles.xml": (
            f'<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts><fills count="1"><fill/>'
            '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/>'
            '</cellStyleXfs><cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/>'
            "</cellXfs></styleSheet>"
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{texts}</sst>',
    }
