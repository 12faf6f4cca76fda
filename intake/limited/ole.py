"""The compound file that .xls, .et and .doc are: a small file system with named streams."""

import struct

from intake.limited.marks import CannotTell

SECTORS_LISTED_AHEAD = 109
END_OF_CHAIN = 0xFFFFFFFA  # this and all above are no sector
STREAM, ROOT = 2, 5


class Compound:
    def __init__(self, data: bytes):
        self.data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if not (7 <= shift <= 16 and 4 <= mini_shift <= shift):
            raise CannotTell("sectors of an impossible size")
        self.size, self.mini_size = 1 << shift, 1 << mini_shift
        directory, self.cutoff, mini_table = struct.unpack_from("<I4xII", data, 48)
        extra = struct.unpack_from("<I", data, 68)[0]
        self.table = self._numbers(self._table_sectors(extra))
        self.mini_table = self._numbers(self._chain(mini_table))
        self.entries = dict(self._entries(self._read(self._chain(directory))))

    def stream(self, name: str) -> bytes:
        first, size = self.entries[name]
        if size >= self.cutoff:
            return self._read(self._chain(first))[:size]
        small = self._read(self._chain(self.entries[""][0]))
        step = self.mini_size
        sectors = self._follow(self.mini_table, first)
        return b"".join(small[number * step : (number + 1) * step] for number in sectors)[:size]

    def _table_sectors(self, extra: int) -> list[int]:
        """Where the table of chains lies: the first parts in the header, the rest in a list."""
        sectors = list(struct.unpack_from(f"<{SECTORS_LISTED_AHEAD}I", self.data, 76))
        seen = set()
        while extra < END_OF_CHAIN and extra not in seen:
            seen.add(extra)
            *more, extra = self._numbers([extra])
            sectors += more
        return [sector for sector in sectors if sector < END_OF_CHAIN]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        if start >= len(self.data):
            raise CannotTell("a sector beyond the end")
        return self.data[start : start + self.size]

    def _read(self, sectors: list[int]) -> bytes:
        return b"".join(map(self._sector, sectors))

    def _numbers(self, sectors: list[int]) -> tuple[int, ...]:
        table = self._read(sectors)
        return struct.unpack_from(f"<{len(table) // 4}I", table)

    def _chain(self, first: int) -> list[int]:
        return self._follow(self.table, first)

    def _follow(self, table: tuple[int, ...], first: int) -> list[int]:
        chain = []
        while first < len(table):
            chain.append(first)
            if len(chain) > len(table):
                raise CannotTell("a chain that bites its tail")
            first = table[first]
        return chain

    def _entries(self, directory: bytes):
        """(name, (first sector, size)); the root, which holds the small streams, has no name."""
        for start in range(0, len(directory) - 127, 128):
            length, kind = struct.unpack_from("<HB", directory, start + 64)
            first, size = struct.unpack_from("<II", directory, start + 116)
            if kind == ROOT:
                yield "", (first, size)
            elif kind == STREAM:
                raw = directory[start : start + max(min(length, 64) - 2, 0)]
                yield raw.decode("utf-16-le", "replace"), (first, size)
