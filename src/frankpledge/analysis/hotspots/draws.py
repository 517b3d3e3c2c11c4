"""Hotspots against the same values put down at random, where the analytic score is doubted.

Method: conditional permutation, Anselin (1995), "Local indicators of spatial association",
Geographical Analysis 27: a place keeps its own value, its neighbours get others' values. As in
PySAL's esda the same draws serve every place, which makes the tests of places depend on each other
(positively, so the false discovery rate holds) but leaves each right. A draw without the place
itself is, seen over all places in order, a step function with one step a value drawn: so a draw for
all places costs a cumulative sum and not a gather.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from frankpledge.analysis.hotspots.grid import boxes
from frankpledge.analysis.hotspots.local import read
from frankpledge.analysis.hotspots.neighbours import Neighbours
from frankpledge.analysis.testing import false_discovery

Reals = npt.NDArray[np.floating[Any]]
Whole = npt.NDArray[np.signedinteger[Any]]
SEED = 19_950_401


@dataclass(frozen=True, slots=True)
class Drawn:
    """The share of draws at least as far out as what is there, on its own side (one-sided, never
    zero), the same raised for the number of places, and whether that side is the high one."""

    p_value: Reals
    raised: Reals
    high: npt.NDArray[np.bool_]
    draws: int


def permuted_gi_star(
    values: Sequence[float | None] | Reals,
    neighbours: Neighbours,
    *,
    draws: int = 199,
    seed: int = SEED,
) -> Drawn:
    """Conditional permutation of Gi*: each place's sum beside sums of as many others at random.

    One value a place; missing ones take no part and get NaN, as do places without neighbours. The
    smallest p-value is 1 / (draws + 1), so that many places need many draws. The same seed gives
    the same answer. Raises ValueError for values that are not one a place, or no draws.
    """
    if draws < 1:
        raise ValueError("At least one draw is needed.")
    given, there = read(values, neighbours)
    at = np.flatnonzero(there)
    x = given[at]
    matrix = neighbours.weights if there.all() else neighbours.weights[at][:, at]
    near = np.diff(matrix.indptr)
    seen = np.asarray(matrix @ x)
    low, high = _counted(x, seen, near, draws, np.random.default_rng(seed))
    p_value = np.full(len(given), np.nan)
    side = np.zeros(len(given), dtype=bool)
    told = near > 0
    p_value[at[told]] = (np.minimum(low, high)[told] + 1) / (draws + 1)
    side[at[told]] = (high <= low)[told]
    return Drawn(p_value, false_discovery(p_value), side, draws)


def grid_permuted_gi_star(
    counts: Sequence[Sequence[float]] | Reals,
    *,
    reach: int = 1,
    draws: int = 199,
    seed: int = SEED,
) -> Drawn:
    """The same for every cell of a whole grid without a matrix; answers are (rows, columns)."""
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or reach < 1 or draws < 1 or not np.isfinite(table).all():
        raise ValueError("A grid has a figure in every cell, a reach and draws of one or more.")
    x = table.ravel()
    seen = (boxes(table, reach) - table).ravel()
    near = (boxes(np.ones_like(table), reach) - 1).astype(np.int64).ravel()
    low, high = _counted(x, seen, near, draws, np.random.default_rng(seed))
    p_value = np.where(near > 0, (np.minimum(low, high) + 1) / (draws + 1), np.nan)
    p_value = p_value.reshape(table.shape)
    return Drawn(p_value, false_discovery(p_value), (high <= low).reshape(table.shape), draws)


def _counted(
    x: Reals, seen: Reals, near: Whole, draws: int, chance: np.random.Generator
) -> tuple[Whole, Whole]:
    """How often a draw is at most, and at least, what is there."""
    n = len(x)
    low, high = np.zeros(n, dtype=np.int32), np.zeros(n, dtype=np.int32)
    sizes = [int(size) for size in np.unique(near) if 0 < size < n]
    # Neighbours all round are the rule; places on an edge have fewer and are looked at apart.
    places = {size: np.flatnonzero(near == size) for size in sizes}
    most = max(sizes, default=0)
    # Sums of decimals differ in their last digits by the order they were added in.
    slack = 1e-9 * max(1.0, float(np.abs(x).max(initial=0.0)))
    for _ in range(draws):
        drawn = chance.choice(n - 1, size=most, replace=False, shuffle=True) if most else ()
        for size in sizes:
            at = places[size]
            sums = sums_for_each(x, np.asarray(drawn[:size], dtype=np.int64), at)
            low[at] += sums <= seen[at] + slack
            high[at] += sums >= seen[at] - slack
    return low, high


def sums_for_each(x: Reals, drawn: Whole, at: Whole) -> Reals:
    """For each place i of `at` (in order) the sum of the values drawn from all others.

    The j-th of the others is place j, or j + 1 from i on: so the sum changes only where i passes a
    position that was drawn.
    """
    order = np.sort(drawn)
    # steps[k] is the sum when the k lowest drawn positions lie below i.
    steps = np.concatenate([[0.0], np.cumsum(x[order] - x[order + 1])]) + x[order + 1].sum()
    edges = np.searchsorted(at, order + 1)
    return np.repeat(steps, np.diff(np.concatenate([[0], edges, [len(at)]])))
