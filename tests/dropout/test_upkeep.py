"""What a night and a changed setting do to cases, and who is told."""

from datetime import timedelta

import pytest

from common import options
from common.models import InboxLine, Job
from dropout.models import Case, Episode, Source
from dropout.services import cases, states, upkeep
from dropout.services.refusals import Refused
from registry.roles import Role
from tests.children import make_child, make_school
from tests.dropout.cases import (
    FOUND,
    after,
    attended,
    confirmed,
    delayed,
    moment,
    returned,
    suspected,
)


@pytest.fixture
def by(officer, east):
    return officer(east)


def night(day) -> dict:
    return upkeep.keep_up(at=moment(day), on=day)


def test_a_night_brings_back_and_tells_and_a_second_one_changes_nothing(by, officer, east):
    school = make_school("测试小学", east)
    reporter = officer(school, Role.SCHOOL)
    child = make_child(school=school, since=after(-400))
    attended(returned(confirmed(child, by), school, by, on=after(0)), by)
    delayed(confirmed(make_child(residence=east), by), by, on=after(0), until=after(29))
    assert night(after(29)) == {"moved": 0, "returned": 0, "refreshed": 0, "told": 0}
    assert night(after(30)) == {"moved": 0, "returned": 1, "refreshed": 0, "told": 1}
    assert night(after(30))["returned"] == 0
    lines = dict(InboxLine.objects.values_list("user", "text"))
    assert "1 名返校学生" in lines[reporter.pk]
    assert "1 名学生的延缓入学或休学期满" in lines[by.pk]
    assert child.name not in str(lines)


def test_a_changed_setting_asks_for_the_dates_anew(by, officer, league, east):
    episode = suspected(make_child(residence=east), by)
    assert episode.next_on == after(7)
    options.change("dropout.verify_days", "3", by=officer(league, Role.BUREAU))
    assert Job.objects.filter(kind="dropout.refresh").exists()
    assert [one.pk for one in states.differing(Episode.objects.all(), after(1))] == [episode.pk]
    assert upkeep.refresh_all(on=after(1)) == 1
    episode.refresh_from_db()
    assert episode.next_on == after(3)
    assert upkeep.refresh_all(on=after(1)) == 0


def test_every_stored_state_is_found_out_when_it_is_wrong(by, east):
    episode = suspected(make_child(residence=east), by)
    Episode.objects.filter(pk=episode.pk).update(state="VERIFYING")
    assert [one.pk for one in states.differing(Episode.objects.all(), FOUND)] == [episode.pk]


def test_two_who_open_the_first_case_at_once_end_with_one(by, east, monkeypatch):
    """The second did not see the first's row when it looked; the database makes it look again."""
    child = make_child(residence=east)
    first = suspected(child, by)
    seen, real = [], Case.objects.of_student

    def blind_once(student):
        seen.append(student)
        return Case.objects.none() if len(seen) == 1 else real(student)

    monkeypatch.setattr(type(Case.objects), "of_student", lambda _self, one: blind_once(one))
    again = suspected(child, by)
    assert (again.pk, Case.objects.count(), len(seen)) == (first.pk, 1, 2)


def test_a_child_nobody_can_be_named_for_is_refused(by):
    with pytest.raises(Refused, match="no_unit"):
        cases.suspect(make_child(), source=Source.TOLD, found_on=FOUND, by=by, at=moment(FOUND))


def test_a_returned_child_is_due_when_attendance_can_be_confirmed(by, east):
    school = make_school("测试小学", east)
    placement = returned(confirmed(make_child(residence=east), by), school, by, on=after(1))
    placement.episode.refresh_from_db()
    assert placement.episode.next_on == after(1) + timedelta(weeks=2)
    assert placement.episode.case.school == school, "the school that has the child now tells of it"
