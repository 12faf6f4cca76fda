"""The overview, worked out only where nobody has asked for the same since something changed.

Two thousand standings and their lights are read and drawn for one page. All that they rest on is
asked for in three small questions; parts that were drawn from the same are taken as they are.
"""

from hashlib import blake2b

from django.db.models import Subquery
from django.utils.functional import cached_property
from django.utils.translation import get_language

from common.periods import Period
from dashboard.queries import attention, board, home, late, movement
from tasks_app.models import Indicator, Reckoning, WorkItem
from tasks_app.services.series import Viewer

# Whatever is shown of an indicator or a task, a change of it has to be seen.
INDICATOR = [f.name for f in Indicator._meta.concrete_fields]


class Overview:
    """15 tasks × units for one viewer, and who has reported."""

    def __init__(self, user, period: Period, viewer: Viewer):
        self.period, self.viewer = period, viewer
        items = WorkItem.objects.visible_to(user).filter(plan__closed_on=None)
        self.items = list(items.for_list())
        self.reports = late.counts(self.items, period, on=viewer.on)

    @cached_property
    def key(self) -> str:
        """A digest of all that the drawn parts rest on, who may see what among it."""
        viewer = self.viewer
        facts = (
            get_language(),
            self.period.code,
            viewer.on,
            viewer.moment,
            sorted(viewer.covered),
            [vars_of(unit) for unit in (viewer.league, *viewer.reporting)],
            [(vars_of(item), item.number) for item in self.items],
            self._indicators(),
            sorted((pk, sorted(states.items())) for pk, states in self.reports.of_task.items()),
        )
        return blake2b(repr(facts).encode(), digest_size=16).hexdigest()

    def _indicators(self) -> list[tuple]:
        """As they are described, with the number that every change of a standing moves on."""
        version = Subquery(Reckoning.objects.values("version")[:1])
        rows = Indicator.objects.filter(work_item__in=self.items).order_by("pk")
        return list(rows.values_list(*INDICATOR, version))

    @cached_property
    def board(self) -> board.Board:
        found = board.build_from(self.items, self.period, self.viewer)
        late.tell(found, self.reports)
        return found

    @cached_property
    def title(self) -> str:
        return home.sentence(self.period, dict(self.board.strip))

    @cached_property
    def things(self) -> list[attention.Thing]:
        return attention.things(self.board)

    @cached_property
    def moves(self) -> tuple[list[movement.Move], list[movement.Move]]:
        """(better, worse)"""
        return movement.moves(self.board)


def vars_of(row) -> list:
    """The row as it is stored."""
    return [getattr(row, f.attname) for f in row._meta.concrete_fields]
