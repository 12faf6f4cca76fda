"""What holds for every column type: whatever a sheet holds is read or refused, what was read can be
written into a form and read again, and any accepted spelling gives the same value."""

import ast
import time as clock
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import columns
from intake.cells import MARK, CellError, encode
from intake.columns import BLANK, CLEAR, Doubt, Percent
from intake.faults import BadCell, Fault
from registry.identity import check_character
from registry.models import Category, IdKind, Relation, School, Sex
from tests.intake import (
    test_columns_amounts,
    test_columns_choices,
    test_columns_days,
    test_columns_people,
)
from tests.intake.spellings import context, read, words

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
BORN = st.dates(date(1950, 1, 1), date(2025, 10, 13))
TYPES = {
    "text": columns.Text("备注"),
    "address": columns.Address("现住址"),
    "name": columns.PersonName("姓名"),
    "id": columns.IdNumber("身份证号"),
    "paper": columns.IdPaper("身份证号"),
    "roll": columns.RollNumber("学籍号"),
    "phone": columns.Phone("电话"),
    "card": columns.BankCard("卡号"),
    "day": columns.Day("日期"),
    "month": columns.Month("年月"),
    "money": columns.Money("金额", negative=True),
    "count": columns.Count("人数"),
    "number": columns.Number("数值"),
    "percent": columns.Percent("比例", most=1000),
    "yes_no": columns.YesNo("是否寄宿"),
    "sex": columns.Choice("性别", Sex),
    "relation": columns.Choice("与学生关系", Relation),
    "papers": columns.Choice("证件类型", IdKind),
    "category": columns.Choice("类别", Category),
    "school_type": columns.Choice("学校类型", School.Type),
    "ethnicity": columns.Ethnicity("民族"),
    "grade": columns.Grade("年级"),
    "class": columns.ClassName("班级"),
}


@st.composite
def id_numbers(draw):
    first = f"{draw(st.integers(110000, 659999))}{draw(BORN):%Y%m%d}{draw(st.integers(0, 999)):03}"
    return first + check_character(first)


@st.composite
def cards(draw):
    digits = f"62{draw(st.integers(10**13, 10**14 - 1))}"
    return next(f"{digits}{n}" for n in range(10) if luhn(f"{digits}{n}") % 10 == 0)


def luhn(digits: str) -> int:
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return sum(number // 10 + number % 10 for number in doubled)


def two_places(number: int) -> Decimal:
    return Decimal(number).scaleb(-2)


def of(column) -> st.SearchStrategy:
    return st.sampled_from([option.value for option in column.options])


LANDLINES = st.from_regex(r"0(10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}", fullmatch=True)
VALUES = {
    "text": st.text(HAN, min_size=2, max_size=30),
    "address": st.text(HAN, min_size=2, max_size=30),
    "name": st.lists(st.text(HAN, min_size=2, max_size=8), min_size=1, max_size=3).map("·".join),
    "id": id_numbers(),
    "paper": st.one_of(id_numbers(), st.from_regex(r"[A-Z][0-9]{7,9}", fullmatch=True)),
    "roll": id_numbers().flatmap(lambda number: st.sampled_from(["G" + number, "J" + number])),
    "phone": st.one_of(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), LANDLINES),
    "card": cards(),
    "day": st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    "month": st.dates(date(1900, 1, 1), date(2100, 12, 1)).map(lambda day: day.replace(day=1)),
    "money": st.integers(-(10**12), 10**12).map(two_places),
    "count": st.integers(0, 2_000_000_000),
    "number": st.integers(-(10**14), 10**14).map(lambda number: Decimal(number).scaleb(-4)),
    "percent": st.integers(0, 1000 * 10**4).map(lambda number: Decimal(number).scaleb(-4)),
    "yes_no": st.booleans(),
    "class": st.one_of(
        st.integers(1, 40).map("{}班".format), st.text(HAN, max_size=8).map("蒙授{}".format)
    ),
} | {name: of(column) for name, column in TYPES.items() if hasattr(column, "options")}

TYPICAL = st.text(
    "０１２3456789ＡＸxGJL年级月日班一二三十初高(（)）.．-—·•/%元人万,，'\u3000 \u200b√是否",
    max_size=24,
)
CELLS = st.one_of(
    TYPICAL,
    st.text(max_size=40),
    st.integers(-(10**19), 10**19),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 10**6).map(lambda number: number / 100),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.just(CellError("#N/A")),
    st.none(),
)


def in_excel(cell):
    """A form's cell as it comes back from Excel, where every number is a float."""
    return encode(float(cell) if type(cell) is int else cell)


@pytest.mark.parametrize("name", TYPES)
@given(data=st.data())
def test_a_value_in_a_form_comes_back_unchanged(name, data):
    column, value = TYPES[name], data.draw(VALUES[name])
    read_cell = column.reader(context())
    for cell in (in_excel(column.excel(value)), encode(str(column.excel(value)))):
        if cell != "":
            again = read_cell(cell)
            assert (again, str(again)) == (value, str(again))


@pytest.mark.parametrize("name", TYPES)
@given(data=st.data())
def test_any_cell_is_read_or_refused_and_what_was_read_can_be_written(name, data):
    column, cell = TYPES[name], data.draw(CELLS)
    read_cell = column.reader(context(answers={"": Percent.FRACTION}))
    try:
        value = read_cell(encode(cell))
    except BadCell as bad:
        assert Fault(bad.code, params=bad.params).message
        return
    value = value.value if isinstance(value, Doubt) else value
    if value is BLANK or value is CLEAR:
        return
    again = read_cell(in_excel(column.excel(value)))
    assert (again, type(again)) == (value, type(value))
    assert column.masked(value) and column.shown(value)


# Spellings ---------------------------------------------------------------------------------------
FULL_WIDTH = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})
BLANKS = st.sampled_from([" ", "\u3000", "\u00a0", "\u200b", "\ufeff", "\n", "\t", "  "])


@st.composite
def with_blanks(draw, text):
    """A text with blanks somewhere: only where a column says that they mean nothing."""
    at = draw(st.lists(st.integers(0, len(text)), max_size=3))
    for place in sorted(at, reverse=True):
        text = text[:place] + draw(BLANKS) + text[place:]
    return text


@given(number=id_numbers(), data=st.data())
def test_every_spelling_of_a_number_is_the_same_number(number, data):
    spelled = data.draw(
        st.sampled_from([number, number.lower(), number.translate(FULL_WIDTH), f"'{number}"])
    )
    cell = data.draw(with_blanks(spelled))
    assert read(TYPES["id"], cell) == read(TYPES["paper"], cell) == number
    assert read(TYPES["roll"], "g" + cell) == "G" + number


@given(name=st.text(HAN, min_size=2, max_size=6), data=st.data())
def test_every_spelling_of_a_name_is_the_same_name(name, data):
    assert read(TYPES["name"], data.draw(with_blanks(name))) == name
    dot = data.draw(st.sampled_from("·•．.・‧"))
    assert read(TYPES["name"], f"{name} {dot}{name}") == f"{name}·{name}"


@given(phone=st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), data=st.data())
def test_every_spelling_of_a_phone_is_the_same_phone(phone, data):
    grouped = f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"
    cells = [
        phone,
        float(phone),
        grouped,
        f"+86 {phone}",
        f"86{phone}",
        phone.translate(FULL_WIDTH),
    ]
    assert read(TYPES["phone"], data.draw(st.sampled_from(cells))) == phone


@given(day=st.dates(date(1930, 1, 1), date(2099, 12, 31)), data=st.data())
def test_every_spelling_of_a_day_is_the_same_day(day, data):
    y, m, d = day.year, day.month, day.day
    serial = (day - date(1899, 12, 30)).days
    cells = [f"{y}{s}{m}{s}{d}" for s in ".-/、 "] + [f"{y}{s}{m:02}{s}{d:02}" for s in ".-/"]
    cells += [f"{y}年{m}月{d}日", f"{y}年{m:02}月{d:02}号", f"{day:%Y%m%d}", float(f"{day:%Y%m%d}")]
    cells += [serial, float(serial), str(serial), day, datetime(y, m, d), f"{day} 00:00:00"]
    cell = data.draw(st.sampled_from(cells))
    assert read(TYPES["day"], cell) == day
    assert read(TYPES["month"], cell) == day.replace(day=1)
    if isinstance(cell, str):
        assert read(TYPES["day"], cell.translate(FULL_WIDTH)) == day


@given(cents=st.integers(0, 10**10), data=st.data())
def test_every_spelling_of_an_amount_is_the_same_amount(cents, data):
    amount = two_places(cents)
    texts = [f"{amount:f}", f"{amount:,f}", f"{amount:f}元", f"￥{amount:,f}", f"{amount:,f} 元"]
    texts += [text.translate(FULL_WIDTH) for text in texts]
    cell = data.draw(st.sampled_from([*texts, float(amount), float(amount) + 1e-10]))
    assert read(TYPES["money"], cell) == amount


# Faults ------------------------------------------------------------------------------------------
TOLD = [
    *test_columns_people.FAULTS,
    *test_columns_days.FAULTS,
    *test_columns_amounts.FAULTS,
    *test_columns_choices.FAULTS,
]
MODULES = ("amounts", "choices", "contacts", "days", "grades", "identity", "texts")


def declared_in(module: str) -> set[str]:
    """The codes in a module's call of `declare`."""
    tree = ast.parse((Path(columns.__file__).parent / f"{module}.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    tables = [call.args[0] for call in calls if getattr(call.func, "id", "") == "declare"]
    return {key.value for table in tables for key in table.keys}


@pytest.mark.parametrize("module", MODULES)
def test_every_fault_of_a_module_is_shown_to_be_told(module):
    assert declared_in(module)
    assert declared_in(module) <= {code for _column, _cell, code in TOLD}


def test_no_fault_says_what_stands_in_the_cell():
    for column, cell, code in TOLD:
        told = words(column, cell)
        assert told, code
        held = str(cell)
        assert len(held) < 3 or held not in told.replace("2023-09", ""), code


@pytest.mark.parametrize("name", TYPES)
def test_the_longest_cells_take_no_time(name):
    read_cell = TYPES[name].reader(context())
    began = clock.process_time()
    for piece in ("1", "9 ", "一", "-", "1-", "·那", "a ", "（", "1,", "\u200b1", " 0", "零", "Ⅷ"):
        with suppress(BadCell):
            read_cell((piece * 32_767)[:32_767])
    assert clock.process_time() - began < 1


def test_a_time_of_day_and_a_mark_in_a_text_are_no_surprise():
    for column in TYPES.values():
        for cell in (encode(time(8, 30)), f"a{MARK}D2023-09-01", f" {MARK}E#N/A"):
            try:
                column.reader(context())(cell)
            except BadCell as bad:
                assert Fault(bad.code, params=bad.params).message
