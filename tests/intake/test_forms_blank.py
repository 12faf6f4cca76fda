"""A blank form of every kind: made from its declaration, and understood when it comes back."""

import io
import shutil
import subprocess

import pytest
from openpyxl import load_workbook

from common.models import Event
from common.periods import Period
from intake import kinds
from intake.columns.base import Context
from intake.forms import NotAllowed, blank_form
from intake.handed_out import DICTIONARY_SHEET
from intake.reading import open_book
from intake.sheets import read_tables
from registry.roles import Role, roles_with
from tests.cast import TODAY
from tests.intake.rosters import make_school

KINDS = [kind.slug for kind in kinds.all_kinds()]
PERSONAL = ("id_number", "roll_number", "phone", "bank_card", "day", "month", "address", "text")


@pytest.fixture
def someone(officer, league, east):
    """someone(kind) is a person who hands sheets of the kind in, and the unit for which."""

    def make(kind):
        roles = roles_with(kind.permission)
        if Role.OFFICIAL in roles:
            return officer(east, Role.OFFICIAL), east
        return officer(league, roles[0]), league

    return make


@pytest.fixture
def context_of(someone):
    def make(kind, **more) -> Context:
        user, unit = someone(kind)
        period = Period.parse("2025Q3") if kind.takes_period else None
        words = {"on": TODAY, "unit": unit, "period": period} | more
        return Context(user=user, permission=kind.permission, **words)

    return make


def opened(form):
    return load_workbook(io.BytesIO(form.content))


def head_of(sheet) -> int:
    """The row of the header: everything above it stands in the first columns."""
    return next(
        row for row in range(1, 12) if sheet.cell(row, 1).comment and sheet.cell(row, 2).comment
    )


@pytest.mark.parametrize("slug", KINDS)
def test_the_header_is_what_the_kind_declares(slug, context_of):
    kind = kinds.get(slug)
    sheet = opened(blank_form(kind, context_of(kind))).worksheets[0]
    header = [cell.value for cell in sheet[head_of(sheet)] if cell.value]
    assert header == [str(column.header) for column in kind.columns.values()]
    assert sheet.freeze_panes == f"A{head_of(sheet) + 1}"


@pytest.mark.parametrize("slug", KINDS)
def test_its_header_is_recognised_to_the_letter(slug, context_of):
    kind = kinds.get(slug)
    context = context_of(kind)
    with open_book(blank_form(kind, context).content, name="a.xlsx") as book:
        (table,) = read_tables(book, kind, context=context)
        assert list(table.columns) == list(kind.columns)
        assert {placed.how for placed in table.columns.values()} == {"exact"}
        assert not list(table.chunks())
        assert [fault.code for fault in table.faults] == []
        assert {fault.code for fault in table.warnings} == {"no_rows"}


@pytest.mark.parametrize("slug", KINDS)
def test_columns_of_numbers_that_excel_would_round_are_text(slug, context_of):
    kind = kinds.get(slug)
    sheet = opened(blank_form(kind, context_of(kind))).worksheets[0]
    for cell in sheet[head_of(sheet)]:
        column = next((c for c in kind.columns.values() if str(c.header) == cell.value), None)
        if column and column.type_name in PERSONAL:
            assert sheet.column_dimensions[cell.column_letter].number_format == "@"


@pytest.mark.parametrize("slug", KINDS)
def test_what_is_given_is_locked_and_what_is_asked_is_open(slug, context_of):
    kind = kinds.get(slug)
    book = opened(blank_form(kind, context_of(kind)))
    sheet = book.worksheets[0]
    assert sheet.protection.sheet and not sheet.protection.password
    assert book.security.lockStructure
    head = head_of(sheet)
    assert all(cell.protection.locked for cell in sheet[head])
    assert not any(
        sheet.column_dimensions[cell.column_letter].protection.locked for cell in sheet[head]
    )


@pytest.mark.parametrize("slug", KINDS)
def test_each_header_says_whether_it_is_needed_and_gives_an_example(slug, context_of):
    kind = kinds.get(slug)
    sheet = opened(blank_form(kind, context_of(kind))).worksheets[0]
    for cell, column in zip(sheet[head_of(sheet)], kind.columns.values(), strict=False):
        assert cell.comment.text.startswith("必填" if column.required else "可以不填")
        assert column.example in cell.comment.text


STUDENTS, SCHOOLS = kinds.get("students"), kinds.get("schools")


def rule_of(sheet, header: str):
    letter = next(c.column_letter for c in sheet[head_of(sheet)] if c.value == header)
    return next(
        rule
        for rule in sheet.data_validations.dataValidation
        if str(rule.sqref).startswith(f"{letter}{head_of(sheet) + 1}:")
    )


def values_of(book, name: str) -> list[str]:
    sheet, place = book.defined_names[name].attr_text.rsplit("!", 1)
    cells = book[sheet.strip("'")][place.replace("$", "")]
    return [cell.value for (cell,) in (cells if isinstance(cells, tuple) else ((cells,),))]


def test_a_choice_is_a_drop_down(context_of):
    book = opened(blank_form(STUDENTS, context_of(STUDENTS)))
    rule = rule_of(book.worksheets[0], "民族")
    assert (rule.type, rule.formula1) == ("list", "list_ethnicity")
    assert values_of(book, "list_ethnicity")[:2] == ["汉族", "蒙古族"]
    assert book[DICTIONARY_SHEET].sheet_state == "hidden"


def test_a_free_column_has_a_hint_and_no_list(context_of):
    sheet = opened(blank_form(STUDENTS, context_of(STUDENTS))).worksheets[0]
    rule = rule_of(sheet, "身份证号")
    assert rule.type is None and rule.promptTitle == "身份证号" and "必填" in rule.prompt


def test_schools_follow_from_the_banner(context_of, east, west, league, officer):
    make_school("阿左旗第一小学", east)
    make_school("阿左旗第二小学", east)
    make_school("额济纳旗第一小学", west)
    context = context_of(STUDENTS)
    context.user, context.unit = officer(league, Role.BUREAU), league
    book = opened(blank_form(STUDENTS, context))
    keys, part = values_of(book, "keys_school"), values_of(book, "part_school")
    pairs = set(zip(keys, part, strict=True))
    assert ("阿拉善左旗", "阿左旗第一小学") in pairs and ("额济纳旗", "额济纳旗第一小学") in pairs
    assert ("额济纳旗", "阿左旗第一小学") not in pairs
    runs = [key for i, key in enumerate(keys) if i == 0 or keys[i - 1] != key]
    assert len(runs) == len(set(runs)), "the schools of a banner stand together"
    row = head_of(book.worksheets[0]) + 1
    formula = rule_of(book.worksheets[0], "学校").formula1
    assert f"MATCH($A{row},keys_school,0)" in formula and "list_school" in formula


def test_a_drop_down_offers_only_what_is_in_scope(context_of, east, west):
    make_school("阿左旗第一小学", east)
    make_school("额济纳旗第一小学", west)
    book = opened(blank_form(STUDENTS, context_of(STUDENTS)))
    assert "阿左旗第一小学" in values_of(book, "list_school")
    assert "额济纳旗第一小学" not in values_of(book, "list_school")
    assert values_of(book, "list_banner") == ["阿拉善左旗"]


def test_the_unit_and_the_period_stand_above(context_of):
    kind = kinds.get("indicator-values")
    sheet = opened(blank_form(kind, context_of(kind))).worksheets[0]
    above = [cell.value for row in sheet.iter_rows(max_row=3) for cell in row if cell.value]
    assert "阿拉善左旗" in above and Period.parse("2025Q3").label in above


def test_facts_of_a_kind_have_a_place_above_the_header(context_of):
    kind = next((kind for kind in kinds.all_kinds() if kind.facts), None)
    if kind is None:
        pytest.skip("no kind asks for facts")
    context = context_of(kind)
    form = blank_form(kind, context)
    sheet = opened(form).worksheets[0]
    labels = [sheet.cell(row, 1).value for row in range(4, 4 + len(kind.facts))]
    assert labels == [f"{fact.column.header}：" for fact in kind.facts]
    assert not any(sheet.cell(row, 2).protection.locked for row in range(4, 4 + len(kind.facts)))


def test_what_is_typed_into_a_blank_form_is_read(context_of, east):
    context = context_of(SCHOOLS)
    book = opened(blank_form(SCHOOLS, context))
    sheet = book.worksheets[0]
    row = head_of(sheet) + 1
    sheet.cell(row, 1).value, sheet.cell(row, 2).value = "新办小学", "阿拉善左旗"
    stream = io.BytesIO()
    book.save(stream)
    with open_book(stream.getvalue(), name="a.xlsx") as read:
        (table,) = read_tables(read, SCHOOLS, context=context)
        (chunk,) = table.chunks()
    assert chunk.cells["name"] == ["新办小学"] and chunk.rows == [row]


def test_a_blank_form_tells_nobody_anything(context_of):
    blank_form(STUDENTS, context_of(STUDENTS))
    assert not Event.objects.filter(verb__startswith="intake.form").exists()


def test_who_does_not_hand_it_in_gets_no_form(context_of, officer, east):
    context = context_of(STUDENTS)
    context.user = officer(east, Role.AUDITOR)
    with pytest.raises(NotAllowed):
        blank_form(STUDENTS, context)


def test_its_name_says_what_it_is_and_for_whom(context_of):
    assert blank_form(STUDENTS, context_of(STUDENTS)).name == "学生名册-空表-阿拉善左旗.xlsx"


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize("ending", ["xlsx", "xls"])
def test_another_program_keeps_the_form_a_form(ending, context_of, tmp_path, east):
    make_school("阿左旗第一小学", east)
    context = context_of(STUDENTS)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "form.xlsx").write_bytes(blank_form(STUDENTS, context).content)
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
        + ["--convert-to", ending, "--outdir", str(tmp_path), str(tmp_path / "in" / "form.xlsx")],
        check=True,
        capture_output=True,
        timeout=120,
    )
    content = (tmp_path / f"form.{ending}").read_bytes()
    with open_book(content, name=f"form.{ending}") as book:
        (table,) = read_tables(book, STUDENTS, context=context)
        assert list(table.columns) == list(STUDENTS.columns)
        assert not list(table.chunks())
