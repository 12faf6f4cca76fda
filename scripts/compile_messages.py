#!/usr/bin/env python3
"""Compile locale/*/LC_MESSAGES/*.po where they are newer than their .mo; needs Babel, not gettext."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def main() -> int:
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as stream:
            catalogue = read_po(stream, locale=source.parent.parent.name, abort_invalid=True)
        with target.open("wb") as stream:
            write_mo(stream, catalogue)
    return 0


if __name__ == "__main__":
    sys.exit(main())
