"""What it costs that everyone sees only their own rows."""

from datetime import date

from django.utils import timezone

from common.models import User
from registry.models import Closure, Posting, Unit
from registry.roles import Role
from registry.services.units import load_units, sort_key_of
from scripts.bench import Row, seconds

SCHOOLS = 10_000
SINCE = date(2000, 1, 1)


def main() -> list[Row]:
    """The first page of 50 units for a banner official: with and without the scope, and with the
    real tree against one that holds 10,000 schools more."""
    load_units()
    banner = Unit.objects.get(key="banner-zuoqi")
    official = User.objects.create(username="bench-official", name="bench")
    Posting.objects.create(
        user=official,
        unit=banner,
        role=Role.OFFICIAL,
        valid_from=SINCE,
        confirmed_by=User.objects.create(username="bench-security", name="bench"),
        confirmed_at=timezone.now(),
    )

    def scoped():
        found = list(Unit.objects.visible_to(official, "registry.view_unit").for_list()[:50])
        assert len(found) == 50

    def unscoped():
        assert len(Unit.objects.for_list()[:50]) == 50

    few = seconds(scoped, repeat=20)
    rows = [Row("scoped page", few, "the same page unscoped", seconds(unscoped, repeat=20))]
    add_schools(banner)
    many = seconds(scoped, repeat=20)
    rows.append(Row(f"scoped page, {SCHOOLS:,} schools more", many, "the real tree", few))
    rows.append(
        Row(
            f"scoped page, {SCHOOLS:,} schools more",
            many,
            "the same page unscoped",
            seconds(unscoped, repeat=20),
        )
    )
    return rows


def add_schools(banner: Unit) -> None:
    schools = Unit.objects.bulk_create(
        Unit(
            key=f"bench-{number}",
            name=f"{number}",
            kind=Unit.Kind.SCHOOL,
            sort_key=sort_key_of(f"{number:05}"),
            valid_from=SINCE,
        )
        for number in range(SCHOOLS)
    )
    above = list(Closure.objects.filter(descendant=banner).values_list("ancestor", flat=True))
    Closure.objects.bulk_create(
        Closure(ancestor_id=ancestor, descendant=school, via=via, valid_from=SINCE)
        for school in schools
        for ancestor, via in [(school.pk, Closure.Via.SELF)]
        + [(pk, Closure.Via.PARENT) for pk in above]
    )
