"""What a notice tells: names, classes and levels while it hangs; afterwards to those who may only."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.utils.functional import cached_property

from registry.students_filters import UNMASK
from registry.students_tables import shown_name
from subsidies.models import Level, NoticeRun, Recognition
from subsidies.recognitions_tables import class_shown
from subsidies.start_sheet import CHANGE, REVIEW


@dataclass(frozen=True)
class Told:
    """All that a notice says of a child."""

    name: str
    class_shown: str
    level: str


class NoticeSheet:
    def __init__(self, notice: NoticeRun, *, user, today: date):
        self.notice, self.user, self.today = notice, user, today
        self.is_up = notice.is_up(today)

    @property
    def _rows(self):
        rows = Recognition.objects.on_notice(self.notice)
        return rows.told_now() if self.is_up else rows.told_to_the_end()

    @cached_property
    def told(self) -> list[Told]:
        """While it hangs everybody may read the names; whoever was found not in need is off it."""
        masked = not self.is_up and not self.user.has_perm(UNMASK)
        return [
            Told(
                shown_name(one.student, masked=masked),
                class_shown(one),
                str(one.get_level_display()),
            )
            for one in self._rows.for_list()
        ]

    @cached_property
    def by_level(self) -> list[tuple[str, int]]:
        counted = dict(self._rows.order_by().values_list("level").annotate(Count("pk")))
        return [(level.label, counted.get(level.value, 0)) for level in Level]

    @cached_property
    def waiting(self) -> int:
        """How many wait to be filed."""
        return Recognition.objects.on_notice(self.notice).told_now().count()

    def _may(self, permission: str) -> bool:
        mine = NoticeRun.objects.filter(pk=self.notice.pk)
        held = self.user.has_perm(permission)
        return held and mine.visible_to(self.user, permission).exists()

    @property
    def may_take_down(self) -> bool:
        return self.is_up and self._may(CHANGE)

    @property
    def may_file(self) -> bool:
        """By another than who made it; the deed refuses that again."""
        return bool(
            self.notice.has_run(self.today)
            and self.waiting
            and self.notice.made_by_id != self.user.pk
            and self._may(REVIEW)
        )

    @property
    def asks_another(self) -> bool:
        return bool(
            self.notice.has_run(self.today)
            and self.waiting
            and self.notice.made_by_id == self.user.pk
        )
