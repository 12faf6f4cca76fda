"""However a roster is written, the same rows are stored; and whatever it wrote is taken back whole."""

import random
from datetime import date

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.models import Enrolment, Guardian, Identifier, Student
from tests.cast import TODAY
from tests.intake.rosters import (
    child,
    domain_rows,
    id_number,
    make_school,
    take_in,
    undo,
    workbook,
)

FEW = settings(max_examples=max(5, settings.default.max_examples // 8))  # each takes sheets in
TABLES = (Student, Identifier, Enrolment, Guardian)
BORN = {n: id_number(n)[6:14] for n in range(4)}


def day(n: int) -> date:
    return date(int(BORN[n][:4]), int(BORN[n][4:6]), int(BORN[n][6:]))


def wide(text: str) -> str:
    """The same in full width."""
    return "".join(chr(ord(one) + 0xFEE0) if one.isdigit() else one for one in text)


# What an office may write for one and the same thing, by header.
HEADERS = {
    "学校": ("学校", "学校名称", "就读学校", "学 校", "1.学校★"),
    "年级": ("年级", "所在年级", "年级（必填）", "22年级★"),
    "班级": ("班级", "班", "就读班级"),
    "姓名": ("姓名", "学生姓名", "姓　名"),
    "民族": ("民族", "民族成份"),
    "身份证号": ("身份证号", "公民身份号码", "身份证件号", "身份证\n号码"),
    "出生日期": ("出生日期", "出生年月日"),
    "是否寄宿": ("是否寄宿", "住校"),
    "监护人电话": ("监护人电话", "家长电话", "联系电话"),
    "入学年月": ("入学年月", "入学时间"),
}
WORDS = {
    "学校": ("阿左旗第一小学", "一小", " 阿左旗第一小学　", "阿左旗 第一小学"),
    "年级": ("三年级", "小三", "3年级", "３年级", "小学三年级"),
    "班级": ("2班", "2", 2, "二班", "（2）班", "三年级2班"),
    "姓名": ("巴图·孟和", "巴图．孟和", "巴图 • 孟和", "巴图·孟和　"),
    "民族": ("蒙古族", "蒙", "蒙古", "02", "02蒙古族"),
    "是否寄宿": ("是", "√", "有", 1, "Y", "(√)", "住校"),
    "监护人电话": (
        "13900000031",
        13900000031,
        "139-0000-0031",
        "+86 139 0000 0031",
        "１３９00000031",
    ),
    "入学年月": ("2022-09", "2022.09", "2022年9月", "202209", date(2022, 9, 1), "2022/9/1"),
}


def spellings_of(header: str, n: int) -> tuple:
    if header == "身份证号":
        number = id_number(n)
        return number, wide(number), f"'{number}", f"{number[:6]} {number[6:14]} {number[14:]}"
    if header == "出生日期":
        born = day(n)
        return (
            born.isoformat(),
            f"{born.year}.{born.month}.{born.day}",
            f"{born.year}年{born.month}月{born.day}日",
            f"{born:%Y%m%d}",
            int(f"{born:%Y%m%d}"),
            born,
            (born - date(1899, 12, 30)).days,
        )
    return WORDS[header]


def written(chance: random.Random, *, plainly: bool) -> list[dict]:
    """The same four children: plainly, or in any order of columns and any accepted spelling."""
    pick = (lambda some: some[0]) if plainly else chance.choice
    order = list(HEADERS)
    if not plainly:
        chance.shuffle(order)
    called = {header: pick(HEADERS[header]) for header in order}
    return [
        {called[header]: pick(spellings_of(header, n)) for header in order}
        for n in range(len(BORN))
    ]


@pytest.fixture
def official(east, officer, clock_at):
    clock_at(TODAY)
    return officer(east)


def stored(rows: list[dict], official, east) -> dict:
    """What a roster leaves behind, as the models read it."""
    with transaction.atomic():
        school = make_school("阿左旗第一小学", east)
        type(school).objects.filter(pk=school.pk).update(short_name="一小")
        upload = take_in(rows, by=official, unit=east)
        assert upload.counts["inserted"] == len(rows), upload.counts
        found = {
            "children": list(
                Student.objects.order_by("pk").values_list("name", "born_on", "sex", "ethnicity")
            ),
            "numbers": [
                (one.kind, one.value) for one in Identifier.objects.order_by("student", "kind")
            ],
            "phones": [one.phone for one in Guardian.objects.order_by("student")],
            "enrolled": list(
                Enrolment.objects.order_by("student").values_list(
                    "school__name", "grade", "class_name", "boards", "entered_on", "valid_from"
                )
            ),
        }
        transaction.set_rollback(True)
    return found


@FEW
@given(chance=st.randoms(use_true_random=False))
def test_any_order_and_spelling_stores_the_same_rows(chance, official, east):
    assert stored(written(chance, plainly=False), official, east) == stored(
        written(chance, plainly=True), official, east
    )


# Commit and undo -----------------------------------------------------------------------------------
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "年级": st.sampled_from(["一年级", "初二", "高一"]),
        "班级": st.sampled_from(["", "清空", "9班"]),
        "姓名": st.sampled_from(["那仁", "改了名"]),
        "民族": st.sampled_from(["", "清空", "汉"]),
        "学籍号": st.sampled_from(["", "清空"]),
        "是否寄宿": st.sampled_from(["", "√", "否", "清空"]),
        "监护人": st.sampled_from(["", "清空", "乌云"]),
        "监护人电话": st.sampled_from(["", "清空", "13800000000"]),
        "现住址": st.sampled_from(["", "清空", "阿拉善左旗新地址"]),
        "入学年月": st.sampled_from(["", "2023-09"]),
        "备注": st.sampled_from(["", "清空", "转来"]),
        "学校": st.sampled_from(["阿左旗第一小学", "吉兰泰小学"]),
    },
)
SHEETS = st.dictionaries(st.integers(0, 7), CELLS, min_size=1, max_size=6)


@FEW
@given(sheets=st.lists(SHEETS, min_size=1, max_size=3))
def test_undo_restores_every_table(sheets, official, east):
    """Sheets one upon the other, taken back from the last to the first."""
    with transaction.atomic():
        school = make_school("阿左旗第一小学", east)
        make_school("吉兰泰小学", east)
        take_in([child(n, school) for n in range(4)], by=official, unit=east)
        before, uploads = [], []
        for sheet in sheets:
            before.append(domain_rows(*TABLES))
            rows = [child(n, school) | over for n, over in sheet.items()]
            uploads.append(take_in(workbook(rows), by=official, unit=east, good_rows=True))
        for upload, was in reversed(list(zip(uploads, before, strict=True))):
            if upload.state == upload.State.COMMITTED and upload.change_set_id:
                assert undo(upload, by=official).left == []
            assert domain_rows(*TABLES) == was
        transaction.set_rollback(True)
