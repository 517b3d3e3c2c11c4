"""The rows of two versions side by side: what came, what went, what changed. Pure files.

Rows are told apart by digests of 64 bits, so that two million rows fit in little memory; the rows
themselves are read again only where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

CHANGED, ADDED, GONE, SAME = "changed", "added", "gone", "same"
KINDS = (CHANGED, ADDED, GONE)
_ORDER = {kind: number for number, kind in enumerate(KINDS)}
_AT_ONCE = 10_000  # rows in memory while a file is made


@dataclass(frozen=True)
class Version:
    """The files of one version, one a month."""

    months: tuple[str, ...]
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Difference:
    """`lines` has a line for each row that is not the same: kind, and its number in each version;
    `counts` has the number of rows by month and kind."""

    before: Version
    after: Version
    columns: tuple[str, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    lines: pl.DataFrame
    counts: pl.DataFrame

    def total(self, kind: str) -> int:
        return int(self.counts.filter(pl.col("kind") == kind)["rows"].sum())


def compared(before: Version, after: Version, *, key: Sequence[str] = ()) -> Difference:
    """Compare two versions on the columns both have.

    Rows that are the same are set off against each other first. Of the others, two with the same
    key are one row that changed, where no other row has it; a row without a whole key is none.
    """
    old, new = _schema(before), _schema(after)
    columns = tuple(each for each in new if each in old)
    as_text = [each for each in columns if old[each] != new[each]]
    key = tuple(key) if key and set(key) <= set(columns) else ()
    first = _digests(before, columns, as_text, key)
    second = _digests(after, columns, as_text, key)
    # The same row twice on one side is two rows.
    first, second = _numbered(first), _numbered(second)
    same = ["whole", "nth"]
    gone = first.join(second, on=same, how="anti", maintain_order="left")
    came = second.join(first, on=same, how="anti", maintain_order="left")
    kept = second.join(first, on=same, how="semi").select("month", pl.lit(SAME).alias("kind"))
    del first, second
    pairs = _once(came).join(_once(gone), on="key", how="inner", suffix="_before")
    lines = pl.concat(
        [
            pairs.select(
                pl.lit(CHANGED).alias("kind"),
                pl.col("row_before").alias("before"),
                pl.col("row").alias("after"),
                "month",
            ),
            _alone(came, pairs["row"], ADDED),
            _alone(gone, pairs["row_before"], GONE),
        ]
    )
    order = pl.col("kind").replace_strict(_ORDER, return_dtype=pl.UInt8)
    lines = lines.sort(order, "after", "before", maintain_order=True)
    counts = (
        pl.concat([lines.select("month", "kind"), kept])
        .group_by("month", "kind")
        .agg(pl.len().cast(pl.Int64).alias("rows"))
        .sort("month", "kind")
    )
    return Difference(
        before=before,
        after=after,
        columns=columns,
        only_before=tuple(each for each in old if each not in new),
        only_after=tuple(each for each in new if each not in old),
        lines=lines.with_columns(pl.col("kind").cast(pl.Categorical)),
        counts=counts,
    )


def _schema(version: Version) -> dict[str, pl.DataType]:
    return dict(pl.read_parquet_schema(version.paths[0])) if version.paths else {}


def _digests(
    version: Version, columns: Sequence[str], as_text: Sequence[str], key: Sequence[str]
) -> pl.DataFrame:
    """Of each row its number, its month and the digests of all of it and of its key."""
    found, rows = [], 0
    for month, path in zip(version.months, version.paths, strict=True):
        frame = pl.read_parquet(path, columns=list(columns))
        frame = frame.with_columns(pl.col(each).cast(pl.String) for each in as_text)
        whole = frame.hash_rows().alias("whole")
        keys = frame.select(key).hash_rows() if key else whole
        partly = pl.any_horizontal(pl.col(each).is_null() for each in key) if key else pl.lit(True)
        found.append(
            frame.select(
                pl.int_range(rows, rows + frame.height, dtype=pl.UInt32).alias("row"),
                whole,
                pl.when(~partly).then(pl.lit(keys)).alias("key"),
                pl.lit(month).cast(pl.Categorical).alias("month"),
            )
        )
        rows += frame.height
        del frame
    empty = {"row": pl.UInt32, "whole": pl.UInt64, "key": pl.UInt64, "month": pl.Categorical}
    return pl.concat([pl.DataFrame(schema=empty), *found])


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    repeated = frame["whole"].is_duplicated()
    if not repeated.any():
        return frame.with_columns(pl.lit(0, dtype=pl.UInt32).alias("nth"))
    nth = pl.int_range(pl.len(), dtype=pl.UInt32).over("whole")
    return pl.concat(
        [
            frame.filter(~repeated).with_columns(pl.lit(0, dtype=pl.UInt32).alias("nth")),
            frame.filter(repeated).with_columns(nth.alias("nth")),
        ]
    ).sort("row")


def _once(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows whose key no other row has."""
    keyed = frame.filter(pl.col("key").is_not_null())
    return keyed.filter(keyed["key"].is_unique())


def _alone(frame: pl.DataFrame, paired: pl.Series, kind: str) -> pl.DataFrame:
    row, none = pl.col("row"), pl.lit(None, dtype=pl.UInt32)
    return frame.filter(~row.is_in(paired.implode())).select(
        pl.lit(kind).alias("kind"),
        (row if kind == GONE else none).alias("before"),
        (none if kind == GONE else row).alias("after"),
        "month",
    )


@dataclass(frozen=True)
class Line:
    """One row that is not the same: its values before and after, by column."""

    kind: str
    month: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def changed(self) -> tuple[str, ...]:
        if self.before is None or self.after is None:
            return ()
        return tuple(each for each in self.after if self.before.get(each) != self.after[each])


class DifferenceLines(Sequence[Line]):
    """The lines of a difference, read from the files only as far as they are shown."""

    def __init__(self, difference: Difference, *, kind: str = "") -> None:
        self._difference = difference
        lines = difference.lines
        self._lines = lines.filter(pl.col("kind") == kind) if kind else lines

    def __len__(self) -> int:
        return self._lines.height

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            start, stop, _step = at.indices(len(self))
            return self._read(self._lines.slice(start, max(0, stop - start)))
        return self._read(self._lines.slice(at, 1))[0]

    def __iter__(self) -> Iterator[Line]:
        for piece in self._lines.iter_slices(_AT_ONCE):
            yield from self._read(piece)

    def _read(self, lines: pl.DataFrame) -> list[Line]:
        difference = self._difference
        before = _rows(difference.before, lines["before"], difference.columns)
        after = _rows(difference.after, lines["after"], difference.columns)
        return [
            Line(kind, month, before.get(old), after.get(new))
            for kind, month, old, new in lines.select(
                "kind", "month", "before", "after"
            ).iter_rows()
        ]


def _rows(version: Version, wanted: pl.Series, columns: Sequence[str]) -> dict[Any, dict[str, Any]]:
    """The rows of these numbers; only files that hold some of them are read."""
    numbers = wanted.drop_nulls().sort()
    found: dict[Any, dict[str, Any]] = {}
    start = 0
    for path in version.paths:
        if len(found) == numbers.len():
            break
        end = start + _height(path)
        here = numbers.filter((numbers >= start) & (numbers < end))
        if here.len():
            places = here - start
            frame = pl.read_parquet(path, columns=list(columns))[places.to_list()]
            found |= dict(zip(here.to_list(), frame.iter_rows(named=True), strict=True))
        start = end
    return found


def _height(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())
