"""`manage.py intake_form`: the blank or pre-filled form of a kind, as that person would download it."""

from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from common import clock
from common.periods import Period
from intake.columns.base import Context
from intake.forms import NotAllowed, blank_form, filled_form
from intake.management.asked import (
    UNUSABLE,
    CannotUse,
    facts_for,
    kind_for,
    pairs,
    period_for,
    person,
    unit_for,
)


class Command(BaseCommand):
    help = "Write the blank form of a report kind; --filled: with what the portal holds."

    def add_arguments(self, parser):
        parser.add_argument("kind", help="slug of a report kind, see `intake --kinds`")
        parser.add_argument("--by", metavar="USERNAME", required=True)
        parser.add_argument("-o", "--output", metavar="FILE", required=True)
        parser.add_argument("--filled", action="store_true", help="list what the portal holds")
        parser.add_argument("--unmask", metavar="REASON", default="", help="numbers in clear")
        parser.add_argument("--unit", default="", help="name or key; the person's own without it")
        parser.add_argument("--fact", action="append", default=[], metavar="KEY=VALUE")
        parser.add_argument("--period", default="", help="2025, 2025Q3, 2025-09, 2024/25-1 …")

    def handle(self, **options):
        try:
            self.hand_out(**options)
        except CannotUse as reason:
            self.stderr.write(str(reason))
            raise SystemExit(UNUSABLE) from None

    def hand_out(self, *, kind, by, output, filled, unmask, unit, period, fact, **_options):
        user, on = person(by), clock.today()
        declared = kind_for(kind, user)
        if declared.takes_period and not period:
            raise CannotUse(_("这个表种要用 --period 指明期别。"))
        period = period_for(period)
        context = Context(
            user=user,
            permission=declared.permission,
            on=on,
            unit=unit_for(user, declared, unit, on=on),
            period=Period.parse(period) if period else None,
        )
        context.facts = facts_for(declared, pairs(fact, _("事实")), context)
        try:
            form = (
                filled_form(declared, context, reason=unmask)
                if filled
                else blank_form(declared, context)
            )
            Path(output).write_bytes(form.content)
        except NotAllowed as refused:
            raise CannotUse(str(refused)) from None
        except OSError as problem:
            raise CannotUse(
                _("写不了文件 %(name)s：%(why)s") % {"name": output, "why": problem.strerror}
            ) from None
        self.stdout.write(f"{output}: {form.lines}")
