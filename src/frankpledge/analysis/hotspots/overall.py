"""One figure for a whole map: do like values lie together?

Sources: Moran (1950), "Notes on continuous stochastic phenomena", Biometrika 37; Geary (1954), "The
contiguity ratio and statistical mapping"; Getis and Ord (1992), Geographical Analysis 24; Cliff and
Ord (1981), "Spatial Processes", for the moments under randomisation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: together they take a second

from frankpledge.analysis.hotspots.local import among, least, read
from frankpledge.analysis.hotspots.neighbours import Neighbours

Reals = npt.NDArray[np.floating[Any]]
Style = Literal["binary", "row"]


@dataclass(frozen=True, slots=True)
class Overall:
    """The statistic, what chance would make it, its variance and score under randomisation, and the
    two-sided p-value. All are None, with a `reason`, where it cannot be said."""

    statistic: float | None
    expected: float | None
    variance: float | None
    z: float | None
    p_value: float | None
    reason: str = ""


def moran(
    values: Sequence[float | None] | Reals, neighbours: Neighbours, *, style: Style = "row"
) -> Overall:
    """Moran's I: above its expected value where like lies beside like. One value a place; missing
    ones take no part. Needs four places, some of them neighbours, whose values differ."""
    found = _map(values, neighbours, style)
    if isinstance(found, str):
        return _none(found)
    n, k = found.n, found.kurtosis
    s0, s1, s2 = found.s0, found.s1, found.s2
    away = found.x - found.x.mean()
    statistic = n / s0 * float(away @ (found.matrix @ away)) / float(away @ away)
    expected = -1 / (n - 1)
    over = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    over -= k * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = over / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    return _said(statistic, expected, variance, statistic - expected)


def geary(
    values: Sequence[float | None] | Reals, neighbours: Neighbours, *, style: Style = "row"
) -> Overall:
    """Geary's C: below 1 where like lies beside like; `z` is positive then. Needs as `moran`."""
    found = _map(values, neighbours, style)
    if isinstance(found, str):
        return _none(found)
    n, k = found.n, found.kurtosis
    s0, s1, s2 = found.s0, found.s1, found.s2
    rows, columns = found.matrix.nonzero()
    apart = float((found.matrix.data * (found.x[rows] - found.x[columns]) ** 2).sum())
    away = found.x - found.x.mean()
    statistic = (n - 1) / (2 * s0) * apart / float(away @ away)
    over = (n - 1) * s1 * (n**2 - 3 * n + 3 - k * (n - 1))
    over -= (n - 1) * s2 * (n**2 + 3 * n - 6 - k * (n**2 - n + 2)) / 4
    over += s0**2 * (n**2 - 3 - k * (n - 1) ** 2)
    variance = over / (n * (n - 2) * (n - 3) * s0**2)
    return _said(statistic, 1.0, variance, 1 - statistic)


def general_g(
    values: Sequence[float | None] | Reals, neighbours: Neighbours, *, style: Style = "binary"
) -> Overall:
    """Getis and Ord's general G: above its expected value where high lies beside high, below where
    low lies beside low. Needs as `moran`, and no value below zero."""
    found = _map(values, neighbours, style)
    if isinstance(found, str):
        return _none(found)
    x, n = found.x, found.n
    if (x < 0).any():
        return _none("A value lies below zero.")
    s0, s1, s2 = found.s0, found.s1, found.s2
    m1, m2, m3, m4 = (float((x**power).sum()) for power in (1, 2, 3, 4))
    every = m1**2 - m2
    statistic = float(x @ (found.matrix @ x)) / every
    expected = s0 / (n * (n - 1))
    b0 = (n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2
    b1 = -((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    b2 = -(2 * n * s1 - (n + 3) * s2 + 6 * s0**2)
    b3 = 4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2
    b4 = s1 - s2 + s0**2
    over = b0 * m2**2 + b1 * m4 + b2 * m1**2 * m2 + b3 * m1 * m3 + b4 * m1**4
    variance = over / (every**2 * n * (n - 1) * (n - 2) * (n - 3)) - expected**2
    return _said(statistic, expected, variance, statistic - expected)


@dataclass(frozen=True, slots=True)
class _Map:
    x: Reals
    matrix: scipy.sparse.csr_array
    n: int
    kurtosis: float
    s0: float
    s1: float
    s2: float


def _map(values: Any, neighbours: Neighbours, style: Style) -> _Map | str:
    given, there = read(values, neighbours)
    x = given[there]
    n = len(x)
    if n < 4:
        return f"There are {n} places with a value; four are needed."
    matrix = among(neighbours, there, False, style)
    if not matrix.nnz:
        return "No place has a neighbour."
    away = x - x.mean()
    m2 = float((away**2).mean())
    if m2 <= least(x):
        return "All places have the same value."
    both = matrix + matrix.T
    across = np.asarray(matrix.sum(axis=1)).ravel() + np.asarray(matrix.sum(axis=0)).ravel()
    return _Map(
        x=x,
        matrix=matrix,
        n=n,
        kurtosis=float((away**4).mean()) / m2**2,
        s0=float(matrix.sum()),
        s1=float(both.multiply(both).sum()) / 2,
        s2=float((across**2).sum()),
    )


def _none(reason: str) -> Overall:
    return Overall(None, None, None, None, None, reason)


def _said(statistic: float, expected: float, variance: float, away: float) -> Overall:
    if variance <= 0:
        return Overall(statistic, expected, None, None, None, "Its variance cannot be said.")
    z = away / variance**0.5
    return Overall(statistic, expected, variance, z, 2 * float(scipy.stats.norm.sf(abs(z))))
