"""Further ways to read a child: what stands above the registry says whom else a unit reads.

One reads a child through its school or its home. An app that knows of another unit that answers for
a child declares a way here when it is ready, as `dropout.services.child_links` does.
"""

from collections.abc import Callable

from django.db.models import QuerySet

_ways: list[Callable] = []


def read_through(way: Callable) -> Callable:
    """Declare `way(units) -> a queryset of one column`: ids of children whom these units read."""
    _ways.append(way)
    return way


def further_ways(units) -> list[QuerySet]:
    """What every declared way finds, as sub-queries."""
    return [way(units) for way in _ways]
