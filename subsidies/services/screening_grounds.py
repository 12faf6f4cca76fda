"""Whether money that nothing expected had a ground after all; and who answers for a payment.

What is not sure judges nothing: a programme of which no standard is confirmed, a stage of which only
doubtful standards speak.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from common.periods import Period
from registry.models import Closure, Enrolment, Unit, in_force
from subsidies.models import Award, Payment, Programme, Recognition, Standard, stage_of
from subsidies.services.screening_money import AT_ONCE, Group
from subsidies.services.screening_need import schools_of
from subsidies.services.screening_rules import AMOUNT, BEFORE, GROUND


class Judge:
    """The standards and places of a term, read once."""

    def __init__(self, term: Period, on: date):
        self.term, self.on = term, on
        self.standards: dict[int, list[Standard]] = defaultdict(list)
        for one in Standard.objects.in_force(term.start).select_related("programme"):
            self.standards[one.programme_id].append(one)
        self.judged = [pk for pk in self.standards if self._is_judged(pk)]
        self.unit_names = dict(Unit.objects.values_list("pk", "short_name"))
        self._payers: dict[int, int] = {}
        self._below: dict[int, set[int]] = {}
        self.enrolments: dict[int, Enrolment] = {}
        self.recognised: dict[int, str] = {}

    def _is_judged(self, programme: int) -> bool:
        """Money to children who are meant by rule, not chosen; and one standard at least is sure."""
        told = self.standards[programme][0].programme
        by_rule = told.entitles != Programme.Entitles.CHOSEN
        to_child = told.form == Programme.Form.MONEY and told.paid_to == Programme.PaidTo.CHILD
        return by_rule and to_child and any(one.judges for one in self.standards[programme])

    # Who answers -------------------------------------------------------------------------------------
    def by_payer(self, payments: Iterable[Payment]) -> dict[int, list[Payment]]:
        found: dict[int, list[Payment]] = defaultdict(list)
        for one in payments:
            found[self.payer_of(one.batch.unit_id)].append(one)
        return found

    def payer_of(self, unit: int) -> int:
        """The banner or zone whose money it is: a school of it and it itself are one payer."""
        if unit not in self._payers:
            above = Closure.objects.filter(
                in_force(self.on),
                descendant=unit,
                counts=True,
                ancestor__reports_education=True,
            ).order_by("ancestor__kind", "ancestor")
            self._payers[unit] = above.values_list("ancestor", flat=True).first() or unit
        return self._payers[unit]

    def owner_of(self, payment: Payment) -> int:
        """The child's school where it lies under who paid; else who paid."""
        payer = payment.batch.unit_id
        if payer not in self._below:
            below = Closure.objects.filter(in_force(self.on), ancestor=payer)
            self._below[payer] = set(below.values_list("descendant", flat=True))
        return payment.school_id if payment.school_id in self._below[payer] else payer

    # Whether there was a ground ----------------------------------------------------------------------
    def look_at(self, groups: list[Group]) -> None:
        """Read where these children go to school and how they are recognised."""
        students = sorted({one.student for one in groups})
        self.enrolments = schools_of(self.term, self.on, students)
        for at in range(0, len(students), AT_ONCE):
            rows = Recognition.objects.standing().of_term(self.term.code)
            rows = rows.filter(student__in=students[at : at + AT_ONCE])
            self.recognised.update(rows.values_list("student", "state"))

    def ground_of(self, group: Group, payment: Payment) -> tuple[str | None, str]:
        """(the rule that is broken, why), or (None, "")."""
        if group.programme not in self.judged:
            return None, ""
        enrolment = self.enrolments.get(group.student)
        if enrolment is None:
            return GROUND, "NOT_ENROLLED"
        standards = self.standards[group.programme]
        here = [one for one in standards if one.stage == stage_of(enrolment.grade)]
        if not here:
            return GROUND, "STAGE"
        if not any(one.judges for one in here):
            return None, ""
        by_need = here[0].programme.entitles == Programme.Entitles.RECOGNISED
        state = self.recognised.get(group.student, "")
        if by_need and not state:
            return GROUND, "UNRECOGNISED"
        if by_need and state != Recognition.State.FILED:
            return BEFORE, "NOT_FILED"
        if group.total not in self._amounts(here):
            return AMOUNT, "UNKNOWN"
        return None, ""

    def _amounts(self, standards: Iterable[Standard]) -> set[Decimal]:
        """All that any standard gives in the term or the year, confirmed or not."""
        found = {one.amount for one in standards} | {one.amount_of(self.term) for one in standards}
        return found - {None}

    def unsure_amounts(self, awards: list[int]) -> dict[int, set[Decimal]]:
        """What doubtful standards that fit the child of an award better would give."""
        gives = {
            one.pk: one.amount_of(self.term) for some in self.standards.values() for one in some
        }
        found = {}
        for at in range(0, len(awards), AT_ONCE):
            rows = Award.objects.filter(pk__in=awards[at : at + AT_ONCE])
            for pk, why in rows.values_list("pk", "why"):
                found[pk] = {gives.get(unsure) for unsure in why.get("unsure", ())}
        return found
