"""Counts: their uncertainty, two of them compared, change, rolling sums, concentration.

Methods: count intervals as in UKHSA's PHEindicatormethods (exact Poisson below 10, Byar's method
from 10: Breslow and Day 1987, "Statistical Methods in Cancer Research", volume II); two counts by
the conditional exact test (Przyborowski and Wilenski 1940), as R's `poisson.test`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import scipy  # its parts load when first used: together they take a second

SMALL_BASE = 10
EXACT_BELOW = 10


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


def checked(count: float | None) -> float | None:
    """A count, None where missing (None, NaN or infinite). Raises ValueError below zero."""
    if count is None or not math.isfinite(count):
        return None
    if count < 0:
        raise ValueError(f"A count cannot be below zero: {count}")
    return count


def count_interval(count: float | None, *, confidence: float = 0.95) -> Interval | None:
    """The interval of a count of independent events; None where the count is missing.

    Exact Poisson below 10, Byar's approximation from 10; the lower end of 0 is 0.
    """
    if not 0 < confidence < 1:
        raise ValueError("A confidence lies between 0 and 1.")
    observed = checked(count)
    if observed is None:
        return None
    alpha = 1 - confidence
    if observed < EXACT_BELOW:
        low = 0.0 if observed == 0 else float(scipy.stats.chi2.ppf(alpha / 2, 2 * observed)) / 2
        return Interval(low, float(scipy.stats.chi2.ppf(1 - alpha / 2, 2 * observed + 2)) / 2)
    z = float(scipy.stats.norm.ppf(1 - alpha / 2))
    return Interval(_byar(observed, -z), _byar(observed + 1, z))


def _byar(count: float, z: float) -> float:
    # Written as a cube of small terms: at enormous counts 1 - 1/9O keeps its digits.
    return float(count * (1 - 1 / (9 * count) + z / (3 * math.sqrt(count))) ** 3)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two counts, each with how long or how many it was exposed to.

    `ratio` is the rate ratio now : before (None when before is zero), `low` and `high` its 95%
    interval (high may be infinite), `p_value` two-sided.
    """

    now: int
    before: int
    ratio: float | None
    low: float
    high: float
    p_value: float


def compare(
    now: int | None,
    before: int | None,
    *,
    exposure_now: float = 1.0,
    exposure_before: float = 1.0,
    confidence: float = 0.95,
) -> Comparison | None:
    """Whether two Poisson counts differ by more than chance; None where one is missing.

    Conditional exact test: given their sum, `now` is binomial. Both zero: p is 1 and the interval
    is 0 to infinity. It takes events to be independent: repeats by the same people make real
    uncertainty larger. Raises ValueError for a count below zero or an exposure not above zero.
    """
    first, second = checked(now), checked(before)
    if first is None or second is None:
        return None
    if not (exposure_now > 0 and exposure_before > 0):
        raise ValueError("An exposure lies above zero.")
    one, two = int(first), int(second)
    odds = exposure_before / exposure_now
    if one + two == 0:
        return Comparison(0, 0, None, 0.0, math.inf, 1.0)
    share = exposure_now / (exposure_now + exposure_before)
    test = scipy.stats.binomtest(one, one + two, share)
    # The exact interval of the share, in closed form: `proportion_ci` searches for it.
    tail = (1 - confidence) / 2
    lowest = float(scipy.special.betaincinv(one, two + 1, tail)) if one else 0.0
    highest = float(scipy.special.betaincinv(one + 1, two, 1 - tail)) if two else 1.0
    high = math.inf if highest >= 1 else highest / (1 - highest) * odds
    return Comparison(
        now=one,
        before=two,
        ratio=None if two == 0 else one / two * odds,
        low=lowest / (1 - lowest) * odds,
        high=float(high),
        p_value=min(1.0, float(test.pvalue)),
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A change between two counts. `percent` is None where it would mislead; `reason` says why."""

    difference: int | None
    percent: float | None
    reason: Literal["", "missing", "zero base", "small base"]

    @property
    def sentence(self) -> str:
        return {
            "": "",
            "missing": "There is no change to give, because a figure is missing.",
            "zero base": "There is no percentage, because the earlier count is zero.",
            "small base": "There is no percentage, because the earlier count is small.",
        }[self.reason]


def percent_change(now: int | None, before: int | None, *, small: int = SMALL_BASE) -> Change:
    """Percent change, with a stated answer where the base is missing, zero or below `small`."""
    first, second = checked(now), checked(before)
    if first is None or second is None:
        return Change(None, None, "missing")
    difference = int(first) - int(second)
    if second == 0:
        return Change(difference, None, "zero base")
    if second < small:
        return Change(difference, None, "small base")
    return Change(difference, 100 * difference / int(second), "")


def rolling_sum(values: Sequence[int | None], *, months: int = 12) -> tuple[int | None, ...]:
    """For each month the sum of the `months` that end with it; missing if any of them is."""
    if months < 1:
        raise ValueError("A rolling sum covers one month or more.")
    read = [checked(value) for value in values]
    result: list[int | None] = []
    total = present = 0
    for index, value in enumerate(read):
        total += 0 if value is None else int(value)
        present += value is not None
        if index >= months:
            left = read[index - months]
            total -= 0 if left is None else int(left)
            present -= left is not None
        result.append(total if present == months else None)
    return tuple(result)


@dataclass(frozen=True, slots=True)
class Concentration:
    """`areas` of `of` areas hold at least the share asked for; `held` is what they hold."""

    areas: int
    of: int
    held: int
    total: int


def areas_holding(
    counts: Iterable[int | None], *, share: float = 0.5, of: int | None = None
) -> Concentration | None:
    """The fewest areas that together hold a share (half) of the total.

    `counts` has one count an area; areas with none belong in it, or give how many there are as
    `of`. None where there is nothing to share out or an area is missing.
    """
    if not 0 < share <= 1:
        raise ValueError("A share lies above 0 and up to 1.")
    read = [checked(count) for count in counts]
    if any(count is None for count in read):
        return None
    ordered = sorted((int(count) for count in read if count is not None), reverse=True)
    total = sum(ordered)
    if total == 0:
        return None
    held = 0
    for areas, count in enumerate(ordered, start=1):
        held += count
        if held >= share * total:
            return Concentration(areas, max(len(ordered), of or 0), held, total)
    return Concentration(len(ordered), max(len(ordered), of or 0), held, total)
