"""Workbooks of Excel 97 to 2003 (BIFF8): records in a stream, one after another."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from frankpledge.contracts.refusals import Unreadable
from frankpledge.contracts.workbooks.cells import (
    PLAIN,
    Filling,
    Format,
    Sheet,
    Value,
    Wrong,
    damaged,
    has_macros,
    locked,
    number,
    number_format,
)
from frankpledge.contracts.workbooks.compound import Broken, Compound

_BOF, _EOF, _CONTINUE = 0x0809, 0x000A, 0x003C
_SHEET, _FILEPASS, _DATEMODE, _TEXTS = 0x0085, 0x002F, 0x0022, 0x00FC
_FORMAT, _STYLE = 0x041E, 0x00E0
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!",
    0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


class _Kind:
    """The records of a sheet that say something of its cells."""

    NUMBER, RK, MANY_RK = 0x0203, 0x027E, 0x00BD
    SHARED_TEXT, OWN_TEXT, TRUTH = 0x00FD, 0x0204, 0x0205
    FORMULA, RESULT = 0x0006, 0x0207
    ROW, COLUMNS, MERGED = 0x0208, 0x007D, 0x00E5


Record = tuple[int, bytes]


def sheets(raw: bytes, name: str, *, most: int) -> tuple[Sheet, ...]:
    """The sheets of a workbook. Raises Unreadable where it is damaged, locked or too large."""
    try:
        container = Compound(raw)
        if refusal := _refused(container, name):
            raise refusal
        return _Book(container.stream("workbook"), name, most).sheets()
    except (Broken, struct.error, ValueError, KeyError, IndexError, OverflowError):
        raise damaged(name) from None


def _refused(container: Compound, name: str) -> Unreadable | None:
    if "encryptedpackage" in container.names:
        return locked(name)
    if "_vba_project_cur" in container.names:
        return has_macros(name)
    if "workbook" in container.streams:
        return None
    if "book" in container.streams:
        what, remedy = "a workbook of Excel 95 or before", "Save it as an Excel workbook (.xlsx)."
    elif "worddocument" in container.names:
        what, remedy = "a Word file", "Send the data as a workbook or as CSV."
    else:
        what, remedy = "no workbook", "Send the data as a workbook or as CSV."
    return Unreadable(f"{name} is {what}, whatever its name says.", remedy, name)


class _Book:
    def __init__(self, stream: bytes, name: str, most: int) -> None:
        self._stream, self.name = stream, name
        self._filling = Filling(name, most)
        self._from_1904 = False
        self._codes: dict[int, str] = {}
        self._formats: list[Format] = []
        self._texts: list[str] = []

    def sheets(self) -> tuple[Sheet, ...]:
        for title, hidden, at in self._globals():
            self._filling.start(Sheet(title, hidden, from_1904=self._from_1904))
            self._sheet(at)
        return self._filling.finish()

    def _records(self, at: int) -> Iterator[Record]:
        """From one BOF to its EOF, what lies nested between them left out."""
        depth = 0
        stream = self._stream
        while at + 4 <= len(stream):
            kind, length = struct.unpack_from("<HH", stream, at)
            body = stream[at + 4 : at + 4 + length]
            if len(body) < length:
                raise Broken
            at += 4 + length
            if kind == _BOF:
                depth += 1
                if depth == 1 and struct.unpack_from("<H", body)[0] != 0x0600:
                    raise Broken
            elif kind == _EOF:
                depth -= 1
                if depth <= 0:
                    return
            elif depth == 1:
                yield kind, body
            elif not depth:
                raise Broken
        raise Broken

    def _globals(self) -> list[tuple[str, bool, int]]:
        found: list[tuple[str, bool, int]] = []
        texts: list[bytes] = []
        last = 0
        for kind, body in self._records(0):
            if kind == _FILEPASS:
                raise locked(self.name)
            if kind == _SHEET:
                at, hidden, what = struct.unpack_from("<IBB", body)
                title, _ = _text(body, 6, short=True)
                if what == 0:
                    found.append((title, bool(hidden & 3), at))
            elif kind == _DATEMODE:
                self._from_1904 = body[:1] == b"\1"
            elif kind == _FORMAT:
                self._codes[struct.unpack_from("<H", body)[0]], _ = _text(body, 2)
            elif kind == _STYLE:
                which = struct.unpack_from("<H", body, 2)[0]
                self._formats.append(number_format(which, self._codes.get(which)))
            elif kind == _TEXTS or (kind == _CONTINUE and last == _TEXTS):
                texts.append(body)
                kind = _TEXTS
            last = kind
        if texts:
            self._texts = list(_shared(texts))
        return found

    def _sheet(self, at: int) -> None:
        sheet, awaited = self._filling.sheets[-1], (0, 0)
        for kind, body in self._records(at):
            match kind:
                case (
                    _Kind.NUMBER
                    | _Kind.RK
                    | _Kind.SHARED_TEXT
                    | _Kind.OWN_TEXT
                    | _Kind.TRUTH
                    | _Kind.FORMULA
                ):
                    row, column, style = struct.unpack_from("<HHH", body)
                    if kind == _Kind.FORMULA and body[6] == 0 and body[12:14] == b"\xff\xff":
                        awaited = (row + 1, column + 1)  # the text follows in a record of its own
                    else:
                        self._put(row, column, self._value(kind, body, style))
                case _Kind.MANY_RK:
                    row, column = struct.unpack_from("<HH", body)
                    for each in range((len(body) - 6) // 6):
                        style, packed = struct.unpack_from("<HI", body, 4 + each * 6)
                        self._put(row, column + each, self._number(_unpacked(packed), style))
                case _Kind.RESULT if awaited != (0, 0):
                    self._filling.put(*awaited, _text(body, 0)[0])
                    awaited = (0, 0)
                case _Kind.ROW:
                    row, options = struct.unpack_from("<H10xH", body)
                    if options & 0x20:
                        sheet.hidden_rows.add(row + 1)
                case _Kind.COLUMNS:
                    first, last, options = struct.unpack_from("<HH4xH", body)
                    if options & 1:
                        sheet.hidden_columns.append((first + 1, last + 1))
                case _Kind.MERGED:
                    for each in range(struct.unpack_from("<H", body)[0]):
                        top, bottom, left, right = struct.unpack_from("<4H", body, 2 + each * 8)
                        self._filling.merge(top + 1, left + 1, bottom + 1, right + 1)

    def _put(self, row: int, column: int, value: Value) -> None:
        self._filling.put(row + 1, column + 1, value)

    def _value(self, kind: int, body: bytes, style: int) -> Value:
        match kind:
            case _Kind.NUMBER:
                return self._number(struct.unpack_from("<d", body, 6)[0], style)
            case _Kind.RK:
                return self._number(_unpacked(struct.unpack_from("<I", body, 6)[0]), style)
            case _Kind.SHARED_TEXT:
                return self._texts[int(struct.unpack_from("<I", body, 6)[0])]
            case _Kind.OWN_TEXT:
                return _text(body, 6)[0]
            case _Kind.TRUTH:
                return _truth(body[6], wrong=bool(body[7]))
        if body[12:14] != b"\xff\xff":
            return self._number(struct.unpack_from("<d", body, 6)[0], style)
        if body[6] in (1, 2):
            return _truth(body[8], wrong=body[6] == 2)
        return None  # a formula that gives an empty text

    def _number(self, value: float, style: int) -> Value:
        if value != value or value in (float("inf"), float("-inf")):
            return Wrong("#NUM!")
        format = self._formats[style] if style < len(self._formats) else PLAIN
        return number(value, format, from_1904=self._from_1904)


def _truth(value: int, *, wrong: bool) -> Value:
    return Wrong(_ERRORS.get(value, "#ERROR!")) if wrong else bool(value)


def _unpacked(packed: int) -> float:
    """A number in four bytes: a whole one, or the front half of a float; perhaps a hundredfold."""
    if packed & 2:
        value = float(struct.unpack("<i", struct.pack("<I", packed))[0] >> 2)
    else:
        value = struct.unpack("<d", struct.pack("<II", 0, packed & 0xFFFFFFFC))[0]
    return value / 100 if packed & 1 else value


def _text(body: bytes, at: int, *, short: bool = False) -> tuple[str, int]:
    """A text in one record, and where it ends."""
    count = body[at] if short else struct.unpack_from("<H", body, at)[0]
    at += 1 if short else 2
    wide = body[at] & 1
    at += 1
    end = at + count * (2 if wide else 1)
    if end > len(body):
        raise Broken
    return body[at:end].decode("utf-16-le" if wide else "latin-1", errors="replace"), end


def _shared(pieces: list[bytes]) -> Iterator[str]:
    """The shared texts. One may run over into the next record, where its width is told anew."""
    count = struct.unpack_from("<I", pieces[0], 4)[0]
    piece, at = 0, 8
    body = pieces[0]

    def more() -> None:
        nonlocal piece, at, body
        piece, at = piece + 1, 0
        if piece >= len(pieces):
            raise Broken
        body = pieces[piece]

    def skip(length: int) -> None:
        nonlocal at
        while length > len(body) - at:
            length -= len(body) - at
            more()
        at += length

    for _ in range(count):
        if at >= len(body):
            if piece + 1 >= len(pieces):
                return
            more()
        left, flags = struct.unpack_from("<HB", body, at)
        at += 3
        runs = struct.unpack_from("<H", body, at)[0] if flags & 8 else 0
        at += 2 if flags & 8 else 0
        extra = struct.unpack_from("<I", body, at)[0] if flags & 4 else 0
        at += 4 if flags & 4 else 0
        text = ""
        wide = flags & 1
        while left:
            if at >= len(body):
                more()
                wide = body[at] & 1
                at += 1
            size = 2 if wide else 1
            taken = min(left, (len(body) - at) // size)
            if not taken:
                raise Broken
            found = body[at : at + taken * size]
            text += found.decode("utf-16-le" if wide else "latin-1", errors="replace")
            at += taken * size
            left -= taken
        skip(runs * 4 + extra)
        yield text
