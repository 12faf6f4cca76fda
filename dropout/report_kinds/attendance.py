"""What a school says of a month: a row is a child, there or away since a day."""

from datetime import date

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from common import masks
from common.periods import Kind, Period
from dropout.models import AttendanceLine
from dropout.report_kinds import columns
from dropout.services import ledgers, suspicions
from intake.columns import (
    BLANK,
    CLEAR,
    ClassName,
    Day,
    Grade,
    RollNumber,
    Text,
    UnitRef,
    YesNo,
)
from intake.faults import declare
from intake.kinds import ReportKind, Rule
from intake.rules import RollFitsId
from intake.stores.tables import Tables
from registry import identity
from registry.models import Unit, descendants_of

declare(
    {
        "month_wanted": (
            _("在校情况按月报，这批数据写的不是一个月份"),
            _("期次改成月份，如 2025-09。"),
        ),
        "since_when": (
            _("不在校的要写“%(header)s”"),
            _("填第一天没到校的日期。"),
        ),
        "since_though_present": (
            _("在校的不写“%(header)s”"),
            _("在校就清空这一格；不在校就把“%(other)s”改成否。"),
        ),
        "after_the_month": (
            _("“%(header)s”晚于这个月的最后一天"),
            _("填本月末以前的日期，或报到下个月。"),
        ),
        "roll_unknown": (
            _("凭“%(header)s”查不到身份证号"),
            _("核对学籍号，或补上身份证号。"),
        ),
        "number_wanted": (
            _("“%(header)s”和“%(other)s”都没有填"),
            _("填其中一个。"),
        ),
    }
)


def the_month(run, _recorder) -> dict | None:
    """Lines belong to the month of the upload; a quarter or a year is none."""
    period = run.context.period
    if period is None or period.kind is not Kind.MONTH:
        return None
    return {"month": period.code, "month_end": period.end}


class NumberOfRoll(Rule):
    """NumberOfRoll(id_number, roll_number): a roll number stands for the identity number.

    It fills in the number that the roll has of the child, and asks for one of the two.
    """

    title = _("“身份证号”或“学籍号”填一个；只有学籍号的，按学籍查出身份证号")

    def __init__(self, id_number, roll_number):
        self.id_number, self.roll_number = id_number, roll_number
        self.context = None

    def begin(self, context):
        fresh = NumberOfRoll(self.id_number, self.roll_number)
        fresh.context = context
        return fresh

    def check(self, chunk):
        numbers, rolls = chunk.values[self.id_number.name], chunk.values[self.roll_number.name]
        lacking = {
            at: roll
            for at, (number, roll) in enumerate(zip(numbers, rolls, strict=True))
            if number is BLANK
        }
        asked = {roll for roll in lacking.values() if roll.__class__ is str}
        known = ledgers.numbers_of_rolls(asked, self.context) if asked else {}
        filled = list(numbers)
        for at, roll in lacking.items():
            if roll.__class__ is not str:
                yield at, self.id_number.name, "number_wanted", self._params(self.id_number)
            elif roll in known:
                filled[at] = known[roll]
            else:
                yield at, self.roll_number.name, "roll_unknown", self._params(self.roll_number)
        chunk.values[self.id_number.name] = filled

    def _params(self, column) -> dict:
        other = self.roll_number if column is self.id_number else self.id_number
        return {"header": str(column.header), "other": str(other.header)}


class AwaySince(Rule):
    """AwaySince(is_present, absent_since): who is away is so since a day of the month or before it.

    Whoever is back has no such day any more: the one that was stored goes.
    """

    title = _("不在校的有“未到校起始日期”，不晚于月末；在校的没有")

    def __init__(self, is_present, absent_since, period: Period | None = None):
        self.is_present, self.absent_since, self.period = is_present, absent_since, period

    def begin(self, context):
        return AwaySince(self.is_present, self.absent_since, context.period)

    def check(self, chunk):
        present, name = self.is_present, self.absent_since.name
        params = {"header": str(self.absent_since.header), "other": str(present.header)}
        if self.period is None or self.period.kind is not Kind.MONTH:
            for at in range(len(chunk.rows)):
                yield at, present.name, "month_wanted", {}
            return
        days = list(chunk.values[name])
        for at, is_there in enumerate(chunk.values[present.name]):
            code = self._fault(is_there, days[at], chunk, at)
            if code:
                yield at, name, code, params
            elif is_there is True:
                days[at] = CLEAR
        chunk.values[name] = days

    def _fault(self, is_there, day, chunk, at: int) -> str:
        if is_there is BLANK or at in chunk.bad:
            return ""
        is_day = day.__class__ is date
        if is_there:
            return "since_though_present" if is_day else ""
        if not is_day:
            return "since_when"
        return "after_the_month" if day > self.period.end else ""


class AttendanceReturns(ReportKind):
    slug = "attendance-return"
    title = _("在校情况月报")
    about = _("学校一个月的在校情况，一行一个学生；不在校的写从哪天起，够天数的自动列为疑似。")
    permission = "dropout.change_ledger"
    key = ("id_number", "school")  # a child may move in mid-month: two schools tell of it
    either = (("id_number", "roll_number"),)
    takes_period = True

    school = UnitRef(
        "学校",  # data
        also=("学校名称", "就读学校", "所在学校"),  # data
        kinds=(Unit.Kind.SCHOOL,),
        required=True,
        fills_down=True,
    )
    grade = Grade("年级", also=("就读年级", "所在年级"), fills_down=True, example="三年级")  # data
    class_name = ClassName("班级", also=("班", "所在班级"), fills_down=True, example="2班")  # data
    name = columns.name_column()
    id_number = columns.id_column(required=False)
    roll_number = RollNumber(
        "学籍号",  # data
        also=("全国学籍号", "学籍号码"),  # data
        purpose=identity.NUMBER,
    )
    is_present = YesNo(
        "是否在校",  # data
        also=("在校", "是否到校"),  # data
        yes=("在校",),  # data
        no=("不在校", "未到校"),  # data
        required=True,
        example="是",  # data
    )
    absent_since = Day(
        "未到校起始日期",  # data
        also=("未到校日期", "离校日期", "缺勤起始日期"),  # data
    )
    cause = Text("原因", also=("未到校原因",), most=100)  # data
    whereabouts = Text("去向", also=("现去向",), most=100)  # data
    remark = Text("备注", also=("说明",))  # data

    rules = (
        NumberOfRoll(id_number, roll_number),
        RollFitsId(id_number, roll_number),
        AwaySince(is_present, absent_since),
    )

    store = Tables(
        AttendanceLine,
        locks=(ledgers.LOCK, ledgers.ATTENDANCE, "dropout.cases"),
        fields={
            "school": "school",
            "grade": "grade",
            "class_name": "class_name",
            "name": "name",
            "id_number": "id_number",
            "roll_number": "roll_number",
            "is_present": "is_present",
            "absent_since": "absent_since",
            "cause": "cause",
            "whereabouts": "whereabouts",
            "remark": "remark",
        },
        keys=("school", "id_number"),
        fixed=the_month,
        holder=lambda on: AttendanceLine.objects.annotate(holder=F("school")),
        subject="name",
        mask=masks.name,
    )

    def settle(self, change_set, context, at):
        ledgers.link_children(ledgers.written_rows(change_set, AttendanceLine))
        under = Unit.objects.of_kinds([Unit.Kind.SCHOOL]).filter(
            pk__in=descendants_of(context.unit, on=context.on)
        )
        schools = list(under.values_list("pk", flat=True))
        ledgers.follow_returns(context.period.code, schools, by=context.user, at=at)
        suspicions.follow_lines(change_set, by=context.user, at=at)
