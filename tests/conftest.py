"""What every test may lean on."""

import os
from importlib import import_module

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseOperations as SQLite
from hypothesis import HealthCheck, settings

from tests.cast import (  # noqa: F401  fixtures
    clock_at,
    east,
    league,
    officer,
    plan,
    settle,
    units,
    west,
)
from tests.mini import world  # noqa: F401

# The same algorithm at its least cost: hundreds of accounts are made.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 8
Argon2PasswordHasher.parallelism = 1

settings.register_profile(
    "quick",
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile(
    "long", settings.get_profile("quick"), max_examples=2000, derandomize=False
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


# These start portals of their own; two at once would share one queue.
ONE_AFTER_ANOTHER = {
    "test_commit_killed.py",
    "test_comparison_killed.py",
    "test_kill.py",
    "test_serve.py",
    "test_setup_bureau.py",
}


def asks_an_engine(item) -> bool:
    """Does the test use the database, or a portal that has one of its own?"""
    uses = {"db", "transactional_db", "django_db_setup"} & set(item.fixturenames)
    return bool(uses or item.get_closest_marker("django_db")) or (
        item.path.name in ONE_AFTER_ANOTHER
    )


def pytest_collection_modifyitems(config, items):
    if connection.vendor == "postgresql":
        # What asks no engine has nothing to say about a second one: it ran with the first.
        others = [item for item in items if not asks_an_engine(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if asks_an_engine(item)]
    for item in items:
        if item.path.name in ONE_AFTER_ANOTHER:
            item.add_marker(pytest.mark.xdist_group("processes"))
    if connection.vendor == "sqlite":
        many_rows = pytest.mark.skip(reason="many rows are PostgreSQL's")
        for item in items:
            if item.get_closest_marker("scale"):
                item.add_marker(many_rows)


@pytest.fixture(scope="session", autouse=True)
def flush_passes_the_log():
    """After a test that commits, Django empties all tables; on SQLite it must be let past the trigger
    that keeps events. It stands again at once (PostgreSQL truncates, which fires no trigger)."""
    migration = import_module("common.migrations.0002_events_append_only")
    flush = SQLite.execute_sql_flush

    def past_the_trigger(self, statements):
        with self.connection.cursor() as cursor:
            for statement in migration.SQLITE_BACK:
                cursor.execute(statement)
        flush(self, statements)
        with self.connection.cursor() as cursor:
            for statement in migration.SQLITE:
                cursor.execute(statement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SQLite, "execute_sql_flush", past_the_trigger)
        yield
