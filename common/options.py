"""Settings that the bureau may change without a programmer: declared in code, changed in a row.

An app declares its options in `<app>/options.py`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit, clock
from common.models import Option

_declared: dict[str, "Declared"] = {}
_listeners: list[tuple[str, Callable]] = []


class BadValue(ValueError):
    """The text is no value of this setting; says what to write instead."""


@dataclass(frozen=True)
class Declared:
    code: str
    label: str
    help: str
    default: Any
    kind: type  # bool, int or Decimal
    least: Any = None
    most: Any = None
    unit: str = ""

    def parse(self, raw):
        """The value of what a person typed, or BadValue."""
        if self.kind is bool:
            return raw in (True, "1", "true", "on", "True")
        try:
            value = self.kind(str(raw).strip())
            is_number = math.isfinite(value)
        except (ValueError, InvalidOperation):
            is_number = False
        if not is_number:
            raise BadValue(_("这里要填数字"))
        if (self.least is not None and value < self.least) or (
            self.most is not None and value > self.most
        ):
            raise BadValue(
                _("请填 %(least)s 到 %(most)s 之间的数") % {"least": self.least, "most": self.most}
            )
        return value


def option(code, *, label, help, default, least=None, most=None, unit=""):
    if code in _declared:
        raise ValueError(f"Option {code} is declared twice")
    _declared[code] = Declared(code, label, help, default, type(default), least, most, unit)
    return _declared[code]


def declared() -> list[Declared]:
    return sorted(_declared.values(), key=lambda d: d.code)


def get_declared(code: str) -> Declared | None:
    return _declared.get(code)


def on_change(prefix: str, listener: Callable) -> None:
    """Call `listener(code)` in the transaction that changes an option whose code begins so."""
    _listeners.append((prefix, listener))


def get(code: str):
    """The value in force: the bureau's row, else the default."""
    return _value(_declared[code], Option.objects.filter(code=code).first())


def get_many(*codes: str) -> dict[str, Any]:
    """{code: the value in force}, in one query."""
    rows = {row.code: row for row in Option.objects.filter(code__in=codes)}
    return {code: _value(_declared[code], rows.get(code)) for code in codes}


def _value(what: Declared, row: Option | None):
    if row is None:
        return what.default
    return Decimal(row.value) if what.kind is Decimal else row.value


@dataclass(frozen=True)
class InForce:
    """One option as the page shows it."""

    declared: Declared
    value: Any
    row: Option | None

    @property
    def says(self) -> str:
        return _readable(self.value)

    @property
    def default_says(self) -> str:
        return _readable(self.declared.default)


def _readable(value) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return str(value)


def in_force() -> list[InForce]:
    """Every option with its value and who set it, in one query."""
    rows = {row.code: row for row in Option.objects.select_related("changed_by")}
    return [InForce(d, _value(d, rows.get(d.code)), rows.get(d.code)) for d in declared()]


@transaction.atomic
def change(code: str, raw, *, by, reason: str = "") -> Option:
    """Change a setting. BadValue if the text is no value of it."""
    value = _declared[code].parse(raw)
    before = get(code)
    row, _made = Option.objects.update_or_create(
        code=code,
        defaults={
            "value": str(value) if isinstance(value, Decimal) else value,
            "reason": reason,
            "changed_by": by,
            "changed_at": clock.now(),
        },
    )
    audit.record(
        "common.option_changed",
        row,
        by=by,
        before={"value": _readable(before)},
        after={"value": _readable(value), "reason": reason},
        title=str(_declared[code].label),
    )
    for prefix, listener in _listeners:
        if code.startswith(prefix):
            listener(code)
    return row
