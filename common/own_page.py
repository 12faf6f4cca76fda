"""What the apps add to a person's own page: parts declared in `<app>/own_page.py`."""

from collections.abc import Callable

_panels: list[Callable] = []


def panel(function):
    """Declare a part: (user) -> dict with `template` and what the template shows."""
    _panels.append(function)
    return function


def panels_of(user) -> list[dict]:
    return [show(user) for show in _panels]
