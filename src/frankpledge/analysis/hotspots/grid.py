"""Gi* on a grid without a matrix of weights: sums over boxes, exact for whole counts.

Definitions as in `local`, with the cells of a box around each cell as its neighbours.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from frankpledge.analysis.hotspots.local import Local, answered

Reals = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]


def grid_gi_star(
    counts: Sequence[Sequence[float]] | Reals, *, reach: int = 1, footprint: Bools | None = None
) -> Local:
    """Gi* of each cell of a grid, with every cell no more than `reach` away, itself included.

    `counts` is (rows, columns), a zero where nothing happened: cells without events belong in it.
    Cells outside the `footprint` (where events can happen; all by default) and missing cells take
    no part and get NaN. On grids of events most cells hold nothing, so no cell is ever cold: do
    not report cold spots. Raises ValueError for counts that are no table or a reach below 1.
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or reach < 1:
        raise ValueError("A grid has rows and columns, and a reach of one cell or more.")
    there = np.isfinite(table) if footprint is None else np.isfinite(table) & footprint
    values = np.where(there, table, 0.0)
    n = int(there.sum())
    if n < 2:
        nothing = np.full(table.shape, np.nan)
        return answered(nothing, nothing.copy())
    held = boxes(there.astype(np.float64), reach)
    return answered(*scored(boxes(values, reach), held, there, values, n))


def scored(sums: Reals, held: Reals, there: Bools, values: Reals, n: int) -> tuple[Reals, Reals]:
    """The sums and scores of cells, against the mean and variance of all `n` values."""
    mean = float(values.sum()) / n
    variance = float((values**2).sum()) / n - mean**2
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (sums - held * mean) / np.sqrt(variance * (n * held - held**2) / (n - 1))
    good = there & (held < n) & (variance > 1e-13 * float((values**2).sum()) / n)
    return np.where(there, sums, np.nan), np.where(good, z, np.nan)


def boxes(table: Reals, reach: int) -> Reals:
    """For each cell the sum of the box around it, cut at the edges; over the last two axes."""
    return _slide(_slide(table, reach, -1), reach, -2)


def _slide(table: Reals, reach: int, axis: int) -> Reals:
    """Sums of shifted copies: no running total loses digits, and few shifts are quick."""
    total = table.copy()
    length = table.shape[axis]
    for shift in range(1, min(reach, length - 1) + 1):
        ahead = _part(table, axis, shift, length)
        behind = _part(table, axis, 0, length - shift)
        _part(total, axis, 0, length - shift)[...] += ahead
        _part(total, axis, shift, length)[...] += behind
    return total


def _part(table: Reals, axis: int, first: int, last: int) -> Reals:
    index: list[slice] = [slice(None)] * table.ndim
    index[axis] = slice(first, last)
    return table[tuple(index)]
