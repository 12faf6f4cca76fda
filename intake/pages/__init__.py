"""What the page of an upload says. Words and numbers, no deeds.

verdict  facts, steps, and the sentence that says what to do next
found    what a check found, part by part
written  what a commit wrote, and what an undo left
"""

from intake.pages.found import (
    SOME,
    answers_said,
    causes_of,
    cells_of,
    columns_of,
    found_in,
    headers_of,
    left_out_of,
    mapping_said,
    questions_of,
    strip_of,
)
from intake.pages.verdict import (
    changing_rows,
    facts_line,
    good_rows,
    seconds_checked,
    seconds_left,
    steps_of,
    verdict_of,
    was_refused,
)
from intake.pages.written import shown_written, still_standing, undone_of, written_by

__all__ = [
    "SOME",
    "answers_said",
    "causes_of",
    "cells_of",
    "changing_rows",
    "columns_of",
    "facts_line",
    "found_in",
    "good_rows",
    "headers_of",
    "left_out_of",
    "mapping_said",
    "questions_of",
    "seconds_checked",
    "seconds_left",
    "shown_written",
    "steps_of",
    "still_standing",
    "strip_of",
    "undone_of",
    "verdict_of",
    "was_refused",
    "written_by",
]
