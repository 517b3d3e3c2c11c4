"""Counts by several whole-number keys at once, straight from Parquet: the quick way to a cube.

Where keys are small numbers (month 0-35, area 0-899, category 0-14), every combination has a place
in one array, and counting is one addition a row. Where they are not, `cubes.monthly_cube` asks the
engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Engine = Literal["auto", "numba", "numpy"]
THREADS = 2
MOST_PLACES = 50_000_000


@dataclass(frozen=True)
class DenseCounts:
    """Counts with one axis a key, zeros included; `left_out` rows had a key outside its range."""

    keys: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    left_out: int


def dense_counts(
    paths: Sequence[str | Path],
    *,
    keys: Mapping[str, int],
    engine: Engine = "auto",
    threads: int = THREADS,
) -> DenseCounts:
    """How many rows of the Parquet files have each combination of keys.

    `keys` names whole-number columns and how many values each has, 0 upwards, in the order of the
    answer's axes. A row with a key that is missing, negative or too large is counted in `left_out`.
    No files, or files without rows, give zeros. The engines answer alike; numba is the extra.

    Raises ValueError without keys, for a number of values below 1, for more than 50 million
    combinations, and for a column that is not there or holds no whole numbers; FileNotFoundError
    for a file that is not there.
    """
    import pyarrow.parquet as pq

    sizes, threads = _sizes(keys), max(threads, 1)
    count = _counter(engine)
    pieces: list[tuple[str, int]] = []
    for path in map(str, paths):
        if not Path(path).is_file():
            raise FileNotFoundError(f"There is no file {path}")
        with pq.ParquetFile(path) as file:
            _check_columns(path, file.schema_arrow, keys)
            pieces += product([path], range(file.num_row_groups))
    shares = [pieces[i::threads] for i in range(min(threads, len(pieces)))]

    def counted(share: list[tuple[str, int]]) -> Array:
        # The last place is for the rows that are left out.
        counts = np.zeros(int(np.prod(sizes)) + 1, np.int64)
        for path, group in share:
            with pq.ParquetFile(path) as file:
                table = file.read_row_group(group, columns=list(keys), use_threads=False)
            for batch in table.to_batches():
                count(tuple(map(_numbers, batch.select(list(keys)).columns)), sizes, counts)
        return counts

    with ThreadPoolExecutor(max(len(shares), 1)) as pool:
        total = sum(pool.map(counted, shares), np.zeros(int(np.prod(sizes)) + 1, np.int64))
    return DenseCounts(tuple(keys), total[:-1].reshape(sizes), int(total[-1]))


def _sizes(keys: Mapping[str, int]) -> tuple[int, ...]:
    if not keys:
        raise ValueError("Name at least one key to count by.")
    for name, size in keys.items():
        if size < 1:
            raise ValueError(f"The key {name} has {size} values: give 1 or more.")
    places = 1
    for size in keys.values():
        places *= int(size)
    if places > MOST_PLACES:
        raise ValueError(
            f"{places:,} combinations are too many for one array: count by fewer keys, "
            "or ask cubes.monthly_cube."
        )
    return tuple(int(size) for size in keys.values())


def _check_columns(path: str, schema: Any, keys: Mapping[str, int]) -> None:
    import pyarrow as pa

    for name in keys:
        if name not in schema.names:
            raise ValueError(f"{path} has no column {name}: it has {', '.join(schema.names)}.")
        kind = schema.field(name).type
        if not pa.types.is_integer(kind):
            raise ValueError(f"The column {name} of {path} is {kind}: give whole numbers from 0.")


def _numbers(column: Any) -> Array:
    """A column of a batch as an array; what is missing becomes -1, which is never a key."""
    import pyarrow as pa

    if column.null_count:
        column = column.cast(pa.int64(), safe=False).fill_null(-1)
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _counter(engine: Engine) -> Callable[[tuple[Array, ...], tuple[int, ...], Array], None]:
    if engine == "numpy":
        return _by_numpy
    try:
        from frankpledge.analysis.dense_fast import count
    except ImportError:
        if engine == "numba":
            raise
        return _by_numpy
    return count


def _by_numpy(columns: tuple[Array, ...], sizes: tuple[int, ...], counts: Array) -> None:
    place = np.zeros(len(columns[0]), np.int64)
    known = np.ones(len(place), bool)
    for column, size in zip(columns, sizes, strict=True):
        known &= (column >= 0) & (column < size)
        place = place * size + column.astype(np.int64)
    counts += np.bincount(np.where(known, place, len(counts) - 1), minlength=len(counts))
