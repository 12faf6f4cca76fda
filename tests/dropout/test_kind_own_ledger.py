"""A unit's own dropout ledger, handed in: it opens cases, takes them further, and goes back again."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from openpyxl import load_workbook

from common.models import Event
from dropout.models import Case, Correction, Episode, Kind, NationalEntry, SheetMark, State
from dropout.services import cases, corrections
from intake import forms, kinds
from intake.columns.base import Context
from registry.identity import check_character, number_index
from registry.models import Guardian, Identifier, Student
from registry.roles import Role
from tests.cast import TODAY
from tests.children import give_number, make_child, make_school
from tests.dropout.cases import closed, confirmed, moment, returned, suspected, visited
from tests.intake.rosters import commit, domain_rows, hand_in, id_number, undo

TABLES = (Case, Episode, Correction, SheetMark, Student, Identifier, Guardian)
LONG_AGO, LATELY = "2025-03-01", (TODAY - timedelta(days=9)).isoformat()


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def official(units, east, officer):
    return officer(east, name="左旗填报员")


@pytest.fixture
def school(east):
    return make_school("左旗一小", east)


@pytest.fixture
def known(school):
    """known(n) -> a child of the school with the number n."""

    def make(n, name="那仁", at=school):
        return make_child(name, at, id_number(n), born_on=date(2012, 9, 1))

    return make


@pytest.fixture
def check(official, east):
    def hand(rows, facts=None):
        return hand_in(rows, kind="dropout-ledger", facts=facts or {}, by=official, unit=east)

    return hand


def line(n, kind="辍学", since=LONG_AGO, **over) -> dict:
    full = {
        "姓名": "那仁",
        "身份证号": id_number(n),
        "类型": kind,
        "辍学时间": since,
        "辍学原因": "厌学",
        "苏木镇(街道)": None,
        "复学时间": None,
        "是否销号": None,
    }
    return full | over


def told(preview) -> set:
    return {(one.code, one.place) for one in preview.faults}


# Opening and going further -------------------------------------------------------------------------
def test_a_ledger_opens_cases_confirms_them_and_goes_back_whole(check, official, known, east):
    for n in (1, 2, 3):
        known(n)
    before = domain_rows(*TABLES)
    rows = [line(1), line(2, "失学", 辍学原因=None), line(3, "疑似", LATELY)]
    upload, preview = check(rows)
    assert not preview.faults and preview.counts["inserted"] == 3
    assert not Case.objects.exists(), "a check opens nothing"
    upload = commit(upload, by=official)
    by_kind = {one.kind: one for one in Episode.objects.select_related("case")}
    dropped, never, asked = by_kind["DROPPED_OUT"], by_kind["NEVER_ENROLLED"], by_kind[""]
    assert (dropped.left_on, dropped.cause, dropped.confirmed_on) == (
        date(2025, 3, 1),
        "LEARNING",
        TODAY,
    )
    assert (never.left_on, never.cause, never.cause_detail) == (None, "OTHER", "台账没有写原因")
    assert (asked.state, asked.absent_since) == ("SUSPECTED", date.fromisoformat(LATELY))
    assert {one.case.unit for one in by_kind.values()} == {east}
    assert {one.source for one in by_kind.values()} == {"LEDGER"}
    assert undo(upload, by=official).left == []
    assert domain_rows(*TABLES) == before


def test_a_second_handing_in_changes_nothing(check, official, known):
    for n in (1, 2, 3):
        known(n)
    rows = [line(1), line(2, "失学"), line(3, "疑似", LATELY)]
    commit(check(rows)[0], by=official)
    _upload, preview = check(rows)
    assert preview.counts["unchanged"] == 3 and not preview.changes
    commit(check([line(1, 辍学原因="学习困难或厌学")])[0], by=official)
    assert Episode.objects.count() == 3, "never a second open one"


def test_an_open_case_is_taken_further_and_the_undo_takes_just_that_back(check, official, known):
    episode = suspected(known(1), official, on=TODAY - timedelta(days=40))
    before = domain_rows(*TABLES)
    upload, preview = check([line(1)])
    assert preview.counts["updated"] == 1
    upload = commit(upload, by=official)
    episode.refresh_from_db()
    assert (episode.kind, episode.left_on, episode.cause) == (
        Kind.DROPPED_OUT,
        date(2025, 3, 1),
        "LEARNING",
    )
    assert Episode.objects.count() == 1
    assert undo(upload, by=official).left == []
    assert domain_rows(*TABLES) == before
    episode.refresh_from_db()
    assert episode.state == State.SUSPECTED


def test_a_confirmed_case_takes_a_corrected_day_and_cause(check, official, known):
    episode = confirmed(known(1), official, on=TODAY - timedelta(days=40))
    upload, preview = check([line(1, since="2025-02-01", 辍学原因="打工")])
    assert {(c.header, c.new) for c in preview.changes} == {
        ("辍学时间", "2025-02-01"),
        ("辍学原因", "外出打工"),
    }
    before = domain_rows(Case, Episode, Correction)
    upload = commit(upload, by=official)
    episode.refresh_from_db()
    assert (episode.left_on, episode.cause) == (date(2025, 2, 1), "WORK")
    assert Correction.objects.get().was == "LEARNING"
    assert undo(upload, by=official).left == []
    assert domain_rows(Case, Episode, Correction) == before


def test_a_sensitive_cause_is_kept_beside_and_told_nowhere(check, official, known):
    known(1)
    commit(check([line(1, 辍学原因="信教")])[0], by=official)
    one = Episode.objects.get()
    assert (one.cause, one.guarded_cause) == ("GUARDED", "RELIGION")
    assert "RELIGION" not in str([event.after for event in Event.objects.all()])
    _upload, preview = check([line(1, 辍学原因="另行记载")])
    assert preview.counts["unchanged"] == 1


def test_a_child_whom_no_school_has_had_is_registered_where_it_lives(check, official, east):
    town = "巴彦浩特镇"
    before = domain_rows(*TABLES)
    over = {"监护人": "乌云", "监护人电话": "13900000001", "苏木镇(街道)": town}
    upload, preview = check([line(1, "失学", **over)])
    assert not preview.faults
    upload = commit(upload, by=official)
    case = Case.objects.get()
    assert (case.unit, case.township.name, case.school) == (east, town, None)
    assert case.student.guardians.get().name == "乌云"
    _upload, again = check([line(1, "失学", **over)])
    assert again.counts["unchanged"] == 1
    assert undo(upload, by=official).left == []
    assert domain_rows(*TABLES) == before


def test_who_left_again_gets_a_new_episode_and_the_old_one_stays(
    check, official, known, officer, league, school
):
    on = date(2025, 3, 3)
    placement = returned(confirmed(known(1), official, on=on), school, official, on=on)
    closed(placement, official, officer(league, Role.BUREAU))
    old = Episode.objects.get()
    _upload, same = check([line(1, since=old.left_on.isoformat())])
    assert same.counts["unchanged"] == 1
    _upload, other = check([line(1, "失学", old.left_on.isoformat())])
    assert told(other) == {("already_over", "B2")}
    since = old.ended_on + timedelta(days=30)
    commit(check([line(1, since=since.isoformat())])[0], by=official)
    new = Episode.objects.get(ended_on=None)
    assert (new.number, new.relapse_of) == (2, old)


# Undo ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("deed", ["visit", "arrange", "correct"])
def test_an_undo_leaves_a_case_that_somebody_has_worked_on(check, official, known, deed):
    known(1), known(2)
    upload = commit(check([line(1), line(2)])[0], by=official)
    episode = Episode.objects.get(case__student=_child(1))
    if deed == "visit":
        visited(episode, official, on=TODAY)
    elif deed == "arrange":
        cases.arrange(episode, officer=official, planned_on=None, by=official, at=moment(TODAY))
    else:
        corrections.correct_cause(
            episode, cause="WORK", reason="写错", by=official, at=moment(TODAY)
        )
    left = undo(upload, by=official).left
    assert [(one.row, one.code) for one in left] == [(2, "edited_since")]
    assert Episode.objects.get() == episode


def test_two_ledgers_are_undone_in_either_order(check, official, known):
    known(1)
    before = domain_rows(*TABLES)
    first = commit(check([line(1, "疑似", LATELY)])[0], by=official)
    second = commit(check([line(1)])[0], by=official)
    assert [one.code for one in undo(first, by=official).left] == ["edited_since"]
    assert undo(second, by=official).left == []
    assert Episode.objects.get().state == State.SUSPECTED
    assert undo(first, by=official).left == []
    assert domain_rows(*TABLES) == before


# What is refused -----------------------------------------------------------------------------------
def test_every_fault_is_told_at_its_cell(check, official, known, west):
    for n in (2, 3, 4, 5, 6, 9):
        known(n)
    known(7, at=make_school("额旗小学", west))
    body, small = "15292120080929001", "15292120200929001"
    confirmed(_child(9), official, on=TODAY - timedelta(days=40))
    rows = [
        line(1),  # nobody has this number, and no place is named
        line(2, 姓名="旁人"),
        line(3, since=LATELY),  # not yet a dropout
        line(4, since="2099-01-01"),
        line(5, 复学时间="2025-05-01"),
        line(6, 是否销号="是"),
        line(7),
        line(8, 身份证号=body + check_character(body), **{"苏木镇(街道)": "巴彦浩特镇"}),
        line(8, 身份证号=small + check_character(small), **{"苏木镇(街道)": "巴彦浩特镇"}),
        line(9, "失学"),
    ]
    _upload, preview = check(rows)
    assert told(preview) == {
        ("child_unknown", "B2"),
        ("name_differs", "A3"),
        ("too_soon_to_confirm", "D4"),
        ("day_to_come", "D5"),
        ("settled_in_the_case", "G6"),
        ("settled_in_the_case", "H7"),
        ("child_elsewhere", "B8"),
        ("over_school_age", "B9"),
        ("under_school_age", "B10"),
        ("kind_stands", "C11"),
    }
    assert preview.counts["rejected"] == 10


def _child(n) -> Student:
    return Student.objects.get(identifiers__value_index=number_index(id_number(n)))


def test_a_day_after_what_the_case_knows_is_refused(check, official, known):
    on = TODAY - timedelta(days=40)
    suspected(known(1), official, on=on, absent_since=on - timedelta(days=9))
    _upload, preview = check([line(1, "疑似", TODAY.isoformat())])
    assert told(preview) == {("after_what_is_known", "D2")}


def test_a_child_without_place_or_school_is_nobodys_to_list(check):
    give_number(make_child("那仁"), id_number(1))
    _upload, preview = check([line(1)])
    assert told(preview) == {("child_elsewhere", "B2")}


def test_a_school_may_not_hand_it_in(school, officer):
    assert not officer(school, Role.SCHOOL).has_perm(kinds.get("dropout-ledger").permission)


def test_a_comparison_still_opens_no_case(check, official, known):
    known(1)
    facts = {"mode": "compare", "listed_on": "2025-09-30"}
    commit(check([line(1)], facts)[0], by=official)
    assert NationalEntry.objects.count() == 1 and not Case.objects.exists()
    _upload, preview = check([line(1)], {"mode": "compare"})
    assert told(preview) == {("export_of_which_day", "B2")}


# The form that goes out and comes back ---------------------------------------------------------------
def test_a_filled_form_is_corrected_and_comes_back(check, official, known, east):
    """Masked numbers leave alone; of three children one is corrected and two are unchanged."""
    for n in (1, 2, 3):
        known(n)
    commit(check([line(1), line(2, "失学"), line(3, "疑似", LATELY)])[0], by=official)
    kind = kinds.get("dropout-ledger")
    context = Context(user=official, permission=kind.permission, on=TODAY, unit=east)
    form = forms.filled_form(kind, context)
    assert form.lines == 3
    book = load_workbook(io.BytesIO(form.content))
    sheet = book.worksheets[0]
    places = {
        cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value is not None
    }
    assert id_number(1) not in places
    _upload, same = _back(book, official, east)
    assert same.counts["unchanged"] == 3 and not same.faults
    places[LONG_AGO].value = "2025-02-01"
    upload, preview = _back(book, official, east)
    assert (preview.counts["updated"], preview.counts["unchanged"]) == (1, 2)
    commit(upload, by=official)
    _upload, same = _back(book, official, east)
    assert {one.code for one in same.faults} <= {"stale"}


def _back(book, by, unit):
    out = io.BytesIO()
    book.save(out)
    file = ContentFile(out.getvalue(), name="台账.xlsx")
    return hand_in(file, kind="dropout-ledger", facts={}, by=by, unit=unit)


def test_the_ledger_page_and_the_sheet_tell_the_same(check, client, official, known):
    """What the export says of kind and day is what the sheet takes in as unchanged."""
    known(1)
    commit(check([line(1)])[0], by=official)
    client.force_login(official)
    file = client.get("/dropout/ledgers/dropouts/?export=csv").content.decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(file.split("\n", 1)[1])))
    again = {header: row[header] or None for header in line(1)} | {"身份证号": id_number(1)}
    _upload, preview = check([again | {"是否销号": None}])
    assert preview.counts["unchanged"] == 1, preview.faults
