"""Where a series broke, and which of its breaks are known.

Sources: Jackson et al. (2005), "An algorithm for optimal partitioning of data on an interval", IEEE
Signal Processing Letters 12; Killick, Fearnhead and Eckley (2012), "Optimal detection of
changepoints with a linear computational cost", JASA 107, for the pruning; Schwarz (1978) for the
penalty.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: together they take a second

from frankpledge.analysis.counts import checked

Reals = npt.NDArray[np.floating[Any]]
SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Break:
    """A known change in what a series counts, from a position on: a lockdown, a recording rule."""

    position: int
    what: str
    source: str = ""


def comparable(length: int, breaks: Sequence[Break]) -> tuple[range, ...]:
    """The stretches of a series within which periods may be compared, oldest first.

    A baseline stays within the last stretch. Breaks outside the series cut nothing.
    """
    cuts = sorted({each.position for each in breaks if 0 < each.position < length})
    ends = [*cuts, length]
    return tuple(range(a, b) for a, b in zip([0, *cuts], ends, strict=True) if a < b)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of periods of one level: `mean` a period, of the figures that are there."""

    periods: range
    mean: float


def change_points(
    counts: Sequence[float | None],
    *,
    penalty: float | None = None,
    shortest: int = SHORTEST,
    breaks: Sequence[Break] = (),
) -> tuple[Segment, ...]:
    """The segments that describe a series of counts best, by Poisson likelihood and a penalty.

    The answer is the optimum over every way to cut the series, not a search. `penalty` is twice
    the log of the number of figures (two parameters a change, after Schwarz) times the series' own
    dispersion, estimated from successive differences, since counts vary more than Poisson's law.
    No segment is shorter than `shortest` figures. Missing figures belong to a segment and say
    nothing. Known `breaks` always cut. Without any figure there is no segment. Raises ValueError
    for a count below zero.
    """
    if shortest < 1:
        raise ValueError("A segment has one period or more.")
    read = [checked(count) for count in counts]
    found: list[Segment] = []
    for stretch in comparable(len(read), breaks):
        found += _segments(read, stretch, penalty, shortest)
    return tuple(found)


def _segments(
    read: Sequence[float | None], stretch: range, penalty: float | None, shortest: int
) -> list[Segment]:
    at = [place for place in stretch if read[place] is not None]
    values = np.array([read[place] for place in at], dtype=np.float64)
    if not len(values):
        return []
    each = penalty if penalty is not None else 2 * math.log(len(values)) * _dispersion(values)
    ends = _optimal(values, each, shortest)
    cuts = [0, *ends]
    firsts = [stretch.start, *(at[cut] for cut in ends[:-1])]
    lasts = [*firsts[1:], stretch.stop]
    return [
        Segment(range(first, last), float(values[low:high].mean()))
        for first, last, low, high in zip(firsts, lasts, cuts, ends, strict=False)
    ]


def _dispersion(values: Reals) -> float:
    """The variance over the mean, from successive differences: a step changes few of them."""
    if len(values) < 2 or not values.mean():
        return 1.0
    return max(1.0, float(np.mean(np.diff(values) ** 2) / 2 / values.mean()))


def _optimal(values: Reals, penalty: float, shortest: int) -> list[int]:
    """One past the end of each segment of the cheapest partition; pruned as Killick has it."""
    length = len(values)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    best = np.full(length + 1, np.inf)
    best[0] = -penalty
    came = np.zeros(length + 1, dtype=np.int64)
    starts = np.array([0])
    for end in range(shortest, length + 1):
        if end - shortest > 0:
            starts = np.append(starts, end - shortest)
        total = sums[end] - sums[starts]
        cost = best[starts] - 2 * (scipy.special.xlogy(total, total / (end - starts)) - total)
        choice = int(np.argmin(cost))
        best[end], came[end] = cost[choice] + penalty, starts[choice]
        starts = starts[(cost <= best[end]) & np.isfinite(cost)]
    if not np.isfinite(best[length]):
        return [length]
    ends = [length]
    while came[ends[0]] > 0:
        ends.insert(0, int(came[ends[0]]))
    return ends
