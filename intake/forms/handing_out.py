"""The deed: make a form for a person, within what the person may see, and write down that it went out."""

import io
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common import audit
from common.workbooks import rows_as_xml, save
from intake.columns.base import Context
from intake.forms.filling import held_of, lines_of
from intake.forms.layout import lay_out
from intake.kinds import ReportKind
from registry.models import units_seen_by

UNMASK = "registry.unmask_student"


class NotAllowed(Exception):
    """The person may not have this form; the text says why."""


@dataclass(frozen=True)
class Form:
    """A workbook to hand out: its name, its bytes, and how many records it lists."""

    name: str
    content: bytes
    lines: int = 0


def blank_form(kind: ReportKind, context: Context) -> Form:
    """The empty form. It tells nobody anything, so nothing is written down."""
    _check(kind, context)
    return _made(kind, context, _("空表"), [], unmasked=False, with_tokens=False)


def filled_form(kind: ReportKind, context: Context, *, reason: str = "") -> Form:
    """What the portal holds for the unit (and period), one line a record, personal numbers masked.

    With a reason they stand there whole, for who may see them so. One event in each case.
    """
    check_filled(kind, context, reason)
    held = held_of(kind, context)
    form = _made(kind, context, _("预填表"), held, unmasked=bool(reason), with_tokens=True)
    audit.record(
        "intake.form_filled",
        context.unit,
        by=context.user,
        after={
            "kind": kind.slug,
            "period": context.period.code if context.period else "",
            "rows": len(held),
            "unmasked": bool(reason),
            "reason": reason,
        },
    )
    return form


def _check(kind: ReportKind, context: Context) -> None:
    """The kind is the person's to hand in, and so is the unit. Else its children would be told."""
    seen = units_seen_by(context.user, context.permission, on=context.on)
    if not context.user.has_perm(kind.permission) or context.permission != kind.permission:
        raise NotAllowed(_("您不填报这种表。"))
    if context.unit is None or not seen.filter(descendant=context.unit).exists():
        raise NotAllowed(_("这个单位的表不归您填报。"))


def check_filled(kind: ReportKind, context: Context, reason: str) -> None:
    """NotAllowed unless the person may have this form, and has said of what it is."""
    _check(kind, context)
    _check_asked(kind, context)
    if reason and not context.user.has_perm(UNMASK):
        raise NotAllowed(_("您不能取完整的号码，只能取打星号的表。"))


def _check_asked(kind: ReportKind, context: Context) -> None:
    """A filled form lists the rows of one period, of one list: it has to be said which."""
    wanted = [
        str(f.column.header) for f in kind.facts if f.required and f.name not in context.facts
    ]
    if kind.takes_period and context.period is None:
        wanted.append(_("期别"))
    if wanted:
        raise NotAllowed(_("预填表要先说明：%(wanted)s。") % {"wanted": _("、").join(wanted)})


def _made(kind, context, called: str, held: list, *, unmasked: bool, with_tokens: bool) -> Form:
    layout = lay_out(kind, context, lines=len(held), with_tokens=with_tokens)
    lines = lines_of(kind, context, held, unmasked=unmasked)
    stream = io.BytesIO()
    rows = rows_as_xml(lines, layout.looks, layout.first_row)
    save(layout.book, stream, lines={layout.sheet.title: rows})
    parts = [str(kind.title), called, context.unit.name if context.unit else ""]
    if context.period:
        parts.append(context.period.label)
    name = "-".join(part.replace("/", "-") for part in parts if part)
    return Form(f"{name}.xlsx", stream.getvalue(), len(held))
