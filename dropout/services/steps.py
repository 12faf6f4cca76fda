"""The four steps and the documents served. The legal basis is what staff type; none is asserted."""

from datetime import date, datetime

from dropout.models import Episode, Notice, NoticeTemplate, ServedBy, Step, StepKind
from dropout.services.deeds import deed, given, not_before, not_in_future
from dropout.services.refusals import Refused
from dropout.services.rules import in_force


def take_step(
    episode: Episode,
    *,
    kind: str,
    taken_on: date,
    by,
    at: datetime,
    legal_basis: str = "",
    note: str = "",
    seen: int | None = None,
) -> Step:
    """A step was taken on a day. From the second step on its legal basis must be said."""
    with deed(episode, "dropout.step_taken", by=by, at=at, seen=seen) as (episode, told):
        not_in_future(taken_on, at, "taken_on")
        _may_step(episode, kind)
        not_before(taken_on, episode.confirmed_on, "before_confirmed", "taken_on")
        if kind != StepKind.TEACHING:
            given(legal_basis, "legal_basis")
        step = Step.objects.create(
            episode=episode,
            kind=kind,
            taken_on=taken_on,
            legal_basis=legal_basis.strip(),
            note=note.strip(),
            recorded_by=by,
            recorded_at=at,
        )
        told["step"] = kind
    return step


def skip_step(
    episode: Episode,
    *,
    kind: str,
    skipped_because: str,
    by,
    at: datetime,
    note: str = "",
    seen: int | None = None,
) -> Step:
    """A step is left out for a reason; the next one may then be taken."""
    with deed(episode, "dropout.step_skipped", by=by, at=at, seen=seen) as (episode, told):
        why = given(skipped_because, "skipped_because")
        _may_step(episode, kind)
        step = Step.objects.create(
            episode=episode,
            kind=kind,
            skipped_because=why,
            note=note.strip(),
            recorded_by=by,
            recorded_at=at,
        )
        told["step"] = kind
    return step


def _may_step(episode: Episode, kind: str) -> None:
    if not episode.confirmed_on:
        raise Refused("not_confirmed", "kind")
    known = set(Step.objects.of_episode(episode).standing().values_list("kind", flat=True))
    if given(kind, "kind") in known:
        raise Refused("step_done", "kind")
    order = StepKind.values
    before = set(order[: order.index(kind)])
    if in_force().steps_in_order and before - known:
        raise Refused("step_before", "kind")


# Documents -----------------------------------------------------------------------------------------
def issue_notice(
    episode: Episode,
    *,
    kind: str,
    number: str,
    issued_on: date,
    issuer: str,
    addressee: str,
    by,
    at: datetime,
    step: Step | None = None,
    template: NoticeTemplate | None = None,
    deadline: date | None = None,
    legal_basis: str = "",
    seen: int | None = None,
) -> Notice:
    """A document with its number; where nothing is planned its deadline becomes the next date."""
    with deed(episode, "dropout.notice_issued", by=by, at=at, seen=seen) as (episode, told):
        not_in_future(issued_on, at, "issued_on")
        not_before(issued_on, episode.found_on, "before_found", "issued_on")
        if deadline is not None:
            not_before(deadline, issued_on, "out_of_order", "deadline")
        number, issuer = given(number, "number"), given(issuer, "issuer")
        same = Notice.objects.standing().filter(kind=kind, number=number, issuer=issuer)
        if same.exists():
            raise Refused("number_taken", "number")
        notice = Notice.objects.create(
            episode=episode,
            step=step,
            template=template,
            kind=given(kind, "kind"),
            number=number,
            issued_on=issued_on,
            issuer=issuer,
            addressee=given(addressee, "addressee"),
            deadline=deadline,
            legal_basis=legal_basis.strip() or (template.legal_basis if template else ""),
            recorded_by=by,
            recorded_at=at,
        )
        if deadline and not episode.planned_on:
            episode.planned_on = deadline
            episode.save(update_fields=["planned_on"])
        told["notice"] = kind
    return notice


def serve_notice(
    notice: Notice,
    *,
    served_on: date,
    served_by: str,
    by,
    at: datetime,
    witness: str = "",
    result: str = "",
    seen: int | None = None,
) -> Notice:
    """How and when the document reached whom it is for."""
    with deed(notice.episode, "dropout.notice_served", by=by, at=at, seen=seen) as (_one, told):
        notice = Notice.objects.get(pk=notice.pk)
        if notice.is_withdrawn:
            raise Refused("withdrawn")
        if notice.served_on:
            raise Refused("already_served", "served_on")
        not_in_future(served_on, at, "served_on")
        not_before(served_on, notice.issued_on, "out_of_order", "served_on")
        if given(served_by, "served_by") == ServedBy.LEFT and not witness.strip():
            raise Refused("witness", "witness")
        notice.served_on, notice.served_by = served_on, served_by
        notice.witness, notice.result = witness.strip(), result.strip()
        notice.save(update_fields=["served_on", "served_by", "witness", "result"])
        told["served_by"] = served_by
    return notice
