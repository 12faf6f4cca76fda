#!/usr/bin/env python3
"""Find what the English portal would show in Chinese: gaps in the catalogue, and unwrapped literals.

Source strings are Chinese. A literal that is data and not wording (a name, a sheet header) says so:
`# data` at the end of its line, on the first line of its statement, or as the module's first line;
`{# data #}` on its line in a template; `// data` in a script.
"""

import ast
import io
import re
import string
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "locale" / "en" / "LC_MESSAGES"
CHINESE = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff]")
GETTEXT = {"_", "gettext_noop"} | {
    f"{prefix}gettext{suffix}" for prefix in ("", "n", "p", "np") for suffix in ("", "_lazy")
}
KEYWORDS = (
    "gettext_noop",
    "gettext_lazy",
    "ngettext_lazy:1,2",
    "pgettext:1c,2",
    "pgettext_lazy:1c,2",
    "npgettext:1c,2,3",
    "npgettext_lazy:1c,2,3",
)
# Made or fetched at set-up; then what only those who keep the code read; then stored content.
PASSED_OVER = ("node_modules/*", "var/*", "static/vendor/*", "*/__pycache__/*", ".*")
NOT_SHOWN = ("tests/*", "scripts/*", "bench/*", "docs/*", "locale/*", "*/migrations/*")
DATA = ("*/catalogue*", "*/demo/*")


def sources() -> list[Path]:
    skipped = PASSED_OVER + NOT_SHOWN + DATA
    return [
        file
        for part in sorted(ROOT.iterdir())
        if not any(fnmatch(f"{part.name}/", pattern) for pattern in skipped)
        for file in sorted(part.rglob("*") if part.is_dir() else [part])
        if file.suffix in (".py", ".html", ".txt", ".js")
        and not any(fnmatch(str(file.relative_to(ROOT)), pattern) for pattern in skipped)
    ]


def is_script(file: Path) -> bool:
    return file.suffix == ".js" and file.is_relative_to(ROOT / "static")


def is_template(file: Path) -> bool:
    return file.suffix in (".html", ".txt") and "templates" in file.relative_to(ROOT).parts


def blank(found: re.Match) -> str:
    """Keep the line numbers of what follows."""
    return "\n" * found[0].count("\n")


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


# Unwrapped literals ----------------------------------------------------------------------------


def unwrapped_in_python(text: str) -> Iterator[tuple[int, str]]:
    data = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT and re.match(r"#\s*data\b", token.string)
    }
    if 1 in data and text.lstrip().startswith("#"):
        return
    yield from _literals(ast.parse(text), data, wrapped=False)


def _literals(node: ast.AST, data: set[int], *, wrapped: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.stmt) and node.lineno in data and not hasattr(node, "body"):
        return
    if isinstance(node, ast.Constant):
        marked = data.intersection(range(node.lineno, node.end_lineno + 1))
        chinese = isinstance(node.value, str) and CHINESE.search(node.value)
        if chinese and not wrapped and not marked:
            yield node.lineno, node.value
        return
    if isinstance(node, ast.JoinedStr) and wrapped:
        if CHINESE.search(ast.unparse(node)) and node.lineno not in data:
            yield node.lineno, "an f-string inside gettext is never found in the catalogue"
        return
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        wrapped = name in GETTEXT
    for field, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        if field == "body" and _documents(node) and children and _is_docstring(children[0]):
            children = children[1:]
        for child in children:
            if isinstance(child, ast.AST):
                yield from _literals(child, data, wrapped=wrapped)


def _documents(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


TEMPLATE_WRAPPED = re.compile(
    r"\{#.*?#\}"
    r"|\{%\s*comment\b.*?endcomment\s*%\}"
    r"|\{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%\}"
    r"|\{%\s*trans(?:late)?\s+(?:\"[^\"]*\"|'[^']*')[^%]*%\}"
    r"|(?<!\w)_\((?:\"[^\"]*\"|'[^']*')\)",
    re.S,
)


def unwrapped_in_template(text: str) -> Iterator[tuple[int, str]]:
    data = {line_of(text, found.start()) for found in re.finditer(r"\{#\s*data\b.*?#\}", text)}
    for number, line in enumerate(TEMPLATE_WRAPPED.sub(blank, text).split("\n"), start=1):
        if CHINESE.search(line) and number not in data:
            yield number, line.strip()


SCRIPT_STRING_OR_COMMENT = re.compile(
    r"""(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|//[^\n]*|/\*.*?\*/""",
    re.S,
)


def unwrapped_in_script(text: str) -> Iterator[tuple[int, str]]:
    data = {line_of(text, found.start()) for found in re.finditer(r"//\s*data\b", text)}
    for found in SCRIPT_STRING_OR_COMMENT.finditer(text):
        if not found["string"] or not CHINESE.search(found[0]):
            continue
        number = line_of(text, found.start())
        inside_call = re.search(r"\bn?p?gettext\([^()]*$", text[: found.start()])
        if (not inside_call or found[0].startswith("`")) and number not in data:
            yield number, found[0]


def unwrapped(files: list[Path]) -> Iterator[str]:
    for file in files:
        if file.suffix == ".py":
            look = unwrapped_in_python
        elif is_template(file):
            look = unwrapped_in_template
        elif is_script(file):
            look = unwrapped_in_script
        else:
            continue
        for line, literal in look(file.read_text(encoding="utf-8")):
            yield f"{file.relative_to(ROOT)}:{line}: not wrapped in gettext: {literal[:60]}"


# The catalogue ---------------------------------------------------------------------------------


def extract(files: list[Path], domain: str) -> Catalog:
    """The messages of the source as `makemessages` finds them, without touching the tree."""
    with tempfile.TemporaryDirectory() as scratch:
        copies = []
        for file in files:
            text = file.read_text(encoding="utf-8")
            name = file.relative_to(ROOT)
            if is_template(file):
                text, name = templatize(text, origin=str(name)), f"{name}.py"
            copy = Path(scratch, name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, encoding="utf-8")
            copies.append(str(name))
        if not copies:
            return Catalog()
        output = subprocess.run(
            ["xgettext", "--from-code=UTF-8", "--output=-", "--files-from=-"]
            + [f"--language={'JavaScript' if domain == 'djangojs' else 'Python'}"]
            + [f"--keyword={keyword}" for keyword in KEYWORDS],
            input="\n".join(copies).encode(),
            cwd=scratch,
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
    for blank_field, value in (
        (b"charset=CHARSET", b"charset=UTF-8"),
        (b"nplurals=INTEGER; plural=EXPRESSION", b"nplurals=2; plural=(n != 1)"),
    ):
        output = output.replace(blank_field, value)
    return read_po(io.BytesIO(output))


def gaps(files: list[Path], domain: str) -> Iterator[str]:
    path = ENGLISH / f"{domain}.po"
    wanted = extract(files, domain)
    stored = Catalog()
    if path.exists():
        with path.open("rb") as stream:
            stored = read_po(stream, locale="en")
    for message in wanted:
        if not message.id:
            continue
        name = message.id[0] if isinstance(message.id, tuple) else message.id
        place = "{}:{}".format(*message.locations[0]).replace(".html.py", ".html")
        entry = stored.get(message.id, message.context)
        if fault := _fault(message.id, entry):
            yield f"{place}: {domain}.po {fault}: {name.strip()[:60]!r}"


def _fault(wanted, entry) -> str:
    """What is wrong with an entry of the catalogue; empty where nothing is."""
    if entry is None:
        return "has no entry for"
    if entry.fuzzy:
        return "is only a guess (fuzzy) for"
    sources = wanted if isinstance(wanted, tuple) else (wanted,)
    texts = entry.string if isinstance(entry.string, tuple) else (entry.string,)
    if not all(texts) or len(texts) < len(sources):
        return "has no translation for"
    needed = placeholders(sources[-1])
    # The singular may spell its number out.
    if placeholders(texts[-1]) != needed or any(placeholders(text) - needed for text in texts):
        return "has other placeholders than"
    if CHINESE.search("".join(sources)) and set(texts) & set(sources):
        return "repeats the Chinese of"
    return ""


def placeholders(text: str) -> set[str]:
    """%(name)s, %s and {name}: what must stand in the translation as well."""
    found = set(re.findall(r"%(?:\(\w+\))?[sdif]", text))
    try:
        return found | {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:  # a lone brace is text
        return found


def main() -> int:
    settings.configure()
    files = sources()
    faults = list(unwrapped(files))
    faults += gaps([f for f in files if f.suffix == ".py" or is_template(f)], "django")
    faults += gaps([f for f in files if is_script(f)], "djangojs")
    print("\n".join(faults) or "The English catalogue is complete, and every literal is wrapped.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
