"""The register of children of school age: a row is a child, at school or not."""

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from common import masks
from dropout.models import SchoolAgeEntry, SchoolAgeList, Schooling
from dropout.report_kinds import columns
from dropout.report_kinds.rules import NotToCome, OfSchoolAge
from dropout.services import ledgers
from intake.columns import Choice, Day, Ethnicity, IdNumber, PersonName, Phone, Text
from intake.kinds import Derived, Fact, ReportKind
from intake.rules import BirthFitsId, SchoolInBanner, SexFitsId
from intake.stores.tables import Tables
from registry import identity
from registry.models import Sex


def the_list(run, recorder) -> dict | None:
    """The list that an upload is: an office's, of a day. Made when it is committed."""
    facts = run.context.facts
    wanted = {name: facts.get(name) for name in ("office", "listed_on")}
    if not all(wanted.values()):
        return None
    found = SchoolAgeList.objects.filter(unit=run.context.unit, **wanted).first()
    if found is None and recorder is not None:
        found = recorder.insert(SchoolAgeList(unit=run.context.unit, **wanted))
    return {"list": found} if found else None


class SchoolAgeChildren(ReportKind):
    slug = "school-age-children"
    title = _("适龄儿童名单")
    about = _("户籍或摸排得来的适龄儿童，一行一个，也就是适龄台账；用来与学籍比对，找出没入学的。")
    permission = "dropout.change_ledger"
    key = ("id_number",)
    derives = (
        Derived("sex", "id_number", identity.sex_of),
        Derived("born_on", "id_number", identity.birth_date_of),
    )

    facts = (
        Fact(
            "office",
            Text(
                "提供部门",  # data
                also=("来源部门", "提供单位", "来源单位", "部门"),  # data
                most=60,
            ),
            True,
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

    banner = columns.banner_column()
    township = columns.township_column(required=True)
    village = columns.village_column()
    name = columns.name_column()
    sex = Choice("性别", Sex, example="男")  # data
    ethnicity = Ethnicity("民族", also=("民族成份", "民族成分"), example="蒙古族")  # data
    id_number = columns.id_column()
    born_on = Day("出生日期", also=("出生年月日", "出生年月", "生日"), example="2015-09-01")  # data
    guardian = PersonName("监护人", also=("监护人姓名", "家长姓名", "户主"))  # data
    guardian_id_number = IdNumber(
        "监护人身份证号",  # data
        also=("监护人身份证号码", "家长身份证号"),  # data
        purpose=identity.NUMBER,
    )
    guardian_phone = Phone(
        "监护人电话",  # data
        also=("联系电话", "家长电话", "监护人联系电话"),  # data
        purpose=identity.PHONE,
    )
    schooling = Choice("就学情况", Schooling, also=("就学状况", "就读情况"))  # data
    school_name = Text("就读学校", also=("学校", "学校名称"), most=100)  # data
    remark = Text("备注", also=("说明",))  # data

    rules = (
        SchoolInBanner(banner, township),
        BirthFitsId(id_number, born_on),
        SexFitsId(id_number, sex),
        OfSchoolAge(id_number, "listed_on"),
        NotToCome(born_on),
    )

    store = Tables(
        SchoolAgeEntry,
        locks=(ledgers.LOCK, "dropout.school_age"),
        fields={
            "banner": "banner",
            "township": "township",
            "village": "village",
            "name": "name",
            "sex": "sex",
            "ethnicity": "ethnicity",
            "id_number": "id_number",
            "born_on": "born_on",
            "guardian": "guardian",
            "guardian_id_number": "guardian_id_number",
            "guardian_phone": "guardian_phone",
            "schooling": "schooling",
            "school_name": "school_name",
            "remark": "remark",
        },
        keys=("id_number",),
        fixed=the_list,
        holder=lambda on: SchoolAgeEntry.objects.annotate(holder=F("list__unit")),
        subject="name",
        mask=masks.name,
    )

    def settle(self, change_set, context, at):
        ledgers.link_children(ledgers.written_rows(change_set, SchoolAgeEntry))
