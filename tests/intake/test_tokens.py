"""The sign by which a line of a pre-filled form is known again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import tokens
from intake.faults import BadCell

PKS, VERSIONS = st.integers(1, 10**18 - 1), st.integers(0, 10**10 - 1)


@given(PKS, VERSIONS)
def test_what_was_signed_is_read_again(pk, version):
    token = tokens.maker("students")(pk, version)
    assert tokens.reader("students")(token) == (pk, version)


@pytest.mark.parametrize("cell", [None, "", "  "])
def test_a_blank_is_a_new_row(cell):
    assert tokens.reader("students")(cell) is None


def test_blanks_around_it_and_small_letters_do_no_harm():
    token = tokens.maker("students")(12, 3)
    assert tokens.reader("students")(f" {token.lower()} ") == (12, 3)


def made(pk=12, version=3, kind="students"):
    return tokens.maker(kind)(pk, version)


@pytest.mark.parametrize(
    "cell",
    [
        made(kind="schools"),
        made().replace("R12-", "R13-"),
        made().replace("-3-", "-4-"),
        made()[:-1] + ("A" if made()[-1] != "A" else "B"),
        made()[:-1],
        "12",
        12,
        12.0,
        True,
    ],
)
def test_what_was_not_signed_for_this_kind_is_refused(cell):
    with pytest.raises(BadCell) as bad:
        tokens.reader("students")(cell)
    assert bad.value.code == "token_broken"


def test_another_secret_signs_otherwise(settings):
    token = made()
    settings.SECRET_KEY = "another"
    with pytest.raises(BadCell):
        tokens.reader("students")(token)
