"""The way of a report: nobody decides on their own, nothing is overwritten, what is frozen stays."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from common import options
from common.figures import State
from common.models import Event, InboxLine
from registry.models import Duty, Posting
from tasks_app.models import Indicator, Observation, ProgressReport, Review
from tasks_app.services import numbers, reports
from tests.cast import NOW, TODAY

S = ProgressReport.State


def save(report, by, base, **data):
    return reports.save_draft(report, by=by, base_version=base, data=data, at=NOW)


# Drafts ------------------------------------------------------------------------------------------
def test_draft_keeps_text_that_is_no_number(fill, duty):
    name = numbers.field_name(Indicator.objects.get(code="T07-04"), "num")
    assert fill(duty, **{name: "八场"}).draft[name] == "八场"


def test_draft_of_two_people_is_merged_field_by_field(duty, filler, checker):
    report = reports.open_report(duty, by=filler, at=NOW)
    save(report, filler, 0, done="甲写的")
    theirs = save(report, checker, 0, problems="乙写的")
    assert theirs.merged == {} and theirs.conflicts == []
    report.refresh_from_db()
    assert (report.draft["done"], report.draft["problems"]) == ("甲写的", "乙写的")


def test_draft_second_writer_of_a_field_is_told_and_nothing_is_overwritten(duty, filler, checker):
    report = reports.open_report(duty, by=filler, at=NOW)
    save(report, filler, 0, done="甲写的")
    saved = save(report, checker, 0, done="乙写的", problems="另一处")
    assert [(c.field, c.mine, c.theirs) for c in saved.conflicts] == [("done", "乙写的", "甲写的")]
    report.refresh_from_db()
    assert report.draft["done"] == "甲写的"
    assert report.draft["problems"] == "另一处"


def test_draft_choosing_mine_after_a_conflict_is_taken(duty, filler, checker):
    report = reports.open_report(duty, by=filler, at=NOW)
    save(report, filler, 0, done="甲写的")
    told = save(report, checker, 0, done="乙写的")
    save(report, checker, told.version, done="乙写的")
    report.refresh_from_db()
    assert report.draft["done"] == "乙写的"


def test_draft_tells_what_the_other_changed(duty, filler, checker):
    report = reports.open_report(duty, by=filler, at=NOW)
    save(report, filler, 0, done="甲写的", problems="")
    saved = save(report, checker, 0, done="", problems="")
    assert saved.merged == {"done": "甲写的"}


def test_draft_ignores_fields_that_the_duty_does_not_ask_for(duty, filler):
    report = reports.open_report(duty, by=filler, at=NOW)
    save(report, filler, 0, done="有", state="APPROVED", i999999__num="5")
    report.refresh_from_db()
    assert set(report.draft) == {"done"}


def test_opening_twice_gives_the_same_report(duty, filler, checker):
    first = reports.open_report(duty, by=filler, at=NOW)
    assert reports.open_report(duty, by=checker, at=NOW).pk == first.pk
    assert ProgressReport.objects.count() == 1


# Submitting --------------------------------------------------------------------------------------
def test_submit_refuses_a_draft_with_gaps_and_names_each(duty, filler):
    report = reports.open_report(duty, by=filler, at=NOW)
    with pytest.raises(reports.NotReady) as refused:
        reports.submit_report(report, by=filler, at=NOW)
    number = numbers.field_name(Indicator.objects.get(code="T07-04"), "num")
    assert {f.field for f in refused.value.faults} == {number, "self_assessment", "done"}


def test_submit_goes_to_the_league_where_there_is_no_second_person(submitted):
    assert submitted.state == S.SUBMITTED


def test_submit_goes_to_the_second_person_first(fill, duty, filler, checker):
    report = reports.submit_report(fill(duty), by=filler, at=NOW)
    assert report.state == S.CHECKING


def test_submit_skips_the_second_person_when_the_bureau_says_so(
    fill, duty, filler, checker, reviewer
):
    options.change("tasks_app.second_check", "0", by=reviewer, reason="试行")
    assert reports.submit_report(fill(duty), by=filler, at=NOW).state == S.SUBMITTED


def test_submit_waits_for_the_end_of_the_period(fill, duties, east, filler):
    report = fill(duties.get(code="tasks.07", unit=east, period="2025Q4"))
    with pytest.raises(reports.TooEarly):
        reports.submit_report(report, by=filler, at=NOW)


def test_submit_twice_is_refused(submitted, filler):
    with pytest.raises(reports.NotEditable):
        reports.submit_report(submitted, by=filler, at=NOW)


def test_saving_after_submission_is_refused(submitted, filler):
    with pytest.raises(reports.NotEditable):
        save(submitted, filler, submitted.draft_version, done="晚了")


# Deciding ----------------------------------------------------------------------------------------
def test_nobody_checks_or_approves_their_own(submitted, filler, officer, league):
    for deed in (reports.check_report, reports.approve_report):
        with pytest.raises(reports.OwnReport):
            deed(submitted, by=filler, at=NOW, seen=submitted.draft_version)


def test_database_refuses_an_approval_by_the_submitter(submitted, filler):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressReport.objects.filter(pk=submitted.pk).update(approved_by=filler)


def test_check_hands_on_to_the_league(fill, duty, filler, checker):
    report = reports.submit_report(fill(duty), by=filler, at=NOW)
    report = reports.check_report(report, by=checker, at=NOW, seen=report.draft_version)
    assert (report.state, report.checked_by) == (S.SUBMITTED, checker)


def test_approve_needs_the_check_first(fill, duty, filler, checker, reviewer):
    report = reports.submit_report(fill(duty), by=filler, at=NOW)
    with pytest.raises(reports.Stale):
        reports.approve_report(report, by=reviewer, at=NOW, seen=report.draft_version)


def test_approve_freezes_values_and_meets_the_duty(submitted, duty, reviewer):
    reports.approve_report(submitted, by=reviewer, at=NOW, seen=submitted.draft_version)
    duty.refresh_from_db()
    value = Observation.objects.get(indicator__code="T07-04")
    assert duty.met_at == NOW
    assert (value.numerator, value.entered_by.username, value.approved_by) == (
        Decimal(8),
        "filler",
        reviewer,
    )


def test_approve_of_a_page_opened_before_a_change_is_refused(submitted, filler, reviewer):
    seen = submitted.draft_version
    reports.recall_report(submitted, by=filler, at=NOW)
    submitted.refresh_from_db()
    save(submitted, filler, submitted.draft_version, done="改过的话")
    reports.submit_report(submitted, by=filler, at=NOW)
    with pytest.raises(reports.Stale):
        reports.approve_report(submitted, by=reviewer, at=NOW, seen=seen)


def test_two_reviewers_at_once_approve_once(submitted, reviewer, officer, league):
    seen = submitted.draft_version
    reports.approve_report(submitted, by=reviewer, at=NOW, seen=seen)
    other = officer(league, "BUREAU")
    with pytest.raises(reports.Stale):
        reports.approve_report(submitted, by=other, at=NOW, seen=seen)
    assert Observation.objects.count() == 1


def test_return_needs_a_word(submitted, reviewer):
    with pytest.raises(reports.NoteMissing):
        reports.return_report(submitted, by=reviewer, at=NOW, seen=submitted.draft_version)


def test_return_keeps_the_notes_at_their_fields_and_opens_the_draft(submitted, reviewer, filler):
    name = numbers.field_name(Indicator.objects.get(code="T07-04"), "num")
    reports.return_report(
        submitted,
        by=reviewer,
        at=NOW,
        seen=submitted.draft_version,
        field_notes={name: "请核对场次", "i0-num": "不在表里"},
    )
    submitted.refresh_from_db()
    assert submitted.state == S.RETURNED
    assert Review.objects.get(verdict="RETURNED").field_notes == {name: "请核对场次"}
    save(submitted, filler, submitted.draft_version, **{name: "9"})
    assert reports.submit_report(submitted, by=filler, at=NOW).state == S.SUBMITTED


def test_recall_after_approval_is_refused(submitted, reviewer, filler):
    reports.approve_report(submitted, by=reviewer, at=NOW, seen=submitted.draft_version)
    with pytest.raises(reports.Stale):
        reports.recall_report(submitted, by=filler, at=NOW)


# Corrections -------------------------------------------------------------------------------------
@pytest.fixture
def approved(submitted, reviewer):
    return reports.approve_report(submitted, by=reviewer, at=NOW, seen=submitted.draft_version)


def test_correction_starts_from_what_was_approved(approved, filler):
    draft = reports.start_correction(
        approved, by=filler, at=NOW, reason="MISCOUNT", note="多算一场"
    ).draft
    name = numbers.field_name(Indicator.objects.get(code="T07-04"), "num")
    assert draft[name] == "8" and draft["done"] == "办了两场招聘会。"


def test_correction_old_value_counts_until_the_new_one_is_approved(approved, filler, reviewer):
    name = numbers.field_name(Indicator.objects.get(code="T07-04"), "num")
    new = reports.start_correction(approved, by=filler, at=NOW, reason="MISCOUNT", note="")
    save(new, filler, new.draft_version, **{name: "7"})
    new = reports.submit_report(new, by=filler, at=NOW)
    assert Observation.objects.current().get().numerator == 8
    later = NOW + timedelta(hours=1)
    reports.approve_report(new, by=reviewer, at=later, seen=new.draft_version)
    assert Observation.objects.current().get().numerator == 7
    old = Observation.objects.exclude(superseded_at=None).get()
    approved.refresh_from_db()
    assert (old.numerator, old.superseded_at, approved.state) == (8, later, S.REPLACED)


def test_correction_needs_a_reason_in_the_database_too(approved):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressReport.objects.create(
            duty=approved.duty, work_item=approved.work_item, version=2, corrects=approved
        )


def test_correction_twice_gives_one(approved, filler, checker):
    first = reports.start_correction(approved, by=filler, at=NOW, reason="TYPING", note="")
    again = reports.start_correction(approved, by=checker, at=NOW, reason="TYPING", note="")
    assert first.pk == again.pk


# Warnings ----------------------------------------------------------------------------------------
def entry(code, num, den=None, state="REPORTED", known=None):
    indicator = Indicator.objects.get(code=code)
    draft = {
        numbers.field_name(indicator, "num"): num,
        numbers.field_name(indicator, "den"): den or "",
        numbers.field_name(indicator, "state"): state,
    }
    return numbers.read_entry(indicator, draft, known or {})


def last(code, num, den=None, state=State.REPORTED):
    return Observation(
        indicator=Indicator.objects.get(code=code),
        state=state,
        numerator=Decimal(num) if num is not None else None,
        denominator=Decimal(den) if den is not None else None,
        period_end=TODAY,
    )


@pytest.mark.parametrize(
    ("code", "now", "before", "found"),
    [
        ("T01-04", ("125", "121"), ("118", "120"), ["OVER"]),
        ("T09-02", ("125", "121"), ("118", "120"), []),  # a gross rate may pass 100 %
        ("T01-04", ("100", "121"), ("89", "92"), ["JUMP_DEN"]),
        ("T01-04", ("118", "121"), ("117", "120"), []),
        ("T08-01", ("700", None), ("500", None), ["JUMP"]),
        ("T07-04", ("5", None), ("2", None), []),  # too few to ask
        ("T03-04", ("3", None), ("5", None), ["FALL"]),
        ("T08-01", ("0", None), ("50", None), ["ZERO"]),
        ("T08-01", ("0", None), ("0", None), []),
    ],
)
def test_warnings_ask_what_a_careful_colleague_would(plan, code, now, before, found):
    warnings = numbers.find_warnings(entry(code, *now), last(code, *before))
    assert [w["code"] for w in warnings] == found


def test_warning_for_not_applicable_after_a_number(plan):
    gone = numbers.find_warnings(entry("T08-01", "", state="NOT_APPLICABLE"), last("T08-01", 50))
    assert [w["code"] for w in gone] == ["GONE"]


def test_warning_unanswered_stops_and_answered_is_kept(fill, duty, filler):
    indicator = Indicator.objects.get(code="T07-04")
    name = numbers.field_name(indicator, "state")
    report = fill(duty, **{name: "NOT_REPORTED"})
    with pytest.raises(reports.NotReady) as refused:
        reports.submit_report(report, by=filler, at=NOW)
    assert [f.field for f in refused.value.faults] == [numbers.field_name(indicator, "why")]
    save(
        report,
        filler,
        report.draft_version,
        **{numbers.field_name(indicator, "why"): "人社局月底给数"},
    )
    done = reports.submit_report(report, by=filler, at=NOW)
    value = done.values.get()
    assert (value.state, value.numerator) == ("NOT_REPORTED", None)
    assert value.warnings[0]["answer"] == "人社局月底给数"


# Numbers -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "number"),
    [("8", 8), ("１２", 12), ("1,286", 1286), ("1，286", 1286), (" 7 ", 7), ("3.0", 3), ("0", 0)],
)
def test_numbers_are_read_as_officials_type_them(typed, number):
    assert numbers.parse_number(typed) == number


@pytest.mark.parametrize(
    "typed", ["八", "-1", "3.5", "1e99", "NaN", "Infinity", "1/2", "95%", "--", "9" * 30]
)
def test_numbers_that_are_none_say_what_to_do(typed):
    with pytest.raises(ValueError, match=r"\w"):
        numbers.parse_number(typed)


def test_zero_over_zero_is_no_case(plan):
    read = entry("T01-03", "0", "0")
    assert (read.state, read.value) == (State.NO_CASE, None)


def test_something_over_zero_is_a_fault(plan):
    assert entry("T01-03", "1", "0").faults


def test_blank_is_not_zero(plan):
    read = entry("T07-04", "")
    assert read.numerator is None and read.faults


# What the portal knows ---------------------------------------------------------------------------
def test_known_denominator_is_filled_in_and_cannot_be_typed_over(duties, fill, east, filler):
    from tasks_app.services.duties import open_progress_duties

    open_progress_duties(since=TODAY.replace(year=2024, month=1), on=TODAY)
    duty = Duty.objects.get(code="tasks.13", unit=east, period="2024")
    villages = Indicator.objects.get(code="T13-02")
    report = fill(duty, **{f"i{villages.pk}-num": "100", f"i{villages.pk}-den": "5"})
    report = reports.submit_report(report, by=filler, at=NOW)
    value = report.values.get(indicator=villages)
    assert (value.numerator, value.denominator, value.source) == (100, 147, "单位名录")


# Scope and posting -------------------------------------------------------------------------------
def test_draft_is_read_by_its_own_unit_only(fill, duty, filler, reviewer, officer, west):
    report = fill(duty)
    sees = {
        user.username: ProgressReport.objects.readable_by(user).filter(pk=report.pk).exists()
        for user in (filler, reviewer, officer(west))
    }
    assert list(sees.values()) == [True, False, False]


def test_duty_and_draft_follow_the_posting(fill, duty, filler, officer, east):
    report = fill(duty)
    Posting.objects.filter(user=filler).update(valid_to=TODAY)
    successor = officer(east)
    owed = Duty.objects.owed_by(successor, "tasks_app.fill_progressreport")
    assert owed.filter(pk=duty.pk).exists()
    assert ProgressReport.objects.readable_by(successor).filter(pk=report.pk).exists()


def test_league_reviews_a_banners_duty_and_does_not_fill_it_in(duty, reviewer, duties):
    owed = Duty.objects.owed_by(reviewer, "tasks_app.fill_progressreport")
    assert not owed.filter(pk=duty.pk).exists()
    assert set(owed.values_list("unit__kind", flat=True)) == {"OFFICE"}


# Audit -------------------------------------------------------------------------------------------
def test_every_deed_leaves_its_event(approved, filler, db):
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[-3:] == [
        "tasks_app.report_begun",
        "tasks_app.report_submitted",
        "tasks_app.report_approved",
    ]


# Inbox -------------------------------------------------------------------------------------------
def lines(user):
    return list(InboxLine.objects.of(user).values_list("text", flat=True))


def test_second_person_is_told_and_the_submitter_hears_the_end(
    fill, duty, filler, checker, reviewer
):
    report = reports.submit_report(fill(duty), by=filler, at=NOW)
    assert [line[:4] for line in lines(checker)] == ["请复核："]
    report = reports.check_report(report, by=checker, at=NOW, seen=report.draft_version)
    reports.approve_report(report, by=reviewer, at=NOW, seen=report.draft_version)
    assert [line[:4] for line in lines(filler)] == ["已通过："]
