"""When it happened, where only a from and a to are known.

Method: Ratcliffe and McCullagh (1998), "Aoristic crime analysis", International Journal of
Geographical Information Science 12; Ratcliffe (2002), "Aoristic signatures and the spatio-temporal
analysis of high volume crime patterns", Journal of Quantitative Criminology 18. Each event counts
1, spread evenly over the time in which it may have happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.floating[Any]]
HOURS, WEEK = 168, timedelta(days=7)
_MONDAY = np.datetime64("2024-01-01T00:00", "s")


@dataclass(frozen=True, slots=True)
class Aoristic:
    """`weight` is (7, 24): events by day from Monday and hour, adding up to `events`.

    `missing` have no time, `backwards` end before they start, `too_long` may have happened over
    longer than was asked: these say nothing about the hour and are in none of the weights.
    """

    weight: Reals
    events: int
    missing: int
    backwards: int
    too_long: int


def aoristic(
    starts: Sequence[datetime | None] | npt.NDArray[np.datetime64],
    ends: Sequence[datetime | None] | npt.NDArray[np.datetime64],
    *,
    longest: timedelta = WEEK,
) -> Aoristic:
    """Events by hour of the week, each spread evenly from its start to its end.

    One local time each, without a zone; an end that is missing means the start is exact, and an
    event whose times are the same counts in that hour. Raises ValueError for lists of different
    length and for `longest` beyond a year.
    """
    if len(starts) != len(ends):
        raise ValueError("Every event needs a start and an end.")
    if not timedelta() < longest <= timedelta(days=366):
        raise ValueError("The longest time an event may take lies above 0 and up to a year.")
    first = np.array(starts, dtype="datetime64[s]")
    last = np.array(ends, dtype="datetime64[s]")
    last = np.where(np.isnat(last), first, last)
    missing = np.isnat(first)
    backwards = ~missing & (last < first)
    too_long = ~missing & (last - first > np.timedelta64(int(longest.total_seconds()), "s"))
    used = ~(missing | backwards | too_long)
    begin = (first[used] - _MONDAY).astype(np.int64) / 3600
    length = (last[used] - first[used]).astype(np.int64) / 3600
    return Aoristic(
        weight=_spread(begin % HOURS, length).reshape(7, 24),
        events=int(used.sum()),
        missing=int(missing.sum()),
        backwards=int(backwards.sum()),
        too_long=int(too_long.sum()),
    )


def _spread(begin: Reals, length: Reals) -> Reals:
    """Weights of the 168 hours; begin in hours of the week, length in hours."""
    weight = np.zeros(HOURS)
    exact = length == 0
    np.add.at(weight, begin[exact].astype(np.int64), 1.0)
    begin, length = begin[~exact], length[~exact]
    rounds, rest = np.divmod(length, HOURS)
    weight += (rounds / length).sum()
    end = begin + rest
    low, high = np.floor(begin).astype(np.int64), np.floor(end).astype(np.int64)
    share = 1 / length
    # Whole hours from low to high, then what was too much at both ends is taken off.
    steps = np.zeros(2 * HOURS + 2)
    np.add.at(steps, low, share)
    np.add.at(steps, high + 1, -share)
    over = np.cumsum(steps)[: 2 * HOURS]
    np.add.at(over, low, -(begin - low) * share)
    np.add.at(over, np.minimum(high, 2 * HOURS - 1), -(high + 1 - end) * share)
    weight += over[:HOURS] + over[HOURS:]
    return np.asarray(np.where(np.abs(weight) < 1e-9, 0.0, weight))
