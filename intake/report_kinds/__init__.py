"""The sheets on registry nouns that the portal takes in; each module declares one kind."""

from intake.report_kinds import schools, staff, students  # noqa: F401  they register themselves
