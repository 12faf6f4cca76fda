"""The demonstration's children out of school, in every state a case can be in.

Each way is told deed by deed through the services, with the days counted back from the
demonstration's: what stands here could have come about. A second run finds cases and tells none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from common.models import User
from dashboard.demo.children import numbered
from dashboard.demo.history import moment
from dashboard.demo.numbers import read
from dashboard.demo.people import FILLERS
from dropout.models import (
    Case,
    Cause,
    Episode,
    Kind,
    NotDropout,
    NoticeKind,
    Placement,
    PlacementKind,
    ResponsibleRole,
    ServedBy,
    Source,
    StepKind,
    VisitResult,
    WatchAnswer,
    Way,
)
from dropout.services import cases, closings, placements, steps, transfers, visits
from registry.models import Enrolment, Student, Unit
from registry.services.residents import register_resident

FOUND_BY = (Source.ATTENDANCE, Source.DOOR_TO_DOOR, Source.COMPARISON, Source.WRITTEN_REPORT)
REASONS = (NotDropout.ENROLLED, NotDropout.NO_ROLL_OUTSIDE, NotDropout.FALSE_RECORD)
EVERY = 5  # of a school's children every fifth may be one of them, so that no class is emptied
FIRST = 3


def load_cases(day: date) -> int:
    """Returns how many children's cases are new."""
    if Case.objects.exists():
        return 0
    texts = read("cases.toml")
    people = {user.username: user for user in User.objects.all()}
    units = {unit.key: unit for unit in Unit.objects.all()}
    children = _children(units, day)
    told = 0
    for row in texts["case"]:
        for _one in range(row["n"]):
            story = Story(
                n=told,
                day=day,
                row=row,
                words=texts["words"],
                people=people,
                units=units,
                children=children[row["unit"], row["from"]],
            )
            WAYS[row["way"]](story)
            told += 1
    return told


# Which children ------------------------------------------------------------------------------------
def _children(units: dict[str, Unit], day: date) -> dict[tuple[str, str], Iterator[Student]]:
    """{(unit, stage): children}. The first year is left out: they were no pupils half a year ago."""
    found: dict[tuple[str, str], Iterator[Student]] = {}
    for key in FILLERS:
        at_school = (
            Enrolment.objects.in_force(day)
            .filter(school__key__startswith=f"school-demo-{key.split('-')[1]}")
            .exclude(grade="11")
            .select_related("student")
            .order_by("pk")
        )
        for stage in ("1", "2"):
            some = at_school.filter(grade__startswith=stage)[FIRST::EVERY]
            found[key, stage] = (one.student for one in some)
        found[key, "0"] = iter(())
    return found


# Telling -------------------------------------------------------------------------------------------
@dataclass
class Story:
    """One child's way. `ago(n)` is the day n days before the demonstration's."""

    n: int
    day: date
    row: dict
    words: dict
    people: dict[str, User]
    units: dict[str, Unit]
    children: Iterator[Student]
    episode: Episode | None = field(default=None)

    @property
    def unit(self) -> Unit:
        return self.units[self.row["unit"]]

    @property
    def by(self) -> User:
        return self.people[FILLERS[self.row["unit"]][0]]

    def ago(self, days: int) -> date:
        return self.day - timedelta(days=days)

    def deed(self, days: int) -> dict:
        """Who does it, and when."""
        return {"by": self.by, "at": moment(self.ago(days))}

    def word(self, kind: str) -> str:
        """One of several, another for the next child."""
        return self.words[kind][self.n % len(self.words[kind])]

    def child(self) -> Student:
        if self.row["from"] != "0":
            return next(self.children)
        born = self.day.replace(year=self.day.year - 8, month=3, day=1 + self.n % 28)
        townships = Unit.objects.under(self.unit, self.day).of_kinds([Unit.Kind.TOWNSHIP])
        return register_resident(
            name=self.word("child"),
            id_number=numbered(500 + self.n, born),
            residence=townships.for_list().first() or self.unit,
            on=self.day,
            **self.deed(130),
        )

    def school(self) -> Unit:
        """Where the child goes to, or went; else the unit's first."""
        held = Enrolment.objects.of_student(self.episode.case.student).select_related("school")
        first = held.order_by("pk").first()
        return first.school if first else self.units[f"school-demo-{self.row['unit'][5:]}"]

    # Finding -------------------------------------------------------------------------------------
    def suspect(self, days: int, *, away: int = 8) -> Episode:
        self.episode = cases.suspect(
            self.child(),
            source=FOUND_BY[self.n % len(FOUND_BY)],
            found_on=self.ago(days),
            absent_since=self.ago(days + away),
            unit=self.unit,
            officer=self.by,
            **self.deed(days),
        )
        return self.episode

    def confirm(self, days: int) -> Episode:
        """Found, looked into and confirmed within five days, with three people who answer."""
        self.suspect(days, away=35)
        cases.verify(self.episode, **self.deed(days - 2))
        never = self.row["from"] == "0"
        cause = Cause(self.row["cause"])
        self.episode = cases.confirm(
            self.episode,
            kind=Kind.NEVER_ENROLLED if never else Kind.DROPPED_OUT,
            cause=cause,
            on=self.ago(days - 5),
            left_on=None if never else self.ago(days + 35),
            cause_detail=self.words["other"] if cause == Cause.OTHER else "",
            **self.deed(days - 5),
        )
        if self.n % 3 == 0:
            roles = ResponsibleRole.objects.in_use()[: len(self.words["responsible"])]
            for role, name in zip(roles, self.words["responsible"], strict=False):
                cases.name_responsible(self.episode, role=role, name=name, **self.deed(days - 5))
        return self.episode

    # Bringing back -------------------------------------------------------------------------------
    def visit(self, days: int, *, result=VisitResult.HESITATES, again: int | None = None) -> None:
        visits.record_visit(
            self.episode,
            on=self.ago(days),
            visitor=self.word("visitors"),
            position=self.word("positions"),
            way=Way.HOME,
            result=result,
            note=self.word("notes"),
            guardian_word=self.word("guardian"),
            next_on=None if again is None else self.ago(again),
            **self.deed(days),
        )

    def place(self, days: int, kind: str) -> Placement:
        facts = {}
        if kind in (PlacementKind.DELAY, PlacementKind.SUSPENSION):
            facts = {
                "authority": self.words["authority"],
                "document_number": self.number(),
                "ends_on": self.ago(-90),
            }
        elif kind != PlacementKind.HOME:
            last = Enrolment.objects.of_student(self.episode.case.student).order_by("pk").first()
            facts = {
                "school": self.school(),
                "grade": last.grade,
                "class_name": self.words["class"],
            }
        return placements.place(
            self.episode, kind=kind, began_on=self.ago(days), **facts, **self.deed(days)
        )

    def number(self) -> str:
        return self.words["document"].format(year=self.day.year, n=self.n + 1)

    def bring_back(self, days: int, kind: str = PlacementKind.SAME_CLASS) -> Placement:
        self.confirm(days + 30)
        self.visit(days + 10, result=VisitResult.PROMISED)
        return self.place(days, kind)

    def look_after(self, placement: Placement, *, until: int) -> None:
        """In class two weeks later, and there at each look that has fallen due `until` days ago."""
        seen = (self.day - placement.began_on).days - 15
        placements.confirm_attendance(placement, on=self.ago(seen), **self.deed(seen))
        self.answer(placement, until=until)

    def answer(self, placement: Placement, *, until: int) -> None:
        for watch in placement.watches.order_by("days"):
            if watch.due_on <= self.ago(until):
                days = (self.day - watch.due_on).days
                placements.answer_watch(watch, answer=WatchAnswer.PRESENT, **self.deed(days))

    def ask_to_close(self, days: int):
        return closings.ask_to_close(self.episode, proof=self.words["closing"], **self.deed(days))

    def close(self, days: int) -> None:
        closings.decide_closing(
            self.ask_to_close(days),
            accepted=True,
            note=self.words["decided"],
            by=self.people["bureau"],
            at=self.at(days, 15),
        )

    def at(self, days: int, hour: int) -> datetime:
        return moment(self.ago(days), hour)


# Ways ----------------------------------------------------------------------------------------------
def suspected(story: Story) -> None:
    story.suspect(2 + story.n % 4)


def verifying(story: Story) -> None:
    story.suspect(9)
    cases.verify(story.episode, **story.deed(6))


def ruled_out(story: Story) -> None:
    story.suspect(40)
    cases.verify(story.episode, **story.deed(36))
    reason = REASONS[story.n % len(REASONS)]
    cases.rule_out(story.episode, reason=reason, proof=story.words["ruled_out"], **story.deed(30))


def confirmed(story: Story) -> None:
    """Known for certain, and nobody has gone there yet."""
    story.confirm(8)


def persuading(story: Story) -> None:
    story.confirm(45)
    story.visit(32, again=15)
    story.visit(15, result=VisitResult.NOT_MET, again=6)
    story.visit(6, again=-3 - story.n % 5)


def forgotten(story: Story) -> None:
    """Nobody came again: overdue."""
    story.confirm(70)
    story.visit(52, again=24 - story.n % 6)


def served(story: Story) -> None:
    """Persuasion failed; the second step was taken, and its document served."""
    story.confirm(80)
    story.visit(70, result=VisitResult.REFUSED)
    steps.take_step(story.episode, kind=StepKind.TEACHING, taken_on=story.ago(68), **story.deed(68))
    order = steps.take_step(
        story.episode,
        kind=StepKind.ORDER,
        taken_on=story.ago(40),
        legal_basis=story.words["basis"],
        **story.deed(40),
    )
    notice = steps.issue_notice(
        story.episode,
        kind=NoticeKind.CORRECT_BY,
        step=order,
        number=story.number(),
        issued_on=story.ago(40),
        issuer=story.words["authority"],
        addressee=story.words["addressee"],
        deadline=story.ago(-5),
        legal_basis=story.words["basis"],
        **story.deed(40),
    )
    steps.serve_notice(
        notice,
        served_on=story.ago(37),
        served_by=ServedBy.DIRECT,
        witness=story.words["witness"],
        result=story.words["served"],
        **story.deed(37),
    )
    if story.n % 2:
        steps.skip_step(
            story.episode,
            kind=StepKind.PENALTY,
            skipped_because=story.words["skipped"],
            **story.deed(20),
        )


def back(story: Story) -> None:
    """Back in a class not long ago: somebody has still to look whether it is so."""
    story.bring_back(12 + story.n % 5, story.row["kind"])


def taught_at_home(story: Story) -> None:
    story.confirm(120)
    placement = story.place(100, PlacementKind.HOME)
    placements.plan_lessons(placement, lessons_a_month=4, minutes=80, **story.deed(100))
    for days in range(96, 3, -9):
        placements.record_lesson(
            placement,
            on=story.ago(days),
            teacher=story.word("visitors"),
            minutes=80,
            content=story.words["lesson"],
            guardian_signed=True,
            **story.deed(days),
        )
    story.answer(placement, until=12)


def put_off(story: Story) -> None:
    story.confirm(60)
    story.place(50, story.row["kind"])


def watched(story: Story) -> None:
    """Looked after; of every other child a look is due and nobody has answered."""
    placement = story.bring_back(65 if story.n % 2 else 40)
    story.look_after(placement, until=12)


def to_close(story: Story) -> None:
    story.look_after(story.bring_back(92), until=0)
    story.ask_to_close(1)


def closed(story: Story) -> None:
    story.look_after(story.bring_back(110 + story.n % 20), until=0)
    story.close(10)


def left_again(story: Story) -> None:
    """Closed, and gone again: a relapse."""
    story.look_after(story.bring_back(170), until=0)
    story.close(75)
    story.episode = cases.left_again(
        story.episode, on=story.ago(50), absent_since=story.ago(58), **story.deed(50)
    )
    story.episode = cases.confirm(
        story.episode,
        kind=Kind.DROPPED_OUT,
        cause=Cause(story.row["cause"]),
        on=story.ago(20),
        left_on=story.ago(58),
        **story.deed(20),
    )
    story.visit(14, again=-2)


def offered(story: Story) -> None:
    """The child has moved: another unit is asked to take the case."""
    story.confirm(50)
    story.visit(30, again=-6)
    transfers.offer_case(
        story.episode.case,
        to_unit=story.units["banner-zuoqi"],
        reason=story.words["offer"],
        **story.deed(1),
    )


WAYS = {
    way.__name__: way
    for way in (
        suspected,
        verifying,
        ruled_out,
        confirmed,
        persuading,
        forgotten,
        served,
        back,
        taught_at_home,
        put_off,
        watched,
        to_close,
        closed,
        left_again,
        offered,
    )
}
