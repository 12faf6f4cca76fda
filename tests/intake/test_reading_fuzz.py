"""Workbooks changed at random: each is read or refused, whatever was hit."""

import io
import random
import time
import zipfile

import pytest

from intake import reading
from intake.faults import Unusable
from tests.intake import workbooks
from tests.intake.workbooks import stored

NAMES = ["list.xlsx", "list.xls", "list.ods", "list.xlsb"]
QUICK, LONG = 15, 500  # of each of four


def with_bytes_changed(data: bytes, chance: random.Random) -> bytes:
    """Bytes turned over, cut out or doubled anywhere in the file."""
    made = bytearray(data)
    for _time in range(chance.choice((1, 2, 8, 64))):
        at = chance.randrange(len(made) or 1)
        match chance.randrange(3):
            case 0:
                made[at : at + 1] = chance.randbytes(1)
            case 1:
                del made[at : at + chance.choice((1, 4, 100))]
            case 2:
                made[at:at] = made[at : at + chance.choice((1, 4, 100))]
    return bytes(made)


def with_a_part_changed(data: bytes, chance: random.Random) -> bytes:
    """The same within one part, packed again: the zip is whole, what it holds is not."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    name = chance.choice([name for name, content in members.items() if content])
    members[name] = with_bytes_changed(members[name], chance)
    return workbooks.packed(members)


def with_a_number_changed(data: bytes, chance: random.Random) -> bytes:
    """A number in the XML made large, so that the parts disagree."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    name = chance.choice([name for name in members if name.endswith(".xml")])
    digits = [at for at, byte in enumerate(members[name]) if 48 <= byte <= 57]
    if digits:
        at = chance.choice(digits)
        large = str(chance.choice((0, 16384, 1048576, 2**31, 2**64))).encode()
        members[name] = members[name][:at] + large + members[name][at + 1 :]
    return workbooks.packed(members)


def survives(name: str, seed: int) -> None:
    chance = random.Random(f"{name}{seed}")
    ways = [with_bytes_changed]
    if name != "list.xls":
        ways += [with_a_part_changed, with_a_number_changed]
    data = chance.choice(ways)(stored(name), chance)
    began = time.monotonic()
    try:
        with reading.open_book(data, name=name) as book:
            for sheet in book.sheets:
                for _first, rows in book.rows(sheet.number):
                    assert all(len(row) == sheet.width for row in rows)
    except Unusable as refused:
        assert refused.message
    assert time.monotonic() - began < 60, f"{name} {seed} took too long"


@pytest.mark.parametrize("name", NAMES)
def test_a_few_changed_workbooks_are_read_or_refused(name):
    for seed in range(QUICK):
        survives(name, seed)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_many_changed_workbooks_are_read_or_refused(name):
    for seed in range(QUICK, QUICK + LONG):
        survives(name, seed)
