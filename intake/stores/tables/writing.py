"""Writing the good rows of a compared run: set-based, with what each record was before."""

from collections import Counter

from common.changes import Recorder
from common.changes.sql import is_postgresql, quoted
from common.models import RowChange
from intake.stores.base import Outcome
from intake.stores.tables.comparing import END, INSERT, REPLACE, UPDATE
from intake.stores.tables.declared import ROOT, Part, Slot, part_alias
from intake.stores.tables.dialect import (
    COMPARED,
    MATCH,
    SCOPE,
    STAGE,
    WRITTEN,
    as_json,
    as_text,
    column_of,
    day,
    day_before,
    default_of,
    empty_value,
    greatest,
    json_text,
    least,
    literal,
    next_key,
    pk_of,
    table_of,
)
from intake.stores.tables.telling import Telling

WORK_MEMORY = "128MB"  # for one commit of these tables at a time: its joins stay off the disk
SOURCE = ("source_upload", "source_sheet", "source_row")
NEW, CHANGED = int(Outcome.NEW), int(Outcome.CHANGED)
TO_WRITE = f"c.outcome IN ({NEW}, {CHANGED})"


class TableStage(Telling):
    """A run of a `Tables` store, from the first row staged to the last one written."""

    def write(self, recorder: Recorder) -> None:
        """First the record of what was, then what ends, what changes, and what is new.

        In this order no moment has two current numbers where one is allowed.
        """
        store = self.layout.store
        if is_postgresql():
            self.run_sql(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
        if store.fixed and (self.found.rows(Outcome.NEW) or self.fixed):
            self.fixed = store.fixed(self.run, recorder)
        if self.fixed is None:  # a fact lacks, so no row is good
            return
        self._draw_keys()
        self._record(recorder)
        if self.changes_some:
            for number, part in enumerate(store.parts):
                self._end_parts(number, part)
            self._update_roots()
            for number, part in enumerate(store.parts):
                self._update_parts(number, part)
        self._insert_roots()
        for number, part in enumerate(store.parts):
            self._insert_parts(number, part)
        if self.run.end_missing and store.missing:
            self._end_missing(recorder)
        self._propose(recorder)

    def close(self) -> None:
        parts = range(len(self.layout.store.parts))
        tables = [
            STAGE,
            MATCH,
            COMPARED,
            SCOPE,
            "intake_missing",
            WRITTEN,
            "intake_find_key",
        ]
        tables += [f"intake_find_{number}" for number in range(len(self.layout.store.finds))]
        tables += [f"intake_part_{number}" for number in parts]
        for table in tables:
            self.run_sql(f"DROP TABLE IF EXISTS {table}")

    # Keys --------------------------------------------------------------------------------------
    def _draw_keys(self) -> None:
        """The rows to be written, each with the primary keys of all it will insert: `f` of the root,
        `f0` … of the parts. The record of the deed names them."""
        store, drawn = self.layout.store, Counter()
        keys = [f"{next_key(store.root, 0, f'c.outcome = {NEW}')} AS f"]
        for number, part in enumerate(store.parts):
            made = f"c.a{number} IN ({INSERT}, {REPLACE})"
            keys.append(f"{next_key(part.model, drawn[part.model], made)} AS f{number}")
            if not is_postgresql():  # two parts may be rows of one model
                drawn[part.model] += self.rows(
                    f"SELECT COUNT(*) FROM {COMPARED} c WHERE {made} AND {TO_WRITE}"
                )[0][0]
        in_order = f"(SELECT * FROM {COMPARED} c WHERE {TO_WRITE} ORDER BY c.n) c"
        self.make(WRITTEN, f"SELECT c.*, {', '.join(keys)} FROM {in_order}")
        self.changes_some = bool(self.found.rows(Outcome.CHANGED))

    # The record of the deed --------------------------------------------------------------------
    def _record(self, recorder: Recorder) -> None:
        root = self.layout.store.root
        pieces = [self._root_recorded()]
        for number, part in enumerate(self.layout.store.parts):
            pieces += self._part_recorded(number, part)
        # Each piece begins with a comma; the first one goes.
        parts = f"'[' || SUBSTR({' || '.join(pieces)}, 2) || ']'"
        stored = self._stored_rows() if self.changes_some else ""
        self.run_sql(
            f"INSERT INTO {table_of(RowChange)} (change_set_id, root, root_pk, verb, sheet, "
            f"{quoted('row')}, parts, undone_at) SELECT {recorder.change_set.pk}, "
            f"'{root._meta.db_table}', COALESCE(c.f, c.record), "
            f"CASE WHEN c.outcome = {NEW} THEN 'I' ELSE 'U' END, c.sheet, c.line, "
            f"{as_json(parts)}, NULL FROM {WRITTEN} c {stored}"
        )

    def _root_recorded(self) -> str:
        table = self.layout.store.root._meta.db_table
        slots = self.layout.root_slots
        told = f"WHEN c.outcome = {NEW} THEN ',[\"{table}\",' || {as_text('c.f')} || ',\"I\"]' "
        if self.changes_some:
            told += (
                f"WHEN (c.diff & {self.layout.mask(slots)}) <> 0 THEN ',[\"{table}\",' || "
                f"{as_text('c.record')} || ',\"U\",' || {self._before(slots, ROOT)} || ']' "
            )
        return f"CASE {told} ELSE '' END"

    def _before(self, slots: list[Slot], alias: str) -> str:
        """JSON text of the columns that the row changes, as they are stored, and of the source."""
        pieces = []
        for slot in slots:
            columns = [field.column for field, _staged in slot.targets]
            told = " || ".join(
                f"',\"{column}\":' || {json_text(f'{alias}.{quoted(column)}')}"
                for column in columns
            )
            pieces.append(f"CASE WHEN (c.diff & {slot.bit}) <> 0 THEN {told} ELSE '' END")
        pieces += [f"',\"{name}\":' || {json_text(f'{alias}.{name}')}" for name in SOURCE]
        return f"'{{' || SUBSTR({' || '.join(pieces)}, 2) || '}}'"

    def _part_recorded(self, number: int, part: Part) -> list[str]:
        table, alias = part.model._meta.db_table, part_alias(number)
        old, fresh = as_text(f"c.q{number}"), as_text(f"c.f{number}")
        inserted = (
            f"CASE WHEN c.f{number} IS NOT NULL THEN ',[\"{table}\",' || {fresh} || ',\"I\"]' "
            "ELSE '' END"
        )
        if not self.changes_some:
            return [inserted]
        updated = (
            f"CASE WHEN c.a{number} = {UPDATE} THEN ',[\"{table}\",' || {old} || ',\"U\",' || "
            f"{self._before(self.layout.part_slots[number], alias)} || ']' ELSE '' END"
        )
        if not part.is_dated:
            return [updated, inserted]
        told = " || ',' || ".join(
            f"'\"{name}\":' || {json_text(f'{alias}.{column_of(part.model, name)}')}"
            for name in ("valid_to", *part.ended)
        )
        ended = (
            f"CASE WHEN c.a{number} IN ({REPLACE}, {END}) THEN ',[\"{table}\",' || {old} || "
            f"',\"U\",{{' || {told} || '}}]' ELSE '' END"
        )
        return [updated, ended, inserted]

    # What ends and what changes ----------------------------------------------------------------
    def _end_parts(self, number: int, part: Part) -> None:
        if not part.is_dated:
            return
        began = f"{table_of(part.model)}.valid_from"
        settings = [f"valid_to = {greatest(day_before(self.run.context.on), began)}"]
        params = []
        for name, value in part.ended.items():
            settings.append(f"{column_of(part.model, name)} = %s")
            params.append(value)
        self.run_sql(
            f"UPDATE {table_of(part.model)} SET {', '.join(settings)} FROM {WRITTEN} c "
            f"WHERE c.q{number} = {table_of(part.model)}.{pk_of(part.model)} "
            f"AND c.outcome = {CHANGED} AND c.a{number} IN ({REPLACE}, {END})",
            params,
        )

    def _update_roots(self) -> None:
        """Every changed record grows a version; its own columns and source where they differ."""
        root, slots = self.layout.store.root, self.layout.root_slots
        settings = self._settings(root, slots, f"(c.diff & {self.layout.mask(slots)}) <> 0")
        settings.append(f"version = {table_of(root)}.version + 1")
        self.run_sql(
            f"UPDATE {table_of(root)} SET {', '.join(settings)} FROM {COMPARED} c "
            f"JOIN {STAGE} s ON s.n = c.n WHERE c.record = {table_of(root)}.{pk_of(root)} "
            f"AND c.outcome = {CHANGED}"
        )

    def _update_parts(self, number: int, part: Part) -> None:
        settings = self._settings(part.model, self.layout.part_slots[number])
        self.run_sql(
            f"UPDATE {table_of(part.model)} SET {', '.join(settings)} FROM {COMPARED} c "
            f"JOIN {STAGE} s ON s.n = c.n WHERE c.q{number} = {table_of(part.model)}."
            f"{pk_of(part.model)} AND c.outcome = {CHANGED} AND c.a{number} = {UPDATE}"
        )

    def _settings(self, model, slots: list[Slot], touches: str = "1 = 1") -> list[str]:
        settings = []
        for slot in slots:
            for field, staged in slot.targets:
                new = (
                    f"CASE WHEN (s.clears & {slot.bit}) <> 0 THEN {empty_value(field)} "
                    f"ELSE {staged} END"
                )
                kept = f"{table_of(model)}.{quoted(field.column)}"
                settings.append(
                    f"{quoted(field.column)} = CASE WHEN (c.diff & {slot.bit}) <> 0 "
                    f"THEN {new} ELSE {kept} END"
                )
        for name, value in zip(SOURCE, self._source(), strict=True):
            settings.append(
                f"{name} = CASE WHEN {touches} THEN {value} ELSE {table_of(model)}.{name} END"
            )
        return settings

    def _source(self) -> tuple[str, str, str]:
        return str(int(self.run.upload_pk)), "s.sheet", "s.line"

    # What is new -------------------------------------------------------------------------------
    def _insert_roots(self) -> None:
        root = self.layout.store.root
        values = {root._meta.pk.column: ("c.f", []), "version": ("1", [])}
        for name, value in (self.fixed or {}).items():
            field = root._meta.get_field(name)
            values[field.column] = literal(field, getattr(value, "pk", value))
        self._insert(root, self.layout.root_slots, values, "c.f IS NOT NULL")

    def _insert_parts(self, number: int, part: Part) -> None:
        model = part.model
        values = {
            model._meta.pk.column: (f"c.f{number}", []),
            model._meta.get_field(part.link).column: ("COALESCE(c.f, c.record)", []),
        }
        if part.is_dated:
            values["valid_from"] = (self._begins(part), [])
        for name, value in part.fixed.items():
            field = model._meta.get_field(name)
            values[field.column] = literal(field, value)
        carries = part.carries if self.changes_some else ()
        self._insert(
            model,
            self.layout.part_slots[number],
            values,
            f"c.f{number} IS NOT NULL",
            defaults=part.defaults,
            carried={name: part_alias(number) for name in carries},
            joins=self._stored_part(number) if carries else "",
        )

    def _begins(self, part: Part) -> str:
        """A new child's part begins when the sheet says, within bounds; else the day of the run."""
        today = day(self.run.context.on)
        if not part.begins:
            return today
        floor = day(part.begins(self.run.context.on))
        said = self.layout.by_column[part.begins_with].staged
        begins = greatest(floor, least(f"COALESCE({said}, {floor})", today))
        return f"CASE WHEN c.outcome = {NEW} THEN {begins} ELSE {today} END"

    def _insert(
        self, model, slots, values: dict, where: str, *, defaults=None, carried=None, joins=""
    ) -> None:
        """Every column of the model gets a value: the sheet's, a constant, or the field's default."""
        for slot in slots:
            for field, staged in slot.targets:
                options, params = [staged], []
                if alias := (carried or {}).get(field.name):
                    options.append(f"{alias}.{quoted(field.column)}")
                if field.name in (defaults or {}):
                    sql, params = literal(field, defaults[field.name])
                    options.append(sql)
                options.append(empty_value(field))
                values[field.column] = (f"COALESCE({', '.join(options)})", params)
        for name, value in zip(SOURCE, self._source(), strict=True):
            values[name] = (value, [])
        for field in model._meta.concrete_fields:
            if field.column not in values:
                values[field.column] = default_of(field)
        columns = ", ".join(map(quoted, values))
        chosen = ", ".join(sql for sql, _params in values.values())
        params = [one for _sql, some in values.values() for one in some]
        self.run_sql(
            f"INSERT INTO {table_of(model)} ({columns}) SELECT {chosen} FROM {WRITTEN} c "
            f"JOIN {STAGE} s ON s.n = c.n {joins} WHERE {where}",
            params,
        )

    # Rows that the sheet does not list, and those of other units ---------------------------------
    def _end_missing(self, recorder: Recorder) -> None:
        """End what a complete sheet does not list, dated; recorded like every other change."""
        missing = self.layout.store.missing
        _number, part = self.missing_part()
        model, root, table = part.model, self.layout.store.root, table_of(part.model)
        ended = ["valid_to", *missing.ended]
        told = " || ',' || ".join(
            f"'\"{name}\":' || {json_text(f't.{column_of(model, name)}')}" for name in ended
        )
        parts = f"'[[\"{model._meta.db_table}\",' || {as_text('m.pk')} || ',\"U\",{{' || {told} || '}}]]'"
        written = f"(SELECT unit FROM {SCOPE})"
        slot = self.layout.by_column[missing.column]
        mine = f"t.{quoted(slot.field.column)} IN {written}"
        joined = f"intake_missing m JOIN {table} t ON t.{pk_of(model)} = m.pk"
        self.run_sql(
            f"INSERT INTO {table_of(RowChange)} (change_set_id, root, root_pk, verb, parts) "
            f"SELECT {recorder.change_set.pk}, '{root._meta.db_table}', m.record, 'U', "
            f"{as_json(parts)} FROM {joined} WHERE {mine}"
        )
        settings = [
            f"valid_to = {greatest(day_before(self.run.context.on), f'{table}.valid_from')}"
        ]
        settings += [f"{column_of(model, name)} = %s" for name in missing.ended]
        self.run_sql(
            f"UPDATE {table_of(root)} SET version = version + 1 WHERE {pk_of(root)} IN "
            f"(SELECT m.record FROM {joined} WHERE {mine})"
        )
        self.run_sql(
            f"UPDATE {table} SET {', '.join(settings)} WHERE {pk_of(model)} IN "
            f"(SELECT m.pk FROM {joined} WHERE {mine})",
            list(missing.ended.values()),
        )

    def _propose(self, recorder: Recorder) -> None:
        """Rows whose record another unit holds are proposed to it, not written."""
        store = self.layout.store
        if not store.propose:
            return
        columns = ", ".join(self.layout.by_column[name].staged for name in store.proposes)
        rows = self.rows(
            f"SELECT c.record, c.sheet, c.line, c.holder, {columns} FROM {COMPARED} c "
            f"JOIN {STAGE} s ON s.n = c.n WHERE c.outcome = {int(Outcome.OTHER_UNIT)} ORDER BY c.n"
        )
        if rows:
            store.propose(rows, self.run, recorder)
