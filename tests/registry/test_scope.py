"""Who sees which rows: four postings, zones that run townships, two roles, deputies."""

from datetime import date, timedelta

import pytest

from common.periods import Period
from registry.models import Duty, Posting, Unit, UnitParent
from registry.roles import Role
from registry.services import units as unit_services
from registry.services.duties import Owed, open_duties
from tests.cast import NOW, TODAY

Q3 = Period.parse("2025Q3")


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def places(units):
    """The four places of the promise: bureau, east, a school of east, west."""
    school = Unit.objects.create(
        key="school-1", name="左旗第一小学", kind=Unit.Kind.SCHOOL, valid_from=unit_services.SINCE
    )
    UnitParent.objects.create(
        unit=school, parent=units["banner-zuoqi"], valid_from=unit_services.SINCE
    )
    unit_services.rebuild_closure()
    return {
        "bureau": (units["league"], Role.BUREAU),
        "east": (units["banner-zuoqi"], Role.OFFICIAL),
        "east_school": (school, Role.SCHOOL),
        "west": (units["banner-ejina"], Role.OFFICIAL),
    }


@pytest.fixture
def at(places, officer):
    return lambda name: officer(*places[name])


def units_of(user, permission="registry.view_unit"):
    return set(Unit.objects.visible_to(user, permission).values_list("key", flat=True))


@pytest.mark.parametrize(
    "posted_at, sees",
    [
        ("bureau", {"league", "banner-zuoqi", "banner-ejina", "school-1"}),
        ("east", {"banner-zuoqi", "school-1"}),
        ("east_school", {"school-1"}),
        ("west", {"banner-ejina"}),
    ],
)
def test_units_are_seen_from_the_posting_down(at, posted_at, sees):
    watched = {"league", "banner-zuoqi", "banner-ejina", "school-1"}
    assert units_of(at(posted_at)) & watched == sees


@pytest.mark.parametrize(
    "posted_at, sees",
    [("bureau", {"east", "west"}), ("east", {"east"}), ("east_school", set()), ("west", {"west"})],
)
def test_duties_are_seen_from_the_posting_down(at, places, posted_at, sees):
    for name in ("east", "west"):
        open_duties([Owed("tasks.01", places[name][0].pk, Q3)])
    seen = Duty.objects.visible_to(at(posted_at), "registry.view_duty")
    expected = {places[name][0].pk for name in sees}
    assert set(seen.values_list("unit", flat=True)) == expected


def test_one_s_own_duties_are_not_those_of_whom_one_reviews(at, places):
    for name in ("east", "west"):
        open_duties([Owed("tasks.01", places[name][0].pk, Q3)])
    permission = "tasks_app.fill_progressreport"
    assert Duty.objects.owed_by(at("east"), permission).get().unit == places["east"][0]
    assert not Duty.objects.owed_by(at("bureau"), permission).exists()


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_administrators_match_no_business_row(officer, league, role):
    open_duties([Owed("tasks.01", league.pk, Q3)])
    user = officer(league, role)
    for permission in ("registry.view_unit", "registry.view_duty", "common.view_any_job"):
        assert not Duty.objects.visible_to(user, permission).exclude(unit=league).exists()
    assert units_of(user) == set()


def test_no_posting_sees_nothing(officer, east):
    user = officer(east)
    user.postings.all().delete()
    assert units_of(user) == set()


@pytest.mark.parametrize(
    "facts",
    [
        {"confirmed_at": None},
        {"valid_from": TODAY + timedelta(days=1)},
        {"valid_to": TODAY - timedelta(days=1)},
    ],
)
def test_a_posting_gives_nothing_before_after_or_unconfirmed(officer, east, facts):
    user = officer(east)
    user.postings.update(**facts)
    assert units_of(user) == set()
    assert not user.has_perm("registry.view_unit")


@pytest.mark.parametrize("facts", [{"valid_from": TODAY}, {"valid_to": TODAY}])
def test_the_first_and_the_last_day_count(officer, east, facts):
    user = officer(east)
    user.postings.update(**facts)
    assert "banner-zuoqi" in units_of(user)


def test_a_township_run_by_a_zone_is_read_by_its_banner_and_written_by_the_zone(officer, units):
    run = "township-152921111"
    banner, zone = officer(units["banner-zuoqi"]), officer(units["zone-luanjingtan"])
    for user in (banner, zone):
        assert run in units_of(user)
    fill = "tasks_app.fill_progressreport"
    assert run in units_of(zone, fill)
    assert run not in units_of(banner, fill)
    assert "township-152921102" in units_of(banner, fill)


def test_the_tick_hands_the_township_back_to_its_banner(officer, units, league):
    run, fill = "township-152921111", "tasks_app.fill_progressreport"
    banner, zone = officer(units["banner-zuoqi"]), officer(units["zone-luanjingtan"])
    unit_services.set_reporting(
        units["zone-luanjingtan"], by=officer(league, Role.BUREAU), reports=False
    )
    assert run in units_of(banner, fill)
    assert run not in units_of(zone, fill)
    assert run in units_of(zone), "a zone that runs it still reads it"


def test_two_postings_of_different_roles_do_not_lend_each_other_rights(officer, units, league):
    """A banner official who supervises another banner reads there and fills in at home only."""
    user = officer(units["banner-zuoqi"], Role.OFFICIAL)
    Posting.objects.create(
        user=user,
        unit=units["banner-ejina"],
        role=Role.SUPERVISOR,
        valid_from=date(2025, 1, 1),
        confirmed_at=NOW,
    )
    home, away = "banner-zuoqi", "banner-ejina"
    assert {home, away} <= units_of(user)
    assert {home, away} <= units_of(user, "registry.view_duty")
    assert units_of(user, "tasks_app.fill_progressreport") & {home, away} == {home}
    assert units_of(user, "tasks_app.send_reminder") & {home, away} == {away}
    assert units_of(user, "registry.change_unit") == set()


def test_a_unit_seen_twice_is_listed_once(officer, units, league):
    user = officer(league, Role.BUREAU)
    Posting.objects.create(
        user=user,
        unit=units["banner-zuoqi"],
        role=Role.SUPERVISOR,
        valid_from=date(2025, 1, 1),
        confirmed_at=NOW,
    )
    seen = Unit.objects.visible_to(user, "registry.view_unit")
    assert seen.count() == len(units_of(user))


def test_who_moved_with_the_tree_is_seen_today_and_counted_as_it_was(officer, units, league):
    township = units["township-152921102"]
    unit_services.move_unit(
        township,
        by=officer(league, Role.BUREAU),
        to=units["banner-ejina"],
        on=date(2025, 10, 1),
    )
    assert township.key in units_of(officer(units["banner-ejina"]))
    assert township.key not in units_of(officer(units["banner-zuoqi"]))
    then = Unit.objects.within(units["banner-zuoqi"], on=date(2025, 9, 30))
    assert township in then


def test_a_disabled_account_has_no_permission(officer, east):
    user = officer(east)
    user.is_active = False
    user.save()
    assert not user.has_perm("registry.view_unit")
