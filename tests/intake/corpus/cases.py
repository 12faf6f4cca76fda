"""What a case of the corpus is: one workbook with one habit or one fault, and who hands it in."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

EXPECTED = Path(__file__).parent / "expected"

cases: dict[str, "Case"] = {}


@dataclass(frozen=True)
class Case:
    """`arguments` go to the command; `tells` are the codes of faults and warnings that it is about."""

    name: str
    kind: str
    habit: str
    make: Callable[[], bytes]
    file: str
    by: str
    arguments: tuple[str, ...]
    tells: frozenset[str]

    @property
    def expected_path(self) -> Path:
        return EXPECTED / f"{self.name}.json"

    def expected(self) -> dict:
        return json.loads(self.expected_path.read_text(encoding="utf-8"))


def case(
    name: str,
    habit: str,
    make: Callable[[], bytes] | bytes,
    *arguments: str,
    kind: str = "students",
    file: str = "名册.xlsx",
    by: str = "left",
    tells: str = "",
) -> None:
    """Add a case. `tells`: codes with blanks between them; none means that nothing is told."""
    if name in cases:
        raise ValueError(f"Two cases are called {name}")
    maker = make if callable(make) else lambda: make
    cases[name] = Case(name, kind, habit, maker, file, by, arguments, frozenset(tells.split()))
