"""The directory of schools: a row is a school."""

from django.utils.translation import gettext_lazy as _

from intake.columns import BLANK, CLEAR, Choice, Text, UnitRef, YesNo
from intake.columns.codes import SchoolCode
from intake.columns.spelling import normal_form
from intake.kinds import ReportKind
from intake.rules import SchoolInBanner
from intake.stores.deeds import Deeds, Stored
from registry.models import Closure, School, Unit, UnitAlias, in_force
from registry.services import schools as deeds
from registry.services.units import rebuild_closure

BANNERS = (Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT)


def load_schools(rows, context) -> dict:
    """Known by their code, else by a name or an alias within the banner that the row names."""
    known = deeds.known_facts(School.objects.filter(unit__in=Unit.objects.existing(context.on)))
    lies_in = _banners_of(known, context.on)
    by_code = {facts["code"]: pk for pk, facts in known.items() if facts["code"]}
    by_name = _by_name(known, lies_in)
    found = {pk: _stored(facts, lies_in[pk], None) for pk, facts in known.items()}
    for row in rows:
        name, banner = row.values.get("name"), row.values.get("banner")
        pk = by_code.get(row.values.get("code")) or by_name.get((normal_form(name or ""), banner))
        if pk is not None:
            found[name, banner] = _stored(known[pk], lies_in[pk], banner)
    return found


def all_schools(context) -> list[Stored]:
    return list(load_schools([], context).values())


def _banners_of(known: dict, on) -> dict[int, list[int]]:
    """The banner or zone in which each school counts, then those that only read it."""
    units = {facts["school"].unit_id: pk for pk, facts in known.items()}
    above = Closure.objects.filter(
        in_force(on), descendant__in=list(units), ancestor__kind__in=BANNERS
    ).order_by("-counts", "pk")
    found = {pk: [] for pk in known}
    for unit, banner in above.values_list("descendant", "ancestor"):
        found[units[unit]].append(banner)
    return found


def _by_name(known: dict, lies_in: dict) -> dict:
    units = {facts["school"].unit_id: pk for pk, facts in known.items()}
    names = [(pk, facts["name"]) for pk, facts in known.items()]
    names += [(pk, facts["short_name"]) for pk, facts in known.items() if facts["short_name"]]
    aliases = UnitAlias.objects.filter(unit__in=list(units)).values_list("unit", "name")
    names += [(units[unit], name) for unit, name in aliases]
    found = {}
    for pk, name in names:  # a full name before what others are called too
        for banner in lies_in[pk]:
            found.setdefault((normal_form(name), banner), pk)
    return found


def _stored(facts: dict, banners: list[int], named: int | None) -> Stored:
    """`named`: the banner of the row. One that reads the school is as good as the one it counts in."""
    school, under = facts["school"], facts["under"]
    return Stored(
        pk=school.pk,
        version=school.version,
        unit_pk=school.unit_id,
        unit_name=facts["name"],
        subject=facts["name"],
        values={
            "name": facts["name"],
            "banner": named if named in banners else next(iter(banners), None),
            "code": facts["code"],
            "short_name": facts["short_name"],
            "type": facts["type"],
            "township": None if under in banners else under,
            "boards": facts["boards"],
            "remark": facts["remark"],
        },
    )


def write_schools(inserts, updates, recorder, context) -> None:
    for row in inserts:
        facts = _facts(row.values, row.values.get("banner"))
        deeds.add_school(facts, recorder=recorder, on=context.on, source=_source(recorder, row))
    schools = School.objects.select_related("unit").in_bulk([one.stored.pk for one in updates])
    for one in updates:
        deeds.change_school(
            schools[one.stored.pk],
            _facts(one.changes, one.changes.get("banner")),
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


def _facts(values: dict, banner) -> deeds.SchoolFacts:
    """What a row says; a cleared township puts the school right under its banner."""
    said = {
        name: "" if values[name] is CLEAR else values[name]
        for name in ("name", "code", "short_name", "type", "remark")
        if values.get(name) is not BLANK
    }
    township, boards = values.get("township"), values.get("boards")
    return deeds.SchoolFacts(
        **said,
        under=banner if township in (BLANK, CLEAR) else township,
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
        fills_down=True,
    )
    boards = YesNo("是否寄宿制", also=("寄宿制", "是否寄宿", "是否寄宿制学校"))  # data
    remark = Text("备注", also=("说明",))  # data

    rules = (SchoolInBanner(banner, township),)
    store = Deeds(
        load=load_schools,
        write=write_schools,
        everything=all_schools,
        locks=("registry.units",),
    )
