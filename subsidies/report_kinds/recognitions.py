"""Who is recognised as in need in a term: a row is a decision that was made, told and filed."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext_lazy as _

from common import changes
from common.crypto import blind_index
from common.periods import Kind, Period
from intake.columns import (
    BLANK,
    CLEAR,
    Choice,
    ClassName,
    Day,
    Grade,
    IdNumber,
    PersonName,
    Text,
    UnitRef,
)
from intake.contexts import units_of
from intake.faults import declare
from intake.kinds import ReportKind, Rule
from intake.stores.base import RowFault
from intake.stores.deeds import Deeds, Row, Stored
from registry import identity
from registry.models import Category, Identifier, IdKind, Unit
from subsidies.models import Award, Level, Programme, Recognition
from subsidies.report_kinds.columns import Term
from subsidies.services import awards
from subsidies.services.grounds import Grounds
from subsidies.services.recognitions import frozen

declare(
    {
        "student_unknown": (
            _("“%(header)s”查不到在籍学生"),
            _("核对号码；新来的学生先导入学生名册。"),
        ),
        "student_elsewhere": (
            _("这名学生这个学期不在这所学校就读"),
            _("核对学校和学期；已转学的由现在的学校填报。"),
        ),
        "student_named_otherwise": (
            _("“%(header)s”与学籍里的姓名不一样"),
            _("核对是不是同一个人，改正姓名或号码。"),
        ),
        "recognised_before": (
            _("这名学生这个学期已有认定，内容不一样"),
            _("导入不改已有的认定：到认定页面调整，写明原因。"),
        ),
        "recognised_ahead": (
            _("“%(header)s”在今天以后"),
            _("还没认定的不要导入。"),
        ),
        "recognised_late": (
            _("“%(header)s”在这个学期以后"),
            _("看是不是写错了学期或日期。"),
        ),
    }
)

SAID = ("level", "group", "recognised_on", "remark")


class Children:
    """Who the rows speak of, by exact number, and what was known of them."""

    def __init__(self, rows: Iterable[Row]):
        numbers = {row.values.get("id_number") for row in rows} - {BLANK, CLEAR, None}
        indexes = {blind_index(number, identity.NUMBER): number for number in numbers}
        papers = Identifier.objects.current().exclude(kind=IdKind.ROLL)
        papers = papers.filter(value_index__in=indexes, student__merged_into=None)
        self.by_number = {
            indexes[one.value_index]: one.student for one in papers.select_related("student")
        }
        self.grounds = Grounds(one.pk for one in self.by_number.values())

    def of(self, row: Row):
        return self.by_number.get(row.values.get("id_number"))

    def enrolment(self, row: Row):
        """Where the child was at the row's school in the row's term; on the day itself if it was."""
        student, term = self.of(row), row.values.get("term")
        if student is None or term is BLANK or row.values.get("school") is BLANK:
            return None
        period, day = Period.parse(term), said(row, "recognised_on")
        asked = (student.pk, row.values["school"])
        here = self.grounds.enrolment(*asked, day, day) if day else None
        return here or self.grounds.enrolment(*asked, period.start, period.end)


def said(row: Row, name: str):
    """What a cell says; nothing where it is blank or cleared."""
    value = row.values.get(name)
    return None if value in (BLANK, CLEAR) else value


# What is stored ----------------------------------------------------------------------------------
def _stored(one: Recognition, number: str) -> Stored:
    values = {name: getattr(one, name) or None for name in SAID}
    values |= {"school": one.unit_id, "name": one.student.name, "id_number": number}
    return Stored(
        one.pk,
        one.version,
        values | {"term": one.term},
        unit_pk=one.unit_id,
        subject=str(one),
        fault="recognised_before",
    )


def load(rows, context) -> dict:
    numbers = {student.pk: number for number, student in Children(rows).by_number.items()}
    standing = Recognition.objects.standing().filter(student__in=numbers)
    found = {}
    for one in standing.select_related("student"):
        number = numbers[one.student_id]
        found[number, one.term] = _stored(one, number)
    listed = Recognition.objects.standing().filter(
        pk__in=[row.token[0] for row in rows if row.token], unit__in=units_of(context)
    )
    for one, number in _with_numbers(listed):
        found[one.pk] = _stored(one, number)
    return found


def everything(context) -> list[Stored]:
    """What a pre-filled form lists: whom this term has filed."""
    term = Period.of(Kind.TERM, context.on).code
    rows = Recognition.objects.filed().of_term(term).filter(unit__in=units_of(context)).for_list()
    return [_stored(one, number) for one, number in _with_numbers(rows)]


def _with_numbers(rows):
    papers = Identifier.objects.current().filter(
        kind=IdKind.RESIDENT, student__in=rows.order_by().values("student")
    )
    numbers = dict(papers.values_list("student", "value"))
    for one in rows.select_related("student"):
        if one.student_id in numbers:
            yield one, numbers[one.student_id]


def judge(rows, _stored_ones, context) -> Iterable[RowFault]:
    children, columns = Children(rows), Recognitions.columns
    for row in rows:
        if row.token or row.values.get("id_number") is BLANK:
            continue
        student, name = children.of(row), row.values.get("name")
        wrong = ""
        if student is None:
            wrong = ("id_number", "student_unknown")
        elif name is not BLANK and name != student.name:
            wrong = ("name", "student_named_otherwise")
        elif said(row, "term") and said(row, "school") and children.enrolment(row) is None:
            wrong = ("school", "student_elsewhere")
        if wrong:
            params = {"header": str(columns[wrong[0]].header)}
            yield RowFault(row.sheet, row.row, *wrong, params)


# Writing -----------------------------------------------------------------------------------------
def write(inserts: list[Row], _updates, recorder, context) -> None:
    children = Children(inserts)
    for row in inserts:
        student, on = children.of(row), said(row, "recognised_on") or context.on
        known = frozen(children.enrolment(row), children.grounds.lists(student.pk, on), on)
        known |= {name: said(row, name) for name in ("grade", "class_name") if said(row, name)}
        recorder.insert(
            Recognition(
                student=student,
                unit_id=row.values["school"],
                term=row.values["term"],
                state=Recognition.State.FILED,
                level=row.values["level"],
                group=said(row, "group") or "",
                recognised_on=on,
                filed_at=recorder.change_set.at,
                remark=said(row, "remark") or "",
                source_upload=int(recorder.change_set.subject_pk),
                source_sheet=row.sheet,
                source_row=row.row,
                **known,
            ),
            sheet=row.sheet,
            row=row.row,
        )


def _no_longer_filed(pks) -> dict:
    """Adjusted or ended since: an undo leaves them."""
    rows = Recognition.objects.filter(pk__in=list(pks)).exclude(state=Recognition.State.FILED)
    return dict.fromkeys(rows.values_list("pk", flat=True), "edited_since")


changes.frozen_by(Recognition, _no_longer_filed)


class DecidedByNow(Rule):
    """DecidedByNow(term, day): a decision is made by today, and by the end of the term it is for."""

    title = _("认定日期不晚于今天，也不晚于学期末")

    def __init__(self, term, day, on=None):
        self.term, self.day, self.on = term, day, on

    def begin(self, context):
        return DecidedByNow(self.term, self.day, context.on)

    def check(self, chunk):
        terms, days = chunk.values[self.term.name], chunk.values[self.day.name]
        params = {"header": str(self.day.header)}
        for at, (term, day) in enumerate(zip(terms, days, strict=True)):
            if day.__class__ is not date:
                continue
            if day > self.on:
                yield at, self.day.name, "recognised_ahead", params
            elif term.__class__ is str and day > Period.parse(term).end:
                yield at, self.day.name, "recognised_late", params


class Recognitions(ReportKind):
    slug = "recognitions"
    title = _("困难认定结果")
    about = _("一个学期认定的家庭经济困难学生，一行一个；已有认定要改等级的，到页面上调整。")
    permission = "subsidies.change_recognition"
    key = ("id_number", "term")

    school = UnitRef(
        "学校",  # data
        also=("学校名称", "就读学校", "所在学校", "学校全称"),  # data
        kinds=(Unit.Kind.SCHOOL,),
        required=True,
        fills_down=True,
    )
    grade = Grade("年级", also=("就读年级", "所在年级"), fills_down=True, example="三年级")  # data
    class_name = ClassName("班级", also=("班", "所在班级"), fills_down=True, example="2班")  # data
    name = PersonName("姓名", also=("学生姓名",), required=True, example="那仁")  # data
    id_number = IdNumber(
        "身份证号",  # data
        also=("身份证号码", "公民身份号码", "身份证件号", "证件号码"),  # data
        required=True,
        purpose=identity.NUMBER,
        example="152921201509010014",
    )
    level = Choice(
        "困难等级",  # data
        Level,
        also=("认定等级", "等级", "困难级别", "困难等级(A/B/C)"),  # data
        required=True,
        example="A",
    )
    group = Choice(
        "特殊群体类别",  # data
        Category,
        also=("特殊群体类型", "特殊群体", "困难类型"),  # data
    )
    term = Term(
        "学年学期",  # data
        also=("学期", "认定学期"),  # data
        required=True,
        fills_down=True,
        example="2025/26-1",
    )
    recognised_on = Day("认定日期", also=("认定时间",), fills_down=True)  # data
    remark = Text("备注", also=("说明",))  # data

    rules = (DecidedByNow(term, recognised_on),)
    store = Deeds(
        load=load,
        write=write,
        judge=judge,
        everything=everything,
        locks=("subsidies.recognitions",),
    )

    def settle(self, change_set, context, at):
        """What the children are to get follows; after an undo of those, too, whose ground is gone."""
        written = change_set.rows.filter(root=Recognition._meta.db_table).values("root_pk")
        told = Recognition.objects.filter(pk__in=written).values_list("term", "student")
        bare = Award.objects.filter(
            recognition=None, programme__entitles=Programme.Entitles.RECOGNISED
        )
        bare = bare.filter(unit__in=units_of(context)).values_list("term", "student")
        by_term = defaultdict(set)
        for term, student in [*told, *bare]:
            by_term[term].add(student)
        for term, students in sorted(by_term.items()):
            awards.expect_for(students, term, at)
