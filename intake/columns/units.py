"""Units, by any name that sheets use for them, within what the uploader may see."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from intake.columns.base import Column, Context
from intake.columns.spelling import Nearest, normal_form, written
from intake.faults import BadCell, declare
from registry.models import Unit, UnitAlias, UnitCode

declare(
    {
        "unit_unknown": (
            _("“%(header)s”查不到这个名称"),
            _("写全称、简称或代码；平台里还没有的，先报盟局或旗（区）添加。"),
        ),
        "unit_near": (
            _("“%(header)s”查不到这个名称，最近的是%(near)s"),
            _("是它就改成这个写法。"),
        ),
        "unit_not_yours": (
            _("“%(header)s”不在您的填报范围里"),
            _("删掉这一行，由管它的单位填报。"),
        ),
        "unit_ambiguous": (
            _("“%(header)s”有 %(count)s 个单位叫这个名称"),
            _("写全称或代码。"),
        ),
    }
)

# What offices add to a banner's or township's name when they mean its education office.
_OFFICES = ("教育体育局", "教体局", "教育局", "旗教体局", "人民政府", "政府")  # data
_NUMERALS = str.maketrans("一二三四五六七八九", "123456789")  # data


class OneOf(tuple):
    """The ids of several units that have the name typed; the rule `SchoolInBanner` picks one."""

    __slots__ = ()


@dataclass
class Directory:
    """Names of units, bound to a context: loaded once, asked for each distinct cell."""

    names: dict[int, str] = field(default_factory=dict)  # in scope, in the order of lists
    spelled: dict[str, set[int]] = field(default_factory=dict)  # in scope, by full name
    also: dict[str, set[int]] = field(default_factory=dict)  # by short name, alias and code
    others: set[str] = field(default_factory=set)  # normal forms outside the scope

    def find(self, text: str) -> set[int]:
        wanted = normal_form(text)
        found = self.spelled.get(wanted) or self.also.get(wanted)
        return found or self.also.get(_loose(wanted), set())

    def knows_elsewhere(self, text: str) -> bool:
        wanted = normal_form(text)
        return wanted in self.others or _loose(wanted) in self.others


def _loose(wanted: str) -> str:
    """第一小学 as 第1小学, 左旗教体局 as 左旗."""
    for office in _OFFICES:
        if len(wanted) > len(office) + 1 and wanted.endswith(office):
            wanted = wanted.removesuffix(office)
            break
    return wanted.translate(_NUMERALS)


class UnitRef(Column):
    """A unit of some kinds; the value is its id.

    In scope are the units where the uploader holds the kind's permission; `among` (context ->
    queryset of units) puts another set in their place. `within` names the column of the banner:
    a name that several units in scope have becomes OneOf, for `SchoolInBanner` to settle.
    """

    sql = "bigint"
    type_name = "unit"

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
        self._names: dict[int, str] = {}

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
            if found:
                if self.within:
                    return OneOf(sorted(found))
                raise BadCell("unit_ambiguous", header=header, count=len(found))
            if directory.knows_elsewhere(text):
                raise BadCell("unit_not_yours", header=header)
            if near := nearest.to(text):
                raise BadCell("unit_near", header=header, near="、".join(near))
            raise BadCell("unit_unknown", header=header)

        return read

    def directory(self, context: Context) -> Directory:
        existing = Unit.objects.of_kinds(self.kinds).existing(context.on)
        mine = (
            self.among(context).filter(kind__in=self.kinds)
            if self.among
            else existing.visible_to(context.user, context.permission)
        )
        ids = set(mine.values_list("pk", flat=True))
        found = Directory()
        for pk, name, short in existing.for_list().values_list("pk", "name", "short_name"):
            self._enter(found, pk, name, found.spelled, ids)
            if pk in ids:
                found.names[pk] = name
            self._enter(found, pk, _loose(normal_form(name)), found.also, ids)
            if short:
                self._enter(found, pk, short, found.also, ids)
        others = UnitAlias.objects.filter(unit__in=existing).values_list("unit", "name")
        codes = UnitCode.objects.filter(unit__in=existing).values_list("unit", "code")
        for pk, name in (*others, *codes):
            self._enter(found, pk, name, found.also, ids)
        self._names = self._names | found.names
        return found

    def _enter(self, found: Directory, pk: int, name: str, into: dict, ids: set[int]) -> None:
        if pk in ids:
            into.setdefault(normal_form(name), set()).add(pk)
        else:
            found.others.add(normal_form(name))

    def shown(self, value):
        if value is None:
            return ""
        if value not in self._names:
            self._names = dict(Unit.objects.values_list("pk", "name"))
        return self._names.get(value, "")
