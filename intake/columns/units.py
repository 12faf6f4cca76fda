"""Units, by any name that sheets use for them, within what the uploader may see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from intake.columns.base import DASHES, NONE_WORDS, Column, Context
from intake.columns.spelling import Nearest, normal_form, written
from intake.faults import BadCell, declare
from registry.models import Closure, Unit, UnitAlias, UnitCode, in_force

declare(
    {
        "unit_unknown": (
            _("“%(header)s”查不到这个名称"),
            _("写全称、简称或代码。平台里没有的，先请上级添加。"),
        ),
        "unit_near": (
            _("“%(header)s”查不到这个名称，最近的是%(near)s"),
            _("是它，就改成这个写法。"),
        ),
        "unit_not_yours": (
            _("“%(header)s”不在可填报的范围里"),
            _("删掉这一行，由管它的单位填报。"),
        ),
        "unit_merged": (
            _("“%(header)s”已并入%(into)s"),
            _("改成现在的名称。"),
        ),
        "unit_ambiguous": (
            _("“%(header)s”有 %(count)s 个单位叫这个名称"),
            _("写全称或代码。"),
        ),
    }
)

Kind = Unit.Kind
# Units whose name people put in front of a school's: 左旗第一小学.
_HOLDERS = (Kind.LEAGUE, Kind.BANNER, Kind.ZONE, Kind.DIRECT)
# What they add to a banner's name when they mean its office.
_OFFICES = ("教育体育局", "教体局", "教育局", "人民政府", "政府")  # data
_NUMERALS = str.maketrans("一二三四五六七八九", "123456789")  # data
_SHORTEST = 3  # letters that must be left of a name: 额济纳小学 is not 小学


class OneOf(tuple):
    """The ids of several units that have the name typed; the rule `SchoolInBanner` picks one."""

    __slots__ = ()


def ancestors(kinds: Iterable[str], on: date) -> dict[int, set[int]]:
    """The units above each unit of some kinds on a day, by parent or because a zone runs it."""
    above = {}
    pairs = Closure.objects.filter(in_force(on), descendant__kind__in=kinds)
    for unit, holder in pairs.values_list("descendant", "ancestor"):
        above.setdefault(unit, set()).add(holder)
    return above


def _loose(wanted: str) -> str:
    """第一小学 as 第1小学, 左旗教体局 as 左旗; of a normal form."""
    for office in _OFFICES:
        if wanted.endswith(office) and len(wanted) > len(office) + 1:
            return wanted.removesuffix(office).translate(_NUMERALS)
    return wanted.translate(_NUMERALS)


@dataclass
class Entry:
    """A unit with all its names, as a directory takes it in."""

    pk: int
    kind: str
    name: str
    also: list[str]  # short name, aliases, codes
    ended: bool
    successor: str | None


def _entries(kinds: Iterable[str], on: date) -> list[Entry]:
    """Units of some kinds that there are or were by a day; their names are nobody's secret."""
    units = Unit.objects.of_kinds(kinds).filter(valid_from__lte=on).for_list()
    found = {
        pk: Entry(pk, kind, name, [short] if short else [], bool(last and last < on), successor)
        for pk, kind, name, short, last, successor in units.values_list(
            "pk", "kind", "name", "short_name", "valid_to", "successor__name"
        )
    }
    aliases = UnitAlias.objects.filter(unit__kind__in=kinds).values_list("unit", "name")
    codes = UnitCode.objects.filter(unit__kind__in=kinds).values_list("unit", "code")
    for pk, name in aliases.union(codes):
        if pk in found:
            found[pk].also.append(name)
    return list(found.values())


class Holders:
    """Names of the units that hold others, as they stand in front of a name."""

    def __init__(self, entries: list[Entry], above: dict[int, set[int]]):
        self.above = above
        self.names: dict[str, set[int]] = {}  # loose form -> ids
        for entry in entries:
            if entry.kind in _HOLDERS and not entry.ended:
                for name in (entry.name, *entry.also):
                    self.names.setdefault(_loose(normal_form(name)), set()).add(entry.pk)

    def split(self, loose: str) -> tuple[set[int], str]:
        """The holders that a name begins with, and the rest of it."""
        for end in range(len(loose) - _SHORTEST, 1, -1):
            if held := self.names.get(loose[:end]):
                return held, loose[end:]
        return set(), loose


def holders_of(kinds: Iterable[str], on: date) -> Holders:
    """What may stand in front of the names of units of some kinds on a day."""
    return Holders(_entries(_HOLDERS, on), ancestors(kinds, on))


class Names:
    """The spellings of some units, from the strictest to the loosest."""

    def __init__(self, holders: Holders):
        self.holders = holders
        self.full: dict[str, set[int]] = {}
        self.also: dict[str, set[int]] = {}  # short names, aliases, codes
        self.cores: dict[str, set[int]] = {}  # loose, with and without the holder in front

    def add(self, entry: Entry) -> None:
        self.full.setdefault(normal_form(entry.name), set()).add(entry.pk)
        for name in entry.also:
            self.also.setdefault(normal_form(name), set()).add(entry.pk)
        for name in (entry.name, *entry.also):
            loose = _loose(normal_form(name))
            for core in (loose, self.holders.split(loose)[1]):
                self.cores.setdefault(core, set()).add(entry.pk)

    def find(self, text: str) -> set[int]:
        """The units that a text means; where it names their holder, those below it only."""
        spelled = normal_form(text)
        loose = _loose(spelled)
        found = self.full.get(spelled) or self.also.get(spelled) or self.cores.get(loose)
        if found:
            return found
        held, core = self.holders.split(loose)
        above = self.holders.above
        return {unit for unit in self.cores.get(core, ()) if held & above.get(unit, set())}


class Directory:
    """What a column of units knows in one run: four queries, however long the sheet is."""

    def __init__(self, kinds: tuple[str, ...], in_scope: set[int], on: date):
        entries = _entries({*kinds, *_HOLDERS}, on)
        holders = Holders(entries, ancestors(kinds, on))
        self.mine, self.others, self.ended = Names(holders), Names(holders), Names(holders)
        self.names: dict[int, str] = {}  # in scope, in the order of lists
        self.named = {entry.pk: entry.name for entry in entries}
        self.successors = {entry.pk: entry.successor for entry in entries}
        for entry in entries:
            if entry.kind not in kinds:
                continue
            if entry.ended:
                self.ended.add(entry)
            elif entry.pk in in_scope:
                self.mine.add(entry)
                self.names[entry.pk] = entry.name
            else:
                self.others.add(entry)

    def find(self, text: str) -> set[int]:
        """The units in scope that a text means."""
        return self.mine.find(text)

    def merged_into(self, text: str) -> str:
        """The name of the unit into which the only unit of this name went, or nothing."""
        found = self.ended.find(text)
        return self.successors[next(iter(found))] or "" if len(found) == 1 else ""


class UnitRef(Column):
    """A unit of some kinds; the value is its id.

    In scope are the units where the uploader holds the kind's permission; `among` (context ->
    queryset of units) puts another set in their place. `within` names the column of the banner:
    a name that several units in scope have becomes OneOf, for `SchoolInBanner` to settle.
    """

    sql = "bigint"
    type_name = "unit"
    dashes = DASHES + NONE_WORDS

    def __init__(
        self,
        header,
        *,
        kinds: tuple[str, ...],
        among: Callable | None = None,
        within: str = "",
        **rest,
    ):
        super().__init__(header, **rest)
        self.kinds, self.among, self.within = kinds, among, within
        self._named: dict[int, str] = {}

    def choices(self, context):
        return list(self.directory(context).names.values()) if context else []

    def bind(self, context):
        header, directory = str(self.header), self.directory(context)
        nearest = Nearest({normal_form(name): name for name in directory.names.values()})

        def read(cell):
            text = written(cell)
            found = directory.find(text)
            if len(found) == 1:
                return next(iter(found))
            if found and self.within:
                return OneOf(sorted(found))
            if found:
                raise BadCell("unit_ambiguous", header=header, count=len(found))
            raise _unknown(text, directory, nearest, header)

        return read

    def directory(self, context: Context) -> Directory:
        """The units of the column's kinds by all their names, in scope and outside."""
        if self not in context.loaded:
            units = self._in_scope(context).filter(kind__in=self.kinds)
            ids = set(units.values_list("pk", flat=True))
            context.loaded[self] = Directory(self.kinds, ids, context.on)
            self._named = context.loaded[self].named
        return context.loaded[self]

    def holders(self, parent: "UnitRef", context: Context) -> dict[int, int]:
        """The unit of another column in which each unit counts: the banner of each school."""
        pairs = Closure.objects.filter(
            in_force(context.on),
            counts=True,
            descendant__kind__in=self.kinds,
            ancestor__kind__in=parent.kinds,
        )
        return dict(pairs.order_by("pk").values_list("descendant", "ancestor"))

    def _in_scope(self, context: Context):
        if self.among:
            return self.among(context)
        return Unit.objects.visible_to(context.user, context.permission)

    def shown(self, value):
        """The unit's name: as the last run of this process loaded it, else looked up."""
        if value is None:
            return ""
        if value not in self._named:
            self._named = dict(Unit.objects.values_list("pk", "name"))
        return self._named.get(value, "")


def _unknown(text: str, directory: Directory, nearest: Nearest, header: str) -> BadCell:
    if into := directory.merged_into(text):
        return BadCell("unit_merged", header=header, into=into)
    if directory.others.find(text):
        return BadCell("unit_not_yours", header=header)
    if near := nearest.to(text):
        return BadCell("unit_near", header=header, near="、".join(near))
    return BadCell("unit_unknown", header=header)
