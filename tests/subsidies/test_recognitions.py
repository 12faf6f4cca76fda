"""Recognition from the application to the file, adjusted and ended; what is refused; what is frozen."""

from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.models import Event
from common.refusals import Stale
from registry.identity import number_index
from registry.models import Enrolment, Membership, OutsideList, Student
from registry.roles import Role
from subsidies.models import Award, NoticeRun, Recognition
from subsidies.services import recognitions as deeds
from subsidies.services.refusals import Refused
from subsidies.services.standards import load_standards
from tests.cast import NOW, TODAY
from tests.intake.rosters import make_school
from tests.subsidies.need import at_school

TERM = "2025/26-1"
State = Recognition.State


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def teacher(school, officer):
    return officer(school, Role.SCHOOL)


@pytest.fixture
def official(east, officer):
    return officer(east)


@pytest.fixture
def child(school):
    return at_school(school, "13")


def apply(child, school, by, **over) -> Recognition:
    asked = {"school": school, "term": TERM, "on": date(2025, 9, 10), "has_promise": True}
    return deeds.apply(child, by=by, at=NOW, **asked | over)


def agree(one, by, **over) -> Recognition:
    return deeds.agree(one, by=by, at=NOW, **{"level": "B", "on": date(2025, 9, 20)} | over)


def refused(deed, *args, **more) -> tuple[str, str]:
    with pytest.raises(Refused) as why:
        deed(*args, **more)
    assert why.value.says
    return why.value.code, why.value.field


def at(year, month, day):
    return timezone.make_aware(datetime(year, month, day, 10))


@pytest.fixture
def filed(child, school, teacher, official):
    load_standards()
    one = agree(apply(child, school, teacher), teacher)
    notice = deeds.put_up_notice(school, term=TERM, recognitions=[one.pk], by=teacher, at=NOW)
    deeds.file_notice(notice, by=official, at=at(2025, 10, 21))
    one.refresh_from_db()
    return one


def test_from_the_application_to_the_award(child, school, teacher, official):
    load_standards()
    one = apply(child, school, teacher)
    assert (one.state, one.level, one.grade, one.class_name) == (State.APPLIED, "", "13", "2班")
    one = agree(one, teacher, seen=1)
    assert (one.state, one.level, one.recognised_on) == (State.AGREED, "B", date(2025, 9, 20))
    notice = deeds.put_up_notice(school, term=TERM, recognitions=[one.pk], by=teacher, at=NOW)
    assert (notice.starts_on, notice.ends_on) == (TODAY, date(2025, 10, 20)), "five working days"
    assert notice.is_up(date(2025, 10, 20)) and not notice.is_up(date(2025, 10, 21))
    assert not Award.objects.exists()
    early = at(2025, 10, 20)
    assert refused(deeds.file_notice, notice, by=official, at=early)[0] == "notice_runs"
    assert deeds.file_notice(notice, by=official, at=at(2025, 10, 21)) == 1
    assert refused(deeds.file_notice, notice, by=official, at=at(2025, 10, 21))[0] == "nobody"
    one.refresh_from_db()
    award = Award.objects.get()
    assert (one.state, str(award.amount), award.recognition) == (State.FILED, "312.50", one)


def test_a_notice_taken_down_early_tells_why_and_files_nobody(child, school, teacher, official):
    one = agree(apply(child, school, teacher), teacher)
    notice = deeds.put_up_notice(school, term=TERM, recognitions=[one.pk], by=teacher, at=NOW)
    take = {"by": teacher, "at": NOW}
    assert refused(deeds.take_down_notice, notice, reason=" ", **take) == ("required", "reason")
    notice = deeds.take_down_notice(notice, reason="班级写错", **take)
    assert not notice.is_up(TODAY) and not NoticeRun.objects.up(TODAY).exists()
    assert refused(deeds.take_down_notice, notice, reason="再", **take)[0] == "notice_over"
    assert refused(deeds.file_notice, notice, by=official, at=at(2025, 11, 21))[0] == "notice_runs"
    one.refresh_from_db()
    assert (one.state, one.notice) == (State.AGREED, None)
    assert deeds.put_up_notice(school, term=TERM, recognitions=[one.pk], **take).pk != notice.pk


def test_whoever_objects_is_heard_during_the_notice(child, school, teacher, official):
    load_standards()
    one = agree(apply(child, school, teacher), teacher)
    notice = deeds.put_up_notice(school, term=TERM, recognitions=[one.pk], by=teacher, at=NOW)
    deeds.refuse(one, reason="查明有车有房", by=teacher, at=NOW)
    assert refused(deeds.file_notice, notice, by=official, at=at(2025, 10, 21))[0] == "nobody"
    assert apply(child, school, teacher).state == State.APPLIED, "and may ask again"


def test_an_adjustment_makes_a_new_decision_and_keeps_the_old(filed, official):
    after = {"by": official, "at": at(2025, 11, 3)}
    day = date(2025, 11, 3)
    new = deeds.adjust(filed, level="A", group="SUBSISTENCE", reason="纳入低保", on=day, **after)
    filed.refresh_from_db()
    assert (filed.state, filed.level, filed.ended_on) == (State.ADJUSTED, "B", day)
    assert (new.state, new.level, new.adjusts, new.reason) == ("FILED", "A", filed, "纳入低保")
    assert Award.objects.get().recognition == new
    ended = deeds.end(new, reason="家庭好转", on=day, **after)
    assert ended.state == State.ENDED and not Award.objects.exists()
    assert refused(deeds.end, ended, reason="再", on=day, **after)[0] == "not_filed"


@pytest.mark.parametrize(
    "over, code",
    [
        ({"level": "D"}, "level_unknown"),
        ({"level": "B"}, "unchanged"),
        ({"reason": "  "}, "required"),
        ({"on": date(2026, 1, 1)}, "in_future"),
        ({"on": date(2025, 9, 1)}, "out_of_order"),
    ],
)
def test_a_bad_adjustment_changes_nothing(filed, official, over, code):
    asked = {"level": "A", "reason": "调整", "on": date(2025, 11, 3)} | over
    why = refused(deeds.adjust, filed, by=official, at=at(2025, 11, 3), **asked)
    assert why[0] == code
    assert Recognition.objects.get().state == State.FILED


def test_what_was_known_on_the_day_stays(child, school, teacher, east):
    from_civil_affairs = OutsideList.objects.create(
        department="CIVIL_AFFAIRS", title="低保", listed_on=date(2025, 9, 1), unit=east
    )
    member = Membership.objects.create(
        list=from_civil_affairs,
        name="那仁",
        id_number="152921201509010014",
        id_number_index=number_index("152921201509010014"),
        category="SUBSISTENCE",
        student=child,
    )
    one = agree(apply(child, school, teacher), teacher, group="SUBSISTENCE")
    known = {
        "list": from_civil_affairs.pk,
        "department": "CIVIL_AFFAIRS",
        "listed_on": "2025-09-01",
        "category": "SUBSISTENCE",
    }
    assert one.facts == {"on": "2025-09-20", "lists": [known]}
    member.delete()
    Enrolment.objects.update(grade="14", class_name="1班")
    one.refresh_from_db()
    assert (one.grade, one.class_name, one.facts["lists"]) == ("13", "2班", [known])


@pytest.mark.parametrize(
    "over, why",
    [
        ({"term": "2025"}, ("not_a_term", "term")),
        ({"term": "秋季"}, ("not_a_term", "term")),
        ({"term": "2025/26-2"}, ("term_ahead", "term")),
        ({"on": date(2025, 10, 14)}, ("in_future", "applied_on")),
    ],
)
def test_a_bad_application_is_refused(child, school, teacher, over, why):
    assert refused(apply, child, school, teacher, **over) == why


def test_once_a_term_with_a_promise_at_ones_own_school(child, school, teacher, east):
    one = apply(child, school, teacher, has_promise=False)
    assert refused(apply, child, school, teacher) == ("recognised_already", "student")
    assert refused(agree, one, teacher) == ("no_promise", "has_promise")
    assert agree(one, teacher, has_promise=True).has_promise
    elsewhere = make_school("阿左旗第二小学", east)
    stranger = at_school(elsewhere, "13")
    assert refused(apply, stranger, school, teacher) == ("not_enrolled", "student")
    with pytest.raises(Stale):
        agree(one, teacher, seen=1)


def test_the_database_keeps_to_one_a_term_and_a_level_for_a_decision(child, school, teacher):
    one = apply(child, school, teacher)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recognition.objects.create(student=child, unit=school, term=TERM)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recognition.objects.filter(pk=one.pk).update(state=State.AGREED)


def test_a_school_sees_its_own_and_a_banner_its_own(child, school, teacher, officer, west, east):
    apply(child, school, teacher)

    def seen(user):
        return Recognition.objects.visible_to(user, "subsidies.view_recognition").count()

    other = make_school("阿左旗第二小学", east)
    who = [teacher, officer(east), officer(other, Role.SCHOOL), officer(west)]
    assert [seen(user) for user in who] == [1, 1, 0, 0]


def test_the_log_holds_no_name(filed):
    told = "".join(f"{e.before}{e.after}{e.subject_title}" for e in Event.objects.all())
    assert Event.objects.filter(verb="subsidies.recognition_agreed").exists()
    assert Student.objects.get().name not in told
