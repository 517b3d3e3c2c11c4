"""Emerging issues: counts above what their own past leads one to expect.

Method: Farrington, Andrews, Beale and Catchpole (1996), "A statistical algorithm for the early
detection of outbreaks of infectious disease", Journal of the Royal Statistical Society A 159, as
improved by Noufaily et al. (2013), "An improved algorithm for outbreak detection in multiple
surveillance systems", Statistics in Medicine 32. All series and periods are fitted at once: the
seasonal blocks are a factor, so the normal equations of each fit are an arrow (a diagonal and one
row for the trend) and are solved without a matrix.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: together they take a second

Reals = npt.NDArray[np.floating[Any]]
Whole = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Threshold = Literal["negative binomial", "2/3 power", "none"]
_ROUNDS = 25
_CLOSE, _AS_R = 1e-12, 1e-8
_TINY, _FAR = 1e-12, 700.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How the past is read. The defaults are Noufaily's for weeks; `MONTHLY` is for months.

    `period` is how many there are in a year, `years` how many are looked back, `half_window` how
    far around the same time of the year, `blocks` into how many parts a year falls (1 for the
    windows alone), `left_out` how many of the latest take no part in the fit. A residual above
    `outlier` is weighed down. The trend is kept where its p-value is below `trend_below`.
    `fewest` is (events, periods): fewer in so many, and no alarm. `compatible` reproduces R's
    surveillance 1.20, whose limits under “2/3 power” use another dispersion than it states.
    """

    period: int = 52
    years: int = 5
    half_window: int = 3
    blocks: int = 10
    left_out: int = 26
    outlier: float = 2.58
    trend_below: float = 1.0
    alpha: float = 0.01
    threshold: Threshold = "negative binomial"
    fewest: tuple[int, int] = (5, 4)
    compatible: bool = False


WEEKLY = Settings()
MONTHLY = Settings(period=12, years=4, half_window=1, blocks=5, left_out=3)
# Farrington's windows alone, as surveillance's defaults have them.
ORIGINAL = Settings(
    blocks=1,
    left_out=3,
    trend_below=0.05,
    alpha=0.05,
    threshold="2/3 power",
)


@dataclass(frozen=True, slots=True)
class Surveillance:
    """One row a period watched, one column a series.

    `expected`, `upper` (the limit), `dispersion` and `trend` (whether one was kept) come from the
    fit; `p_value` is the chance of as many or more, by which to rank; `alarm` says the count lies
    above the limit and is not too small. NaN where nothing could be fitted.
    """

    expected: Reals
    upper: Reals
    p_value: Reals
    dispersion: Reals
    trend: Bools
    alarm: Bools
    enough: Bools
    reason: str = ""


def past_of(now: int, settings: Settings = WEEKLY) -> tuple[int, ...]:
    """The same time of the year, now and in the years looked back: 48, 36, 24 for months."""
    return tuple(now - settings.period * back for back in range(settings.years + 1))


def blocks_of(now: int, settings: Settings = WEEKLY) -> tuple[Whole, Whole]:
    """Which periods before `now` take part, and which part of the year each is in.

    Positions count from 0. The parts are numbered from 0; the last holds the windows around the
    same time of the year. Raises ValueError where the year cannot be cut so or begins before 0.
    """
    times = past_of(now, settings)
    reach = settings.half_window
    if times[-1] - reach < 0:
        raise ValueError(
            f"There are {now} periods before it; {settings.years * settings.period + reach} are "
            "needed."
        )
    last = settings.blocks - 1
    part = dict.fromkeys(range(now - reach, now + 1), last)
    for later, earlier in pairwise(times):
        part |= dict.fromkeys(range(earlier - reach, earlier + reach + 1), last)
        if settings.blocks == 1:
            continue
        between = range(earlier + reach + 1, later - reach)
        if len(between) < settings.blocks - 1:
            raise ValueError("A year has too few periods for so many blocks.")
        size, rest = divmod(len(between), settings.blocks - 1)
        start = 0
        for block in range(settings.blocks - 1):
            width = size + (block < rest)
            part |= dict.fromkeys(between[start : start + width], block)
            start += width
    ordered = sorted(part)
    used = ordered[: len(ordered) - settings.left_out - 1]
    return np.array(used, dtype=np.int64), np.array([part[at] for at in used], dtype=np.int64)


def watch(
    counts: Sequence[Sequence[float | None]] | Reals,
    *,
    settings: Settings = WEEKLY,
    last: int = 1,
    leave_out: Sequence[int] = (),
) -> Surveillance:
    """Whether the last periods of each series stand out from its own past.

    `counts` has one row a period, oldest first, and one column a series; missing figures (None or
    NaN) and the periods of `leave_out` (breaks, incomplete releases) take no part in any fit. The
    answer has `last` rows. With too short a past there is no fit and `reason` says so; with fewer
    than three years no trend is fitted. Raises ValueError for a count below zero.
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim == 1:
        table = table[:, None]
    if table.ndim != 2:
        raise ValueError("Give one row a period and one column a series.")
    table = np.where(np.isfinite(table), table, np.nan)
    if (table < 0).any():
        raise ValueError("A count cannot be below zero.")
    length, series = table.shape
    needed = settings.years * settings.period + settings.half_window
    short = max(0, min(last, needed - (length - last)))
    if length - last < needed and short >= last:
        return _nothing(
            (last, series),
            f"Insufficient history: {length} periods are there and {needed + 1} are needed.",
        )
    past = table.copy()
    past[list(leave_out)] = np.nan
    rows = [_watched(past, table, now, settings) for now in range(length - last + short, length)]
    missing = (short, series)

    def joined(part: Any) -> Any:
        found = np.stack([part(row) for row in rows])
        before = np.zeros(missing, bool) if found.dtype == bool else np.full(missing, np.nan)
        return np.concatenate([before, found])

    return Surveillance(
        expected=joined(lambda row: row.expected[0]),
        upper=joined(lambda row: row.upper[0]),
        p_value=joined(lambda row: row.p_value[0]),
        dispersion=joined(lambda row: row.dispersion[0]),
        trend=joined(lambda row: row.trend[0]),
        alarm=joined(lambda row: row.alarm[0]),
        enough=joined(lambda row: row.enough[0]),
        reason=f"Insufficient history for the first {short} of {last} periods." if short else "",
    )


def _nothing(shape: tuple[int, int], reason: str) -> Surveillance:
    nan, no = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    return Surveillance(nan, nan, nan, nan, no, no, no, reason)


def _watched(past: Reals, table: Reals, now: int, settings: Settings) -> Surveillance:
    at, block = blocks_of(now, settings)
    # Time counts from 1, as R has it.
    fit = _fitted(np.ascontiguousarray(past[at].T), block, at + 1.0, now + 1.0, settings)
    seen = table[now]
    few, periods = settings.fewest
    enough = np.nansum(table[max(0, now - periods + 1) : now + 1], axis=0) >= few
    upper, p_value = limit_of(
        expected=fit.expected,
        error=fit.error,
        dispersion=fit.dispersion,
        seen=seen,
        alpha=settings.alpha,
        threshold=settings.threshold,
    )
    known = np.isfinite(fit.expected)
    return Surveillance(
        expected=fit.expected[None],
        upper=upper[None],
        p_value=np.where(np.isnan(seen), np.nan, p_value)[None],
        dispersion=np.where(known, fit.dispersion, np.nan)[None],
        trend=fit.trend[None],
        alarm=(enough & (seen > upper) & (seen > 0))[None],
        enough=enough[None],
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    expected: Reals
    error: Reals  # of the prediction, on the scale of counts
    dispersion: Reals
    trend: Bools


def _fitted(counts: Reals, block: Whole, time: Reals, now: float, settings: Settings) -> _Fit:
    """Fits with a trend where one is allowed, and without it wherever it is not kept."""
    current = settings.blocks - 1
    plain = np.zeros(len(counts), dtype=bool)
    if settings.years < 3:
        return _model(counts, block, time, now, current, settings, plain)[0]
    whole, p_trend = _model(counts, block, time, now, current, settings, ~plain)
    largest = np.nanmax(np.where(np.isnan(counts), -np.inf, counts), axis=1, initial=-np.inf)
    keep = (p_trend < settings.trend_below) & (whole.expected <= largest)
    again = np.flatnonzero(~keep)
    if not len(again):
        return whole
    other, _ = _model(counts[again], block, time, now, current, settings, plain[again])
    for ours, theirs in (
        (whole.expected, other.expected),
        (whole.error, other.error),
        (whole.dispersion, other.dispersion),
    ):
        ours[again] = theirs
    whole.trend[again] = False
    return whole


def _model(
    counts: Reals,
    block: Whole,
    time: Reals,
    now: float,
    current: int,
    settings: Settings,
    trended: Bools,
) -> tuple[_Fit, Reals]:
    """One quasi-Poisson model a row, fitted, outliers weighed down, and fitted again."""
    there = ~np.isnan(counts)
    seen = np.where(there, counts, 0.0)
    weights = there.astype(np.float64)
    groups = np.zeros((len(block), int(block.max()) + 1))
    groups[np.arange(len(block)), block] = 1
    free = there.sum(axis=1) - (((there @ groups) > 0).sum(axis=1) + trended)
    middle = time - now
    close = _AS_R if settings.compatible else _CLOSE
    first = _solved(seen, weights, groups, middle, trended, close)
    scale = np.maximum(_pearson(seen, first) / np.maximum(free, 1), 1.0)
    residual = _anscombe(seen, first, scale, first.leverage(groups, middle))
    omega = _weighed(residual, there, settings.outlier)
    second = _solved(seen, omega, groups, middle, trended, close)
    raw = _pearson(seen, second) / np.maximum(free, 1)
    dispersion = np.maximum(raw, 1.0)
    level = second.levels[:, current]
    # `middle` is 0 now, so the level of the current block is the prediction itself.
    expected = np.exp(level)
    with np.errstate(divide="ignore"):
        unit = 1 / second.held[:, current]
    unit += second.across[:, current] ** 2 * second.slope_variance
    used, for_trend = dispersion, raw
    if settings.compatible:
        working = (seen - second.mean) / second.mean
        used = for_trend = (omega * working**2).sum(axis=1) / np.maximum(free, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(used * unit) * expected
        t = second.slope / np.sqrt(for_trend * second.slope_variance)
        p_trend = 2 * scipy.stats.t.sf(np.abs(t), np.maximum(free, 1))
    good = (free > 0) & (second.held[:, current] > 0)
    expected = np.where(good, expected, np.nan)
    return _Fit(expected, error, dispersion, trended.copy()), np.where(good, p_trend, np.nan)


@dataclass(slots=True)
class _Solution:
    """A fit a row: the means, the weights that the last step was solved with, the levels of the
    blocks, the slope, and the arrow's parts (its diagonal, its shaft over the diagonal, and the
    slope's variance without dispersion)."""

    mean: Reals
    weights: Reals
    levels: Reals
    slope: Reals
    held: Reals
    across: Reals
    slope_variance: Reals

    def leverage(self, groups: Reals, middle: Reals) -> Reals:
        """The diagonal of the hat matrix of each fit."""
        with np.errstate(divide="ignore"):
            own = np.where(self.held > 0, 1 / self.held, 0.0) @ groups.T
        away = middle - self.across @ groups.T
        return np.asarray(self.weights * (own + away**2 * self.slope_variance[:, None]))


def _solved(
    seen: Reals, prior: Reals, groups: Reals, middle: Reals, trended: Bools, close: float
) -> _Solution:
    """Iteratively reweighted least squares for all rows at once, with R's starting values."""
    rows, blocks = len(seen), groups.shape[1]
    done = _Solution(
        np.empty_like(seen),
        np.empty_like(seen),
        *(np.empty((rows, blocks)) if wide else np.empty(rows) for wide in (1, 0, 1, 1, 0)),
    )
    left = np.arange(rows)
    mean = seen + 0.1
    link = np.log(mean)
    deviance = np.full(rows, np.inf)
    own_log = np.asarray(scipy.special.xlogy(seen, seen))
    for step in range(_ROUNDS):
        w = prior * mean
        z = link + (seen - mean) / mean
        wx, wz = w * middle, w * z
        held, across, response = w @ groups, wx @ groups, wz @ groups
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(held > 0, across / held, 0.0)
            own = np.where(held > 0, response / held, 0.0)
            spread = wx @ middle - (share * across).sum(axis=1)
            gain = wz @ middle - (share * response).sum(axis=1)
            sloped = trended & (spread > _TINY)
            slope = np.where(sloped, gain / spread, 0.0)
            variance = np.where(sloped, 1 / spread, 0.0)
        levels = own - slope[:, None] * share
        link = np.clip(levels @ groups.T + slope[:, None] * middle, -_FAR, _FAR)
        mean = np.exp(link)
        # The deviance by the link: seen × log(mean) without a logarithm.
        before = deviance
        deviance = 2 * (prior * (own_log - seen * link - seen + mean)).sum(axis=1)
        ended = np.abs(deviance - before) < close * (np.abs(deviance) + 0.1)
        if step == _ROUNDS - 1:
            ended[:] = True
        if not ended.any():
            continue
        at = left[ended]
        for into, values in (
            (done.mean, mean),
            (done.weights, w),
            (done.levels, levels),
            (done.slope, slope),
            (done.held, held),
            (done.across, share),
            (done.slope_variance, variance),
        ):
            into[at] = values[ended]
        go = ~ended
        if not go.any():
            break
        left, seen, prior, trended = left[go], seen[go], prior[go], trended[go]
        mean, link, deviance, own_log = mean[go], link[go], deviance[go], own_log[go]
    return done


def _pearson(seen: Reals, fit: _Solution) -> Reals:
    return np.asarray((fit.weights * ((seen - fit.mean) / fit.mean) ** 2).sum(axis=1))


def _anscombe(seen: Reals, fit: _Solution, scale: Reals, leverage: Reals) -> Reals:
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = 1.5 * (np.cbrt(seen**2) * fit.mean ** (-1 / 6) - np.sqrt(fit.mean))
        return np.asarray(residual / np.sqrt(scale[:, None] * (1 - leverage)))


def _weighed(residual: Reals, there: Bools, outlier: float) -> Reals:
    """Weights that draw outliers in: a residual s above the bound counts as 1 / s²."""
    high = there & (residual > outlier)
    drawn = np.where(high, residual, 1.0) ** -2.0
    total = np.where(there, drawn, 0.0).sum(axis=1)
    gamma = there.sum(axis=1) / np.where(total > 0, total, 1.0)
    return np.where(there, gamma[:, None] * drawn, 0.0)


def limit_of(
    *,
    expected: Reals,
    error: Reals,
    dispersion: Reals,
    seen: Reals,
    alpha: float = WEEKLY.alpha,
    threshold: Threshold = WEEKLY.threshold,
) -> tuple[Reals, Reals]:
    """The limit of each count, and the chance of as many or more than were `seen`.

    Arrays of one shape: the count `expected`, the standard `error` of that, the `dispersion` (1 for
    Poisson). The negative binomial law takes the expected count as known, as Noufaily's does.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        if threshold == "negative binomial":
            return _by_negative_binomial(expected, dispersion, seen, alpha)
        power = 2 / 3 if threshold == "2/3 power" else 1.0
        tau = dispersion + error**2 / expected
        spread = np.sqrt(4 / 9 * np.cbrt(expected) * tau if power < 1 else expected * tau)
        reach = scipy.stats.norm.ppf(1 - alpha) * spread
        upper = (expected**power + reach) ** (1 / power)
        p_value = scipy.stats.norm.sf((seen**power - expected**power) / spread)
    return np.asarray(upper), np.asarray(p_value)


def _by_negative_binomial(
    mean: Reals, phi: Reals, seen: Reals, alpha: float
) -> tuple[Reals, Reals]:
    over = phi > 1
    size = np.where(over, mean / np.where(over, phi - 1, 1.0), 1.0)
    share = 1 / np.where(over, phi, 2.0)
    upper = np.where(
        over,
        scipy.stats.nbinom.ppf(1 - alpha, size, share),
        scipy.stats.poisson.ppf(1 - alpha, mean),
    )
    p_value = np.where(
        over,
        scipy.stats.nbinom.sf(seen - 1, size, share),
        scipy.stats.poisson.sf(seen - 1, mean),
    )
    return upper, p_value
