"""The sheets of student aid."""

from subsidies.report_kinds import payments, recognitions  # noqa: F401  they register themselves
