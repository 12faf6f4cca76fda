"""A department's list: made by its upload, matched with our children, gone with an undo."""

from datetime import date

import pytest

from intake.models import Upload
from registry.models import Guardian, Membership, OutsideList, Student
from registry.roles import Role
from tests.cast import TODAY
from tests.intake.rosters import (
    child,
    commit,
    domain_rows,
    hand_in,
    id_number,
    make_school,
    take_in,
    undo,
    workbook,
)

TABLES = (OutsideList, Membership)
FACTS = {"department": "民政", "title": "2025年低保名单", "listed_on": "2025-09-30"}


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def official(east, officer):
    return officer(east, name="左旗填报员")


@pytest.fixture
def check(official, east):
    def hand(rows, facts=FACTS, **more):
        return hand_in(rows, by=official, unit=east, kind="outside-list", facts=facts, **more)

    return hand


@pytest.fixture
def write(check, official):
    return lambda rows, *facts: commit(check(rows, *facts)[0], by=official)


def line(n, name="那仁", category="低保", **over) -> dict:
    full = {
        "姓名": name,
        "身份证号": id_number(n),
        "类别": category,
        "与学生关系": None,
        "学生姓名": None,
        "学生身份证号": None,
        "旗(区)": "阿拉善左旗",
        "苏木镇(街道)": "巴彦浩特镇",
        "认定日期": "2025-01-01",
        "有效期至": "2025-12-31",
        "备注": None,
    }
    return full | over


def told(preview) -> set:
    return {(one.code, one.place) for one in preview.faults}


# In and out --------------------------------------------------------------------------------------
def test_a_list_comes_in_whole_and_goes_again(units, east, check, write, official):
    rows = [line(1), line(2, 类别="孤儿", 备注="复核"), line(1, category="残疾学生")]
    upload, preview = check(rows)
    assert not preview.faults and preview.counts["inserted"] == 3
    assert not OutsideList.objects.exists(), "a check makes no list"
    upload = commit(upload, by=official)
    one = OutsideList.objects.get()
    assert (one.department, one.title, one.unit) == ("CIVIL_AFFAIRS", "2025年低保名单", east)
    assert one.listed_on == date(2025, 9, 30)
    member = one.members.get(category="ORPHAN")
    assert (member.banner, member.township.name) == (east, "巴彦浩特镇")
    assert (member.id_number, member.remark) == (id_number(2), "复核")
    assert (member.source_upload, member.source_row) == (upload.pk, 3)
    _upload, again = check(rows)
    assert again.counts["unchanged"] == 3 and not again.changes
    undone = undo(upload, by=official)
    assert (undone.undone, undone.left) == (3, []), "the list itself is no line"
    assert domain_rows(*TABLES) == {model._meta.db_table: [] for model in TABLES}


def test_changed_and_cleared_cells_are_told_masked_written_and_put_back(
    units, check, write, official
):
    write([line(1, "李娜", 学生身份证号=id_number(3), 备注="旧")])
    before = domain_rows(*TABLES)
    row = line(1, "李大娜", 学生身份证号=id_number(4), 备注="清空", 有效期至="2026-12-31")
    upload, preview = check([row])
    assert {(one.header, one.old, one.new) for one in preview.changes} == {
        ("姓名", "李娜", "李大娜"),
        ("学生身份证号", masked(3), masked(4)),
        ("备注", "旧", ""),
        ("有效期至", "2025-12-31", "2026-12-31"),
    }
    assert {one.subject for one in preview.changes} == {"李**"}
    assert preview.counts["cleared"] == 1
    upload = commit(upload, by=official)
    assert Membership.objects.get().child_id_number == id_number(4)
    assert OutsideList.objects.count() == 1
    assert undo(upload, by=official).left == []
    assert domain_rows(*TABLES) == before


def masked(n: int) -> str:
    number = id_number(n)
    return f"{number[:4]}**********{number[-4:]}"


def test_another_day_is_another_list(units, check, write):
    write([line(1)])
    write([line(1)], FACTS | {"listed_on": "2025-10-01"})
    assert OutsideList.objects.count() == 2 and Membership.objects.count() == 2


# Facts -------------------------------------------------------------------------------------------
def test_facts_may_stand_above_the_header(units, check, official):
    rows = [line(1)]
    above = [
        ["阿左旗低保家庭学生名单"],
        ["来源部门：阿左旗民政局", None, "制表日期：2025年9月30日"],
    ]
    upload, preview = check(workbook(rows, above=above), {})
    assert not preview.faults
    assert upload.facts == {
        "部门": "民政",
        "名单名称": "阿左旗低保家庭学生名单",
        "名单日期": "2025-09-30",
    }
    commit(upload, by=official)
    assert OutsideList.objects.get().department == "CIVIL_AFFAIRS"


def test_a_fact_that_nobody_says_takes_no_row(units, check, official):
    upload, preview = check([line(1)], {"title": "名单", "listed_on": "某日"})
    assert [(f.code, f.params["header"]) for f in preview.faults] == [
        ("fact_missing", "部门"),
        ("fact_wrong", "名单日期"),
    ]
    assert preview.counts["rejected"] == 1
    upload = commit(upload, by=official, good_rows=True)
    assert upload.state == Upload.State.COMMITTED and not OutsideList.objects.exists()


# Who it is ---------------------------------------------------------------------------------------
def test_members_are_matched_by_exact_numbers_whichever_comes_first(units, east, write, official):
    school = make_school("阿左旗第一小学", east)
    early = write([line(1), line(50, "阿妈", 学生身份证号=id_number(2)), line(60, "谁")])
    roster = take_in([child(n, school) for n in (1, 2, 3)], by=official, unit=east)
    of = {student.pk: student for student in Student.objects.all()}
    one, two, three = of.values()
    Guardian.objects.filter(student=three).update(id_number_index=None)
    linked = dict(Membership.objects.values_list("name", "student"))
    assert linked == {"那仁": one.pk, "阿妈": two.pk, "谁": None}
    late = write([line(3)], FACTS | {"title": "后来的"})
    assert Membership.objects.get(list__title="后来的").student == three
    assert undo(roster, by=official).left == []
    assert set(Membership.objects.values_list("student", flat=True)) == {None}
    undo(late, by=official)
    undo(early, by=official)
    assert not OutsideList.objects.exists()


def test_a_corrected_number_of_a_child_links_anew(units, east, write, official):
    school = make_school("阿左旗第一小学", east)
    take_in([child(1, school), child(2, school)], by=official, unit=east)
    first, second = Student.objects.order_by("pk")
    write([line(50, "阿妈", 学生身份证号=id_number(1))])
    assert Membership.objects.get().student == first
    upload = write([line(50, "阿妈", 学生身份证号=id_number(2))])
    assert Membership.objects.get().student == second
    undo(upload, by=official)
    assert Membership.objects.get().student == first


# What is refused ---------------------------------------------------------------------------------
def test_every_fault_is_told_at_its_cell(units, check, write):
    write([line(1)])
    rows = [
        line(2, 身份证号="152921201509010013"),
        line(3, category="不知道"),
        line(4, **{"旗(区)": "额济纳旗", "苏木镇(街道)": None}),
        line(5, **{"旗(区)": None, "苏木镇(街道)": "达来呼布镇"}),
        line(6, 认定日期="2025-06-01", 有效期至="2025-05-01"),
        line(1, 认定日期=None, 有效期至="2024-12-31"),  # before the day that is stored
        line(7),
        line(7),
        line(8, name=None),
    ]
    _upload, preview = check(rows)
    assert told(preview) == {
        ("id_checksum", "B2"),
        ("choice_unknown", "C3"),
        ("unit_not_yours", "G4"),
        ("unit_not_yours", "H5"),
        ("before_first", "J6"),
        ("before_first", "J7"),
        ("key_twice", "B8"),
        ("key_twice", "B9"),
        ("required", "A10"),
    }
    assert preview.counts["rejected"] == 9


def test_a_township_lies_in_the_banner_beside_it(units, league, officer):
    bureau = officer(league, Role.BUREAU)
    rows = [line(1, **{"苏木镇(街道)": "达来呼布镇"})]
    _upload, preview = hand_in(rows, by=bureau, unit=league, kind="outside-list", facts=FACTS)
    assert told(preview) == {("unit_elsewhere", "H2")}
