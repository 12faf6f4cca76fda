"""A unit's sheet of indicator values for a period: it fills the drafts that the unit owes."""

from dataclasses import dataclass
from decimal import Decimal
from zlib import crc32

from django.utils.translation import gettext_lazy as _

from common import changes, figures
from common.figures import State
from intake.columns import BLANK, CLEAR, Text, UnitRef
from intake.faults import declare
from intake.kinds import Derived, ReportKind
from intake.stores.base import RowFault
from intake.stores.deeds import Deeds, Row, Stored
from registry.models import Unit
from tasks_app.indicator_columns import Amount, IndicatorName, IndicatorRef
from tasks_app.models import Indicator, Observation, WorkItem
from tasks_app.services import imported, numbers, reports
from tasks_app.services.duties import indicators_of

FILL = "tasks_app.fill_progressreport"
REPORTING = (Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT, Unit.Kind.OFFICE)

PARTS = {"分子": "num", "分母": "den", "数值": "value"}  # data: of a unit's columns

declare(
    {
        "code_and_name_differ": (
            _("代码和名称不是同一项指标"),
            _("改正其中一个。"),
        ),
        "period_missing": (_("没有选期别"), _("上传时选上这份表是哪一期的。")),
        "wrong_period": (
            _("这项指标按%(kind)s报，不在这一期"),
            _("删掉这一行，或换成那一期的表。"),
        ),
        "not_owed": (
            _("%(unit)s这一期不报这项指标，或不归您填"),
            _("删掉这一行，或写对单位。"),
        ),
        "frozen": (
            _("这一期已通过审核，冻结了"),
            _("要改请在网上走“更正”，并写原因。"),
        ),
        "under_way": (
            _("这一期的报告已经提交，正在审核"),
            _("先在网上撤回，再导入。"),
        ),
        "percent_only": (
            _("这是比率，不能只填百分数"),
            _("填分子和分母，比率由平台算。"),
        ),
        "rate_differs": (
            _("“%(header)s”不等于分子除以分母"),
            _("改正其中一个，或空着，由平台算。"),
        ),
        "no_denominator": (_("这项指标是个数，没有分母"), _("这一格空着。")),
        "no_case_count": (_("“无个案”只用于比率"), _("个数是零就写 0。")),
        "denominator_missing": (_("这是比率，还缺分母"), _("补上分母，或写“未报”。")),
        "numerator_missing": (_("这是比率，还缺分子"), _("补上分子，或写“未报”。")),
        "over_nothing": (_("分母是 0，分子只能是 0"), _("核对后改正。")),
        "not_whole": (_("“%(header)s”按个数计，要填整数"), _("核对后改正。")),
        "computed_here": (
            _("这个数由平台计算，与表上的不一样"),
            _("这一格空着；平台的数不对，请改它的来源。"),
        ),
    }
)


# Rows --------------------------------------------------------------------------------------------
def unit_and_part(header: str) -> tuple[str, str]:
    """左旗/分子 is the numerator of 左旗, and so is 分子/左旗; 左旗 alone is its number."""
    first, slash, last = header.partition("/")
    if slash and last in PARTS:
        return first, PARTS[last]
    if slash and first in PARTS:
        return last, PARTS[first]
    return header, PARTS["数值"]  # data


def expand_row(row: Row, context) -> list[Row]:
    """A wide row holds a record for each unit; what stands in 数值 of a count is its number."""
    if not row.extra:
        if all(row.values.get(name) is BLANK for name in ("num", "den", "value", "why")):
            return []  # a line of a form that is not filled in yet
        values = dict(row.values)
        values["unit"] = values.get("unit") or context.unit.pk
        return [Row(row.sheet, row.row, values, row.token, number=row.number)]
    read = IndicatorValues.columns["num"].reader(context)
    units: dict[int, Row] = {}
    for (unit, part), letter, raw in row.extra:
        value = read(raw)
        if value is BLANK:
            continue
        known = units.setdefault(
            unit, Row(row.sheet, row.row, _bare(row, unit), letter=letter, number=row.number)
        )
        known.values[part] = value
    return list(units.values())


def _bare(row: Row, unit: int) -> dict:
    kept = {name: row.values.get(name) for name in ("indicator", "name", "why")}
    return kept | {"unit": unit, "num": BLANK, "den": BLANK, "value": BLANK}


@dataclass
class Place:
    """What the portal knows of where a value goes."""

    indicator: Indicator
    unit_name: str
    duty: object = None
    report: object = None
    fault: tuple[str, dict] | None = None

    @property
    def is_rate(self) -> bool:
        return self.indicator.is_rate


def places_of(rows, context) -> dict[tuple[int, int], Place]:
    """{(indicator, unit): where its value goes}, in a handful of queries."""
    wanted = {(r.values.get("indicator"), r.values.get("unit")) for r in rows}
    indicators = Indicator.objects.select_related("work_item").in_bulk(
        {pk for pk, _u in wanted if pk}
    )
    units = dict(Unit.objects.filter(pk__in={u for _i, u in wanted if u}).values_list("pk", "name"))
    duties = {}
    if context.period:
        duties = imported.duties_of(context.user, context.period, permission=FILL)
    latest = imported.latest_reports({duty.pk for duty in duties.values()})
    found = {}
    for pk, unit in wanted:
        if pk in indicators and unit in units:
            place = Place(indicators[pk], units[unit])
            _find_duty(place, unit, duties, latest, context)
            found[pk, unit] = place
    return found


def _find_duty(place: Place, unit: int, duties: dict, latest: dict, context) -> None:
    indicator = place.indicator
    if context.period is None:
        place.fault = ("period_missing", {})
        return
    if indicator.period_kind != context.period.kind:
        place.fault = ("wrong_period", {"kind": str(indicator.get_frequency_display())})
        return
    duty = duties.get((indicator.work_item.duty_code, unit))
    if duty is None or indicator not in indicators_of(duty, indicator.work_item):
        place.fault = ("not_owed", {"unit": place.unit_name})
        return
    place.duty, place.report = duty, latest.get(duty.pk)


def load_values(rows, context) -> dict:
    """What stands in the drafts; a report that is on its way or frozen takes nothing."""
    found = {}
    for (pk, unit), place in places_of(rows, context).items():
        report = place.report
        if report is None:
            continue
        texts = imported.texts_in(report.draft, place.indicator)
        stored = Stored(
            pk=report.pk,
            version=_fingerprint(texts),
            values={"indicator": pk, "unit": unit, **_as_columns(texts)},
            subject=place.indicator.code,
        )
        if not report.is_editable:
            is_frozen = report.state in (report.State.APPROVED, report.State.REPLACED)
            stored.fault = "frozen" if is_frozen else "under_way"
        if any(texts.values()) or stored.fault:
            found[pk, unit] = stored
    return found


def all_values(context) -> list[Stored]:
    """A line for each indicator that is owed: what stands in the draft, else blanks to fill in."""
    if context.period is None:
        return []
    duties = imported.duties_of(context.user, context.period, permission=FILL)
    reports_of = imported.latest_reports({duty.pk for duty in duties.values()})
    items = {item.duty_code: item for item in WorkItem.objects.prefetch_related("indicators")}
    return [
        _line(indicator, duty, reports_of.get(duty.pk))
        for (code, _unit), duty in duties.items()
        if code in items
        for indicator in indicators_of(duty, items[code])
    ]


def _line(indicator: Indicator, duty, report) -> Stored:
    """Known again by indicator and unit; what the portal computes is not asked for."""
    texts = imported.texts_in(report.draft if report else {}, indicator)
    columns = _as_columns(texts)
    if indicator.figure:
        columns |= {"num": "", "den": ""}
    values = {"indicator": indicator.pk, "name": indicator.pk, "unit": duty.unit_id}
    return Stored(pk=0, version=0, values=values | columns, unit_pk=duty.unit_id)


def _as_columns(texts: dict[str, str]) -> dict:
    state = texts["state"] if texts["state"] != State.REPORTED else ""
    return {"num": state or _plain(texts["num"]), "den": _plain(texts["den"]), "why": texts["why"]}


def _plain(text: str) -> str:
    try:
        return f"{numbers.parse_number(text, whole=False).normalize():f}" if text else ""
    except ValueError:
        return text


def _fingerprint(texts: dict[str, str]) -> int:
    """Drafts count versions as a whole: here the fields of one indicator are what matters."""
    return crc32(repr(sorted(texts.items())).encode()) or 1


# Judging -----------------------------------------------------------------------------------------
def judge_values(rows, stored, context):
    places = places_of(rows, context)
    seen: dict[tuple, Row] = {}
    for row in rows:
        values = row.values
        if not values.get("indicator"):
            continue
        place = places.get((values["indicator"], values["unit"]))
        if place is None:
            continue
        faults = [place.fault] if place.fault else list(_judge(values, place, context))
        for code, params in _located(faults):
            column = params.pop("column", "indicator")
            yield RowFault(row.sheet, row.row, row.letter or column, code, params)
        before = seen.setdefault((values["indicator"], values["unit"]), row)
        if before is not row:
            where = {"sheet": before.sheet, "row": before.row}
            header = {"header": str(IndicatorValues.columns["indicator"].header)}
            yield RowFault(
                row.sheet, row.row, row.letter or "indicator", "key_twice", where | header
            )


def _located(faults):
    for code, params in faults:
        yield code, dict(params)


def _judge(values: dict, place: Place, context):
    if values.get("name") not in (BLANK, CLEAR, values["indicator"]):
        yield "code_and_name_differ", {"column": "name"}
    yield from _settle_value(values, place)
    num, den = values.get("num"), values.get("den")
    whole = place.indicator.unit_zh not in numbers.AMOUNTS
    for name in ("num", "den"):
        number = _number(values.get(name))
        if number is not None and whole and number != number.to_integral_value():
            yield "not_whole", {"column": name, "header": _header(name)}
    if place.is_rate:
        yield from _judge_rate(num, den, place)
    elif den not in (BLANK, CLEAR):
        yield "no_denominator", {"column": "den"}
    elif num == State.NO_CASE:
        yield "no_case_count", {"column": "num"}
    if num not in (BLANK, CLEAR):
        yield from _judge_computed(values, place, context)


def _header(name: str) -> str:
    return str(IndicatorValues.columns[name].header)


def _number(text) -> Decimal | None:
    if text in (BLANK, CLEAR) or text in Amount.words.values():
        return None
    return Decimal(text)


def _settle_value(values: dict, place: Place):
    """数值 is the number of a count; of a rate it may only repeat what 分子 and 分母 say."""
    value = values.get("value")
    if value in (BLANK, CLEAR):
        return
    if not place.is_rate or _number(value) is None:
        if values.get("num") in (BLANK, value):
            values["num"] = value
        else:
            yield "rate_differs", {"column": "value", "header": _header("value")}
    else:
        num, den = _number(values.get("num")), _number(values.get("den"))
        if num is None or not den:
            yield "percent_only", {"column": "value"}
        elif abs(num * 100 / den - Decimal(value)) > Decimal("0.06"):
            yield "rate_differs", {"column": "value", "header": _header("value")}
    values["value"] = BLANK


def _judge_rate(num, den, place: Place):
    """Both or neither, as the sheet and the draft together have them."""
    if num == State.NO_CASE:
        return
    held = imported.texts_in(place.report.draft, place.indicator) if place.report else {}
    has_den = held.get("den") or place.indicator.denominator_figure
    if _number(num) is not None and den is BLANK and not has_den:
        yield "denominator_missing", {"column": "den"}
    if _number(den) is not None and num is BLANK and not held.get("num"):
        yield "numerator_missing", {"column": "num"}
    if _number(den) == 0 and _number(num):
        yield "over_nothing", {"column": "num"}


def _judge_computed(values: dict, place: Place, context):
    """What the portal computes is not asked for: the same number is passed over, another is told."""
    if not place.indicator.figure:
        return
    unit = place.duty.unit
    known = figures.get(place.indicator.figure).compute(period=context.period, units=[unit])
    value = known.get(unit.pk)
    if value is not None and value.numerator == _number(values.get("num")):
        values["num"] = values["den"] = BLANK
    else:
        yield "computed_here", {"column": "num"}


# Writing -----------------------------------------------------------------------------------------
def write_values(inserts, updates, recorder, context) -> None:
    rows = [(row, row.values) for row in inserts] + [(one.row, one.changes) for one in updates]
    places = places_of([row for row, _changes in rows], context)
    wanted = []
    for row, said in rows:
        place = places[row.values["indicator"], row.values["unit"]]
        source = {
            "source_upload": int(recorder.change_set.subject_pk),
            "source_sheet": row.sheet,
            "source_row": row.row,
        }
        wanted.append(imported.Wanted(place.duty, place.indicator, _texts(said), source))
    change_set = recorder.change_set
    imported.write_values(wanted, recorder=recorder, by=context.user, at=change_set.at)


def _texts(said: dict) -> dict[str, str]:
    """The draft's fields that a row sets."""
    texts = {}
    num, den, why = said.get("num"), said.get("den"), said.get("why")
    if num is CLEAR:
        texts |= {"state": "", "num": ""}
    elif num == State.NO_CASE:
        texts |= {"state": "", "num": "0", "den": "0"}
    elif num in Amount.words.values():
        texts |= {"state": str(num), "num": "", "den": ""}
    elif num is not BLANK:
        texts |= {"state": "", "num": num}
    if den is not BLANK and "den" not in texts:
        texts["den"] = "" if den is CLEAR or den in Amount.words.values() else den
    if why is not BLANK:
        texts["why"] = "" if why is CLEAR else why
    return texts


def touched_values(inserts, updates, context) -> list[dict]:
    """By how much the values move if they are approved."""
    rows = [(row, row.values) for row in inserts] + [(one.row, one.row.values) for one in updates]
    places = places_of([row for row, _values in rows], context)
    counted = {
        (one.indicator_id, one.unit_id): one
        for one in Observation.objects.current().filter(
            indicator__in={pk for pk, _unit in places}, period=context.period.code
        )
    }
    found = []
    for _row, values in rows:
        key = values["indicator"], values["unit"]
        place, old = places[key], counted.get(key)
        found.append(
            {
                "label": f"{place.indicator.code} {place.indicator.name_zh}",
                "unit": place.unit_name,
                "old": _value_of(old.value if old else None, place),
                "new": _value_of(_new_value(values, place), place),
            }
        )
    return found


def _new_value(values: dict, place: Place) -> Decimal | None:
    held = imported.texts_in(place.report.draft, place.indicator) if place.report else {}
    texts = held | _texts(values)
    draft = {numbers.field_name(place.indicator, part): text for part, text in texts.items()}
    return numbers.read_entry(place.indicator, draft, {}).value


def _value_of(value: Decimal | None, place: Place) -> str:
    if value is None:
        return ""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{text}%" if place.is_rate else text


def take_back(change_set, *, by, at) -> None:
    imported.take_back(change_set, by=by, at=at)


changes.after_undo("intake.committed", take_back)


class IndicatorValues(ReportKind):
    slug = "indicator-values"
    title = _("指标数值")
    about = _("本单位一期的指标数，填进要报的进展报告草稿；通过审核后才计入。")
    permission = FILL
    key = ("indicator", "unit")
    either = (("indicator", "name"),)
    takes_period = True

    indicator = IndicatorRef(
        "指标代码", also=("代码", "指标代号", "指标编号"), example="T07-04"
    )  # data
    name = IndicatorName("指标名称", also=("指标", "名称", "项目"))  # data
    unit = UnitRef(
        "单位",  # data
        also=("填报单位", "单位名称", "旗区", "旗(区)"),  # data
        kinds=REPORTING,
        fills_down=True,
    )
    num = Amount("分子", also=("分子或数值",), least=0, most=numbers.MOST)  # data
    den = Amount("分母", least=0, most=numbers.MOST)  # data
    value = Amount(
        "数值", also=("数", "值", "完成数", "实际值"), least=0, most=numbers.MOST
    )  # data
    why = Text("说明", also=("原因", "备注"), most=reports.WORDS_MOST)  # data

    derives = (
        Derived("indicator", "name", lambda pk: pk),
        Derived("name", "indicator", lambda pk: pk),
    )
    store = Deeds(
        load=load_values,
        write=write_values,
        expand=expand_row,
        judge=judge_values,
        touches=touched_values,
        everything=all_values,
        locks=("tasks_app.drafts",),
        scoped=False,  # the duties are: nobody fills in what others owe
    )

    def claims(self, context):
        """A column for each unit: 左旗, or 左旗/分子 beside 左旗/分母."""
        if context is None:
            return super().claims(context)
        directory = self.columns["unit"].directory(context)

        def claim(header):
            name, part = unit_and_part(header)
            found = directory.mine.find(name) or directory.others.find(name)
            return (next(iter(found)), part) if len(found) == 1 else None

        return claim
