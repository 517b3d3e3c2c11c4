"""The container of Excel's older files: a small file system of streams inside one file."""

from __future__ import annotations

import struct

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # marks from here up are no sectors
_FREE = 0xFFFFFFFF
_ENTRY = 128


class Broken(Exception):
    """The container does not hang together."""


class Compound:
    """The streams by their path in lower case. Raises Broken where sectors do not add up."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) < 512 or not raw.startswith(SIGNATURE):
            raise Broken
        self._raw = raw
        shift, small = struct.unpack_from("<HH", raw, 30)
        if shift not in (9, 12) or small != 6:
            raise Broken
        self._size = 1 << shift
        (first_directory,) = struct.unpack_from("<I", raw, 48)
        self._cutoff, first_small = struct.unpack_from("<II", raw, 56)
        self._table = self._sectors_table()
        entries = self._chain(first_directory)
        self.streams: dict[str, tuple[int, int]] = {}
        self.names: set[str] = set()
        self._small = b""
        self._small_table: tuple[int, ...] = ()
        for at in range(0, len(entries) - _ENTRY + 1, _ENTRY):
            self._entry(entries[at : at + _ENTRY])
        if first_small < _END:
            held = self._chain(first_small)
            self._small_table = struct.unpack(f"<{len(held) // 4}I", held)

    def _entry(self, entry: bytes) -> None:
        length, kind = struct.unpack_from("<HB", entry, 64)
        if kind not in (1, 2, 5) or not 2 <= length <= 64:
            return
        name = entry[: length - 2].decode("utf-16-le", errors="replace").casefold()
        first, size = struct.unpack_from("<II", entry, 116)
        self.names.add(name)
        if kind == 5:
            self._small = self._chain(first)[:size] if first < _END else b""
        elif kind == 2:
            self.streams.setdefault(name, (first, size))

    def _sectors_table(self) -> tuple[int, ...]:
        raw, size = self._raw, self._size
        sectors = [each for each in struct.unpack_from("<109I", raw, 76) if each < _END]
        following, _ = struct.unpack_from("<II", raw, 68)
        seen: set[int] = set()
        while following < _END:
            if following in seen:
                raise Broken
            seen.add(following)
            held = struct.unpack(f"<{size // 4}I", self._sector(following))
            sectors += [each for each in held[:-1] if each < _END]
            following = held[-1]
        if len(sectors) > len(raw) // size + 1:
            raise Broken
        table = b"".join(self._sector(each) for each in sectors)
        found = struct.unpack(f"<{len(table) // 4}I", table)
        used = max((n for n, each in enumerate(found) if each != _FREE), default=0)
        if (used + 1) * size >= len(raw):
            raise Broken  # only part of it is here
        return found

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        held = self._raw[at : at + self._size]
        if not held:
            raise Broken
        return held.ljust(self._size, b"\0")

    def _chain(self, first: int) -> bytes:
        pieces, seen = [], set[int]()
        while first < _END:
            if first in seen or first >= len(self._table):
                raise Broken
            seen.add(first)
            pieces.append(self._sector(first))
            first = self._table[first]
        return b"".join(pieces)

    def stream(self, name: str) -> bytes:
        """The whole of a stream."""
        first, size = self.streams[name]
        if size >= self._cutoff:
            found = self._chain(first)
        else:
            pieces, seen = [], set[int]()
            while first < _END:
                if first in seen or first >= len(self._small_table):
                    raise Broken
                seen.add(first)
                pieces.append(self._small[first * 64 : first * 64 + 64])
                first = self._small_table[first]
            found = b"".join(pieces)
        if len(found) < size:
            raise Broken
        return found[:size]
