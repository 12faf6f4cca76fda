"""A pre-filled form of every kind, handed in again unchanged, changes nothing."""

import io
from dataclasses import dataclass, field
from datetime import date

import pytest
from django.core.files.base import ContentFile
from openpyxl import load_workbook

from common.periods import Period
from dropout.models import Episode
from intake import kinds
from intake.columns.base import Context
from intake.forms import NotAllowed, filled_form
from registry.models import Category, Department, Student
from registry.roles import Role
from tasks_app.models import Indicator
from tasks_app.services import reports
from tasks_app.services.duties import open_progress_duties
from tests.cast import NOW, TODAY
from tests.dropout.rows import make_case
from tests.intake.rosters import (
    children,
    commit,
    hand_in,
    id_number,
    make_school,
    take_in,
    workbook,
)

pytestmark = pytest.mark.django_db  # fixtures are asked for by their names

# The form of a roster lists what is still to be paid, and lacks the day: handed in so, it is faulty.
KINDS = [kind.slug for kind in kinds.all_kinds() if kind.slug != "aid-payments"]


@dataclass
class Held:
    """Who asks for a form, for what, and how many lines it must have."""

    user: object
    unit: object
    lines: int
    period: str = ""
    facts: dict = field(default_factory=dict)  # as typed


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


def written(kind, rows, *, by, unit, **more):
    upload, preview = hand_in(workbook(rows), by=by, unit=unit, kind=kind, **more)
    assert not preview.faults, [(f.code, f.place, f.params) for f in preview.faults]
    return commit(upload, by=by)


@pytest.fixture
def students(east, officer):
    by, school = officer(east), make_school("阿左旗第一小学", east)
    take_in(children(4, school), by=by, unit=east)
    return Held(by, east, 4)


@pytest.fixture
def schools(east, officer):
    by = officer(east)
    rows = [
        {
            "学校名称": "阿左旗第一小学",
            "旗(区)": "阿拉善左旗",
            "学校标识码": "2115000001",
            "简称": "一小",
            "学校类型": "小学",
            "苏木镇(街道)": "巴彦浩特镇",
            "是否寄宿制": "是",
            "备注": "迁址",
        },
        {"学校名称": "阿左旗幼儿园", "旗(区)": "阿拉善左旗", "学校类型": "幼儿园"},
    ]
    written("schools", rows, by=by, unit=east)
    return Held(by, east, 2)


@pytest.fixture
def staff(league, east, officer):
    by = officer(league, Role.SYSADMIN, "sysadmin")
    officer(east, Role.OFFICIAL, "left", "左旗填报员")
    rows = [
        {
            "姓名": "乌云",
            "用户名": "Wu.Yun",
            "单位": "阿拉善左旗",
            "角色": "旗区填报员",
            "联系电话": "0483-8330000",
            "起始日期": "2025-11-01",
            "截止日期": "2026-10-31",
        }
    ]
    written("staff", rows, by=by, unit=league)
    return Held(by, league, 2)


@pytest.fixture
def indicator_values(plan, east, officer):
    by = officer(east)
    open_progress_duties(since=date(2025, 4, 1), on=TODAY)
    period = Period.parse("2025Q3")
    owed = [
        indicator
        for duty in reports.Duty.objects.filter(unit=east, period="2025Q3")
        for indicator in reports.indicators_of(duty, indicator_item(duty))
    ]
    one = next(indicator for indicator in owed if not indicator.is_rate and not indicator.figure)
    written(
        "indicator-values",
        [{"指标代码": one.code, "分子": 8, "说明": "办了八场"}],
        by=by,
        unit=east,
        period=period.code,
    )
    return Held(by, east, len(owed), period=period.code)


def indicator_item(duty):
    return Indicator.objects.filter(work_item__duty_code=duty.code).first().work_item


@pytest.fixture
def outside_list(east, officer):
    by = officer(east)
    facts = {"department": "民政", "title": "2025 年低保", "listed_on": "2025-09-30"}
    rows = [
        {
            "姓名": "巴图",
            "身份证号": id_number(5),
            "类别": str(Category.SUBSISTENCE.label),
            "与学生关系": "父亲",
            "学生姓名": "那仁",
            "学生身份证号": id_number(6),
            "旗(区)": "阿拉善左旗",
            "苏木镇(街道)": "巴彦浩特镇",
            "认定日期": "2025-01-01",
            "有效期至": "2025-12-31",
            "备注": "复核过",
        },
        {"姓名": "乌云", "身份证号": id_number(7), "类别": "孤儿"},
    ]
    written("outside-list", rows, by=by, unit=east, facts=facts)
    return Held(by, east, 2, facts=facts)


def lined(n: int, **over) -> dict:
    return {"姓名": "那仁", "身份证号": id_number(n)} | over


@pytest.fixture
def school_age_children(east, officer):
    by, facts = officer(east), {"office": "公安局", "listed_on": "2025-09-30"}
    place = {"旗(区)": "阿拉善左旗", "苏木镇(街道)": "巴彦浩特镇"}
    rows = [
        lined(
            5,
            **place,
            民族="蒙古族",
            监护人="巴图",
            监护人身份证号=id_number(9),
            监护人电话="13900000001",
            就学情况="在校就读",
            就读学校="某小学",
            备注="新迁入",
        ),
        lined(6, **place, 就学情况="未入学", **{"嘎查村(社区)": "某嘎查"}),
    ]
    written("school-age-children", rows, by=by, unit=east, facts=facts)
    return Held(by, east, 2, facts=facts)


@pytest.fixture
def attendance_return(east, officer):
    by, school = officer(east), make_school("阿左旗第一小学", east)
    place = {"学校": school.name, "年级": "三年级", "班级": "2班"}
    away = {"是否在校": "否", "未到校起始日期": "2025-09-10", "原因": "外出", "去向": "外地"}
    rows = [lined(5, **place, 是否在校="是"), lined(6, **place, **away)]
    written("attendance-return", rows, by=by, unit=east, period="2025-09")
    return Held(by, east, 2, period="2025-09")


@pytest.fixture
def dropout_ledger(east, officer):
    """Three children: one dropped out, one never enrolled, one who may be out of school."""
    by = officer(east)
    place = {"苏木镇(街道)": "巴彦浩特镇", "辍学时间": "2025-03-01"}
    rows = [
        lined(5, 类型="辍学", 辍学原因="外出打工", **place),
        lined(6, 类型="失学", **place),
        lined(7, 类型="疑似", **place),
    ]
    written("dropout-ledger", rows, by=by, unit=east)
    return Held(by, east, 3)


@pytest.fixture
def persuasion_records(east, officer):
    by, school = officer(east), make_school("阿左旗第一小学", east)
    take_in(children(2, school), by=by, unit=east)
    for student in Student.objects.all():
        make_case(east, child=student, school=school)
    rows = [
        {
            "姓名": one["姓名"],
            "身份证号": one["身份证号"],
            "日期": TODAY.isoformat(),
            "劝返人": "巴图",
            "职务": "校长",
            "方式": "入户",
            "结果": "同意返校",
        }
        for one in children(2, school)
    ]
    written("persuasion-records", rows, by=by, unit=east)
    return Held(by, east, 2)


@pytest.fixture
def home_teaching(persuasion_records):
    by, east = persuasion_records.user, persuasion_records.unit
    for episode in Episode.objects.all():
        episode.placements.create(kind="HOME", began_on=TODAY, recorded_by=by, recorded_at=NOW)
    rows = [
        {
            "姓名": child.name,
            "身份证号": child.identifiers.get(kind="1").value,
            "日期": TODAY.isoformat(),
            "教师": "乌云",
            "分钟": 80,
            "内容": "识字",
            "监护人签字": "是",
        }
        for child in Student.objects.all()
    ]
    written("home-teaching", rows, by=by, unit=east)
    return Held(by, east, 2)


@pytest.fixture
def recognitions(east, officer):
    by, school = officer(east), make_school("阿左旗第一小学", east)
    take_in(children(2, school), by=by, unit=east)
    rows = [
        {
            "学校": school.name,
            "姓名": one["姓名"],
            "身份证号": one["身份证号"],
            "困难等级": "A级",
            "特殊群体类别": "孤儿",
            "学年学期": "2025/26-1",
            "认定日期": TODAY.isoformat(),
            "备注": "复核过",
        }
        for one in children(2, school)
    ]
    written("recognitions", rows, by=by, unit=east)
    return Held(by, east, 2)


@pytest.fixture
def held(request):
    return request.getfixturevalue(request.param.replace("-", "_"))


def context_of(kind, held) -> Context:
    context = Context(
        user=held.user,
        permission=kind.permission,
        on=TODAY,
        unit=held.unit,
        period=Period.parse(held.period) if held.period else None,
    )
    for fact in kind.facts:
        if fact.name in held.facts:
            context.facts[fact.name] = fact.column.reader(context)(held.facts[fact.name])
    return context


@pytest.mark.parametrize(("held", "slug"), [(slug, slug) for slug in KINDS], indirect=["held"])
def test_unchanged_it_makes_no_difference(held, slug):
    kind = kinds.get(slug)
    form = filled_form(kind, context_of(kind, held))
    assert form.lines == held.lines
    file = ContentFile(form.content, name=form.name)
    # The facts stand above the header and need not be typed again.
    _upload, preview = hand_in(file, by=held.user, unit=held.unit, kind=slug, period=held.period)
    counts = dict(preview.counts)
    assert not preview.faults, [(f.code, f.place, f.header, f.params) for f in preview.faults]
    assert counts.pop("rows") == counts.pop("unchanged") == held.lines
    assert not any(counts.values()), counts
    assert not preview.changes and not preview.touched


@pytest.mark.parametrize(("held", "slug"), [("schools", "schools")], indirect=["held"])
def test_a_changed_cell_of_a_small_kind_is_the_only_change(held, slug):
    kind = kinds.get(slug)
    book = load_workbook(io.BytesIO(filled_form(kind, context_of(kind, held)).content))
    sheet = book.worksheets[0]
    remark = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "迁址")
    remark.value = "清空"
    stream = io.BytesIO()
    book.save(stream)
    file = ContentFile(stream.getvalue(), name="a.xlsx")
    _upload, preview = hand_in(file, by=held.user, unit=held.unit, kind=slug)
    assert preview.counts["updated"] == 1 and preview.counts["cleared"] == 1
    assert [(c.header, c.old, c.is_clear) for c in preview.changes] == [("备注", "迁址", True)]


@pytest.mark.parametrize(
    ("held", "slug"),
    [("outside-list", "outside-list"), ("indicator-values", "indicator-values")],
    indirect=["held"],
)
def test_a_filled_form_asks_of_what_it_is(held, slug):
    kind, context = kinds.get(slug), context_of(kinds.get(slug), held)
    context.facts, context.period = {}, None
    with pytest.raises(NotAllowed):
        filled_form(kind, context)


@pytest.mark.parametrize(("held", "slug"), [("schools", "schools")], indirect=["held"])
def test_another_units_form_is_refused(held, slug, west):
    kind, context = kinds.get(slug), context_of(kinds.get(slug), held)
    context.unit = west
    with pytest.raises(NotAllowed):
        filled_form(kind, context)


def test_of_a_list_that_is_not_there_yet_the_form_is_empty(east, officer):
    kind = kinds.get("outside-list")
    facts = {"department": Department.UNION, "title": "困难职工", "listed_on": date(2025, 9, 1)}
    context = Context(
        user=officer(east), permission=kind.permission, on=TODAY, unit=east, facts=facts
    )
    form = filled_form(kind, context)
    sheet = load_workbook(io.BytesIO(form.content)).worksheets[0]
    assert form.lines == 0
    assert [sheet.cell(row, 2).value for row in (4, 5, 6)] == ["工会", "困难职工", "2025-09-01"]
