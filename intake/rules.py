"""Checks across the columns of a row that several kinds share: a person's numbers, dates, sums.

A rule is made with the columns it looks at, in the body of the kind that declares them.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from intake.columns.base import BLANK, CLEAR, Column
from intake.columns.identity import OtherPaper
from intake.columns.units import OneOf
from intake.faults import declare
from intake.kinds import Chunk, Rule
from registry.models import Closure, IdKind, in_force

declare(
    {
        "birth_differs": (
            _("“%(header)s”与%(other)s里的不一样"),
            _("对照证件改正其中一个。"),
        ),
        "sex_differs": (
            _("“%(header)s”与%(other)s里的不一样"),
            _("对照证件改正其中一个。"),
        ),
        "roll_differs": (
            _("“%(header)s”里的号码与%(other)s不一样"),
            _("证件改过号就不用管；写错了就改正。"),
        ),
        "id_kind_differs": (
            _("“%(header)s”是居民身份证号，“%(other)s”写的是别的"),
            _("改正“%(other)s”。"),
        ),
        "before_first": (
            _("“%(header)s”早于“%(other)s”"),
            _("改正其中一个。"),
        ),
        "sum_differs": (
            _("“%(header)s”不等于%(parts)s之和"),
            _("核对后改正。"),
        ),
        "unit_elsewhere": (
            _("“%(header)s”不在这一行的“%(other)s”"),
            _("改正其中一个。"),
        ),
    }
)


class BirthFitsId(Rule):
    """The birth date is the one that the identity number holds."""

    def __init__(self, id_number: Column, born_on: Column):
        self.id_number, self.born_on = id_number, born_on

    @property
    def title(self):
        return _now("“%(born)s”与“%(number)s”里的一致") % {
            "born": self.born_on.header,
            "number": self.id_number.header,
        }

    def check(self, chunk):
        name, params = self.born_on.name, _sides(self.born_on, self.id_number)
        spelled = {}
        pairs = zip(chunk.values[self.id_number.name], chunk.values[name], strict=True)
        for at, (number, day) in enumerate(pairs):
            if number.__class__ is not str or day is BLANK or day is CLEAR:
                continue
            if day not in spelled:
                spelled[day] = f"{day:%Y%m%d}"
            if number[6:14] != spelled[day]:
                yield at, name, "birth_differs", params


def _sides(column: Column, other: Column) -> dict:
    return {"header": str(column.header), "other": str(other.header)}


class SexFitsId(Rule):
    """The sex is the one that the identity number holds."""

    def __init__(self, id_number: Column, sex: Column):
        self.id_number, self.sex = id_number, sex

    @property
    def title(self):
        return _now("“%(sex)s”与“%(number)s”里的一致") % {
            "sex": self.sex.header,
            "number": self.id_number.header,
        }

    def check(self, chunk):
        name, params = self.sex.name, _sides(self.sex, self.id_number)
        pairs = zip(chunk.values[self.id_number.name], chunk.values[name], strict=True)
        for at, (number, sex) in enumerate(pairs):
            if (
                number.__class__ is str
                and sex.__class__ is str
                and (number[16] in "13579") != (sex == "1")
            ):
                yield at, name, "sex_differs", params


class RollFitsId(Rule):
    """A G number of the school roll holds the identity number; after a correction it may differ."""

    is_warning = True

    def __init__(self, id_number: Column, roll_number: Column):
        self.id_number, self.roll_number = id_number, roll_number

    @property
    def title(self):
        return _now("“%(roll)s”以 G 开头的，后面是“%(number)s”（不同只提醒）") % {
            "roll": self.roll_number.header,
            "number": self.id_number.header,
        }

    def check(self, chunk):
        name, params = self.roll_number.name, _sides(self.roll_number, self.id_number)
        pairs = zip(chunk.values[self.id_number.name], chunk.values[name], strict=True)
        for at, (number, roll) in enumerate(pairs):
            if (
                number.__class__ is str
                and roll.__class__ is str
                and roll[0] == "G"
                and roll[1:] != number
            ):
                yield at, name, "roll_differs", params


class IdFitsKind(Rule):
    """A number is a resident's where 证件类型 says so or says nothing; only 其他 may have none."""

    def __init__(self, id_kind: Column, id_number: Column):
        self.id_kind, self.id_number = id_kind, id_number

    @property
    def title(self):
        return _now("“%(number)s”合乎“%(kind)s”，没写的按居民身份证；“其他”可以没有号码") % {
            "number": self.id_number.header,
            "kind": self.id_kind.header,
        }

    def check(self, chunk):
        name, params = self.id_number.name, _sides(self.id_number, self.id_kind)
        kinds = chunk.values.get(self.id_kind.name) or [BLANK] * len(chunk.rows)
        for at, (kind, number) in enumerate(zip(kinds, chunk.values[name], strict=True)):
            resident = kind is BLANK or kind is CLEAR or kind == IdKind.RESIDENT
            if number.__class__ is OtherPaper:
                if resident:
                    yield at, name, number.fault.code, number.fault.params
            elif number.__class__ is str:
                if not resident and number[0] != "9":
                    yield at, name, "id_kind_differs", params
            elif number is BLANK and self.id_number.required and kind != IdKind.OTHER:
                yield at, name, "required", {"header": params["header"]}


class FirstBeforeLast(Rule):
    """A day is not before another one of the same row."""

    def __init__(self, first: Column, last: Column):
        self.first, self.last = first, last

    @property
    def title(self):
        return _now("“%(last)s”不早于“%(first)s”") % {
            "last": self.last.header,
            "first": self.first.header,
        }

    def check(self, chunk):
        name, params = self.last.name, _sides(self.last, self.first)
        pairs = zip(chunk.values[self.first.name], chunk.values[name], strict=True)
        for at, (first, last) in enumerate(pairs):
            if first and last and first is not CLEAR and last is not CLEAR and last < first:
                yield at, name, "before_first", params


class SumOf(Rule):
    """A column is the sum of others (1列=2列+5列): where it and one of them are filled in.

    A part left blank counts as nothing: in such tables it means none.
    """

    def __init__(self, total: Column, *parts: Column):
        self.total, self.parts = total, parts

    @property
    def _said(self) -> str:
        return "、".join(f"“{part.header}”" for part in self.parts)

    @property
    def title(self):
        return _now("“%(total)s”等于%(parts)s之和") % {
            "total": self.total.header,
            "parts": self._said,
        }

    def check(self, chunk):
        name, params = self.total.name, {"header": str(self.total.header), "parts": self._said}
        columns = [chunk.values[part.name] for part in self.parts]
        totals = chunk.values[name]
        for at, (total, *parts) in enumerate(zip(totals, *columns, strict=True)):
            given = [part for part in parts if part is not BLANK and part is not CLEAR]
            if given and total is not BLANK and total is not CLEAR and sum(given) != total:
                yield at, name, "sum_differs", params


class SchoolInBanner(Rule):
    """A school lies in the banner that its row names; a name of several schools is settled by it.

    It puts the school's id in the place of OneOf, so it stands first among a kind's rules.
    """

    def __init__(self, banner: Column, school: Column, above: dict | None = None):
        self.banner, self.school, self.above = banner, school, above or {}

    @property
    def title(self):
        return _now("“%(school)s”在所写的“%(banner)s”里") % {
            "school": self.school.header,
            "banner": self.banner.header,
        }

    def begin(self, context):
        pairs = Closure.objects.filter(
            in_force(context.on), descendant__kind__in=self.school.kinds
        ).values_list("descendant", "ancestor")
        above = {}
        for school, unit in pairs:
            above.setdefault(school, set()).add(unit)
        return SchoolInBanner(self.banner, self.school, above)

    def check(self, chunk: Chunk) -> Iterable[tuple[int, str, str, dict]]:
        name, params = self.school.name, _sides(self.school, self.banner)
        schools = chunk.values[name]
        banners = chunk.values.get(self.banner.name) or [BLANK] * len(schools)
        nowhere = frozenset()
        for at, (school, banner) in enumerate(zip(schools, banners, strict=True)):
            if school.__class__ is OneOf:
                fits = [one for one in school if banner in self.above.get(one, nowhere)]
                schools[at] = fits[0] if len(fits) == 1 else BLANK
                if len(fits) != 1:
                    count = {"header": params["header"], "count": len(school)}
                    yield at, name, "unit_ambiguous", count
            elif (
                school is not BLANK
                and school is not CLEAR
                and banner is not BLANK
                and banner is not CLEAR
                and banner not in self.above.get(school, nowhere)
            ):
                yield at, name, "unit_elsewhere", params
