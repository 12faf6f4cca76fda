"""From what was typed to numbers: faults that stop a submission, and warnings that ask why."""

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from common import options
from common.figures import State
from tasks_app.models import Indicator, Observation

MOST = Decimal("999999999")
# Counted in whole numbers unless the unit is an amount.
AMOUNTS = frozenset({"元", "万元"})  # data


@dataclass(frozen=True)
class Fault:
    """Why a field cannot be taken as it is."""

    field: str
    message: str
    missing: bool = False  # nothing typed yet: stops a submission, no cause to complain before


@dataclass
class Entry:
    """One indicator's number, read from the draft's text."""

    indicator: Indicator
    state: str = State.REPORTED
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    why: str = ""
    computed: bool = False
    source: str = ""
    faults: list[Fault] = field(default_factory=list)
    warnings: list[dict] = field(default_factory=list)

    @property
    def value(self) -> Decimal | None:
        if self.state != State.REPORTED or self.numerator is None:
            return None
        if not self.indicator.is_rate:
            return self.numerator
        return self.numerator * 100 / self.denominator if self.denominator else None


def field_name(indicator: Indicator, part: str) -> str:
    """The name of a form field: `i12-num`, `-den`, `-state`, `-why`."""
    return f"i{indicator.pk}-{part}"


def parse_number(raw: str, *, whole: bool = True) -> Decimal:
    """A number as officials type it (１,２８６ / 1 286). ValueError says what to do."""
    text = unicodedata.normalize("NFKC", str(raw)).strip()
    text = re.sub(r"(?<=\d)[,\s](?=\d{3}(\D|$))", "", text)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise ValueError(_("这里要填数字。没掌握请选“还没掌握”，不要填 0。"))
    if number < 0:
        raise ValueError(_("不能是负数。"))
    if number > MOST:
        raise ValueError(_("数太大了，最多 999,999,999。请核对计量单位。"))
    if whole and number != number.to_integral_value():
        raise ValueError(_("这里按个数计，要填整数。"))
    if -number.as_tuple().exponent > 4:
        raise ValueError(_("最多四位小数。"))
    return number


def read_entry(indicator: Indicator, draft: dict, known: dict) -> Entry:
    """Read one indicator from a draft. `known`: {"whole"|"denominator": (Decimal|None, source)}."""
    entry = Entry(indicator, why=draft.get(field_name(indicator, "why"), "").strip())
    entry.state = draft.get(field_name(indicator, "state"), "") or State.REPORTED
    if entry.state not in (State.REPORTED, State.NOT_REPORTED, State.NOT_APPLICABLE):
        entry.state = State.REPORTED
    if "whole" in known:
        value, entry.source = known["whole"]
        entry.computed, entry.state = True, value.state
        entry.numerator, entry.denominator = value.numerator, value.denominator
        return entry
    if entry.state != State.REPORTED:
        return entry
    entry.numerator = _read(entry, "num", draft)
    if indicator.is_rate:
        if "denominator" in known:
            entry.denominator, entry.source = known["denominator"]
        else:
            entry.denominator = _read(entry, "den", draft)
        if entry.denominator == 0 and not entry.faults:
            if entry.numerator:
                entry.faults.append(
                    Fault(field_name(indicator, "num"), _("分母是 0，分子只能是 0。"))
                )
            else:
                entry.state, entry.numerator = State.NO_CASE, Decimal(0)
    return entry


def _read(entry: Entry, part: str, draft: dict) -> Decimal | None:
    name = field_name(entry.indicator, part)
    raw = str(draft.get(name, "")).strip()
    if not raw:
        message = _("还没有填。没掌握请选“还没掌握”，不要填 0。")
        entry.faults.append(Fault(name, message, missing=True))
        return None
    try:
        return parse_number(raw, whole=entry.indicator.unit_zh not in AMOUNTS)
    except ValueError as error:
        entry.faults.append(Fault(name, str(error)))
        return None


def find_warnings(entry: Entry, last: Observation | Entry | None, limits=None) -> list[dict]:
    """What a careful colleague would ask about; each must be answered, none stops.

    `limits`: what `jump_limits` gave, where many entries are read at once.
    """
    found = []
    if entry.faults:
        return found
    if entry.state == State.NOT_REPORTED:
        return [{"code": "UNKNOWN"}]
    if entry.state == State.NOT_APPLICABLE:
        had_number = last is not None and last.state == State.REPORTED
        return [{"code": "GONE", "old": _plain(last.value)}] if had_number else []
    if entry.state != State.REPORTED or entry.computed:
        return found
    if (
        entry.denominator is not None
        and entry.numerator > entry.denominator
        and not entry.indicator.may_exceed
    ):
        found.append(
            {"code": "OVER", "old": _plain(entry.denominator), "new": _plain(entry.numerator)}
        )
    if last is None or last.state != State.REPORTED:
        return found
    if (
        entry.indicator.over_time == Indicator.OverTime.CUMULATIVE
        and entry.numerator < last.numerator
    ):
        found.append(
            {"code": "FALL", "old": _plain(last.numerator), "new": _plain(entry.numerator)}
        )
    elif entry.numerator == 0 and last.numerator:
        found.append({"code": "ZERO", "old": _plain(last.numerator), "new": "0"})
    else:
        found += _jumps(entry, last, *(limits or jump_limits()))
    return found


def jump_limits() -> tuple:
    """(per cent, least difference) from which a jump is asked about, as set now."""
    return options.get("tasks_app.jump_percent"), options.get("tasks_app.jump_least")


def _jumps(entry: Entry, last: Observation | Entry, limit, least) -> list[dict]:
    pairs = [("JUMP", last.numerator, entry.numerator)]
    if entry.indicator.is_rate:
        pairs = [
            ("JUMP_DEN", last.denominator, entry.denominator),
            ("JUMP_RATE", last.value, entry.value),
        ]
    found = []
    for code, old, new in pairs:
        if not old or new is None or abs(new - old) < least:
            continue
        percent = (new - old) * 100 / old
        if abs(percent) > limit:
            found.append(
                {"code": code, "old": _plain(old), "new": _plain(new), "percent": f"{percent:+.1f}"}
            )
    return found


def _plain(number: Decimal | None) -> str:
    """A number for storage and messages: no exponent, no trailing zeros, two places at most."""
    if number is None:
        return ""
    text = f"{number:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def warning_text(warning: dict) -> str:
    """What is odd, in words: shown to the one who fills in and to the one who decides."""
    texts = {
        "UNKNOWN": _("还没掌握"),
        "GONE": _("上一期报过 %(old)s，这一期不适用"),
        "OVER": _("分子 %(new)s 大于分母 %(old)s"),
        "FALL": _("累计数比上一期少（%(old)s → %(new)s）"),
        "ZERO": _("上一期是 %(old)s，这一期是 0"),
        "JUMP": _("比上一期变动 %(percent)s%%（%(old)s → %(new)s）"),
        "JUMP_DEN": _("分母比上一期变动 %(percent)s%%（%(old)s → %(new)s）"),
        "JUMP_RATE": _("比率比上一期变动 %(percent)s%%（%(old)s → %(new)s）"),
    }
    return texts[warning["code"]] % warning


def question(warnings: list[dict]) -> str:
    """What the one who fills in is asked: the odd things, and what to do about them."""
    said = _("；").join(warning_text(warning) for warning in warnings)
    if [w["code"] for w in warnings] == ["UNKNOWN"]:
        return _("%(said)s：写一句什么时候能报") % {"said": said}
    return _("%(said)s。属实就写原因，写了就能提交") % {"said": said}
