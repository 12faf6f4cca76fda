"""Can the portal run on this database? Asked once, before it is served or set up."""

from django.core import checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


class NotReady(Exception):
    """Says what is missing and what to do about it."""


def check_database() -> None:
    """NotReady if it does not answer, lacks migrations, or fails a check of its content."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise NotReady(
            f"The database does not answer ({type(error).__name__}): see DATABASE_URL, and whether "
            "the server runs."
        ) from None
    if missing:
        raise NotReady(f"The database lacks {len(missing)} migrations: run `manage.py migrate`.")
    found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    serious = [str(message) for message in found if message.level >= checks.WARNING]
    if serious:
        raise NotReady("\n".join(serious))
