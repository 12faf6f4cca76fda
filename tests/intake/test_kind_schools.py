"""The directory of schools: taken in, renamed, moved, refused, undone."""

from datetime import date

import pytest

from common import figures
from intake import kinds
from intake.models import Upload
from registry.models import Closure, School, Unit, UnitAlias, UnitCode, UnitParent
from registry.roles import Role
from registry.services import units as unit_services
from tests.cast import TODAY
from tests.intake.rosters import child, commit, domain_rows, hand_in, make_school, take_in, undo
from tests.intake.test_forms_filled import Filled, assert_no_difference, filled

TABLES = (School, Unit, UnitParent, UnitCode, UnitAlias)
BLANK = dict.fromkeys(("学校标识码", "简称", "苏木镇(街道)", "是否寄宿制", "备注"))


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def official(east, officer):
    return officer(east, name="左旗填报员")


@pytest.fixture
def bureau(league, officer):
    return officer(league, Role.BUREAU)


def line(name="巴彦浩特第一小学", banner="阿拉善左旗", kind="小学", **over) -> dict:
    return {"学校名称": name, "旗(区)": banner, "学校类型": kind} | BLANK | over


def first(**over) -> dict:
    full = {
        "学校标识码": "2115000001",
        "简称": "一小",
        "苏木镇(街道)": "巴彦浩特镇",
        "是否寄宿制": "是",
        "备注": "总校",
    }
    return line(**full | over)


def check(rows, by, unit):
    return hand_in(rows, by=by, unit=unit, kind="schools")


def write(rows, by, unit, **more) -> Upload:
    upload, _preview = check(rows, by, unit)
    return commit(upload, by=by, **more)


def told(preview) -> set:
    return {(one.code, one.place) for one in preview.faults}


def under(unit) -> set[str]:
    """The names of what lies over a unit today and counts it."""
    above = Closure.objects.filter(descendant=unit, counts=True, valid_to=None)
    return set(above.values_list("ancestor__name", flat=True))


# In and out --------------------------------------------------------------------------------------
def test_a_school_comes_in_whole_and_goes_again(units, east, official):
    before = domain_rows(*TABLES)
    upload, preview = check([first(), line("某教学点", kind="教学点")], official, east)
    assert not preview.faults and preview.counts["inserted"] == 2
    upload = commit(upload, by=official)
    unit = Unit.objects.get(name="巴彦浩特第一小学")
    assert (unit.kind, unit.short_name, unit.codes.get().code) == ("SCHOOL", "一小", "2115000001")
    facts = unit.school
    assert (facts.type, facts.boards, facts.remark) == ("21", True, "总校")
    assert (facts.source_upload, facts.source_sheet, facts.source_row) == (upload.pk, 1, 2)
    assert under(unit) == {unit.name, "巴彦浩特镇", "阿拉善左旗", "阿拉善盟", "内蒙古自治区"}
    seen = Unit.objects.visible_to(official, "registry.change_school")
    assert seen.filter(pk=unit.pk).exists(), "the closure is made anew with the commit"
    _upload, again = check([first(), line("某教学点", kind="教学点")], official, east)
    assert again.counts["unchanged"] == 2 and not again.changes
    undone = undo(upload, by=official)
    assert (undone.undone, undone.left) == (2, [])
    assert domain_rows(*TABLES) == before
    assert not Closure.objects.filter(descendant=unit.pk).exists()


def test_changed_and_cleared_cells_are_told_written_and_put_back(units, east, official):
    write([first(), line("第二小学", 学校标识码="2115000002")], official, east)
    before, closure = domain_rows(*TABLES), Closure.objects.count()
    cleared = first(
        **{"学校标识码": "清空", "简称": "清空", "苏木镇(街道)": "清空", "是否寄宿制": "清空"},
        备注="清空",
        kind="九年一贯制学校",
    )
    second = line("第二小学", 学校标识码="2115000009", **{"苏木镇(街道)": "吉兰泰镇"})
    upload, preview = check([cleared, second], official, east)
    assert preview.counts["updated"] == 2 and preview.counts["cleared"] == 5
    assert {(one.header, one.old, one.new) for one in preview.changes} == {
        ("学校标识码", "2115000001", ""),
        ("简称", "一小", ""),
        ("苏木镇(街道)", "巴彦浩特镇", ""),
        ("是否寄宿制", "是", ""),
        ("备注", "总校", ""),
        ("学校类型", "小学", "九年一贯制学校"),
        ("学校标识码", "2115000002", "2115000009"),
        ("苏木镇(街道)", "", "吉兰泰镇"),
    }
    upload = commit(upload, by=official)
    unit = Unit.objects.get(name="巴彦浩特第一小学")
    assert not unit.codes.exists() and unit.school.boards is None and unit.school.type == "312"
    assert "巴彦浩特镇" not in under(unit) and "阿拉善左旗" in under(unit)
    _upload, again = check([cleared, second], official, east)
    assert again.counts["unchanged"] == 2
    assert undo(upload, by=official).left == []
    assert domain_rows(*TABLES) == before and Closure.objects.count() == closure
    assert "巴彦浩特镇" in under(unit)


def test_a_pre_filled_form_comes_back_without_differences(units, east, official, officer):
    write([first(), line("第二小学", 简称="二小", 是否寄宿制="否")], official, east)
    write(
        [line("乌斯太小学", "高新区", **{"苏木镇(街道)": "乌斯太镇"})],
        officer(units["zone-gaoxin"]),
        units["zone-gaoxin"],
    )
    make_school("只有名称的学校", east)
    form = Filled(filled(official, east, kinds.get("schools")))
    assert [row["学校名称"] for row in form.lines()] == [
        "巴彦浩特第一小学",
        "第二小学",
        "只有名称的学校",
    ]
    _upload, preview = check(form.file(), official, east)
    assert_no_difference(preview, rows=3)
    form["学校名称", 0].value = "巴彦浩特实验小学"
    _upload, preview = check(form.file(), official, east)
    assert [(c.header, c.new) for c in preview.changes] == [("学校名称", "巴彦浩特实验小学")]
    form["学校名称", 0].value = "第二小学"
    form["学校标识码", 1].value = "2115000001"
    _upload, preview = check(form.file(), official, east)
    assert {one.code for one in preview.faults} == {
        "key_twice",
        "school_name_taken",
        "school_code_taken",
    }


# Names and codes ---------------------------------------------------------------------------------
def test_a_code_renames_and_the_old_name_goes_on_being_known(units, east, official):
    write([first()], official, east)
    before = domain_rows(*TABLES)
    upload, preview = check([first(name="巴彦浩特实验小学")], official, east)
    assert [(c.header, c.old, c.new) for c in preview.changes] == [
        ("学校名称", "巴彦浩特第一小学", "巴彦浩特实验小学")
    ]
    upload = commit(upload, by=official)
    unit = Unit.objects.get(name="巴彦浩特实验小学")
    assert [alias.name for alias in unit.aliases.all()] == ["巴彦浩特第一小学"]
    _upload, by_alias = check([first(学校标识码=None)], official, east)
    assert by_alias.counts["unchanged"] == 1, "found by its former name, and not renamed back"
    undo(upload, by=official)
    assert domain_rows(*TABLES) == before


@pytest.mark.parametrize("name", ["阿左旗巴彦浩特第1小学", "巴彦浩特 第一小学", "一小"])
def test_a_name_may_be_written_as_offices_write_it(units, east, official, name):
    write([first()], official, east)
    _upload, preview = check([first(name=name, 学校标识码=None)], official, east)
    assert preview.counts["unchanged"] == 1 and not preview.faults


def test_code_and_name_of_two_schools_are_refused(units, east, west, official, bureau):
    write([first(), line("第二小学", 学校标识码="2115000002")], official, east)
    write([line("额济纳小学", "额济纳旗", 学校标识码="2115000003")], bureau, units["league"])
    rows = [first(学校标识码="2115000002"), line("新学校", 学校标识码="2115000003")]
    _upload, preview = check(rows, official, east)
    assert told(preview) == {("school_code_taken", "D2"), ("school_elsewhere", "A3")}
    assert preview.counts["rejected"] == 1 and preview.counts["conflicts"] == 1
    assert "第二小学" in preview.faults_of("school_code_taken")[0].message
    assert "额济纳旗" in preview.faults_of("school_elsewhere")[0].message


def test_the_code_of_a_school_that_was_merged_stays_its_own(units, east, official, bureau):
    write([first(), line("第二小学")], official, east)
    gone, into = Unit.objects.get(name="巴彦浩特第一小学"), Unit.objects.get(name="第二小学")
    unit_services.merge_unit(gone, by=bureau, into=into, on=date(2025, 9, 1))
    rows = [line("第三小学", 学校标识码="2115000001")]
    upload, preview = check(rows, official, east)
    assert told(preview) == {("school_code_taken", "D2")}


def test_two_rows_that_mean_one_school_are_both_named(units, east, official):
    write([first()], official, east)
    rows = [first(), line("一小"), line("甲校", 学校标识码="2115000007")]
    rows.append(line("乙校", 学校标识码="2115000007"))
    _upload, preview = check(rows, official, east)
    assert told(preview) == {(c, p) for c in ("key_twice",) for p in ("A2", "A3", "D4", "D5")}
    assert [one.params["place"] for one in preview.faults] == ["A3", "A2", "D5", "D4"]


def test_a_school_that_was_entered_by_hand_is_no_second_one(units, east, official):
    unit = make_school("巴彦浩特第一小学", east)
    before = domain_rows(*TABLES)
    upload = write([first(**{"苏木镇(街道)": None})], official, east)
    assert upload.counts["updated"] == 1 and Unit.objects.filter(kind="SCHOOL").count() == 1
    assert School.objects.get().unit == unit
    undo(upload, by=official)
    assert domain_rows(*TABLES) == before


# Whose it is -------------------------------------------------------------------------------------
def test_a_school_of_another_banner_is_refused(units, east, west, official, bureau):
    write([line("额济纳小学", "额济纳旗")], bureau, units["league"])
    rows = [line("额济纳小学", "额济纳旗"), line("某校", **{"苏木镇(街道)": "达来呼布镇"})]
    _upload, preview = check(rows, official, east)
    assert told(preview) == {("unit_not_yours", "B2"), ("unit_not_yours", "F3")}
    rows = [line("某校", "额济纳旗", **{"苏木镇(街道)": "巴彦浩特镇"})]
    _upload, preview = check(rows, bureau, units["league"])
    assert told(preview) == {("unit_elsewhere", "F2")}


def test_a_township_that_a_zone_runs_is_the_zones(units, east, official, officer, bureau):
    zone = units["zone-gaoxin"]
    of_zone = officer(zone)
    row = line("乌斯太小学", "高新区", **{"苏木镇(街道)": "乌斯太镇"})
    assert write([row], of_zone, zone).counts["inserted"] == 1
    _upload, preview = check([row | {"旗(区)": "阿拉善左旗"}], official, east)
    assert told(preview) == {("unit_not_yours", "F2")}
    blank = row | {"旗(区)": "阿拉善左旗", "苏木镇(街道)": None, "备注": "改"}
    _upload, preview = check([blank], official, east)
    assert told(preview) == {("school_elsewhere", "A2")}
    assert preview.counts["conflicts"] == 1
    _upload, preview = check([row | {"旗(区)": "阿拉善左旗"}], bureau, units["league"])
    assert preview.counts["unchanged"] == 1, "its banner still reads it"


def test_a_move_is_dated_and_the_past_stays(units, east, official, clock_at, monkeypatch):
    touched = []
    monkeypatch.setattr(figures, "_listeners", [lambda code, *_where: touched.append(code)])
    clock_at(date(2025, 9, 1))
    write([first()], official, east)
    assert not touched, "a new school moves no number"
    clock_at(TODAY)
    upload = write([first(**{"苏木镇(街道)": "吉兰泰镇"})], official, east)
    assert "registry.tree" in touched
    unit = Unit.objects.get(name="巴彦浩特第一小学")
    days = [(p.parent.name, p.valid_from, p.valid_to) for p in unit.parents.order_by("valid_from")]
    assert days == [
        ("巴彦浩特镇", date(2000, 1, 1), date(2025, 10, 12)),
        ("吉兰泰镇", TODAY, None),
    ]
    touched.clear()
    assert undo(upload, by=official).left == []
    assert [p.valid_to for p in unit.parents.all()] == [None]
    assert "registry.tree" in touched


# What stands in the way of an undo ---------------------------------------------------------------
def test_children_lean_on_their_school(units, east, official):
    upload = write([first(), line("第二小学")], official, east)
    unit = Unit.objects.get(name="巴彦浩特第一小学")
    roster = take_in([child(1, unit)], by=official, unit=east)
    undone = undo(upload, by=official)
    assert undone.undone == 1
    assert [(one.row, one.code) for one in undone.left] == [(2, "leaned_on")]
    assert not Unit.objects.filter(name="第二小学").exists()
    undo(roster, by=official)
    assert undo(upload, by=official).left == []
    assert not School.objects.exists()


def test_what_was_moved_by_hand_since_is_left(units, east, official, bureau):
    write([first()], official, east)
    upload = write([first(备注="改过")], official, east)
    unit = Unit.objects.get(name="巴彦浩特第一小学")
    unit_services.move_unit(unit, by=bureau, to=units["banner-zuoqi"], on=TODAY)
    assert [one.code for one in undo(upload, by=official).left] == ["edited_since"]
    assert School.objects.get().remark == "改过"
