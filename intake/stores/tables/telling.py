"""What a comparison says to people: changed cells old → new, rows that are missing, versions seen."""

from common.changes.sql import quoted
from intake.stores.base import CellChange, MissingRow, Outcome
from intake.stores.tables.comparing import Comparing
from intake.stores.tables.declared import ROOT, Slot, part_alias
from intake.stores.tables.dialect import COMPARED, MATCH, STAGE, compiled, pk_of, table_of

CHANGES_TOLD = 5000
MISSING_TOLD = 5000


class Telling(Comparing):
    """A compared run, put into words."""

    def compare(self):
        found = super().compare()
        if not self.run.writes:
            self._tell_changes()
            self._tell_versions()
        self._find_missing()
        return found

    def _tell_changes(self) -> None:
        layout, changed = self.layout, f"c.outcome = {int(Outcome.CHANGED)}"
        bits = " + ".join(
            f"CASE WHEN (c.diff & {slot.bit}) <> 0 THEN 1 ELSE 0 END" for slot in layout.slots
        )
        self.found.changes_total = self.rows(
            f"SELECT COALESCE(SUM({bits}), 0) FROM {COMPARED} c WHERE {changed}"
        )[0][0]
        if not self.found.changes_total:
            return
        subject = f"{ROOT}.{quoted(layout.store.subject)}" if layout.store.subject else "''"
        values = ", ".join(f"{slot.kept}, {slot.staged}" for slot in layout.slots)
        for sheet, line, who, diff, clears, *cells in self.rows(
            f"SELECT c.sheet, c.line, {subject}, c.diff, c.clears, {values} FROM {COMPARED} c "
            f"JOIN {STAGE} s ON s.n = c.n {self._stored_rows()} "
            f"WHERE {changed} ORDER BY c.n LIMIT {CHANGES_TOLD}"
        ):
            for slot in layout.slots:
                if diff & slot.bit and len(self.found.changes) < CHANGES_TOLD:
                    old, new = cells[2 * slot.place], cells[2 * slot.place + 1]
                    is_clear = bool(clears & slot.bit)
                    self.found.changes.append(
                        CellChange(
                            sheet,
                            line,
                            layout.store.mask(who or ""),
                            slot.column.name,
                            self._words(slot, old, is_stored=True),
                            "" if is_clear else self._words(slot, new, is_stored=False),
                            is_clear,
                        )
                    )

    def _stored_rows(self) -> str:
        """Joins of the root and its parts beside a compared row."""
        store = self.layout.store
        joins = [
            f"LEFT JOIN {table_of(store.root)} {ROOT} ON {ROOT}.{pk_of(store.root)} = c.record"
        ]
        joins += [self._stored_part(number) for number in range(len(store.parts))]
        return " ".join(joins)

    def _stored_part(self, number: int) -> str:
        model, alias = self.layout.store.parts[number].model, part_alias(number)
        return f"LEFT JOIN {table_of(model)} {alias} ON {alias}.{pk_of(model)} = c.q{number}"

    def _words(self, slot: Slot, value, *, is_stored: bool) -> str:
        if value in (None, ""):
            return ""
        if slot.index:
            # A preview has the mask staged already; stored values are masked after decrypting.
            return slot.mask_of(value) if is_stored else value
        if slot.field.is_relation:
            return slot.column.masked(value)
        return slot.column.masked(slot.field.to_python(value))

    def _tell_versions(self) -> None:
        for sheet, line, version in self.rows(
            f"SELECT sheet, line, version FROM {COMPARED} ORDER BY n"
        ):
            lines, versions = self.found.versions.setdefault(sheet, ([], []))
            lines.append(line)
            versions.append(version)

    # Rows that are not listed ------------------------------------------------------------------
    def _find_missing(self) -> None:
        """Open parts at the units that the sheet names, whose record it does not list."""
        missing = self.layout.store.missing
        if missing is None:
            return
        number, part = self.missing_part()
        slot = self.layout.by_column[missing.column]
        rows, params = compiled(part.rows(self.run.context.on))
        self.make(
            "intake_missing",
            f"SELECT t.{pk_of(part.model)} AS pk, t.{quoted(part.model._meta.get_field(part.link).column)}"
            f" AS record FROM ({rows}) t WHERE t.{quoted(slot.field.column)} IN "
            f"(SELECT {slot.name} FROM {STAGE} WHERE {slot.name} IS NOT NULL) AND NOT EXISTS "
            f"(SELECT 1 FROM {MATCH} m WHERE m.record = "
            f"t.{quoted(part.model._meta.get_field(part.link).column)})",
            params,
            key="pk",
        )
        self.found.missing_total = self.rows("SELECT COUNT(*) FROM intake_missing")[0][0]
        if self.run.writes or not self.found.missing_total:
            return
        pks = [pk for (pk,) in self.rows(f"SELECT pk FROM intake_missing LIMIT {MISSING_TOLD}")]
        names = missing.names(pks)
        self.found.missing = [MissingRow(*names[pk]) for pk in pks if pk in names]

    def missing_part(self):
        missing = self.layout.store.missing
        return next(
            (number, part)
            for number, part in enumerate(self.layout.store.parts)
            if missing.column in part.fields
        )
