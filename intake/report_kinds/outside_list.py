"""Another department's list: a row is a person on it, a child or a guardian of the child beside."""

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from common import masks
from intake.columns import Choice, Day, IdNumber, PersonName, Text, UnitRef
from intake.columns.spelling import normal_form, written
from intake.faults import BadCell
from intake.kinds import Fact, ReportKind
from intake.rules import FirstBeforeLast, SchoolInBanner
from intake.stores.tables import Tables
from registry import identity
from registry.models import Category, Department, Membership, OutsideList, Unit
from registry.services import lists

PLACES = (Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT)


class Issuer(Choice):
    """A department by any of its names, with the banner in front of it: 阿左旗民政局."""

    def bind(self, context):
        read, known = super().bind(context), self.spellings(context)

        def read_end(cell):
            try:
                return read(cell)
            except BadCell:
                spelled = normal_form(written(cell))
                ends = [name for name in known if spelled.endswith(name)]
                if not ends:
                    raise
                return known[max(ends, key=len)]

        return read_end


def the_list(run, recorder) -> dict | None:
    """The list that an upload is: one department's, by title and day. Made when it is committed."""
    facts = run.context.facts
    wanted = {name: facts.get(name) for name in ("department", "title", "listed_on")}
    if not all(wanted.values()):
        return None
    found = OutsideList.objects.filter(unit=run.context.unit, **wanted).first()
    if found is None and recorder is not None:
        found = recorder.insert(OutsideList(unit=run.context.unit, **wanted))
    return {"list": found} if found else None


class OutsideLists(ReportKind):
    slug = "outside-list"
    title = _("部门名单")
    about = _("民政、残联、乡村振兴等部门给的名单，一行一个人；按身份证号与学生和监护人比对。")
    permission = "registry.change_outsidelist"
    key = ("id_number", "category")

    facts = (
        Fact(
            "department",
            Issuer(
                "部门",  # data
                Department,
                also=("来源部门", "提供部门", "提供单位", "来源单位"),  # data
            ),
            True,
        ),
        Fact(
            "title",
            Text("名单名称", also=("名单", "表名"), most=120),  # data
            True,
            is_title=True,
        ),
        Fact(
            "listed_on",
            Day(
                "名单日期",  # data
                also=("截至日期", "数据日期", "统计日期", "制表日期", "填表日期"),  # data
            ),
            True,
        ),
    )

    name = PersonName("姓名", also=("人员姓名", "对象姓名"), required=True)  # data
    id_number = IdNumber(
        "身份证号",  # data
        also=("身份证号码", "公民身份号码", "身份证件号", "证件号码"),  # data
        required=True,
        purpose=identity.NUMBER,
    )
    category = Choice(
        "类别",  # data
        Category,
        also=("人员类别", "对象类别", "特殊群体类别", "困难类型"),  # data
        required=True,
        fills_down=True,
    )
    relation = Text("与学生关系", also=("关系", "与儿童关系"), most=20)  # data
    child_name = PersonName("学生姓名", also=("子女姓名", "儿童姓名"))  # data
    child_id_number = IdNumber(
        "学生身份证号",  # data
        also=("子女身份证号", "儿童身份证号", "学生身份证号码"),  # data
        purpose=identity.NUMBER,
    )
    banner = UnitRef(
        "旗(区)",  # data
        also=("旗区", "旗县区", "所属旗区"),  # data
        kinds=PLACES,
        fills_down=True,
    )
    township = UnitRef(
        "苏木镇(街道)",  # data
        also=("苏木镇", "乡镇", "苏木乡镇"),  # data
        kinds=(Unit.Kind.TOWNSHIP,),
        within="banner",
        fills_down=True,
    )
    valid_from = Day("认定日期", also=("认定时间", "起始日期", "批准日期"))  # data
    valid_to = Day("有效期至", also=("截止日期", "有效期", "到期日期"))  # data
    remark = Text("备注", also=("说明",))  # data

    rules = (SchoolInBanner(banner, township), FirstBeforeLast(valid_from, valid_to))

    store = Tables(
        Membership,
        locks=(lists.LOCK, "registry.lists"),
        fields={
            "name": "name",
            "id_number": "id_number",
            "category": "category",
            "relation": "relation",
            "child_name": "child_name",
            "child_id_number": "child_id_number",
            "banner": "banner",
            "township": "township",
            "valid_from": "valid_from",
            "valid_to": "valid_to",
            "remark": "remark",
        },
        keys=("id_number", "category"),
        fixed=the_list,
        holder=lambda on: Membership.objects.annotate(holder=F("list__unit")),
        ordered=(("valid_from", "valid_to"),),
        subject="name",
        mask=masks.name,
    )

    def settle(self, change_set, context, at):
        lists.follow_members(change_set)
