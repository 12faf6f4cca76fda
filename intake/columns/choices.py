"""Yes and no, and words out of a list."""

from functools import cached_property

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from intake.columns.base import Column, Context
from intake.columns.spelling import Nearest, normal_form, settle, written
from intake.columns.synonyms import NO, SYNONYMS, YES
from intake.faults import BadCell, declare
from registry.models import Ethnicity as EthnicityCode

declare(
    {
        "yes_no_wrong": (
            _("“%(header)s”看不出是或否"),
            _("写“是”或“否”。"),
        ),
        "choice_unknown": (
            _("“%(header)s”里没有这一项"),
            _("从下拉表里选。"),
        ),
        "choice_near": (
            _("“%(header)s”里没有这一项，最近的是%(near)s"),
            _("从下拉表里选。"),
        ),
    }
)

LANGUAGE_OF_SHEETS = "zh-hans"  # what stands in a cell is data and is not translated


class YesNo(Column):
    """Yes or no; a dash in a column of ticks is no. `yes` and `no` add the words of this column."""

    sql = "boolean"
    type_name = "yes_no"
    dashes = ()

    def __init__(self, header, *, yes: tuple[str, ...] = (), no: tuple[str, ...] = (), **rest):
        super().__init__(header, **rest)
        self.words = {_tick(word): True for word in (*YES, *yes)}
        self.words |= {_tick(word): False for word in (*NO, *no)}

    def choices(self, context):
        return [self.excel(True), self.excel(False)]

    def bind(self, context):
        header, words = str(self.header), self.words

        def read(cell):
            if cell.__class__ is bool:
                return cell
            found = words.get(_tick(written(cell)))
            if found is None:
                raise BadCell("yes_no_wrong", header=header)
            return found

        return read

    def shown(self, value):
        if value is None:
            return ""
        return str(_("是")) if value else str(_("否"))

    def excel(self, value):
        if value is None:
            return ""
        return "是" if value else "否"  # data


def _tick(text: str) -> str:
    """Ticks are signs and no letters: only width, case, blanks and brackets are left out."""
    bare = "".join(settle(text).casefold().split())
    return bare.strip("()（）[]【】") or bare


class Choice(Column):
    """A word out of a list: its label, its code, both together, or a synonym; the value is the code.

    Synonyms that offices use for the registry's own lists are known (`synonyms.SYNONYMS`), others
    are given: word -> code. `without` takes codes out that no sheet may name.
    """

    type_name = "choice"

    def __init__(
        self,
        header,
        options: type[models.TextChoices],
        *,
        synonyms: dict[str, str] | None = None,
        without: tuple[str, ...] = (),
        **rest,
    ):
        super().__init__(header, **rest)
        self.options = [option for option in options if option not in without]
        self.synonyms = SYNONYMS.get(options.__qualname__, {}) | (synonyms or {})

    @cached_property
    def labels(self) -> dict[str, str]:
        """Code -> the word as sheets write it."""
        with override(LANGUAGE_OF_SHEETS):
            return {option.value: str(option.label) for option in self.options}

    def choices(self, context):
        return list(self.labels.values())

    def spellings(self, context: Context) -> dict[str, str]:
        """Every accepted spelling, in its normal form, and the code it means."""
        known = {normal_form(word): code for word, code in self.synonyms.items()}
        for code, label in self.labels.items():
            spelled, codes = normal_form(label), {normal_form(code)}
            if code.isdigit():
                codes |= {str(int(code)), code.zfill(2)}
            known |= dict.fromkeys((f"{one}{spelled}" for one in codes), code)
            known |= dict.fromkeys((f"{spelled}{one}" for one in codes), code)
            known |= dict.fromkeys(codes, code)
        known |= {normal_form(label): code for code, label in self.labels.items()}
        return {spelled: code for spelled, code in known.items() if code in self.labels}

    def bind(self, context):
        header, known = str(self.header), self.spellings(context)
        nearest = Nearest({normal_form(label): label for label in self.choices(context)})

        def read(cell):
            text = written(cell)
            code = known.get(normal_form(text))
            if code is not None:
                return code
            if near := nearest.to(text):
                raise BadCell("choice_near", header=header, near="、".join(near))
            raise BadCell("choice_unknown", header=header)

        return read

    def shown(self, value):
        found = [option.label for option in self.options if option.value == value]
        return str(found[0]) if found else ""

    def excel(self, value):
        return self.labels.get(value, "")


class Ethnicity(Choice):
    """民族: by name, with and without 族, or by code."""

    type_name = "ethnicity"

    def __init__(self, header, **rest):
        super().__init__(header, EthnicityCode, **rest)

    def spellings(self, context):
        short = {label.removesuffix("族"): code for code, label in self.labels.items()}  # data
        return short | super().spellings(context)
