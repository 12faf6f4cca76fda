#!/usr/bin/env python3
"""Bring the front-end files that we serve into static/vendor/ (npm at set-up, nothing committed)."""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
STAMP = MODULES / ".installed"

SERVED = (
    "@tabler/core/dist/css/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js",
    "echarts/dist/echarts.min.js",
    "htmx.org/dist/htmx.min.js",
)
# The hashed-names storage follows this comment to a file that we do not ship, and fails.
SOURCE_MAP = re.compile(r"/\*[#@] sourceMappingURL=[^*]*\*/|//[#@] sourceMappingURL=\S*")


def npm() -> list[str]:
    """The system's npm, or one from PyPI inside the virtual environment."""
    own = Path(sys.executable).parent / "npm"
    if not own.exists() and (system := shutil.which("npm")):
        return [system]
    if not own.exists():
        print("No npm on this machine: installing Node.js into the virtual environment")
        pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements-node.txt"], check=True)
    return [str(own)]


def install() -> bool:
    """Run `npm ci` unless these very pins are installed already; tell whether it ran."""
    pins = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == pins:
        return False
    subprocess.run(
        [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=ROOT,
        check=True,
    )
    STAMP.write_text(pins)
    return True


def copy() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source in SERVED:
        text = (MODULES / source).read_text(encoding="utf-8")
        (VENDOR / Path(source).name).write_text(SOURCE_MAP.sub("", text), encoding="utf-8")


def main() -> int:
    try:
        renewed = install()
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"The front-end files could not be installed: {problem}", file=sys.stderr)
        print("npm needs a reachable registry; then run the command again.", file=sys.stderr)
        return 1
    if renewed or not all((VENDOR / Path(source).name).exists() for source in SERVED):
        copy()
    return 0


if __name__ == "__main__":
    sys.exit(main())
