"""Rates as they would be if every place had the same people.

Methods as in UKHSA's PHEindicatormethods: direct standardisation with the interval of Dobson,
Kuulasmaa, Eberle and Scherer (1991), "Confidence intervals for weighted sums of Poisson
parameters", Statistics in Medicine 10; indirect standardisation with exact limits below 10 events
and Byar's from 10 (Breslow and Day 1987). The European standard population is Eurostat's of 2013.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from frankpledge.analysis.counts import checked, count_interval
from frankpledge.analysis.rates import Rate

FEWEST = 10
# Ages 0-4, 5-9 … 85-89, 90 and over; adds up to 100,000.
EUROPEAN_2013 = (
    5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000,
    7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standardised:
    """A standardised rate, or why there is none; `events` is the count that it rests on."""

    rate: Rate | None
    events: float | None
    reason: str = ""


def direct(
    counts: Sequence[float | None],
    populations: Sequence[float | None],
    standard: Sequence[float],
    *,
    per: float = 100_000,
    confidence: float = 0.95,
) -> Standardised:
    """A directly standardised rate per `per`: one count, population and weight a group of people.

    The rate is the sum of weight × count / population, over the sum of weights; the interval is
    Dobson's on the total count. No rate below ten events, where a group is missing, or where a
    group has no people. A group may have more events than people: visitors are counted. Raises
    ValueError for lists of different length or weights that add up to nothing.
    """
    if not len(counts) == len(populations) == len(standard):
        raise ValueError("Every group needs its count, its population and its weight.")
    weights = [checked(weight) for weight in standard]
    if any(weight is None for weight in weights) or not any(weights):
        raise ValueError("The weights of a standard population are numbers, and one is above zero.")
    read = [
        (checked(count), checked(people), weight)
        for count, people, weight in zip(counts, populations, weights, strict=True)
        if weight
    ]
    groups = [(o, n, w) for o, n, w in read if o is not None and n]
    if len(groups) < len(read):
        return Standardised(None, None, "A group has no figure or no people.")
    total = math.fsum(w for _, _, w in groups)
    events = math.fsum(o for o, _, _ in groups)
    if events < FEWEST:
        return Standardised(None, events, f"There are fewer than {FEWEST} events.")
    value = math.fsum(w * o / n for o, n, w in groups) / total
    variance = math.fsum(w * w * o / (n * n) for o, n, w in groups) / total**2
    interval = count_interval(events, confidence=confidence)
    if interval is None:
        return Standardised(None, None, "A group has no figure or no people.")
    spread = math.sqrt(variance / events)
    low = value + spread * (interval.low - events)
    high = value + spread * (interval.high - events)
    return Standardised(Rate(value * per, max(0.0, low) * per, high * per, per), events)


def expected(populations: Sequence[float | None], rates: Sequence[float | None]) -> float | None:
    """The events that these people would have at the reference's rates, one rate a group.

    None where a group is missing. Raises ValueError for lists of different length.
    """
    if len(populations) != len(rates):
        raise ValueError("Every group needs its population and the reference's rate.")
    read = [
        (checked(people), checked(rate)) for people, rate in zip(populations, rates, strict=True)
    ]
    known = [people * rate for people, rate in read if people is not None and rate is not None]
    return math.fsum(known) if len(known) == len(read) and read else None


def ratio_to_expected(
    count: float | None,
    expected: float | None,
    *,
    reference: float = 1.0,
    confidence: float = 0.95,
) -> Standardised:
    """Observed over expected × `reference`, with its interval: exact below ten, else Byar's.

    With the reference's own crude rate it is an indirectly standardised rate; with 1 a ratio, with
    100 the usual index. No answer where either is missing or nothing was expected.
    """
    observed, wanted = checked(count), checked(expected)
    interval = count_interval(observed, confidence=confidence)
    if observed is None or interval is None or wanted is None:
        return Standardised(None, observed, "A figure is missing.")
    if wanted == 0:
        return Standardised(None, observed, "No event was expected.")
    unit = reference / wanted
    return Standardised(
        Rate(observed * unit, interval.low * unit, interval.high * unit, reference), observed
    )
