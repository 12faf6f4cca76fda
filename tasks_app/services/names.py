"""Indicators and units by every name people use, as far as one person may enter their numbers."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from registry.models import Unit
from tasks_app.models import Indicator
from tasks_app.services.cells import clean, squeeze


class Wrong(Exception):
    """A cell that cannot be taken: code and words."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code, self.message = code, message


@dataclass
class Known:
    """What one person may enter numbers for, by name."""

    indicators: dict[str, list[Indicator]]
    units: dict[str, list[Unit]]
    keys: set[int]

    def indicator(self, cell: str) -> Indicator:
        found = self.indicators.get(squeeze(cell).casefold(), [])
        if not cell:
            raise Wrong("no_indicator", _("没有写指标。写代号（如 T07-04）或名称。"))
        if not found:
            raise Wrong("unknown_indicator", _("目录里没有这项指标。写代号（如 T07-04）或全名。"))
        if len(found) > 1:
            codes = "、".join(indicator.code for indicator in found)  # data
            raise Wrong(
                "ambiguous_indicator",
                _("不止一项指标叫这个名，改写代号：%(codes)s。") % {"codes": codes},
            )
        return found[0]

    def unit(self, cell: str, indicator: Indicator) -> Unit:
        """The unit that holds this indicator's number."""
        found = self.units.get(squeeze(cell).casefold(), [])
        if not cell:
            raise Wrong("no_unit", _("没有写单位。"))
        if not found:
            raise Wrong("unknown_unit", _("没有这个单位，或不在录入范围。写全名或简称，如左旗。"))
        if indicator.league_only:
            return self._office(found, indicator)
        fits = [unit for unit in found if unit.reports_education]
        if len(fits) > 1:
            names = "、".join(unit.name for unit in fits)  # data
            raise Wrong(
                "ambiguous_unit",
                _("不止一个单位叫这个名，改写全名：%(names)s。") % {"names": names},
            )
        if fits:
            return fits[0]
        if any(unit.kind == Unit.Kind.LEAGUE for unit in found):
            raise Wrong("total", _("全盟的数由各单位相加得出，不用录。删掉这一行。"))
        raise Wrong("not_reporting", _("这个单位不报这项指标。"))

    def _office(self, found: list[Unit], indicator: Indicator) -> Unit:
        office = indicator.work_item.lead_office
        if office is None or office.pk not in self.keys:
            raise Wrong("no_office", _("这项任务还没有定牵头科室，先在任务页上定。"))
        if not any(unit == office or unit.kind == Unit.Kind.LEAGUE for unit in found):
            said = _("这项指标全盟只有一个数，单位写“全盟”或“%(office)s”。")
            raise Wrong("league_only", said % {"office": office.name})
        return office


def load_known(*, by, on: date) -> Known:
    """In three queries: indicators, the units one may enter numbers for, their other names."""
    indicators: dict[str, list[Indicator]] = {}
    for row in Indicator.objects.visible_to(by).select_related("work_item__lead_office"):
        for name in {row.code, row.name_zh, row.name_en, f"{row.code}{row.name_zh}"}:
            if name:
                indicators.setdefault(squeeze(clean(name)).casefold(), []).append(row)
    units: dict[str, list[Unit]] = {}
    allowed = (
        Unit.objects.visible_to(by, "tasks_app.load_history")
        .existing(on)
        .filter(Q(reports_education=True) | Q(kind__in=(Unit.Kind.LEAGUE, Unit.Kind.OFFICE)))
        .prefetch_related("aliases")
        .for_list()
    )
    for unit in allowed:
        names = {unit.key, unit.name, unit.short_name, *(a.name for a in unit.aliases.all())}
        for name in names - {""}:
            known = units.setdefault(squeeze(clean(name)).casefold(), [])
            if unit not in known:
                known.append(unit)
    return Known(indicators, units, {unit.pk for unit in allowed})
