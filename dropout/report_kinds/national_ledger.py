"""The dropout ledger: the unit's own is taken into its cases, the nation's is kept to be compared."""

from dataclasses import dataclass

from django.db.models import F, TextChoices
from django.utils.translation import gettext_lazy as _

from common import masks
from dropout.models import LedgerKind, NationalEntry, NationalList
from dropout.report_kinds import columns, own_ledger
from dropout.report_kinds.own_ledger import CauseInOurWords
from dropout.report_kinds.rules import NotToCome, OfSchoolAge
from dropout.services import ledgers
from intake.columns import (
    Choice,
    ClassName,
    Day,
    Ethnicity,
    Grade,
    PersonName,
    Phone,
    RollNumber,
    Text,
    YesNo,
)
from intake.faults import declare
from intake.kinds import Derived, Fact, ReportKind, Rule
from intake.rules import BirthFitsId, FirstBeforeLast, RollFitsId, SchoolInBanner, SexFitsId
from intake.stores.deeds import Deeds
from intake.stores.tables import Tables
from registry import identity
from registry.models import Sex

declare(
    {
        "export_of_which_day": (
            _("比对的台账没有写“导出日期”"),
            _("上传时填上，或写在表头上方。"),
        ),
    }
)


class Mode(TextChoices):
    """What a ledger is handed in for, if not to open and update cases."""

    COMPARE = "compare", _("比对")


def is_compared(context) -> bool:
    return context.facts.get("mode") == Mode.COMPARE


def the_list(run, recorder) -> dict | None:
    """The export that an upload is: a unit's, of a day. Made when it is committed."""
    facts = run.context.facts
    if not (facts.get("mode") and facts.get("listed_on")):
        return None
    wanted = {"unit": run.context.unit, "listed_on": facts["listed_on"]}
    found = NationalList.objects.filter(**wanted).first()
    if found is None and recorder is not None:
        found = recorder.insert(NationalList(**wanted))
    return {"list": found} if found else None


def not_kept(header: str, *also: str) -> Text:
    """A column of the ledger that is read past: the case tells it, and no comparison asks for it."""
    return Text(header, also=also, most=500, note=_("由个案得出，不从台账写入。"))


class DayOfExport(Rule):
    """DayOfExport(id_number): who compares says of which day the export is."""

    title = _("比对的台账要写导出日期")

    def __init__(self, id_number, context=None):
        self.id_number, self.context = id_number, context

    def begin(self, context):
        return DayOfExport(self.id_number, context)

    def check(self, chunk):
        if is_compared(self.context) and not self.context.facts.get("listed_on"):
            for at in range(len(chunk.rows)):
                yield at, self.id_number.name, "export_of_which_day", {}


@dataclass(frozen=True)
class ByMode:
    """Where lines end up: what is compared in rows of its own, the rest in cases."""

    compared: Tables
    own: Deeds

    @property
    def locks(self) -> tuple[str, ...]:
        return self.compared.locks + self.own.locks

    def _store(self, context) -> Tables | Deeds:
        return self.compared if is_compared(context) else self.own

    def stage(self, run):
        return self._store(run.context).stage(run)

    def held(self, kind, context):
        return self._store(context).held(kind, context)

    def held_count(self, kind, context) -> int:
        return self._store(context).held_count(kind, context)


class DropoutLedger(ReportKind):
    slug = "dropout-ledger"
    title = _("辍学台账")
    about = _(
        "失学辍学学生，一行一个：立案，或更新没了结的个案。用途选“比对”的只用来核对，不立案。"
    )
    permission = own_ledger.CHANGE
    key = ("id_number",)
    derives = (
        Derived("sex", "id_number", identity.sex_of),
        Derived("born_on", "id_number", identity.birth_date_of),
    )

    facts = (
        Fact(
            "mode",
            Choice(
                "用途",  # data
                Mode,
                also=("方式",),  # data
                note=_("本单位的台账不选；国家台账导出的选“比对”，并写导出日期。"),
            ),
        ),
        Fact(
            "listed_on",
            Day(
                "导出日期",  # data
                also=("名单日期", "截至日期", "数据日期", "统计日期", "制表日期"),  # data
            ),
        ),
    )

    banner = columns.banner_column()
    township = columns.township_column()
    village = columns.village_column()
    school_name = Text("学校", also=("学校名称", "就读学校", "原就读学校"), most=100)  # data
    grade = Grade("年级", also=("就读年级",))  # data
    class_name = ClassName("班级", also=("班",))  # data
    name = columns.name_column()
    sex = Choice("性别", Sex, example="男")  # data
    ethnicity = Ethnicity("民族", also=("民族成份", "民族成分"), example="蒙古族")  # data
    id_number = columns.id_column()
    roll_number = RollNumber(
        "学籍号",  # data
        also=("全国学籍号", "学籍号码"),  # data
        purpose=identity.NUMBER,
    )
    born_on = Day("出生日期", also=("出生年月日", "出生年月"), example="2012-09-01")  # data
    registered_address = not_kept("户籍地", "户籍地址", "户籍所在地")  # data
    home_address = not_kept("现住址", "家庭住址")  # data
    guardian = PersonName("监护人", also=("监护人姓名", "家长姓名"))  # data
    relation = not_kept("与学生关系", "关系")  # data
    guardian_phone = Phone(
        "监护人电话",  # data
        also=("联系电话", "家长电话"),  # data
        purpose=identity.PHONE,
    )
    poverty_exit = not_kept("是否脱贫户/监测户", "是否脱贫户", "是否监测户")  # data
    groups = not_kept("特殊群体类别", "特殊群体")  # data
    kind = Choice(
        "类型",  # data
        LedgerKind,
        also=("失学/辍学/疑似", "类别"),  # data
        required=True,
        example="辍学",  # data
    )
    left_on = Day(
        "辍学时间",  # data
        also=("辍学日期", "失学时间", "失学/辍学时间"),  # data
        required=True,
        example="2025-03-01",
    )
    cause = Text(
        "辍学原因",  # data
        also=("原因", "失学原因"),  # data
        most=100,
        note=_("比对时不保存；信教和身体原因加密另存，不在台账上显示。"),
    )
    whereabouts = not_kept("现去向", "去向")  # data
    persuaders = not_kept("劝返责任人", "劝返责任人(旗级/苏木镇/嘎查/学校)")  # data
    visits = not_kept("劝返次数")  # data
    last_visit = not_kept("最近劝返日期")  # data
    measures = not_kept("劝返措施/文书", "劝返措施")  # data
    returned_on = Day("复学时间", also=("复学日期", "返校时间"))  # data
    placement = not_kept("安置方式")  # data
    closed = YesNo("是否销号", also=("销号",), yes=("已销号",), no=("未销号",))  # data
    closed_on = Day("销号时间", also=("销号日期",))  # data
    remark = Text("备注", also=("说明",))  # data

    rules = (
        SchoolInBanner(banner, township),
        BirthFitsId(id_number, born_on),
        SexFitsId(id_number, sex),
        RollFitsId(id_number, roll_number),
        OfSchoolAge(id_number, "listed_on"),
        DayOfExport(id_number),
        CauseInOurWords(cause),
        NotToCome(left_on, returned_on, closed_on),
        FirstBeforeLast(left_on, returned_on),
        FirstBeforeLast(left_on, closed_on),
    )

    store = ByMode(
        compared=Tables(
            NationalEntry,
            locks=(ledgers.LOCK, "dropout.national"),
            fields={
                "banner": "banner",
                "township": "township",
                "village": "village",
                "school_name": "school_name",
                "grade": "grade",
                "class_name": "class_name",
                "name": "name",
                "sex": "sex",
                "ethnicity": "ethnicity",
                "id_number": "id_number",
                "roll_number": "roll_number",
                "born_on": "born_on",
                "guardian": "guardian",
                "guardian_phone": "guardian_phone",
                "kind": "kind",
                "left_on": "left_on",
                "returned_on": "returned_on",
                "closed": "closed",
                "closed_on": "closed_on",
                "remark": "remark",
            },
            keys=("id_number",),
            fixed=the_list,
            holder=lambda on: NationalEntry.objects.annotate(holder=F("list__unit")),
            ordered=(("left_on", "returned_on"), ("left_on", "closed_on")),
            subject="name",
            mask=masks.name,
        ),
        own=Deeds(
            load=own_ledger.load_ledger,
            write=own_ledger.write_ledger,
            judge=own_ledger.judge_ledger,
            everything=own_ledger.all_of_ledger,
            locks=("dropout.cases",),
            scoped=False,
        ),
    )

    def settle(self, change_set, context, at):
        ledgers.link_children(ledgers.written_rows(change_set, NationalEntry))
        own_ledger.follow_cases(change_set, context, at=at)
