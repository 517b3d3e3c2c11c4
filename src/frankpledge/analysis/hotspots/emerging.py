"""New, intensifying, fading: what each place's hotspots did over time.

Definition: Esri's published description of emerging hot spot analysis. Gi* of every cell and step,
its neighbours in space and in the steps just before, against the mean and variance of the whole
cube; p-values raised over all cells and steps (false discovery rate); Mann-Kendall on each cell's
scores; then the named classes. R's sfdep takes the mean of each step apart and raises nothing, so
its classes differ.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: together they take a second

from frankpledge.analysis.hotspots.grid import boxes
from frankpledge.analysis.hotspots.neighbours import Neighbours
from frankpledge.analysis.series.trend import mann_kendall
from frankpledge.analysis.testing import critical_p

Reals = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]
Classes = npt.NDArray[np.int8]
FEWEST = 10
MOST = 0.9


class Pattern(IntEnum):
    """What a place's hot steps say; the cold ones are the same below zero."""

    NONE = 0
    NEW = 1
    CONSECUTIVE = 2
    INTENSIFYING = 3
    PERSISTENT = 4
    DIMINISHING = 5
    SPORADIC = 6
    OSCILLATING = 7
    HISTORICAL = 8

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Pattern.NONE: "No pattern: neither hot nor cold in a way that lasts or has begun.",
    Pattern.NEW: "New: hot in the last period and never before.",
    Pattern.CONSECUTIVE: "Consecutive: hot in an unbroken run up to the last period, never before.",
    Pattern.INTENSIFYING: "Intensifying: hot in nine periods of ten, the last among them, and "
    "becoming hotter.",
    Pattern.PERSISTENT: "Persistent: hot in nine periods of ten, neither hotter nor cooler.",
    Pattern.DIMINISHING: "Diminishing: hot in nine periods of ten, the last among them, and "
    "becoming cooler.",
    Pattern.SPORADIC: "Sporadic: hot in the last period, on and off before.",
    Pattern.OSCILLATING: "Oscillating: hot in the last period, and significantly cold before.",
    Pattern.HISTORICAL: "Historical: hot in nine periods of ten, but not in the last.",
}


@dataclass(frozen=True, slots=True)
class Emerging:
    """`pattern` is (rows, columns): a `Pattern`, negative for a cold one. `z` and `hot` are (steps,
    rows, columns), `trend` the Mann-Kendall score of each cell's z. `tests` is how many were made,
    `critical` the largest p-value that still counted. With a `reason` no pattern is given."""

    pattern: Classes
    z: Reals
    hot: Bools
    trend: Reals
    tests: int
    critical: float = 0.0
    reason: str = ""


def emerging(
    cube: Sequence[Sequence[Sequence[float]]] | Reals,
    *,
    reach: int = 1,
    steps: int = 1,
    alpha: float = 0.05,
    cold: bool = False,
    footprint: Bools | None = None,
) -> Emerging:
    """Classes of every cell of a grid over time.

    `cube` is (steps, rows, columns) of counts, oldest first and complete: leave incomplete periods
    out. Neighbours are the cells no more than `reach` away, in the step and the `steps` before it.
    Hot means that the false discovery
    rate keeps the cell and step at `alpha`. Cold patterns are given only where `cold`
    says so, since a count that cannot fall below zero cannot be cold; where given they need figures
    that can be low, such as rates. Cells outside the `footprint` and with a missing figure take no
    part. Needs ten steps. Raises ValueError for a cube of another shape.
    """
    values = np.asarray(cube, dtype=np.float64)
    if values.ndim != 3 or reach < 1 or steps < 0:
        raise ValueError("A cube has steps, rows and columns, and a reach of one cell or more.")
    there = np.asarray(np.isfinite(values).all(axis=0) & (len(values) > 0))
    if footprint is not None:
        there &= footprint
    counts = np.where(there, values, 0.0)
    around = boxes(there.astype(np.float64), reach)
    return _classed(counts, there, lambda: boxes(counts, reach), around, steps, alpha, cold)


def emerging_among(
    counts: Sequence[Sequence[float]] | Reals,
    neighbours: Neighbours,
    *,
    steps: int = 1,
    alpha: float = 0.05,
    cold: bool = False,
) -> Emerging:
    """The same of places that are no grid: each with the neighbours it has.

    `counts` is (steps, places), oldest first and complete; the answer's arrays are (places) and
    (steps, places). All else is as for `emerging`, and on a grid whose cells are given as places
    the answer is the same. Raises ValueError for counts of another shape.
    """
    values = np.asarray(counts, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(neighbours) or steps < 0:
        raise ValueError(f"Give one row a period and {len(neighbours)} places a row.")
    there = np.asarray(np.isfinite(values).all(axis=0) & (len(values) > 0))
    held = np.where(there, values, 0.0)
    matrix = neighbours.weighing("binary", itself=True)
    around = np.asarray(matrix @ there.astype(np.float64))
    return _classed(
        held, there, lambda: np.asarray((matrix @ held.T).T), around, steps, alpha, cold
    )


def _classed(
    values: Reals,
    there: Bools,
    sums: Callable[[], Reals],
    around: Reals,
    steps: int,
    alpha: float,
    cold: bool,
) -> Emerging:
    """`values` with nothing where nobody is, their `sums` over neighbours in space, and how many
    neighbours lie `around` each place, itself among them."""
    length = len(values)
    if length < FEWEST or there.sum() < 2:
        reason = (
            f"Insufficient history: there are {length} periods and {FEWEST} are needed."
            if length < FEWEST
            else "Fewer than two cells have a figure in every period."
        )
        nothing = np.full(values.shape, np.nan)
        empty = np.zeros(values.shape[1:], dtype=np.int8)
        trend = np.full(values.shape[1:], np.nan)
        return Emerging(empty, nothing, np.isfinite(nothing), trend, 0, 0.0, reason)
    z = _scores(values, there, sums(), around, steps)
    p_value = 2 * scipy.special.ndtr(-np.abs(z))
    critical = critical_p(p_value, alpha=alpha)
    kept = p_value <= critical if critical else np.zeros(z.shape, dtype=bool)
    hot, chill = kept & (z > 0), kept & (z < 0)
    found = mann_kendall(z[:, there], slope=False)
    trend, p_trend = np.full(there.shape, np.nan), np.ones(there.shape)
    trend[there], p_trend[there] = found.z, found.p_value
    rising, falling = (p_trend < alpha) & (trend > 0), (p_trend < alpha) & (trend < 0)
    pattern = classify(hot, chill, rising=rising, falling=falling)
    if cold:
        pattern -= classify(chill, hot, rising=falling, falling=rising)
    return Emerging(pattern, z, hot, trend, int(np.isfinite(z).sum()), critical)


def _scores(values: Reals, there: Bools, own: Reals, around: Reals, steps: int) -> Reals:
    """Gi* over space and the steps before, against the whole cube."""
    length = len(values)
    n = length * int(there.sum())
    mean = float(values.sum()) / n
    variance = float((values**2).sum()) / n - mean**2
    sums = own.copy()
    for back in range(1, min(steps, length - 1) + 1):
        sums[back:] += own[:-back]
    deep = np.minimum(np.arange(length), steps).reshape(-1, *[1] * there.ndim) + 1.0
    held = around * deep
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (sums - held * mean) / np.sqrt(variance * (n * held - held**2) / (n - 1))
    z[:, ~there] = np.nan
    if variance <= 1e-13 * float((values**2).sum()) / n:
        z[:] = np.nan
    return z


def classify(hot: Bools, cold: Bools, *, rising: Bools, falling: Bools) -> Classes:
    """The pattern of each place from its significant steps: (steps, …) hot and cold, (…) trend.

    Nine of ten means at least 90% of the steps: 33 of 36 but not 32.
    """
    length = len(hot)
    often = hot.sum(axis=0)
    most = 10 * often >= 9 * length
    last = hot[-1]
    # How many steps, counted back from the last, are hot without a break.
    run = np.cumprod(hot[::-1], axis=0, dtype=np.int64).sum(axis=0)
    only_now = last & (often == run)
    was_cold = cold[:-1].any(axis=0)
    choices = (
        (most & ~last, Pattern.HISTORICAL),
        (most & rising, Pattern.INTENSIFYING),
        (most & falling, Pattern.DIMINISHING),
        (most, Pattern.PERSISTENT),
        (only_now & (run == 1) & ~was_cold, Pattern.NEW),
        (only_now & (run > 1) & ~was_cold, Pattern.CONSECUTIVE),
        (last & was_cold, Pattern.OSCILLATING),
        (last, Pattern.SPORADIC),
    )
    found = np.zeros(hot.shape[1:], dtype=np.int8)
    for held, pattern in reversed(choices):
        found[held] = pattern
    return found
