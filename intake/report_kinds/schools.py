"""The directory of schools: a row is a school."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from intake.columns import BLANK, CLEAR, Choice, Text, UnitRef, YesNo
from intake.columns.codes import SchoolCode
from intake.columns.spelling import normal_form
from intake.columns.units import Entry, Names, holders_of
from intake.faults import declare
from intake.kinds import ReportKind
from intake.rules import SchoolInBanner
from intake.stores.base import RowFault
from intake.stores.deeds import Deeds, Row, Stored
from registry.models import Closure, School, Unit, in_force
from registry.services import schools as deeds
from registry.services.units import LOCK, rebuild_closure

BANNERS = (Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT)

declare(
    {
        "school_elsewhere": (
            _("这所学校现在归%(unit)s"),
            _("删掉这一行；要划过来，请盟局在单位名录里改隶属。"),
        ),
        "school_code_taken": (
            _("“%(header)s”在平台里是%(school)s的"),
            _("对照代码证改正；平台里那一所填错了的，先把它的清空。"),
        ),
        "school_name_taken": (
            _("同一个旗（区）里已有叫这个名称的学校"),
            _("写能区分开的全称。"),
        ),
        "school_of_which": (
            _("这个旗（区）有 %(count)s 所学校叫这个名称"),
            _("填上标识码，或写全称。"),
        ),
    }
)


# What is stored ----------------------------------------------------------------------------------
class Directory:
    """The schools that there are on a day, found by code and by every spelling of a name."""

    def __init__(self, context):
        self.known = deeds.known_schools(context.on)
        self.holders_of_codes = deeds.holders_of_codes()
        self.banners: dict[int, list[int]] = {pk: [] for pk in self.known}
        self.townships: dict[int, int] = {}
        self._read_places(context.on)
        self.called = dict(Unit.objects.of_kinds(BANNERS).values_list("pk", "name"))
        self.names: dict[int, Names] = {}  # of a banner's schools
        self._read_names(context.on)

    def _read_places(self, on) -> None:
        """The banner or zone in which each school counts, before those that only read it."""
        above = Closure.objects.filter(
            in_force(on),
            descendant__in=list(self.known),
            ancestor__kind__in=(*BANNERS, Unit.Kind.TOWNSHIP),
        ).order_by("-counts", "pk")
        for unit, holder, kind in above.values_list("descendant", "ancestor", "ancestor__kind"):
            if kind == Unit.Kind.TOWNSHIP:
                self.townships[unit] = holder
            else:
                self.banners[unit].append(holder)

    def _read_names(self, on) -> None:
        holders = holders_of((Unit.Kind.SCHOOL,), on)
        for pk, school in self.known.items():
            also = [name for name in (school.unit.short_name, *school.aliases) if name]
            entry = Entry(pk, school.unit.kind, school.unit.name, also, False, None)
            for banner in self.banners[pk]:
                self.names.setdefault(banner, Names(holders)).add(entry)

    def named(self, row: Row) -> set[int]:
        """The schools of the row's banner that its name may mean."""
        name, names = row.values.get("name"), self.names.get(row.values.get("banner"))
        return names.find(name) if name and names else set()

    def coded(self, row: Row) -> Unit | None:
        return self.holders_of_codes.get(row.values.get("code"))

    def stored(self, pk: int, row: Row | None = None, *, by_name: bool = False) -> Stored:
        """A name by which a school was merely found is no new name for it; nor is a banner that reads
        it a new place."""
        school, banners = self.known[pk], self.banners[pk]
        facts, unit, said = school.facts, school.unit, row.values if row else {}
        name, banner = said.get("name"), said.get("banner")
        is_called_so = by_name or (name and normal_form(name) == normal_form(unit.name))
        holder = next(iter(banners), None)
        return Stored(
            pk=pk,
            version=facts.version if facts else 0,
            unit_pk=pk,
            unit_name=self.called.get(holder, ""),
            subject=unit.name,
            values={
                "name": name if is_called_so else unit.name,
                "banner": banner if banner in banners else holder,
                "code": school.code,
                "short_name": unit.short_name,
                "type": facts.type if facts else "",
                "township": self.townships.get(pk),
                "boards": facts.boards if facts else None,
                "remark": facts.remark if facts else "",
            },
        )


def load_schools(rows, context) -> dict:
    """Known by their code, else by a name within the banner that the row names."""
    directory, found = Directory(context), {}
    for row in rows:
        coded, named = directory.coded(row), directory.named(row)
        key = row.values.get("name"), row.values.get("banner")
        if row.token:
            if row.token[0] in directory.known:
                found[row.token[0]] = directory.stored(row.token[0], row)
        elif coded and coded.pk in directory.known:
            found[key] = directory.stored(coded.pk, row)
        elif len(named) == 1:
            found[key] = directory.stored(next(iter(named)), row, by_name=True)
    return found


def all_schools(context) -> list[Stored]:
    directory = Directory(context)
    return [directory.stored(pk) for pk in directory.known]


def judge_schools(rows, stored, context) -> Iterable[RowFault]:
    """A name says one school and a code another; a name says several."""
    directory = Directory(context)
    for row in rows:
        coded, named = directory.coded(row), directory.named(row)
        mine = {row.token[0]} if row.token else named
        if coded and (coded.pk not in directory.known or mine and coded.pk not in mine):
            header = str(Schools.columns["code"].header)
            params = {"header": header, "school": coded.name}
            yield RowFault(row.sheet, row.row, "code", "school_code_taken", params)
        elif row.token and named and row.token[0] not in named:
            yield RowFault(row.sheet, row.row, "name", "school_name_taken")
        elif not row.token and not coded and len(named) > 1:
            params = {"count": len(named)}
            yield RowFault(row.sheet, row.row, "name", "school_of_which", params)


# Writing -----------------------------------------------------------------------------------------
def write_schools(inserts, updates, recorder, context) -> None:
    for row in inserts:
        deeds.add_school(
            _facts(row.values, _under(row.values, row.values["banner"])),
            recorder=recorder,
            on=context.on,
            source=_source(recorder, row),
        )
    units = Unit.objects.select_related("school").in_bulk([one.stored.pk for one in updates])
    for one in updates:
        banner = one.changes.get("banner") or one.stored.values["banner"]
        moves = not {"banner", "township"}.isdisjoint(one.changes)
        deeds.change_school(
            units[one.stored.pk],
            _facts(one.changes, _under(one.changes, banner) if moves else None),
            recorder=recorder,
            on=context.on,
            source=_source(recorder, one.row),
        )
    rebuild_closure()


def _source(recorder, row) -> dict:
    return {
        "source_upload": int(recorder.change_set.subject_pk),
        "source_sheet": row.sheet,
        "source_row": row.row,
    }


def _under(values: dict, banner: int) -> int:
    """A school without a township lies right under its banner."""
    township = values.get("township")
    return banner if township in (BLANK, CLEAR) else township


def _facts(values: dict, under: int | None) -> deeds.SchoolFacts:
    said = {
        name: "" if values[name] is CLEAR else values[name]
        for name in ("name", "code", "short_name", "type", "remark")
        if values.get(name) is not BLANK
    }
    boards = values.get("boards")
    return deeds.SchoolFacts(
        **said,
        under=under,
        boards=None if boards is CLEAR else boards,
        boards_unknown=boards is CLEAR,
    )


class Schools(ReportKind):
    slug = "schools"
    title = _("学校名录")
    about = _("旗（区）有哪些学校、在哪个苏木镇、是否寄宿制，一行一所学校。")
    permission = "registry.change_school"
    key = ("name", "banner")
    also_keys = (("code",),)

    name = Text("学校名称", also=("学校", "学校全称", "单位名称"), required=True, most=80)  # data
    banner = UnitRef(
        "旗(区)",  # data
        also=("旗区", "旗县区", "所属旗", "所属旗区"),  # data
        kinds=BANNERS,
        required=True,
        fills_down=True,
    )
    code = SchoolCode(
        "学校标识码",  # data
        also=("学校（机构）标识码", "学校代码", "机构标识码"),  # data
        example="2115000001",
    )
    short_name = Text("简称", also=("学校简称",), most=20)  # data
    type = Choice("学校类型", School.Type, also=("学校类别", "办学类型"), required=True)  # data
    township = UnitRef(
        "苏木镇(街道)",  # data
        also=("苏木镇", "苏木乡镇", "所在苏木镇", "所在苏木镇（街道）"),  # data
        kinds=(Unit.Kind.TOWNSHIP,),
        within="banner",
        fills_down=True,
    )
    boards = YesNo("是否寄宿制", also=("寄宿制", "是否寄宿", "是否寄宿制学校"))  # data
    remark = Text("备注", also=("说明",))  # data

    rules = (SchoolInBanner(banner, township),)
    store = Deeds(
        load=load_schools,
        write=write_schools,
        judge=judge_schools,
        everything=all_schools,
        locks=(LOCK,),
        stranger="school_elsewhere",
    )

    def settle(self, change_set, context, at):
        deeds.follow_moves(change_set, on=context.on)
