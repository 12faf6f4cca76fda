#!/usr/bin/env python3
"""Find what Chromium 90 does not know: government desks lag, and a page must not break there.

Ours: every feature on the lists below, CSS inside @supports excepted. Third-party style sheets: only
colours that would leave a page without any.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"

CSS = {
    r":has\(": 105,
    r"@container\b": 105,
    r"@layer\b": 99,
    r"@scope\b": 118,
    r"@starting-style\b": 117,
    r"\b(?:ok)?l(?:ab|ch)\(": 111,
    r"\bcolor-mix\(": 111,
    r"\blight-dark\(": 123,
    r"@media[^{]*[<>]": 104,
    r"\d(?:d|s|l)v(?:h|w|i|b|min|max)\b": 108,
    r"\d(?:cq[whib]|cqmin|cqmax)\b": 105,
    r"\bsubgrid\b": 117,
    r":(?:user-(?:in)?valid|popover-open|modal)\b": 105,
    r"(?<![-\w])(?:translate|rotate|scale)\s*:": 104,
    r"\b(?:sin|cos|tan|pow|sqrt|round|mod)\(": 111,
}
JS = {
    r"\.at\(": 92,
    r"\bstructuredClone\(": 98,
    r"\bObject\.hasOwn\(": 93,
    r"\.findLast(?:Index)?\(": 97,
    r"\.to(?:Sorted|Reversed|Spliced)\(": 110,
    r"\.(?:groupBy|fromAsync)\(": 117,
    r"\.withResolvers\(": 119,
    r"\bcrypto\.randomUUID\(": 92,
    r"\bURL\.canParse\(": 120,
    r"\bAbortSignal\.(?:timeout|any)\(": 103,
    r"\.checkVisibility\(": 105,
    r"\bstartViewTransition\(": 111,
    r"\.(?:show|hide|toggle)Popover\(": 114,
    r"\.is(?:WellFormed|SubsetOf|SupersetOf|DisjointFrom)\(": 111,
    r"\bstatic\s*\{": 94,
    r"#\w+\s+in\s": 91,
    r"^await\b": 89,  # modules only: in the classic scripts we serve it is a syntax error everywhere
    r"/[a-z]*v[a-z]*\.(?:test|exec)\(": 112,
}
VENDOR_CSS = {r"\bok(?:lab|lch)\(": 111, r"\blight-dark\(": 123}

COMMENT = re.compile(r"/\*.*?\*/", re.S)
# A string or a template comes first, so that "//" inside one starts no comment.
JS_STRING_OR_COMMENT = re.compile(
    r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|//[^\n]*|/\*.*?\*/""", re.S
)


def blank(found: re.Match) -> str:
    """Keep the line numbers of what follows."""
    return "\n" * found[0].count("\n")


def without_js_comments(text: str) -> str:
    return JS_STRING_OR_COMMENT.sub(lambda found: found[1] or blank(found), text)


def without_guarded_css(text: str) -> str:
    """Blank the @supports blocks: an older browser skips them as a whole."""
    while found := re.search(r"@supports\b[^{]*\{", text):
        depth, end = 1, found.end()
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        text = text[: found.start()] + "\n" * text.count("\n", found.start(), end) + text[end:]
    return text


def nested_rules(text: str) -> Iterator[int]:
    """Offsets of rules that stand inside a style rule (CSS nesting, Chromium 112)."""
    inside = []  # for each open brace: is it a style rule?
    start = 0
    for found in re.finditer(r"[{};]", text):
        if found[0] == "{":
            prelude = text[start : found.start()].strip()
            if any(inside):
                yield found.start()
            inside.append(not prelude.startswith("@") or prelude.startswith("@font-face"))
        elif found[0] == "}" and inside:
            inside.pop()
        start = found.end()


def faults(file: Path, text: str, features: dict[str, int]) -> Iterator[str]:
    for pattern, version in features.items():
        for found in re.finditer(pattern, text, re.M):
            line = text.count("\n", 0, found.start()) + 1
            name = found[0].strip()[:40]
            yield f"{file.relative_to(ROOT)}:{line}: {name!r} needs Chromium {version}"


def look() -> Iterator[str]:
    for file in sorted(STATIC.rglob("*.css")):
        text = COMMENT.sub(blank, file.read_text(encoding="utf-8"))
        if "vendor" in file.relative_to(STATIC).parts:
            yield from faults(file, text, VENDOR_CSS)
            continue
        text = without_guarded_css(text)
        yield from faults(file, text, CSS)
        for offset in nested_rules(text):
            line = text.count("\n", 0, offset) + 1
            yield f"{file.relative_to(ROOT)}:{line}: a rule inside a rule needs Chromium 112"
    for file in sorted(STATIC.rglob("*.js")):
        if "vendor" not in file.relative_to(STATIC).parts:
            yield from faults(file, without_js_comments(file.read_text(encoding="utf-8")), JS)


def main() -> int:
    found = list(look())
    print("\n".join(found) or "Nothing newer than Chromium 90.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
