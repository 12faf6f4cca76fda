"""Tell PostgreSQL's planner about a table that was just filled or rewritten whole.

Without fresh statistics it takes such a table for a small one and may nest loops over it for
minutes; its own housekeeping comes too late for the requests of the next seconds.
"""

from django.db import connection, models


def refresh(*tables: type[models.Model]) -> None:
    """Gather statistics now; other engines need none."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table._meta.db_table)}")
