"""Bytes of one CSV to a table of text, with every line accounted for.

What cannot be wrong is mended without a word (byte order mark, UTF-16, semicolons, line ends,
order and case of the column names, spaces around values, blank lines). The rest is refused with a
sentence, or, for single lines of the wrong length, given back as lines.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

import polars as pl

from frankpledge.contracts.model import Contract, Field
from frankpledge.contracts.refusals import Unreadable

SEPARATORS = (",", ";", "\t", "|")
_LONGEST_FIELD = 1024 * 1024
_LONGEST_HEADER = 10_000
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
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"{\\rtf": "a Word file",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
}


@dataclass(frozen=True)
class Table:
    """Text columns named as in the contract, the row of each line, and lines of a wrong length.

    Rows are numbered as a spreadsheet shows them: the line of column names is row 1.
    """

    frame: pl.DataFrame
    rows: pl.Series
    ragged: tuple[tuple[int, int], ...]  # row, number of values found
    width: int = 0  # number of values a row of this file needs


def table(raw: bytes, contract: Contract, *, name: str) -> Table:
    """One CSV file as text. Raises Unreadable where the file as a whole cannot be taken."""
    body = _utf8(raw, name)
    end = body.find(b"\n") + 1 or len(body)
    if end > _LONGEST_HEADER:
        raise Unreadable(
            f"{name} does not begin with column names.", "Put them in row 1.", f"{name}, row 1"
        )
    separator, fields = _header(body[:end].decode().rstrip("\r\n"), contract, name)
    quoted = body.find(b'"', end) >= 0
    read = (_quoted if quoted else _plain)(body, end, separator, len(fields), name)
    frame = read.frame.rename({f"column_{i + 1}": each.name for i, each in enumerate(fields)})
    return _tidied(Table(frame, read.rows, read.ragged, len(fields)), contract, quoted=quoted)


def _utf8(raw: bytes, name: str) -> bytes:
    kind = next((what for magic, what in _MAGIC.items() if raw.startswith(magic)), "")
    if kind:
        raise Unreadable(
            f"{name} is {kind}, whatever its name says.",
            "Export the data as CSV and send that.",
            name,
        )
    try:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            raw = raw.decode("utf-16").encode()
        raw = raw.removeprefix(b"\xef\xbb\xbf")
        if not raw.isascii():
            raw.decode()
    except UnicodeDecodeError as problem:
        row = raw[: problem.start].count(b"\n") + 1
        raise Unreadable(
            f"{name} has characters in row {row:,} that are not written as UTF-8.",
            "In Excel choose Save as and pick CSV UTF-8.",
            f"{name}, row {row:,}",
        ) from None
    if b"\0" in raw:
        row = raw[: raw.index(b"\0")].count(b"\n") + 1
        raise Unreadable(
            f"{name} is not text: there are zero bytes in row {row:,}.",
            "Export the data as CSV again and send that.",
            f"{name}, row {row:,}",
        )
    if raw.isspace() or not raw:
        raise Unreadable(
            f"{name} is empty.", "Check that the export worked and send it again.", name
        )
    return raw.replace(b"\r", b"\n") if b"\r" in raw and b"\n" not in raw else raw


def plainly(header: str) -> str:
    return re.sub(r"[\s_\-]+", " ", header).strip().casefold()


def _known(contract: Contract) -> dict[str, Field]:
    """Fields by their plain name, that of the contract and that of the file."""
    known = {plainly(each.name): each for each in contract.fields}
    return known | {plainly(each.header): each for each in contract.fields}


def _header(line: str, contract: Contract, name: str) -> tuple[str, list[Field]]:
    """The separator and the fields in the order of the file."""
    known = _known(contract)
    splits = {each: _split(line, each) for each in SEPARATORS}
    separator = max(
        SEPARATORS, key=lambda each: sum(plainly(column) in known for column in splits[each])
    )
    columns = splits[separator]
    return separator, columns_of(columns, contract, name)


def _split(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def columns_of(columns: list[str], contract: Contract, name: str) -> list[Field]:
    """The field of each column. Raises Unreadable naming columns missing, unknown or doubled."""
    known = _known(contract)
    fields = [known.get(plainly(column)) for column in columns]
    found = [each for each in fields if each is not None]
    missing = [
        each.header for each in contract.fields if each not in found and not each.may_be_absent
    ]
    unexpected = [
        column.strip()[:40] or "(no name)"
        for column, field in zip(columns, fields, strict=True)
        if field is None
    ]
    twice = sorted({each.header for each in found if found.count(each) > 1})
    faults = [
        f"{what}: {', '.join(which[:15])}"
        for what, which in (
            ("missing", missing),
            ("not expected", unexpected),
            ("there twice", twice),
        )
        if which
    ]
    if faults:
        sentence = "; ".join(faults)
        raise Unreadable(
            f"{name} does not have the columns of the contract {contract.title}. "
            f"{sentence[:1].upper()}{sentence[1:]}.",
            f"Row 1 must hold these names: {', '.join(contract.headers)}.",
            f"{name}, row 1",
        )
    return found


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


def _plain(body: bytes, start: int, separator: str, width: int, name: str) -> Table:
    """No quotation marks: separators and line ends mean what they are, so counting is enough."""
    if start == len(body):
        return Table(_read(b"", separator, width), _numbers([]), ())
    try:
        frame = _read(body, separator, width, skip=1)
    except pl.exceptions.PolarsError:  # a line is too long, or the first too short
        return _line_by_line(body[start:], separator, width, name)
    if body.count(separator.encode(), start) == frame.height * (width - 1):  # none is too short
        return Table(frame, _numbers(range(2, frame.height + 2)), ())
    return _line_by_line(body[start:], separator, width, name)


def _line_by_line(body: bytes, separator: str, width: int, name: str) -> Table:
    lines = [each.rstrip(b"\r") for each in body.split(b"\n")]
    mark = separator.encode()
    good: list[bytes] = []
    rows: list[int] = []
    ragged: list[tuple[int, int]] = []
    for row, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        found = line.count(mark) + 1
        if found == width:
            good.append(line)
            rows.append(row)
        elif row == len(lines) + 1 and found < width:  # no line end after it: the file stops here
            raise _cut_off(name, row)
        else:
            ragged.append((row, found))
    return Table(_read(b"\n".join(good), separator, width), _numbers(rows), tuple(ragged))


def _quoted(body: bytes, start: int, separator: str, width: int, name: str) -> Table:
    """Quotation marks can hide separators and line ends, so every record is parsed."""
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(
        io.StringIO(body[start:].decode(), newline=""), delimiter=separator, strict=True
    )
    good: list[list[str]] = []
    rows: list[int] = []
    ragged: list[tuple[int, int]] = []
    row, last = 1, 0
    try:
        for row, record in enumerate(reader, start=2):
            last = len(record)
            if last == width:
                good.append(record)
                rows.append(row)
            elif record and any(each.strip() for each in record):
                ragged.append((row, last))
    except csv.Error as problem:
        if "unexpected end of data" in str(problem):
            raise _cut_off(name, row + 1) from None
        raise Unreadable(
            f"{name} has a quotation mark in row {row + 1:,} that does not belong there.",
            "Double each quotation mark inside a value, and close each one.",
            f"{name}, row {row + 1:,}",
        ) from None
    if ragged and ragged[-1][0] == row and last < width and not body.endswith((b"\n", b"\r")):
        raise _cut_off(name, row)
    schema = {f"column_{i + 1}": pl.String for i in range(width)}
    frame = pl.DataFrame(good, schema=schema, orient="row")
    return Table(frame, _numbers(rows), tuple(ragged))


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


def _has_spaces_around(frame: pl.DataFrame, contract: Contract) -> bool:
    """Identifiers are left out: they are the widest column, and their pattern catches a space."""
    text = pl.all().exclude(contract.role("identity")).str
    found = frame.select((text.starts_with(" ") | text.ends_with(" ")).any())
    return any(found.row(0))


def _tidied(read: Table, contract: Contract, *, quoted: bool) -> Table:
    """Spaces and empty values put right, absent columns added, rows of nothing left out."""
    frame, rows = read.frame, read.rows
    if quoted or _has_spaces_around(frame, contract):
        stripped = pl.all().str.strip_chars()
        frame = frame.select(pl.when(stripped != "").then(stripped).name.keep())
    absent = [each.name for each in contract.fields if each.name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(each) for each in absent)
    frame = frame.select([each.name for each in contract.fields])
    if frame[contract.dated_by].null_count():
        something = frame.select(~pl.all_horizontal(pl.all().is_null())).to_series()
        frame, rows = frame.filter(something), rows.filter(something)
    return Table(frame, rows, read.ragged, read.width)
