"""Repeats nearby and soon after: is a burgled street at risk for weeks?

Method: Knox (1964), "The detection of space-time interactions", Applied Statistics 13, with the
permutation of Besag and Diggle (1977) as in Johnson et al. (2007), "Space-time patterns of risk",
Journal of Quantitative Criminology 23: times are dealt out anew among the places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: together they take a second

from frankpledge.analysis.places.concentration import SNAPPED, snapped_share
from frankpledge.analysis.testing import false_discovery

Reals = npt.NDArray[np.floating[Any]]
SEED = 19_640_101
FEWEST = 20
LARGEST = 20_000_000


@dataclass(frozen=True, slots=True)
class NearRepeats:
    """Pairs by (distance band, time band): how many there are, how many a dealing of times makes on
    average, their ratio, the share of dealings with as many, and that raised for the bands.

    With a `reason` there is no answer.
    """

    observed: npt.NDArray[np.int64]
    expected: Reals
    ratio: Reals
    p_value: Reals
    raised: Reals
    deals: int
    reason: str = ""


def near_repeats(
    x: Sequence[float] | Reals,
    y: Sequence[float] | Reals,
    days: Sequence[float] | Reals,
    *,
    distances: Sequence[float],
    times: Sequence[float],
    deals: int = 999,
    seed: int = SEED,
) -> NearRepeats:
    """The Knox test: are there more pairs close in both space and time than chance would have?

    One place (metres) and day an event. `distances` and `times` are the upper ends of the bands,
    rising; the first distance may be 0, for the very same place. There is no answer for snapped
    points (more than half share a place exactly), whose repeats are made by the snapping, nor for
    fewer than twenty events. Missing places and days are left out. The same seed gives the same
    answer. Raises ValueError for lists of different length, bands that do not rise, or more than
    twenty million pairs within the last distance.
    """
    first, second, when = (np.asarray(each, dtype=np.float64) for each in (x, y, days))
    if not first.shape == second.shape == when.shape or first.ndim != 1:
        raise ValueError("Every event needs an x, a y and a day.")
    far, late = np.asarray(distances, dtype=np.float64), np.asarray(times, dtype=np.float64)
    if not len(far) or not len(late) or (np.diff(far) <= 0).any() or (np.diff(late) <= 0).any():
        raise ValueError("Bands need at least one end each, and ends that rise.")
    if far[0] < 0 or late[0] < 0 or deals < 1:
        raise ValueError("Bands begin at 0 or above, and at least one deal is needed.")
    there = np.isfinite(first) & np.isfinite(second) & np.isfinite(when)
    first, second, when = first[there], second[there], when[there]
    shape = (len(far), len(late))
    if len(first) < FEWEST:
        return _none(shape, f"There are {len(first)} events; {FEWEST} are needed.")
    if (snapped_share(first, second) or 0.0) > SNAPPED:
        return _none(
            shape,
            "More than half of the points lie exactly on another: they are snapped to map points, "
            "so repeats at a place cannot be told from the snapping.",
        )
    tree = scipy.spatial.cKDTree(np.column_stack([first, second]))
    held = int((tree.count_neighbors(tree, float(far[-1])) - len(first)) // 2)
    if held > LARGEST:
        raise ValueError(
            f"There are {held:,} pairs within {far[-1]:g} m; at most {LARGEST:,} are worked out. "
            "Take a shorter distance or fewer events."
        )
    pairs = tree.query_pairs(float(far[-1]), output_type="ndarray")
    apart = np.hypot(*(each[pairs[:, 0]] - each[pairs[:, 1]] for each in (first, second)))
    ring = np.searchsorted(far, apart, side="left")

    def table(moments: Reals) -> npt.NDArray[np.int64]:
        gap = np.abs(moments[pairs[:, 0]] - moments[pairs[:, 1]])
        band = np.searchsorted(late, gap, side="left")
        kept = (band < len(late)) & (ring < len(far))
        cell = ring[kept] * len(late) + band[kept]
        return np.bincount(cell, minlength=len(far) * len(late)).reshape(shape)

    observed = table(when)
    chance = np.random.default_rng(seed)
    total, as_many = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    for _ in range(deals):
        dealt = table(chance.permutation(when))
        total += dealt
        as_many += dealt >= observed
    expected = total / deals
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(expected > 0, observed / expected, np.nan)
    p_value = (as_many + 1) / (deals + 1)
    return NearRepeats(observed, expected, ratio, p_value, false_discovery(p_value), deals)


def _none(shape: tuple[int, int], reason: str) -> NearRepeats:
    nan = np.full(shape, np.nan)
    return NearRepeats(np.zeros(shape, dtype=np.int64), nan, nan, nan, nan, 0, reason)
