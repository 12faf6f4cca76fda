"""The sheets of student aid."""

from subsidies.report_kinds import payments  # noqa: F401  it registers itself
