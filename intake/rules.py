"""Checks across the columns of a row that several kinds share: a person's numbers, dates, sums.

A rule is made with the columns it looks at, in the body of the kind that declares them:

    rules = (IdFitsKind(id_kind, id_number), BirthFitsId(id_number, born_on))

A column that the sheet lacks counts as blank.
"""

from datetime import date

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.columns.base import BLANK, CLEAR, Column
from intake.columns.identity import OtherPaper
from intake.columns.units import OneOf, ancestors
from intake.faults import declare
from intake.kinds import Chunk, Rule
from registry.id_numbers import LENGTH
from registry.models import IdKind, Sex

declare(
    {
        "birth_differs": (
            _("“%(header)s”与“%(other)s”里的不一样"),
            _("对照证件，改正其中一个。"),
        ),
        "sex_differs": (
            _("“%(header)s”与“%(other)s”里的不一样"),
            _("对照证件，改正其中一个。"),
        ),
        "roll_differs": (
            _("“%(header)s”里的号码与“%(other)s”不一样"),
            _("证件改过号的不用管，写错了的改正。"),
        ),
        "id_kind_differs": (
            _("“%(header)s”是居民身份证号，“%(other)s”写的是别的"),
            _("改正“%(other)s”。"),
        ),
        "id_kind_missing": (
            _("“%(header)s”不是居民身份证号"),
            _("是别的证件，就填上“%(other)s”；不是就改正号码。"),
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
            _("“%(header)s”不在这一行写的“%(other)s”里"),
            _("改正其中一个。"),
        ),
        "unit_of_which": (
            _("“%(header)s”有 %(count)s 个单位叫这个名称"),
            _("填上“%(other)s”，或写全称、代码。"),
        ),
    }
)


# What 证件类型 may say beside a resident's number.
_RESIDENT = frozenset({IdKind.RESIDENT.value, BLANK, CLEAR})


def _cells(chunk: Chunk, column: Column) -> list:
    return chunk.values.get(column.name) or [BLANK] * len(chunk.rows)


def _given(value) -> bool:
    return value is not BLANK and value is not CLEAR


class PairRule(Rule):
    """A rule on two columns of a row; what it finds is said at the second one."""

    sentence = ""  # the title, with %(one)s and %(other)s for the two headers

    def __init__(self, one: Column, other: Column):
        self.one, self.other = one, other

    @property
    def title(self):
        return self.sentence % {"one": self.one.header, "other": self.other.header}

    def check(self, chunk):
        name = self.other.name
        params = {"header": str(self.other.header), "other": str(self.one.header)}
        pairs = zip(_cells(chunk, self.one), _cells(chunk, self.other), strict=True)
        for at, code in self.faults(pairs):
            yield at, name, code, params

    def faults(self, pairs):
        """(position, fault code) of the pairs of values that do not fit."""
        raise NotImplementedError


class BirthFitsId(PairRule):
    """BirthFitsId(id_number, born_on): the birth date is the one in the identity number."""

    sentence = _("“%(other)s”与“%(one)s”里的一致")

    def faults(self, pairs):
        spelled = {}
        for at, (number, born) in enumerate(pairs):
            if number.__class__ is str and born.__class__ is date:
                day = spelled.get(born)
                if day is None:
                    day = spelled[born] = f"{born:%Y%m%d}"
                if number[6:14] != day:
                    yield at, "birth_differs"


class SexFitsId(PairRule):
    """SexFitsId(id_number, sex): the sex is the one in the identity number."""

    sentence = _("“%(other)s”与“%(one)s”里的一致")

    def faults(self, pairs):
        signs = {Sex.MALE.value: "13579", Sex.FEMALE.value: "02468"}
        for at, (number, sex) in enumerate(pairs):
            if number.__class__ is str and sex in signs and number[16] not in signs[sex]:
                yield at, "sex_differs"


class RollFitsId(PairRule):
    """RollFitsId(id_number, roll_number): a G number holds the identity number.

    After a correction of one of them they may differ: a warning.
    """

    is_warning = True
    sentence = _("“%(other)s”以 G 开头的，后面是“%(one)s”；不同的只提醒")

    def faults(self, pairs):
        for at, (number, roll) in enumerate(pairs):
            both = number.__class__ is str and roll.__class__ is str
            if both and roll[0] == "G" and roll[1:] != number:
                yield at, "roll_differs"


class FirstBeforeLast(PairRule):
    """FirstBeforeLast(valid_from, valid_to): the second day is not before the first."""

    sentence = _("“%(other)s”不早于“%(one)s”")

    def faults(self, pairs):
        for at, (first, last) in enumerate(pairs):
            if _given(first) and _given(last) and last < first:
                yield at, "before_first"


class IdFitsKind(Rule):
    """IdFitsKind(id_kind, id_number): a number is a resident's where 证件类型 says so or is blank.

    It asks for the number too, which only 其他 may lack. An OtherPaper that it lets through is one
    that the row names.
    """

    def __init__(self, id_kind: Column, id_number: Column):
        self.id_kind, self.id_number = id_kind, id_number

    @property
    def title(self):
        words = {"number": self.id_number.header, "kind": self.id_kind.header}
        return gettext("“%(number)s”合乎“%(kind)s”，没写的按居民身份证；“其他”可以没有号码") % words

    def check(self, chunk):
        name, required = self.id_number.name, self.id_number.required
        params = {"header": str(self.id_number.header), "other": str(self.id_kind.header)}
        pairs = zip(_cells(chunk, self.id_kind), _cells(chunk, self.id_number), strict=True)
        for at, (kind, number) in enumerate(pairs):
            resident = kind in _RESIDENT
            if number.__class__ is str:
                if not resident and number[0] != "9":
                    yield at, name, "id_kind_differs", params
            elif number.__class__ is OtherPaper:
                if resident:
                    yield at, name, *_why_no_resident(number, kind, params)
            elif number is BLANK and required and kind != IdKind.OTHER:
                yield at, name, "required", params


def _why_no_resident(number: OtherPaper, kind, params: dict) -> tuple[str, dict]:
    """A passport's number beside no kind is another mistake than a digit too few, or an O for a 0."""
    is_residents = len(number) == LENGTH and sum(map(str.isdigit, number)) >= LENGTH - 2
    if not _given(kind) and not number[:-1].isdigit() and not is_residents:
        return "id_kind_missing", params
    return number.fault.code, number.fault.params


class SumOf(Rule):
    """SumOf(total, a, b): 1列=2列+5列, where the total and one of its parts are filled in.

    A part left blank counts as nothing: in such tables it means none.
    """

    def __init__(self, total: Column, *parts: Column):
        self.total, self.parts = total, parts

    @property
    def params(self) -> dict:
        parts = "、".join(f"“{part.header}”" for part in self.parts)
        return {"header": str(self.total.header), "parts": parts}

    @property
    def title(self):
        return gettext("“%(header)s”等于%(parts)s之和") % self.params

    def check(self, chunk):
        params, totals = self.params, _cells(chunk, self.total)
        rows = zip(*(_cells(chunk, part) for part in self.parts), strict=True)
        for at, (total, parts) in enumerate(zip(totals, rows, strict=True)):
            given = list(filter(_given, parts))
            if _given(total) and given and sum(given) != total and at not in chunk.bad:
                yield at, self.total.name, "sum_differs", params


class SchoolInBanner(Rule):
    """SchoolInBanner(banner, school): a school lies in the banner that its row names.

    A name that several schools have is settled by the banner: the id takes the place of OneOf. So
    this stands first among a kind's rules, and no other rule or store sees OneOf.
    """

    def __init__(self, banner: Column, school: Column, above: dict | None = None):
        self.banner, self.school, self.above = banner, school, above or {}

    @property
    def title(self):
        words = {"school": self.school.header, "banner": self.banner.header}
        return gettext("“%(school)s”在这一行写的“%(banner)s”里") % words

    def begin(self, context):
        return SchoolInBanner(self.banner, self.school, ancestors(self.school.kinds, context.on))

    def check(self, chunk):
        name, schools = self.school.name, _cells(chunk, self.school)
        params = {"header": str(self.school.header), "other": str(self.banner.header)}
        for at, (school, banner) in enumerate(
            zip(schools, _cells(chunk, self.banner), strict=True)
        ):
            if school.__class__ is OneOf:
                fits = [one for one in school if banner in self.above.get(one, ())]
                schools[at] = fits[0] if len(fits) == 1 else BLANK
                if len(fits) != 1:
                    yield at, name, "unit_of_which", params | {"count": len(school)}
            elif _given(school) and _given(banner) and banner not in self.above.get(school, ()):
                yield at, name, "unit_elsewhere", params
