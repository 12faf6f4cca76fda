"""What the duties of an app are called, and where one is seen to.

A duty is a code, a unit and a period; what stands above the registry knows more of it. Each app says
so in `<app>/duty_kinds.py`, by a whole code or by what stands before its dot.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

_kinds: dict[str, "DutyKind"] = {}


@dataclass(frozen=True)
class DutyKind:
    """`title` is empty where each duty of the app has a name of its own."""

    title: str
    asks: str  # what there is to do, in half a sentence
    address: Callable  # (duty) -> the page on which it is seen to
    moves_figures: bool  # whether figures and totals rest on what is owed
    permission: str  # with which it is read


PERMISSION = "registry.view_duty"
# Of an app that is no longer installed.
UNKNOWN = DutyKind("", "", lambda duty: reverse("home"), moves_figures=True, permission=PERMISSION)


def duty_kind(
    code: str, *, address, title="", asks="", moves_figures: bool, permission=PERMISSION
) -> None:
    """Declare duties of one code, or of all that begin with it and a dot.

    `permission`: for who reads duties of this kind without reading those of every other.
    """
    if code in _kinds:
        raise ValueError(f"Duties {code} are declared twice")
    _kinds[code] = DutyKind(title, asks, address, moves_figures, permission)


def read_by_their_own() -> list[tuple[str, str]]:
    """(code, permission) of the kinds that have a permission of their own."""
    return [
        (code, kind.permission) for code, kind in _kinds.items() if kind.permission != PERMISSION
    ]


def kind_of(code: str) -> DutyKind:
    return _kinds.get(code) or _kinds.get(code.partition(".")[0]) or UNKNOWN
