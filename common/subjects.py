"""What an order, an inbox line, a file or an event can point at: a code and a key, no foreign key.

An app declares its subjects in `<app>/subjects.py`; the code is the model's label, as in
`tasks_app.progressreport`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models

_subjects: dict[str, "Subject"] = {}


@dataclass(frozen=True)
class Subject:
    """How to name, find and guard one kind of thing."""

    model: type[models.Model]
    label: str
    visible_to: Callable  # (user) -> QuerySet
    title: Callable  # (object) -> str without a personal value
    address: Callable  # (object) -> str
    cleared: Callable | None = None  # (object, on) -> bool: is there nothing left to do
    may_attach: Callable | None = None  # (object, user, purpose) -> bool

    @property
    def code(self) -> str:
        return self.model._meta.label_lower


def subject(model, *, label, visible_to, title=str, address=None, cleared=None, may_attach=None):
    """Declare one kind of subject."""
    declared = Subject(
        model,
        label,
        visible_to,
        title,
        address or (lambda thing: thing.get_absolute_url()),
        cleared,
        may_attach,
    )
    if declared.code in _subjects:
        raise ValueError(f"Subject {declared.code} is declared twice")
    _subjects[declared.code] = declared
    return declared


def get(code: str) -> Subject | None:
    return _subjects.get(code)


def all_subjects() -> list[Subject]:
    return list(_subjects.values())


def find(code: str, pk, user):
    """The thing itself if this user may see it, else None."""
    declared = get(code)
    if declared is None or not str(pk).isdecimal() or len(str(pk)) > 18:
        return None
    return declared.visible_to(user).filter(pk=pk).first()


def title_of(thing: models.Model) -> str:
    declared = get(thing._meta.label_lower)
    return str(declared.title(thing)) if declared else str(thing._meta.verbose_name)
