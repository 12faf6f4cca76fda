"""Workbooks as offices keep them, each one habit or one fault, with what the portal says of each."""

from tests.intake.corpus import cells, formats, layouts, other_kinds  # noqa: F401  they add cases
