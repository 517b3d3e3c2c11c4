"""Returns that come late: what a month will have come to, and how sure that is.

Method: Lawless (1994), "Adjustments for reporting delays and the prediction of occurred but not
reported events", Canadian Journal of Statistics 22: the share that has come after so many periods
is learnt from older months, and what is missing follows a negative binomial law.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: together they take a second

Reals = npt.NDArray[np.floating[Any]]
Whole = npt.NDArray[np.int64]
FEWEST = 6


@dataclass(frozen=True, slots=True)
class Nowcast:
    """`known` has come; `expected` is the whole, with its 95% interval. `share` is how much had
    come by now in older months. None with a `reason` where that cannot be said."""

    known: int
    expected: float | None
    low: float | None
    high: float | None
    share: float | None
    reason: str = ""


def nowcast(
    triangle: Sequence[Sequence[float | None]], *, confidence: float = 0.95
) -> tuple[Nowcast, ...]:
    """What each month will have come to, from how months came before.

    `triangle` has one row a month, oldest first, and one column a delay: what came for that month
    in its first, second, … period; None where that lies ahead. The share come by each delay is
    pooled over older months, link by link (chain ladder). The law of what is missing is widened
    by how unequal the older months came. Six older months are needed. Raises ValueError for rows
    of different length, a figure below zero, or a gap followed by a figure.
    """
    if len({len(row) for row in triangle}) > 1:
        raise ValueError("Every month needs the same number of delays.")
    if not triangle:
        return ()
    table = np.array(
        [[np.nan if cell is None else cell for cell in row] for row in triangle], dtype=np.float64
    )
    there = np.isfinite(table)
    if (table[there] < 0).any():
        raise ValueError("A count cannot be below zero.")
    seen = there.sum(axis=1)
    for row, held in enumerate(seen):
        if not there[row, :held].all():
            raise ValueError(
                f"Month {row + 1} has a gap before a figure. Fill it, or leave it out."
            )
    total = np.cumsum(np.where(there, table, 0.0), axis=1)
    delays = table.shape[1]
    step = np.ones(delays)
    grounds = np.zeros(delays, dtype=np.int64)
    for delay in range(1, delays):
        older = seen > delay
        grounds[delay] = int(older.sum())
        before = float(total[older, delay - 1].sum())
        after = float(total[older, delay].sum())
        step[delay] = before / after if after > 0 else 1.0
    share = np.append(np.cumprod(step[::-1])[::-1][1:], 1.0)
    wider = _uneven(total, seen, share)
    return tuple(
        _one(float(total[row, held - 1]) if held else 0.0, held, share, grounds, wider, confidence)
        for row, held in enumerate(seen.tolist())
    )


def _uneven(total: Reals, seen: Whole, share: Reals) -> float:
    """By how much whole months came less evenly than one share for all would have them come."""
    whole = total[seen == total.shape[1]]
    final = whole[:, -1:]
    expected = final * share[:-1]
    spread = final * share[:-1] * (1 - share[:-1])
    usable = spread > 0
    if whole.shape[0] < 2 or not usable.any():
        return 1.0
    return max(1.0, float(((whole[:, :-1] - expected)[usable] ** 2 / spread[usable]).mean()))


def _one(
    known: float,
    held: int,
    share: Reals,
    grounds: Whole,
    wider: float,
    confidence: float,
) -> Nowcast:
    if held == len(share):
        return Nowcast(int(known), known, known, known, 1.0)
    if held == 0:
        return Nowcast(0, None, None, None, None, "Nothing of this month has come yet.")
    come = float(share[held - 1])
    fewest = int(grounds[held:].min())
    if fewest < FEWEST:
        reason = f"Insufficient history: {fewest} older months came so far, {FEWEST} are needed."
        return Nowcast(int(known), None, None, None, come, reason)
    if come >= 1:
        return Nowcast(int(known), known, known, known, 1.0)
    if come <= 0:
        return Nowcast(int(known), None, None, None, come, "Nothing has ever come this early.")
    # The law's mean is what is missing, its variance `wider` times Lawless's. With nothing known
    # yet, half an event stands for it (Jeffreys' prior).
    size = max(known, 0.5) * (1 - come) / (wider - come) if wider > come else max(known, 0.5)
    tail = (1 - confidence) / 2
    law = scipy.stats.nbinom(size, come / wider)
    low, high = float(law.ppf(tail)), float(law.ppf(1 - tail))
    missing = known * (1 - come) / come
    return Nowcast(int(known), known + missing, known + low, known + high, come)
