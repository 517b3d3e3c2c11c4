"""Control limits over time, and funnel limits between places.

Sources: Wheeler (1993), "Understanding Variation" and Shewhart (1931) for XmR limits; Western
Electric (1956), "Statistical Quality Control Handbook" and Nelson (1984) for the rules; Montgomery,
"Introduction to Statistical Quality Control", for p limits; Spiegelhalter (2005), "Funnel plots for
comparing institutional performance", Statistics in Medicine 24, for exact funnels.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Literal

import numpy as np
import scipy  # its parts load when first used: together they take a second

from frankpledge.analysis.counts import checked

FEWEST = 8
MEAN_RANGE_TO_LIMIT = 2.66
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class SignalRule:
    name: str
    sentence: str
    source: str


OUTSIDE = SignalRule("outside", "One month lies outside the limits.", "Shewhart 1931")
TWO_OF_THREE = SignalRule(
    "two of three",
    "Two of three months in a row lie beyond two thirds of the way to the same limit.",
    "Western Electric 1956",
)
RUN = SignalRule(
    "run", "Eight months in a row lie on one side of the mean.", "Western Electric 1956"
)
TREND = SignalRule("trend", "Six months in a row rise, or six fall.", "Nelson 1984, test 3")
RULES = (OUTSIDE, TWO_OF_THREE, RUN, TREND)


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that fired: the positions it speaks of and which way they lie."""

    rule: SignalRule
    positions: tuple[int, ...]
    side: Literal["above", "below"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits at each position (None where there is no figure), and the signals against them.

    `values` are the figures judged: None at gaps and at months left out. `centre` is None, and so
    are all limits, where fewer than eight figures are left; `reason` then says so.
    """

    values: tuple[float | None, ...]
    centre: float | None
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    signals: tuple[Signal, ...]
    reason: str = ""

    def side(self, position: int) -> Literal["above", "below", "within"] | None:
        """Where a figure lies against its own limits; None where that cannot be said."""
        value, low, high = self.values[position], self.lower[position], self.upper[position]
        if value is None or low is None or high is None:
            return None
        return "above" if _over(value, high) else "below" if _over(low, value) else "within"


def _over(value: float, limit: float) -> bool:
    """Truly above: sums of decimals do not make a point lie outside its own mean."""
    return value > limit and not math.isclose(value, limit, rel_tol=_TINY, abs_tol=_TINY)


def xmr_limits(
    values: Sequence[float | None],
    *,
    incomplete: Collection[int] = (),
    baseline: Collection[int] | None = None,
    rules: Sequence[SignalRule] = RULES,
) -> Limits:
    """Limits of an XmR chart: mean ± 2.66 × mean moving range, never below zero.

    `values` has one count or rate a month. Missing months and the positions in `incomplete` take no
    part, and no moving range, run or trend reaches across them. `baseline` are the positions that
    set mean and limits (all by default). No limits without eight of them and seven moving ranges.
    """
    used = _usable(values, incomplete)
    setting = [v if baseline is None or i in set(baseline) else None for i, v in enumerate(used)]
    present = [value for value in setting if value is not None]
    if len(present) < FEWEST:
        return too_short(used, len(present))
    ranges = [abs(b - a) for a, b in pairwise(setting) if a is not None and b is not None]
    if len(ranges) < FEWEST - 1:
        return too_short(used, len(present))
    centre = math.fsum(present) / len(present)
    reach = MEAN_RANGE_TO_LIMIT * math.fsum(ranges) / len(ranges)
    return judged(used, centre, [reach] * len(used), rules, ceiling=math.inf)


def p_limits(
    parts: Sequence[float | None],
    wholes: Sequence[float | None],
    *,
    incomplete: Collection[int] = (),
    rules: Sequence[SignalRule] = RULES,
) -> Limits:
    """Limits of a p chart: pooled proportion ± 3 standard errors for each month's own size.

    Within 0 and 1. A month whose whole is zero or missing has no figure. Raises ValueError when a
    part is larger than its whole.
    """
    if len(parts) != len(wholes):
        raise ValueError("Every part needs its whole.")
    read = [
        (checked(part), checked(whole)) if i not in incomplete else (None, None)
        for i, (part, whole) in enumerate(zip(parts, wholes, strict=True))
    ]
    for part, whole in read:
        if part is not None and whole is not None and part > whole:
            raise ValueError(f"A part of {part} is larger than its whole of {whole}.")
    used = [None if part is None or not whole else part / whole for part, whole in read]
    pairs = [(part, whole) for part, whole in read if part is not None and whole]
    if len(pairs) < FEWEST:
        return too_short(used, len(pairs))
    pooled = math.fsum(p for p, _ in pairs) / math.fsum(w for _, w in pairs)
    reach = [3 * math.sqrt(pooled * (1 - pooled) / whole) if whole else 0.0 for _, whole in read]
    return judged(used, pooled, reach, rules, ceiling=1.0)


def _usable(values: Sequence[float | None], incomplete: Collection[int]) -> list[float | None]:
    left_out = set(incomplete)
    return [
        None if i in left_out or v is None or not math.isfinite(v) else float(v)
        for i, v in enumerate(values)
    ]


def too_short(used: Sequence[float | None], found: int) -> Limits:
    nothing = tuple(None for _ in used)
    said = "There is 1 usable month" if found == 1 else f"There are {found} usable months"
    reason = f"{said}; limits need {FEWEST} with few gaps between them."
    return Limits(tuple(used), None, nothing, nothing, (), reason)


def judged(
    used: list[float | None],
    centre: float,
    reach: Sequence[float],
    rules: Sequence[SignalRule],
    *,
    ceiling: float,
) -> Limits:
    lower = [None if v is None else max(0.0, centre - r) for v, r in zip(used, reach, strict=True)]
    upper = [
        None if v is None else min(ceiling, centre + r) for v, r in zip(used, reach, strict=True)
    ]
    # A point's score is how many thirds of the way to its limit it lies, signed.
    scores = [
        None if v is None else _score(v - centre, r) for v, r in zip(used, reach, strict=True)
    ]
    found: list[Signal] = []
    if OUTSIDE in rules:
        found += _outside(used, lower, upper)
    if TWO_OF_THREE in rules:
        found += _two_of_three(scores)
    if RUN in rules:
        found += _runs(scores)
    if TREND in rules:
        found += _trends(used)
    return Limits(tuple(used), centre, tuple(lower), tuple(upper), tuple(found))


def _score(distance: float, reach: float) -> float:
    if math.isclose(distance, 0, abs_tol=_TINY * max(1.0, reach)):
        return 0.0
    return math.copysign(math.inf, distance) if reach == 0 else 3 * distance / reach


def _outside(
    used: Sequence[float | None], lower: Sequence[float | None], upper: Sequence[float | None]
) -> list[Signal]:
    found = []
    for i, (value, low, high) in enumerate(zip(used, lower, upper, strict=True)):
        if value is None or low is None or high is None:
            continue
        if _over(value, high):
            found.append(Signal(OUTSIDE, (i,), "above"))
        elif _over(low, value):
            found.append(Signal(OUTSIDE, (i,), "below"))
    return found


def _two_of_three(scores: Sequence[float | None]) -> list[Signal]:
    found: list[Signal] = []
    for i in range(len(scores) - 2):
        three = [s for s in scores[i : i + 3] if s is not None]
        if len(three) < 3:
            continue
        for sign, side in ((1, "above"), (-1, "below")):
            beyond = tuple(i + k for k in range(3) if sign * three[k] > 2 + _TINY)
            if len(beyond) >= 2 and (not found or found[-1].positions != beyond):
                found.append(Signal(TWO_OF_THREE, beyond, "above" if side == "above" else "below"))
    return found


def _runs(scores: Sequence[float | None]) -> list[Signal]:
    sides = [0 if s is None or s == 0 else (1 if s > 0 else -1) for s in scores]
    return [
        Signal(RUN, tuple(range(first, last)), "above" if side > 0 else "below")
        for first, last, side in _stretches(sides)
        if side != 0 and last - first >= 8
    ]


def _trends(used: Sequence[float | None]) -> list[Signal]:
    steps = []
    for a, b in pairwise(used):
        steps.append(0 if a is None or b is None or a == b else (1 if b > a else -1))
    # Six points in a row that rise make five steps.
    return [
        Signal(TREND, tuple(range(first, last + 1)), "above" if side > 0 else "below")
        for first, last, side in _stretches(steps)
        if side != 0 and last - first >= 5
    ]


def _stretches(sides: Sequence[int]) -> list[tuple[int, int, int]]:
    """Runs of the same number: first, one past the last, the number."""
    found: list[tuple[int, int, int]] = []
    for i, side in enumerate(sides):
        if found and found[-1][2] == side:
            found[-1] = (found[-1][0], i + 1, side)
        else:
            found.append((i, i + 1, side))
    return found


class Standing(StrEnum):
    FAR_ABOVE = "above the 99.8% limit"
    ABOVE = "above the 95% limit"
    WITHIN = "within the limits"
    BELOW = "below the 95% limit"
    FAR_BELOW = "below the 99.8% limit"
    MISSING = "no data"


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """One place: its rate and the limits its rate would keep if it were as the whole."""

    rate: float | None
    low95: float | None
    high95: float | None
    low998: float | None
    high998: float | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Funnel:
    """`average` is the pooled rate (None without data); `tests` is how many places were judged,
    so about `tests` / 20 lie outside the 95% limits by chance alone."""

    average: float | None
    points: tuple[FunnelPoint, ...]
    tests: int


_NOTHING = FunnelPoint(None, None, None, None, None, Standing.MISSING)


def funnel(
    counts: Sequence[float | None],
    denominators: Sequence[float | None],
    *,
    kind: Literal["rate", "proportion"] = "rate",
    per: float = 1000,
    overdispersion: float = 1.0,
) -> Funnel:
    """Exact funnel limits for comparing places of different size.

    `rate`: Poisson counts over populations, given per `per`. `proportion`: binomial parts of
    wholes, given per 1. Limits are exact quantiles, in whole counts and not interpolated: a
    figure on a limit is within, and one beyond it had a chance of at most 2.5% (or 0.1%) there.
    With an `overdispersion` above 1 (see `small_areas`) the limits lie further out by its root, on
    the scale of the root of the count, and are no longer whole. Missing counts, and denominators
    that are missing or zero, have no point.
    """
    if len(counts) != len(denominators):
        raise ValueError("Every count needs its denominator.")
    if not (math.isfinite(overdispersion) and overdispersion >= 1):
        raise ValueError("Overdispersion is a number from 1.")
    read = [(checked(c), checked(d)) for c, d in zip(counts, denominators, strict=True)]
    usable = [(c, d) for c, d in read if c is not None and d]
    if kind == "proportion" and any(c > d for c, d in usable):
        raise ValueError("A part is larger than its whole.")
    if not usable:
        return Funnel(None, tuple(_NOTHING for _ in read), 0)
    average = math.fsum(c for c, _ in usable) / math.fsum(d for _, d in usable)
    scale = per if kind == "rate" else 1.0
    limits = iter(_limits([size for _, size in usable], average, kind, overdispersion))
    points = tuple(
        _NOTHING if count is None or not size else _point(count, size, next(limits), scale)
        for count, size in read
    )
    return Funnel(average * scale, points, len(usable))


def _point(count: float, size: float, limits: Sequence[float], scale: float) -> FunnelPoint:
    low998, low95, high95, high998 = limits
    if _over(count, high998):
        standing = Standing.FAR_ABOVE
    elif _over(count, high95):
        standing = Standing.ABOVE
    elif _over(low998, count):
        standing = Standing.FAR_BELOW
    elif _over(low95, count):
        standing = Standing.BELOW
    else:
        standing = Standing.WITHIN
    unit = scale / size
    return FunnelPoint(
        count * unit, low95 * unit, high95 * unit, low998 * unit, high998 * unit, standing
    )


def _limits(
    sizes: Sequence[float], average: float, kind: str, overdispersion: float
) -> list[list[float]]:
    """For each size the smallest whole counts that 0.1%, 2.5%, 97.5% and 99.9% of outcomes do
    not exceed."""
    shares = np.array([0.001, 0.025, 0.975, 0.999])
    size = np.asarray(sizes, dtype=np.float64)[:, None]
    found = (
        scipy.stats.poisson.ppf(shares, size * average)
        if kind == "rate"
        else scipy.stats.binom.ppf(shares, np.round(size), average)
    )
    # A degenerate law (average 0 or 1) may answer one below its only outcome.
    whole = np.where(np.isfinite(found), np.maximum(found, 0.0), 0.0)
    if overdispersion > 1:
        middle = np.sqrt(size * average)
        roots = middle + (np.sqrt(whole) - middle) * math.sqrt(overdispersion)
        whole = np.minimum(np.maximum(roots, 0.0) ** 2, size if kind == "proportion" else math.inf)
    limits: list[list[float]] = whole.tolist()
    return limits
