"""Kernel density: how many events lie around each cell of a grid.

Sources: Silverman (1986), "Density Estimation for Statistics and Data Analysis", 4; the quartic
kernel in two dimensions is 3 / (πh²) × (1 - d²/h²)², and each kernel's volume is 1. Known slips
elsewhere: SpatialKDE's scaled quartic (and so sfhotspot's) has a volume of 7.25, QGIS's had; KDEpy
cuts a Gaussian off where 7% of it are left.
"""

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: together they take a second

Reals = npt.NDArray[np.floating[Any]]
Kernel = Literal["quartic", "gaussian", "triweight", "epanechnikov", "uniform"]
LARGEST = 50_000_000
_CACHED = 1 << 18
# A Gaussian is followed to six standard deviations: what is left out is less than 2 in 10⁸.
_REACH = {"gaussian": 6.0}
_SHAPES: dict[str, Callable[[Reals], Reals]] = {
    "quartic": lambda u: 3 / math.pi * (1 - u) ** 2,
    "triweight": lambda u: 4 / math.pi * (1 - u) ** 3,
    "epanechnikov": lambda u: 2 / math.pi * (1 - u),
    "uniform": lambda u: np.full_like(u, 1 / math.pi),
    "gaussian": lambda u: np.exp(-u / 2) / (2 * math.pi),
}


@dataclass(frozen=True, slots=True)
class Extent:
    """A rectangle in metres and the size of its square cells; it ends on whole cells."""

    left: float
    bottom: float
    columns: int
    rows: int
    cell: float

    @classmethod
    def around(
        cls, left: float, bottom: float, right: float, top: float, *, cell: float
    ) -> "Extent":
        """The cells that hold a rectangle. Raises ValueError for a cell not above zero, a
        rectangle turned round, or more than fifty million cells."""
        if not (cell > 0 and right > left and top > bottom) or not math.isfinite(
            left + bottom + right + top + cell
        ):
            raise ValueError("An extent runs from left to right, bottom to top, by cells above 0.")
        columns, rows = math.ceil((right - left) / cell), math.ceil((top - bottom) / cell)
        if columns * rows > LARGEST:
            raise ValueError(
                f"That makes {columns * rows:,} cells; at most {LARGEST:,} are worked out. "
                "Is a point far out? Make the cells larger or the extent smaller."
            )
        return cls(left, bottom, columns, rows, cell)

    @property
    def centres(self) -> tuple[Reals, Reals]:
        """The coordinates of the middles of columns and rows."""
        return (
            self.left + (np.arange(self.columns) + 0.5) * self.cell,
            self.bottom + (np.arange(self.rows) + 0.5) * self.cell,
        )


@dataclass(frozen=True, slots=True)
class Density:
    """Events per square kilometre by (row from the bottom, column). `points` were counted,
    `outside` lay beyond the extent, `missing` had no coordinates. No correction is made at the
    edges: what a kernel lays beyond the extent is not in it."""

    values: Reals
    extent: Extent
    bandwidth: float
    kernel: Kernel
    points: int
    outside: int
    missing: int

    @property
    def total(self) -> float:
        """What the surface adds up to: the points, but for what lies beyond the edges."""
        return float(self.values.sum()) * (self.extent.cell / 1000) ** 2


def density(
    x: Sequence[float] | Reals,
    y: Sequence[float] | Reals,
    extent: Extent,
    *,
    bandwidth: float,
    kernel: Kernel = "quartic",
    weights: Sequence[float] | Reals | None = None,
    exact: bool = False,
) -> Density:
    """The density of points over the cells of an extent.

    `x`, `y` in metres, one a point; `bandwidth` is the radius of the kernel in metres (of a
    Gaussian its standard deviation). Points are put in their cells first and spread from the
    middle of the cell by a Fourier transform, which moves each by half a cell at most: with a
    bandwidth of five cells the peak is right to about a hundredth. `exact` spreads each point from
    where it is and takes (2 × bandwidth / cell)² times as long. Missing coordinates are counted
    apart. Raises ValueError for lists of different length or a bandwidth below half a cell.
    """
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError("Every point needs an x and a y.")
    weigh = None if weights is None else np.asarray(weights, dtype=np.float64)
    if weigh is not None and weigh.shape != first.shape:
        raise ValueError("Every point needs its weight.")
    if not bandwidth >= extent.cell / 2 or not math.isfinite(bandwidth):
        raise ValueError(
            f"A bandwidth of {bandwidth:g} m is too small for cells of {extent.cell:g} m. "
            "Make the cells smaller."
        )
    counts, outside, missing = binned(first, second, extent, weights=weigh)
    points = len(first) - outside - missing
    if exact:
        values = _spread_exactly(first, second, weigh, extent, bandwidth, kernel)
    else:
        values = _spread(counts, extent.cell, bandwidth, kernel)
    per_km = values * 1e6
    return Density(per_km, extent, bandwidth, kernel, points, outside, missing)


def binned(
    x: Reals, y: Reals, extent: Extent, *, weights: Reals | None = None
) -> tuple[Reals, int, int]:
    """Points (or their weights) in each cell by (row, column), how many lie outside, and how many
    have no coordinates. A point on an edge between cells belongs to the one above or right."""
    size = extent.rows * extent.columns

    def part(start: int) -> tuple[Reals, int, int]:
        at = slice(start, start + _CACHED)
        with np.errstate(invalid="ignore"):
            column = np.floor((x[at] - extent.left) / extent.cell)
            row = np.floor((y[at] - extent.bottom) / extent.cell)
            inside = (column >= 0) & (column < extent.columns) & (row >= 0) & (row < extent.rows)
        if inside.all():
            cell = (row * extent.columns + column).astype(np.int64)
            weigh = None if weights is None else weights[at]
            return np.asarray(np.bincount(cell, weigh, minlength=size), np.float64), 0, 0
        missing = int((~(np.isfinite(x[at]) & np.isfinite(y[at]))).sum())
        cell = (row[inside] * extent.columns + column[inside]).astype(np.int64)
        weigh = None if weights is None else weights[at][inside]
        counts = np.asarray(np.bincount(cell, weigh, minlength=size), np.float64)
        return counts, int((~inside).sum()) - missing, missing

    def several(first: int, step: int) -> tuple[Reals, int, int]:
        total, out, none = np.zeros(size), 0, 0
        for start in range(first * _CACHED, len(x), step * _CACHED):
            counts, beyond, missing = part(start)
            total += counts
            out, none = out + beyond, none + missing
        return total, out, none

    workers = max(1, min(os.cpu_count() or 1, len(x) // _CACHED))
    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(lambda each: several(each, workers), range(workers)))
    total = np.sum([each for each, _, _ in parts], axis=0).reshape(extent.rows, extent.columns)
    return total, sum(out for _, out, _ in parts), sum(none for _, _, none in parts)


def _spread(counts: Reals, cell: float, bandwidth: float, kernel: Kernel) -> Reals:
    """The counts laid out by the kernel, whose cells are made to add up to 1: nothing is lost but
    at the edges."""
    reach = math.ceil(bandwidth * _REACH.get(kernel, 1.0) / cell)
    steps = np.arange(-reach, reach + 1) * cell
    shape = _kernel(np.add.outer(steps**2, steps**2), bandwidth, kernel)
    shape /= shape.sum() * cell**2
    rows, columns = (scipy.fft.next_fast_len(n + 2 * reach, real=True) for n in counts.shape)
    workers = os.cpu_count() or 1
    turned = scipy.fft.rfft2(counts, (rows, columns), workers=workers)
    turned *= scipy.fft.rfft2(shape, (rows, columns), workers=workers)
    whole = scipy.fft.irfft2(turned, (rows, columns), workers=workers)
    laid = whole[reach : reach + counts.shape[0], reach : reach + counts.shape[1]]
    # The transform leaves traces of rounding where there is nothing.
    return np.where(laid > 1e-12 * float(np.abs(laid).max(initial=0.0)), laid, 0.0)


def _spread_exactly(
    x: Reals,
    y: Reals,
    weights: Reals | None,
    extent: Extent,
    bandwidth: float,
    kernel: Kernel,
) -> Reals:
    there = np.isfinite(x) & np.isfinite(y)
    across = (x[there] - extent.left) / extent.cell - 0.5
    up = (y[there] - extent.bottom) / extent.cell - 0.5
    weigh = np.ones(len(across)) if weights is None else weights[there]
    reach = math.ceil(bandwidth * _REACH.get(kernel, 1.0) / extent.cell)
    column, row = np.rint(across).astype(np.int64), np.rint(up).astype(np.int64)
    near = (column >= -reach) & (column < extent.columns + reach)
    near &= (row >= -reach) & (row < extent.rows + reach)
    across, up, weigh, column, row = across[near], up[near], weigh[near], column[near], row[near]
    total = np.zeros(extent.rows * extent.columns)
    for down in range(-reach - 1, reach + 2):
        at_row = row + down
        in_rows = (at_row >= 0) & (at_row < extent.rows)
        for over in range(-reach - 1, reach + 2):
            at_column = column + over
            kept = in_rows & (at_column >= 0) & (at_column < extent.columns)
            apart = ((at_column - across) ** 2 + (at_row - up) ** 2)[kept] * extent.cell**2
            laid = _kernel(apart, bandwidth, kernel) * weigh[kept]
            cell = (at_row * extent.columns + at_column)[kept]
            total += np.bincount(cell, laid, minlength=len(total))
    return total.reshape(extent.rows, extent.columns)


def _kernel(squared: Reals, bandwidth: float, kernel: Kernel) -> Reals:
    """The kernel's height per square metre at squared distances."""
    u = squared / bandwidth**2
    height = _SHAPES[kernel](u) / bandwidth**2
    return np.where(u <= _REACH.get(kernel, 1.0) ** 2, height, 0.0)


def usual_bandwidth(x: Sequence[float] | Reals, y: Sequence[float] | Reals) -> float | None:
    """A bandwidth to begin with, in metres: the mean over both axes of Venables and Ripley's rule
    4 × 1.06 × min(standard deviation, interquartile range / 1.34) × n^(-1/5), as R's
    `bandwidth.nrd` has it for each axis.

    It smooths clustered events too much: look at half of it too. None with fewer than two points
    or where all lie in one place.
    """
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    there = np.isfinite(first) & np.isfinite(second)
    if there.sum() < 2:
        return None
    found = float(np.mean([_rule(first[there]), _rule(second[there])]))
    return found if found > 0 else None


def _rule(values: Reals) -> float:
    low, high = np.quantile(values, [0.25, 0.75])
    spread = [each for each in (float(values.std(ddof=1)), float(high - low) / 1.34) if each > 0]
    return float(4 * 1.06 * min(spread, default=0.0) * len(values) ** -0.2)
