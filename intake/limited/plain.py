"""Text files: .csv, .tsv and .txt as Excel, WPS and other systems write them."""

import csv
import io
import re
from collections import Counter

DELIMITERS = ",\t;"
SAMPLE = 64 * 1024
LONGEST_CELL = 32_767  # as in Excel; an unclosed quotation mark would swallow the file
KEPT_AS_TEXT = re.compile(r'^="([^"]*)"$')  # ="0152…": how some systems keep Excel off a number


class NotText(Exception):
    """Bytes in no encoding that is taken."""


def decode(data: bytes) -> str:
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return _decoded(data, encoding)
    if wide := _wide(data[:SAMPLE]):
        return _decoded(data, wide)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(data, "gb18030")


def _wide(head: bytes) -> str:
    """UTF-16 without its mark: digits, commas and line ends have a zero beside them."""
    low, high = head[1::2].count(0), head[0::2].count(0)
    if max(low, high) * 8 < len(head) // 2:
        return ""
    return "utf-16-le" if low > high else "utf-16-be"


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise NotText from None
    if "\0" in text:
        raise NotText
    return text


def delimiter(text: str) -> str:
    """The mark that splits most lines into the same number of cells."""
    first = text[:SAMPLE].splitlines()[:1]
    if first and (told := re.fullmatch(r'"?sep=(.)"?', first[0].strip(" ,;"))):
        return told[1]
    return max(DELIMITERS, key=lambda mark: _agreement(text, mark))


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
    mark = delimiter(text)
    table = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    if table and table[0] and table[0][0].lower().startswith("sep="):
        table[0] = [""]
    return [
        [KEPT_AS_TEXT.sub(r"\1", cell) if cell[:1] == "=" else cell for cell in row]
        for row in table
    ]
