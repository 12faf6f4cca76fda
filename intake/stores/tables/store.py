"""The store itself: a declaration that can be run."""

from intake.stores.base import Run
from intake.stores.tables.declared import Declaration
from intake.stores.tables.writing import TableStage


class Tables(Declaration):
    """A kind whose rows are staged, compared and written by the database."""

    def stage(self, run: Run) -> TableStage:
        return TableStage(self, run)
