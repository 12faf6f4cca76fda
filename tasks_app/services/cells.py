"""Text copied out of a spreadsheet as rows of cells."""

import re
import unicodedata


def cells_of(text: str) -> list[list[str]]:
    """Rows of cells as the spreadsheet had them: tabs, or commas where there is no tab."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").lstrip("\ufeff")
    mark = "\t" if "\t" in text else ","
    rows, row, at = [], [], 0
    while True:
        cell, at = _cell(text, at, mark)
        row.append(cell)
        if at < len(text) and text[at] == mark:
            at += 1
            continue
        rows.append(row)
        row = []
        if at >= len(text):
            return rows
        at += 1


def _cell(text: str, at: int, mark: str) -> tuple[str, int]:
    """One cell and where it ends. A quote that nothing closes is a character like any other."""
    if text[at : at + 1] == '"':
        end = text.find('"', at + 1)
        while end != -1 and text[end + 1 : end + 2] == '"':
            end = text.find('"', end + 2)
        if end != -1 and text[end + 1 : end + 2] in ("", mark, "\n"):
            return clean(text[at + 1 : end].replace('""', '"')), end + 1
    ends = [found for found in (text.find(mark, at), text.find("\n", at)) if found != -1]
    end = min(ends, default=len(text))
    return clean(text[at:end]), end


def clean(cell: str) -> str:
    text = re.sub(r"[\u200b-\u200d\ufeff]", "", unicodedata.normalize("NFKC", cell))
    return re.sub(r"\s+", " ", text).strip()


def squeeze(cell: str) -> str:
    return re.sub(r"\s+", "", cell)
