"""Rates per head and proportions, with their intervals.

Methods: rate intervals from count intervals (see `counts`); proportions by Wilson's score (Wilson
1927, Newcombe 1998), both as in UKHSA's PHEindicatormethods.
"""

import math
from dataclasses import dataclass

import scipy  # its parts load when first used: together they take a second

from frankpledge.analysis.counts import checked, count_interval


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate per `per` of population with its interval, in the same unit."""

    value: float
    low: float
    high: float
    per: float


def rate(
    count: float | None, population: float | None, *, per: float = 1000, confidence: float = 0.95
) -> Rate | None:
    """Count / population × per with its interval; None where either is missing or nobody lives.

    A count above the population is allowed: visitors are counted and residents are not.
    """
    people = checked(population)
    interval = count_interval(count, confidence=confidence)
    if interval is None or not people or count is None:
        return None
    scale = per / people
    return Rate(count * scale, interval.low * scale, interval.high * scale, per)


@dataclass(frozen=True, slots=True)
class Proportion:
    value: float
    low: float
    high: float


def proportion(
    part: float | None, whole: float | None, *, confidence: float = 0.95
) -> Proportion | None:
    """Part / whole with Wilson's interval; None where either is missing or the whole is zero.

    Raises ValueError when the part is larger than the whole.
    """
    if not 0 < confidence < 1:
        raise ValueError("A confidence lies between 0 and 1.")
    some, everyone = checked(part), checked(whole)
    if some is None or not everyone:
        return None
    if some > everyone:
        raise ValueError(f"A part of {some} is larger than its whole of {everyone}.")
    z = float(scipy.stats.norm.ppf(0.5 + confidence / 2))
    value = some / everyone
    spread = z * math.sqrt(z * z + 4 * some * (1 - value))
    low = (2 * some + z * z - spread) / (2 * (everyone + z * z))
    high = (2 * some + z * z + spread) / (2 * (everyone + z * z))
    return Proportion(value, max(0.0, low), min(1.0, high))
