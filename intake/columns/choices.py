"""Yes and no, and words out of a list."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from intake.columns.base import Column
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

SOURCE_LANGUAGE = "zh-hans"  # of sheets: what stands in a cell is not translated


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
        return ["是", "否"]  # data

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
    return "".join(settle(text).casefold().split()).strip("()（）[]【】")


class Choice(Column):
    """A word out of a list: its label, its code, both together, or a synonym; the value is the code.

    Synonyms that offices use for the registry's own lists are known (`synonyms.SYNONYMS`).
    `without` takes codes out that no sheet may name.
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
        self.synonyms = SYNONYMS.get(options.__name__, {}) | (synonyms or {})

    def choices(self, context):
        return [self.excel(option) for option in self.options]

    def bind(self, context):
        header, known = str(self.header), self._known()
        nearest = Nearest({normal_form(label): label for label in self.choices(context)})

        def read(cell):
            code = known.get(normal_form(written(cell)))
            if code is not None:
                return code
            if near := nearest.to(written(cell)):
                raise BadCell("choice_near", header=header, near="、".join(near))
            raise BadCell("choice_unknown", header=header)

        return read

    def _known(self) -> dict[str, str]:
        """Every accepted spelling in its normal form; a label wins over a synonym."""
        known = {normal_form(word): str(code) for word, code in self.synonyms.items()}
        for option in self.options:
            label, code = normal_form(self.excel(option)), normal_form(option)
            spellings = [label, code, code + label, label + code]
            if code.isdigit():
                bare = str(int(code))
                spellings += [bare, bare + label]
            known |= dict.fromkeys(spellings, str(option.value))
        return {spelling: code for spelling, code in known.items() if code in self.options}

    def shown(self, value):
        return str(self._option(value).label) if value else ""

    def excel(self, value):
        if not value:
            return ""
        with override(SOURCE_LANGUAGE):
            return str(self._option(value).label)

    def _option(self, value):
        return next(option for option in self.options if option == value)


class Ethnicity(Choice):
    """民族: by name with and without 族, or by code."""

    type_name = "ethnicity"

    def __init__(self, header, **rest):
        super().__init__(header, EthnicityCode, **rest)

    def _known(self):
        known = super()._known()
        for option in self.options:
            short = normal_form(self.excel(option)).removesuffix("族")  # data
            known.setdefault(short, str(option.value))
        return known
