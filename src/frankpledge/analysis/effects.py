"""Did it work, and where else is like here.

Sources: Bowers and Johnson (2003), "Measuring the geographical displacement and diffusion of
benefit effects of crime prevention activity", Journal of Quantitative Criminology 19, for the
weighted displacement quotient; Wheeler and Ratcliffe (2018), "A simple weighted displacement
difference test", Crime Science 7; the exact interval of an odds ratio (Fisher 1935, as R's
`fisher.test`) for the ratio of two ratios of counts; Andresen (2009), "Testing for similarity in
area-based spatial patterns", Applied Geography 29.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy  # its parts load when first used: together they take a second

from frankpledge.analysis.counts import checked

SEED = 20_090_701
_TOO_SMALL = 10

Standing = Literal["more", "less", "alike", "empty"]
Verdict = Literal["fell", "rose", "too small to tell", "no difference seen", "missing"]


@dataclass(frozen=True, slots=True)
class Effect:
    """How a place changed beside a comparison place.

    `ratio` is the place's after/before over the comparison's after/before (None when it cannot be
    formed), `low` and `high` its 95% interval (high may be infinite), `p_value` two-sided.
    """

    ratio: float | None
    low: float
    high: float
    p_value: float
    verdict: Verdict


def difference_in_differences(
    *,
    before: float | None,
    after: float | None,
    comparison_before: float | None,
    comparison_after: float | None,
    confidence: float = 0.95,
) -> Effect:
    """Whether a place changed otherwise than its comparison, on four counts.

    Conditional on the sums the four counts are a two by two table, so the interval is exact. The
    verdict is “too small to tell” where the place had fewer than ten events before and the
    interval holds 1; “no difference seen” where it holds 1 and there were more. It takes events to
    be independent and both places to have moved alike without the action: look at earlier years.
    """
    read = [checked(each) for each in (before, after, comparison_before, comparison_after)]
    if any(each is None for each in read):
        return Effect(None, 0.0, math.inf, 1.0, "missing")
    b, a, cb, ca = (int(each) for each in read if each is not None)
    table = np.array([[a, b], [ca, cb]])
    if 0 in (a + b, ca + cb, a + ca, b + cb):
        return Effect(None, 0.0, math.inf, 1.0, "too small to tell")
    found = scipy.stats.contingency.odds_ratio(table, kind="conditional")
    bounds = found.confidence_interval(confidence_level=confidence)
    p_value = min(1.0, float(scipy.stats.fisher_exact(table).pvalue))
    low, high = float(bounds.low), float(bounds.high)
    ratio = None if 0 in (b, ca) else a / b / (ca / cb) if cb else None
    if low <= 1 <= high:
        verdict: Verdict = "too small to tell" if b < _TOO_SMALL else "no difference seen"
    else:
        verdict = "fell" if high < 1 else "rose"
    return Effect(ratio, low, high, p_value, verdict)


@dataclass(frozen=True, slots=True)
class Displacement:
    """Where the change went.

    `quotient` (None where the place itself did not change beside its comparison): above 0 the area
    around gained too, 0 to -1 some moved there, below -1 more moved than was prevented.
    `difference` is the events fewer (negative) in place and around, beyond what the comparisons
    did, with its 95% interval; the quotient has no interval of its own.
    """

    quotient: float | None
    difference: float
    low: float
    high: float
    verdict: Verdict


def displacement(
    *,
    place: tuple[float, float],
    around: tuple[float, float],
    comparison: tuple[float, float],
    comparison_around: tuple[float, float] = (0.0, 0.0),
    confidence: float = 0.95,
) -> Displacement:
    """The weighted displacement quotient and difference; each pair is (before, after).

    The difference takes the four changes as independent Poisson counts, and comparisons of like
    size: scale them first. Raises ValueError for a count that is missing or below zero, and for a
    comparison without events.
    """
    pairs = {
        "place": place,
        "around": around,
        "comparison": comparison,
        "comparison around": comparison_around,
    }
    for name, pair in pairs.items():
        if len(pair) != 2 or any(checked(each) is None for each in pair):
            raise ValueError(f"The counts of the {name} are missing. Give before and after.")
    if 0 in comparison:
        raise ValueError("The comparison needs events before and after.")
    own = place[1] / comparison[1] - place[0] / comparison[0]
    beside = around[1] / comparison[1] - around[0] / comparison[0]
    change = place[1] - place[0] + around[1] - around[0]
    change -= comparison[1] - comparison[0] + comparison_around[1] - comparison_around[0]
    spread = math.sqrt(math.fsum(each for pair in pairs.values() for each in pair))
    reach = float(scipy.stats.norm.ppf(0.5 + confidence / 2)) * spread
    low, high = change - reach, change + reach
    if low <= 0 <= high:
        verdict: Verdict = "too small to tell" if place[0] < _TOO_SMALL else "no difference seen"
    else:
        verdict = "fell" if high < 0 else "rose"
    return Displacement(beside / own if own else None, change, low, high, verdict)


@dataclass(frozen=True, slots=True)
class Likeness:
    """A place and how far it is from the one asked about, in standard deviations."""

    code: str
    distance: float


def most_similar(
    facts: Mapping[str, Sequence[float | None]], of: str, *, most: int = 15
) -> tuple[Likeness, ...]:
    """The places most like one, nearest first, by facts such as age, density and deprivation.

    One row of facts a place, all in the same order. Each fact is put on one scale (its mean is 0,
    its standard deviation 1 over all places; a fact that is the same everywhere says nothing) and
    the distance is Euclidean over the root of the number of facts, each with the same weight. A
    place with a missing fact is left out. Raises KeyError for an unknown place, ValueError for
    rows of different length or where the place asked about has a missing fact.
    """
    if len({len(row) for row in facts.values()}) > 1:
        raise ValueError("Every place needs the same facts.")
    wanted = facts[of]
    if any(value is None or not math.isfinite(value) for value in wanted):
        raise ValueError(f"A fact of {of} is missing, so nothing can be compared with it.")
    codes = [
        code
        for code, row in facts.items()
        if all(value is not None and math.isfinite(value) for value in row)
    ]
    table = np.array([facts[code] for code in codes], dtype=np.float64).reshape(len(codes), -1)
    spread = table.std(axis=0)
    told = spread > 0
    if not told.any():
        return tuple(Likeness(code, 0.0) for code in sorted(codes) if code != of)[:most]
    scaled = (table[:, told] - table[:, told].mean(axis=0)) / spread[told]
    far = np.sqrt(((scaled - scaled[codes.index(of)]) ** 2).mean(axis=1))
    near = sorted((float(d), code) for code, d in zip(codes, far, strict=True) if code != of)
    return tuple(Likeness(code, distance) for distance, code in near[:most])


@dataclass(frozen=True, slots=True)
class Similarity:
    """`share` of the areas tested have the share of events that the other pattern leads one to
    expect; `standing` says per area whether it has more, less or as expected."""

    share: float | None
    areas: int
    standing: tuple[Standing, ...]


def similar_patterns(
    base: Sequence[int], test: Sequence[int], *, samples: int = 200, seed: int = SEED
) -> Similarity:
    """Andresen's S: are two sets of events spread over the areas alike?

    One count an area and set. Of the test events 85% are drawn without replacement, `samples`
    times; an area is alike where the base's share lies within the middle 95% of the shares drawn.
    Areas empty in both are left out (they would make any two patterns look alike). None where a
    set has no events. The same seed gives the same answer. Raises ValueError for lists of
    different length or a count below zero.
    """
    if len(base) != len(test):
        raise ValueError("Both patterns need one count for each area.")
    first, second = np.asarray(base, dtype=np.int64), np.asarray(test, dtype=np.int64)
    if (first < 0).any() or (second < 0).any():
        raise ValueError("A count cannot be below zero.")
    used = (first + second) > 0
    drawn = round(0.85 * int(second.sum()))
    if not first.sum() or not drawn:
        return Similarity(None, int(used.sum()), tuple("empty" for _ in base))
    chance = np.random.default_rng(seed)
    shares = (
        chance.multivariate_hypergeometric(second, drawn, size=samples, method="marginals") / drawn
    )
    low, high = np.quantile(shares, [0.025, 0.975], axis=0)
    own = first / first.sum()

    def stands(area: int) -> Standing:
        if not used[area]:
            return "empty"
        if low[area] > own[area]:
            return "more"
        return "less" if high[area] < own[area] else "alike"

    standing = tuple(stands(area) for area in range(len(own)))
    alike = sum(each == "alike" for each in standing)
    return Similarity(alike / int(used.sum()), int(used.sum()), standing)
