"""The demonstration's student aid: who applied, whose notice hangs, what was paid and what is wrong.

Told deed by deed through the services, with the days counted from the first of the term: what stands
here could have come about. What the term is too young for is left out. A second run tells nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from common.models import User
from common.periods import Kind, Period
from dashboard.demo.history import moment
from dashboard.demo.numbers import chance, read
from dashboard.demo.people import FILLERS, SCHOOL
from registry.models import Enrolment, Guardian, Membership, Relation, Unit
from subsidies.models import Award, BudgetLine, Level, Payment, Programme, Recognition, SampleItem
from subsidies.models.budgets import Source
from subsidies.services import batches, corrections, funds, recognitions, sampling, screening
from subsidies.services.batches import Line

LIVING = "compulsory-living"
# Days after the first of the term.
APPLIED, AGREED, NOTICED, PAID, SENT_BACK = 10, 18, 20, 62, 70
SETTLED = timedelta(days=90)  # by then a term has something to show
OTHERS = 0.06  # of children on no list who apply as well
HOLDERS = {Relation.FATHER: "FATHER", Relation.MOTHER: "MOTHER"}
FROM = 100_000_000  # the first of the invented card numbers


def load_aid(day: date) -> int:
    """Returns how many recognitions are new."""
    if Recognition.objects.exists():
        return 0
    term = _term(day)
    people = {user.username: user for user in User.objects.all()}
    story = Story(day, term, people, read("aid.toml"))
    for number, school in enumerate(_schools(day)):
        story.recognise(school, hangs=number % 5 == 1)
    units = Unit.objects.in_bulk(list(FILLERS), field_name="key")
    for key in FILLERS:
        story.pay(units[key])
    story.fund(units)
    screening.screen([term.code], at=moment(day), on=day)
    return Recognition.objects.count()


def _term(day: date) -> Period:
    """The term before, where this one is young; never one before the children came to school."""
    this, before = Period.of(Kind.TERM, day), Period.of(Kind.TERM, day - SETTLED)
    return before if before.start >= Period.of(Kind.SCHOOL_YEAR, day).start else this


def _schools(day: date) -> list[Unit]:
    known = Enrolment.objects.in_force(day).order_by().values("school")
    return list(Unit.objects.filter(pk__in=known).order_by("sort_no", "key"))


@dataclass
class Story:
    day: date
    term: Period
    people: dict[str, User]
    texts: dict

    @property
    def words(self) -> dict:
        return self.texts["words"]

    def on(self, days: int) -> date:
        return self.term.start + timedelta(days=days)

    def has_come(self, days: int) -> bool:
        return self.on(days) <= self.day

    def who(self, unit: Unit) -> tuple[User, User]:
        """Who does a unit's work, and the second person."""
        names = (*FILLERS[unit.key], "bureau2")
        return self.people[names[0]], self.people[names[1]]

    # Recognition -------------------------------------------------------------------------------------
    def recognise(self, school: Unit, *, hangs: bool) -> None:
        """Whoever is on a list, and some more. `hangs`: this school's notice went up yesterday."""
        if not self.has_come(APPLIED):
            return
        first, second = self.who(self._banner(school))
        if school.key == SCHOOL:
            first, second = self.people["school"], first
        agreed = []
        for n, (student, group) in enumerate(self._in_need(school)):
            applied = recognitions.apply(
                student,
                school=school,
                term=self.term.code,
                on=self.on(APPLIED),
                has_promise=True,
                group=group,
                **self._deed(first, APPLIED),
            )
            if n % 9 != 4 and self.has_come(AGREED):
                agreed += self._decide(applied, n, by=first)
        if agreed and self.has_come(NOTICED):
            self._notice(school, agreed, first, second, hangs=hangs)

    def _banner(self, school: Unit) -> Unit:
        """By how the demonstration names its schools."""
        name = school.key.split("-")[2]
        key = next(key for key in FILLERS if key.partition("-")[2] == name)
        return Unit.objects.get(key=key)

    def _in_need(self, school: Unit) -> list[tuple]:
        """(child, the group of the list that names it), of those who were here by then."""
        held = (
            Enrolment.objects.in_force(self.on(APPLIED))
            .filter(school=school, valid_to=None)
            .select_related("student")
            .order_by("pk")
        )
        listed = dict(
            Membership.objects.filter(student__in=held.values("student"), valid_to=None)
            .order_by("-pk")
            .values_list("student", "category")
        )
        return [
            (one.student, listed.get(one.student_id, ""))
            for one in held
            if one.student_id in listed or chance("need", one.pk) < OTHERS
        ]

    def _deed(self, by: User, days: int) -> dict:
        return {"by": by, "at": moment(self.on(days))}

    def _decide(self, applied: Recognition, n: int, *, by: User) -> list[int]:
        deed = self._deed(by, AGREED)
        if n % 17 == 7:
            recognitions.refuse(applied, reason=self.words["refused"], **deed)
            return []
        level = Level.values[n % len(Level.values)]
        recognitions.agree(applied, level=level, group=applied.group, on=self.on(AGREED), **deed)
        return [applied.pk]

    def _notice(self, school, agreed: list[int], first, second, *, hangs: bool) -> None:
        at = moment(self.day - timedelta(days=1)) if hangs else moment(self.on(NOTICED))
        notice = recognitions.put_up_notice(
            school, term=self.term.code, recognitions=agreed, by=first, at=at
        )
        after = notice.ends_on + timedelta(days=1)
        if after <= self.day:
            recognitions.file_notice(notice, by=second, at=moment(after))

    # Money -------------------------------------------------------------------------------------------
    def pay(self, unit: Unit) -> None:
        """One batch of the living allowance a unit; in one way each is another step on."""
        awards = Award.objects.within(unit, self.day).of_term(self.term.code)
        awards = awards.filter(programme__code=LIVING).select_related("student", "unit")
        lines = [
            line for n, one in enumerate(awards.order_by("pk")) for line in self._lines(n, one)
        ]
        if not lines or not self.has_come(PAID):
            return
        first, second = self.who(unit)
        paid_on, at = self.on(PAID), moment(self.on(PAID) - timedelta(days=2))
        title = self.words["title"].format(programme=lines[0].programme.name, term=self.term.label)
        batch = batches.make_batch(
            unit, title=title, term=self.term.code, paid_on=paid_on, lines=lines, by=first, at=at
        )
        if unit.key == "zone-gaoxin":
            return  # still a draft
        batch = batches.submit_batch(batch, by=first, at=at)
        if unit.key == "banner-ejina":
            return  # nobody has approved it yet
        batches.approve_batch(batch, by=second, at=moment(paid_on))
        if unit.key == "banner-zuoqi":
            self._send_back(batch, first)
            self._look(unit)

    def _lines(self, n: int, award: Award) -> list[Line]:
        """Most are paid as they should be; some not at all, too little, or to a stranger's card."""
        if n % 13 == 6:
            return []
        guardian = Guardian.objects.filter(student=award.student_id).order_by("position").first()
        holder, relation = award.student.name, "SELF"
        if guardian and n % 3:
            holder, relation = guardian.name, HOLDERS.get(guardian.relation, "GUARDIAN")
        if n % 19 == 11:
            holder, relation = self.words["stranger"], "RELATIVE"
        return [
            Line(
                award.student,
                award.unit,
                award.programme,
                award.amount - (50 if n % 17 == 9 else 0),
                standard=award.amount,
                card_holder=holder,
                relation=relation,
                bank=self.words["bank"],
                card=f"0000000{FROM + award.pk}",
            )
        ]

    def _send_back(self, batch, by: User) -> None:
        """The bank returned two; one of them is being paid again."""
        if not self.has_come(SENT_BACK):
            return
        words = {"on": self.on(SENT_BACK), "reason": self.words["returned"]}
        for n, payment in enumerate(Payment.objects.of_batch(batch).order_by("pk")[3:5]):
            deed = self._deed(by, SENT_BACK)
            returned = corrections.record_bank_return(payment, **words, **deed)
            if n:
                corrections.pay_again(returned, card_holder=payment.name, **deed)

    def _look(self, unit: Unit) -> None:
        """A sample after payment, half of which somebody has asked about."""
        check = sampling.draw_sample(
            unit,
            term=self.term.code,
            per_school=4,
            seed=2025,
            by=self.people["bureau"],
            at=moment(self.day),
        )
        items = SampleItem.objects.filter(check_of=check).order_by("number")
        for n, item in enumerate(items[: items.count() // 2]):
            wrong = n == 2
            sampling.record_result(
                item,
                result=SampleItem.Result.OTHER_CARD if wrong else SampleItem.Result.RIGHT,
                how=SampleItem.How.VISIT if wrong else SampleItem.How.CALL,
                on=self.day,
                note="" if wrong else self.words["asked"],
                by=self.people["bureau2"],
                at=moment(self.day),
            )

    def fund(self, units: dict[str, Unit]) -> None:
        """What the year's document gives, and what of it has reached the account."""
        programme = Programme.objects.get(code=LIVING)
        for number, row in enumerate(self.texts["budget"], start=1):
            by = self.who(units[row["unit"]])[0]
            line = BudgetLine(
                year=self.day.year,
                programme=programme,
                unit=units[row["unit"]],
                source=Source.REGION,
                document=self.words["document"].format(year=self.day.year, number=100 + number),
                amount=Decimal(row["amount"]),
            )
            arrived = date(self.day.year, 1, 15)
            if arrived > self.day:
                continue
            at: datetime = moment(arrived)
            funds.record_arrival(
                funds.save_line(line, by=by),
                amount=Decimal(row["arrived"]),
                on=arrived,
                note=self.words["note"].format(number=number),
                by=by,
                at=at,
            )
