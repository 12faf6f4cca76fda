"""Checks that the sheets of dropout control share: the age of compulsory schooling, days to come."""

from datetime import date

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dropout.services import rules
from intake.columns import BLANK
from intake.columns.base import Column
from intake.faults import declare
from intake.kinds import Rule
from registry import identity

declare(
    {
        "over_school_age": (
            _("“%(header)s”里的出生日期算来 %(age)s 岁，过了义务教育年龄"),
            _("核对号码；已超龄的不列入，删掉这一行。"),
        ),
        "day_to_come": (
            _("“%(header)s”还没到"),
            _("填已经发生的日期。"),
        ),
    }
)


class OfSchoolAge(Rule):
    """OfSchoolAge(id_number): nobody past the age of compulsory schooling, on the day of the list.

    Who is too young is let through: registers list the children who begin next autumn.
    """

    def __init__(self, id_number: Column, fact: str = "", most: int | None = None, on=None):
        self.id_number, self.fact, self.most, self.on = id_number, fact, most, on

    @property
    def title(self):
        return gettext("“%(header)s”里的出生日期没过义务教育年龄") % {
            "header": self.id_number.header
        }

    def begin(self, context):
        on = context.facts.get(self.fact) or context.on
        return OfSchoolAge(self.id_number, self.fact, rules.in_force().age_to, on)

    def check(self, chunk):
        name, header = self.id_number.name, str(self.id_number.header)
        ages: dict[date, int] = {}
        for at, number in enumerate(chunk.values[name]):
            if number.__class__ is not str:
                continue
            born = identity.birth_date_of(number)
            age = ages.get(born)
            if age is None:
                age = ages[born] = rules.age_on(born, self.on)
            if age > self.most:
                yield at, name, "over_school_age", {"header": header, "age": age}


class NotToCome(Rule):
    """NotToCome(left_on, …): days that have been."""

    def __init__(self, *columns: Column, on: date | None = None):
        self.columns, self.on = columns, on

    @property
    def title(self):
        headers = "、".join(f"“{column.header}”" for column in self.columns)
        return gettext("%(headers)s不晚于今天") % {"headers": headers}

    def begin(self, context):
        return NotToCome(*self.columns, on=context.on)

    def check(self, chunk):
        for column in self.columns:
            params = {"header": str(column.header)}
            for at, day in enumerate(chunk.values[column.name]):
                if day is not BLANK and day.__class__ is date and day > self.on:
                    yield at, column.name, "day_to_come", params
