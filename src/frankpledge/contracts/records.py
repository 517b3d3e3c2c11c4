"""Files of records that say their own types, JSON and Parquet, as columns of text."""

from __future__ import annotations

import io
import json
from typing import Any

import polars as pl

from frankpledge.contracts.refusals import Unreadable
from frankpledge.contracts.shaping import Sent
from frankpledge.contracts.workbooks import as_text

_MOST_COLUMNS = 1000
_MOST_VALUES = 50_000_000


def from_json(raw: bytes, name: str) -> Sent:
    """A list of records, one record a line, or an object of columns; numbers as written."""
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise _damaged_json(name) from None
    try:
        held = _loaded(text)
    except (ValueError, RecursionError):
        held = _lines(text, name)
    if isinstance(held, dict):
        lists = [each for each in held.values() if isinstance(each, list)]
        if len(lists) == 1 and all(isinstance(each, dict) for each in lists[0]):
            held = lists[0]  # the records under a name, with what is said about them beside
        else:
            return _of_columns(held, name)
    if not isinstance(held, list) or not held:
        raise _no_table(name)
    return _of_records(held, name)


def _loaded(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _lines(text: str, name: str) -> list[Any]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                found.append(_loaded(line))
            except (ValueError, RecursionError):
                raise _damaged_json(name, number if found else 0) from None
    return found


def _of_records(records: list[Any], name: str) -> Sent:
    headers: dict[str, None] = {}
    for number, each in enumerate(records, start=1):
        if not isinstance(each, dict):
            raise _no_table(name, f" Record {number:,} is not an object.")
        headers.update(dict.fromkeys(each))
        if len(headers) > _MOST_COLUMNS:
            raise _no_table(name)
    if len(headers) * len(records) > _MOST_VALUES:
        raise _too_large(name)
    columns = {
        header: [_plain(each.get(header), name, number) for number, each in enumerate(records, 1)]
        for header in headers
    }
    return _sent(columns, len(records))


def _of_columns(held: dict[str, Any], name: str) -> Sent:
    columns = {header: values for header, values in held.items() if isinstance(values, list)}
    lengths = {len(values) for values in columns.values()}
    if len(columns) != len(held) or len(lengths) != 1 or len(columns) > _MOST_COLUMNS:
        raise _no_table(name)
    return _sent(
        {
            header: [_plain(value, name, number) for number, value in enumerate(values, 1)]
            for header, values in columns.items()
        },
        lengths.pop(),
    )


def _sent(columns: dict[str, list[str | None]], height: int) -> Sent:
    names = [f"column_{n + 1}" for n in range(len(columns))]
    frame = pl.DataFrame(
        dict(zip(names, columns.values(), strict=True)), schema=dict.fromkeys(names, pl.String)
    )
    return Sent(list(columns), frame, _numbers(height))


def _numbers(height: int) -> pl.Series:
    """Records are numbered as the rows of a spreadsheet under one line of names."""
    return pl.int_range(2, height + 2, dtype=pl.UInt32, eager=True).alias("row")


def _plain(value: Any, name: str, number: int) -> str | None:
    if value is None or isinstance(value, str):
        return value.encode(errors="replace").decode() if value else None
    if isinstance(value, bool):
        return str(value)
    raise _no_table(name, f" Record {number:,} holds a list or an object inside a value.")


def _no_table(name: str, why: str = "") -> Unreadable:
    return Unreadable(
        f"{name} is not a table.{why}",
        "Send a list of records with the names of the columns, or CSV UTF-8.",
        name,
    )


def _damaged_json(name: str, line: int = 0) -> Unreadable:
    where = f" in line {line:,}" if line else ""
    return Unreadable(
        f"{name} is not whole or not written as JSON{where}.",
        "Export it again and send the whole file.",
        name,
    )


def _too_large(name: str) -> Unreadable:
    return Unreadable(
        f"{name} holds too many values to read at once.", "Send it as CSV, or in parts.", name
    )


def from_parquet(raw: bytes, name: str) -> Sent:
    """A table of Parquet, each value as the text a person would write."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        about = pq.read_metadata(io.BytesIO(raw))
        if about.num_columns > _MOST_COLUMNS:
            raise _no_table(name)
        if about.num_rows * max(about.num_columns, 1) > _MOST_VALUES:
            raise _too_large(name)
        held = pq.read_table(io.BytesIO(raw), use_threads=False)
        held.validate(full=True)  # text that is no UTF-8 would not be noticed until much later
        frame = pl.from_arrow(held)
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError, OverflowError,
            pl.exceptions.PolarsError):  # fmt: skip
        raise Unreadable(
            f"{name} is a damaged Parquet file, or only part of it arrived.",
            "Export it again and send the whole file.",
            name,
        ) from None
    if not isinstance(frame, pl.DataFrame):
        raise _no_table(name)
    columns = [
        _as_text(frame[each], name).alias(f"column_{n + 1}") for n, each in enumerate(frame.columns)
    ]
    return Sent(frame.columns, pl.DataFrame(columns), _numbers(frame.height))


def _as_text(values: pl.Series, name: str) -> pl.Series:
    kind = values.dtype
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        raise _no_table(name, f" The column {values.name[:40]} does not hold plain values.")
    if kind == pl.Boolean:
        return values.map_elements(str, return_dtype=pl.String)
    if kind.is_float():
        found = values.map_elements(_number, return_dtype=pl.String)
        return found.cast(pl.String)
    if isinstance(kind, pl.Datetime):
        return values.dt.strftime("%Y-%m-%dT%H:%M:%S")
    if kind == pl.Time:
        return values.dt.strftime("%H:%M:%S")
    return values.cast(pl.String)


def _number(value: float) -> str:
    return as_text(value) if value - value == 0 else str(value)
