"""CSV and its kin to tables of text, piece by piece, so that no file has to fit in memory.

What cannot be wrong is mended (byte order mark, UTF-16, semicolons, line ends, order and case of
the column names, rows above them, blank lines). The rest is refused with a sentence, or, for single
lines of the wrong length, given back as lines.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from frankpledge.contracts.refusals import About, Unclear, Unreadable
from frankpledge.contracts.tables import plainly

SEPARATORS = (",", ";", "\t", "|")
_LONGEST_FIELD = 1024 * 1024
_LONGEST_HEADER = 10_000
_MOST_ABOVE = 50  # rows of titles before the column names
BLOCK = 16 * 1024 * 1024
_MAGIC = {
    b"MZ": "a Windows program",
    b"\x7fELF": "a program",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"PK\x03\x04": "a zip archive",
    b"{\\rtf": "a Word file",
    b"<!DOCTYPE": "a web page",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"<HTML": "a web page",
    b"<table": "a web page",
    b"<?xml": "an XML file",
}


Lines = tuple[tuple[int, list[str]], ...]


@dataclass(frozen=True)
class Block:
    """Some records of a file, columns as column_1 and so on, under the names of its columns."""

    headers: list[str]
    frame: pl.DataFrame
    rows: pl.Series
    ragged: tuple[tuple[int, int], ...]
    size: int
    quoted: bool
    header: Header
    broken: Lines = ()  # the ragged lines themselves


@dataclass(frozen=True)
class Header:
    """The line of column names: its row, its separator, and the rows that stand above it."""

    row: int
    separator: str
    names: list[str]
    above: tuple[str, ...] = ()
    utf16: bool = False


def blocks(
    pieces: Iterable[bytes],
    wanted: frozenset[str],
    name: str,
    *,
    header_row: int | None = None,
    size: int = BLOCK,
) -> Iterator[Block]:
    """The records of one file. `wanted` are the plain names of the columns that are looked for.

    Raises Unreadable where the file as a whole cannot be taken.
    """
    header: Header | None = None
    row = 1
    for body, whole in _whole_records(_utf8(pieces, name), name, size):
        skip = 0
        if header is None:
            header = _header(body, wanted, name, header_row)
            skip = header.row
        start = _after(body, skip)
        quoted = body.find(b'"', start) >= 0
        reading = _quoted if quoted else _plain
        read = reading(body, start, skip, header, row + skip, name, is_last=whole)
        yield Block(
            header.names, read.frame, read.rows, read.ragged, len(body), quoted, header, read.broken
        )
        row = read.next_row


@dataclass(frozen=True)
class _Read:
    frame: pl.DataFrame
    rows: pl.Series
    ragged: tuple[tuple[int, int], ...]
    next_row: int
    broken: Lines = ()


def _after(body: bytes, lines: int) -> int:
    at = 0
    for _ in range(lines):
        at = body.find(b"\n", at) + 1 or len(body)
    return at


def _utf8(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The text of the file as UTF-8 with line feeds; not yet proved to be UTF-8."""
    waiting = iter(pieces)
    first = b""
    while len(first) < 1024 and (piece := next(waiting, b"")):
        first += piece
    kind = next((what for magic, what in _MAGIC.items() if first.startswith(magic)), "")
    if kind:
        raise Unreadable(
            f"{name} is {kind}, whatever its name says.",
            "Export the data as CSV and send that.",
            name,
        )
    following: Iterator[bytes] = waiting
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        following = _from_utf16(_chained(first, waiting), name)
        first = next(following, b"")
    first = first.removeprefix(b"\xef\xbb\xbf")
    only_returns = b"\r" in first.removesuffix(b"\r") and b"\n" not in first
    for piece in _chained(first, following):
        yield piece.replace(b"\r", b"\n") if only_returns else piece


def _chained(first: bytes, following: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from following


def _from_utf16(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")()
    row = 1
    try:
        for piece in pieces:
            text = decoder.decode(piece)
            row += text.count("\n")
            yield text.encode()
        decoder.decode(b"", final=True)
    except UnicodeError:
        raise _not_utf8(name, row) from None


def _not_utf8(name: str, row: int) -> Unreadable:
    return Unreadable(
        f"{name} has characters in row {row:,} that are not written as UTF-8.",
        "In Excel choose Save as and pick CSV UTF-8.",
        f"{name}, row {row:,}",
    )


def _whole_records(pieces: Iterator[bytes], name: str, size: int) -> Iterator[tuple[bytes, bool]]:
    """Blocks that end where a record ends, and whether each is the last."""
    held: list[bytes] = []
    length, lines, found = 0, 1, False
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length < size:
            continue
        body = b"".join(held)
        cut = _record_end(body)
        if cut <= 0 and length > 4 * size:
            raise Unreadable(
                f"{name} has a quotation mark near row {lines:,} that is never closed.",
                "Double each quotation mark inside a value, and close each one.",
                f"{name}, row {lines:,}",
            )
        if cut > 0:
            held, length = [body[cut:]], len(body) - cut
            yield _proved(body[:cut], name, lines), False
            found = True
            lines += body.count(b"\n", 0, cut)
        else:
            held = [body]
    body = b"".join(held)
    if not found and (not body or body.isspace()):
        raise Unreadable(
            f"{name} is empty.", "Check that the export worked and send it again.", name
        )
    if body or not found:
        yield _proved(body, name, lines), True


def _record_end(body: bytes) -> int:
    """The end of the last line that no quotation mark keeps open."""
    cut = body.rfind(b"\n") + 1
    odd = body.count(b'"', 0, cut) % 2
    while odd and cut > 0:
        quote = body.rfind(b'"', 0, cut)
        before = body.rfind(b"\n", 0, quote) + 1
        odd = (odd + body.count(b'"', before, cut)) % 2
        cut = before
    return cut


def _proved(body: bytes, name: str, row: int) -> bytes:
    try:
        if not body.isascii():
            body.decode()
    except UnicodeDecodeError as problem:
        raise _not_utf8(name, row + body[: problem.start].count(b"\n")) from None
    if b"\0" in body:
        row += body[: body.index(b"\0")].count(b"\n")
        raise Unreadable(
            f"{name} is not text: there are zero bytes in row {row:,}.",
            "Export the data as CSV again and send that.",
            f"{name}, row {row:,}",
        )
    return body


def _header(body: bytes, wanted: frozenset[str], name: str, header_row: int | None) -> Header:
    """The line with the most of the names that are looked for; the first where none has two."""
    best: tuple[int, Header] | None = None
    above: list[str] = []
    at = 0
    for row in range(1, max(_MOST_ABOVE, header_row or 0) + 1):
        end = body.find(b"\n", at) + 1 or len(body)
        if at >= len(body):
            break
        if end - at > _LONGEST_HEADER:
            if best is None:
                raise Unreadable(
                    f"{name} does not begin with column names.", "Put them in row 1.",
                    f"{name}, row 1",
                )  # fmt: skip
            break
        line = body[at:end].decode().rstrip("\r\n")
        if header_row is None or row == header_row:
            score, separator, names = _names(line, wanted)
            if best is None or (score > best[0] and score > 1):
                best = (score, Header(row, separator, names, tuple(above)))
        if line.strip():
            above.append(line)
        at = end
    if best is None:
        raise Unclear(
            About.HEADER, f"{name} has no row {header_row:,}.",
            "Say which row holds the column names.", name,
        )  # fmt: skip
    return best[1]


def _names(line: str, wanted: frozenset[str]) -> tuple[int, str, list[str]]:
    splits = {each: _split(line, each) for each in SEPARATORS}
    scores = {
        each: len({plainly(column) for column in split} & wanted) for each, split in splits.items()
    }
    separator = max(SEPARATORS, key=lambda each: scores[each])
    if not scores[separator]:
        separator = max(SEPARATORS, key=lambda each: len(splits[each]))
    return scores[separator], separator, splits[separator]


def first_lines(raw: bytes, separator: str, most: int) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The first lines of a text with their rows, each split at the separator."""
    body = next(_utf8([raw], ""), b"")[:65_536].decode(errors="replace")
    lines = enumerate(body.splitlines()[:most], start=1)
    return tuple((row, tuple(_split(line, separator))) for row, line in lines)


def _split(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return [line]


def _read(body: bytes, separator: str, width: int, *, skip: int = 0) -> pl.DataFrame:
    schema = {f"column_{i + 1}": pl.String for i in range(width)}
    if not body:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(
        body,
        has_header=False,
        skip_lines=skip,
        schema=schema,
        separator=separator,
        quote_char=None,
    )


def _plain(
    body: bytes, start: int, skip: int, header: Header, row: int, name: str, *, is_last: bool
) -> _Read:
    """No quotation marks: separators and line ends mean what they are, so counting is enough."""
    separator, width = header.separator, len(header.names)
    if start >= len(body):
        return _Read(_read(b"", separator, width), _numbers([]), (), row)
    try:
        frame = _read(body, separator, width, skip=skip)
    except pl.exceptions.PolarsError:  # a line is too long, or the first too short
        return _line_by_line(body[start:], header, row, name, is_last=is_last)
    if body.count(separator.encode(), start) == frame.height * (width - 1) and width > 1:
        following = row + frame.height  # none is too short
        return _Read(frame, _numbers(range(row, following)), (), following)
    return _line_by_line(body[start:], header, row, name, is_last=is_last)


def _line_by_line(body: bytes, header: Header, first: int, name: str, *, is_last: bool) -> _Read:
    lines = [each.rstrip(b"\r") for each in body.split(b"\n")]
    mark, width = header.separator.encode(), len(header.names)
    good: list[bytes] = []
    rows: list[int] = []
    ragged: list[tuple[int, int]] = []
    broken: list[tuple[int, list[str]]] = []
    for row, line in enumerate(lines, start=first):
        if not line.strip():
            continue
        found = line.count(mark) + 1
        if found == width:
            good.append(line)
            rows.append(row)
        elif is_last and row == first + len(lines) - 1 and found < width:
            raise _cut_off(name, row)  # no line end after it: the file stops here
        else:
            ragged.append((row, found))
            broken.append((row, _split(line.decode(), header.separator)))
    frame = _read(b"\n".join(good), header.separator, width)
    return _Read(frame, _numbers(rows), tuple(ragged), first + len(lines) - 1, tuple(broken))


def _quoted(
    body: bytes, start: int, skip: int, header: Header, row: int, name: str, *, is_last: bool
) -> _Read:
    """Quotation marks can hide separators and line ends, so every record is parsed."""
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(
        io.StringIO(body[start:].decode(), newline=""), delimiter=header.separator, strict=True
    )
    width, first = len(header.names), row
    good: list[list[str]] = []
    rows: list[int] = []
    ragged: list[tuple[int, int]] = []
    broken: list[tuple[int, list[str]]] = []
    row, last = first - 1, 0
    try:
        for row, record in enumerate(reader, start=first):
            last = len(record)
            if last == width:
                good.append(record)
                rows.append(row)
            elif record and any(each.strip() for each in record):
                ragged.append((row, last))
                broken.append((row, record))
    except csv.Error as problem:
        if "unexpected end of data" in str(problem):
            raise _cut_off(name, row + 1) from None
        if "field limit" in str(problem) or "field larger" in str(problem):
            raise Unreadable(
                f"{name} has a value of more than a million characters in row {row + 1:,}.",
                "Close each quotation mark, and export the file again.",
                f"{name}, row {row + 1:,}",
            ) from None
        raise Unreadable(
            f"{name} has a quotation mark in row {row + 1:,} that does not belong there.",
            "Double each quotation mark inside a value, and close each one.",
            f"{name}, row {row + 1:,}",
        ) from None
    ends = body.endswith((b"\n", b"\r"))
    if is_last and ragged and ragged[-1][0] == row and last < width and not ends:
        raise _cut_off(name, row)
    schema = {f"column_{i + 1}": pl.String for i in range(width)}
    frame = pl.DataFrame(good, schema=schema, orient="row")
    return _Read(frame, _numbers(rows), tuple(ragged), row + 1, tuple(broken))


def _cut_off(name: str, row: int) -> Unreadable:
    return Unreadable(
        f"{name} stops in the middle of row {row:,}, so the rest of it is missing.",
        "Export it again, or copy it again, and send the whole file.",
        f"{name}, row {row:,}",
    )


def _numbers(rows: range | list[int]) -> pl.Series:
    if isinstance(rows, range):
        return pl.int_range(rows.start, rows.stop, dtype=pl.UInt32, eager=True).alias("row")
    return pl.Series("row", rows, dtype=pl.UInt32)
