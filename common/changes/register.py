"""What apps say of their tables, so that an undo leaves everything as it must be."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True)
class Derived:
    """A table that is computed from others: its rows lean on nothing, and it is rebuilt."""

    model: type[models.Model]
    of: tuple[type[models.Model], ...]
    rebuild: Callable[[], object]


_derived: list[Derived] = []
_frozen: dict[str, Callable] = {}


def derived(model, *, of: tuple, rebuild: Callable) -> None:
    """Rows of `model` never stand in the way of an undo; touching one of `of` rebuilds it."""
    _derived.append(Derived(model, of, rebuild))


def frozen_by(model, hook: Callable) -> None:
    """`hook({pk: verb}) -> pks`: those root rows that nobody may put back now. A dictionary says by
    which code each of them is left; else it is `frozen`."""
    _frozen[model._meta.db_table] = hook


def derived_of(tables: set[str]) -> list[Derived]:
    return [one for one in _derived if any(m._meta.db_table in tables for m in one.of)]


def derived_models() -> set[type[models.Model]]:
    return {one.model for one in _derived}


def frozen_hook(table: str) -> Callable | None:
    return _frozen.get(table)
