#!/usr/bin/env python3
"""Run bench/*.py and write docs/benchmarks.md: ratios, because seconds belong to one machine."""

import argparse
import importlib
import inspect
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Row:
    """One line: what was done took `seconds`; `against` is what it is held up to."""

    what: str
    seconds: float
    against: str = ""
    against_seconds: float = 0.0

    @property
    def ratio(self) -> str:
        return f"{self.seconds / self.against_seconds:.2f}" if self.against_seconds else ""


def seconds(deed: Callable[[], object], *, repeat: int = 3) -> float:
    """The best of a few runs: whatever else the machine does only ever adds."""
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        deed()
        best = min(best, time.perf_counter() - start)
    return best


def table(rows: Iterable[Row]) -> str:
    lines = ["| what | compared with | ratio |", "| --- | --- | ---: |"]
    lines += [f"| {row.what} | {row.against} | {row.ratio} |" for row in rows]
    return "\n".join(lines)


def start_portal() -> None:
    """An empty database of its own: SQLite, or what DATABASE_URL names (scripts/throwaway.sh)."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="names of modules in bench/; all without")
    only = parser.parse_args().only

    sys.path[0] = str(ROOT)  # in place of scripts/, where `bench` would be this file
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alashan_portal.settings")
    sections = []
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as var:
        os.environ["PORTAL_VAR"] = var
        for name in ("PORTAL_SECRET_KEY", "PORTAL_INDEX_KEY"):
            os.environ.setdefault(name, "11" * 32)
        os.environ.setdefault("PORTAL_FIELD_KEYS", "k1:" + "00" * 32)
        start_portal()
        for file in sorted((ROOT / "bench").glob("[!_]*.py")):
            if only and file.stem not in only:
                continue
            module = importlib.import_module(f"bench.{file.stem}")
            print(f"{file.stem} …", flush=True)
            rows = list(module.main())
            for row in rows:
                print(f"  {row.what}: {row.seconds:.3f} s  {row.ratio}")
            about = inspect.cleandoc(module.main.__doc__ or module.__doc__ or "")
            sections.append(f"## {file.stem.replace('_', ' ')}\n\n{about}\n\n{table(rows)}")
    if not sections:
        print("No benchmark of that name in bench/.", file=sys.stderr)
        return 1
    if not only:
        from django.db import connection

        head = (
            "# Benchmarks\n\n"
            "Written by `make bench`. A ratio below 1 is faster than what it is compared with; it holds\n"
            "roughly on any machine, seconds do not. Last run: Python "
            f"{platform.python_version()}, {connection.vendor}, {os.cpu_count()} cores."
        )
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text("\n\n".join([head, *sections]) + "\n", encoding="utf-8")
        print(f"Written: {REPORT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
