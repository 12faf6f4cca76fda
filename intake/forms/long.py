"""A filled form of many lines is made by a Job and kept encrypted for a day, for who asked."""

from datetime import datetime, timedelta

from django.utils import translation

from common import clock, crypto, jobs, vault
from common.jobs import JobFault
from common.models import Job, User
from common.periods import Period
from intake import kinds
from intake.columns.base import Context
from intake.forms.handing_out import Form, NotAllowed, check_filled, filled_form
from intake.kinds import ReportKind
from registry.models import Unit

KIND = "intake.form"
MOST_AT_ONCE = 5_000  # lines that a request may wait for
KEPT = timedelta(days=1)
REASON = "intake.form_reason"  # a person's own words: no argument of a job holds them in clear


def ask_for_filled(kind: ReportKind, context: Context, *, reason: str = "") -> Form | Job:
    """The form itself, or the Job that makes it where that takes longer than people wait."""
    check_filled(kind, context, reason)
    if kind.store.held_count(kind, context) <= MOST_AT_ONCE:
        return filled_form(kind, context, reason=reason)
    return jobs.enqueue(
        KIND,
        by=context.user,
        slug=kind.slug,
        unit=context.unit.pk,
        period=context.period.code if context.period else "",
        facts={
            fact.name: fact.column.shown(context.facts[fact.name])
            for fact in kind.facts
            if fact.name in context.facts
        },
        reason=crypto.encrypt(reason, REASON) if reason else "",
        language=translation.get_language(),
    )


def make_long(by: User, *, slug, unit, period, facts, reason, language) -> dict:
    """What the Job does: as the person who asked may see it now."""
    kind = kinds.get(slug)
    context = Context(
        user=by,
        permission=kind.permission,
        on=clock.today(),
        unit=Unit.objects.get(pk=unit),
        period=Period.parse(period) if period else None,
    )
    for fact in kind.facts:
        if fact.name in facts:
            context.facts[fact.name] = fact.column.reader(context)(facts[fact.name])
    with translation.override(language):
        try:
            why = crypto.decrypt(reason, REASON) if reason else ""
            form = filled_form(kind, context, reason=why)
        except NotAllowed as refused:
            raise JobFault(str(refused)) from None
    return {"form": vault.put([form.content]), "name": form.name, "rows": form.lines}


def made_form(job: Job) -> Form | None:
    """The form that a Job has made; None before it is done. vault.Gone after its day."""
    if job.state != Job.State.DONE:
        return None
    kept = job.result
    if not kept.get("form"):
        raise vault.Gone(job.pk)
    return Form(kept["name"], b"".join(vault.read(kept["form"])), kept["rows"])


def clear_made(*, at: datetime) -> int:
    """Remove the forms of yesterday; their jobs stay, with how many lines they had."""
    old = Job.objects.filter(kind=KIND, finished_at__lt=at - KEPT, result__has_key="form")
    for job in old:
        vault.remove(job.result.pop("form"))
        job.save(update_fields=["result"])
    return len(old)
