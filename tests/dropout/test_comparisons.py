"""Comparing lists: who is found, who decides, and that no child has two cases."""

from datetime import date

import pytest

from common.jobs import run
from common.models import Event
from dropout.models import Comparison, ComparisonKind, Episode, Pair
from dropout.services import comparing, comparisons
from registry import identity
from registry.models import Finding, Membership, OutsideList, Student, Verdict
from tests.cast import NOW, TODAY
from tests.children import id_number, make_child, make_school
from tests.dropout.lists import MONTH, age_list, entry, line
from tests.dropout.rows import confirmed, make_case

pytestmark = pytest.mark.django_db
Outcome = Pair.Outcome
NUMBER = id_number(1)
WRONG = NUMBER[:16] + str((int(NUMBER[16]) + 1) % 10) + NUMBER[17:]


@pytest.fixture
def school(east):
    return make_school("演示小学", east)


@pytest.fixture
def by(officer, east):
    return officer(east)


def compared(east, by, *, kind=ComparisonKind.NEVER_ENROLLED, **inputs) -> Comparison:
    comparison = comparisons.start_comparison(kind, unit=east, by=by, at=NOW, on=TODAY, **inputs)
    comparisons.run_comparison(comparison, at=NOW)
    comparison.refresh_from_db()
    return comparison


def outcomes(comparison) -> list[str]:
    return sorted(comparison.pairs.values_list("outcome", flat=True))


# Register × roll ---------------------------------------------------------------------------------
def test_who_is_enrolled_is_fine_and_who_is_not_is_found(east, by, school):
    listed = age_list(east)
    make_child(school=school, number=NUMBER)
    idle = make_child("苏和", number=id_number(2))
    for n, name in ((1, "那仁"), (2, "苏和"), (3, "乌云")):
        entry(listed, id_number(n), name)
    comparison = compared(east, by, lists=[listed.pk])
    assert outcomes(comparison) == [Outcome.MISSING, Outcome.NOT_ENROLLED]
    assert comparison.pairs.get(outcome=Outcome.NOT_ENROLLED).student == idle
    assert comparison.counts["fine"] == 1 and comparison.counts["left"] == 3
    assert Student.objects.count() == 2 and not Episode.objects.exists()


def test_a_child_past_school_age_is_not_compared(east, by):
    listed = age_list(east)
    entry(listed, id_number(1, "20050901"))
    assert compared(east, by, lists=[listed.pk]).counts == {"left": 0, "fine": 0, "decided": 0}


def test_a_child_on_two_lists_is_found_once(east, by):
    lists = [age_list(east, office=office) for office in ("公安局", "卫健委")]
    for one in lists:
        entry(one, NUMBER)
    assert outcomes(compared(east, by, lists=[one.pk for one in lists])) == [Outcome.MISSING]


@pytest.mark.parametrize(
    "verdict, then",
    [
        (Verdict.SAME, []),
        (Verdict.DIFFERENT, [Outcome.MISSING]),
        (Verdict.UNSURE, [Outcome.SUGGESTED]),
        (Verdict.OPEN, [Outcome.SUGGESTED]),
    ],
)
def test_what_a_person_decides_holds_for_the_next_run(east, by, school, verdict, then):
    make_child(school=school, number=NUMBER, born_on=date(2015, 9, 1))
    listed = age_list(east)
    entry(listed, WRONG)
    first = compared(east, by, lists=[listed.pk])
    pair = first.pairs.get()
    assert pair.outcome == Outcome.SUGGESTED and pair.ground == "MISTYPED"
    comparisons.decide_pair(pair, verdict=verdict, by=by, at=NOW, seen=0)
    assert outcomes(compared(east, by, lists=[listed.pk])) == then


def test_nobody_opens_a_case_while_a_person_has_to_decide(east, by, school):
    make_child(school=school, number=NUMBER, born_on=date(2015, 9, 1))
    listed = age_list(east)
    entry(listed, WRONG)
    with pytest.raises(comparisons.NotFinished):
        comparisons.ask_for_cases(compared(east, by, lists=[listed.pk]), by=by)


# Cases -------------------------------------------------------------------------------------------
def test_a_child_in_no_record_becomes_one_of_ours_with_a_suspected_case(east, by):
    listed = age_list(east)
    entry(listed, NUMBER, guardian="苏和", banner=east)
    comparison = compared(east, by, lists=[listed.pk])
    assert comparisons.open_cases(comparison, by=by, at=NOW) == {"opened": 1}
    student = Student.objects.get()
    assert (student.residence, student.name, student.sex) == (east, "那仁", "1")
    assert student.guardians.get().name == "苏和"
    episode = Episode.objects.get()
    assert (episode.state, episode.source, episode.case.unit) == ("SUSPECTED", "COMPARISON", east)
    assert episode.finding == Finding.objects.get() and episode.finding.unit == east
    assert comparison.pairs.get().episode == episode


def test_a_second_run_tells_the_open_case_and_opens_no_other(east, by):
    listed = age_list(east)
    entry(listed, NUMBER, banner=east)
    for outcome in (Outcome.MISSING, Outcome.NOT_ENROLLED):
        comparison = compared(east, by, lists=[listed.pk])
        assert outcomes(comparison) == [outcome]
        comparisons.open_cases(comparison, by=by, at=NOW)
    assert Episode.objects.count() == Student.objects.count() == Finding.objects.count() == 1
    with pytest.raises(comparisons.NotFinished):
        comparisons.ask_for_cases(comparison, by=by)


def test_a_finding_clears_once_the_child_is_enrolled(east, by, school):
    listed, child = age_list(east), make_child(number=NUMBER, residence=east)
    entry(listed, NUMBER)
    comparisons.open_cases(compared(east, by, lists=[listed.pk]), by=by, at=NOW)
    assert Finding.objects.open().count() == 1
    child.enrolments.create(school=school, grade="13", valid_from=date(2025, 9, 1))
    compared(east, by, lists=[listed.pk])
    assert not Finding.objects.open().exists()


def test_who_cannot_be_taken_up_is_counted_and_the_others_are(east, by):
    listed = age_list(east)
    make_child(number=NUMBER, residence=east, born_on=date(2005, 1, 1))
    entry(listed, NUMBER)
    entry(listed, id_number(2), "苏和", banner=east)
    told = comparisons.open_cases(compared(east, by, lists=[listed.pk]), by=by, at=NOW)
    assert told == {"opened": 1, "age": 1} and Episode.objects.count() == 1


# Roll × really there -----------------------------------------------------------------------------
def test_who_is_away_too_long_and_who_is_not_told_of_is_found(east, by, school):
    numbers = [id_number(n) for n in range(4)]
    there, ill, away, untold = (make_child(school=school, number=one) for one in numbers)
    line(school, there, numbers[0], by=by)
    line(school, ill, numbers[1], absent_since=date(2025, 9, 28), by=by)
    line(school, away, numbers[2], absent_since=date(2025, 9, 8), by=by)
    comparison = compared(east, by, kind=ComparisonKind.ABSENT, month=MONTH)
    found = dict(comparison.pairs.values_list("student", "outcome"))
    assert found == {away.pk: Outcome.ABSENT, untold.pk: Outcome.UNTOLD}
    comparisons.open_cases(comparison, by=by, at=NOW)
    assert [one.absent_since for one in Episode.objects.all()] == [date(2025, 9, 8)]


def test_a_school_that_has_not_reported_is_not_judged(east, by, school):
    make_child(school=school, number=NUMBER)
    comparison = compared(east, by, kind=ComparisonKind.ABSENT, month=MONTH)
    assert outcomes(comparison) == [] and comparison.counts["schools"] == 0


# Cases × lists of other departments ------------------------------------------------------------------
def test_a_case_is_found_through_the_child_and_through_its_guardian(east, by):
    one = OutsideList.objects.create(department="RURAL", title="甲", listed_on=TODAY, unit=east)
    own, through, other = (make_child(residence=east, number=id_number(n)) for n in range(3))
    for child in (own, through, other):
        make_case(east, child=child, **confirmed())
    through.guardians.create(
        name="苏和", id_number=id_number(9), id_number_index=identity.number_index(id_number(9))
    )
    for number, child in ((id_number(0), own), (id_number(9), None)):
        Membership.objects.create(
            list=one,
            name="甲",
            id_number=number,
            id_number_index=identity.number_index(number),
            category="POVERTY_EXIT",
            student=child,
        )
    comparison = compared(east, by, kind=ComparisonKind.POVERTY, lists=[one.pk])
    assert set(comparison.pairs.values_list("student", flat=True)) == {own.pk, through.pk}
    assert comparison.counts == {"left": 3, "fine": 1, "POVERTY": 2}


# The run as a job --------------------------------------------------------------------------------
def test_a_run_needs_a_list_and_keeps_what_was_chosen(east, by):
    with pytest.raises(comparisons.NothingChosen):
        comparisons.start_comparison("NEVER_ENROLLED", unit=east, by=by, at=NOW, on=TODAY)
    assert not Comparison.objects.exists()
    comparison = compared(east, by, lists=[age_list(east).pk])
    assert comparison.inputs["lists"] and comparison.on == TODAY and comparison.asked_by == by


def test_a_run_that_dies_before_its_end_leaves_nothing_and_begins_anew(
    east, by, monkeypatch, django_capture_on_commit_callbacks
):
    listed = age_list(east)
    entry(listed, NUMBER)
    comparison = comparisons.start_comparison(
        "NEVER_ENROLLED", unit=east, by=by, at=NOW, on=TODAY, lists=[listed.pk]
    )

    def die(*args, **facts):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(comparisons.findings, "settle", die)
        patch.setattr(comparisons.audit, "record", die)
        with pytest.raises(RuntimeError):
            comparisons.run_comparison(comparison, at=NOW)
    assert not Pair.objects.exists()
    for _twice in range(2):
        comparisons.run_comparison(comparison, at=NOW)
    assert Pair.objects.count() == 1
    assert Event.objects.filter(verb="dropout.comparison_finished").count() == 1


def test_the_job_runs_it(east, by):
    listed = age_list(east)
    entry(listed, NUMBER)
    comparison = comparisons.start_comparison(
        "NEVER_ENROLLED", unit=east, by=by, at=NOW, on=TODAY, lists=[listed.pk]
    )
    run(comparison.job_id)
    comparison.refresh_from_db()
    assert comparison.finished_at and comparison.job.arguments == {"comparison": comparison.pk}


def test_a_run_asks_as_much_for_many_as_for_one(east, by, django_assert_max_num_queries):
    listed = age_list(east)
    for n in range(20):
        entry(listed, id_number(n))
    comparison = Comparison(
        kind="NEVER_ENROLLED", unit=east, inputs={"lists": [listed.pk]}, on=TODAY
    )
    with django_assert_max_num_queries(10):
        assert len(comparing.compare(comparison).rows) == 20
