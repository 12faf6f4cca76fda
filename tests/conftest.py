"""What every test may lean on."""

import os

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

from tests.cast import clock_at, east, league, officer, plan, units, west  # noqa: F401  fixtures

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


def pytest_collection_modifyitems(items):
    if connection.vendor == "sqlite":
        many_rows = pytest.mark.skip(reason="many rows are PostgreSQL's")
        for item in items:
            if item.get_closest_marker("scale"):
                item.add_marker(many_rows)
