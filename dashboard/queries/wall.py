"""What the big screen shows: everything as a stranger may see it, nothing to click."""

from dataclasses import dataclass
from datetime import date

from dashboard.charts import Chart
from dashboard.queries import attention, late
from dashboard.queries.board import Board, Place, Row, Task, build_from
from dashboard.queries.matrix import latest_quarter
from dashboard.queries.paths import Story
from tasks_app.models import Indicator, WorkItem
from tasks_app.services.series import Viewer

MATTERS = 3
STATED = Indicator.Stated.STATED


@dataclass(frozen=True)
class Wall:
    board: Board
    reports: late.Reports
    stated: list[Place]  # the numbers that the plan itself states
    things: list[attention.Thing]
    drawn: Row | None

    @property
    def has_demo_targets(self) -> bool:
        numbers = [row.total.number for row in self.board.rows]
        return any(n.aim and n.aim.target.ground == "DEMO" for n in numbers)


def build_wall(on: date) -> Wall:
    period = latest_quarter(on)
    items = WorkItem.objects.filter(plan__closed_on=None).for_list()
    board = build_from(list(items), period, Viewer.stranger(on=on))
    reports = late.counts_of(board, on=on)
    stated = [row.total for row in board.rows if row.indicator.stated == STATED]
    return Wall(board, reports, stated[:2], attention.things(board)[:MATTERS], _drawn(board))


def _drawn(board: Board) -> Row | None:
    """The one line: of the task that stands worst, its representative indicator."""
    order = ["behind", "risk", "ok", "prog", "unset", "none"]

    def rank(task: Task):
        status = task.status
        return order.index(status) if status in order else len(order), task.item.no

    for task in sorted(board.tasks, key=rank):
        if task.face and task.face.total.number.has_number and not task.face.total.number.mask:
            return task.face
    return None


def line_of(wall: Wall, on: date) -> Chart | None:
    if wall.drawn is None:
        return None
    viewer = Viewer.stranger(on=on)
    return Story(wall.drawn.indicator, viewer).path(viewer.league)
