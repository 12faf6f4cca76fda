"""The store itself: a declaration that can be run."""

from collections.abc import Iterator

from intake.columns.base import Context
from intake.kinds import ReportKind
from intake.stores.base import Held, Run
from intake.stores.tables.declared import Declaration
from intake.stores.tables.held import held_records, held_rows
from intake.stores.tables.writing import TableStage


class Tables(Declaration):
    """A kind whose rows are staged, compared and written by the database."""

    def stage(self, run: Run) -> TableStage:
        return TableStage(self, run)

    def held(self, kind: ReportKind, context: Context) -> Iterator[Held]:
        return held_rows(self, kind, context)

    def held_count(self, kind: ReportKind, context: Context) -> int:
        records = held_records(self, kind, context)
        return 0 if records is None else records.count()
