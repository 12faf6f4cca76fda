"""Two records of maybe one child, side by side; numbers and addresses are masked in both."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from common import masks
from common.templatetags.ax import cndate
from registry.models import Student


@dataclass(frozen=True)
class Line:
    """One fact in both records; `fills` where the record that stays has none and takes the other's."""

    label: str
    keep: list[str]
    drop: list[str]
    fills: bool = False
    differs: bool = False  # both have it, and not the same


def side_by_side(keep: Student, drop: Student, *, today: date) -> list[Line]:
    mine, theirs = _facts_of(keep), _facts_of(drop)
    lines = [
        Line(
            label,
            mine[label],
            theirs[label],
            fills=bool(theirs[label] and not mine[label]),
            differs=bool(theirs[label] and mine[label] and theirs[label] != mine[label]),
        )
        for label in mine
    ]
    parts = (
        (_("证件"), _numbers),
        (_("就读"), _enrolments),
        (_("监护人"), _guardians),
        (_("部门名单"), _lists),
    )
    return lines + [Line(label, part(keep, today), part(drop, today)) for label, part in parts]


def _facts_of(student: Student) -> dict[str, list[str]]:
    facts = {
        _("姓名"): student.name,
        _("性别"): student.get_sex_display(),
        _("民族"): student.get_ethnicity_display(),
        _("出生日期"): cndate(student.born_on),
        _("居住地"): student.residence.name if student.residence else "",
        _("户籍所在地"): masks.address(student.registered_address),
        _("现住址"): masks.address(student.home_address),
        _("备注"): student.remark,
    }
    if not student.registered_address:
        facts[_("户籍所在地")] = ""
    if not student.home_address:
        facts[_("现住址")] = ""
    return {label: [text] if text else [] for label, text in facts.items()}


def _numbers(student: Student, today: date) -> list[str]:
    return [
        f"{one.get_kind_display()} {masks.id_number(one.value)}"
        for one in student.identifiers.current().order_by("kind", "pk")
    ]


def _enrolments(student: Student, today: date) -> list[str]:
    ordered = student.enrolments.select_related("school").order_by("-valid_from", "-pk")
    return [
        _("%(place)s（%(first)s 至 %(last)s）")
        % {
            "place": f"{one.school.name} {one.get_grade_display()} {one.class_name}".strip(),
            "first": cndate(one.valid_from),
            "last": cndate(one.valid_to) or _("现在"),
        }
        for one in ordered
    ]


def _guardians(student: Student, today: date) -> list[str]:
    return [
        " ".join(filter(None, [one.name, one.get_relation_display(), masks.phone(one.phone)]))
        for one in student.guardians.order_by("position")
    ]


def _lists(student: Student, today: date) -> list[str]:
    """How many, not which: some categories are not for every eye."""
    count = student.memberships.count()
    return [_("%(n)s 份") % {"n": count}] if count else []
