"""Rates of small places: shrunk towards the whole, ranked with their uncertainty.

Sources: Marshall (1991), "Mapping disease and mortality rates using empirical Bayes estimators",
Applied Statistics 40; Goldstein and Spiegelhalter (1996), "League tables and their limitations",
Journal of the Royal Statistical Society A 159; Spiegelhalter (2005), "Funnel plots for comparing
institutional performance", Statistics in Medicine 24, for overdispersion.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from frankpledge.analysis.counts import checked

DRAWS = 4000
SEED = 20_050_101
_TRIMMED = 0.1


@dataclass(frozen=True, slots=True)
class Smoothed:
    """A place's own rate and the smoothed one, per `per`; `kept` is the share of its own rate that
    the smoothed one keeps, from 0 (too small to tell) to 1."""

    own: float
    smoothed: float
    kept: float
    per: float


def empirical_bayes(
    counts: Sequence[float | None], populations: Sequence[float | None], *, per: float = 1000
) -> tuple[Smoothed | None, ...]:
    """Each place's rate drawn towards the pooled rate, the more the fewer its people.

    One count and one population a place. The method of moments of Marshall (1991), global; where
    the places differ by no more than chance, all get the pooled rate. None for a place whose
    figure is missing or where nobody lives. Raises ValueError for lists of different length.
    """
    read = _pairs(counts, populations)
    usable = [(count, people) for count, people in read if count is not None and people]
    if not usable:
        return tuple(None for _ in read)
    everyone = math.fsum(people for _, people in usable)
    pooled = math.fsum(count for count, _ in usable) / everyone
    spread = math.fsum(n * (count / n - pooled) ** 2 for count, n in usable) / everyone
    between = max(0.0, spread - pooled / (everyone / len(usable)))

    def smoothed(count: float, people: float) -> Smoothed:
        chance = pooled / people
        kept = between / (between + chance) if between + chance > 0 else 0.0
        own = count / people
        return Smoothed(own * per, (pooled + kept * (own - pooled)) * per, kept, per)

    return tuple(None if count is None or not n else smoothed(count, n) for count, n in read)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place's rank by rate (1 is highest) and the 95% interval of it. `certain` is whether the
    interval is narrower than half of all places; else a rank should not be shown."""

    rank: float
    low: int
    high: int
    certain: bool


def rank_intervals(
    counts: Sequence[float | None],
    populations: Sequence[float | None],
    *,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
) -> tuple[Ranked | None, ...]:
    """Where each place may stand in a ranking by rate, as chance alone would move it.

    Rates are drawn from the gamma distribution of each count (Jeffreys' prior) and ranked, `draws`
    times; `rank` is the median. The same seed gives the same answer. None for a place that has no
    figure or no people. Raises ValueError for lists of different length.
    """
    read = _pairs(counts, populations)
    at = [place for place, (count, people) in enumerate(read) if count is not None and people]
    found: list[Ranked | None] = [None] * len(read)
    if not at:
        return tuple(found)
    chance = np.random.default_rng(seed)
    shape = np.array([(read[place][0] or 0.0) + 0.5 for place in at])
    people = np.array([read[place][1] or 0.0 for place in at])
    rates = chance.gamma(shape, size=(draws, len(at))) / people
    ranks = (-rates).argsort(axis=1).argsort(axis=1) + 1
    tail = (1 - confidence) / 2
    low, middle, high = np.quantile(ranks, [tail, 0.5, 1 - tail], axis=0, method="nearest")
    for index, place in enumerate(at):
        width = int(high[index]) - int(low[index]) + 1
        found[place] = Ranked(
            float(middle[index]), int(low[index]), int(high[index]), width <= max(1, len(at) / 2)
        )
    return tuple(found)


def overdispersion(counts: Sequence[float | None], expected: Sequence[float | None]) -> float:
    """By how much places differ more than chance would have it: the variance factor, 1 for none.

    One observed and one expected count a place. Scores are 2(√observed − √expected), the lowest
    and highest tenth drawn in to the next (winsorised), and the factor is the mean of their
    squares. It is 1 where it is not larger than 1 + 2√(2/places), as Spiegelhalter has it: chance.
    """
    scores = np.sort(
        [
            2 * (math.sqrt(count) - math.sqrt(wanted))
            for count, wanted in _pairs(counts, expected)
            if count is not None and wanted
        ]
    )
    if not len(scores):
        return 1.0
    trimmed = int(len(scores) * _TRIMMED)
    scores = np.clip(scores, scores[trimmed], scores[len(scores) - 1 - trimmed])
    factor = float(np.mean(scores**2))
    return factor if factor > 1 + 2 * math.sqrt(2 / len(scores)) else 1.0


def _pairs(
    counts: Sequence[float | None], others: Sequence[float | None]
) -> list[tuple[float | None, float | None]]:
    if len(counts) != len(others):
        raise ValueError(f"There are {len(counts)} counts and {len(others)} figures beside them.")
    return [(checked(a), checked(b)) for a, b in zip(counts, others, strict=True)]
