"""Charts that see a slow drift sooner than single months do, and counts of unlike exposure.

Sources: Montgomery, "Introduction to Statistical Quality Control", for u charts and tabular cusums
(k = ½, h = 5); Lucas and Saccucci (1990), "Exponentially weighted moving average control schemes",
Technometrics 32 (weight 0.2, reach 2.962: a false alarm in about 500 periods).
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from frankpledge.analysis.control import FEWEST, RULES, Limits, SignalRule, judged, too_short
from frankpledge.analysis.counts import checked

MEAN_RANGE_TO_SIGMA = 1.128


def u_limits(
    counts: Sequence[float | None],
    exposures: Sequence[float | None],
    *,
    incomplete: Collection[int] = (),
    rules: Sequence[SignalRule] = RULES,
) -> Limits:
    """Limits of a u chart: pooled rate ± 3 √(rate / exposure), for each period's own exposure.

    One count and one exposure (people, visits, days) a period; the figures judged are count over
    exposure. A period whose exposure is zero or missing has no figure; `incomplete` take no part.
    """
    if len(counts) != len(exposures):
        raise ValueError("Every count needs its exposure.")
    read = [
        (None, None) if i in incomplete else (checked(count), checked(size))
        for i, (count, size) in enumerate(zip(counts, exposures, strict=True))
    ]
    used = [None if count is None or not size else count / size for count, size in read]
    pairs = [(count, size) for count, size in read if count is not None and size]
    if len(pairs) < FEWEST:
        return too_short(used, len(pairs))
    pooled = math.fsum(c for c, _ in pairs) / math.fsum(s for _, s in pairs)
    reach = [3 * math.sqrt(pooled / size) if size else 0.0 for _, size in read]
    return judged(used, pooled, reach, rules, ceiling=math.inf)


@dataclass(frozen=True, slots=True)
class Drift:
    """What was followed a period (None where it cannot be), its limits, and where it left them.

    `centre` and `sigma` come from the baseline; both are None, with a `reason`, without one.
    """

    centre: float | None
    sigma: float | None
    upper_path: tuple[float | None, ...]
    lower_path: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    signals: tuple[tuple[int, Literal["above", "below"]], ...]
    reason: str = ""


def ewma(
    values: Sequence[float | None],
    *,
    weight: float = 0.2,
    reach: float = 2.962,
    baseline: Collection[int] | None = None,
) -> Drift:
    """The exponentially weighted moving average of a series with its limits.

    Each figure counts `weight`, all before it the rest. Centre and spread (mean moving range /
    1.128) come from the positions of `baseline`, all by default. A missing figure leaves the
    average where it was, and has none of its own. Needs eight figures.
    """
    if not 0 < weight <= 1:
        raise ValueError("A weight lies above 0 and up to 1.")
    used, centre, sigma, reason = _baseline(values, baseline)
    nothing = tuple(None for _ in used)
    if centre is None or sigma is None:
        return Drift(None, None, nothing, nothing, nothing, nothing, (), reason)
    path: list[float | None] = []
    high: list[float | None] = []
    low: list[float | None] = []
    average, seen = centre, 0
    for value in used:
        if value is None:
            path, high, low = [*path, None], [*high, None], [*low, None]
            continue
        seen += 1
        average = weight * value + (1 - weight) * average
        spread = sigma * math.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * seen)))
        path.append(average)
        high.append(centre + reach * spread)
        low.append(max(0.0, centre - reach * spread))
    return Drift(
        centre, sigma, tuple(path), tuple(path), tuple(high), tuple(low),
        _outside(path, path, high, low),
    )  # fmt: skip


def cusum(
    values: Sequence[float | None],
    *,
    slack: float = 0.5,
    limit: float = 5.0,
    baseline: Collection[int] | None = None,
) -> Drift:
    """The two tabular cusums of a series: how much has piled up above and below its mean.

    Only what lies further than `slack` standard deviations counts; a sum beyond `limit` standard
    deviations is a signal. Sums are in the unit of the figures; the lower one is below zero. Spread
    and baseline as for `ewma`. A missing figure leaves both sums as they were. Needs eight figures.
    """
    used, centre, sigma, reason = _baseline(values, baseline)
    nothing = tuple(None for _ in used)
    if centre is None or sigma is None:
        return Drift(None, None, nothing, nothing, nothing, nothing, (), reason)
    ups: list[float | None] = []
    downs: list[float | None] = []
    up = down = 0.0
    for value in used:
        if value is None:
            ups, downs = [*ups, None], [*downs, None]
            continue
        up = max(0.0, up + value - centre - slack * sigma)
        down = min(0.0, down + value - centre + slack * sigma)
        ups.append(up)
        downs.append(down)
    high = [None if each is None else limit * sigma for each in ups]
    low = [None if each is None else -limit * sigma for each in downs]
    return Drift(
        centre, sigma, tuple(ups), tuple(downs), tuple(high), tuple(low),
        _outside(ups, downs, high, low),
    )  # fmt: skip


def _baseline(
    values: Sequence[float | None], baseline: Collection[int] | None
) -> tuple[list[float | None], float | None, float | None, str]:
    used = [None if v is None or not math.isfinite(v) else float(v) for v in values]
    setting = [v if baseline is None or i in baseline else None for i, v in enumerate(used)]
    present = [value for value in setting if value is not None]
    ranges = [abs(b - a) for a, b in pairwise(setting) if a is not None and b is not None]
    if len(present) < FEWEST or len(ranges) < FEWEST - 1:
        return used, None, None, too_short(used, len(present)).reason
    centre = math.fsum(present) / len(present)
    return used, centre, math.fsum(ranges) / len(ranges) / MEAN_RANGE_TO_SIGMA, ""


def _outside(
    ups: Sequence[float | None],
    downs: Sequence[float | None],
    high: Sequence[float | None],
    low: Sequence[float | None],
) -> tuple[tuple[int, Literal["above", "below"]], ...]:
    found: list[tuple[int, Literal["above", "below"]]] = []
    for i, (up, down, top, bottom) in enumerate(zip(ups, downs, high, low, strict=True)):
        if up is not None and top is not None and up > top and not math.isclose(up, top):
            found.append((i, "above"))
        elif (
            down is not None
            and bottom is not None
            and down < bottom
            and not math.isclose(down, bottom)
        ):
            found.append((i, "below"))
    return tuple(found)
