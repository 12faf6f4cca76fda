"""From a suspicion to a confirmed episode, or to the reason why it was none; who works on it.

Every deed takes `by` and `at`, and `seen` (the case's version when the form was opened: Stale if it
has grown since). What the facts do not allow raises Refused with a code and a field.
"""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from common import audit
from dropout.models import (
    SENSITIVE_CAUSES,
    SETTLED,
    Case,
    Cause,
    Closing,
    End,
    Episode,
    Kind,
    Responsible,
    ResponsibleRole,
    RulingOut,
    Source,
    State,
)
from dropout.services import touched
from dropout.services.deeds import (
    day_of,
    deed,
    given,
    grow,
    hold_case,
    not_before,
    not_in_future,
)
from dropout.services.places import places_of, reporting_unit
from dropout.services.refusals import Refused
from dropout.services.rules import Rules, in_force
from dropout.services.states import refresh_state
from registry.models import Finding, Student, Unit

SUSPECTED = "dropout.suspected"
SUSPECTED_AGAIN = "dropout.suspected_again"


# Finding a child -----------------------------------------------------------------------------------
@transaction.atomic
def suspect(
    student: Student,
    *,
    source: str,
    found_on: date,
    by,
    at: datetime,
    unit: Unit | None = None,
    absent_since: date | None = None,
    finding: Finding | None = None,
    officer=None,
    only_new: bool = False,
) -> Episode:
    """Open an episode of a child that may be out of school, or tell the open one what is new.

    Without `unit` the one that reports for the child's school or home answers. `by` is None where
    the portal itself has found it. With `only_new` an open episode is a refusal (`already_open`).
    """
    student = student.merged_into or student
    rules = in_force()
    _check_finding(student, found_on, absent_since, at, rules)
    case = _case_of(student, unit, at=at)
    standing = Episode.objects.open().of_case(case).first()
    if standing is None:
        return _open(
            case,
            rules,
            source=source,
            found_on=found_on,
            absent_since=absent_since,
            finding=finding,
            officer=officer,
            by=by,
            at=at,
        )
    if only_new:
        raise Refused("already_open", "student")
    return _tell_again(standing, absent_since=absent_since, finding=finding, by=by, at=at)


def _check_finding(student, found_on, absent_since, at: datetime, rules: Rules) -> None:
    not_in_future(found_on, at, "found_on")
    if absent_since and absent_since > found_on:
        raise Refused("out_of_order", "absent_since")
    if not rules.is_of_age(student.born_on, found_on):
        raise Refused("age", "student")


def _case_of(student: Student, unit: Unit | None, *, at: datetime) -> Case:
    """The child's one case, held; made if there is none. Two at once end with the same one."""
    found = Case.objects.of_student(student).first()
    if found is None:
        on = day_of(at)
        places = places_of(student, on)
        unit = reporting_unit(unit.pk, on) or unit if unit else places.unit
        if unit is None:
            raise Refused("no_unit", "unit")
        new = Case(
            student=student,
            unit=unit,
            school=places.school,
            township=places.township,
            opened_at=at,
        )
        try:
            with transaction.atomic():
                new.save()
            found = new
        except IntegrityError:
            found = Case.objects.of_student(student).get()
    return hold_case(found.pk)


def _open(case: Case, rules: Rules, *, by, at: datetime, **facts) -> Episode:
    last = case.episodes.order_by("-number").first()
    relapse_of = last if last and last.end in (End.CLOSED, End.LEFT_AGAIN) else None
    episode = Episode(
        case=case,
        number=last.number + 1 if last else 1,
        relapse_of=relapse_of,
        state_since=facts["found_on"],
        **facts,
    )
    episode.save()
    refresh_state(episode, day_of(at), rules)
    grow(case)
    codes = (*touched.OF_CASES, touched.LESSONS)
    touched.touch(codes, [case.unit_id], since=episode.found_on, on=day_of(at))
    after = {"state": episode.state, "source": episode.source}
    after["relapse"] = episode.is_relapse
    audit.record(SUSPECTED, case, by=by, after=after)
    return episode


def _tell_again(episode: Episode, *, absent_since, finding, by, at: datetime) -> Episode:
    """Found once more: nothing known is overwritten, and a child thought settled is due now."""
    with deed(episode, SUSPECTED_AGAIN, by=by, at=at) as (episode, told):
        if absent_since and episode.absent_since is None and absent_since <= episode.found_on:
            episode.absent_since = absent_since
        if finding is not None:
            episode.finding = finding
        if episode.state in SETTLED:
            episode.planned_on = day_of(at)
        episode.save(update_fields=["absent_since", "finding", "planned_on"])
        told["finding"] = finding.pk if finding else None
    return episode


def left_again(
    episode: Episode,
    *,
    on: date,
    by,
    at: datetime,
    absent_since: date | None = None,
    source: str = Source.LEFT_AGAIN,
    seen: int | None = None,
) -> Episode:
    """The child that was placed, or whose case was closed, is away again: a new episode, a relapse."""
    not_in_future(on, at, "on")
    if absent_since and absent_since > on:
        raise Refused("out_of_order", "absent_since")
    with deed(episode, "dropout.left_again", by=by, at=at, seen=seen, ended_too=True) as (
        old,
        told,
    ):
        _may_leave_again(old, on, at)
        if old.is_open:
            end_episode(old, End.LEFT_AGAIN, on)
            Closing.objects.of_episode(old).waiting().update(withdrawn_at=at)
        new = _open(
            old.case,
            in_force(),
            source=source,
            found_on=on,
            absent_since=absent_since,
            officer=old.officer,
            by=by,
            at=at,
        )
        told["episode"] = new.number
    return new


def _may_leave_again(old: Episode, on: date, at: datetime) -> None:
    if Episode.objects.of_case(old.case).filter(number__gt=old.number).exists():
        raise Refused("ended")
    if old.is_open:
        placement = old.placements.holding(day_of(at)).first()
        if placement is None:
            raise Refused("not_settled", "on")
        not_before(on, placement.began_on, "before_begun", "on")
    elif old.end != End.CLOSED:
        raise Refused("ended")
    else:
        not_before(on, old.ended_on, "out_of_order", "on")


# Verifying -----------------------------------------------------------------------------------------
def verify(
    episode: Episode, *, by, at: datetime, on: date | None = None, seen: int | None = None
) -> Episode:
    """Somebody has begun to look where the child is."""
    with deed(episode, "dropout.verified", by=by, at=at, seen=seen) as (episode, _told):
        on = on or day_of(at)
        not_in_future(on, at, "on")
        not_before(on, episode.found_on, "before_found", "on")
        if episode.confirmed_on:
            raise Refused("already_confirmed", "on")
        if episode.verifying_on:
            raise Refused("already_verifying", "on")
        episode.verifying_on = on
        episode.save(update_fields=["verifying_on"])
    return episode


def rule_out(
    episode: Episode,
    *,
    reason: str,
    proof: str,
    by,
    at: datetime,
    on: date | None = None,
    seen: int | None = None,
) -> RulingOut:
    """Not, or no longer, a child that must be in school: why, and what proves it. Ends the episode."""
    with deed(episode, "dropout.ruled_out", by=by, at=at, seen=seen) as (episode, _told):
        on = on or day_of(at)
        proof = given(proof, "proof")
        not_in_future(on, at, "on")
        not_before(on, episode.found_on, "before_found", "on")
        not_before(on, episode.confirmed_on, "before_confirmed", "on")
        not_before(on, episode.verifying_on, "out_of_order", "on")
        if episode.placements.in_place().exists():
            raise Refused("placed", "reason")
        found = RulingOut.objects.create(
            episode=episode, on=on, reason=given(reason, "reason"), proof=proof, by=by, at=at
        )
        end_episode(episode, End.RULED_OUT, on)
    return found


def end_episode(episode: Episode, end: str, on: date) -> None:
    """A part of deeds. The end and the state that says so are written together: a constraint."""
    episode.ended_on, episode.end, episode.planned_on = on, end, None
    episode.state, episode.state_since, episode.next_on = State(end), on, None
    episode.save()


def confirm(
    episode: Episode,
    *,
    kind: str,
    cause: str,
    on: date,
    by,
    at: datetime,
    left_on: date | None = None,
    cause_detail: str = "",
    seen: int | None = None,
) -> Episode:
    """The child is out of school: never enrolled, or dropped out; since when, and why.

    Of a sensitive cause (belief, health) the open column says only that it is written elsewhere.
    """
    with deed(episode, "dropout.confirmed", by=by, at=at, seen=seen) as (episode, told):
        if episode.confirmed_on:
            raise Refused("already_confirmed")
        not_in_future(on, at, "on")
        not_before(on, episode.found_on, "before_found", "on")
        not_before(on, episode.verifying_on, "out_of_order", "on")
        episode.kind, episode.confirmed_on = given(kind, "kind"), on
        episode.left_on = _day_of_leaving(kind, left_on, on)
        set_cause(episode, cause, cause_detail)
        episode.planned_on = None
        episode.verifying_on = episode.verifying_on or on
        episode.save()
        told |= {"kind": episode.kind, "cause": episode.cause}
    return episode


def _day_of_leaving(kind: str, left_on: date | None, on: date) -> date | None:
    if kind == Kind.NEVER_ENROLLED:
        if left_on:
            raise Refused("never_left", "left_on")
        return None
    left_on = given(left_on, "left_on")
    if left_on > on:
        raise Refused("out_of_order", "left_on")
    if (on - left_on).days < in_force().confirm_days:
        raise Refused("too_soon", "left_on")
    return left_on


def set_cause(episode: Episode, cause: str, detail: str) -> None:
    """A part of deeds: a sensitive cause lies encrypted beside the open column."""
    if given(cause, "cause") == Cause.GUARDED:
        raise Refused("guarded_only", "cause")
    if cause == Cause.OTHER:
        given(detail, "cause_detail")
    is_guarded = cause in SENSITIVE_CAUSES
    episode.cause = Cause.GUARDED if is_guarded else cause
    episode.guarded_cause = cause if is_guarded else None
    episode.cause_detail = detail.strip()


# Who works on it -----------------------------------------------------------------------------------
def arrange(
    episode: Episode, *, officer, planned_on: date | None, by, at: datetime, seen: int | None = None
) -> Episode:
    """Who keeps the case, and when it is looked at again; None takes either away."""
    with deed(episode, "dropout.arranged", by=by, at=at, seen=seen) as (episode, told):
        if officer is not None and not may_keep(officer, episode.case):
            raise Refused("not_theirs", "officer")
        if planned_on is not None:
            not_before(planned_on, episode.found_on, "before_found", "planned_on")
        told["was"] = {"officer": episode.officer_id, "planned_on": str(episode.planned_on or "")}
        episode.officer, episode.planned_on = officer, planned_on
        episode.save(update_fields=["officer", "planned_on"])
        told |= {"officer": episode.officer_id, "planned_on": str(planned_on or "")}
    return episode


def may_keep(officer, case: Case) -> bool:
    """Whether this person's posting lets them work on the case."""
    return Case.objects.visible_to(officer, "dropout.change_case").filter(pk=case.pk).exists()


def name_responsible(
    episode: Episode,
    *,
    role: ResponsibleRole,
    name: str,
    by,
    at: datetime,
    phone: str = "",
    seen: int | None = None,
) -> Responsible:
    """Name who answers for the child's return; whoever held the role before stays on record."""
    with deed(episode, "dropout.responsible_named", by=by, at=at, seen=seen) as (episode, told):
        name = given(name, "name")
        Responsible.objects.of_episode(episode).standing().filter(role=role).update(replaced_at=at)
        found = Responsible.objects.create(
            episode=episode, role=role, name=name, phone=phone.strip(), named_by=by, named_at=at
        )
        told["role"] = role.name
    return found


@transaction.atomic
def move_case(case: Case, to: Unit, *, by, at: datetime, verb: str, **told) -> Case:
    """A part of deeds: another unit answers from now on, and numbers of both units follow."""
    before = case.unit
    case.unit = to
    case.save(update_fields=["unit"])
    grow(case)
    first = case.episodes.order_by("found_on").values_list("found_on", flat=True).first()
    codes = (*touched.OF_CASES, touched.LESSONS)
    since = first or timezone.localdate(at)
    touched.touch(codes, [before.pk, to.pk], since=since, on=day_of(at))
    audit.record(verb, case, by=by, before={"unit": before.name}, after={"unit": to.name} | told)
    return case
