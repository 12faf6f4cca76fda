"""What is wrong with a number of a sheet, beside its indicator and what stands in the draft."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from common.figures import State
from intake.columns import BLANK, CLEAR
from intake.faults import declare
from intake.stores.base import RowFault
from intake.stores.deeds import Row
from registry.models import Unit
from tasks_app.indicator_columns import Amount, Unclear
from tasks_app.models import Indicator
from tasks_app.services import numbers
from tasks_app.value_places import Place, Places

declare(
    {
        "indicator_missing": (
            _("没写是哪项指标"),
            _("写代码（如 T07-04）或目录里的全名。"),
        ),
        "code_and_name_differ": (
            _("代码和名称不是同一项指标"),
            _("改正其中一个。"),
        ),
        "wrong_period": (
            _("这项指标%(kind)s报一次，不在这一期"),
            _("删掉这一行，放到它那一期的表里报。"),
        ),
        "not_owed": (
            _("%(unit)s这一期不报这项指标"),
            _("删掉这一行。"),
        ),
        "values_of_another": (
            _("%(unit)s的数不归您填"),
            _("把它的数删掉，由它自己填报。"),
        ),
        "frozen": (
            _("这一期已通过审核，数已冻结，这里的和它不一样"),
            _("要改，在网上走“更正”并写原因；不改，删掉这一行。"),
        ),
        "under_way": (
            _("这一期的报告已经提交，正在审核，这里的和它不一样"),
            _("先在网上撤回报告，再导入。"),
        ),
        "percent_only": (
            _("这是比率，不能只填百分数"),
            _("填分子和分母两个数，比率由平台算。"),
        ),
        "rate_differs": (
            _("“%(header)s”不等于分子除以分母"),
            _("改正其中一个，或空着，由平台算。"),
        ),
        "value_differs": (
            _("“%(header)s”和“%(other)s”不一样，这项指标只有一个数"),
            _("留一个，空一个。"),
        ),
        "word_and_number": (
            _("同一项指标又写了“%(word)s”又写了别的"),
            _("有数就只写数，没有数就只写“%(word)s”。"),
        ),
        "no_denominator": (_("这项指标是个数，没有分母"), _("这一格空着。")),
        "no_case_count": (_("“无个案”只用于比率"), _("个数是零就写 0。")),
        "denominator_missing": (_("这是比率，还缺分母"), _("补上分母；没掌握，只在分子写“未报”。")),
        "numerator_missing": (_("这是比率，还缺分子"), _("补上分子；没掌握，写“未报”。")),
        "over_nothing": (_("分母是 0，分子只能是 0"), _("核对后改正。")),
        "not_whole": (_("“%(header)s”按个数计，要填整数"), _("核对后改正。")),
        "computed_here": (
            _("这个数由平台计算，和表上的不一样"),
            _("这一格空着；平台的数不对，请改它的来源。"),
        ),
    }
)

STATES = frozenset(Amount.words.values())


def judge_values(rows: list[Row], context, headers: dict[str, str]) -> Iterator[RowFault]:
    """All faults of the rows. On the way 数值 becomes the number that it stands for."""
    places = Places(context)
    indicators = Indicator.objects.in_bulk(
        {row.values["indicator"] for row in rows if row.values.get("indicator")}
    )
    units = dict(
        Unit.objects.filter(pk__in={r.values["unit"] for r in rows}).values_list("pk", "name")
    )
    for row in rows:
        found = Checked(row, headers, units.get(row.values["unit"], ""))
        yield from found.faults(indicators.get(row.values.get("indicator")), places)


class Checked:
    """A row that is looked at: an indicator's number for one unit."""

    def __init__(self, row: Row, headers: dict[str, str], unit_name: str):
        self.row, self.values, self.headers = row, row.values, headers
        self.unit_name = unit_name

    def fault(self, name: str, code: str, **params) -> RowFault:
        """At a column of the kind; in a wide sheet at the one that holds the unit's number."""
        place = self.row.letters.get(name, self.row.letter) if self.row.letter else name
        return RowFault(self.row.sheet, self.row.row, place, code, params)

    def faults(self, indicator: Indicator | None, places: Places) -> Iterator[RowFault]:
        if (unclear := self._unclear()) is not None:
            yield RowFault(self.row.sheet, self.row.row, "name", unclear.code, unclear.params)
            return
        if indicator is None:
            yield RowFault(self.row.sheet, self.row.row, "indicator", "indicator_missing")
            return
        name = self.values.get("name")
        if isinstance(name, int) and name != indicator.pk:
            yield RowFault(self.row.sheet, self.row.row, "name", "code_and_name_differ")
            return
        place = places.by_key.get((indicator.pk, self.values["unit"]))
        if place is None:
            yield self._why_no_place(indicator, places)
            return
        yield from self._judge_number(place)

    def _unclear(self):
        """A name that is none of the catalogue's counts where no code tells the indicator."""
        name = self.values.get("name")
        if isinstance(name, Unclear) and not self.values.get("indicator"):
            return name
        return None

    def _why_no_place(self, indicator: Indicator, places: Places) -> RowFault:
        if self.values["unit"] not in places.own:
            return self.fault("unit", "values_of_another", unit=self.unit_name)
        if indicator.period_kind != places.period.kind:
            kind = str(indicator.get_frequency_display())
            return self.fault("indicator", "wrong_period", kind=kind)
        return self.fault("indicator", "not_owed", unit=self.unit_name)

    # The number --------------------------------------------------------------------------------
    def _judge_number(self, place: Place) -> Iterator[RowFault]:
        yield from self._settle_words(place)
        yield from self._settle_value(place)
        whole = place.indicator.unit_zh not in numbers.AMOUNTS
        for name in ("num", "den"):
            number = number_of(self.values.get(name))
            if number is not None and whole and number != number.to_integral_value():
                yield self.fault(name, "not_whole", header=self.headers[name])
        if place.indicator.is_rate:
            yield from self._judge_rate(place)
        elif self.values.get("den") is not BLANK:
            if self.values["den"] is not CLEAR:
                yield self.fault("den", "no_denominator")
            self.values["den"] = BLANK
        yield from self._judge_computed(place)

    def _settle_words(self, place: Place) -> Iterator[RowFault]:
        """未报 and its like stand for the whole number, in whichever cell they are written."""
        values, names = self.values, ("num", "den", "value")
        said = {name: values.get(name) for name in names if values.get(name) in STATES}
        if not said:
            return
        word, others = next(iter(said.values())), [values.get(n) for n in names if n not in said]
        if len(set(said.values())) > 1 or any(number_of(one) is not None for one in others):
            spelled = next(w for w, state in Amount.words.items() if state == word)
            yield self.fault(next(iter(said)), "word_and_number", word=spelled)
        values |= {"num": word, "den": BLANK, "value": BLANK}
        if word != State.NO_CASE:
            return
        if place.indicator.is_rate:
            values |= {"num": "0", "den": "0"}
        else:
            yield self.fault(next(iter(said)), "no_case_count")

    def _settle_value(self, place: Place) -> Iterator[RowFault]:
        """数值 is the number of a count; of a rate it may only repeat what 分子 and 分母 say."""
        values, value = self.values, self.values.get("value")
        if value is BLANK:
            return
        values["value"] = BLANK
        if value is CLEAR:
            parts = ("num", "den") if place.indicator.is_rate else ("num",)
            values |= {name: CLEAR for name in parts if values.get(name) is BLANK}
        elif not place.indicator.is_rate:
            if values.get("num") in (BLANK, value):
                values["num"] = value
            else:
                words = {"header": self.headers["value"], "other": self.headers["num"]}
                yield self.fault("value", "value_differs", **words)
        else:
            num = number_of(values.get("num"))
            den = number_of(values.get("den")) or number_of(place.held["den"])
            if num is None or not den:
                yield self.fault("value", "percent_only")
            elif not is_about(value, num * 100 / den):
                yield self.fault("value", "rate_differs", header=self.headers["value"])

    def _judge_rate(self, place: Place) -> Iterator[RowFault]:
        """Both or neither, as the sheet and the draft together have them."""
        num, den, held = self.values.get("num"), self.values.get("den"), place.held
        if number_of(num) is not None and den is BLANK and number_of(held["den"]) is None:
            yield self.fault("den", "denominator_missing")
        if number_of(den) is not None and num is BLANK and number_of(held["num"]) is None:
            yield self.fault("num", "numerator_missing")
        whole = number_of(held["den"] if den is BLANK else den)
        if whole == 0 and number_of(held["num"] if num is BLANK else num):
            yield self.fault("num", "over_nothing")

    def _judge_computed(self, place: Place) -> Iterator[RowFault]:
        """The same number again is passed over, another is told; a form that was handed out before
        the number moved says nothing."""
        is_old = self.row.token and self.row.token[1] != place.stored().version
        for name, known in place.known.items():
            said = self.values.get(name)
            if said is BLANK or said == known:
                continue
            if not is_old:
                yield self.fault(name, "computed_here")
            self.values[name] = BLANK


def number_of(text) -> Decimal | None:
    """A number of the sheet or the draft; None for blanks, words, and what is none."""
    if not text or text is CLEAR or text in STATES:
        return None
    try:
        return numbers.parse_number(text, whole=False)
    except ValueError:
        return None


def is_about(said: str, rate: Decimal) -> bool:
    """A percentage as somebody rounded it: 91.77, 91.8, 92, or 0.9177 of a cell in per cent."""
    typed = Decimal(said)
    for value, places in ((typed, 0), (typed * 100, 2)):
        step = Decimal(1).scaleb(min(0, typed.as_tuple().exponent) + places)
        if abs(value - rate) <= step / 2 + Decimal("0.01"):
            return True
    return False
