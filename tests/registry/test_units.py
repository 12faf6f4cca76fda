"""The directory of units, and what is done to units."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import exports, figures, jobs
from common.models import Event, Job, StoredFile
from common.periods import Period
from registry.models import Closure, Unit, UnitAlias, UnitParent
from registry.roles import Role
from registry.services import units as services
from tests.cast import TODAY

LIST = "/units/"
Q3 = Period.parse("2025Q3")


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def bureau(client, officer, league):
    user = officer(league, Role.BUREAU)
    client.force_login(user)
    return user


def listed(client, query=""):
    """The names in the exported list: every page of it."""
    file = client.get(f"{LIST}?export=csv&{query}")
    return [line[0] for line in csv.reader(io.StringIO(file.content.decode("utf-8-sig")))][2:]


# The list ----------------------------------------------------------------------------------------
def test_the_list_counts_what_the_figure_says(client, bureau, units):
    """For the league, every banner and zone, reporting or not: the rows behind the number."""
    figure = figures.get("registry.villages")
    kinds = (Unit.Kind.LEAGUE, Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT)
    asked = [unit for unit in units.values() if unit.kind in kinds]
    found = figure.compute(period=Q3, units=asked)
    assert found[units["league"].pk].numerator > 0
    for unit in asked:
        address = figure.rows(period=Q3, unit=unit)
        names = listed(client, address.partition("?")[2])
        assert len(names) == found[unit.pk].numerator, unit.name


def test_the_parts_add_up_to_the_league(units):
    figure = figures.get("registry.villages")
    parts = [u for u in units.values() if u.reports_education]
    found = figure.compute(period=Q3, units=[units["league"], *parts])
    league = found.pop(units["league"].pk).numerator
    assert sum(value.numerator for value in found.values()) == league


def test_the_list_finds_names_aliases_and_codes(client, bureau, units):
    for text in ("额济纳旗", "额旗", "152923"):
        assert "额济纳旗" in listed(client, f"q={text}")
    assert listed(client, "q=没有这个单位") == []


def test_a_filter_that_cannot_be_read_shows_nothing(client, bureau):
    for query in ("under=999999", "under=x", "on=昨天", "kind=CITY"):
        assert listed(client, query) == [], query


def test_local_keys_are_nowhere(client, bureau, units):
    zone = units["zone-wulanbuhe"]
    page = client.get(f"{LIST}?q={zone.name}").content.decode()
    file = client.get(f"{LIST}?q={zone.name}&export=csv").content.decode()
    detail = client.get(zone.get_absolute_url()).content.decode()
    assert zone.name in page and zone.name in file
    for text in (page, file, detail):
        assert zone.key not in text
    line = next(row for row in csv.reader(io.StringIO(file)) if row[0] == zone.name)
    assert line[4] == ""


def test_the_list_of_a_past_day_is_that_day_s(client, bureau, units):
    services.merge_unit(
        units["township-152921102"],
        by=bureau,
        into=units["township-152921105"],
        on=date(2025, 9, 1),
    )
    assert "温都尔勒图镇" not in listed(client, "kind=TOWNSHIP")
    assert "温都尔勒图镇" in listed(client, "kind=TOWNSHIP&on=2025-08-31")


@pytest.mark.parametrize(
    "posted_at, sees",
    [("league", True), ("banner-zuoqi", True), ("east_school", False), ("banner-ejina", False)],
)
def test_the_list_and_the_unit_are_scoped(client, officer, units, posted_at, sees):
    """A township of the eastern banner, for the bureau, its banner, a school of it, another one."""
    units["east_school"] = school = Unit.objects.create(
        key="school-1", name="左旗第一小学", kind=Unit.Kind.SCHOOL, valid_from=services.SINCE
    )
    UnitParent.objects.create(unit=school, parent=units["banner-zuoqi"], valid_from=services.SINCE)
    services.rebuild_closure()
    role = {"league": Role.BUREAU, "east_school": Role.SCHOOL}.get(posted_at, Role.OFFICIAL)
    client.force_login(officer(units[posted_at], role))
    township = units["township-152921102"]
    assert (township.name in listed(client)) is sees
    assert client.get(township.get_absolute_url()).status_code == (200 if sees else 404)


def test_administrators_have_no_directory(client, officer, league):
    for role in (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR):
        client.force_login(officer(league, role))
        assert client.get(LIST).status_code == 403
        assert client.get(league.get_absolute_url()).status_code == 403


def test_the_list_asks_the_same_number_of_queries(client, bureau, units):
    def queries(address):
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    assert queries(f"{LIST}?q=额济纳旗") == queries(LIST)
    few = queries(units["zone-ceke"].get_absolute_url())
    assert queries(units["banner-zuoqi"].get_absolute_url()) == few


# One unit ----------------------------------------------------------------------------------------
def test_who_reports_stands_on_the_page_with_the_telephone(client, bureau, officer, east, units):
    clerk = officer(east, Role.OFFICIAL, name="乌日娜")
    clerk.phone = "0483-8331234"
    clerk.save()
    for unit in (east, units["township-152921102"]):
        page = client.get(unit.get_absolute_url()).content.decode()
        assert "乌日娜" in page and "0483-8331234" in page
    assert "乌日娜" not in client.get(units["banner-ejina"].get_absolute_url()).content.decode()


def test_contacts_need_a_posting_in_force_and_the_permission(client, officer, east, league):
    former = officer(east, Role.OFFICIAL, name="离任的人")
    former.postings.update(valid_to=date(2025, 1, 1))
    proposed = officer(east, Role.OFFICIAL, name="未确认的人")
    proposed.postings.update(confirmed_at=None)
    officer(east, Role.OFFICIAL, name="在任的人")
    client.force_login(officer(league, Role.BUREAU))
    page = client.get(east.get_absolute_url()).content.decode()
    assert "在任的人" in page and "离任的人" not in page and "未确认的人" not in page
    client.force_login(officer(east, Role.SCHOOL))
    assert "在任的人" not in client.get(east.get_absolute_url()).content.decode()


def test_a_township_run_by_a_zone_names_the_zone_s_official(client, bureau, officer, units):
    officer(units["zone-luanjingtan"], Role.OFFICIAL, name="示范区的人")
    officer(units["banner-zuoqi"], Role.OFFICIAL, name="左旗的人")
    page = client.get(units["township-152921111"].get_absolute_url()).content.decode()
    assert "示范区的人" in page and "左旗的人" not in page


# Deeds -------------------------------------------------------------------------------------------
def below(unit, on=TODAY, **facts):
    rows = Closure.objects.filter(ancestor=unit, valid_from__lte=on, **facts)
    return set(rows.exclude(valid_to__lt=on).values_list("descendant__key", flat=True))


def test_a_move_holds_from_its_day_and_leaves_the_past(bureau, units):
    township = units["township-152921102"]
    services.move_unit(township, by=bureau, to=units["banner-ejina"], on=date(2025, 9, 1))
    assert township.key in below(units["banner-ejina"], date(2025, 9, 1))
    assert township.key not in below(units["banner-zuoqi"], date(2025, 9, 1))
    assert township.key in below(units["banner-zuoqi"], date(2025, 8, 31))
    assert township.key not in below(units["banner-ejina"], date(2025, 8, 31))
    event = Event.objects.get(verb="registry.unit_moved")
    assert event.before == {"parent": "阿拉善左旗"}


def test_the_villages_of_a_moved_township_move_along(bureau, units):
    figure = figures.get("registry.villages")
    township = units["township-152921110"]
    asked = [units["banner-zuoqi"], units["banner-ejina"], township, units["league"]]
    old = {k: v.numerator for k, v in figure.compute(period=Q3, units=asked).items()}
    services.move_unit(township, by=bureau, to=units["banner-ejina"], on=date(2025, 9, 1))
    new = {k: v.numerator for k, v in figure.compute(period=Q3, units=asked).items()}
    moved = old[township.pk]
    assert moved > 0
    assert new[asked[0].pk] == old[asked[0].pk] - moved
    assert new[asked[1].pk] == old[asked[1].pk] + moved
    assert new[units["league"].pk] == old[units["league"].pk]
    past = figure.compute(period=Period.parse("2025Q2"), units=asked)
    assert past[asked[0].pk].numerator == old[asked[0].pk]


def bad_moves(units):
    east, west = units["banner-zuoqi"], units["banner-ejina"]
    township = units["township-152921102"]
    yield township, township, TODAY  # under itself
    yield east, township, TODAY  # under its own township
    yield township, east, TODAY  # where it is already
    yield township, west, services.SINCE  # before its present parent
    yield township, west, date(1999, 1, 1)  # before it existed


def test_a_move_that_tears_the_tree_is_refused(bureau, units):
    before = set(Closure.objects.values_list("ancestor", "descendant", "valid_from", "valid_to"))
    for unit, to, on in bad_moves(units):
        with pytest.raises(services.BadMove):
            services.move_unit(unit, by=bureau, to=to, on=on)
    rows = Closure.objects.values_list("ancestor", "descendant", "valid_from", "valid_to")
    assert set(rows) == before
    assert not Event.objects.filter(verb="registry.unit_moved").exists()


def test_a_second_move_may_not_precede_the_first(bureau, units):
    township = units["township-152921102"]
    services.move_unit(township, by=bureau, to=units["banner-ejina"], on=date(2025, 9, 1))
    with pytest.raises(services.BadMove):
        services.move_unit(township, by=bureau, to=units["banner-youqi"], on=date(2025, 8, 1))
    services.move_unit(township, by=bureau, to=units["banner-zuoqi"], on=date(2025, 10, 1))
    assert township.key in below(units["banner-ejina"], date(2025, 9, 30))
    assert township.key in below(units["banner-zuoqi"], date(2025, 10, 1))


def test_merging_ends_a_unit_and_names_its_successor(bureau, units):
    gone, into = units["township-152921102"], units["township-152921105"]
    villages = below(gone, counts=True) - {gone.key}
    assert villages
    services.merge_unit(gone, by=bureau, into=into, on=date(2025, 9, 1))
    gone.refresh_from_db()
    assert (gone.valid_to, gone.successor) == (date(2025, 8, 31), into)
    assert villages <= below(into, counts=True)
    assert villages <= below(gone, date(2025, 8, 31))
    assert gone.key not in below(into, counts=True)


def test_the_rows_of_a_merged_unit_are_still_read_but_not_written(bureau, units, officer, east):
    gone, into = units["township-152921102"], units["township-152921105"]
    services.merge_unit(gone, by=bureau, into=into, on=date(2025, 9, 1))
    for user in (bureau, officer(east)):
        assert Unit.objects.visible_to(user, "registry.view_unit").filter(pk=gone.pk).exists()
    writes = Unit.objects.visible_to(bureau, "registry.change_unit")
    assert not writes.filter(pk=gone.pk).exists()
    stranger = officer(units["banner-ejina"])
    assert not Unit.objects.visible_to(stranger, "registry.view_unit").filter(pk=gone.pk).exists()


def test_merging_changes_no_past_figure(bureau, units):
    figure, past = figures.get("registry.villages"), Period.parse("2025Q2")
    zone = units["zone-luanjingtan"]
    asked = [units["league"], units["banner-zuoqi"], zone]
    before = figure.compute(period=past, units=asked)
    services.merge_unit(zone, by=bureau, into=units["zone-gaoxin"], on=date(2025, 9, 1))
    assert figure.compute(period=past, units=asked) == before
    assert zone.pk in {unit.pk for unit in Unit.objects.reporting(date(2025, 6, 30))}
    assert zone.pk not in {unit.pk for unit in Unit.objects.reporting(TODAY)}


def test_a_merge_that_makes_no_sense_is_refused(bureau, units):
    gone, into = units["township-152921102"], units["township-152921105"]
    for unit, to, on in [
        (gone, gone, TODAY),
        (units["banner-zuoqi"], gone, TODAY),
        (gone, into, services.SINCE),
    ]:
        with pytest.raises(services.BadMove):
            services.merge_unit(unit, by=bureau, into=to, on=on)
    services.merge_unit(gone, by=bureau, into=into, on=date(2025, 9, 1))
    for unit, to in [(gone, into), (into, gone)]:
        with pytest.raises(services.BadMove):
            services.merge_unit(unit, by=bureau, into=to, on=TODAY)


def test_a_chain_of_mergers_is_read_at_its_end(bureau, units):
    first, second, third = (
        units[key] for key in ("township-152921102", "township-152921105", "township-152921110")
    )
    services.merge_unit(first, by=bureau, into=second, on=date(2025, 8, 1))
    services.merge_unit(second, by=bureau, into=third, on=date(2025, 9, 1))
    assert {first.key, second.key} <= below(third)
    assert not {first.key, second.key} & below(third, counts=True)


def test_the_tick_moves_what_counts(bureau, units):
    figure = figures.get("registry.villages")
    zone, east, league = units["zone-luanjingtan"], units["banner-zuoqi"], units["league"]

    def values():
        found = figure.compute(period=Q3, units=[zone, east, league])
        return [found[unit.pk].numerator for unit in (zone, east, league)]

    ticked = values()
    services.set_reporting(zone, by=bureau, reports=False)
    unticked = values()
    assert ticked[0] > 0 and unticked[0] == 0
    assert unticked[1] == ticked[1] + ticked[0]
    assert unticked[2] == ticked[2]
    services.set_reporting(zone, by=bureau, reports=True)
    assert values() == ticked
    assert Event.objects.filter(verb="registry.unit_reporting_set").count() == 2


def test_the_same_tick_again_is_no_deed(bureau, units):
    services.set_reporting(units["zone-luanjingtan"], by=bureau, reports=True)
    assert not Event.objects.filter(verb="registry.unit_reporting_set").exists()


# Pages of the deeds ------------------------------------------------------------------------------
def test_the_tick_asks_first(client, bureau, units):
    zone = units["zone-ceke"]
    url = reverse("registry:unit-reporting", args=[zone.pk])
    assert "要报送教育数据？" in client.get(url).content.decode()
    zone.refresh_from_db()
    assert not zone.reports_education
    assert client.post(url, {"to": "1"}).status_code == 302
    zone.refresh_from_db()
    assert zone.reports_education


def test_a_township_cannot_be_ticked(client, bureau, units):
    url = reverse("registry:unit-reporting", args=[units["township-152921102"].pk])
    assert client.get(url).status_code == 404


def test_move_and_merge_by_their_pages(client, bureau, units):
    township = units["township-152921102"]
    url = reverse("registry:unit-move", args=[township.pk])
    answer = client.post(url, {"to": units["banner-ejina"].pk, "on": "2025-09-01"})
    assert answer.status_code == 302
    url = reverse("registry:unit-merge", args=[township.pk])
    into = units["township-152921105"]
    assert client.post(url, {"to": into.pk, "on": "2025-10-01"}).status_code == 302
    township.refresh_from_db()
    assert township.successor == into


@pytest.mark.parametrize(
    "facts, why",
    [
        ({}, "选一个单位"),
        ({"to": "x", "on": "2025-09-01"}, "从名单里选"),
        ({"to": "banner-ejina", "on": "明天"}, "日期写成"),
        ({"to": "banner-zuoqi", "on": "2025-09-01"}, "不用改"),
        ({"to": "township-152921105", "on": "2025-09-01"}, "从名单里选"),
    ],
)
def test_a_bad_move_says_why_and_keeps_what_was_typed(client, bureau, units, facts, why):
    facts = {k: units[v].pk if v in units else v for k, v in facts.items()}
    url = reverse("registry:unit-move", args=[units["township-152921102"].pk])
    answer = client.post(url, facts)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert why in page and facts.get("on", "") in page


@pytest.mark.parametrize("name", ["unit-reporting", "unit-move", "unit-merge"])
@pytest.mark.parametrize("role", [Role.OFFICIAL, Role.SCHOOL, Role.SUPERVISOR])
def test_only_the_bureau_changes_units(client, officer, units, name, role):
    unit = units["banner-zuoqi"]
    client.force_login(officer(unit, role))
    assert client.post(reverse(f"registry:{name}", args=[unit.pk])).status_code == 403


def test_a_merged_unit_offers_no_deeds(client, bureau, units):
    gone = units["township-152921102"]
    services.merge_unit(gone, by=bureau, into=units["township-152921105"], on=date(2025, 9, 1))
    page = client.get(gone.get_absolute_url()).content.decode()
    assert "后并入巴润别立镇" in page
    assert reverse("registry:unit-move", args=[gone.pk]) not in page
    assert client.get(reverse("registry:unit-move", args=[gone.pk])).status_code == 404


def test_the_directory_exports_no_more_than_it_shows(client, officer, east):
    client.force_login(officer(east))
    names = listed(client)
    assert "阿拉善左旗" in names and "额济纳旗" not in names and "阿拉善盟" not in names


def test_an_alias_with_a_formula_stays_text(client, bureau, units):
    unit = units["zone-ceke"]
    Unit.objects.filter(pk=unit.pk).update(name="=HYPERLINK(1)")
    UnitAlias.objects.create(unit=unit, name="策克新区")
    assert listed(client, "q=策克新区") == ["'=HYPERLINK(1)"]


def test_a_long_directory_is_made_by_a_job_within_the_scope(client, officer, east, monkeypatch):
    client.force_login(officer(east))
    at_once = listed(client, "kind=TOWNSHIP&sort=-name")
    monkeypatch.setattr(exports, "INLINE_ROWS", 3)
    answer = client.get(f"{LIST}?export=csv&kind=TOWNSHIP&sort=-name")
    job = Job.objects.get()
    assert answer.url == job.get_absolute_url()
    assert jobs.run(job.pk)
    page = client.get(answer.url).content.decode()
    stored = StoredFile.objects.of("common.job", job.pk).get()
    assert stored.get_absolute_url() in page
    content = b"".join(client.get(stored.get_absolute_url()).streaming_content)
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert [line[0] for line in lines[2:]] == at_once and len(at_once) > 3
