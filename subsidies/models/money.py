"""Money that is added up in the database."""

from decimal import Decimal

from django.db import models
from django.db.models import Sum
from django.db.models.functions import Coalesce, Round

NOTHING = Decimal("0.00")
CENT = Decimal("0.01")
SUM_FIELD = models.DecimalField(max_digits=16, decimal_places=2)


def cents(expression="amount", **options) -> Coalesce:
    """A sum to the cent, and 0.00 of nothing. SQLite adds in binary, where a dime and two are not
    thirty cents: what is compared or shown is rounded first."""
    rounded = Round(Sum(expression, **options), 2, output_field=SUM_FIELD)
    return Coalesce(rounded, NOTHING, output_field=SUM_FIELD)
