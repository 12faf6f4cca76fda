"""What is still missing before a case may stand at its next stage, as the page tells it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.templatetags.ax import cndate
from dropout.models import IN_QUESTION, OUT_OF_SCHOOL, State


@dataclass(frozen=True)
class Proof:
    label: str
    there: bool
    note: str = ""


def proofs_of(sheet) -> list[Proof]:
    """Of the stage that comes next; what is there already stands with it."""
    state = sheet.episode.state
    if state in IN_QUESTION:
        return _to_confirm(sheet)
    if state in OUT_OF_SCHOOL:
        return [_confirmed(sheet), *_to_place(sheet)]
    if state == State.PLACED:
        return _to_watch(sheet)
    if state == State.WATCHED:
        return [*_to_watch(sheet), *_to_close(sheet)]
    return [_confirmed(sheet)] if sheet.episode.confirmed_on else []


def _to_confirm(sheet) -> list[Proof]:
    began = sheet.episode.verifying_on
    return [
        Proof(_("开始核实"), began is not None, cndate(began, sheet.today)),
        Proof(_("确认，或排除的佐证"), False, _("见到学生或家长，弄清在不在校、为什么")),
    ]


def _confirmed(sheet) -> Proof:
    day = sheet.episode.confirmed_on
    return Proof(_("确认失学、辍学"), day is not None, cndate(day, sheet.today))


def _to_place(sheet) -> list[Proof]:
    n = len(sheet.visits)
    return [
        Proof(_("劝返记录"), n > 0, _("%(n)s 次") % {"n": n} if n else ""),
        Proof(_("安置"), False, _("返校的写学校、年级和班；送教的写计划；延缓、休学的写批文")),
    ]


def _to_watch(sheet) -> list[Proof]:
    placement = sheet.placement
    if placement is None:
        return [Proof(_("安置"), False)]
    placed = Proof(placement.get_kind_display(), True, cndate(placement.began_on, sheet.today))
    if placement.is_at_school:
        day = placement.attended_on
        return [placed, Proof(_("核实在校"), day is not None, cndate(day, sheet.today))]
    if placement.is_at_home:
        n = len(sheet.lessons)
        said = _("%(n)s 次") % {"n": n} if n else ""
        return [
            placed,
            Proof(_("送教计划"), sheet.plan is not None),
            Proof(_("送教记录"), n > 0, said),
        ]
    until = cndate(placement.ends_on, sheet.today)
    paper = f"{placement.authority} {placement.document_number}"
    return [placed, Proof(_("批准文件"), True, paper), Proof(_("批准期满日"), True, until)]


def _to_close(sheet) -> list[Proof]:
    looks = [
        Proof(
            _("第 %(n)s 天在校") % {"n": watch.days},
            watch.answered_on is not None,
            watch.get_answer_display(),
        )
        for watch in sheet.watches
    ]
    asked = sheet.closing is not None
    return [*looks, Proof(_("销号申请"), asked), Proof(_("另一人审核"), False)]
