"""Money that went out while a finding about it stands open: it was never held back for that."""

from django.db.models import BigIntegerField, Q
from django.db.models.functions import Cast

from registry.models import Finding
from subsidies.models import Payment
from subsidies.services.screening_rules import DOUBTS

PAYMENT = Payment._meta.label_lower


def doubts(findings):
    """Those that question money which is out."""
    of_rules = Q(pk__in=[])
    for rule in DOUBTS:
        of_rules |= Q(rule=rule) | Q(rule__startswith=f"{rule}.")
    return findings.filter(of_rules, subject_code=PAYMENT)


def payments_in_doubt(findings):
    """Ids of the payments that findings are about."""
    numbers = doubts(findings).annotate(number=Cast("subject_pk", BigIntegerField()))
    return numbers.values("number")


def paid_while_doubtful(user):
    """Payments that a person sees, about which a finding that the person sees stands open."""
    seen = Finding.objects.visible_to(user, "registry.view_finding").open()
    paid = Payment.objects.visible_to(user, "subsidies.view_payment")
    return paid.filter(pk__in=payments_in_doubt(seen))
