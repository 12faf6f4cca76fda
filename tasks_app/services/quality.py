"""Numbers checked against each other and against a unit's own past; a breach is a finding."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import audit, jobs, options
from common.languages import in_language
from common.periods import Period
from registry.models import Unit
from registry.services import findings
from registry.services.findings import Found
from tasks_app.models import Indicator, Observation, Part, QualityRule, QualityTerm, Standing
from tasks_app.services import paths
from tasks_app.services.standings import trend
from tasks_app.services.standings.sources import span_of

RULE, OUTLIER = "tasks_app.quality", "tasks_app.outlier"
JOB = "tasks_app.check_rule"
Form, Role, S = QualityRule.Form, QualityTerm.Role, Standing.State
NORMAL = Decimal("1.4826")  # the median deviation of a normal spread, made a standard deviation
AT_LEAST = Decimal("0.02")  # of the median: numbers that hardly ever move may move by so much
UNIT = Unit._meta.label_lower


class UnknownIndicator(Exception):
    """The rule names an indicator, or a number of it, that does not exist."""


class BadRule(Exception):
    """The rule cannot be checked; the text is for the person who set it."""


# Rules -------------------------------------------------------------------------------------------
Named = str  # "T01-01:NUM": an indicator's code and which of its numbers


def choices(indicators: Iterable[Indicator]) -> list[tuple[str, list[tuple[Named, str]]]]:
    """What a rule can be made of, by task."""
    groups = defaultdict(list)
    for indicator in indicators:
        item = indicator.work_item
        found = groups[f"{item.number} {item.title}"]
        found.append((f"{indicator.code}:{Part.NUMERATOR}", f"{indicator.code} {indicator.name}"))
        if indicator.is_rate:
            words = _("%(code)s %(name)s：分母") % {"code": indicator.code, "name": indicator.name}
            found.append((f"{indicator.code}:{Part.DENOMINATOR}", words))
    return list(groups.items())


def _read(names: Iterable[Named]) -> list[tuple[Indicator, str]]:
    names = list(names)
    codes = {name.partition(":")[0] for name in names}
    known = {i.code: i for i in Indicator.objects.filter(code__in=codes)}
    found = []
    for name in names:
        code, _colon, part = name.partition(":")
        indicator = known.get(code)
        is_part = part in Part.values and (
            part == Part.NUMERATOR or indicator and indicator.is_rate
        )
        if indicator is None or not is_part:
            raise UnknownIndicator(name)
        found.append((indicator, part))
    return found


@transaction.atomic
def set_rule(
    *,
    by,
    at: datetime,
    form: str,
    left: Named,
    right: Iterable[Named] = (),
    plus: Iterable[Named] = (),
    minus: Iterable[Named] = (),
    note: str,
    replaces: QualityRule | None = None,
) -> QualityRule:
    """Set a rule, in place of another if one is named; a job checks what is stored against it."""
    terms = [
        (role, indicator, part)
        for role, names in (
            (Role.LEFT, [left]),
            (Role.RIGHT, right),
            (Role.IN, plus),
            (Role.OUT, minus),
        )
        for indicator, part in _read(names)
    ]
    _check_shape(form, terms)
    rule = QualityRule.objects.create(form=form, note=note.strip(), set_by=by, set_at=at)
    QualityTerm.objects.bulk_create(
        QualityTerm(rule=rule, role=role, indicator=indicator, part=part)
        for role, indicator, part in terms
    )
    if replaces is not None:
        end_rule(replaces, by=by, at=at)
    jobs.enqueue(JOB, by=by, rule_id=rule.pk)
    audit.record("tasks_app.quality_rule_set", rule, by=by, after=_facts(rule, terms))
    return rule


def _check_shape(form: str, terms: list) -> None:
    roles = defaultdict(list)
    for role, indicator, part in terms:
        roles[role].append((indicator.pk, part))
    numbers = [number for found in roles.values() for number in found]
    if len(numbers) != len(set(numbers)):
        raise BadRule(_("同一个数在规则里只能出现一次。"))
    moves = roles[Role.IN] + roles[Role.OUT]
    if form == Form.STOCK_FLOW and (not moves or roles[Role.RIGHT]):
        raise BadRule(_("选增加的数或减少的数，至少一个。"))
    if form != Form.STOCK_FLOW and (moves or not roles[Role.RIGHT]):
        raise BadRule(_("选拿来比的数。"))
    if form == Form.AT_MOST and len(roles[Role.RIGHT]) != 1:
        raise BadRule(_("这种形式只和一个数比。"))
    if len({indicator.frequency for _role, indicator, _part in terms}) > 1:
        raise BadRule(_("这些指标的频次不同，不能放在一条规则里。"))
    if len({indicator.league_only for _role, indicator, _part in terms}) > 1:
        raise BadRule(_("只在全盟计算的指标不能和各单位报的放在一条规则里。"))


def _facts(rule: QualityRule, terms: list) -> dict:
    numbers = [f"{role} {indicator.code}:{part}" for role, indicator, part in terms]
    return {"form": rule.form, "numbers": numbers, "note": rule.note}


@transaction.atomic
def end_rule(rule: QualityRule, *, by, at: datetime) -> QualityRule:
    """Take a rule out of use: what it has found is cleared, what was answered stays."""
    rule = QualityRule.objects.select_for_update().get(pk=rule.pk)
    if rule.ended_at is not None:
        return rule
    rule.ended_by, rule.ended_at = by, at
    rule.save(update_fields=["ended_by", "ended_at"])
    day = timezone.localdate(at)
    settled = findings.settle([], rules=[rule.code], checked=None, at=at, on=day)
    audit.record("tasks_app.quality_rule_ended", rule, by=by, after={"cleared": settled.cleared})
    return rule


def counted(rules: Iterable[QualityRule], found) -> list[tuple[QualityRule, int]]:
    """Each rule with how many of the findings given are its own, in two questions."""
    counts = Counter(found.of_rule(RULE).values_list("rule", flat=True))
    return [(rule, counts[rule.code]) for rule in rules]


# Checking ----------------------------------------------------------------------------------------
@dataclass
class Numbers:
    """Final numbers by place; what is missing or not approved breaks no rule."""

    found: dict[tuple[int, int, str], Standing]

    @classmethod
    def load(cls, indicators: set[int], where: Q) -> "Numbers":
        rows = (
            Standing.objects.current()
            .filter(where, indicator__in=indicators, state__in=(S.REPORTED, S.NO_CASE))
            .select_related("unit")
        )
        return cls({(row.indicator_id, row.unit_id, row.period): row for row in rows})

    def of(self, term: QualityTerm, unit: int, period: Period) -> Decimal | None:
        row = self.found.get((term.indicator_id, unit, period.code))
        if row is None:
            return None
        return row.denominator if term.part == Part.DENOMINATOR else row.numerator


def breach(rule: QualityRule, numbers: Numbers, unit: int, period: Period) -> dict | None:
    """The facts of a breach; None where the rule holds, or a number is missing."""
    left = numbers.of(rule.of_role(Role.LEFT)[0], unit, period)
    terms = [*rule.of_role(Role.RIGHT), *rule.of_role(Role.IN), *rule.of_role(Role.OUT)]
    given = [numbers.of(term, unit, period) for term in terms]
    if left is None or None in given:
        return None
    if rule.form == Form.STOCK_FLOW:
        last = numbers.of(rule.of_role(Role.LEFT)[0], unit, period.previous())
        if last is None:
            return None
        signs = [-1 if term.role == Role.OUT else 1 for term in terms]
        should = last + sum(sign * n for sign, n in zip(signs, given, strict=True))
    else:
        last, should = None, sum(given)
    holds = left <= should if rule.form == Form.AT_MOST else left == should
    if holds:
        return None
    return {
        "form": rule.form,
        "left": [_code(rule.of_role(Role.LEFT)[0]), _plain(left)],
        "last": None if last is None else _plain(last),
        "others": [
            [term.role, _code(term), _plain(number)]
            for term, number in zip(terms, given, strict=True)
        ],
        "should": _plain(should),
    }


def _code(term: QualityTerm) -> str:
    return f"{term.indicator.code}:{term.part}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _shown(value: Decimal, indicator: Indicator) -> str:
    """A value for people: a rate in per cent with two places."""
    return f"{value:.2f}%" if indicator.is_rate else _plain(value)


def check(written: Iterable[Standing], gone: Iterable[tuple], runs, *, at: datetime, on: date):
    """Check what has just been computed: against the rules, and against the units' own past."""
    written = [
        row for row in written if row.unit.kind != Unit.Kind.LEAGUE or row.indicator.league_only
    ]
    places = {(row.indicator_id, row.unit_id, row.period) for row in written} | set(gone)
    if not places:
        return
    found, checked = _check_rules(places)
    more, also = _find_outliers(written, places, runs)
    rules = {place[0] for place in checked | also}
    findings.settle(found + more, rules=rules, checked=checked | also, at=at, on=on)


def _check_rules(places: set[tuple]) -> tuple[list[Found], set]:
    moved = defaultdict(set)
    for indicator, unit, period in places:
        moved[indicator].add((unit, span_of(period)))
    rules = [
        rule
        for rule in QualityRule.objects.in_use().with_terms()
        if any(term.indicator_id in moved for term in rule.terms.all())
    ]
    where: dict[QualityRule, set] = {}
    for rule in rules:
        found = set().union(*(moved.get(term.indicator_id, ()) for term in rule.terms.all()))
        if rule.form == Form.STOCK_FLOW:
            found |= {(unit, period.next()) for unit, period in found}
        where[rule] = found
    return _look(where)


def _look(where: dict[QualityRule, set]) -> tuple[list[Found], set]:
    """What rules find at (unit, period)s."""
    indicators = {term.indicator_id for rule in where for term in rule.terms.all()}
    places = set().union(*where.values()) if where else set()
    if not places:
        return [], set()
    codes = {p.code for _unit, period in places for p in (period, period.previous())}
    numbers = Numbers.load(indicators, Q(unit__in={u for u, _p in places}, period__in=codes))
    found, checked = [], set()
    for rule, spots in where.items():
        for unit, period in spots:
            checked.add((rule.code, UNIT, str(unit), period.code))
            facts = breach(rule, numbers, unit, period)
            if facts:
                told = names_of(term.indicator for term in rule.terms.all())
                found.append(Found(rule.code, UNIT, str(unit), unit, facts, period.code, told))
    return found, checked


def check_rule(rule: QualityRule, *, at: datetime, on: date) -> findings.Settled:
    """Check everything that is stored against one rule."""
    rule = QualityRule.objects.with_terms().get(pk=rule.pk)
    if rule.ended_at is not None:
        return findings.Settled()
    kind = Q(unit__kind=Unit.Kind.LEAGUE)
    left = rule.of_role(Role.LEFT)[0].indicator
    rows = Standing.objects.current().filter(kind if left.league_only else ~kind, indicator=left)
    where = {(unit, span_of(period)) for unit, period in rows.values_list("unit", "period")}
    found, _checked = _look({rule: where})
    return findings.settle(found, rules=[rule.code], checked=None, at=at, on=on)


# Outliers ----------------------------------------------------------------------------------------
def _find_outliers(written: list[Standing], places: set, runs) -> tuple[list[Found], set]:
    checked = {(f"{OUTLIER}.{i}", UNIT, str(unit), period) for i, unit, period in places}
    rows = _from_reports(written)
    if not rows:
        return [], checked
    settings = options.get_many("tasks_app.outlier_limit", "tasks_app.jump_least")
    limit, least = settings["tasks_app.outlier_limit"], settings["tasks_app.jump_least"]
    found = []
    for row in rows:
        facts = outlier(row, runs[row.indicator_id, row.unit_id], limit=limit, least=least)
        if facts:
            rule = f"{OUTLIER}.{row.indicator_id}"
            told = {name: facts.pop(name) for name in ("middle", "points")}
            told |= names_of([row.indicator])
            found.append(Found(rule, UNIT, str(row.unit_id), row.unit_id, facts, row.period, told))
    return found, checked


def _from_reports(written: list[Standing]) -> list[Standing]:
    """Those that a report brought: past years were asked about when they were pasted in."""
    rows = [row for row in written if row.state == S.REPORTED]
    if not rows:
        return []
    found = Observation.objects.current().filter(
        indicator__in={row.indicator_id for row in rows},
        period__in={row.period for row in rows},
        report__isnull=False,
    )
    own = set(found.values_list("indicator", "unit", "period"))
    league = {(indicator, period) for indicator, _unit, period in own}
    return [
        row
        for row in rows
        if (row.indicator_id, row.unit_id, row.period) in own
        or (row.indicator.league_only and (row.indicator_id, row.period) in league)
    ]


def outlier(row: Standing, run: trend.Run, *, limit: Decimal, least: int) -> dict | None:
    """What makes a value stand out from the unit's own past, by robust deviations; None: nothing.

    A rate of few moves far with one more or less, and is not asked about.
    """
    own = paths.ordinal(row.span)
    past = [value for at, value in trend.points(run, own) if at != own]
    if not limit or len(past) < trend.LEAST_POINTS or row.value is None or row.is_few:
        return None
    middle = median(past)
    spread = median(abs(value - middle) for value in past) * NORMAL
    spread = max(spread, abs(middle) * AT_LEAST)
    distance = abs(row.value - middle)
    if distance < least or distance <= limit * spread:
        return None
    return {
        "code": row.indicator.code,
        "value": _shown(row.value, row.indicator),
        "middle": _shown(middle, row.indicator),
        "points": len(past),
    }


# In words ----------------------------------------------------------------------------------------
def names_of(indicators: Iterable[Indicator]) -> dict:
    """Kept with a finding, so that a list of them asks for no indicator."""
    return {"names": {i.code: [i.name_zh, i.name_en] for i in indicators}}


def named(facts: dict, code: str) -> str:
    """ "T01-01:DEN" as people read it: the name in their language, and which of its numbers."""
    code, _colon, part = code.partition(":")
    name = in_language(*facts.get("names", {}).get(code, [code, code])) or code
    return _("“%(name)s”的分母") % {"name": name} if part == Part.DENOMINATOR else f"“{name}”"


def _says(finding) -> str:
    facts = finding.facts
    others = (f"{named(facts, code)} {number}" for _role, code, number in facts["others"])
    words = {
        "period": Period.parse(finding.period).label,
        "left": named(facts, facts["left"][0]),
        "is": facts["left"][1],
        "should": facts["should"],
        "others": _("、").join(others),
        "last": facts["last"],
    }
    texts = {
        Form.AT_MOST: _("%(period)s：%(left)s是 %(is)s，不应大于%(others)s"),
        Form.SUM_OF: _("%(period)s：%(left)s是 %(is)s，应等于 %(should)s（%(others)s）"),
        Form.STOCK_FLOW: _(
            "%(period)s：%(left)s是 %(is)s，应是 %(should)s（上期末 %(last)s，增减 %(others)s）"
        ),
    }
    return texts[facts["form"]] % words


def _says_outlier(finding) -> str:
    facts = finding.facts
    words = {"period": Period.parse(finding.period).label, "name": named(facts, facts["code"])}
    return _(
        "%(period)s：%(name)s是 %(value)s，该单位以前 %(points)s 期的中间值是 %(middle)s，差得远"
    ) % (facts | words)


def _address(finding) -> str:
    code = finding.facts["code"] if "code" in finding.facts else finding.facts["left"][0]
    indicator = Indicator.objects.filter(code=code.partition(":")[0]).first()
    return indicator.get_absolute_url() if indicator else reverse("tasks_app:indicator-list")


findings.declare(RULE, label=gettext_lazy("数与数对不上"), says=_says, address=_address)
findings.declare(
    OUTLIER, label=gettext_lazy("与本单位以往差得远"), says=_says_outlier, address=_address
)
