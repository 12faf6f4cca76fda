"""Two records beside each other, part by part. Numbers are masked for everybody."""

from django.utils.translation import gettext as _

from common import masks
from common.templatetags.ax import cndate
from registry.matching import Agreement

NOTHING = "—"
LOOK = {
    Agreement.AGREES: "ok",
    Agreement.NEAR: "risk",
    Agreement.DIFFERS: "behind",
    Agreement.UNKNOWN: "none",
}


def rows_of(pair, left: dict, right: dict | None) -> list[dict]:
    """`right` is None where the child is not this reader's to see."""
    return [
        {
            "label": part,
            "left": left.get(code, NOTHING),
            "right": right.get(code, NOTHING) if right is not None else _("不归本单位看"),
            "look": LOOK[how],
            "word": Agreement(how).label,
        }
        for (code, how), part in zip(pair.parts, pair.parts_told, strict=True)
    ]


def told_of_student(student, masked: bool) -> dict:
    """`student` with its identifiers and guardians."""
    papers = [one for one in student.identifiers.all() if one.valid_to is None]
    guardian = next(iter(student.guardians.all()), None)
    return {
        "NUMBER": masks.id_number(papers[0].value) if papers else NOTHING,
        "NAME": masks.name(student.name) if masked else student.name,
        "BIRTH": cndate(student.born_on) if student.born_on else NOTHING,
        "TOWNSHIP": student.residence.short if student.residence else NOTHING,
        "GUARDIAN": masks.name(guardian.name) if guardian and guardian.name else NOTHING,
    }


def told_of_guardian(guardian, masked: bool) -> dict:
    home = guardian.student.residence
    return {
        "NUMBER": masks.id_number(guardian.id_number) if guardian.id_number else NOTHING,
        "NAME": masks.name(guardian.name) if masked else guardian.name,
        "TOWNSHIP": home.short if home else NOTHING,
    }


def told_of_member(member, masked: bool) -> dict:
    """The child named beside, else the member itself."""
    is_child = bool(member.child_name or member.child_id_number)
    name = member.child_name if is_child else member.name
    number = member.child_id_number if is_child else member.id_number
    return {
        "NUMBER": masks.id_number(number) if number else NOTHING,
        "NAME": masks.name(name) if masked else name,
        "TOWNSHIP": member.township.short if member.township else NOTHING,
        "GUARDIAN": masks.name(member.name) if is_child else NOTHING,
    }
