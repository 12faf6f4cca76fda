"""`manage.py intake_form`: the form on the command line, and polite refusals."""

import io

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from registry.roles import Role
from tests.cast import TODAY
from tests.intake.rosters import children, make_school, take_in


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def official(east, officer):
    return officer(east, username="clerk")


@pytest.fixture
def ask(tmp_path, capsys):
    """ask(kind, option=…) -> (exit code, standard error, the workbook or None)."""

    def run(kind="students", by="clerk", output=None, **options):
        path = output or tmp_path / "form.xlsx"
        errors, code = io.StringIO(), 0
        try:
            call_command("intake_form", kind, by=by, output=str(path), stderr=errors, **options)
        except SystemExit as end:
            code = end.code
        return code, errors.getvalue(), load_workbook(path) if path.exists() else None

    return run


def test_a_blank_form_is_written(ask, official):
    code, errors, book = ask()
    assert (code, errors) == (0, "") and "姓名" in {c.value for c in book.worksheets[0][4]}


def test_a_filled_form_lists_the_persons_own_unit(ask, official, east):
    take_in(children(2, make_school("阿左旗第一小学", east)), by=official, unit=east)
    _code, _errors, book = ask(filled=True)
    sheet = book.worksheets[0]
    assert sheet.max_row == 6 and "****" in str([cell.value for cell in sheet[5]])


def test_a_reason_opens_the_numbers(ask, official, east):
    rows = children(1, make_school("阿左旗第一小学", east))
    take_in(rows, by=official, unit=east)
    _code, _errors, book = ask(filled=True, unmask="核对")
    assert rows[0]["身份证号"] in {cell.value for cell in book.worksheets[0][5]}


def test_a_unit_is_found_by_name(ask, official, east):
    make_school("阿左旗第一小学", east)
    _code, _errors, book = ask(unit="阿左旗第一小学")
    assert book.worksheets[0]["B3"].value == "阿左旗第一小学"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nothing"},
        {"by": "nobody"},
        {"by": "auditor"},
        {"unit": "额济纳旗"},
        {"unit": "没有的单位"},
        {"kind": "indicator-values"},
        {"kind": "indicator-values", "period": "2025Q9"},
    ],
)
def test_what_cannot_be_done_is_said_on_standard_error(ask, official, officer, league, wrong):
    officer(league, Role.AUDITOR, username="auditor")
    code, errors, book = ask(**wrong)
    assert code == 2 and errors.strip() and "Traceback" not in errors and book is None


def test_a_folder_that_is_not_there_is_said(ask, official, tmp_path):
    code, errors, _book = ask(output=tmp_path / "none" / "form.xlsx")
    assert code == 2 and "form.xlsx" in errors
