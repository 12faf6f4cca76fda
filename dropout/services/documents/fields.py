"""What a template may name. Nothing else of the portal can be reached from a template."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import masks
from dropout.models import Notice
from registry.models import Enrolment, IdKind, Unit


class Paper:
    """What the fields of one notice are taken from; `whole` where guarded values are not masked."""

    def __init__(self, notice: Notice, *, whole: bool):
        self.notice, self.whole = notice, whole
        self.episode = notice.episode
        self.case = notice.episode.case
        self.child = self.case.student

    def guarded(self, value: str, mask: Callable) -> str:
        return value if self.whole or not value else mask(value)

    @cached_property
    def guardian(self):
        return self.child.guardians.order_by("position").first()

    @cached_property
    def enrolment(self):
        """Where the child went to school last."""
        rows = Enrolment.objects.of_student(self.child).select_related("school")
        return rows.order_by("-valid_from", "-pk").first()

    @cached_property
    def number(self) -> str:
        papers = self.child.identifiers.current().exclude(kind=IdKind.ROLL)
        first = papers.order_by("kind", "pk").first()
        return first.value if first else ""

    def name_of(self, unit: Unit | None) -> str:
        return unit.name if unit else ""


@dataclass(frozen=True)
class Field:
    """One word that a template may hold between double braces."""

    name: str
    about: str | Promise
    sample: str
    value: Callable[[Paper], object]
    guarded: bool = False  # encrypted at rest: the event of a filled document names it


def _of_guardian(name: str) -> Callable[[Paper], str]:
    return lambda paper: getattr(paper.guardian, name) if paper.guardian else ""


def _of_enrolment(read: Callable) -> Callable[[Paper], str]:
    return lambda paper: read(paper.enrolment) if paper.enrolment else ""


def _relation(paper: Paper) -> str:
    return paper.guardian.get_relation_display() if paper.guardian else ""


FIELDS = (  # data
    Field("文号", _("文书的文号"), "阿左教责改〔2025〕12 号", lambda p: p.notice.number),
    Field("发文日期", _("文书的日期"), "2025年9月28日", lambda p: p.notice.issued_on),
    Field("发文机关", _("以谁的名义发"), "某旗教育体育局", lambda p: p.notice.issuer),
    Field("送达对象", _("送给谁"), "监护人（示例）", lambda p: p.notice.addressee),
    Field("期限", _("要在哪天以前做到；没有就空着"), "2025年10月12日", lambda p: p.notice.deadline),
    Field(
        "法律依据",
        _("登记文书时由工作人员写的；平台不代写"),
        "（由工作人员填写）",
        lambda p: p.notice.legal_basis,
    ),
    Field("学生姓名", _("学生的姓名"), "示例学生", lambda p: p.child.name),
    Field("性别", _("学生的性别"), "男", lambda p: p.child.get_sex_display()),
    Field("出生日期", _("学生的出生日期"), "2012年3月5日", lambda p: p.child.born_on),
    Field(
        "身份证号",
        _("学生的证件号"),
        "152921201203050000",
        lambda p: p.guarded(p.number, masks.id_number),
        guarded=True,
    ),
    Field(
        "学校", _("现在或最后就读的学校"), "某旗示例中学", _of_enrolment(lambda e: e.school.name)
    ),
    Field("年级", _("年级"), "八年级", _of_enrolment(lambda e: e.get_grade_display())),
    Field("班级", _("班级"), "2班", _of_enrolment(lambda e: e.class_name)),
    Field("苏木镇", _("住在哪个苏木镇（街道）"), "示例苏木", lambda p: p.name_of(p.case.township)),
    Field("负责单位", _("负责这名学生的旗区"), "某旗", lambda p: p.name_of(p.case.unit)),
    Field("监护人姓名", _("第一监护人"), "示例监护人", _of_guardian("name")),
    Field("与学生关系", _("监护人与学生的关系"), "父亲", _relation),
    Field(
        "监护人电话",
        _("第一监护人的电话"),
        "13800000000",
        lambda p: p.guarded(_of_guardian("phone")(p), masks.phone),
        guarded=True,
    ),
    Field(
        "现住址",
        _("学生的现住址"),
        "示例苏木示例嘎查 1 号",
        lambda p: p.guarded(p.child.home_address, masks.address),
        guarded=True,
    ),
    Field(
        "户籍所在地",
        _("学生的户籍所在地"),
        "示例苏木示例嘎查",
        lambda p: p.guarded(p.child.registered_address, masks.address),
        guarded=True,
    ),
    Field("类型", _("失学或辍学"), "辍学", lambda p: p.episode.get_kind_display()),
    Field("辍学时间", _("哪天起不在校；没有就空着"), "2025年9月1日", lambda p: p.episode.left_on),
    Field("送达日期", _("哪天送达；没送达就空着"), "2025年9月29日", lambda p: p.notice.served_on),
    Field("送达方式", _("怎样送达"), "直接送达", lambda p: p.notice.get_served_by_display()),
    Field("见证人", _("送达时的见证人"), "示例见证人", lambda p: p.notice.witness),
    Field("送达结果", _("送达的结果"), "已签收", lambda p: p.notice.result),
)
NAMES = frozenset(field.name for field in FIELDS)
GUARDED = frozenset(field.name for field in FIELDS if field.guarded)


def samples() -> dict[str, str]:
    return {field.name: field.sample for field in FIELDS}


def blanks() -> dict[str, str]:
    return {field.name: "" for field in FIELDS}


def values_of(notice: Notice, names: Iterable[str], *, whole: bool) -> dict[str, str]:
    """The words that fill a template of these names. The paper is Chinese, whoever asks for it."""
    asked, paper = set(names), Paper(notice, whole=whole)
    with translation.override("zh-hans"):
        return blanks() | {
            field.name: _word(field.value(paper)) for field in FIELDS if field.name in asked
        }


def _word(value) -> str:
    """A day as it is written on paper; a text without what XML cannot hold or Word would obey."""
    if value is None:
        return ""
    if hasattr(value, "strftime"):
        return f"{value.year}年{value.month}月{value.day}日"  # data
    return "".join(sign if sign.isprintable() else " " for sign in str(value))
