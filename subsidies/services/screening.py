"""Aid screened: who should get and does not, and who gets and should not, twice, late or wrongly.

Every term that is still open is judged whole, after news and each night; what is found is settled as
findings of the registry, with the school (or who paid) as owner. A finding never stops money. What
speaks of a payment has the payment as its subject, what speaks of missing money the child, and what
speaks of a whole school the school. Of a child whom two banners pay each is told with its own payment
alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from common import figures, options
from common.periods import Kind, Period
from registry.models import Finding, Student, Unit
from registry.services import findings
from registry.services.findings import Found, Settled
from subsidies.models import Award, Payment, Programme, Recognition
from subsidies.services import listed, screening_cards, screening_money, screening_need
from subsidies.services.counting import CODES
from subsidies.services.reconciling import deadline_of
from subsidies.services.screening_grounds import Judge
from subsidies.services.screening_money import Group
from subsidies.services.screening_rules import (
    AMOUNT,
    BEFORE,
    HOLDER,
    INTERRUPTED,
    KIND,
    LATE,
    MISSED,
    NAME,
    OF_CHILDREN,
    OF_PAYMENTS,
    SHARED,
    TWICE,
    UNKNOWN,
)

_OF_ODD = {"HOLDER": HOLDER, "SHARED": SHARED, "UNKNOWN": UNKNOWN, "NAME": NAME}
STUDENT, PAYMENT, UNIT = (model._meta.label_lower for model in (Student, Payment, Unit))


def open_terms(on: date) -> list[str]:
    """Terms that a roster may still tell of and of which anything is known, the oldest first."""
    first = Period.of(Kind.SCHOOL_YEAR, on).year - options.get("subsidies.years_open")
    known = set(Award.objects.order_by().values_list("term", flat=True).distinct())
    known |= set(Payment.objects.order_by().values_list("term", flat=True).distinct())
    known |= set(Recognition.objects.order_by().values_list("term", flat=True).distinct())
    known.add(Period.of(Kind.TERM, on).code)
    return sorted(code for code in known if Period.parse(code).year >= first)


def screen(terms: Iterable[str], *, at: datetime, on: date) -> Settled:
    """Judge terms and settle what was found; each term is one transaction."""
    raised = cleared = 0
    for term in terms:
        done = screen_term(term, at=at, on=on)
        raised, cleared = raised + done.raised, cleared + done.cleared
    return Settled(raised, cleared)


@transaction.atomic
def screen_term(term: str, *, at: datetime, on: date) -> Settled:
    found = list(Screening(Period.parse(term), on).found())
    standing = Finding.objects.open().of_rule(KIND).filter(period=term)
    places = set(standing.values_list("rule", "subject_code", "subject_pk", "period"))
    settled = findings.settle(
        found,
        rules=_rules() | {rule for rule, *_rest in places},
        checked=places | {one.place for one in found},
        at=at,
        on=on,
    )
    _touch(term)
    return settled


def _touch(term: str) -> None:
    """Every deed about aid asks for this job in its own transaction, so that the figures follow here,
    once for all the deeds of a day."""
    period = Period.parse(term)
    units = Unit.objects.filter(Q(kind=Unit.Kind.LEAGUE) | Q(reports_education=True))
    for code in CODES:
        figures.touch(code, units, [period])


def _rules() -> set[str]:
    programmes = list(Programme.objects.values_list("pk", flat=True))
    ofs = {f"{rule}.{pk}" for rule in OF_CHILDREN for pk in programmes}
    return ofs | set(OF_PAYMENTS) | {MISSED}


@dataclass(frozen=True)
class Facts:
    """What every finding of a term tells beside its own facts; a finding keeps names of programmes,
    so that a list of findings asks for none."""

    term: str
    names: dict[int, str]

    def found(self, rule: str, subject: tuple[str, int], unit: int, facts: dict, **told) -> Found:
        programme = facts.get("programme")
        if programme:
            told["name"] = self.names[programme]
        code, pk = subject
        return Found(rule, code, str(pk), unit, facts, self.term, told)


class Screening:
    """One term, judged on a day."""

    def __init__(self, term: Period, on: date):
        self.term, self.on = term, on
        self.grace = options.get("subsidies.late_grace")
        self.judge = Judge(term, on)
        self.say = Facts(term.code, dict(Programme.objects.values_list("pk", "name")))

    def found(self) -> Iterable[Found]:
        groups = screening_money.different(self.term.code, self.judge.judged, self.on, self.grace)
        payments = screening_money.payments_of(self.term.code, groups)
        unpaid = [one for one in groups if one.award and one.total <= 0]
        paid = [one for one in groups if one.total > 0 and payments.get(one.place)]
        yield from self._unpaid(unpaid)
        yield from self._without_recognition()
        yield from self._wrong_sums(paid, payments)
        yield from self._early(paid, payments)
        yield from self._without_ground(paid, payments)
        yield from self._odd_cards()
        yield from self._late()

    # Should get and does not -----------------------------------------------------------------------
    def _unpaid(self, groups: list[Group]) -> Iterable[Found]:
        """Expected and not paid while the school's others are; who was paid last term is cut off."""
        before = screening_money.paid_in(self.term.previous().code, {one.student for one in groups})
        underway = screening_money.waiting_in(self.term.code, {one.student for one in groups})
        why = self._lists({one.student for one in groups})
        for one in groups:
            if one.place in underway:
                continue
            rule = INTERRUPTED if one.place in before else MISSED
            yield self.say.found(
                f"{rule}.{one.programme}",
                (STUDENT, one.student),
                one.unit,
                {"programme": one.programme, "expected": str(one.amount)},
                **why.get(one.student, {}),
            )

    def _without_recognition(self) -> Iterable[Found]:
        """On a list and not recognised; or paid last term, and nobody has said anything since."""
        cut_off = screening_need.broken_off(self.term, self.on)
        known = {one.student for one in cut_off}
        left_out = [
            one
            for one in screening_need.not_recognised(self.term, self.on)
            if one.student not in known
        ]
        why = self._lists({one.student for one in (*cut_off, *left_out)})
        for one in cut_off:
            facts = {"programme": one.programme, "unrecognised": True}
            place = (STUDENT, one.student)
            rule = f"{INTERRUPTED}.{one.programme}"
            yield self.say.found(rule, place, one.school, facts, **why.get(one.student, {}))
        for one in left_out:
            facts = {"decided": one.decided}
            told = why.get(one.student, {})
            yield self.say.found(MISSED, (STUDENT, one.student), one.school, facts, **told)

    def _lists(self, students: set[int]) -> dict[int, dict]:
        """The list and the day that a finding rests on; which group it is the page tells to whom may
        know."""
        on = min(self.on, self.term.end)
        return {
            student: {"list": pk, "listed_on": day.isoformat()}
            for student, (pk, day) in listed.lists_naming(students, on).items()
        }

    # Gets and should not, twice, or another amount ---------------------------------------------------
    def _wrong_sums(self, groups: list[Group], payments: dict) -> Iterable[Found]:
        differ = [one.award for one in groups if one.award and one.total != one.amount]
        unsure = self.judge.unsure_amounts(differ)
        for one in groups:
            rows = payments[one.place]
            by_payer = self.judge.by_payer(rows)
            over = one.award is None or one.total > one.amount
            if len(rows) > 1 and over and (one.award or len(by_payer) > 1):
                yield from self._twice(one, by_payer)
            elif one.award in unsure and one.total not in unsure[one.award]:
                # What a standard that nobody has confirmed would give, it does not judge.
                yield self._wrong_amount(one, rows)

    def _twice(self, group: Group, by_payer: dict[int, list[Payment]]) -> Iterable[Found]:
        """Each payer by its own payments; of the others only that they paid too."""
        for payer, rows in by_payer.items():
            facts = {
                "programme": group.programme,
                "paid": str(sum(one.amount for one in rows)),
                "times": len(rows),
                "others": sorted(set(by_payer) - {payer}),
            }
            told = {"expected": str(group.amount)} if group.amount is not None else {}
            others = [self.judge.unit_names[pk] for pk in facts["others"]]
            yield self._of_payment(TWICE, rows[0], facts, others_named=others, **told)

    def _wrong_amount(self, group: Group, rows: list[Payment]) -> Found:
        facts = {
            "programme": group.programme,
            "expected": str(group.amount),
            "paid": str(group.total),
        }
        return self._of_payment(AMOUNT, rows[0], facts)

    def _early(self, groups: list[Group], payments: dict) -> Iterable[Found]:
        for one in groups:
            if one.early:
                first = payments[one.place][0]
                facts = {"programme": one.programme, "paid_on": first.paid_on.isoformat()}
                yield self._of_payment(BEFORE, first, facts)

    def _without_ground(self, groups: list[Group], payments: dict) -> Iterable[Found]:
        unexpected = [one for one in groups if one.award is None]
        self.judge.look_at(unexpected)
        why = self._lists({one.student for one in unexpected})
        for one in unexpected:
            first = payments[one.place][0]
            rule, reason = self.judge.ground_of(one, first)
            if rule is None:
                continue
            facts = {"programme": one.programme, "paid": str(one.total), "why": reason}
            yield self._of_payment(rule, first, facts, **why.get(one.student, {}))

    def _odd_cards(self) -> Iterable[Found]:
        for odd in screening_cards.odd_names(self.term.code):
            yield self._of_odd(odd)
        most = options.get("subsidies.card_children")
        for odd in screening_cards.shared_cards(self.term.code, most):
            yield self._of_odd(odd)

    def _of_odd(self, odd: screening_cards.Odd) -> Found:
        facts = {"programme": odd.payment.programme_id, "why": odd.why}
        facts |= {"children": odd.children} if odd.children else {}
        return self._of_payment(_OF_ODD[odd.why], odd.payment, facts)

    def _of_payment(self, rule: str, payment: Payment, facts: dict, **told) -> Found:
        unit = self.judge.owner_of(payment)
        return self.say.found(rule, (PAYMENT, payment.pk), unit, facts, **told)

    # Late --------------------------------------------------------------------------------------------
    def _late(self) -> Iterable[Found]:
        """By school and programme: a roster that comes late is one thing to answer for, not hundreds."""
        deadline = deadline_of(self.term.code, grace=self.grace)
        if self.on <= deadline:
            return
        for school, programme, children in screening_money.silent_schools(self.term.code):
            facts = {"programme": programme, "deadline": deadline.isoformat(), "paid": False}
            yield self._of_school(school, facts, children=children)
        for school, programme, children, last in screening_money.late_by_school(
            self.term.code, deadline
        ):
            facts = {"programme": programme, "deadline": deadline.isoformat(), "paid": True}
            yield self._of_school(school, facts, children=children, last=last.isoformat())

    def _of_school(self, school: int, facts: dict, **told) -> Found:
        rule = f"{LATE}.{facts['programme']}"
        return self.say.found(rule, (UNIT, school), school, facts, **told)
