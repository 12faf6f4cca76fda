"""What the page of one case shows to one person: where it stands, what comes next, who answers."""

from datetime import date

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from common import masks
from common.templatetags.ax import cndate
from dropout.models import (
    SENSITIVE_CAUSES,
    SENSITIVE_REASONS,
    Case,
    Cause,
    Closing,
    Episode,
    HomeLesson,
    Line,
    Notice,
    Placement,
    Responsible,
    State,
    Step,
    StepKind,
    Visit,
    Watch,
)
from dropout.timeline import Facts, lines_of
from registry.models import SENSITIVE, Membership
from registry.student_sheet import guarded
from registry.students_tables import shown_name

# The stages of the way, and the states in which an episode stands there.
STAGES = (
    (State.SUSPECTED, (State.SUSPECTED,)),
    (State.VERIFYING, (State.VERIFYING,)),
    (State.CONFIRMED, (State.CONFIRMED,)),
    (State.PERSUADING, (State.PERSUADING,)),
    (State.PLACED, (State.PLACED,)),
    (State.WATCHED, (State.WATCHED,)),
    (State.CLOSED, (State.CLOSED,)),
)


class CaseSheet:
    """The parts of the page; `whole` while the child's values are unmasked in this session."""

    def __init__(self, case: Case, *, user, today: date, whole: bool):
        self.case, self.user, self.today, self.whole = case, user, today, whole
        self.child = case.student
        self.reads_names = user.has_perm("registry.unmask_student")
        self.sees_sensitive = user.has_perm("dropout.view_sensitive")

    # The child ---------------------------------------------------------------------------------
    @property
    def name(self) -> str:
        return shown_name(self.child, masked=not self.reads_names)

    @cached_property
    def number(self):
        papers = [one for one in self.child.identifiers.all() if one.valid_to is None]
        papers.sort(key=lambda one: (one.kind == "ROLL", one.kind))
        return guarded(papers[0].value, masks.id_number, whole=self.whole) if papers else None

    @property
    def home(self):
        return guarded(self.child.home_address, masks.address, whole=self.whole)

    @property
    def age(self) -> int | None:
        born, today = self.child.born_on, self.today
        if born is None:
            return None
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

    @cached_property
    def enrolment(self):
        rows = list(self.child.enrolments.all())
        rows.sort(key=lambda one: (one.valid_from, one.pk), reverse=True)
        return rows[0] if rows else None

    @cached_property
    def guardians(self) -> list[dict]:
        return [
            {
                "relation": row.get_relation_display() or _("监护人"),
                "name": row.name if self.reads_names else masks.name(row.name),
                "phone": guarded(row.phone, masks.phone, whole=self.whole),
            }
            for row in sorted(self.child.guardians.all(), key=lambda one: one.position)
        ]

    @cached_property
    def groups(self) -> dict:
        """Categories of the outside lists that hold today; sensitive ones to who may see them."""
        rows = Membership.objects.about(self.child).valid(self.today)
        told = dict.fromkeys(rows.order_by("category").values_list("category", flat=True))
        labels = dict(Membership._meta.get_field("category").flatchoices)
        shown = [one for one in told if self.sees_sensitive or one not in SENSITIVE]
        return {"shown": [labels[one] for one in shown], "hidden": len(told) - len(shown)}

    # The way -----------------------------------------------------------------------------------
    @cached_property
    def episodes(self) -> list[Episode]:
        rows = self.case.episodes.select_related("officer", "finding", "relapse_of")
        return list(rows.order_by("-number"))

    @property
    def episode(self) -> Episode:
        return self.episodes[0]

    @property
    def is_open(self) -> bool:
        return self.episode.ended_on is None

    @cached_property
    def facts(self) -> Facts:
        return Facts(self.case, self.episodes)

    @cached_property
    def lines(self):
        return lines_of(self)

    def _of_latest(self, rows: list) -> list:
        return [one for one in rows if one.episode_id == self.episode.pk]

    @cached_property
    def visits(self) -> list[Visit]:
        return [one for one in self._of_latest(self.facts.visits) if not one.is_withdrawn]

    @cached_property
    def placement(self) -> Placement | None:
        rows = self._of_latest(self.facts.placements)
        return next((one for one in rows if not one.is_withdrawn and not one.ended_on), None)

    @cached_property
    def lessons(self) -> list[HomeLesson]:
        return [one for one in self.facts.lessons if one.placement_id == self.placement.pk]

    @cached_property
    def plan(self):
        if self.placement is None or not self.placement.is_at_home:
            return None
        return self.placement.plans.in_force(self.today).first()

    @cached_property
    def watches(self) -> list[Watch]:
        if self.placement is None:
            return []
        rows = [one for one in self.facts.watches if one.placement_id == self.placement.pk]
        return sorted(rows, key=lambda one: one.days)

    @cached_property
    def closing(self) -> Closing | None:
        """The one that waits for somebody's decision."""
        rows = self._of_latest(self.facts.closings)
        return next((one for one in rows if not one.decided_at and not one.withdrawn_at), None)

    @cached_property
    def transfer(self):
        return next((one for one in self.facts.transfers if one.is_open), None)

    @cached_property
    def steps(self) -> list[dict]:
        """The four steps in their order, each with what was done and its documents."""
        taken = {one.kind: one for one in self._of_latest(self.facts.steps) if not one.is_withdrawn}
        notices = [one for one in self._of_latest(self.facts.notices) if not one.is_withdrawn]
        return [
            {
                "kind": kind,
                "label": StepKind(kind).label,
                "step": taken.get(kind),
                "notices": [one for one in notices if _belongs(one, taken.get(kind))],
            }
            for kind in StepKind.values
        ]

    @cached_property
    def other_notices(self) -> list[Notice]:
        """Documents that belong to no step."""
        rows = self._of_latest(self.facts.notices)
        return [one for one in rows if not one.is_withdrawn and one.step_id is None]

    @property
    def stages(self) -> list[dict]:
        """The way for the eye: done, here, ahead; with the day or what is missing below."""
        states = [stage for stage, _states in STAGES]
        state = self.episode.state
        here = states.index(state) if state in states else len(states)
        days = {
            State.SUSPECTED: self.episode.found_on,
            State.VERIFYING: self.episode.verifying_on,
            State.CONFIRMED: self.episode.confirmed_on,
            State.PLACED: self.placement and self.placement.began_on,
            State.CLOSED: self.episode.ended_on,
        }
        return [
            {
                "title": State(stage).label,
                "note": cndate(days.get(stage), self.today) if place <= here else "",
                "state": _stand(place, here, ended=not self.is_open),
            }
            for place, stage in enumerate(states)
        ]

    # People ------------------------------------------------------------------------------------
    @cached_property
    def responsible(self) -> list[dict]:
        """Those named for the latest episode, by line."""
        rows = Responsible.objects.of_episode(self.episode).standing().for_page()
        by_line: dict[str, list] = {}
        for row in rows:
            shown = guarded(row.phone, masks.phone, whole=self.whole)
            by_line.setdefault(row.role.line, []).append({"row": row, "phone": shown})
        return [
            {"line": Line(line).label, "people": by_line[line]}
            for line in Line.values
            if line in by_line
        ]

    # What is sensitive -------------------------------------------------------------------------
    def cause_of(self, episode: Episode) -> str:
        """Belief and health only to who may see what is sensitive, and only while unmasked."""
        return episode.cause_told(sensitive=self.sees_sensitive and self.whole)

    def cause_named(self, code: str) -> str:
        """The same of a code that was corrected."""
        is_hidden = code in SENSITIVE_CAUSES and not (self.sees_sensitive and self.whole)
        return str(Cause(Cause.GUARDED if is_hidden else code).label)

    def detail_of(self, episode: Episode) -> str:
        return self.guarded_word(episode.cause_detail)

    def guarded_word(self, text: str) -> str:
        return text if self.sees_sensitive and self.whole else ""

    def reason_of(self, ruling) -> str:
        hidden = ruling.reason in SENSITIVE_REASONS and not (self.sees_sensitive and self.whole)
        return ruling.reason_told(sensitive=not hidden)

    def proof_of(self, thing) -> str:
        return thing.proof if self.sees_sensitive and self.whole else ""


def _belongs(notice: Notice, step: Step | None) -> bool:
    return step is not None and notice.step_id == step.pk


def _stand(place: int, here: int, *, ended: bool) -> str:
    if place < here or (ended and place == here):
        return "done"
    return "here" if place == here else ""
