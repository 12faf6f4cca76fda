"""Taking a recorded deed back: set-based, the same on both engines.

A record stays as it is, and is listed, where something speaks against putting it back:
`edited_since` (a later deed that still stands changed it), `leaned_on` (a row from elsewhere points
at one that would go), `frozen`, `not_yours`, `taken` (what it held belongs to another now). It can
be undone again later. Versions only grow; the recorded rows stay for good.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, models, transaction

from common.changes import register
from common.changes.sql import is_postgresql, json_has, json_key, model_of, quoted
from common.models import ChangeSet, RowChange

CHANGES, PARTS = "undoing_changes", "undoing_parts"
ROWS = RowChange._meta.db_table


@dataclass(frozen=True)
class Left:
    """A record that was not put back, and why."""

    root: str
    root_pk: int
    sheet: int | None
    row: int | None
    code: str


@dataclass(frozen=True)
class Undone:
    undone: int
    left: list[Left]


class NotAsAWhole(Exception):
    """Something speaks against part of a deed that is undone as a whole or not at all."""

    def __init__(self, left: list[Left]):
        super().__init__(f"{len(left)} records cannot be put back")
        self.left = left


@transaction.atomic
def undo(
    change_set: ChangeSet,
    *,
    by,
    at: datetime,
    may_undo: Callable | None = None,
    whole: bool = False,
) -> Undone:
    """Put back what a deed changed and remove what it inserted.

    `may_undo(table, pks) -> set of pks` says which roots the person may write now. With `whole`
    it is all or nothing: NotAsAWhole says what stands in the way.
    """
    change_set = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
    work = _Undoing(change_set)
    try:
        work.gather()
        work.find_obstacles(may_undo)
        if whole and (left := work.left()):
            raise NotAsAWhole(left)
        work.put_back()
        left = work.left()
        if whole and left:
            raise NotAsAWhole(left)
        undone = work.settle(at)
        if not left:
            change_set.undone_by, change_set.undone_at = by, at
            change_set.save(update_fields=["undone_by", "undone_at"])
    finally:
        work.clear()
    return Undone(undone, left)


class _Undoing:
    """One run, in two temporary tables: the records of the set, and their parts."""

    def __init__(self, change_set: ChangeSet):
        self.set = change_set
        self.cursor = connection.cursor()

    def run(self, sql: str, params=()) -> int:
        self.cursor.execute(sql, params)
        return self.cursor.rowcount

    def column(self, sql: str, params=()) -> list:
        self.cursor.execute(sql, params)
        return [row[0] for row in self.cursor.fetchall()]

    def clear(self) -> None:
        if connection.in_atomic_block and connection.needs_rollback:
            return  # the tables go with the transaction
        for table in (CHANGES, PARTS):
            self.run(f"DROP TABLE IF EXISTS {table}")

    # What there is to undo ---------------------------------------------------------------------
    def gather(self) -> None:
        self.clear()
        self.run(
            f"CREATE TEMPORARY TABLE {CHANGES} AS SELECT id AS change, root, root_pk, verb, sheet, "
            f"{quoted('row')}, CAST('' AS varchar(20)) AS code FROM {ROWS} "
            "WHERE change_set_id = %s AND undone_at IS NULL",
            [self.set.pk],
        )
        self.run(f"CREATE UNIQUE INDEX undoing_changes_pk ON {CHANGES} (change)")
        if is_postgresql():
            parts = (
                "part->>0 AS tab, CAST(part->>1 AS bigint) AS pk, part->>2 AS verb, part->3 AS was "
                f"FROM {ROWS} r CROSS JOIN LATERAL jsonb_array_elements(r.parts) part"
            )
        else:
            parts = (
                "json_extract(part.value, '$[0]') AS tab, json_extract(part.value, '$[1]') AS pk, "
                "json_extract(part.value, '$[2]') AS verb, json_extract(part.value, '$[3]') AS was "
                f"FROM {ROWS} r, json_each(r.parts) part"
            )
        self.run(
            f"CREATE TEMPORARY TABLE {PARTS} AS SELECT r.id AS change, {parts} "
            "WHERE r.change_set_id = %s AND r.undone_at IS NULL",
            [self.set.pk],
        )
        # Where one row that would go has the rest leaning on it, a planner that does not know how
        # many they are looks for each of them by itself.
        self.run(f"CREATE INDEX undoing_parts_pk ON {PARTS} (tab, pk)")
        if is_postgresql():  # it joins by hashes, once it knows how many rows there are
            self.run(f"ANALYZE {CHANGES}")
            self.run(f"ANALYZE {PARTS} (change, tab, pk, verb)")
        self.roots = self.column(f"SELECT DISTINCT root FROM {CHANGES} ORDER BY root")
        self.deleting = self._tables("I")
        self.restoring = self._tables("U")
        self.replacing = self._tables("D")

    def _tables(self, verb: str) -> list[str]:
        """The tables with such parts, those that point at others first."""
        found = self.column(f"SELECT DISTINCT tab FROM {PARTS} WHERE verb = %s", [verb])
        return _children_first([model_of(table) for table in found])

    # What speaks against it --------------------------------------------------------------------
    def find_obstacles(self, may_undo: Callable | None) -> None:
        self._lock_roots()
        self.run(
            f"UPDATE {CHANGES} SET code = 'edited_since' WHERE EXISTS (SELECT 1 FROM {ROWS} later "
            f"WHERE later.root = {CHANGES}.root AND later.root_pk = {CHANGES}.root_pk "
            f"AND later.id > {CHANGES}.change AND later.change_set_id <> %s "
            "AND later.undone_at IS NULL)",
            [self.set.pk],
        )
        for table in self.roots:
            if may_undo:
                pks = self._standing(table)
                self._mark(table, pks - set(may_undo(table, pks)), "not_yours")
            if hook := register.frozen_hook(table):
                self._mark_frozen(table, hook(self._verbs(table)))
        while self._mark_leaned_on():
            pass  # what is left may itself lean on another record of the set

    def _lock_roots(self) -> None:
        """Whoever edits one of the records waits; whoever did so just now is seen."""
        if not is_postgresql():
            return
        for table in self.roots:
            pk = quoted(model_of(table)._meta.pk.column)
            self.run(
                f"SELECT 1 FROM {quoted(table)} WHERE {pk} IN "
                f"(SELECT root_pk FROM {CHANGES} WHERE root = %s) ORDER BY {pk} FOR UPDATE",
                [table],
            )

    def _standing(self, table: str) -> set[int]:
        sql = f"SELECT root_pk FROM {CHANGES} WHERE root = %s AND code = ''"
        return set(self.column(sql, [table]))

    def _verbs(self, table: str) -> dict[int, str]:
        self.cursor.execute(
            f"SELECT root_pk, verb FROM {CHANGES} WHERE root = %s AND code = ''", [table]
        )
        return dict(self.cursor.fetchall())

    def _mark_frozen(self, table: str, found) -> None:
        codes = found if isinstance(found, dict) else dict.fromkeys(found, "frozen")
        for code in sorted(set(codes.values())):
            self._mark(table, {pk for pk, why in codes.items() if why == code}, code)

    def _mark(self, table: str, pks: set[int], code: str) -> None:
        ordered = sorted(pks)
        for start in range(0, len(ordered), 500):
            some = ordered[start : start + 500]
            holes = ", ".join(["%s"] * len(some))
            self.run(
                f"UPDATE {CHANGES} SET code = %s WHERE code = '' AND root = %s "
                f"AND root_pk IN ({holes})",
                [code, table, *some],
            )

    def _mark_leaned_on(self) -> bool:
        """Rows that stay and point at rows that would go; true if there are new ones."""
        derived = register.derived_models()
        marked = 0
        for table in self.deleting:
            model = model_of(table)
            for relation in model._meta.get_fields(include_hidden=True):
                pointing = relation.related_model
                if not _points_here(relation) or pointing in derived or _lets_go(relation):
                    continue
                column = relation.field.column
                pk = quoted(pointing._meta.pk.column)
                marked += self.run(
                    f"UPDATE {CHANGES} SET code = 'leaned_on' WHERE code = '' AND change IN ("
                    f"SELECT p.change FROM {PARTS} p "
                    f"JOIN {quoted(pointing._meta.db_table)} r ON r.{quoted(column)} = p.pk "
                    "WHERE p.tab = %s AND p.verb = 'I' AND NOT EXISTS ("
                    f"SELECT 1 FROM {PARTS} q JOIN {CHANGES} c ON c.change = q.change "
                    f"WHERE q.tab = %s AND q.pk = r.{pk} AND c.code = '' "
                    f"AND (q.verb = 'I' OR {json_has('q.was', column)})))",
                    [table, pointing._meta.db_table],
                )
        return bool(marked)

    # Doing it ----------------------------------------------------------------------------------
    def put_back(self) -> None:
        """All at once; if an old value is no longer free, by halves until the culprits are alone."""
        changes = self.column(f"SELECT change FROM {CHANGES} WHERE code = '' ORDER BY change")
        if changes:
            self._put_back_some(changes)

    def _put_back_some(self, changes: list[int]) -> None:
        try:
            with transaction.atomic():
                self._delete_and_restore(changes[0], changes[-1])
        except IntegrityError:
            if len(changes) == 1:
                self.run(f"UPDATE {CHANGES} SET code = 'taken' WHERE change = %s", changes)
                return
            half = len(changes) // 2
            self._put_back_some(changes[half:])  # what is newer leans on what is older
            self._put_back_some(changes[:half])

    def _delete_and_restore(self, first: int, last: int) -> None:
        for table in self.deleting:
            pk = quoted(model_of(table)._meta.pk.column)
            self._let_go(table, first, last)
            self.run(
                f"DELETE FROM {quoted(table)} WHERE {pk} IN (SELECT p.pk FROM {PARTS} p "
                f"JOIN {CHANGES} c ON c.change = p.change WHERE p.tab = %s AND p.verb = 'I' "
                "AND c.code = '' AND c.change BETWEEN %s AND %s)",
                [table, first, last],
            )
        for table in reversed(self.restoring):
            self._restore(table, first, last)
        for table in reversed(self.replacing):
            self._replace(table, first, last)
        self._grow_versions(first, last)
        tables = [*self.deleting, *self.restoring, *self.replacing]
        connection.check_constraints(table_names=tables)

    def _let_go(self, table: str, first: int, last: int) -> None:
        """Pointers that may be empty are emptied: whoever keeps them finds the row anew. Rows that are
        derived go; they are made anew at the end."""
        derived = register.derived_models()
        for relation in model_of(table)._meta.get_fields(include_hidden=True):
            if not _points_here(relation):
                continue
            pointing = quoted(relation.related_model._meta.db_table)
            column = quoted(relation.field.column)
            if relation.related_model in derived:
                let_go = f"DELETE FROM {pointing}"
            elif _lets_go(relation):
                let_go = f"UPDATE {pointing} SET {column} = NULL"
            else:
                continue
            self.run(
                f"{let_go} WHERE {column} IN (SELECT p.pk FROM {PARTS} p "
                f"JOIN {CHANGES} c ON c.change = p.change WHERE p.tab = %s AND p.verb = 'I' "
                "AND c.code = '' AND c.change BETWEEN %s AND %s)",
                [table, first, last],
            )

    def _restore(self, table: str, first: int, last: int) -> None:
        model = model_of(table)
        keys = "jsonb_object_keys(was)" if is_postgresql() else "key"
        source = PARTS if is_postgresql() else f"{PARTS}, json_each(was)"
        columns = self.column(
            f"SELECT DISTINCT {keys} FROM {source} WHERE tab = %s AND verb = 'U'", [table]
        )
        fields = [field for field in model._meta.concrete_fields if field.column in columns]
        settings = [
            f"{quoted(field.column)} = CASE WHEN {json_has('p.was', field.column)} "
            f"THEN {json_key('p.was', field)} ELSE {quoted(table)}.{quoted(field.column)} END"
            for field in fields
        ]
        if table in self.roots and _has_version(model):
            settings.append(f"version = {quoted(table)}.version + 1")
        if settings:
            self.run(
                f"UPDATE {quoted(table)} SET {', '.join(settings)} FROM {PARTS} p "
                f"JOIN {CHANGES} c ON c.change = p.change "
                f"WHERE p.pk = {quoted(table)}.{quoted(model._meta.pk.column)} AND p.tab = %s "
                "AND p.verb = 'U' AND c.code = '' AND c.change BETWEEN %s AND %s",
                [table, first, last],
            )

    def _replace(self, table: str, first: int, last: int) -> None:
        """Rows that were removed stand again, under the keys that they had."""
        fields = model_of(table)._meta.concrete_fields
        columns = ", ".join(quoted(field.column) for field in fields)
        values = ", ".join(json_key("p.was", field) for field in fields)
        self.run(
            f"INSERT INTO {quoted(table)} ({columns}) SELECT {values} FROM {PARTS} p "
            f"JOIN {CHANGES} c ON c.change = p.change WHERE p.tab = %s AND p.verb = 'D' "
            "AND c.code = '' AND c.change BETWEEN %s AND %s",
            [table, first, last],
        )

    def _grow_versions(self, first: int, last: int) -> None:
        """Of the roots of which only parts changed; the others' grew when they were restored."""
        for table in self.roots:
            model = model_of(table)
            if not _has_version(model):
                continue
            self.run(
                f"UPDATE {quoted(table)} SET version = version + 1 "
                f"WHERE {quoted(model._meta.pk.column)} IN (SELECT c.root_pk FROM {CHANGES} c "
                "WHERE c.root = %s AND c.code = '' AND c.change BETWEEN %s AND %s AND NOT EXISTS "
                f"(SELECT 1 FROM {PARTS} p WHERE p.tab = c.root AND p.pk = c.root_pk))",
                [table, first, last],
            )

    def settle(self, at: datetime) -> int:
        """Say of each record that it is undone; what is computed from the tables is made anew."""
        marked = self.run(
            f"UPDATE {ROWS} SET undone_at = %s "
            f"WHERE id IN (SELECT change FROM {CHANGES} WHERE code = '')",
            [connection.ops.adapt_datetimefield_value(at)],
        )
        tables = {*self.deleting, *self.restoring, *self.replacing}
        for one in register.derived_of(tables) if marked else ():
            one.rebuild()
        return self._count_lines() if marked else 0

    def _count_lines(self) -> int:
        """What a person would count: lines of sheets, of whatever records they are made, and changed
        records that no line names. One inserted beside the lines, such as the list itself, is none."""
        put_back = f"FROM {CHANGES} WHERE code = ''"
        counted = (
            f"SELECT (SELECT COUNT(*) FROM (SELECT DISTINCT sheet, {quoted('row')} {put_back} "
            f"AND {quoted('row')} IS NOT NULL) lines) + (SELECT COUNT(*) {put_back} "
            f"AND {quoted('row')} IS NULL AND verb = 'U')"
        )
        return self.column(counted)[0]

    def left(self) -> list[Left]:
        self.cursor.execute(
            f"SELECT root, root_pk, sheet, {quoted('row')}, code FROM {CHANGES} "
            f"WHERE code <> '' ORDER BY sheet, {quoted('row')}, change"
        )
        return [Left(*row) for row in self.cursor.fetchall()]


def _has_version(model: type[models.Model]) -> bool:
    return any(field.name == "version" for field in model._meta.concrete_fields)


def _points_here(relation) -> bool:
    """The far end of a foreign key of another table."""
    return relation.auto_created and not relation.concrete and not relation.many_to_many


def _lets_go(relation) -> bool:
    """A pointer that is emptied when its row goes: nothing leans on it."""
    return relation.on_delete is models.SET_NULL


def _children_first(found: list[type[models.Model]]) -> list[str]:
    """Tables in the order in which their rows may go: who points at others goes before them."""
    ordered: list[type[models.Model]] = []
    waiting = set(found)

    def visit(model):
        waiting.discard(model)
        for relation in model._meta.get_fields(include_hidden=True):
            if _points_here(relation) and relation.related_model in waiting:
                visit(relation.related_model)
        ordered.append(model)

    for model in found:
        if model in waiting:
            visit(model)
    return [model._meta.db_table for model in ordered]
