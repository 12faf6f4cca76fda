"""Where a child was brought to learn, each kind with its proof; lessons at home; the looks after it."""

from datetime import date, datetime, timedelta

from dropout.models import (
    APPROVED,
    AT_SCHOOL,
    Episode,
    HomeLesson,
    HomePlan,
    Placement,
    Watch,
    WatchAnswer,
)
from dropout.services import touched
from dropout.services.deeds import day_of, deed, given, not_before, not_in_future
from dropout.services.refusals import Refused
from dropout.services.rules import in_force
from registry.models import Unit


def place(
    episode: Episode,
    *,
    kind: str,
    began_on: date,
    by,
    at: datetime,
    school: Unit | None = None,
    grade: str = "",
    class_name: str = "",
    authority: str = "",
    document_number: str = "",
    ends_on: date | None = None,
    note: str = "",
    seen: int | None = None,
) -> Placement:
    """The child learns again, or is put off with approval; another placement ends the one before.

    At school: school, grade, class; attendance is confirmed weeks later (`confirm_attendance`). At
    home: a plan and lessons follow. Delay and suspension: authority, document number, last day. The
    looks at 30, 60 and 90 days (settings) are opened, except for what rests on an approval.
    """
    with deed(episode, "dropout.placed", by=by, at=at, seen=seen) as (episode, told):
        if not episode.confirmed_on:
            raise Refused("not_confirmed", "kind")
        not_in_future(began_on, at, "began_on")
        not_before(began_on, episode.confirmed_on, "before_confirmed", "began_on")
        facts = _proof(
            given(kind, "kind"), began_on, school, grade, class_name, authority,
            document_number, ends_on,
        )  # fmt: skip
        _end_former(episode, began_on)
        placement = Placement.objects.create(
            episode=episode,
            kind=kind,
            began_on=began_on,
            note=note.strip(),
            recorded_by=by,
            recorded_at=at,
            **facts,
        )
        if kind not in APPROVED:
            _open_watches(placement)
        episode.planned_on = None
        episode.save(update_fields=["planned_on"])
        if placement.school_id and episode.case.school_id != placement.school_id:
            episode.case.school = placement.school
            episode.case.save(update_fields=["school"])
        codes = (touched.RETURNED, touched.LESSONS)
        touched.touch(codes, [episode.case.unit_id], since=episode.confirmed_on, on=day_of(at))
        told["placement"] = kind
    return placement


def _proof(kind, began_on, school, grade, class_name, authority, document_number, ends_on) -> dict:
    """What the kind demands, and nothing of what it does not."""
    if kind in AT_SCHOOL:
        if given(school, "school").kind != Unit.Kind.SCHOOL:
            raise Refused("not_a_school", "school")
        return {
            "school": school,
            "grade": given(grade, "grade"),
            "class_name": given(class_name, "class_name"),
        }
    if kind in APPROVED:
        if given(ends_on, "ends_on") <= began_on:
            raise Refused("out_of_order", "ends_on")
        return {
            "authority": given(authority, "authority"),
            "document_number": given(document_number, "document_number"),
            "ends_on": ends_on,
        }
    return {}


def _end_former(episode: Episode, began_on: date) -> None:
    former = episode.placements.in_place().first()
    if former is None:
        return
    not_before(began_on, former.began_on, "before_begun", "began_on")
    former.ended_on = began_on
    former.save(update_fields=["ended_on"])
    HomePlan.objects.filter(placement=former, valid_to=None).update(valid_to=began_on)


def _open_watches(placement: Placement) -> None:
    Watch.objects.bulk_create(
        Watch(placement=placement, days=days, due_on=placement.began_on + timedelta(days=days))
        for days in in_force().watch_days
    )


def _standing(placement: Placement) -> Placement:
    placement = Placement.objects.get(pk=placement.pk)
    if placement.is_withdrawn or placement.ended_on:
        raise Refused("replaced")
    return placement


def confirm_attendance(
    placement: Placement, *, on: date, by, at: datetime, note: str = "", seen: int | None = None
) -> Placement:
    """Somebody saw the child in class, long enough after the return. From then on it is watched."""
    verb = "dropout.attendance_confirmed"
    with deed(placement.episode, verb, by=by, at=at, seen=seen):
        placement = _standing(placement)
        if not placement.is_at_school:
            raise Refused("not_at_school", "on")
        if placement.attended_on:
            raise Refused("already_attended", "on")
        not_in_future(on, at, "on")
        weeks = timedelta(weeks=in_force().attend_weeks)
        not_before(on, placement.began_on + weeks, "too_soon", "on")
        placement.attended_on, placement.attended_note = on, note.strip()
        placement.save(update_fields=["attended_on", "attended_note"])
    return placement


# At home -------------------------------------------------------------------------------------------
def plan_lessons(
    placement: Placement,
    *,
    lessons_a_month: int,
    minutes: int,
    by,
    at: datetime,
    valid_from: date | None = None,
    content: str = "",
    assessed_on: date | None = None,
    disability: str = "",
    seen: int | None = None,
) -> HomePlan:
    """How often the child is taught at home from a day on; the plan before ends the day before.

    What a committee found about the child's health is taken over where it is left empty.
    """
    verb = "dropout.lessons_planned"
    with deed(placement.episode, verb, by=by, at=at, seen=seen) as (episode, told):
        placement = _standing(placement)
        if not placement.is_at_home:
            raise Refused("not_at_home")
        valid_from = valid_from or placement.began_on
        not_before(valid_from, placement.began_on, "before_begun", "valid_from")
        if assessed_on:
            not_in_future(assessed_on, at, "assessed_on")
        former = placement.plans.filter(valid_to=None).first()
        if former:
            not_before(valid_from, former.valid_from + timedelta(days=1), "twice", "valid_from")
            former.valid_to = valid_from - timedelta(days=1)
            former.save(update_fields=["valid_to"])
        plan = HomePlan.objects.create(
            placement=placement,
            valid_from=valid_from,
            lessons_a_month=_counted(lessons_a_month, "lessons_a_month"),
            minutes=_counted(minutes, "minutes"),
            content=content.strip(),
            assessed_on=assessed_on or (former and former.assessed_on),
            disability=disability.strip() or (former.disability if former else ""),
        )
        touched.touch([touched.LESSONS], [episode.case.unit_id], since=valid_from, on=day_of(at))
        told["lessons_a_month"] = plan.lessons_a_month
    return plan


def _counted(number: int | None, field: str) -> int:
    if not number or number < 1:
        raise Refused("required", field)
    return number


def record_lesson(
    placement: Placement,
    *,
    on: date,
    teacher: str,
    minutes: int,
    by,
    at: datetime,
    content: str = "",
    guardian_signed: bool | None = None,
    note: str = "",
    seen: int | None = None,
    **source,
) -> HomeLesson:
    """Teachers were at the child's home. `source` names the sheet it came from."""
    verb = "dropout.lesson_recorded"
    with deed(placement.episode, verb, by=by, at=at, seen=seen, ended_too=True) as (episode, _told):
        placement = Placement.objects.get(pk=placement.pk)
        if placement.is_withdrawn or not placement.is_at_home:
            raise Refused("not_at_home", "on")
        not_in_future(on, at, "on")
        not_before(on, placement.began_on, "before_begun", "on")
        last = placement.ended_on or episode.ended_on
        if last and on > last:
            raise Refused("after_end", "on")
        teacher = given(teacher, "teacher")
        if placement.lessons.filter(withdrawn_at=None, on=on, teacher=teacher).exists():
            raise Refused("twice", "on")
        lesson = HomeLesson.objects.create(
            placement=placement,
            on=on,
            teacher=teacher,
            minutes=_counted(minutes, "minutes"),
            content=content.strip(),
            guardian_signed=guardian_signed,
            note=note.strip(),
            recorded_by=by,
            recorded_at=at,
            **source,
        )
        touched.touch([touched.LESSONS], [episode.case.unit_id], since=on, on=day_of(at))
    return lesson


# Watches -------------------------------------------------------------------------------------------
def answer_watch(
    watch: Watch,
    *,
    answer: str,
    by,
    at: datetime,
    on: date | None = None,
    note: str = "",
    seen: int | None = None,
) -> Watch:
    """The school says whether the child is still there. If not, the case is due at once."""
    verb = "dropout.watch_answered"
    with deed(watch.placement.episode, verb, by=by, at=at, seen=seen) as (episode, told):
        watch = standing_watch(watch)
        if watch.answered_on:
            raise Refused("already_answered", "answer")
        on = on or day_of(at)
        not_in_future(on, at, "on")
        not_before(on, watch.due_on, "not_due", "on")
        set_answer(watch, episode, answer=answer, on=on, note=note, by=by)
        told |= {"days": watch.days, "answer": answer}
    return watch


def standing_watch(watch: Watch) -> Watch:
    """The look as it is now; of a placement that was changed there is nothing to say."""
    watch = Watch.objects.get(pk=watch.pk)
    _standing(watch.placement)
    return watch


def set_answer(watch: Watch, episode: Episode, *, answer, on, note, by) -> None:
    """A part of deeds. A child that is not there makes the case due that day."""
    watch.answer, watch.answered_on = given(answer, "answer"), on
    watch.note, watch.answered_by = note.strip(), by
    watch.save(update_fields=["answer", "answered_on", "note", "answered_by"])
    if answer == WatchAnswer.LEFT:
        episode.planned_on = on
        episode.save(update_fields=["planned_on"])
