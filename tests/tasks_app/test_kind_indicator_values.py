"""A unit's sheet of values: into the drafts it owes, said beforehand, and out of them again."""

import io

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from openpyxl import Workbook

from common.figures import State
from common.periods import Period
from intake import kinds
from intake.models import Upload
from registry.figures import villages
from registry.roles import Role
from tasks_app.models import ImportedValue, Indicator, Observation, ProgressReport
from tasks_app.services import imported, reports
from tests.cast import NOW, TODAY
from tests.intake.rosters import commit, hand_in, undo, workbook
from tests.intake.test_forms_filled import Filled, assert_no_difference, filled

QUARTER, TERM = "2025Q3", "2024/25-2"
FAIRS, TRAINED, TALKS, BUILT = "T07-04", "T08-01", "T12-05", "T02-01"  # the last is a rate
ENROLLED = "T01-04"  # a rate by term


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def supervisor(officer, league):
    return officer(league, Role.SUPERVISOR)


@pytest.fixture
def check(duties, filler, east):
    def hand(rows, period=QUARTER, *, by=None, unit=None, **more):
        unit = unit or east
        more = more | {"kind": "indicator-values", "period": period}
        return hand_in(rows, by=by or filler, unit=unit, **more)

    return hand


@pytest.fixture
def write(check, filler):
    def commit_all(rows, period=QUARTER, **more):
        upload, preview = check(rows, period)
        assert not preview.faults, [(f.code, f.place) for f in preview.faults]
        return commit(upload, by=filler, **more)

    return commit_all


def line(code, num=None, den=None, **over) -> dict:
    return {"指标代码": code, "分子": num, "分母": den, "数值": None, "说明": None} | over


def told(preview) -> set:
    return {(one.code, one.place) for one in preview.faults}


def draft(code, unit, period=QUARTER) -> dict:
    """The texts of one indicator in the newest draft."""
    indicator = Indicator.objects.select_related("work_item").get(code=code)
    duty = {"code": indicator.work_item.duty_code, "unit": unit, "period": period}
    report = ProgressReport.objects.filter(**{f"duty__{k}": v for k, v in duty.items()}).last()
    return {k: v for k, v in imported.texts_in(report.draft, indicator).items() if v}


def drafts() -> list:
    return list(ProgressReport.objects.order_by("pk").values_list("pk", "state", "draft"))


# In and out --------------------------------------------------------------------------------------
def test_values_fill_the_drafts_that_are_owed_and_move_no_standing(check, write, east, filler):
    rows = [
        line(FAIRS, "１,286", 说明="办了两场"),
        line(None, 5, 指标名称="职业技能培训人次"),
        line(TALKS, **{"数值": "0"}),
        line(BUILT, 125, 128, **{"数值": "97.7%", "单位": "左旗"}),
    ]
    upload, preview = check(rows)
    assert not preview.faults and preview.counts["inserted"] == 4
    assert not ProgressReport.objects.exists(), "a check begins no report"
    assert [(one.label[:6], one.unit, one.old, one.new) for one in preview.touched] == [
        ("T07-04", "阿拉善左旗", "", "1286"),
        ("T08-01", "阿拉善左旗", "", "5"),
        ("T12-05", "阿拉善左旗", "", "0"),
        ("T02-01", "阿拉善左旗", "", "97.66%"),
    ]
    upload = commit(upload, by=filler)
    assert draft(FAIRS, east) == {"num": "1286", "why": "办了两场"}
    assert draft(TRAINED, east) == {"num": "5"}
    assert draft(TALKS, east) == {"num": "0"}, "zero is a number"
    assert draft(BUILT, east) == {"num": "125", "den": "128"}
    assert not Observation.objects.exists()
    _upload, again = check(rows)
    assert again.counts["unchanged"] == 4 and not again.changes and not again.touched
    undone = undo(upload, by=filler)
    assert (undone.undone, undone.left) == (4, [])
    assert not ProgressReport.objects.exists() and not ImportedValue.objects.exists()


def test_words_for_no_number_are_told_apart_and_cleared(check, write, east, fill, duty, filler):
    fill(duty)
    write([line(BUILT, 125, 128)])
    before = drafts()
    rows = [
        line(FAIRS, "清空"),
        line(TRAINED, "未报"),
        line(TALKS, **{"数值": "不适用"}),
        line(BUILT, "无个案", 说明="没有项目"),
    ]
    upload, preview = check(rows)
    assert {(one.header, one.old, one.new) for one in preview.changes} == {
        ("分子", "8", ""),
        ("分子", "125", "0"),
        ("分母", "128", "0"),
        ("说明", "", "没有项目"),
    }
    assert preview.counts["cleared"] == 1
    assert [one.new for one in preview.touched] == ["未报", "不适用", "", "无个案"]
    upload = commit(upload, by=filler)
    assert "num" not in draft(FAIRS, east)
    assert draft(TRAINED, east) == {"state": State.NOT_REPORTED}
    assert draft(TALKS, east) == {"state": State.NOT_APPLICABLE}
    assert draft(BUILT, east) == {"num": "0", "den": "0", "why": "没有项目"}
    _upload, again = check(rows)
    assert again.counts["unchanged"] == 4
    undo(upload, by=filler)
    assert drafts() == before


def test_a_blank_cell_leaves_alone_and_a_part_may_follow(check, write, east):
    write([line(BUILT, 125, 128, 说明="头一次")])
    upload, preview = check([line(BUILT, None, 130), line(FAIRS), line(TALKS)])
    assert preview.counts["updated"] == 1 and preview.counts["unchanged"] == 2
    write([line(BUILT, None, 130)])
    assert draft(BUILT, east) == {"num": "125", "den": "130", "why": "头一次"}


def test_a_wide_sheet_has_a_column_for_each_unit_and_counts_its_rows(check, write, east, filler):
    rows = [
        {"指标名称": "专场招聘会场次", "单位": "场", "左旗": 3},
        {"指标名称": "职业技能培训人次", "单位": "人次", "左旗": "未报"},
        {"指标名称": "农牧区普通话示范培训人次", "单位": "人次", "左旗": None},
    ]
    upload, preview = check(rows)
    assert not preview.faults
    assert (preview.counts["rows"], preview.counts["inserted"]) == (3, 2)
    commit(upload, by=filler)
    assert draft(FAIRS, east) == {"num": "3"}
    assert draft(TRAINED, east) == {"state": State.NOT_REPORTED}
    rows[0]["左旗"] = 4
    _upload, preview = check(rows)
    assert [(one.header, one.old, one.new) for one in preview.changes] == [("左旗", "3", "4")]


def test_a_measure_beside_the_values_is_no_unit(check):
    row = {"序号": 1, "指标名称": "专场招聘会场次", "计量单位": "场", "左旗": 3, "备注": "三场"}
    _upload, preview = check([row])
    assert not preview.faults, [(f.code, f.message) for f in preview.faults]
    assert preview.counts["inserted"] == 1


def test_a_wide_sheet_may_have_two_rows_of_headers(check, east, filler):
    rows = [
        ["各旗区指标完成情况表"],
        ["指标代码", "阿左旗", None, None, "说明"],
        [None, "分子", "分母", "数值", None],
        ["T01-04", 125, 128, 97.7, "属实"],
        ["T03-03", "未报", None, None, None],
    ]
    upload, preview = check(grid(rows, "B2:D2", "A2:A3", "E2:E3"), TERM)
    assert not preview.faults, [(f.code, f.place) for f in preview.faults]
    assert preview.counts["inserted"] == 2
    commit(upload, by=filler)
    assert draft(ENROLLED, east, TERM) == {"num": "125", "den": "128", "why": "属实"}
    rows = [["指标代码", "分子", "分母"], [None, "左旗", "左旗"], ["T01-04", 126, 128]]
    _upload, preview = check(grid(rows, "A1:A2"), TERM)
    assert [(one.header, one.new) for one in preview.changes] == [("分子/左旗", "126")]


def grid(rows: list[list], *merged: str) -> ContentFile:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return ContentFile(out.getvalue(), name="指标.xlsx")


def test_office_of_the_league_is_found_without_being_named(check, duties, reviewer, league):
    """What is counted once for the whole league is owed by the task's office."""
    indicator = Indicator.objects.get(code="T08-03")
    rows = [line(indicator.code, 3), line(FAIRS, 2, **{"单位": "左旗"})]
    upload, preview = check(rows, "2025", by=reviewer, unit=league)
    assert told(preview) == {("values_of_another", "F3")}
    upload, preview = check(rows[:1], "2025", by=reviewer, unit=league)
    assert [one.unit for one in preview.touched] == [indicator.work_item.lead_office.name]


# What is refused ---------------------------------------------------------------------------------
RATES = ["T01-04", "T03-03", "T05-01", "T05-02", "T05-03", "T05-04", "T05-05", "T06-01", "T06-03"]
FAULTY = {
    TERM: {
        "T99-99": (1, None, {}, {("indicator_unknown", "A")}),
        "T01-05": (1, 2, {}, {("wrong_period", "A")}),
        RATES[0]: (None, None, {"数值": "95%"}, {("percent_only", "D")}),
        RATES[1]: (1, None, {}, {("denominator_missing", "C")}),
        RATES[2]: (None, 5, {}, {("numerator_missing", "B")}),
        RATES[3]: (3, 0, {}, {("over_nothing", "B")}),
        RATES[4]: (1, 2, {"数值": 60}, {("rate_differs", "D")}),
        RATES[5]: ("95%", 100, {}, {("number_unit", "B")}),
        RATES[6]: ("1.5", "x", {}, {("not_whole", "B"), ("number_wrong", "C")}),
        RATES[7]: (1, 2, {"单位": "右旗"}, {("unit_not_yours", "F")}),
        RATES[8]: (1, 2, {"数值": "50.0%", "指标名称": "旗里的叫法"}, set()),
    },
    "2025": {
        "T02-03": (1, 2, {}, {("no_denominator", "C")}),
        "T02-04": (-1, None, {}, {("number_small", "B")}),
        "T03-04": (1, None, {"数值": 2}, {("value_differs", "D")}),
        "T11-01": (1, None, {"数值": "未报"}, {("word_and_number", "D")}),
        "T13-01": ("无个案", None, {}, {("no_case_count", "B")}),
        "T15-02": (1, None, {"指标名称": "数字校园"}, set()),
        "T08-04": (1, None, {}, {("not_owed", "A")}),
        None: (1, None, {"指标名称": "在岗挂职干部"}, {("indicator_near", "G")}),
        "T12-02": (1, 2, {"指标名称": "学前儿童普通话达标率"}, {("code_and_name_differ", "G")}),
        "": (5, None, {}, {("indicator_missing", "A")}),
    },
}


@pytest.mark.parametrize("period", FAULTY)
def test_every_fault_is_told_at_its_cell(check, period):
    rows, expected = [], set()
    for number, (code, (num, den, over, faults)) in enumerate(FAULTY[period].items(), start=2):
        rows.append(line(code, num, den, **{"单位": None, "指标名称": None} | over))
        expected |= {(code, f"{letter}{number}") for code, letter in faults}
    _upload, preview = check(rows, period)
    assert told(preview) == expected
    assert all(one.message and "%(" not in one.message for one in preview.faults)


def test_the_same_number_twice_is_named_at_both_places(check):
    rows = [line(FAIRS, 1), line(None, 2, 指标名称="专场招聘会场次", **{"单位": "阿左旗"})]
    _upload, preview = check(rows)
    assert {(f.code, f.place, f.params["place"]) for f in preview.faults} == {
        ("key_twice", "A2", "A3"),
        ("key_twice", "A3", "A2"),
    }
    rows = [{"指标名称": "专场招聘会场次", "左旗": n} for n in (1, 2)]
    _upload, preview = check(rows)
    assert {(f.code, f.place, f.params["place"]) for f in preview.faults} == {
        ("key_twice", "B2", "B3"),
        ("key_twice", "B3", "B2"),
    }


def test_a_neighbours_column_is_refused_and_its_own_kept(check, filler, east):
    rows = [
        {"指标名称": "专场招聘会场次", "左旗": 3, "右旗": 4, "全盟": 7},
        {"指标名称": "职业技能培训人次", "左旗": "很多", "右旗": None, "全盟": 9},
        {"指标名称": "农牧区普通话示范培训人次", "左旗": 5, "右旗": None, "全盟": 5},
    ]
    upload, preview = check(rows)
    assert told(preview) == {("values_of_another", "C2"), ("number_wrong", "B3")}
    assert preview.faults_of("number_wrong")[0].params["header"] == "左旗"
    assert [one.header for one in preview.headers if not one.column and one.how == "unclaimed"] == [
        "全盟"
    ]
    commit(upload, by=filler, good_rows=True)
    assert draft(TALKS, east) == {"num": "5"}


def test_a_sheet_says_of_which_period_it_is(check, filler, duties):
    rows = [line(FAIRS, 1)]
    _upload, preview = check(rows, "")
    assert [one.code for one in preview.faults] == ["period_missing"]
    assert preview.counts["rejected"] == 1
    sheet = workbook(rows, above=[["指标数值表"], ["期别：2025年第三季度"]])
    upload, preview = check(sheet, "")
    assert not preview.faults and upload.period == QUARTER
    sheet = workbook(rows, above=[["期别：", "2025年第二季度"]])
    _upload, preview = check(sheet)
    assert [one.code for one in preview.faults] == ["period_differs"]


# Reports on their way ----------------------------------------------------------------------------
def test_a_report_that_is_away_or_frozen_takes_nothing(
    check, write, fill, duty, filler, reviewer, east
):
    fill(duty)
    upload = write([line(FAIRS, 9), line(TRAINED, 1)])
    report = reports.submit_report(duty.progress_reports.get(), by=filler, at=NOW)
    _upload, preview = check([line(FAIRS, 10)])
    assert told(preview) == {("under_way", "A2")}
    undone = undo(upload, by=filler)
    assert [(one.row, one.code) for one in undone.left] == [(2, "under_way")]
    assert undone.undone == 1
    reports.approve_report(report, by=reviewer, at=NOW, seen=report.draft_version)
    _upload, preview = check([line(FAIRS, 10)])
    assert told(preview) == {("frozen", "A2")}
    _upload, preview = check([line(FAIRS, 9)])
    assert preview.counts["unchanged"] == 1 and not preview.faults
    assert [one.code for one in undo(upload, by=filler).left] == ["frozen"]
    report.refresh_from_db()
    correction = reports.start_correction(report, by=filler, at=NOW, reason="MISCOUNT", note="")
    _upload, preview = check([line(FAIRS, 10)])
    assert [(one.old, one.new) for one in preview.touched] == [("9", "10")]
    assert imported.origins_of(correction)[Indicator.objects.get(code=FAIRS).pk].source_row == 2
    write([line(FAIRS, 10)])
    assert draft(FAIRS, east) == {"num": "10"}


def test_an_undo_leaves_what_somebody_wrote_since(write, duty, filler, checker, east):
    upload = write([line(FAIRS, 3), line(TALKS, 4)])
    report = duty.progress_reports.get()
    name = f"i{Indicator.objects.get(code=FAIRS).pk}-num"
    reports.save_draft(
        report, by=checker, base_version=report.draft_version, data={name: "30"}, at=NOW
    )
    later = write([line(FAIRS, 31)])
    assert [(one.row, one.code) for one in undo(upload, by=filler).left] == [(2, "edited_since")]
    assert draft(FAIRS, east) == {"num": "31"}
    assert undo(later, by=filler).left == []
    assert draft(FAIRS, east) == {"num": "30"}
    assert [one.code for one in undo(upload, by=filler).left] == ["edited_since"]


def test_a_draft_that_moved_between_check_and_commit_is_a_conflict(check, duty, filler, checker):
    upload, _preview = check([{"指标名称": "专场招聘会场次", "左旗": 3}])
    report = reports.open_report(duty, by=checker, at=NOW)
    name = f"i{Indicator.objects.get(code=FAIRS).pk}-num"
    reports.save_draft(report, by=checker, base_version=0, data={name: "30"}, at=NOW)
    upload = commit(upload, by=filler)
    assert upload.state == Upload.State.CHECKED and upload.counts["conflicts"] == 1
    report.refresh_from_db()
    assert report.draft == {name: "30"}


# Where a number came from ------------------------------------------------------------------------
def test_a_number_leads_to_the_line_of_its_sheet(
    client, check, fill, duty, filler, reviewer, supervisor, east
):
    fill(duty)
    upload, _preview = check([line(TALKS, 1), line(FAIRS, 9)])
    upload = commit(upload, by=filler)
    origin = reverse("intake:upload-row", args=[upload.pk, 1, 3])
    client.force_login(filler)
    assert origin in client.get(reverse("tasks_app:duty-detail", args=[duty.pk])).content.decode()
    report = reports.submit_report(duty.progress_reports.get(), by=filler, at=NOW)
    reports.approve_report(report, by=reviewer, at=NOW, seen=report.draft_version)
    number = Observation.objects.get(indicator__code=FAIRS)
    for user in (filler, reviewer, supervisor):
        client.force_login(user)
        for page in (report.get_absolute_url(), number.get_absolute_url()):
            text = client.get(page).content.decode()
            assert origin in text and "第 3 行" in text
    assert client.get(origin).status_code == 200


def test_a_number_typed_over_since_leads_nowhere(client, write, duty, filler):
    write([line(FAIRS, 9)])
    report = duty.progress_reports.get()
    name = f"i{Indicator.objects.get(code=FAIRS).pk}-num"
    reports.save_draft(
        report, by=filler, base_version=report.draft_version, data={name: "10"}, at=NOW
    )
    client.force_login(filler)
    page = client.get(reverse("tasks_app:duty-detail", args=[duty.pk])).content.decode()
    assert "第 2 行" not in page


# What the portal computes ------------------------------------------------------------------------
def test_a_computed_number_is_passed_over_and_another_refused(check, write, east, filler, duty):
    Indicator.objects.filter(code=TALKS).update(figure="registry.villages")
    known = int(villages(period=Period.parse(QUARTER), units=[east])[east.pk].numerator)
    _upload, preview = check([line(TALKS, known), line(FAIRS, 1)])
    assert preview.counts["unchanged"] == 1 and preview.counts["inserted"] == 1
    _upload, preview = check([line(TALKS, known + 1)])
    assert told(preview) == {("computed_here", "B2")}
    rate = Indicator.objects.get(code="T13-02")
    assert rate.denominator_figure == "registry.villages"
    upload, preview = check([line("T13-02", 5, **{"数值": f"{500 / known:.1f}%"})], "2025")
    assert not preview.faults and preview.touched[0].new == f"{500 / known:.2f}".rstrip("0") + "%"
    _upload, preview = check([line("T13-02", 5, known + 1)], "2025")
    assert told(preview) == {("computed_here", "C2")}


def test_a_form_lists_what_is_owed_and_an_old_one_overwrites_nothing(
    check, write, east, filler, duty
):
    write([line(FAIRS, 3, 说明="三场")])
    Indicator.objects.filter(code=TALKS).update(figure="registry.villages")
    kind = kinds.get("indicator-values")
    form = Filled(filled(filler, east, kind, period=Period.parse(QUARTER)))
    lines = {row["指标代码"]: row for row in form.lines()}
    assert set(lines) == {FAIRS, TRAINED, TALKS, BUILT}
    assert (lines[FAIRS]["分子"], lines[FAIRS]["说明"], lines[BUILT]["分子"]) == ("3", "三场", None)
    assert lines[TALKS]["分子"], "what the portal computes stands there"
    _upload, preview = check(form.file())
    assert_no_difference(preview, rows=4)
    at = [row["指标代码"] for row in form.lines()].index(FAIRS)
    form["分子", at].value = 5
    write([line(FAIRS, 4)])
    _upload, preview = check(form.file())
    assert told(preview) == {("stale", form["指标代码", at].coordinate)}
    _upload, preview = check(form.file(), "2025Q2")
    assert "period_differs" in {one.code for one in preview.faults}
