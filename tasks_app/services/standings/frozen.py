"""What was approved stays, whatever its figure says later: a difference becomes a finding."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.languages import in_language
from common.periods import Period
from registry.models import Unit
from registry.services import findings
from registry.services.findings import Found
from tasks_app.models import Observation, Touched
from tasks_app.services.standings import live
from tasks_app.services.standings.live import Asked
from tasks_app.services.standings.sources import span_of, stored

RULE = "tasks_app.differs"


def compare(touched: Iterable[Touched], *, at: datetime, on: date) -> None:
    """Ask the figures that changed about what was approved before; the number itself stands."""
    changed = {(row.indicator_id, row.period) for row in touched if row.figure and row.period}
    rows = _approved(changed)
    if not rows:
        return
    asked, found, checked = Asked(), [], set()
    for (code, period), group in _by_figure(rows).items():
        answers = asked.ask(code, period, [row.unit for row in group])
        for row in group:
            now = answers.get(row.unit_id)
            if now is None:
                continue
            one = _found(row, _numbers(row, now))
            checked.add(one.place)
            if one.facts["was"] != one.facts["now"]:
                found.append(one)
    rules = {rule for rule, *_rest in checked}
    findings.settle(found, rules=rules, checked=checked, at=at, on=on)
    live.tell(asked.faults, at=at, on=on)


def _approved(changed: set[tuple[int, str]]) -> list[Observation]:
    """Approved numbers that a figure gave, or the denominator of which it gave."""
    if not changed:
        return []
    rows = (
        Observation.objects.current()
        .filter(
            indicator__in={indicator for indicator, _period in changed},
            period__in={period for _indicator, period in changed},
            report__isnull=False,
        )
        .select_related("indicator", "unit")
    )
    return [
        row
        for row in rows
        if (row.indicator_id, row.period) in changed
        and (row.indicator.denominator_figure or (row.indicator.figure and row.computed))
    ]


def _by_figure(rows: list[Observation]) -> dict[tuple[str, Period], list[Observation]]:
    groups = defaultdict(list)
    for row in rows:
        code = row.indicator.figure if row.computed else row.indicator.denominator_figure
        if code:
            groups[code, span_of(row.period)].append(row)
    return groups


def _numbers(row: Observation, now) -> list[Decimal | None]:
    if row.computed:
        return [now.numerator, now.denominator]
    return [row.numerator, now.numerator]  # only the denominator comes from a figure


def _found(row: Observation, now: list[Decimal | None]) -> Found:
    return Found(
        rule=f"{RULE}.{row.indicator_id}",
        subject_code=Unit._meta.label_lower,
        subject_pk=str(row.unit_id),
        unit_id=row.unit_id,
        period=row.period,
        facts={
            "code": row.indicator.code,
            "was": _plain([row.numerator, row.denominator]),
            "now": _plain(now),
            "observation": row.pk,
        },
        told={"names": {row.indicator.code: [row.indicator.name_zh, row.indicator.name_en]}},
    )


def _plain(numbers: list[Decimal | None]) -> str:
    parts = [f"{stored(number).normalize():f}" for number in numbers if number is not None]
    return "/".join(parts)


def _says(finding) -> str:
    facts = finding.facts
    name = in_language(*facts["names"][facts["code"]])
    words = {"name": name, "period": Period.parse(finding.period).label}
    return _("%(period)s：“%(name)s”通过时是 %(was)s，平台现在算出 %(now)s；通过的数不变") % (
        facts | words
    )


findings.declare(
    RULE,
    label=gettext_lazy("通过以后，平台算出的数变了"),
    says=_says,
    address=lambda finding: reverse(
        "tasks_app:observation-detail", args=[finding.facts["observation"]]
    ),
)
