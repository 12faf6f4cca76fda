"""The sheets of dropout control that the portal takes in; each module declares one kind."""

from dropout.report_kinds import (  # noqa: F401  they register themselves
    attendance,
    home_teaching,
    national_ledger,
    persuasion,
    school_age,
)
