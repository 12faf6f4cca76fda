"""Comparing lists: a run is asked for, works as a job, and leaves rows; people decide and open cases.

A run reads first and writes last, in one transaction: a worker that is killed has written nothing,
and the next one begins anew. Cases are opened child by child; one that is open already is told what
is new, so that being killed and begun anew opens no second one.
"""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import audit, jobs
from common.models import Job
from dropout.models import Comparison, ComparisonKind, Pair, Source
from dropout.services import cases, duties
from dropout.services.comparing import compare
from dropout.services.places import reporting_unit
from dropout.services.refusals import Refused
from registry import identity
from registry.models import Finding, MatchDecision, Student, Unit, Verdict
from registry.services import findings, matches
from registry.services.residents import register_resident

RULE = "dropout.compare"
JOB, OPEN_JOB = "dropout.compare", "dropout.open_compared"
RULES = {
    Pair.Outcome.MISSING: f"{RULE}.never-enrolled",
    Pair.Outcome.NOT_ENROLLED: f"{RULE}.never-enrolled",
    Pair.Outcome.ABSENT: f"{RULE}.absent",
}
BATCH = 500
Progress = Callable[[int, int], None]


class NothingChosen(Exception):
    """No list, or no month."""


class NotFinished(Exception):
    """The run has not come to its end, or nothing is left to do with it."""


def _says(finding: Finding) -> str:
    if finding.rule.endswith(".absent"):
        return _("在学籍名册上，但月报说不在校")
    return _("在适龄儿童名单上，但没有在任何学校就读")


findings.declare(
    RULE,
    label=gettext_lazy("四查三比对"),
    says=_says,
    address=lambda finding: reverse("registry:student-detail", args=[finding.subject_pk]),
)


# A run ---------------------------------------------------------------------------------------------
@transaction.atomic
def start_comparison(
    kind: str,
    *,
    unit: Unit,
    by,
    at: datetime,
    on: date,
    lists: list[int] = (),
    month: str = "",
) -> Comparison:
    """Ask for a run. Which lists are chosen is kept with it."""
    if not (month if kind == ComparisonKind.ABSENT else lists):
        raise NothingChosen(kind)
    inputs = {"month": month} if kind == ComparisonKind.ABSENT else {"lists": sorted(lists)}
    comparison = Comparison.objects.create(
        kind=kind, unit=unit, inputs=inputs, on=on, asked_by=by, asked_at=at
    )
    comparison.job = jobs.enqueue(JOB, by=by, comparison=comparison.pk)
    comparison.save(update_fields=["job"])
    after = {"kind": kind, "unit": unit.pk, "lists": len(lists)}
    audit.record("dropout.comparison_started", comparison, by=by, after=after)
    return comparison


def run_comparison(
    comparison: Comparison, *, at: datetime, progress: Progress = lambda done, total: None
) -> dict:
    """Read, compare, and write all rows at once. Safe to repeat: a finished run is left alone."""
    progress(0, 3)
    result = compare(comparison)
    progress(1, 3)
    with transaction.atomic():
        held = Comparison.objects.select_for_update().get(pk=comparison.pk)
        if held.finished_at:
            return held.counts
        Pair.objects.bulk_create(result.rows, batch_size=BATCH)
        progress(2, 3)
        rule = _rule_of(comparison.kind)
        if rule and result.fine:
            places = {(rule, Student._meta.label_lower, str(pk), "") for pk in result.fine}
            findings.settle([], rules=[rule], checked=places, at=at, on=comparison.on)
        held.counts, held.finished_at = result.counts, at
        held.save(update_fields=["counts", "finished_at"])
        duties.settle_quarter(held.unit, held.on, at=at)
        audit.record("dropout.comparison_finished", held, by=None, after=result.counts)
    return held.counts


def _rule_of(kind: str) -> str:
    return {
        ComparisonKind.NEVER_ENROLLED: RULES[Pair.Outcome.MISSING],
        ComparisonKind.ABSENT: RULES[Pair.Outcome.ABSENT],
    }.get(kind, "")


# Deciding ------------------------------------------------------------------------------------------
def decide_pair(pair: Pair, *, verdict: Verdict, by, at: datetime, seen: int | None = None):
    """Say whether the two are one child. It holds from the next run on, whoever starts it."""
    if pair.first is None or pair.second is None:
        raise NotFinished(pair.pk)
    return matches.decide(pair.first, pair.second, verdict=verdict, by=by, at=at, seen=seen)


def decision_of(pair: Pair) -> MatchDecision | None:
    """What was decided of a pair, also if it was taken back."""
    rows = MatchDecision.objects.select_related("decided_by")
    return rows.filter(first=pair.first, second=pair.second).first() if pair.first else None


# Opening cases -------------------------------------------------------------------------------------
@transaction.atomic
def ask_for_cases(comparison: Comparison, *, by) -> Job:
    """Have a suspected case opened, or told what is new, for every child the run has found."""
    if not comparison.finished_at or not comparison.pairs.all().to_open().exists():
        raise NotFinished(comparison.pk)
    key = f"{OPEN_JOB}:{comparison.pk}"
    job = jobs.enqueue(OPEN_JOB, by=by, unique_key=key, comparison=comparison.pk)
    audit.record("dropout.cases_asked_for", comparison, by=by)
    return job


def open_cases(
    comparison: Comparison, *, by, at: datetime, progress: Progress = lambda done, total: None
) -> dict:
    """One child, one transaction. Who cannot be taken up is counted, by the reason."""
    waiting = list(comparison.pairs.all().to_open().for_page().order_by("pk"))
    told = {"opened": 0}
    for done, pair in enumerate(waiting):
        progress(done, len(waiting))
        try:
            with transaction.atomic():
                _open(pair, comparison, by=by, at=at)
        except Refused as refused:
            told[refused.code] = told.get(refused.code, 0) + 1
        else:
            told["opened"] += 1
    return told


def _open(pair: Pair, comparison: Comparison, *, by, at: datetime) -> None:
    student = pair.student or _registered(pair, comparison, by=by, at=at)
    since = pair.line.absent_since if pair.line else None
    found_on = comparison.on
    finding = _finding(pair.outcome, student, comparison, since=since, at=at)
    pair.student = student
    pair.episode = cases.suspect(
        student,
        source=Source.COMPARISON,
        found_on=found_on,
        absent_since=since,
        finding=finding,
        by=by,
        at=at,
    )
    pair.save(update_fields=["student", "episode"])


def _registered(pair: Pair, comparison: Comparison, *, by, at: datetime) -> Student:
    """A child who is in no record of ours, with the home that the list tells."""
    entry = pair.entry
    if entry is None:
        raise Refused("gone")
    return register_resident(
        name=entry.name,
        id_number=identity.normal_number(entry.id_number),
        residence=entry.township or entry.banner or entry.list.unit,
        on=comparison.on,
        by=by,
        at=at,
        sex=entry.sex,
        born_on=entry.born_on,
        ethnicity=entry.ethnicity,
        guardian={
            "name": entry.guardian,
            "phone": entry.guardian_phone,
            "id_number": entry.guardian_id_number,
        },
    )


def _finding(outcome, student: Student, comparison: Comparison, *, since, at) -> Finding | None:
    """The open finding on the child; None where an answer to the same facts was accepted."""
    unit = _unit_of(student, comparison)
    one = findings.Found(
        rule=RULES[outcome],
        subject_code=Student._meta.label_lower,
        subject_pk=str(student.pk),
        unit_id=unit.pk,
        facts={"since": since.isoformat() if since else ""},
        told={"comparison": comparison.pk},
    )
    findings.settle([one], rules=[one.rule], checked={one.place}, at=at, on=comparison.on)
    standing = Finding.objects.open().of_rule(one.rule)
    return standing.about(one.subject_code, [student.pk]).first()


def _unit_of(student: Student, comparison: Comparison) -> Unit:
    home = student.residence_id or comparison.unit_id
    return reporting_unit(home, comparison.on) or comparison.unit
