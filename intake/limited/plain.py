"""Text files: .csv, .tsv and .txt as Excel, WPS and other systems write them."""

import codecs
import csv
import io
import re
from collections import Counter

from intake.limited.sheets import LONGEST_CELL, MOST_ROWS, Refused, is_blank_row

DELIMITERS = ",\t;"
SAMPLE = 64 * 1024
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
WHITE = "\t\n\x0b\x0c\r\x1a\x1b"  # and the ends of file of old systems
TEXT_SHEET = "CSV"  # the name of the one sheet that a text file is


class NotText(Exception):
    """Bytes in no encoding that is taken."""


def encoding_of(head: bytes) -> str:
    """The encoding of which the beginning of a file looks like text; NotText if there is none."""
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            return encoding
    # Without a mark: in UTF-16 each digit, comma and line end has a zero beside it.
    low, high = head[1::2].count(0), head[0::2].count(0)
    if max(low, high) * 8 > len(head) // 2:
        guesses = ("utf-16-le",) if low > high else ("utf-16-be",)
    else:
        guesses = ("utf-8", "gb18030")
    for encoding in guesses:
        if _is_readable(head, encoding):
            return encoding
    raise NotText


def _is_readable(head: bytes, encoding: str) -> bool:
    try:  # the last character may be cut in two
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return not any(character < " " and character not in WHITE for character in set(text))


def decode(data: bytes) -> str:
    """The whole text. A file that stops in the middle of a character was cut short."""
    encoding = encoding_of(data[:SAMPLE])
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        if fault.end >= len(data) and fault.start > len(data) - 4:
            raise Refused("damaged") from None
        if encoding != "utf-8":
            raise NotText from None
    try:  # ASCII for long enough to look like UTF-8
        return data.decode("gb18030")
    except UnicodeDecodeError:
        raise NotText from None


def delimiter(text: str) -> str:
    """The mark that splits most lines into the same number of cells."""
    return _told_delimiter(text[:20].split("\n")[0]) or max(
        DELIMITERS, key=lambda mark: _agreement(text, mark)
    )


def _told_delimiter(line: str) -> str:
    """Excel writes, and reads, a first line such as sep=;"""
    told = re.match(r'"?sep=([,;\t|])', line, re.IGNORECASE)
    return told[1] if told else ""


def _agreement(text: str, mark: str) -> tuple[int, int]:
    lines = text[:SAMPLE].splitlines(keepends=True)[:50]
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1)
    except csv.Error:
        return (0, 0)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return count, width


def rows(data: bytes) -> list[list[str]]:
    """All cells as text. NotText and csv.Error say that it is no table."""
    text = decode(data)
    csv.field_size_limit(LONGEST_CELL)
    table, is_guarded = [], '="' in text
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text)):
        if len(table) < MOST_ROWS:
            table.append(list(map(_without_guard, row)) if is_guarded else row)
        elif any(row):
            raise Refused("too_many_rows", sheet=TEXT_SHEET, most=MOST_ROWS)
    if table and _told_delimiter(",".join(table[0])):
        table[0] = []
    while table and is_blank_row(table[-1]):
        table.pop()
    return table


def _without_guard(cell: str) -> str:
    """="0152…": how some systems keep Excel from taking a text for a number."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell
