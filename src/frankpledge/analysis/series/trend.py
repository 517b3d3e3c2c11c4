"""Is it going up or down over time, whatever the shape.

Sources: Mann (1945), "Nonparametric tests against trend", Econometrica 13; Kendall (1975), "Rank
Correlation Methods", for ties; Sen (1968), "Estimates of the regression coefficient based on
Kendall's tau", JASA 63; Hirsch, Slack and Smith (1982), "Techniques of trend analysis for monthly
water quality data", Water Resources Research 18, for seasons.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: together they take a second

Reals = npt.NDArray[np.floating[Any]]
FEWEST = 4
_AT_ONCE, _CACHED = 4_000_000, 4096


@dataclass(frozen=True, slots=True)
class Trend:
    """One answer a series (arrays of the shape of a series' column).

    `score` is Mann's S, `variance` its variance with ties, `z` with continuity correction,
    `p_value` two-sided. `tau` is Kendall's tau-b. `slope` is Sen's, in units a period. NaN where
    fewer than four figures are there; a constant series has z 0 and p 1.
    """

    score: Reals
    variance: Reals
    z: Reals
    p_value: Reals
    tau: Reals
    slope: Reals


def mann_kendall(series: Sequence[float | None] | Reals, *, slope: bool = True) -> Trend:
    """The Mann-Kendall test of each column, with Sen's slope unless `slope` is False.

    `series` has one row a period, oldest first, and any number of columns; missing figures (None,
    NaN) are left out and the others keep their distance in time. Infinite figures are ranked.
    """
    table = _columns(series)
    score, variance, pairs, untied = _scores(table)
    return _trend(score, variance, pairs, untied, _sen(table) if slope else None, table)


def seasonal_mann_kendall(
    series: Sequence[float | None] | Reals, *, period: int = 12, slope: bool = True
) -> Trend:
    """The same with each time of the year compared with itself alone: scores and variances of the
    seasons are added up, and the slope is the median of the slopes within seasons, a year.

    `period` is how many rows make a year. Raises ValueError for a period below one.
    """
    if period < 1:
        raise ValueError("A year has one period or more.")
    table = _columns(series)
    seasons = [table[first::period] for first in range(min(period, len(table)))]
    parts = [_scores(each) for each in seasons]
    if not parts:
        return mann_kendall(table, slope=slope)
    score, variance, pairs, untied = (np.sum(each, axis=0) for each in zip(*parts, strict=True))
    found = _sen_of([_slopes(each) for each in seasons], table.shape[1]) if slope else None
    return _trend(score, variance, pairs, untied, found, table)


def _columns(series: Sequence[float | None] | Reals) -> Reals:
    table = np.asarray(series, dtype=np.float64)
    return table[:, None] if table.ndim == 1 else table


def _trend(
    score: Reals, variance: Reals, pairs: Reals, untied: Reals, slope: Reals | None, table: Reals
) -> Trend:
    enough = (~np.isnan(table)).sum(axis=0) >= FEWEST
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(variance > 0, (score - np.sign(score)) / np.sqrt(variance), 0.0)
        tau = score / np.sqrt(pairs * untied)
    p_value = 2 * scipy.stats.norm.sf(np.abs(z))

    def where_enough(values: Reals) -> Reals:
        return np.where(enough, values, np.nan)

    return Trend(
        score=where_enough(score),
        variance=where_enough(variance),
        z=where_enough(z),
        p_value=where_enough(np.minimum(p_value, 1.0)),
        tau=where_enough(tau),
        slope=where_enough(np.full(len(score), np.nan) if slope is None else slope),
    )


def _scores(table: Reals) -> tuple[Reals, Reals, Reals, Reals]:
    """S, its variance, the pairs of periods, and the pairs of figures that are not tied."""
    blocks = [table[:, at : at + _CACHED] for at in range(0, max(1, table.shape[1]), _CACHED)]
    # Comparisons let other threads run; what each block fits is the processor's cache.
    with ThreadPoolExecutor(min(len(blocks), os.cpu_count() or 1)) as pool:
        score = np.concatenate(list(pool.map(_score, blocks)))
    count = (~np.isnan(table)).sum(axis=0).astype(np.float64)
    tied, tied_pairs = _ties(table)
    variance = (count * (count - 1) * (2 * count + 5) - tied) / 18
    pairs = count * (count - 1) / 2
    return score, variance, pairs, pairs - tied_pairs


def _score(table: Reals) -> Reals:
    """S of each column. A comparison with a missing figure is neither more nor less."""
    score = np.zeros(table.shape[1], dtype=np.int64)
    for later in range(1, len(table)):
        more = (table[later] > table[:later]).view(np.int8)
        less = (table[later] < table[:later]).view(np.int8)
        score += more.sum(axis=0, dtype=np.int32)
        score -= less.sum(axis=0, dtype=np.int32)
    return score.astype(np.float64)


def _ties(table: Reals) -> tuple[Reals, Reals]:
    """Sums of t(t-1)(2t+5) and t(t-1)/2 over the groups of t equal figures of each column."""
    ordered = np.sort(table, axis=0)
    tied, pairs = np.zeros(table.shape[1]), np.zeros(table.shape[1])
    at = np.flatnonzero((ordered[1:] == ordered[:-1]).any(axis=0))
    ordered = ordered[:, at]
    length = np.ones(len(at))
    for row in range(1, len(ordered)):
        same = ordered[row] == ordered[row - 1]
        t = length = np.where(same, length + 1, 1.0)
        # Growing a group from t-1 to t adds the difference of the formula at t and t-1.
        more = t * (t - 1) * (2 * t + 5) - (t - 1) * (t - 2) * (2 * t + 3)
        tied[at] += np.where(same, more, 0.0)
        pairs[at] += np.where(same, t - 1, 0.0)
    return tied, pairs


def _slopes(table: Reals) -> Reals:
    """Every slope between two periods: (pairs, columns), NaN where one is missing."""
    length = len(table)
    if length < 2:
        return np.full((0, table.shape[1]), np.nan)
    first, second = np.triu_indices(length, 1)
    with np.errstate(invalid="ignore"):
        return np.asarray((table[second] - table[first]) / (second - first)[:, None])


def _sen(table: Reals) -> Reals:
    width = max(1, _AT_ONCE // max(1, len(table) ** 2 // 2))
    parts = [
        _sen_of([_slopes(table[:, at : at + width])], table[:, at : at + width].shape[1])
        for at in range(0, table.shape[1], width)
    ]
    return np.concatenate(parts) if parts else np.empty(0)


def _sen_of(slopes: list[Reals], columns: int) -> Reals:
    every = np.concatenate(slopes) if slopes else np.empty((0, columns))
    # A column without slopes has no median; sorting NaN last keeps it quiet and quick.
    every = np.sort(every, axis=0)
    held = (~np.isnan(every)).sum(axis=0)
    if not len(every):
        return np.full(columns, np.nan)
    at = np.arange(columns)
    low, high = np.maximum(held - 1, 0) // 2, held // 2
    high = np.minimum(high, len(every) - 1)
    return np.where(held > 0, (every[low, at] + every[high, at]) / 2, np.nan)
