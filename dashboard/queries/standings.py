"""How each task stands: the league's latest standings that end by a quarter's end."""

from collections import defaultdict
from dataclasses import dataclass

from common.periods import Period
from common.templatetags.ax import num
from tasks_app.models import Indicator, WorkItem
from tasks_app.services import judging, series
from tasks_app.services.series import Number, Viewer


@dataclass(frozen=True)
class Stand:
    """How one indicator stands for the league in its latest period."""

    indicator: Indicator
    total: Number

    @property
    def period(self) -> Period:
        return self.total.period

    @property
    def judged(self) -> judging.Judgement:
        return judging.Judgement(self.total.status, self.total.aim)

    @property
    def text(self) -> str:
        """The number as this viewer may see it; empty where the status says it all."""
        if self.total.mask or not self.total.has_number:
            return self.total.mask
        return number_text(self.indicator, self.total.value)


@dataclass(frozen=True)
class TaskStand:
    """A task's light: the worst of what is judged, with its representative indicator."""

    status: str
    judged: int
    of: int
    face: Stand | None  # the representative indicator
    worst: Stand | None  # the one that decides, where it is another


def task_stands(items: list[WorkItem], *, period: Period, viewer: Viewer) -> dict[int, TaskStand]:
    """{task: how it stands} at the end of a quarter. Two queries, however many values there are."""
    indicators = list(Indicator.objects.filter(work_item__in=items).for_list())
    found = series.stands(indicators, viewer, until=period.end)
    stands = defaultdict(list)
    for indicator in indicators:
        stands[indicator.work_item_id].append(Stand(indicator, found[indicator.pk]))
    return {item.pk: _light(stands[item.pk]) for item in items}


def _light(stands: list[Stand]) -> TaskStand:
    status, judged, of = judging.worst(stand.judged for stand in stands)
    face = next((stand for stand in stands if stand.indicator.is_representative), None)
    deciding = [s for s in stands if s.judged.status == status] if judged else []
    worst = deciding[0] if deciding and face not in deciding else None
    if status == judging.OK:
        worst = None
    return TaskStand(status, judged, of, face, worst)


def number_text(indicator: Indicator, value) -> str:
    return num(value, 2) if indicator.is_rate else num(value)
