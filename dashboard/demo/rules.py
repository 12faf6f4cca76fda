"""The demonstration's standings, two rules that numbers must obey, and what breaks them."""

from datetime import date, datetime

from common.models import User
from tasks_app.models import QualityRule
from tasks_app.services import quality
from tasks_app.services.standings import touched, upkeep

# What is counted among all is no more than all.
RULES = (("T01-01:NUM", "T01-02:NUM"), ("T10-04:NUM", "T01-02:NUM"))
NOTE = "其中项不大于总项"


def load_rules(*, at: datetime, on: date) -> None:
    bureau = User.objects.get(username="bureau")
    if not QualityRule.objects.exists():
        for left, right in RULES:
            quality.set_rule(by=bureau, at=at, form="AT_MOST", left=left, right=[right], note=NOTE)
    touched.touch_all()
    upkeep.keep_up(at=at, on=on)
