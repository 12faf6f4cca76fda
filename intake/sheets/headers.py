"""Where the header of a sheet stands, also one of several rows, and what it says of each column."""

from dataclasses import dataclass

from intake.cells import decode
from intake.sheets.facts import is_fact_line
from intake.sheets.matching import Placement, place
from intake.sheets.normal import is_blank, words_of
from intake.sheets.vocabulary import Heading, Vocabulary

SCANNED = 40  # rows in which a header may begin
DEEPEST = 3  # rows of one header
LONGEST = 60  # characters of one part of a header
ROUND, STEMS = "()（）栏列", "甲乙丙丁戊"  # data: what a row that numbers the columns is made of

# A merged range as Excel counts: first row, first column, last row, last column.
Range = tuple[int, int, int, int]


@dataclass(frozen=True)
class Header:
    """The rows of a header as Excel counts them, and what stands over each column."""

    first: int
    last: int
    headings: list[Heading]
    placement: Placement


def find_header(rows: list[list], merges: list[Range], vocabulary: Vocabulary) -> Header | None:
    """The span of rows in which most columns of the kind are named; `rows` begin with row 1."""
    words = [[words_of(cell)[:LONGEST] for cell in row] for row in rows]
    known = [any(map(vocabulary.knows, row)) for row in words]
    found = []
    for top in range(min(SCANNED, len(rows))):
        for depth in range(1, DEEPEST + 1):
            span = range(top, top + depth)
            if span.stop > len(rows) or not any(known[row] for row in span):
                continue
            levels = spread(words, span, merges)
            if depth > 1 and not (
                _may_be_header(rows, words, span)
                and (_are_merged(span, merges) or _is_under_groups(words, levels, span, vocabulary))
            ):
                break
            headings = _headings(levels)
            placement = place(headings, vocabulary)
            if placement.columns:
                found.append(Header(top + 1, top + depth, headings, placement))
    best = _best(found)
    return best and _with_numbers(best, rows)


def _best(found: list[Header]) -> Header | None:
    """Most columns, fewest of them twice; of equals the topmost, with all its rows and no title.

    Where a row above adds nothing (a title in several cells), the lower row alone is the header.
    """
    if not found:
        return None

    def score(header):
        placement = header.placement
        return len(placement.columns) + len(placement.claimed) - len(placement.twice) / 2

    most = max(map(score, found))
    equals = [header for header in found if score(header) == most]
    topmost = min(equals, key=lambda header: header.last)
    return max(
        (header for header in equals if header.first <= topmost.last),
        key=lambda header: (header.last, header.first),
    )


def spread(words: list[list[str]], span: range, merges: list[Range]) -> list[list[str]]:
    """The rows of a header with the words of each group over all its columns."""
    width = max(len(words[row]) for row in span)
    levels = [words[row] + [""] * (width - len(words[row])) for row in span]
    closed = set()  # (level, column) where a merged range says how far its words reach
    for first_row, first, last_row, last in merges:
        if first_row - 1 in span and last > first:
            level = first_row - 1 - span.start
            for column in range(first - 1, min(last, width)):
                levels[level][column] = levels[level][first - 1]
                closed.add((level, column))
        elif first_row - 1 in span and last_row > first_row:
            closed.add((first_row - 1 - span.start, first - 1))
    for level in range(len(levels) - 1):
        upper, lower = levels[level], levels[level + 1]
        for column in range(1, width):
            goes_on = lower[column] and lower[column - 1] and (level, column - 1) not in closed
            if not upper[column] and goes_on:
                upper[column] = upper[column - 1]
    return levels


def _headings(levels: list[list[str]]) -> list[Heading]:
    headings = []
    for index, parts in enumerate(zip(*levels, strict=True)):
        once = [
            part for i, part in enumerate(parts) if part and part != (parts[i - 1] if i else "")
        ]
        headings.append(Heading(index, tuple(once)))
    while headings and not headings[-1].parts:
        headings.pop()
    return headings


def _may_be_header(rows: list[list], words: list[list[str]], span: range) -> bool:
    """Whether the last row of the span holds words only, and the row above is no title over them."""
    upper, lower = span[-2], span[-1]
    if is_fact_line(rows[upper]) or is_fact_line(rows[lower]):
        return False
    if not all(is_blank(raw) or isinstance(decode(raw), str) for raw in rows[lower]):
        return False
    said = [column for column, text in enumerate(words[upper]) if text]
    below = [column for column, text in enumerate(words[lower]) if text]
    return bool(said and below) and (len(said) > 1 or said[0] > below[0])


def _are_merged(span: range, merges: list[Range]) -> bool:
    """A cell merged over both rows makes them one header."""
    return any(first - 1 <= span[-2] and last - 1 >= span[-1] for first, _c, last, _d in merges)


def _is_under_groups(words, levels, span: range, vocabulary: Vocabulary) -> bool:
    """Whether the last row of the span stands under groups only.

    Under the header of a single column begins the data, unless the two rows together are a name
    the kind knows (身份证 over 号码).
    """
    upper = levels[-2]
    for column, text in enumerate(words[span[-1]]):
        over = upper[column]
        if not text or not over or over in (*upper[column + 1 : column + 2], *upper[:column][-1:]):
            continue
        if vocabulary.by_form((over, text)) is None:
            return False
    return True


def _with_numbers(header: Header, rows: list[list]) -> Header:
    """A row that only numbers the columns (1 2 3, 甲 乙 1 2) belongs to the header."""
    if header.last >= len(rows):
        return header
    cells = [words_of(raw).strip(ROUND) for raw in rows[header.last] if not is_blank(raw)]
    numbers = [int(cell) for cell in cells if cell.isdecimal()]
    letters = [cell for cell in cells if cell in STEMS]
    is_numbering = (
        len(numbers) > 2
        and len(numbers) + len(letters) == len(cells)
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and numbers[0] in (1, len(letters) + 1)
    )
    if not is_numbering:
        return header
    return Header(header.first, header.last + 1, header.headings, header.placement)
