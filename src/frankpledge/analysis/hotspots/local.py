"""Which places are hot, and which stand out from what lies around them.

Sources: Getis and Ord (1992), "The analysis of spatial association by use of distance statistics",
Geographical Analysis 24; Ord and Getis (1995), "Local spatial autocorrelation statistics",
Geographical Analysis 27; Anselin (1995), "Local indicators of spatial association", the same;
Sokal, Oden and Thomson (1998), the same 30, for its conditional moments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: together they take a second

from frankpledge.analysis.hotspots.neighbours import Neighbours
from frankpledge.analysis.testing import false_discovery

Reals = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Local:
    """One answer a place: the statistic, its score, its two-sided p-value, and the same raised for
    the number of places tested (`tests`). NaN where it cannot be said."""

    statistic: Reals
    z: Reals
    p_value: Reals
    raised: Reals
    tests: int


def answered(statistic: Reals, z: Reals) -> Local:
    p_value = 2 * scipy.stats.norm.sf(np.abs(z))
    raised = false_discovery(p_value)
    return Local(statistic, z, p_value, raised, int((~np.isnan(p_value)).sum()))


def gi_star(
    values: Sequence[float | None] | Reals,
    neighbours: Neighbours,
    *,
    itself: bool = True,
    style: Literal["binary", "row"] = "binary",
) -> Local:
    """Getis and Ord's Gi* of each place, or Gi where `itself` is False.

    One value a place, not below zero for a sum to mean anything; missing ones take no part and get
    no answer. The variance divides by the number of places, as spdep and esda have it (the paper's
    example printed the other). A place without neighbours has a Gi* of its own value alone and no
    Gi. Constant values have no answer. `statistic` is the weighted sum. Raises ValueError for
    values that are not one a place.
    """
    given, there = read(values, neighbours)
    x = given[there]
    matrix = among(neighbours, there, itself, style)
    n = len(x)
    sums, held, squares = _parts(matrix, x)
    with np.errstate(invalid="ignore", divide="ignore"):
        if itself:
            mean, spread, others = x.mean() if n else 0.0, x.var() if n else 0.0, n - 1
            under = spread * (n * squares - held**2) / others
        else:
            mean = (x.sum() - x) / (n - 1)
            spread = ((x**2).sum() - x**2) / (n - 1) - mean**2
            under = spread * ((n - 1) * squares - held**2) / (n - 2)
        z = (sums - held * mean) / np.sqrt(under)
    # Rounding may leave a spread of nothing a little above nothing.
    z[(held == 0) | ~(under > least(x))] = np.nan
    return answered(_back(sums, there), _back(z, there))


def local_moran(
    values: Sequence[float | None] | Reals,
    neighbours: Neighbours,
    *,
    style: Literal["binary", "row"] = "row",
) -> Local:
    """Anselin's local Moran of each place, with conditional moments (Sokal 1998).

    High where a place is like what lies around it, low where it is unlike. Islands, missing and
    constant values have no answer. Raises ValueError for values that are not one a place.
    """
    given, there = read(values, neighbours)
    x = given[there]
    matrix = among(neighbours, there, False, style)
    n = len(x)
    away = x - (x.mean() if n else 0.0)
    m2 = float((away**2).mean()) if n else 0.0
    lag, held, squares = _parts(matrix, away)
    if n < 3 or m2 <= least(x):
        nothing = np.full(len(given), np.nan)
        return answered(nothing, nothing.copy())
    statistic = away / m2 * lag
    mean = -(away**2) * held / ((n - 1) * m2)
    under = (away / m2) ** 2 * n / (n - 2) * (squares - held**2 / (n - 1))
    under *= m2 - away**2 / (n - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (statistic - mean) / np.sqrt(under)
    statistic, z = np.where(held > 0, statistic, np.nan), np.where(held > 0, z, np.nan)
    return answered(_back(statistic, there), _back(np.where(under > 0, z, np.nan), there))


def least(x: Reals) -> float:
    return 1e-13 * float((x**2).mean()) if len(x) else 0.0


def read(values: Any, neighbours: Neighbours) -> tuple[Reals, npt.NDArray[np.bool_]]:
    given = np.asarray(values, dtype=np.float64)
    if given.shape != (len(neighbours),):
        raise ValueError(f"There are {len(neighbours)} places and {given.shape} values.")
    return given, np.isfinite(given)


def among(
    neighbours: Neighbours,
    there: npt.NDArray[np.bool_],
    itself: bool,
    style: Literal["binary", "row"],
) -> scipy.sparse.csr_array:
    if there.all():
        return neighbours.weighing(style, itself=itself)
    at = np.flatnonzero(there)
    kept = Neighbours(scipy.sparse.csr_array(neighbours.weights[at][:, at]))
    return kept.weighing(style, itself=itself)


def _parts(matrix: scipy.sparse.csr_array, x: Reals) -> tuple[Reals, Reals, Reals]:
    """Weighted sums, sums of weights, and sums of squared weights, a place."""
    held = np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
    squares = np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64).ravel()
    return np.asarray(matrix @ x, dtype=np.float64), held, squares


def _back(found: Reals, there: npt.NDArray[np.bool_]) -> Reals:
    whole = np.full(len(there), np.nan)
    whole[there] = found
    return whole
