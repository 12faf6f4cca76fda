"""Staged rows against what is stored: which record each means, what it changes, what forbids it."""

from django.db.models import F

from common.changes.sql import is_postgresql, quoted
from intake.stores.base import CONFLICTS, Comparison, Outcome, RowFault
from intake.stores.tables.declared import ROOT, Part, Slot, link_of, part_alias
from intake.stores.tables.dialect import (
    COMPARED,
    MATCH,
    SCOPE,
    STAGE,
    column_of,
    compiled,
    day,
    differs,
    is_empty,
    pk_of,
    table_of,
)
from intake.stores.tables.staging import Staging
from registry.models import units_seen_by

KEEP, INSERT, UPDATE, REPLACE, END = range(5)  # what becomes of a part
FAULTS_READ = 20_000  # of one code; beyond it a sheet is not corrected by hand


class Comparing(Staging):
    """A staged run, compared. Each step is one statement that makes a table of the next."""

    def compare(self) -> Comparison:
        self.found = Comparison()
        self._analyze(STAGE, "n")
        self.fixed = self.layout.store.fixed(self.run, None) if self.layout.store.fixed else {}
        self._find_records()
        self._lock_records()
        self._reject_clashes()
        self._reject_strangers()
        self._reject_twins()
        self._ask_about_alikes()
        self._pick_parts()
        self._check_masks()
        self._reject_unordered()
        self._scope()
        self._judge()
        self._count()
        self._tell_faults()
        return self.found

    def run_sql(self, sql: str, params=()) -> int:
        self.cursor.execute(sql, list(params))
        return self.cursor.rowcount

    def rows(self, sql: str, params=()) -> list[tuple]:
        self.cursor.execute(sql, list(params))
        return self.cursor.fetchall()

    def make(self, table: str, sql: str, params=(), key: str = "n") -> None:
        """A temporary table of a query's rows."""
        self.run_sql(f"DROP TABLE IF EXISTS {table}")
        self.run_sql(f"CREATE TEMPORARY TABLE {table} AS {sql}", params)
        if key and not is_postgresql():
            self.run_sql(f"CREATE INDEX {table}_key ON {table} ({key})")
        if key:
            self._analyze(table, key)

    def _analyze(self, table: str, column: str) -> None:
        """PostgreSQL knows nothing of a temporary table, and would nest loops over it. How many rows
        it has is what matters, and one column tells."""
        if is_postgresql():
            self.run_sql(f"ANALYZE {table} ({column})")

    # Which record ------------------------------------------------------------------------------
    def _find_records(self) -> None:
        """By the token of a pre-filled row, else by the first number that is somebody's."""
        store, root = self.layout.store, self.layout.store.root
        ways = []
        for number, find in enumerate(store.finds):
            self._find(f"intake_find_{number}", *self._by_part(find))
            ways.append(f"f{number}")
        if store.keys:
            self._find("intake_find_key", *self._by_keys())
            ways.append("f_key")
        tables = [f"intake_find_{number}" for number in range(len(store.finds))]
        tables += ["intake_find_key"] if store.keys else []
        self.finds = list(zip(ways, tables, strict=True))
        living, params = compiled(self._living().values("pk"))
        joins = " ".join(f"LEFT JOIN {table} {way} ON {way}.n = s.n" for way, table in self.finds)
        known = ", ".join(["t.pk", *(f"{way}.record" for way in ways), "NULL"])
        first = "".join(f", {way}.record AS {way}, {way}.many AS {way}_many" for way in ways)
        self.make(
            MATCH,
            f"SELECT s.n, COALESCE({known}) AS record, s.token IS NOT NULL AND t.pk IS NULL AS gone"
            f"{first} FROM {STAGE} s LEFT JOIN (SELECT {pk_of(root)} AS pk FROM {table_of(root)} "
            f"WHERE {pk_of(root)} IN ({living})) t ON t.pk = s.token {joins}",
            params,
        )

    def _living(self):
        store = self.layout.store
        return store.living() if store.living else store.root._base_manager.all()

    def _find(self, table: str, joins: str, record: str, params: list) -> None:
        living, more = compiled(self._living().values("pk"))
        self.make(
            table,
            f"SELECT s.n, MIN({record}) AS record, COUNT(DISTINCT {record}) AS many "
            f"FROM {STAGE} s {joins} WHERE {record} IN ({living}) GROUP BY s.n",
            [*params, *more],
        )

    def _by_part(self, find) -> tuple[str, str, list]:
        part = self.layout.store.parts[find.part]
        slot = self.layout.by_column[find.column]
        rows, params = compiled((find.rows or part.rows)(self.run.context.on))
        column = quoted(slot.compared_field.column)
        return (
            f"JOIN ({rows}) k ON k.{column} = {slot.compared}",
            f"k.{link_of(part)}",
            params,
        )

    def _by_keys(self) -> tuple[str, str, list]:
        """Columns of the root itself, and constants of the run such as the list."""
        root = self.layout.store.root
        slots = [self.layout.by_column[name] for name in self.layout.store.keys]
        equal = [f"k.{quoted(s.compared_field.column)} = {s.compared}" for s in slots]
        if self.fixed is None:
            equal, params = ["1 = 0"], []
        else:
            equal += [f"k.{column_of(root, name)} = %s" for name in self.fixed]
            params = [getattr(value, "pk", value) for value in self.fixed.values()]
        return f"JOIN {table_of(root)} k ON {' AND '.join(equal)}", f"k.{pk_of(root)}", params

    # What forbids a row ------------------------------------------------------------------------
    def _fault_rows(self, sql: str, column: str, code: str, params_of=None, params=()) -> None:
        """Faults at the rows (n, sheet, line, …) of a query; they count as rejected from now on."""
        found = self.rows(sql, params)
        for _n, sheet, line, *rest in found:
            words = params_of(*rest) if params_of else {}
            self.found.faults.append(RowFault(sheet, line, column, code, words))
        self.reject({row[0] for row in found})

    def _header(self, column: str) -> str:
        return str(self.run.kind.columns[column].header)

    def _reject_clashes(self) -> None:
        """A number that belongs to somebody else than the rest of the row says."""
        self._fault_rows(
            f"SELECT s.n, s.sheet, s.line FROM {STAGE} s JOIN {MATCH} m ON m.n = s.n "
            "WHERE m.gone AND s.bad = 0",
            next(iter(self.run.kind.columns)),
            "row_gone",
        )
        columns = [find.column for find in self.layout.store.finds] + [*self.layout.store.keys[:1]]
        for (way, _table), column in zip(self.finds, columns, strict=True):
            words = {"header": self._header(column)}
            self._fault_rows(
                f"SELECT s.n, s.sheet, s.line FROM {STAGE} s JOIN {MATCH} m ON m.n = s.n "
                f"WHERE s.bad = 0 AND (m.{way} <> m.record OR m.{way}_many > 1)",
                column,
                "number_of_another",
                lambda words=words: words,
            )

    def _reject_strangers(self) -> None:
        """A number leads to a record, another one to nobody, and the rest of the row disagrees."""
        root, finds = self.layout.store.root, self.layout.store.finds
        for number, find in enumerate(finds):
            earlier = [self.layout.by_column[one.column].compared for one in finds[:number]]
            if not find.agreeing or not earlier:
                continue
            nowhere = " AND ".join(f"m.f{one} IS NULL" for one in range(number))
            given = " OR ".join(f"{column} IS NOT NULL" for column in earlier)
            other = " OR ".join(
                f"r.{quoted(slot.compared_field.column)} <> {slot.compared}"
                for slot in map(self.layout.by_column.get, find.agreeing)
            )
            words = {"header": self._header(find.column)}
            self._fault_rows(
                f"SELECT s.n, s.sheet, s.line FROM {STAGE} s JOIN {MATCH} m ON m.n = s.n "
                f"JOIN {table_of(root)} r ON r.{pk_of(root)} = m.f{number} "
                f"WHERE s.bad = 0 AND s.token IS NULL AND {nowhere} AND ({given}) AND ({other})",
                find.column,
                "number_of_another",
                lambda words=words: words,
            )

    def _reject_twins(self) -> None:
        """Two rows that mean the same record, one by this number and one by that."""
        column = next(iter(self.run.kind.key), next(iter(self.run.kind.columns)))
        twins = (
            "SELECT m.n, MIN(m.n) OVER (PARTITION BY m.record) AS first, "
            "MAX(m.n) OVER (PARTITION BY m.record) AS last "
            f"FROM {MATCH} m JOIN {STAGE} s ON s.n = m.n WHERE m.record IS NOT NULL AND s.bad = 0"
        )
        self._fault_rows(
            "SELECT s.n, s.sheet, s.line, o.sheet, o.line "
            f"FROM ({twins}) t JOIN {STAGE} s ON s.n = t.n "
            f"JOIN {STAGE} o ON o.n = CASE WHEN t.n = t.first THEN t.last ELSE t.first END "
            "WHERE t.first <> t.last",
            column,
            "key_twice",
            lambda sheet, line: {"sheet": sheet, "row": line, "header": self._header(column)},
        )

    def _ask_about_alikes(self) -> None:
        """A row without any number: who of the same name may be meant is for a person to say."""
        alike = self.layout.store.alike
        if alike is None or self.run.context.answers.get("alike") == "new":
            return
        numbered = [self.layout.by_column[find.column] for find in self.layout.store.finds]
        no_number = " AND ".join(f"{slot.compared} IS NULL" for slot in numbered) or "1 = 1"
        within = self.layout.by_column[alike.within]
        number = self.layout.part_slots.index(
            next(slots for slots in self.layout.part_slots if within in slots)
        )
        part = self.layout.store.parts[number]
        rows, params = compiled(part.rows(self.run.context.on))
        living, more = compiled(self._living())
        same = " AND ".join(
            f"({column_of(self.layout.store.root, self.layout.store.fields[name])} "
            f"= s.{quoted('c_' + name)} OR {self._is_unsaid(name)})"
            for name in alike.columns
        )
        sql = (
            f"SELECT s.n, MIN(r.{pk_of(self.layout.store.root)}) AS record, COUNT(DISTINCT "
            f"r.{pk_of(self.layout.store.root)}) AS many, MIN(s.sheet) AS sheet, "
            f"MIN(s.line) AS line FROM {STAGE} s JOIN {MATCH} m ON m.n = s.n "
            f"JOIN ({rows}) e ON e.{quoted(within.field.column)} = {within.staged} "
            f"JOIN ({living}) r ON r.{pk_of(self.layout.store.root)} = e.{link_of(part)} "
            f"WHERE s.bad = 0 AND m.record IS NULL AND {no_number} AND {same} GROUP BY s.n"
        )
        self.make("intake_alike", sql, [*params, *more])
        self._same_cell_again()
        if self.run.context.answers.get("alike") == "same":
            self._take("SELECT n, record FROM intake_alike WHERE many = 1")
        self._fault_rows(
            f"SELECT a.n, a.sheet, a.line FROM intake_alike a JOIN {MATCH} m ON m.n = a.n "
            "WHERE m.record IS NULL",
            alike.columns[0],
            "needs_answer",
            lambda: alike.ask(),
        )
        self.run_sql("DROP TABLE intake_alike")

    def _is_unsaid(self, name: str) -> str:
        """A birth date that one side does not say tells nobody apart."""
        slot = self.layout.by_column[name]
        stored = f"r.{quoted(slot.field.column)}"
        return f"{slot.staged} IS NULL OR {is_empty(slot.field, stored)}"

    def _same_cell_again(self) -> None:
        """What this very upload wrote from this very row is no stranger when it is repeated."""
        if self.run.upload_pk:
            root = self.layout.store.root
            self._take(
                f"SELECT a.n, r.{pk_of(root)} AS record FROM intake_alike a JOIN {table_of(root)} r "
                f"ON r.source_upload = {int(self.run.upload_pk)} AND r.source_sheet = a.sheet "
                "AND r.source_row = a.line"
            )

    def _take(self, sql: str) -> None:
        self.run_sql(
            f"UPDATE {MATCH} SET record = t.record FROM ({sql}) t "
            f"WHERE t.n = {MATCH}.n AND {MATCH}.record IS NULL"
        )

    # What it changes ---------------------------------------------------------------------------
    def _pick_parts(self) -> None:
        """Which stored row of each part answers to a sheet's row."""
        for number, part in enumerate(self.layout.store.parts):
            rows, params = compiled(part.rows(self.run.context.on))
            identity = self.layout.identity(number)
            first, where = [], []
            if identity:
                is_same = f"t.{quoted(identity.compared_field.column)} = {identity.compared}"
                first = [f"CASE WHEN {is_same} THEN 0 ELSE 1 END"]
                for name in part.same:
                    where.append(f"({is_same} OR {self._is_same_sort(number, part, name)})")
            order = [*first, *(f"t.{column_of(part.model, name)}" for name in part.order)]
            order.append(f"t.{pk_of(part.model)}")
            self.make(
                f"intake_part_{number}",
                "SELECT n, pk FROM (SELECT m.n, "
                f"t.{pk_of(part.model)} AS pk, ROW_NUMBER() OVER (PARTITION BY m.n "
                f"ORDER BY {', '.join(order)}) AS place FROM {MATCH} m "
                f"JOIN {STAGE} s ON s.n = m.n JOIN ({rows}) t ON t.{link_of(part)} = m.record "
                f"{'WHERE ' + ' AND '.join(where) if where else ''}) ranked WHERE place = 1",
                params,
            )

    def _is_same_sort(self, number: int, part: Part, name: str) -> str:
        """Another identity of the same sort (a resident's card) is a correction, else one more."""
        slot = self.layout.part_field(number, name)
        default = part.defaults.get(name)
        said = f"COALESCE({slot.staged}, '{default}')" if default is not None else slot.staged
        return f"t.{quoted(slot.field.column)} = {said}"

    def _check_masks(self) -> None:
        """A mask in a pre-filled row leaves the value alone, if it is that value's mask."""
        root = self.layout.store.root
        for name, expected in self.masks.items():
            slot = self.layout.by_column[name]
            if (number := self._part_of(slot)) is None:
                join = f"LEFT JOIN {table_of(root)} {ROOT} ON {ROOT}.{pk_of(root)} = m.record"
            else:
                model = self.layout.store.parts[number].model
                join = (
                    f"LEFT JOIN intake_part_{number} x ON x.n = s.n LEFT JOIN {table_of(model)} "
                    f"{slot.alias} ON {slot.alias}.{pk_of(model)} = x.pk"
                )
            wrong = []
            for n, sheet, line, kept in self.rows(
                f"SELECT s.n, s.sheet, s.line, {slot.kept} FROM {STAGE} s "
                f"JOIN {MATCH} m ON m.n = s.n {join} WHERE s.token IS NOT NULL AND s.bad = 0"
            ):
                if n in expected and slot.mask_of(kept) != expected[n]:
                    params = {"header": self._header(name)}
                    self.found.faults.append(RowFault(sheet, line, name, "mask_differs", params))
                    wrong.append(n)
            self.reject(wrong)

    def _reject_unordered(self) -> None:
        """A row that says one of two days, and the other one as it is stored does not fit to it."""
        root = self.layout.store.root
        for first, last in self.layout.store.ordered:
            begins, ends = self.layout.by_column[first], self.layout.by_column[last]
            params = {"header": self._header(last), "other": self._header(first)}
            self._fault_rows(
                f"SELECT s.n, s.sheet, s.line FROM {STAGE} s JOIN {MATCH} m ON m.n = s.n "
                f"JOIN {table_of(root)} {ROOT} ON {ROOT}.{pk_of(root)} = m.record "
                f"WHERE s.bad = 0 AND {self._resulting(ends)} < {self._resulting(begins)}",
                last,
                "before_first",
                lambda params=params: params,
            )

    def _resulting(self, slot: Slot) -> str:
        """What a column would hold."""
        kept = f"COALESCE({slot.staged}, {slot.kept})"
        return f"CASE WHEN (s.clears & {slot.bit}) <> 0 THEN NULL ELSE {kept} END"

    def _scope(self) -> None:
        """The units whose rows this person may write."""
        context = self.run.context
        seen = units_seen_by(context.user, context.permission, on=context.on)
        sql, params = compiled(seen.values(unit=F("descendant")).distinct())
        self.make(SCOPE, sql, params, key="unit")

    def _judge(self) -> None:
        """One row for each staged row: its record, what differs (a bit for each column), what
        becomes of its parts, and its outcome."""
        store, layout = self.layout.store, self.layout
        parts = range(len(store.parts))
        joins = [
            f"JOIN {MATCH} m ON m.n = s.n",
            f"LEFT JOIN {table_of(store.root)} {ROOT} ON {ROOT}.{pk_of(store.root)} = m.record",
        ]
        params = []
        for number, part in enumerate(store.parts):
            alias = part_alias(number)
            joins.append(
                f"LEFT JOIN intake_part_{number} x{number} ON x{number}.n = s.n "
                f"LEFT JOIN {table_of(part.model)} {alias} "
                f"ON {alias}.{pk_of(part.model)} = x{number}.pk"
            )
        holder = "NULL"
        if store.holder:
            sql, more = compiled(store.holder(self.run.context.on).values("holder", record=F("pk")))
            joins.append(f"LEFT JOIN ({sql}) h ON h.record = m.record")
            params += more
            holder = "h.holder"
        actions = "".join(
            f", {self._action(number, part)} AS a{number}, x{number}.pk AS q{number}"
            for number, part in enumerate(store.parts)
        )
        differing = " | ".join(self._bit(slot) for slot in layout.slots)
        judged = (
            "SELECT s.n, s.sheet, s.line, s.bad, m.record, s.clears, "
            f"COALESCE({ROOT}.version, 0) AS version, s.token_version, s.seen, {holder} AS holder, "
            f"{differing} AS diff{actions} FROM {STAGE} s {' '.join(joins)}"
        )
        named = ", ".join(f"j.a{number}, j.q{number}" for number in parts)
        self.make(
            COMPARED,
            f"SELECT j.n, j.sheet, j.line, j.record, j.version, j.holder, j.diff, j.clears, "
            f"{named + ', ' if named else ''}{self._outcome()} AS outcome FROM ({judged}) j",
            params,
        )

    def _lock_records(self) -> None:
        """In a commit, whoever edits one of the records by hand waits for its end."""
        if self.run.writes and is_postgresql():
            root = self.layout.store.root
            self.run_sql(
                f"SELECT COUNT(*) FROM (SELECT 1 FROM {table_of(root)} WHERE {pk_of(root)} IN "
                f"(SELECT record FROM {MATCH}) ORDER BY {pk_of(root)} FOR UPDATE) held"
            )

    def _bit(self, slot: Slot) -> str:
        return f"CASE WHEN {self._differs(slot)} THEN {slot.bit} ELSE 0 END"

    def _differs(self, slot: Slot) -> str:
        """Blank leaves alone, 清空 empties, what is derived fills only what is empty."""
        empty = is_empty(slot.compared_field, slot.stored)
        parts = [
            f"({slot.compared} IS NOT NULL AND {differs(slot.compared, slot.stored)} "
            f"AND ((s.soft & {slot.bit}) = 0 OR {empty}))"
        ]
        if not slot.column.required:
            parts.append(f"((s.clears & {slot.bit}) <> 0 AND NOT ({empty}))")
        told = f"({' OR '.join(parts)})"
        number = self._part_of(slot)
        if number is None:
            return told
        return f"({told} AND (x{number}.pk IS NOT NULL OR {self._has_what_it_needs(number)}))"

    def _part_of(self, slot: Slot) -> int | None:
        if slot.alias == ROOT:
            return None
        return int(slot.alias[1:])

    def _has_what_it_needs(self, number: int) -> str:
        """A part is made where the sheet says enough for one."""
        part = self.layout.store.parts[number]
        by = self.layout.by_column
        if part.needs:
            return (
                "(" + " AND ".join(f"{by[name].compared} IS NOT NULL" for name in part.needs) + ")"
            )
        return "(" + " OR ".join(f"{by[name].compared} IS NOT NULL" for name in part.fields) + ")"

    def _action(self, number: int, part: Part) -> str:
        alias, identity = part_alias(number), self.layout.identity(number)
        cases = [
            f"WHEN x{number}.pk IS NULL THEN CASE WHEN {self._has_what_it_needs(number)} "
            f"THEN {INSERT} ELSE {KEEP} END"
        ]
        if identity and part.is_dated:
            began = f"{alias}.{quoted('valid_from')} < {day(self.run.context.on)}"
            if not identity.column.required:
                cases.append(f"WHEN (s.clears & {identity.bit}) <> 0 THEN {END}")
            cases.append(f"WHEN {self._differs(identity)} AND {began} THEN {REPLACE}")
        slots = self.layout.part_slots[number]
        any_differs = " OR ".join(self._differs(slot) for slot in slots)
        cases.append(f"WHEN {any_differs} THEN {UPDATE}")
        return f"CASE {' '.join(cases)} ELSE {KEEP} END"

    def _outcome(self) -> str:
        moved = "(j.token_version <> j.version OR j.seen <> j.version)"
        stranger = f"j.holder IS NOT NULL AND j.holder NOT IN (SELECT unit FROM {SCOPE})"
        return (
            f"CASE WHEN j.bad = 1 THEN {int(Outcome.REJECTED)} "
            f"WHEN {stranger} THEN {int(Outcome.OTHER_UNIT)} "
            f"WHEN j.record IS NULL AND COALESCE(j.seen, 0) = 0 THEN {int(Outcome.NEW)} "
            f"WHEN j.record IS NOT NULL AND j.diff = 0 THEN {int(Outcome.UNCHANGED)} "
            f"WHEN {moved} THEN {int(Outcome.STALE)} "
            f"WHEN j.record IS NULL THEN {int(Outcome.NEW)} ELSE {int(Outcome.CHANGED)} END"
        )

    # What came of it ---------------------------------------------------------------------------
    def _count(self) -> None:
        for outcome, count in self.rows(
            f"SELECT outcome, COUNT(*) FROM {COMPARED} GROUP BY outcome"
        ):
            self.found.outcomes[Outcome(outcome)] = count
        cleared = " + ".join(
            f"CASE WHEN (clears & diff & {slot.bit}) <> 0 THEN 1 ELSE 0 END"
            for slot in self.layout.slots
        )
        self.found.cleared = self.rows(
            f"SELECT COALESCE(SUM({cleared}), 0) FROM {COMPARED} "
            f"WHERE outcome = {int(Outcome.CHANGED)}"
        )[0][0]

    def _tell_faults(self) -> None:
        column = next(iter(self.run.kind.key), "")
        names = {pk: name for pk, name in self._unit_names()}
        for sheet, line, outcome, holder in self.rows(
            f"SELECT sheet, line, outcome, holder FROM {COMPARED} WHERE outcome IN "
            f"({', '.join(str(int(one)) for one in CONFLICTS)}) ORDER BY n LIMIT {FAULTS_READ}"
        ):
            stale = outcome == Outcome.STALE
            self.found.faults.append(
                RowFault(
                    sheet,
                    line,
                    column,
                    "stale" if stale else "other_unit",
                    {} if stale else {"unit": names.get(holder, "")},
                )
            )

    def _unit_names(self) -> list[tuple]:
        return self.rows(
            f"SELECT id, name FROM registry_unit WHERE id IN (SELECT holder FROM {COMPARED} "
            f"WHERE outcome = {int(Outcome.OTHER_UNIT)})"
        )
