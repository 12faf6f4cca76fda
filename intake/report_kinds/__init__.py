"""The sheets on registry nouns that the portal takes in; each module declares one kind."""

from intake.report_kinds import (  # noqa: F401  they register themselves
    outside_list,
    schools,
    staff,
    students,
)
