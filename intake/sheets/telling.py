"""What is said of a table's columns before its rows are read."""

import re
import unicodedata

from django.utils.translation import gettext as _

from intake.cells import column_letter
from intake.faults import Fault
from intake.kinds import ReportKind
from intake.sheets.facts import MEASURE
from intake.sheets.filling import merged_down
from intake.sheets.matching import Placement
from intake.sheets.normal import BRACKETED, squeeze, words_of
from intake.sheets.tables import Table

NOT_YUAN = re.compile(r"[十百千万亿]+元")  # data


def missing(kind: ReportKind, placement: Placement) -> list[str]:
    """Headers of the columns that the kind needs and the sheet has not, not even alike."""
    there = {*placement.columns, *(suggestion.column for suggestion in placement.suggestions)}
    wanted = [
        str(column.header)
        for name, column in kind.columns.items()
        if column.required and name not in there
    ]
    wanted += [
        _("或").join(str(kind.columns[name].header) for name in group)
        for group in kind.either
        if there.isdisjoint(group)
    ]
    return wanted


def tell_columns(table: Table) -> None:
    """Put on the table what a person must know, or say, of its columns."""
    row, placement = table.header_rows[1], table.placement
    for header in missing(table.kind, placement):
        table.blame("column_missing", row, header=header)
    _tell_twice(table, row)
    _ask(table, row)
    for code, headings in (
        ("column_unclaimed", placement.unclaimed),
        ("column_left_out", placement.left_out),
        ("column_signature", placement.signature),
    ):
        for heading in headings:
            table.warn(code, row, heading.letter, letter=heading.letter, header=heading.header)
    _tell_measures(table, row)
    _tell_merged(table)


def tell_hidden_columns(table: Table, hidden: list[tuple[int, int]]) -> None:
    """Name the hidden ones among the columns; that of the row tokens is meant to be hidden."""
    letters = [
        column_letter(number)
        for first, last in hidden
        for number in range(first, min(last, table.width) + 1)
        if number - 1 != table.token_index
    ]
    if letters:
        table.warn("hidden_columns", table.header_rows[1], letters[0], letters=", ".join(letters))


def _tell_twice(table: Table, row: int) -> None:
    """A second sheet column for one column: the same header is told, and asked about in a key."""
    kind = table.kind
    for name, second in table.placement.twice:
        first = table.columns[name]
        params = {"first": first.letter, "second": second.letter, "header": first.header}
        if squeeze(first.header) != second.normal:
            params |= {"other": second.header, "column": str(kind.columns[name].header)}
            table.blame("column_claimed_twice", row, second.letter, **params)
        elif kind.columns[name].required or name in kind.key:
            table.blame("header_twice", row, second.letter, **params)
        else:
            table.warn("header_twice", row, second.letter, **params)


def _ask(table: Table, row: int) -> None:
    """A likeness to a required column is a question; to another it is told, and can be confirmed."""
    for suggestion in table.suggestions:
        params = {
            "letter": suggestion.letter,
            "header": suggestion.header,
            "column": str(table.kind.columns[suggestion.column].header),
        }
        if suggestion.required:
            question = Fault("column_suggested", params=params).wrong
            table.blame("needs_answer", row, suggestion.letter, question=question)
        else:
            table.warn("column_suggested", row, suggestion.letter, **params)


def _tell_measures(table: Table, row: int) -> None:
    """Money that the sheet counts in 万元 would be stored ten thousand times too small."""
    stated = str(words_of(table.facts.values.get(MEASURE)))
    for name, placed in table.columns.items():
        if table.kind.columns[name].type_name != "money":
            continue
        in_header = "".join(BRACKETED.findall(placed.header))
        found = NOT_YUAN.search(unicodedata.normalize("NFKC", in_header or stated))
        if found:
            table.blame(
                "measure_not_yuan", row, placed.letter, header=placed.header, measure=found[0]
            )


def _tell_merged(table: Table) -> None:
    for name, placed in table.columns.items():
        ranges = merged_down(table, placed.index)
        if ranges and not table.kind.columns[name].fills_down:
            table.warn(
                "merged_not_filled",
                ranges[0][0],
                placed.letter,
                header=placed.header,
                count=len(ranges),
            )
