"""Writing down what a deed did to each record: a root row and the rows that are its parts."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models, transaction
from django.db.models import F

from common.changes.sql import model_of, stored_raw
from common.models import ChangeSet, RowChange

BATCH = 1000
INSERTED, UPDATED = RowChange.Verb.INSERTED, RowChange.Verb.UPDATED
REMOVED = "D"  # of a part only: a record itself is never deleted


@dataclass
class _Record:
    """One root row, with what happened to it so far."""

    verb: str = UPDATED
    sheet: int | None = None
    row: int | None = None
    parts: list = field(default_factory=list)


@contextmanager
def record(
    code: str, *, by, at: datetime, title: str = "", subject: models.Model | None = None
) -> Iterator["Recorder"]:
    """Record a deed inside its transaction; what was gathered is written at the end of the block.

    `ChangeSet.objects.of(subject)` finds it again: the upload, or the child that others went into.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("changes.record belongs inside the transaction of the deed")
    about = {}
    if subject is not None:
        about = {"subject_code": subject._meta.label_lower, "subject_pk": str(subject.pk)}
    recorder = Recorder(ChangeSet.objects.create(code=code, by=by, at=at, title=title, **about))
    yield recorder
    recorder.flush()


class Recorder:
    """Writes rows and keeps what they were before.

    `root` is the record a row is a part of (the child of a guardian); without it the row is a root
    itself. The roots' `version` grows by one, however many of their parts were written.
    """

    def __init__(self, change_set: ChangeSet):
        self.change_set = change_set
        self._records: dict[tuple[str, int], _Record] = {}
        self._parts: dict[tuple[str, int], list] = {}

    def insert(self, thing: models.Model, *, root=None, sheet=None, row=None) -> models.Model:
        """Save a new row and record it."""
        thing.save(force_insert=True)
        self.inserted(thing, root=root, sheet=sheet, row=row)
        return thing

    def update(self, thing: models.Model, *, root=None, sheet=None, row=None, **fields):
        """Set the fields that differ, save them, and record what was stored before."""
        differing = [name for name, value in fields.items() if getattr(thing, name) != value]
        if not differing:
            return thing
        columns = [thing._meta.get_field(name).column for name in differing]
        before = json.loads(stored_raw(thing, columns))
        for name in differing:
            setattr(thing, name, fields[name])
        thing.save(update_fields=differing)
        self.updated(thing, before, root=root, sheet=sheet, row=row)
        return thing

    def remove(self, thing: models.Model, *, root, sheet=None, row=None) -> None:
        """Delete a part on which nothing hangs; an undo puts the whole row back."""
        columns = [one.column for one in thing._meta.concrete_fields]
        pk, before = thing.pk, json.loads(stored_raw(thing, columns))
        thing.delete()
        self._add(self._record(root, sheet, row), [thing._meta.db_table, pk, REMOVED, before])

    def touch(self, thing: models.Model) -> None:
        """A record that another deed has changed in its own way: what came before it is edited since."""
        self._record(thing, None, None)

    def inserted(self, thing: models.Model, *, root=None, sheet=None, row=None) -> None:
        """A row that was just saved by other means."""
        of = self._record(root or thing, sheet, row)
        if root is None:
            of.verb = INSERTED
        self._add(of, [thing._meta.db_table, thing.pk, INSERTED])

    def updated(self, thing, before: dict, *, root=None, sheet=None, row=None) -> None:
        """A row that was just changed by other means; `before` as `sql.stored_raw` tells it."""
        of = self._record(root or thing, sheet, row)
        self._add(of, [thing._meta.db_table, thing.pk, UPDATED, before])

    def add_rows(self, rows: Iterable[tuple]) -> None:
        """Many records at once: (table, pk, verb, sheet, row, parts) as RowChange holds them.

        Who wrote them set-based has also let their versions grow.
        """
        RowChange.objects.bulk_create(
            (
                RowChange(
                    change_set=self.change_set,
                    root=table,
                    root_pk=pk,
                    verb=verb,
                    sheet=sheet,
                    row=row,
                    parts=parts,
                )
                for table, pk, verb, sheet, row, parts in rows
            ),
            batch_size=BATCH,
        )

    def _record(self, root: models.Model, sheet, row) -> _Record:
        of = self._records.setdefault((root._meta.db_table, root.pk), _Record())
        if row is not None:
            of.sheet, of.row = sheet, row
        return of

    def _add(self, of: _Record, part: list) -> None:
        """What counts is the state before the deed: the first word on a row stands."""
        key = (part[0], part[1])
        known = self._parts.get(key)
        if known is None:
            self._parts[key] = part
            of.parts.append(part)
        elif known[2] == UPDATED and part[2] == UPDATED:
            known[3] = part[3] | known[3]
        elif known[2] == UPDATED and part[2] == REMOVED:
            known[2:] = [REMOVED, part[3] | known[3]]
        elif known[2] == INSERTED and part[2] == REMOVED:  # it came and went
            of.parts.remove(known)
            del self._parts[key]

    def flush(self) -> None:
        """Write what was gathered, and let the versions of changed roots grow."""
        self.add_rows(
            (table, pk, of.verb, of.sheet, of.row, of.parts)
            for (table, pk), of in self._records.items()
        )
        changed: dict[str, list[int]] = {}
        for (table, pk), of in self._records.items():
            if of.verb == UPDATED:
                changed.setdefault(table, []).append(pk)
        for table, pks in changed.items():
            model = model_of(table)
            if any(one.name == "version" for one in model._meta.concrete_fields):
                for start in range(0, len(pks), BATCH):
                    some = model._base_manager.filter(pk__in=pks[start : start + BATCH])
                    some.update(version=F("version") + 1)
        self._records.clear()
        self._parts.clear()
