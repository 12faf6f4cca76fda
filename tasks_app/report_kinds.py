"""A unit's sheet of indicator values for a period: it fills the drafts that the unit owes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from unicodedata import normalize

from django.utils.translation import gettext_lazy as _

from common.figures import State
from intake.columns import BLANK, CLEAR, Doubt, Text, UnitRef
from intake.columns.spelling import written
from intake.faults import BadCell
from intake.kinds import Derived, ReportKind
from intake.stores.base import RowFault
from intake.stores.deeds import Deeds, Row, Stored
from registry.models import Unit
from tasks_app.indicator_columns import Amount, Figure, IndicatorName, IndicatorRef
from tasks_app.models import Indicator, Observation
from tasks_app.services import imported, numbers, reports
from tasks_app.value_checks import STATES, judge_values
from tasks_app.value_places import FILL, Place, Places

REPORTING = (Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT, Unit.Kind.OFFICE)
PARTS = {"分子": "num", "分母": "den", "数值": "value"}  # data: of a unit's columns


# A column for each unit ---------------------------------------------------------------------------
@dataclass(frozen=True)
class UnitPart:
    """What a column of a wide sheet holds: a part of one unit's numbers."""

    unit: int
    part: str
    header: str = field(compare=False)


def unit_and_part(header: str) -> tuple[str, str]:
    """左旗/分子 is the numerator of 左旗, and so is 分子/左旗; 左旗 alone is its number."""
    first, slash, last = header.partition("/")
    if slash and last in PARTS:
        return first, PARTS[last]
    if slash and first in PARTS:
        return last, PARTS[first]
    return header, PARTS["数值"]  # data


def expand_row(row: Row, context) -> Iterable[Row | RowFault]:
    """A wide row holds a record for each unit; a line that nobody has filled in holds none."""
    if not row.extra:
        filled = any(row.values.get(name) is not BLANK for name in ("num", "den", "value", "why"))
        return [row] if filled else []
    return _units_of(row, context)


def _units_of(row: Row, context) -> Iterable[Row | RowFault]:
    units: dict[int, Row] = {}
    for claim, letter, raw in row.extra:
        try:
            value = IndicatorValues.columns[claim.part].reader(context)(raw)
        except BadCell as bad:
            params = bad.params | {"header": claim.header}
            yield RowFault(row.sheet, row.row, letter, bad.code, params)
            continue
        if isinstance(value, Doubt):
            value = value.value
        if value is BLANK:
            continue
        if claim.unit not in units:
            units[claim.unit] = _bare(row, claim.unit, letter)
        units[claim.unit].values[claim.part] = value
        units[claim.unit].letters[claim.part] = letter
    yield from units.values()


def _bare(row: Row, unit: int, letter: str) -> Row:
    kept = {name: row.values.get(name) for name in ("indicator", "name", "why")}
    values = kept | {"unit": unit, "num": BLANK, "den": BLANK, "value": BLANK}
    return Row(row.sheet, row.row, values, letter=letter, number=row.number, faulty=row.faulty)


# What is stored ----------------------------------------------------------------------------------
def load_values(rows, context) -> dict:
    """Every number that is owed and that a row names, whether the draft has it or not."""
    places, found = Places(context), {}
    by_number = places.by_number
    for row in rows:
        values = row.values
        place = by_number.get(row.token[0]) if row.token else None
        if place:
            values["indicator"] = values.get("indicator") or place.indicator.pk
        if values.get("unit") in (BLANK, CLEAR):
            unit = places.unit_of(values.get("indicator"), context.unit.pk)
            values["unit"] = place.duty.unit_id if place else unit
        key = values.get("indicator"), values["unit"]
        if row.token:
            key = row.token[0]
        else:
            place = places.by_key.get(key)
        if place:
            found[key] = place.stored()
    return found


def all_values(context) -> list[Stored]:
    """A line for each number that is owed: what stands in the draft, what the portal computes, else
    blanks to fill in."""
    found = [place.stored() for place in Places(context).by_key.values()]
    for stored in found:
        stored.values["name"] = stored.values["indicator"]
    return found


def judge(rows, _stored, context) -> Iterable[RowFault]:
    headers = {name: str(column.header) for name, column in IndicatorValues.columns.items()}
    return judge_values(rows, context, headers)


# Writing -----------------------------------------------------------------------------------------
def write_values(inserts, updates, recorder, context) -> None:
    places = Places(context)
    wanted = []
    for row, said in _said(inserts, updates):
        place = places.by_key[row.values["indicator"], row.values["unit"]]
        source = {
            "source_upload": int(recorder.change_set.subject_pk),
            "source_sheet": row.sheet,
            "source_row": row.row,
        }
        wanted.append(imported.Wanted(place.duty, place.indicator, texts_of(said), source))
    change_set = recorder.change_set
    imported.write_values(wanted, recorder=recorder, by=context.user, at=change_set.at)


def _said(inserts, updates) -> list[tuple[Row, dict]]:
    """Each row with what it says anew."""
    return [(row, row.values) for row in inserts] + [(one.row, one.changes) for one in updates]


def texts_of(said: dict) -> dict[str, str]:
    """The draft's fields that a row sets."""
    texts = {}
    num, den, why = said.get("num"), said.get("den"), said.get("why")
    if num is CLEAR:
        texts |= {"state": "", "num": ""}
    elif num in STATES:
        texts |= {"state": str(num), "num": "", "den": ""}
    elif num is not BLANK:
        texts |= {"state": "", "num": num}
    if den is not BLANK and "den" not in texts:
        texts["den"] = "" if den is CLEAR else den
    if why is not BLANK:
        texts["why"] = "" if why is CLEAR else why
    return texts


# What it moves -----------------------------------------------------------------------------------
def touched_values(inserts, updates, context) -> list[dict]:
    """By how much the counted values move if they are approved; a mere reason moves none."""
    places = Places(context)
    said = [(row, texts_of(values)) for row, values in _said(inserts, updates)]
    moving = [
        (places.by_key[row.values["indicator"], row.values["unit"]], texts)
        for row, texts in said
        if not imported.NUMBER.isdisjoint(texts)
    ]
    counted = {
        (one.indicator_id, one.unit_id): one
        for one in Observation.objects.current().filter(
            indicator__in={place.indicator.pk for place, _texts in moving},
            period=context.period.code if context.period else "",
        )
    }
    return [
        {
            "label": f"{place.indicator.code} {place.indicator.name_zh}",
            "unit": place.duty.unit.name,
            "old": _in_words(counted.get((place.indicator.pk, place.duty.unit_id)), place),
            "new": _in_words(place.entry(texts), place),
        }
        for place, texts in moving
    ]


def _in_words(measured, place: Place) -> str:
    """A value, or the word for why there is none; nothing where it is not known yet."""
    if measured is None:
        return ""
    if measured.state != State.REPORTED:
        return next(word for word, state in Amount.words.items() if state == measured.state)
    if measured.value is None:
        return ""
    text = f"{measured.value:.2f}".rstrip("0").rstrip(".")
    return f"{text}%" if place.indicator.is_rate else text


class ReportingUnit(UnitRef):
    """The unit that reports. In many sheets 单位 is the measure (人, 所): that is no unit of ours."""

    def bind(self, context):
        find = super().bind(context)
        measures = set(Indicator.objects.values_list("unit_zh", flat=True).distinct())

        def read(cell):
            return BLANK if normalize("NFKC", written(cell)) in measures else find(cell)

        return read


class IndicatorValues(ReportKind):
    slug = "indicator-values"
    title = _("指标数值")
    about = _("本单位一期的指标数，填进要报的进展报告草稿；通过审核后才计入。")
    permission = FILL
    key = ("indicator", "unit")
    either = (("indicator", "name"),)
    takes_period = True

    indicator = IndicatorRef(
        "指标代码",  # data
        also=("代码", "指标代号", "指标编号"),  # data
        example="T07-04",
    )
    name = IndicatorName("指标名称", also=("指标", "名称", "项目"))  # data
    unit = ReportingUnit(
        "单位",  # data
        also=("填报单位", "单位名称", "旗区", "旗(区)"),  # data
        kinds=REPORTING,
        fills_down=True,
    )
    num = Amount("分子", also=("分子或数值",), least=0, most=numbers.MOST)  # data
    den = Amount("分母", least=0, most=numbers.MOST)  # data
    value = Figure(
        "数值",  # data
        also=("数", "值", "完成数", "实际值"),  # data
        least=0,
        most=numbers.MOST,
    )
    why = Text("说明", also=("原因", "备注"), most=reports.WORDS_MOST)  # data

    derives = (
        Derived("indicator", "name", lambda found: found if isinstance(found, int) else BLANK),
        Derived("name", "indicator", lambda found: found),
    )
    store = Deeds(
        load=load_values,
        write=write_values,
        expand=expand_row,
        judge=judge,
        touches=touched_values,
        everything=all_values,
        fixed=("indicator", "unit"),
        locks=("tasks_app.drafts",),
        scoped=False,  # the duties are: nobody fills in what others owe
    )

    def claims(self, context):
        """A column for each unit: 左旗, or 左旗/分子 beside 左旗/分母. Those of others are told."""
        if context is None:
            return super().claims(context)
        directory = self.columns["unit"].directory(context)

        def claim(header):
            name, part = unit_and_part(header)
            found = directory.mine.find(name) or directory.others.find(name)
            return UnitPart(next(iter(found)), part, header) if len(found) == 1 else None

        return claim

    def settle(self, change_set, context, at):
        imported.take_back(change_set, by=context.user, at=at)
