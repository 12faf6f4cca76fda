"""Names, identity numbers, numbers of the school roll, phones and cards."""

from datetime import date

import pytest

from intake.cells import CellError
from intake.columns import (
    BLANK,
    CLEAR,
    Address,
    BankCard,
    IdNumber,
    IdPaper,
    OtherPaper,
    PersonName,
    Phone,
    RollNumber,
    Text,
)
from registry.id_numbers import checker
from registry.identity import check_character
from tests.intake.spellings import TODAY, fault, read

ID = "152921201509010014"
ID_X = "11010519491231002X"
NUMBER, PAPER, ROLL = IdNumber("身份证号"), IdPaper("身份证号"), RollNumber("学籍号")
NAME, PHONE, CARD = PersonName("姓名"), Phone("监护人电话"), BankCard("银行卡号")
WORDS, HOME = Text("备注", most=20), Address("现住址")
LATIN60, LATIN61 = "A" * 60, "A" * 61
CARD16, CARD19 = "6222020200112230", "6217000010001234569"


@pytest.mark.parametrize(
    "column, cell, value",
    [
        (NUMBER, ID, ID),
        (NUMBER, "152922201303080021", "152922201303080021"),
        (NUMBER, "152923201105200041", "152923201105200041"),
        (NUMBER, ID_X, ID_X),
        (NUMBER, "11010519491231002x", ID_X),
        (NUMBER, "11010519491231002ｘ", ID_X),
        (NUMBER, "１５２９２１２０１５０９０１００１４", ID),
        (NUMBER, "'" + ID, ID),
        (NUMBER, "’" + ID, ID),
        (NUMBER, " 152921 20150901 0014\u00a0", ID),
        (NUMBER, "152921\u300020150901\u30000014", ID),
        (NUMBER, "\ufeff" + ID + "\u200b", ID),
        (NUMBER, ID + "\n", ID),
        (NUMBER, "无", BLANK),
        (PAPER, ID, ID),
        (PAPER, "e1234567 8", "E12345678"),
        (PAPER, "H12345678(9)", "H12345678(9)"),
        (PAPER, 12345678.0, "12345678"),
        (ROLL, "G" + ID, "G" + ID),
        (ROLL, "g" + ID, "G" + ID),
        (ROLL, "Ｇ" + ID, "G" + ID),
        (ROLL, "G " + ID, "G" + ID),
        (ROLL, "G" + ID_X.lower(), "G" + ID_X),
        (ROLL, "J" + ID, "J" + ID),
        (ROLL, "L152921201509010015", "L152921201509010015"),
        (NAME, "张三", "张三"),
        (NAME, "张　三", "张三"),
        (NAME, " 张 三\u00a0", "张三"),
        (NAME, "张\u200b三", "张三"),
        (NAME, "欧阳  娜 娜", "欧阳娜娜"),
        (NAME, "那顺", "那顺"),
        (NAME, "娜仁图雅", "娜仁图雅"),
        (NAME, "阿拉坦·其其格", "阿拉坦·其其格"),
        (NAME, "阿拉坦•其其格", "阿拉坦·其其格"),
        (NAME, "阿拉坦．其其格", "阿拉坦·其其格"),
        (NAME, "阿拉坦.其其格", "阿拉坦·其其格"),
        (NAME, "阿拉坦・其其格", "阿拉坦·其其格"),
        (NAME, "阿拉坦 · 其其格", "阿拉坦·其其格"),
        (NAME, "王〇", "王〇"),
        (NAME, "⼥王", "女王"),
        (NAME, "𠮷田", "𠮷田"),
        (NAME, "Ａｌｉｃｅ　Ｓｍｉｔｈ", "Alice Smith"),
        (NAME, "Alice   Smith", "Alice Smith"),
        (NAME, "John F. Kennedy", "John F. Kennedy"),
        (NAME, "Jean-Pierre O’Brien", "Jean-Pierre O'Brien"),
        (NAME, "A·B·史密斯", "A·B·史密斯"),
        (NAME, "ᠪᠠᠭᠠ\u202fᠲᠦ", "ᠪᠠᠭᠠ\u202fᠲᠦ"),
        (NAME, "ᠨᠠᠷᠠ\u180e", "ᠨᠠᠷᠠ\u180e"),
        (NAME, LATIN60, LATIN60),
        (NAME, "无", BLANK),
        (PHONE, "13948312345", "13948312345"),
        (PHONE, 13948312345, "13948312345"),
        (PHONE, 13948312345.0, "13948312345"),
        (PHONE, "１３９４８３１２３４５", "13948312345"),
        (PHONE, "139 4831 2345", "13948312345"),
        (PHONE, "139-4831-2345", "13948312345"),
        (PHONE, "+86 13948312345", "13948312345"),
        (PHONE, "+86-139-4831-2345", "13948312345"),
        (PHONE, "0086 13948312345", "13948312345"),
        (PHONE, "8613948312345", "13948312345"),
        (PHONE, "0483-8331234", "04838331234"),
        (PHONE, "04838331234", "04838331234"),
        (PHONE, "（0483）8331234", "04838331234"),
        (PHONE, "0483 833 1234", "04838331234"),
        (PHONE, "0483—8331234", "04838331234"),
        (PHONE, 4838331234.0, "04838331234"),
        (PHONE, "010-62345678", "01062345678"),
        (PHONE, "+86 10 62345678".replace("86 10", "86 010"), "01062345678"),
        (PHONE, "—", BLANK),
        (CARD, CARD16, CARD16),
        (CARD, CARD19, CARD19),
        (CARD, "6217 0000 1000 1234 569", CARD19),
        (CARD, "６２１７００００１０００１２３４５６９", CARD19),
        (CARD, "'6217000010001234569", CARD19),
        (CARD, "1234567890123456", "1234567890123456"),  # an account: no Luhn
        (WORDS, 12.0, "12"),
        (WORDS, 12, "12"),
        (WORDS, 1.5, "1.5"),
        (WORDS, True, "TRUE"),
        (WORDS, date(2023, 9, 1), "2023-09-01"),
        (WORDS, "ＡＢ１２（好），①㎡Ⅱ", "AB12（好），①㎡Ⅱ"),
        (WORDS, "　左旗　 巴镇\n", "左旗 巴镇"),
        (WORDS, "左\u200b旗\ufeff", "左旗"),
        (WORDS, "a\u200db", "ab"),
        (WORDS, "ᠪᠠ\u202fᠲᠦ\u200d", "ᠪᠠ\u202fᠲᠦ\u200d"),
        (WORDS, "无", "无"),
        (WORDS, "/", BLANK),
        (WORDS, "\u200b\u3000", BLANK),
        (WORDS, "清空", CLEAR),
        (WORDS, " 清空\u3000", CLEAR),
        (HOME, "阿拉善左旗巴彦浩特镇１号", "阿拉善左旗巴彦浩特镇1号"),
    ],
)
def test_column_reads_the_spelling(column, cell, value):
    assert read(column, cell) == value


FAULTS = [
    (NUMBER, 1.5292120150901e17, "id_lost_digits"),
    (NUMBER, 152921201509010000, "id_lost_digits"),
    (NUMBER, 152921201509010014, "id_lost_digits"),  # checks, and is lost all the same
    (NUMBER, "1.52921E+17", "id_lost_digits"),
    (NUMBER, "１．５２９２１ｅ＋１７", "id_lost_digits"),
    (NUMBER, "152921201509010000", "id_lost_digits"),  # rounded, then made a text
    (NUMBER, "152921150901001", "id_old"),
    (NUMBER, 152921150901001, "id_old"),
    (NUMBER, "15292120150901001", "id_length"),
    (NUMBER, "1529212015090100144", "id_length"),
    (NUMBER, 152921.0, "id_length"),
    (NUMBER, "15292120150901001A", "id_signs"),
    (NUMBER, "1529212015O9010014", "id_signs"),
    (NUMBER, "1529212015X9010014", "id_signs"),
    (NUMBER, "152921201513010014", "id_birth"),
    (NUMBER, "152921201502300014", "id_birth"),
    (NUMBER, "152921180001010014", "id_birth"),
    (NUMBER, "152921202609010010", "id_future"),
    (NUMBER, "152921201509010015", "id_checksum"),
    (NUMBER, "152921201509010041", "id_checksum"),
    (NUMBER, "1529**********0014", "masked_cell"),
    (NUMBER, date(2015, 9, 1), "id_length"),
    (NUMBER, True, "id_length"),
    (NUMBER, CellError("#N/A"), "error_cell"),
    (IdNumber("身份证号", required=True), "　", "required"),
    (IdNumber("身份证号", required=True), "清空", "clear_required"),
    (PAPER, 1.5292120150901e17, "id_lost_digits"),
    (PAPER, "1529**********0014", "masked_cell"),
    (PAPER, "汉字一二三", "paper_signs"),
    (PAPER, "A1", "paper_signs"),
    (PAPER, "15292120150901汉字字字", "id_signs"),
    (ROLL, ID, "roll_letter"),
    (ROLL, "A" + ID, "roll_letter"),
    (ROLL, "G" + ID[:-1], "roll_length"),
    (ROLL, "L" + ID + "1", "roll_length"),
    (ROLL, "G15292120150901001A", "roll_signs"),
    (ROLL, "L15292120150901001X", "roll_signs"),
    (ROLL, "L152921201513011234", "roll_birth"),
    (ROLL, "G152921202609010010", "roll_birth"),
    (ROLL, "G152921201509010015", "roll_checksum"),
    (ROLL, "J152921201509010015", "roll_checksum"),
    (ROLL, 1.5292120150901e17, "id_lost_digits"),
    (ROLL, "G152**************4", "masked_cell"),
    (NAME, "张三1", "name_digits"),
    (NAME, "张三①", "name_digits"),
    (NAME, 12.0, "name_digits"),
    (NAME, "张三（大）", "name_signs"),
    (NAME, "张三、李四", "name_signs"),
    (NAME, "张?三", "name_signs"),
    (NAME, "·张三", "name_signs"),
    (NAME, "张\ue863", "name_signs"),
    (NAME, LATIN61, "name_long"),
    (PHONE, "1394831234", "phone_length"),
    (PHONE, "139483123456", "phone_length"),
    (PHONE, 1394831234.0, "phone_length"),
    (PHONE, "8331234", "phone_area_code"),
    (PHONE, "13948312345/13848312345", "phone_several"),
    (PHONE, "13948312345 13848312345", "phone_several"),
    (PHONE, "0483-8331234、0483-8331235", "phone_several"),
    (PHONE, "12948312345", "phone_wrong"),
    (PHONE, "0483-123", "phone_wrong"),
    (PHONE, "00000000000", "phone_wrong"),
    (PHONE, "微信同号", "phone_wrong"),
    (PHONE, "138****1234", "masked_cell"),
    (CARD, 6217000010001234569, "card_lost_digits"),
    (CARD, 6.21700001000123e18, "card_lost_digits"),
    (CARD, "6.217E+18", "card_lost_digits"),
    (CARD, "6217000010001230000", "card_lost_digits"),
    (CARD, "621700001000123", "card_length"),
    (CARD, 621700001000123, "card_length"),
    (CARD, CARD19 + "1", "card_length"),
    (CARD, "62170000100012345A6", "card_signs"),
    (CARD, "6217000010001234560", "card_checksum"),
    (CARD, "************1234", "masked_cell"),
    (WORDS, "长" * 21, "text_long"),
    (WORDS, 1e16, "text_lost_digits"),
    (WORDS, CellError("#DIV/0!"), "error_cell"),
    (HOME, "阿拉善左旗******", "masked_cell"),
]


@pytest.mark.parametrize("column, cell, code", FAULTS)
def test_column_tells_the_fault(column, cell, code):
    assert fault(column, cell) == code


def test_other_paper_remembers_what_is_wrong_with_it_as_a_residents_number():
    passport = read(PAPER, "E12345678")
    assert (type(passport), passport.fault.code) == (OtherPaper, "id_length")


def test_a_missing_number_is_left_to_the_rule_that_knows_the_kind_of_paper():
    assert read(IdPaper("身份证号", required=True), None) is BLANK
    assert fault(IdPaper("身份证号", required=True), "清空") == "clear_required"


def test_rounded_numbers_are_refused_though_some_still_check():
    rounded = [f"1529212015090{n:02}000"[:15] + "000" for n in range(100)]
    checks = [text for text in rounded if not checker(TODAY)(text)]
    assert checks, "the test needs a rounded number whose checksum holds"
    assert {fault(NUMBER, float(text)) for text in rounded} == {"id_lost_digits"}


def test_one_wrong_digit_never_passes_the_check():
    wrong = checker(TODAY)
    others = [
        ID[:at] + digit + ID[at + 1 :]
        for at in range(18)
        for digit in "0123456789"
        if digit != ID[at]
    ]
    assert all(map(wrong, others))


def test_numbers_are_checked_as_of_the_day_of_the_upload():
    born_tomorrow = "15292120251014001"
    number = born_tomorrow + check_character(born_tomorrow)
    assert fault(NUMBER, number) == "id_future"
    assert fault(NUMBER, number, on=date(2025, 10, 14)) == ""


def test_landlines_are_shown_with_their_area_code_apart():
    shown = {value: PHONE.shown(value) for value in ("04838331234", "01062345678", "13948312345")}
    assert list(shown.values()) == ["0483-8331234", "010-62345678", "13948312345"]


def test_masks_hide_the_middle():
    assert NUMBER.masked(ID) == "1529**********0014"
    assert ROLL.masked("G" + ID) == "G152***********0014"
    assert PHONE.masked("13948312345") == "139****2345"
    assert CARD.masked(CARD19) == "***************4569"
    assert HOME.masked("阿拉善左旗巴彦浩特镇1号") == "阿拉善左旗******"
    assert PHONE.masked("04838331234") == "048****1234"
    assert [column.masked(BLANK) for column in (NUMBER, ROLL, PHONE, CARD, HOME)] == [""] * 5
