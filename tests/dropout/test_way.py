"""The whole way of one child, and where each deed is refused."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from common.models import Event
from common.refusals import Stale
from dropout.models import (
    Case,
    Cause,
    Closing,
    Correction,
    Episode,
    Kind,
    NotDropout,
    PlacementKind,
    ResponsibleRole,
    ServedBy,
    Source,
    State,
    StepKind,
    WatchAnswer,
)
from dropout.services import (
    cases,
    closings,
    corrections,
    placements,
    states,
    steps,
    transfers,
    upkeep,
    visits,
)
from dropout.services.refusals import WORDS, Refused
from registry.roles import Role
from tests.children import make_child, make_school
from tests.dropout.cases import (
    FOUND,
    after,
    at_home,
    attended,
    closed,
    confirmed,
    delayed,
    moment,
    returned,
    suspected,
    visited,
    watched_to_the_end,
)


@pytest.fixture
def school(east):
    return make_school("测试小学", east)


@pytest.fixture
def child(school):
    return make_child(school=school, since=after(-400))


@pytest.fixture
def by(officer, east):
    return officer(east, Role.OFFICIAL)


@pytest.fixture
def second(officer, east):
    return officer(east, Role.OFFICIAL)


def refused(code: str, field: str | None = None):
    """The deed inside must be refused with this code, beside this field."""

    class Expected:
        def __enter__(self):
            return self

        def __exit__(self, kind, fault, _trace):
            assert kind is Refused, f"not refused: {fault!r}"
            assert fault.code == code
            if field is not None:
                assert fault.field == field
            assert fault.says
            return True

    return Expected()


# The way -------------------------------------------------------------------------------------------
def test_from_suspicion_to_closed_and_away_again(child, school, by, second):
    episode = suspected(child, by)
    assert (episode.state, episode.next_on) == (State.SUSPECTED, after(7))
    episode = cases.verify(episode, by=by, at=moment(after(1)))
    assert episode.state == State.VERIFYING
    episode = cases.confirm(
        episode,
        kind=Kind.DROPPED_OUT,
        left_on=after(-30),
        cause=Cause.POVERTY,
        on=after(5),
        by=by,
        at=moment(after(5)),
    )
    assert (episode.state, episode.next_on) == (State.CONFIRMED, after(35))
    visit = visited(episode, by, on=after(6), next_on=after(12))
    assert (visit.episode.state, visit.episode.next_on) == (State.PERSUADING, after(12))
    placement = returned(episode, school, by, on=after(14))
    episode.refresh_from_db()
    assert (episode.state, episode.next_on) == (State.PLACED, after(28))
    attended(placement, by)
    episode.refresh_from_db()
    assert (episode.state, episode.next_on) == (State.WATCHED, after(44))
    watched_to_the_end(placement, by)
    closing = closings.ask_to_close(episode, proof="在校", by=by, at=moment(after(110)))
    closings.decide_closing(closing, accepted=True, by=second, at=moment(after(111)))
    episode.refresh_from_db()
    assert (episode.state, episode.ended_on, episode.next_on) == (State.CLOSED, after(111), None)
    again = cases.left_again(episode, on=after(150), by=by, at=moment(after(150)))
    assert (again.number, again.relapse_of, again.state) == (2, episode, State.SUSPECTED)
    assert again.case_id == episode.case_id
    verbs = Event.objects.filter(subject_code="dropout.case").order_by("pk")
    told = [verb.removeprefix("dropout.") for verb in verbs.values_list("verb", flat=True)]
    assert told[:5] == ["suspected", "verified", "confirmed", "visit_recorded", "placed"]
    assert told[-1] == "left_again"


def test_an_event_tells_no_personal_value(child, by):
    episode = confirmed(child, by, cause=Cause.RELIGION, cause_detail="不能外传的说明")
    visited(episode, by, on=after(1), note="家里的事", guardian_word="监护人说的话")
    told = str(list(Event.objects.values_list("before", "after", "subject_title")))
    for secret in (child.name, "RELIGION", "不能外传", "家里的事", "监护人说", "巴图"):
        assert secret not in told


def test_a_child_away_while_watched_ends_the_episode_and_opens_the_next(child, school, by):
    episode = confirmed(child, by)
    placement = attended(returned(episode, school, by, on=after(1)), by)
    watch = placement.watches.order_by("days").first()
    placements.answer_watch(watch, answer=WatchAnswer.LEFT, by=by, at=moment(watch.due_on))
    episode.refresh_from_db()
    assert (episode.state, episode.next_on) == (State.WATCHED, watch.due_on)
    new = cases.left_again(episode, on=after(32), by=by, at=moment(after(32)))
    episode.refresh_from_db()
    assert (episode.state, episode.ended_on) == (State.LEFT_AGAIN, after(32))
    assert new.relapse_of == episode and new.is_open


def test_an_approved_delay_comes_back_by_itself(child, by):
    episode = confirmed(child, by)
    delayed(episode, by, on=after(1), until=after(60))
    episode.refresh_from_db()
    assert (episode.state, episode.next_on) == (State.PLACED, after(60))
    assert upkeep.bring_back(at=moment(after(60)), on=after(60)) == 0, "its last day is its own"
    assert upkeep.bring_back(at=moment(after(61)), on=after(61)) == 1
    assert upkeep.bring_back(at=moment(after(61)), on=after(61)) == 0
    episode.refresh_from_db()
    assert (episode.state, episode.next_on) == (State.CONFIRMED, after(61))
    delayed(episode, by, on=after(62), until=after(90))
    with refused("approval_runs", "proof"):
        closings.ask_to_close(episode, proof="批准", by=by, at=moment(after(63)))


def test_teaching_at_home_is_proved_by_a_plan_and_a_lesson(child, by):
    episode = confirmed(child, by)
    placement = at_home(episode, by, on=after(1))
    episode.refresh_from_db()
    assert episode.state == State.PLACED
    lesson = placements.record_lesson(
        placement, on=after(3), teacher="其其格", minutes=80, by=by, at=moment(after(3))
    )
    episode.refresh_from_db()
    assert episode.state == State.WATCHED
    corrections.withdraw(lesson, reason="登错了人", by=by, at=moment(after(4)))
    episode.refresh_from_db()
    assert episode.state == State.PLACED


def test_a_new_plan_ends_the_one_before_and_takes_over_what_is_private(child, by):
    placement = at_home(confirmed(child, by), by, on=after(1))
    first = placement.plans.get()
    first.disability = "听力二级"
    first.save()
    second = placements.plan_lessons(
        placement, lessons_a_month=8, minutes=60, valid_from=after(20), by=by, at=moment(after(20))
    )
    first.refresh_from_db()
    assert (first.valid_to, second.disability) == (after(19), "听力二级")
    with refused("twice", "valid_from"):
        placements.plan_lessons(
            placement, lessons_a_month=8, minutes=60, valid_from=after(20), by=by, at=moment(after(20))
        )  # fmt: skip


# Found again ---------------------------------------------------------------------------------------
def test_a_second_suspicion_tells_the_open_episode(child, by):
    first = suspected(child, by)
    again = suspected(child, None, on=after(3), absent_since=after(-9), source=Source.COMPARISON)
    assert (again.pk, Episode.objects.count(), Case.objects.count()) == (first.pk, 1, 1)
    assert (again.absent_since, again.source) == (after(-9), Source.DOOR_TO_DOOR)
    with refused("already_open", "student"):
        suspected(child, by, on=after(3), only_new=True)


def test_a_suspicion_about_a_child_thought_settled_is_due_at_once(child, school, by):
    episode = confirmed(child, by)
    returned(episode, school, by, on=after(1))
    again = suspected(child, None, on=after(9))
    assert (again.pk, again.state, again.next_on) == (episode.pk, State.PLACED, after(9))


def test_after_a_ruling_out_a_suspicion_is_new_and_no_relapse(child, by):
    episode = suspected(child, by)
    cases.rule_out(
        episode, reason=NotDropout.ENROLLED, proof="在读证明", by=by, at=moment(after(2))
    )
    new = suspected(child, by, on=after(40))
    assert (new.number, new.relapse_of) == (2, None)


def test_a_confirmed_child_who_died_is_ruled_out(child, by):
    episode = confirmed(child, by)
    cases.rule_out(episode, reason=NotDropout.DIED, proof="注销证明", by=by, at=moment(after(9)))
    episode.refresh_from_db()
    assert (episode.state, episode.ended_on) == (State.RULED_OUT, after(9))


# Refused -------------------------------------------------------------------------------------------
def test_dates_out_of_order_and_in_future(child, by):
    with refused("in_future", "found_on"):
        cases.suspect(child, source=Source.TOLD, found_on=after(1), by=by, at=moment(FOUND))
    with refused("out_of_order", "absent_since"):
        suspected(child, by, absent_since=after(1))
    episode = suspected(child, by)
    with refused("before_found", "on"):
        cases.verify(episode, on=after(-1), by=by, at=moment(after(1)))
    cases.verify(episode, on=after(2), by=by, at=moment(after(2)))
    told = {"kind": Kind.DROPPED_OUT, "cause": Cause.WORK, "by": by}
    with refused("out_of_order", "on"):
        cases.confirm(episode, on=after(1), left_on=after(-60), at=moment(after(3)), **told)
    with refused("out_of_order", "left_on"):
        cases.confirm(episode, on=after(3), left_on=after(4), at=moment(after(5)), **told)
    with refused("too_soon", "left_on"):
        cases.confirm(episode, on=after(3), left_on=after(-26), at=moment(after(5)), **told)
    with refused("required", "left_on"):
        cases.confirm(episode, on=after(3), at=moment(after(5)), **told)


def test_a_visit_in_the_future_before_the_finding_and_twice(child, by):
    episode = suspected(child, by)
    facts = {"visitor": "巴图", "way": "HOME", "result": "NOT_MET"}
    with refused("in_future", "on"):
        visits.record_visit(episode, on=after(2), by=by, at=moment(after(1)), **facts)
    with refused("before_found", "on"):
        visited(episode, by, on=after(-1))
    with refused("out_of_order", "next_on"):
        visited(episode, by, on=after(1), next_on=FOUND)
    visited(episode, by, on=after(1))
    with refused("twice", "on"):
        visited(episode, by, on=after(1))


@pytest.mark.parametrize(("age", "is_refused"), [(5, True), (6, False), (16, False), (17, True)])
def test_a_child_who_is_too_old_or_too_young(school, by, age, is_refused):
    born = FOUND.replace(year=FOUND.year - age)
    child = make_child(school=school, born_on=born, since=after(-400))
    if is_refused:
        with refused("age", "student"):
            suspected(child, by)
        assert not Case.objects.exists()
    else:
        assert suspected(child, by).is_open


@pytest.mark.parametrize(
    ("kind", "facts", "code", "field"),
    [
        (PlacementKind.SAME_CLASS, {}, "required", "school"),
        (PlacementKind.JOINED_CLASS, {"school": "school"}, "required", "grade"),
        (PlacementKind.INCLUSIVE, {"school": "school", "grade": "13"}, "required", "class_name"),
        (PlacementKind.SAME_CLASS, {"school": "banner"}, "not_a_school", "school"),
        (PlacementKind.DELAY, {}, "required", "ends_on"),
        (PlacementKind.SUSPENSION, {"ends_on": after(1)}, "out_of_order", "ends_on"),
        (PlacementKind.SUSPENSION, {"ends_on": after(9)}, "required", "authority"),
        (PlacementKind.DELAY, {"ends_on": after(9), "authority": "x"}, "required", "document_number"),
    ],
)  # fmt: skip
def test_each_placement_demands_its_proof(child, school, east, by, kind, facts, code, field):
    episode = confirmed(child, by)
    named = {"school": school, "banner": east}
    facts = {name: named.get(value, value) for name, value in facts.items()}
    with refused(code, field):
        placements.place(episode, kind=kind, began_on=after(1), by=by, at=moment(after(1)), **facts)


def test_attendance_is_confirmed_after_some_weeks(child, school, by):
    placement = returned(confirmed(child, by), school, by, on=after(1))
    with refused("too_soon", "on"):
        placements.confirm_attendance(placement, on=after(14), by=by, at=moment(after(14)))
    placements.confirm_attendance(placement, on=after(15), by=by, at=moment(after(15)))


def test_closing_needs_every_look_and_a_second_person(child, school, by, second):
    episode = confirmed(child, by)
    placement = returned(episode, school, by, on=after(1))
    day = moment(after(120))
    with refused("not_settled", "proof"):
        closings.ask_to_close(episode, proof="在校", by=by, at=day)
    attended(placement, by)
    with refused("watch_open", "proof"):
        closings.ask_to_close(episode, proof="在校", by=by, at=day)
    watched_to_the_end(placement, by)
    with refused("required", "proof"):
        closings.ask_to_close(episode, proof="  ", by=by, at=day)
    closing = closings.ask_to_close(episode, proof="在校", by=by, at=day)
    with refused("own_closing", "accepted"):
        closings.decide_closing(closing, accepted=True, by=by, at=day)
    with refused("required", "note"):
        closings.decide_closing(closing, accepted=False, by=second, at=day)
    closings.decide_closing(closing, accepted=True, by=second, at=day)
    with refused("ended"):
        closings.decide_closing(closing, accepted=True, by=second, at=day)


def test_a_look_that_found_nobody_stands_against_closing_until_corrected(child, school, by):
    episode = confirmed(child, by)
    placement = attended(returned(episode, school, by, on=after(1)), by)
    watched_to_the_end(placement, by)
    last = placement.watches.order_by("-days").first()
    with refused("already_answered", "answer"):
        placements.answer_watch(last, answer="LEFT", by=by, at=moment(after(100)))
    day = moment(after(100))
    with refused("required", "reason"):
        corrections.correct_watch(last, answer="LEFT", reason=" ", by=by, at=day)
    with refused("same_answer", "answer"):
        corrections.correct_watch(last, answer="PRESENT", reason="看错", by=by, at=day)
    corrections.correct_watch(last, answer="LEFT", reason="看错", by=by, at=day)
    assert Episode.objects.get(pk=episode.pk).next_on == last.due_on, (
        "due since the day of the look"
    )
    with refused("watch_left", "proof"):
        closings.ask_to_close(episode, proof="在校", by=by, at=moment(after(101)))
    corrections.correct_watch(last, answer="PRESENT", reason="又看错", by=by, at=day)
    assert Episode.objects.get(pk=episode.pk).planned_on is None
    closings.ask_to_close(episode, proof="在校", by=by, at=moment(after(101)))
    told = Correction.objects.order_by("pk").values_list("was", "became", "reason")
    assert list(told) == [("PRESENT", "LEFT", "看错"), ("LEFT", "PRESENT", "又看错")]


def test_steps_are_taken_in_order_or_skipped_with_a_reason(child, by):
    episode = suspected(child, by)
    day = moment(after(9))
    with refused("not_confirmed", "kind"):
        steps.take_step(episode, kind=StepKind.TEACHING, taken_on=after(1), by=by, at=day)
    cases.confirm(
        episode, kind=Kind.NEVER_ENROLLED, cause=Cause.DISTANCE, on=after(1), by=by, at=day
    )
    with refused("step_before", "kind"):
        steps.take_step(episode, kind=StepKind.ORDER, taken_on=after(2), by=by, at=day)
    with refused("required", "skipped_because"):
        steps.skip_step(episode, kind=StepKind.TEACHING, skipped_because=" ", by=by, at=day)
    steps.skip_step(episode, kind=StepKind.TEACHING, skipped_because="早已做过", by=by, at=day)
    with refused("required", "legal_basis"):
        steps.take_step(episode, kind=StepKind.ORDER, taken_on=after(2), by=by, at=day)
    basis = {"legal_basis": "工作人员写的依据"}
    step = steps.take_step(episode, kind=StepKind.ORDER, taken_on=after(2), by=by, at=day, **basis)
    with refused("step_done", "kind"):
        steps.take_step(episode, kind=StepKind.ORDER, taken_on=after(2), by=by, at=day, **basis)
    paper = {"kind": "CORRECT_BY", "number": "1号", "issuer": "测试苏木", "addressee": "监护人"}
    notice = steps.issue_notice(
        episode, issued_on=after(3), deadline=after(20), step=step, by=by, at=day, **paper
    )
    assert notice.episode.next_on == after(20)
    with refused("number_taken", "number"):
        steps.issue_notice(episode, issued_on=after(3), by=by, at=day, **paper)
    with refused("has_notices", "reason"):
        corrections.withdraw(step, reason="写错", by=by, at=day)
    with refused("out_of_order", "served_on"):
        steps.serve_notice(notice, served_on=after(2), served_by=ServedBy.POST, by=by, at=day)
    with refused("witness", "witness"):
        steps.serve_notice(notice, served_on=after(4), served_by=ServedBy.LEFT, by=by, at=day)
    steps.serve_notice(
        notice, served_on=after(4), served_by=ServedBy.LEFT, witness="见证人", by=by, at=day
    )
    with refused("already_served", "served_on"):
        steps.serve_notice(notice, served_on=after(4), served_by=ServedBy.POST, by=by, at=day)


def test_two_officials_on_one_case(child, by, second):
    episode = suspected(child, by)
    seen = episode.case.version
    cases.verify(episode, by=by, at=moment(after(1)), seen=seen)
    with pytest.raises(Stale):
        cases.rule_out(
            episode,
            reason=NotDropout.DIED,
            proof="证明",
            by=second,
            at=moment(after(1)),
            seen=seen,
        )
    episode.refresh_from_db()
    assert episode.state == State.VERIFYING


def test_a_wrong_visit_stays_with_who_withdrew_it_and_why(child, by):
    episode = confirmed(child, by)
    visit = visited(episode, by, on=after(1))
    with refused("required", "reason"):
        corrections.withdraw(visit, reason="", by=by, at=moment(after(2)))
    corrections.withdraw(visit, reason="记到别人身上了", by=by, at=moment(after(2)))
    episode.refresh_from_db()
    visit.refresh_from_db()
    assert episode.state == State.CONFIRMED
    assert visit.withdrawn_reason == "记到别人身上了"
    with refused("withdrawn", "reason"):
        corrections.withdraw(visit, reason="又一次", by=by, at=moment(after(2)))


# Transfers and people ------------------------------------------------------------------------------
def test_until_the_other_accepts_the_giver_keeps_it(child, by, officer, east, west):
    case = suspected(child, by).case
    there = officer(west, Role.OFFICIAL)
    offered = {"to_unit": west, "reason": "搬家", "by": by, "at": moment(after(2))}
    with refused("same_unit", "to_unit"):
        transfers.offer_case(case, **offered | {"to_unit": east})
    transfer = transfers.offer_case(case, **offered)
    with refused("already_offered", "to_unit"):
        transfers.offer_case(case, **offered)
    mine = Case.objects.visible_to(there, "dropout.change_case")
    assert not mine.filter(pk=case.pk).exists()
    with refused("required", "answer"):
        transfers.refuse_case(transfer, answer="", by=there, at=moment(after(3)))
    transfers.refuse_case(transfer, answer="不在我旗", by=there, at=moment(after(3)))
    transfer = transfers.offer_case(case, **offered)
    transfers.withdraw_offer(transfer, by=by, at=moment(after(3)))
    transfer = transfers.offer_case(case, **offered)
    transfers.accept_case(transfer, by=there, at=moment(after(4)))
    assert mine.filter(pk=case.pk).exists()
    assert not Case.objects.visible_to(by, "dropout.change_case").filter(pk=case.pk).exists()
    with refused("decided"):
        transfers.refuse_case(transfer, answer="晚了", by=there, at=moment(after(4)))


def test_who_is_replaced_stays_on_record(child, by):
    episode = suspected(child, by)
    role = ResponsibleRole.objects.create(name="测试职务", line="EDUCATION")
    first = cases.name_responsible(episode, role=role, name="甲", by=by, at=moment(after(1)))
    cases.name_responsible(
        episode, role=role, name="乙", phone="13800000000", by=by, at=moment(after(2))
    )
    first.refresh_from_db()
    assert first.replaced_at == moment(after(2))
    assert [one.name for one in episode.responsible.standing()] == ["乙"]


def test_only_who_covers_the_case_can_keep_it(child, by, officer, west):
    episode = suspected(child, by)
    with refused("not_theirs", "officer"):
        cases.arrange(episode, officer=officer(west), planned_on=None, by=by, at=moment(after(1)))
    cases.arrange(episode, officer=by, planned_on=after(5), by=by, at=moment(after(1)))
    episode.refresh_from_db()
    assert (episode.officer, episode.next_on) == (by, after(5))


# What the database holds against ---------------------------------------------------------------------
def test_what_must_never_happen_is_a_constraint(child, school, by):
    episode = confirmed(child, by)
    placement = returned(episode, school, by, on=after(1))
    day = moment(after(1))

    def broken(statement):
        with pytest.raises(IntegrityError), transaction.atomic():
            statement()

    mine = Episode.objects.filter(pk=episode.pk)
    broken(
        lambda: Episode.objects.create(
            case=episode.case, number=2, source="TOLD", found_on=FOUND, state_since=FOUND
        )
    )
    broken(lambda: mine.update(cause=Cause.RELIGION))
    broken(lambda: mine.update(confirmed_on=after(-1)))
    broken(lambda: mine.update(state=State.CLOSED))
    broken(lambda: mine.update(ended_on=after(2)))
    broken(lambda: type(placement).objects.update(class_name=""))
    broken(lambda: type(placement).objects.update(attended_on=FOUND))
    broken(lambda: Case.objects.create(student=child, unit=episode.case.unit, opened_at=day))
    closing = Closing.objects.create(episode=episode, proof="x", asked_by=by, asked_at=day)
    broken(
        lambda: Closing.objects.filter(pk=closing.pk).update(
            decided_by=by, decided_at=day, accepted=True
        )
    )


def test_a_sensitive_cause_lies_encrypted_and_is_told_to_few(child, by):
    episode = confirmed(child, by, cause=Cause.HEALTH)
    assert episode.cause == Cause.GUARDED
    assert episode.cause_told(sensitive=True) == "身体原因不具备学习能力"
    assert episode.cause_told(sensitive=False) == "另行记载"
    facts = {"cause": Cause.WORK, "by": by, "at": moment(after(1))}
    with refused("required", "reason"):
        corrections.correct_cause(episode, reason="", **facts)
    corrected = corrections.correct_cause(episode, reason="查明是打工", **facts)
    assert (corrected.cause, corrected.guarded_cause) == (Cause.WORK, None)
    event = Event.objects.get(verb="dropout.cause_corrected")
    assert event.after["was"] == Cause.GUARDED, "the log never holds a sensitive code"
    told = Correction.objects.get()
    assert (told.was, told.became, told.reason) == (Cause.HEALTH, Cause.WORK, "查明是打工")


def test_every_refusal_has_words():
    assert all(str(words) for words in WORDS.values())


def test_the_next_date_is_derived_for_every_open_episode(child, school, by, second):
    episode = confirmed(child, by)
    closed(returned(episode, school, by, on=after(1)), by, second)
    later = confirmed(make_child("二", school=school, since=after(-300)), by)
    assert later.next_on == FOUND + timedelta(days=30)
    assert not list(states.differing(Episode.objects.all(), after(100)))
