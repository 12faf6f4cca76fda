"""Units by any name within the uploader's scope; grades in schools of five and four years."""

from datetime import date

import pytest

from intake.columns import BLANK, Grade, OneOf, UnitRef
from intake.kinds import Chunk
from intake.rules import SchoolInBanner
from registry.models import Running, School, Unit, UnitAlias, UnitCode, UnitParent
from registry.roles import Role
from registry.services.units import SINCE, rebuild_closure
from tests.intake.spellings import context, fault, read, words

BANNERS = (Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT)
BANNER = UnitRef("旗(区)", kinds=BANNERS)
SCHOOL = UnitRef("学校", kinds=(Unit.Kind.SCHOOL,), within="banner")
ALONE = UnitRef("学校", kinds=(Unit.Kind.SCHOOL,))
TOWNSHIP = UnitRef("苏木镇(街道)", kinds=(Unit.Kind.TOWNSHIP,))
BANNER.name, SCHOOL.name = "banner", "school"


TREE = (  # key, kind, name, short name, parent, aliases, code
    ("league", "LEAGUE", "阿拉善盟", "全盟", "", "阿盟", "152900"),
    ("left", "BANNER", "阿拉善左旗", "左旗", "league", "阿左旗", "152921"),
    ("ejina", "BANNER", "额济纳旗", "额济纳", "league", "额旗", "152923"),
    ("gaoxin", "ZONE", "内蒙古阿拉善高新技术产业开发区", "高新区", "league", "乌斯太", "152971"),
    ("wusitai", "TOWNSHIP", "乌斯太镇", "", "left", "", "152971100"),
    ("basic", "OFFICE", "基础教育科", "", "league", "", ""),
    ("left-1", "SCHOOL", "阿拉善左旗第一小学", "", "left", "巴镇一小", "2115000001"),
    ("left-mongol", "SCHOOL", "蒙古族小学", "", "left", "", ""),
    ("ejina-mongol", "SCHOOL", "蒙古族小学", "", "ejina", "", ""),
    ("ejina-hari", "SCHOOL", "哈日布日格德音乌拉镇小学", "哈日小学", "ejina", "", ""),
    ("wusitai-1", "SCHOOL", "乌斯太镇小学", "", "wusitai", "", ""),
    ("merged", "SCHOOL", "巴彦浩特第五小学", "", "left", "", ""),
    ("closed", "SCHOOL", "吉兰泰盐场小学", "", "left", "", ""),
)


@pytest.fixture
def tree(db):
    """Some units by key; 蒙古族小学 stands in two banners, 巴彦浩特第五小学 went into another."""
    found = {}
    for key, kind, name, short, parent, alias, code in TREE:
        unit = Unit.objects.create(
            key=key, kind=kind, name=name, short_name=short, valid_from=SINCE
        )
        if parent:
            UnitParent.objects.create(unit=unit, parent=found[parent], valid_from=SINCE)
        if alias:
            UnitAlias.objects.create(unit=unit, name=alias)
        if code:
            UnitCode.objects.create(unit=unit, system="NBS", year=2023, code=code)
        found[key] = unit
    Running.objects.create(zone=found["gaoxin"], township=found["wusitai"], valid_from=SINCE)
    ended = Unit.objects.filter(key__in=("merged", "closed"))
    ended.update(valid_to=date(2020, 8, 31))
    ended.filter(key="merged").update(successor=found["left-1"])
    rebuild_closure()
    return found


@pytest.fixture
def as_(officer):
    """as_(unit, role) -> what `read` is told of the person who uploads."""

    def known(unit, role=Role.OFFICIAL):
        return {"user": officer(unit, role), "permission": "registry.change_student"}

    return known


def test_banner_is_known_by_all_its_names(tree, as_):
    spellings = {
        "left": ["阿拉善左旗", "左旗", "阿左旗", " 左　旗 ", "152921", 152921.0, "左旗教体局"],
        "ejina": ["额济纳旗", "额济纳", "额旗", "阿拉善盟额济纳旗", "额济纳旗教育体育局"],
        "gaoxin": ["高新区", "内蒙古阿拉善高新技术产业开发区", "乌斯太"],
    }
    read_cell = BANNER.reader(context(**as_(tree["league"], Role.BUREAU)))
    for key, cells in spellings.items():
        assert {cell: read_cell(cell) for cell in cells} == dict.fromkeys(cells, tree[key].pk)
    assert read_cell("无") is BLANK


def test_school_is_known_by_name_alias_code_and_with_its_banner_in_front(tree, as_):
    known = as_(tree["left"])
    cells = [
        "阿拉善左旗第一小学",
        "左旗第一小学",
        "阿左旗第1小学",
        "第一小学",
        "第１小学",
        "巴镇一小",
    ]
    cells += ["左旗巴镇一小", "2115000001", 2115000001.0, "阿拉善左旗（第一小学）"]
    read_cell = SCHOOL.reader(context(**known))
    assert {cell: read_cell(cell) for cell in cells} == dict.fromkeys(cells, tree["left-1"].pk)


def test_a_school_of_another_banner_is_not_taken_for_ones_own(tree, as_):
    assert fault(SCHOOL, "哈日布日格德音乌拉镇小学", **as_(tree["left"])) == "unit_not_yours"
    assert fault(SCHOOL, "额济纳旗哈日小学", **as_(tree["left"])) == "unit_not_yours"
    assert fault(SCHOOL, "右旗第一小学", **as_(tree["left"])) in ("unit_near", "unit_unknown")
    assert read(SCHOOL, "蒙古族小学", **as_(tree["ejina"])) == tree["ejina-mongol"].pk
    assert read(SCHOOL, "蒙古族小学", **as_(tree["left"])) == tree["left-mongol"].pk


def test_what_cannot_be_found_is_told_apart(tree, as_):
    assert fault(ALONE, "不存在的学校", **as_(tree["left"])) == "unit_unknown"
    assert "哈日布日格德音乌拉镇小学" in words(ALONE, "哈镇小学", **as_(tree["ejina"]))
    assert fault(ALONE, "哈镇小学", **as_(tree["ejina"])) == "unit_near"
    assert "阿拉善左旗第一小学" in words(ALONE, "巴彦浩特第五小学", **as_(tree["left"]))
    assert fault(ALONE, "巴彦浩特第五小学", **as_(tree["left"])) == "unit_merged"
    assert fault(ALONE, "吉兰泰盐场小学", **as_(tree["left"])) in ("unit_near", "unit_unknown")
    assert fault(ALONE, "阿拉善左旗", **as_(tree["left"])) in ("unit_near", "unit_unknown")


def test_a_name_of_two_schools_is_a_fault_unless_the_banner_settles_it(tree, as_):
    known = as_(tree["league"], Role.BUREAU)
    both = {tree["left-mongol"].pk, tree["ejina-mongol"].pk}
    assert fault(ALONE, "蒙古族小学", **known) == "unit_ambiguous"
    found = read(SCHOOL, "蒙古族小学", **known)
    assert (type(found), set(found)) == (OneOf, both)
    assert read(SCHOOL, "额旗蒙古族小学", **known) == tree["ejina-mongol"].pk
    assert read(ALONE, "阿拉善左旗蒙古族小学", **known) == tree["left-mongol"].pk


def test_a_code_of_two_units_in_two_systems_is_ambiguous(tree, as_):
    UnitCode.objects.create(unit=tree["ejina"], system="MCA", year=2021, code="152921")
    assert fault(BANNER, "152921", **as_(tree["league"], Role.BUREAU)) == "unit_ambiguous"


def test_banner_settles_the_school(tree, as_):
    rule = SchoolInBanner(BANNER, SCHOOL).begin(context(**as_(tree["league"], Role.BUREAU)))
    left, ejina, gaoxin = (tree[key].pk for key in ("left", "ejina", "gaoxin"))
    first, mongol, own = (tree[key].pk for key in ("left-1", "left-mongol", "wusitai-1"))
    both = OneOf((mongol, tree["ejina-mongol"].pk))
    chunk = Chunk(
        sheet=1,
        rows=list(range(2, 10)),
        values={
            "banner": [left, ejina, left, BLANK, BLANK, left, gaoxin, gaoxin],
            "school": [first, first, both, both, first, own, own, both],
        },
    )
    found = [(at, code) for at, _name, code, _params in rule.check(chunk)]
    assert found == [(1, "unit_elsewhere"), (3, "unit_of_which"), (7, "unit_of_which")]
    assert chunk.values["school"] == [first, first, mongol, BLANK, first, own, own, BLANK]


def test_another_set_of_units_can_stand_in_place_of_the_scope(tree, officer):
    everywhere = UnitRef(
        "单位",
        kinds=(Unit.Kind.BANNER, Unit.Kind.OFFICE),
        among=lambda asked: Unit.objects.with_people(asked.on),
    )
    sysadmin = {
        "user": officer(tree["league"], Role.SYSADMIN),
        "permission": "common.manage_accounts",
    }
    assert read(everywhere, "基础教育科", **sysadmin) == tree["basic"].pk
    assert fault(BANNER, "左旗", **sysadmin | {"permission": "registry.change_student"}) == (
        "unit_not_yours"
    )


def test_drop_down_and_form_hold_full_names_of_the_scope(tree, as_):
    names = ALONE.choices(context(**as_(tree["left"])))
    assert set(names) == {"阿拉善左旗第一小学", "蒙古族小学", "乌斯太镇小学"}
    for key in ("left-1", "left-mongol"):
        assert read(ALONE, ALONE.excel(tree[key].pk), **as_(tree["left"])) == tree[key].pk
    assert ALONE.choices(None) == []


def test_names_of_units_out_of_scope_are_shown_too(tree, as_):
    ALONE.reader(context(**as_(tree["left"])))
    assert ALONE.shown(tree["ejina-hari"].pk) == "哈日布日格德音乌拉镇小学"
    assert (ALONE.shown(BLANK), ALONE.shown(0)) == ("", "")
    Unit.objects.filter(pk=tree["left-1"].pk).update(name="左旗实验小学")
    ALONE.reader(context(**as_(tree["left"])))
    assert ALONE.shown(tree["left-1"].pk) == "左旗实验小学"


def test_a_column_of_units_asks_four_times_however_many_cells_there_are(
    tree, as_, django_assert_num_queries
):
    known = context(**as_(tree["left"]))
    with django_assert_num_queries(4):
        read_cell = SCHOOL.reader(known)
        for cell in ["左旗第一小学", "巴镇一小", "2115000001", "蒙古族小学"] * 50:
            read_cell(cell)


# Grades ------------------------------------------------------------------------------------------
def test_a_school_of_five_and_four_years_counts_junior_grades_from_the_sixth(tree):
    grade, school = Grade("年级"), tree["left-1"]
    of_school = {"unit": school}
    assert read(grade, "六年级", **of_school) == "16"
    School.objects.create(unit=school, type="312", system=School.System.FIVE_FOUR)
    spellings = {
        "五年级": "15",
        "六年级": "21",
        "七年级": "22",
        "九年级": "24",
        "初一": "21",
        "小六": "16",
    }
    assert {cell: read(grade, cell, **of_school) for cell in spellings} == spellings
    codes = [code for code in grade.labels if code != "16"]  # they have no sixth year of primary
    assert [read(grade, grade.excel(code), **of_school) for code in codes] == codes
