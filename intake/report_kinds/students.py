"""The roster of a school's children, each with identity, guardian and enrolment: a row is a child."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import changes, masks
from common.periods import Kind, Period
from intake.columns import (
    BLANK,
    Address,
    Choice,
    ClassName,
    Day,
    Ethnicity,
    Grade,
    IdPaper,
    Month,
    OtherPaper,
    PersonName,
    Phone,
    RollNumber,
    Text,
    UnitRef,
    YesNo,
)
from intake.kinds import Derived, ReportKind
from intake.rules import BirthFitsId, IdFitsKind, RollFitsId, SchoolInBanner, SexFitsId
from intake.stores.tables import Alike, Find, Missing, Part, Tables
from registry import identity
from registry.models import (
    Enrolment,
    Guardian,
    Identifier,
    IdKind,
    Relation,
    Sex,
    Student,
    Transfer,
    Unit,
)
from registry.services import lists, rosters
from registry.services.enrolled import STAGES, touch_enrolled
from registry.services.rosters import places_of, propose_transfers

BANNERS = (Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT)
PAPER, ROLL, GUARDIAN, ENROLMENT = range(4)  # the parts, as they stand below


# What is stored ----------------------------------------------------------------------------------
def current_papers(on):
    return Identifier.objects.current().exclude(kind=IdKind.ROLL)


def current_rolls(on):
    return Identifier.objects.current().filter(kind=IdKind.ROLL)


def school_year_begins(on):
    """A roster speaks of this school year: it says nothing of classes before it."""
    return Period.of(Kind.SCHOOL_YEAR, on).start


def ask_who() -> dict:
    """The question about a child without any number, whose like the school has already."""
    return {
        "question": gettext("没有证件号和学籍号，这所学校已有同名、同生日的学生：是不是同一个人？"),
        "about": "alike",
        "answers": {"same": gettext("都是同一个人"), "new": gettext("都是另外的人")},
    }


def propose(rows, run, recorder) -> None:
    """Children whom another unit holds: it is asked, and nothing is written."""
    propose_transfers(
        [
            {
                "student": student,
                "to_school": school,
                "grade": grade,
                "class_name": class_name or "",
                "source": {
                    "source_upload": run.upload_pk,
                    "source_sheet": sheet,
                    "source_row": line,
                },
            }
            for student, sheet, line, _holder, school, grade, class_name in rows
        ],
        by=run.context.user,
        at=run.at,
        on=run.context.on,
        recorder=recorder,
    )


def not_listed(pks) -> dict:
    return {pk: (masks.name(name), place) for pk, (name, place) in places_of(pks).items()}


changes.frozen_by(
    Transfer,
    lambda pks: (
        Transfer.objects.filter(pk__in=pks).exclude(decided_at=None).values_list("pk", flat=True)
    ),
)


# What an identity number implies -------------------------------------------------------------------
def sex_of(number):
    return BLANK if isinstance(number, OtherPaper) else identity.sex_of(number)


def born_on(number):
    return BLANK if isinstance(number, OtherPaper) else identity.birth_date_of(number)


class Students(ReportKind):
    slug = "students"
    title = _("学生名册")
    about = _("一所或几所学校在读的学生，一行一个；身份证号认人，换了学校的记作转学。")
    permission = "registry.change_student"
    key = ("id_number",)
    also_keys = (("roll_number",),)
    complete_for = "unit"
    figures = tuple(STAGES)
    derives = (
        Derived("sex", "id_number", sex_of),
        Derived("born_on", "id_number", born_on),
    )

    banner = UnitRef(
        "旗(区)",  # data
        also=("旗区", "旗县区", "所属旗", "所属旗区", "旗县"),  # data
        kinds=BANNERS,
        fills_down=True,
        example="阿拉善左旗",  # data
    )
    school = UnitRef(
        "学校",  # data
        also=("学校名称", "就读学校", "所在学校", "学校全称", "就读学校名称"),  # data
        kinds=(Unit.Kind.SCHOOL,),
        within="banner",
        required=True,
        fills_down=True,
    )
    grade = Grade(
        "年级",  # data
        also=("就读年级", "所在年级", "年级名称"),  # data
        required=True,
        fills_down=True,
        example="三年级",  # data
    )
    class_name = ClassName(
        "班级",  # data
        also=("班", "所在班级", "班级名称", "就读班级"),  # data
        fills_down=True,
        example="2班",  # data
    )
    name = PersonName(
        "姓名",  # data
        also=("学生姓名", "学生", "儿童姓名"),  # data
        required=True,
        example="那仁",  # data
    )
    sex = Choice("性别", Sex, also=("学生性别",), example="男")  # data
    ethnicity = Ethnicity("民族", also=("民族成份", "民族成分"), example="蒙古族")  # data
    id_kind = Choice(
        "证件类型",  # data
        IdKind,
        also=("身份证件类型", "证件种类"),  # data
        without=(IdKind.ROLL,),
        example="居民身份证",  # data
    )
    id_number = IdPaper(  # data
        "身份证号",  # data
        also=(
            "身份证号码",
            "公民身份号码",
            "公民身份证号码",
            "身份证件号",
            "证件号码",
            "身份证",
        ),  # data
        required=True,
        purpose=identity.NUMBER,
        example="152921201509010014",
        note=_("证件类型是“其他”的可以不填。"),
    )
    roll_number = RollNumber(
        "学籍号",  # data
        also=("全国学籍号", "学籍号码", "学籍主号"),  # data
        purpose=identity.NUMBER,
        example="G152921201509010014",
    )
    born_on = Day("出生日期", also=("出生年月日", "出生年月", "生日"), example="2015-09-01")  # data
    boards = YesNo("是否寄宿", also=("寄宿", "是否住校", "是否学校寄宿", "住校"))  # data
    guardian = PersonName("监护人", also=("监护人姓名", "家长姓名", "家长", "第一监护人"))  # data
    relation = Choice(  # data
        "与学生关系", Relation, also=("监护人与学生关系", "关系", "与儿童关系")
    )  # data
    phone = Phone(
        "监护人电话",  # data
        also=("联系电话", "家长电话", "监护人联系电话", "电话", "手机号", "家长手机号码"),  # data
        purpose=identity.PHONE,
    )
    registered_address = Address(
        "户籍所在地",  # data
        also=("户籍地", "户籍地址", "户口所在地"),  # data
        purpose="student.registered_address",
    )
    home_address = Address(
        "现住址",  # data
        also=("现居住地", "家庭住址", "家庭地址", "现住地址", "居住地"),  # data
        purpose="student.home_address",
    )
    entered_on = Month("入学年月", also=("入学时间", "入学日期"), example="2022-09")  # data
    remark = Text("备注", also=("说明",))  # data

    rules = (
        SchoolInBanner(banner, school),
        IdFitsKind(id_kind, id_number),
        BirthFitsId(id_number, born_on),
        SexFitsId(id_number, sex),
        RollFitsId(id_number, roll_number),
    )

    store = Tables(
        Student,
        locks=(lists.LOCK,),
        fields={
            "name": "name",
            "sex": "sex",
            "ethnicity": "ethnicity",
            "born_on": "born_on",
            "registered_address": "registered_address",
            "home_address": "home_address",
            "remark": "remark",
        },
        parts=(
            Part(
                Identifier,
                link="student",
                fields={"id_kind": "kind", "id_number": "value"},
                rows=current_papers,
                identity="value",
                same=("kind",),
                needs=("id_number",),
                defaults={"kind": IdKind.RESIDENT.value},
                carries=("kind",),
                is_dated=True,
            ),
            Part(
                Identifier,
                link="student",
                fields={"roll_number": "value"},
                rows=current_rolls,
                identity="value",
                fixed={"kind": IdKind.ROLL.value},
                is_dated=True,
            ),
            Part(
                Guardian,
                link="student",
                fields={"guardian": "name", "relation": "relation", "phone": "phone"},
                rows=lambda on: Guardian.objects.filter(position=1),
                fixed={"position": 1},
            ),
            Part(
                Enrolment,
                link="student",
                fields={
                    "school": "school",
                    "grade": "grade",
                    "class_name": "class_name",
                    "boards": "boards",
                    "entered_on": "entered_on",
                },
                rows=lambda on: Enrolment.objects.open(on),
                identity="school",
                order=("valid_from",),
                needs=("school", "grade"),
                is_dated=True,
                ended={"end_reason": Enrolment.End.TRANSFERRED.value},
                begins_with="entered_on",
                begins=school_year_begins,
            ),
        ),
        finds=(
            Find("id_number", PAPER),
            Find("roll_number", ROLL, agreeing=("name",)),
        ),
        holder=lambda on: Student.objects.with_holder(on),
        living=lambda: Student.objects.living(),
        alike=Alike(("name", "born_on"), within="school", ask=ask_who),
        missing=Missing("school", {"end_reason": Enrolment.End.NOT_LISTED.value}, names=not_listed),
        subject="name",
        mask=masks.name,
        propose=propose,
        proposes=("school", "grade", "class_name"),
    )

    def settle(self, change_set, context, at):
        """Other children go to the schools of the sheet, and to those that they came from."""
        touch_enrolled(
            rosters.schools_about(change_set, context.unit, on=context.on),
            since=school_year_begins(context.on),
            on=context.on,
        )
        lists.follow_children(change_set)
