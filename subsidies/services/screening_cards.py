"""Whose card, and whose name: payments whose holder or child is not who the roster says.

Each in one statement over the payments of a term; names are compared once more as people write them.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from registry import identity
from subsidies.models import Holder, Payment
from subsidies.services.screening_money import AT_ONCE, standing

_MAYBE_WRONG = """
SELECT p.id, s.name,
  CASE WHEN p.student_id IS NULL THEN 'UNKNOWN'
       WHEN p.name <> s.name THEN 'NAME' ELSE 'HOLDER' END
FROM subsidies_payment p
JOIN subsidies_paymentbatch b ON b.id = p.batch_id
LEFT JOIN registry_student s ON s.id = p.student_id
WHERE p.term = %(term)s AND b.state = 'APPROVED' AND p.result = 'PAID'
  AND p.reversal_of_id IS NULL
  AND (p.student_id IS NULL OR p.name <> s.name
    OR (p.card_holder <> '' AND p.card_holder <> s.name AND NOT EXISTS (
      SELECT 1 FROM registry_guardian g
      WHERE g.student_id = p.student_id AND g.name = p.card_holder)))
"""

_SHARED = """
SELECT p.card_index
FROM subsidies_payment p JOIN subsidies_paymentbatch b ON b.id = p.batch_id
WHERE p.term = %(term)s AND b.state = 'APPROVED' AND p.result = 'PAID'
  AND p.reversal_of_id IS NULL AND p.card_index IS NOT NULL
GROUP BY p.card_index
HAVING MIN(p.id_number_index{text}) <> MAX(p.id_number_index{text})
"""


@dataclass(frozen=True, slots=True)
class Odd:
    """A payment, what is odd about it, and how many children share its card."""

    payment: Payment
    why: str
    children: int = 0


def odd_names(term: str) -> list[Odd]:
    """Money to nobody we know, to a child of another name, to a card of nobody named."""
    with connection.cursor() as cursor:
        cursor.execute(_MAYBE_WRONG, {"term": term})
        told = {pk: (name, why) for pk, name, why in cursor.fetchall()}
    found = []
    for one in _standing_of(term, list(told)):
        name, why = told[one.pk]
        if why == "UNKNOWN":
            found.append(Odd(one, why))
            continue
        if _spelled(one.name) != _spelled(name):
            found.append(Odd(one, "NAME"))
        if one.card_holder and not _is_named(one):
            found.append(Odd(one, "HOLDER"))
    return found


def _standing_of(term: str, pks: list[int]) -> list[Payment]:
    found = []
    for at in range(0, len(pks), AT_ONCE):
        rows = standing(term).filter(pk__in=pks[at : at + AT_ONCE]).defer("id_number", "card")
        found += rows.select_related("student").prefetch_related("student__guardians")
    return sorted(found, key=lambda one: one.pk)


def _is_named(payment: Payment) -> bool:
    """The holder is the child, or one of its guardians; of whom no guardian is known, nobody judges
    a holder who is said to be one."""
    holder, child = _spelled(payment.card_holder), payment.student
    if holder == _spelled(child.name):
        return True
    guardians = {_spelled(one.name) for one in child.guardians.all() if one.name}
    if payment.relation == Holder.SELF or guardians:
        return holder in guardians
    return bool(payment.relation)


def _spelled(name: str) -> str:
    return identity.normal_name(name)


def shared_cards(term: str, most: int) -> list[Odd]:
    """The first payment in each school to a card that more children share than may."""
    with connection.cursor() as cursor:
        text = "::text" if connection.vendor == "postgresql" else ""
        cursor.execute(_SHARED.format(text=text), {"term": term})
        cards = [row[0] for row in cursor.fetchall()]
    by_card: dict[object, list[Payment]] = defaultdict(list)
    for at in range(0, len(cards), AT_ONCE):
        rows = standing(term).filter(card_index__in=cards[at : at + AT_ONCE])
        for one in rows.defer("id_number", "card").order_by("pk"):
            by_card[one.card_index].append(one)
    found = []
    for payments in by_card.values():
        children = len({one.id_number_index for one in payments})
        if children > most:
            first = {one.school_id: one for one in reversed(payments)}
            found += [Odd(one, "SHARED", children) for one in first.values()]
    return sorted(found, key=lambda one: one.payment.pk)
