"""Numbers and names in their normal forms."""

from datetime import date

import pytest

from registry import identity

TEXTBOOK = "11010519491231002X"


@pytest.mark.parametrize("number", [TEXTBOOK, "152921201509010014", "152922201303080021"])
def test_the_last_character_follows_from_the_others(number):
    assert identity.check_character(number[:17]) == number[17]


def test_what_a_number_says():
    assert identity.birth_date_of(TEXTBOOK) == date(1949, 12, 31)
    assert identity.birth_date_of("152921201502300014") is None
    assert identity.sex_of(TEXTBOOK) == "2" and identity.sex_of("152921201509010014") == "1"


@pytest.mark.parametrize(
    "written, normal",
    [
        ("１５２９２１２０１５０９０１００１４", "152921201509010014"),
        (" 11010519491231002x ", TEXTBOOK),
        ("1101 0519 4912 3100 2X", TEXTBOOK),
    ],
)
def test_numbers_have_one_form(written, normal):
    assert identity.normal_number(written) == normal
    assert identity.number_index(identity.normal_number(written)) == identity.number_index(normal)


@pytest.mark.parametrize(
    "written, normal",
    [("+86 139-0483-0001", "13904830001"), ("（0483）833 0000", "04838330000")],
)
def test_phones_are_digits(written, normal):
    assert identity.normal_phone(written) == normal


@pytest.mark.parametrize(
    "written, normal",
    [
        ("张　三", "张三"),
        ("阿拉坦 • 其其格", "阿拉坦·其其格"),
        ("巴图．孟和", "巴图·孟和"),
        ("Anna  Maria", "Anna Maria"),
    ],
)
def test_names_have_one_dot_and_no_blanks(written, normal):
    assert identity.normal_name(written) == normal
