"""Is a change real? The verdict on a series of months, from the methods of `analysis`.

No method alone decides: a difference from the year before is real where it stands out from chance
and one of the methods that know the usual variation (control chart, surveillance, trend) sees it
the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from frankpledge.analysis.control import Limits, Signal, xmr_limits
from frankpledge.analysis.counts import Comparison, compare, count_interval
from frankpledge.analysis.months import period_name
from frankpledge.analysis.series.farrington import MONTHLY, watch
from frankpledge.analysis.series.trend import seasonal_mann_kendall
from frankpledge.analysis.testing import false_discovery

ALPHA = 0.05
RIPPLE = 0.01
FEWEST_FOR_TREND = 24
FEWEST_YEARS = 3
MOST = 0.9  # of the months before must be there
Side = Literal["above", "below"]


class Verdict(StrEnum):
    REAL = "A real change"
    USUAL = "Within usual variation"
    SMALL = "Too small to tell"
    SHORT = "Insufficient history"
    UNKNOWN = "Cannot tell"


@dataclass(frozen=True)
class Real:
    """The panel: a verdict, why, and what it rests on as (heading, text)."""

    verdict: Verdict
    why: str
    lines: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {"verdict": self.verdict.value, "why": self.why, "lines": [*map(list, self.lines)]}


HIDDEN = Real(Verdict.UNKNOWN, "Figures of this data are protected, so this cannot be told.")


@dataclass(frozen=True)
class Row:
    """One of the kinds or places of the answer: its count now and a year before."""

    name: str
    now: int
    before: int


@dataclass(frozen=True)
class Seen:
    """What is judged. `months` run without a gap from the first of the baseline to the last asked;
    `counts` has one each, None where it is missing. `left_out` are the positions that belong in no
    baseline and no comparison (incomplete releases, known breaks), `asked` the first position
    asked about, `paired` the positions whose count and that of a year before may be compared."""

    months: tuple[str, ...]
    counts: tuple[int | None, ...]
    left_out: frozenset[int]
    asked: int
    paired: tuple[int, ...]
    baseline: int = 0  # where the control chart begins
    whole: int | None = None  # the count of the period asked about, where all of it is held
    adds_up: bool = True
    rows: tuple[Row, ...] = ()
    rows_are: str = ""
    breaks: tuple[str, ...] = ()

    def usable(self, at: int) -> int | None:
        return None if at in self.left_out else self.counts[at]


def usual(seen: Seen) -> Limits:
    """The control chart from the baseline on; positions count from there."""
    counts = [seen.usable(at) for at in range(seen.baseline, len(seen.months))]
    return xmr_limits(counts)


@lru_cache(maxsize=256)
def judge(seen: Seen) -> Real:
    """The panel; kept, since one question is often drawn in several ways."""
    found = _Found(seen)
    verdict, why = found.verdict()
    return Real(verdict, why, tuple(line for line in found.lines() if line[1]))


@lru_cache(maxsize=4096)
def ratio_of(
    now: int | None, before: int | None, exposure_now: float = 1.0, exposure_before: float = 1.0
) -> Comparison | None:
    return compare(now, before, exposure_now=exposure_now, exposure_before=exposure_before)


class _Found:
    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self.now = sum(seen.counts[at] or 0 for at in seen.paired)
        self.before = sum(seen.counts[at - 12] or 0 for at in seen.paired)
        self.compared = ratio_of(self.now, self.before) if seen.paired else None
        self.limits = usual(seen)
        self.broken = self._broken()
        self.watched, self.watched_p, self.why_not_watched = self._watched()
        self.trend_p, self.slope = self._trend()
        self.rows = [(row, ratio_of(row.now, row.before)) for row in seen.rows if seen.paired]
        self.raised = self._raised()

    def _broken(self) -> list[Signal]:
        first = self.seen.asked - self.seen.baseline
        return [each for each in self.limits.signals if max(each.positions) >= first]

    def _watched(self) -> tuple[Any, list[float], str]:
        """Surveillance of the months asked, as many as have three or four years before them."""
        seen, short = self.seen, "Insufficient history: three years of months are needed before."
        if not seen.adds_up:
            return None, [], ""
        known = [at for at in range(len(seen.months)) if seen.usable(at) is not None]
        length = len(seen.months) - known[0] if known else 0
        needed = FEWEST_YEARS * 12 + MONTHLY.half_window
        last = min(len(seen.months) - seen.asked, length - needed)
        before = sum(at < len(seen.months) - last for at in known)
        if last < 1 or before < MOST * needed:
            return None, [], short
        first = len(seen.months) - last
        years = 4 if length - last >= 4 * 12 + MONTHLY.half_window else FEWEST_YEARS
        answer = watch(
            [[_number(each)] for each in seen.counts[known[0] :]],
            settings=replace(MONTHLY, years=years),
            last=last,
            leave_out=sorted(at - known[0] for at in seen.left_out if at >= known[0]),
        )
        held = [seen.usable(first + step) is not None for step in range(last)]
        p_values = [
            float(p) if there else np.nan
            for p, there in zip(answer.p_value[:, 0], held, strict=True)
        ]
        if np.isnan(p_values).all():
            return None, [], short
        return answer, p_values, ""

    def _trend(self) -> tuple[float | None, float]:
        seen = self.seen
        counts = [_number(seen.usable(at)) for at in range(seen.baseline, len(seen.months))]
        if sum(not np.isnan(each) for each in counts) < FEWEST_FOR_TREND:
            return None, 0.0
        found = seasonal_mann_kendall(counts)
        return float(found.p_value[0]), float(found.slope[0])

    def _raised(self) -> dict[str, list[float]]:
        """The p-values raised for how many there are: those of the whole together, and those of
        its parts, so that a verdict on the whole is the same however it is broken down."""
        groups: dict[str, list[float]] = {
            "compared": [self.compared.p_value] if self.compared else [],
            "trend": [] if self.trend_p is None else [self.trend_p],
            "watched": self.watched_p,
        }
        raised = iter(false_discovery([p for group in groups.values() for p in group]).tolist())
        parts = [found.p_value for _row, found in self.rows if found]
        return {
            **{name: [next(raised) for _ in group] for name, group in groups.items()},
            "rows": false_discovery(parts).tolist(),
        }

    @property
    def tests(self) -> int:
        return sum(not np.isnan(p) for group in self.raised.values() for p in group)

    def _kept(self, name: str) -> bool:
        return any(p < ALPHA for p in self.raised[name])

    def _side(self) -> Side | None:
        """Where the period lies against the year before, if beyond chance and a ripple."""
        found = self.compared
        if found is None or not self._kept("compared"):
            return None
        if found.before and abs(found.now / found.before - 1) < RIPPLE:
            return None
        return "above" if found.now > found.before else "below"

    def _agreeing(self, side: Side) -> list[str]:
        said = []
        if any(each.side == side for each in self.broken):
            said.append("the control chart")
        if side == "above" and self._alarms():
            said.append("its own past")
        if self._kept("trend") and (self.slope > 0) == (side == "above") and self.slope:
            said.append("the trend")
        return said

    def _alarms(self) -> list[int]:
        """Positions of months above what their past leads to expect, kept after raising."""
        if self.watched is None:
            return []
        first = len(self.seen.months) - len(self.watched_p)
        return [
            first + step
            for step, (alarm, p) in enumerate(
                zip(self.watched.alarm[:, 0], self.raised["watched"], strict=True)
            )
            if alarm and p < ALPHA
        ]

    def verdict(self) -> tuple[Verdict, str]:
        known = self.limits.centre is not None or self.watched is not None
        if self.compared is None:
            return Verdict.SHORT, "No month asked about can be compared with that of a year before."
        side = self._side()
        if side is None:
            return self._not_clear(known)
        if not known and self.trend_p is None:
            return Verdict.SHORT, (
                "The difference is larger than chance gives, but too few months are known to say "
                "how much is usual."
            )
        agreeing = self._agreeing(side)
        if not agreeing:
            return Verdict.USUAL, (
                "The difference from a year before is larger than chance alone gives, but the "
                "months vary as much as that in any year."
            )
        way = "higher" if side == "above" else "lower"
        return Verdict.REAL, (
            f"The count is {way} than a year before by more than chance gives, and "
            f"{_and(agreeing)} {'say' if len(agreeing) > 1 else 'says'} so too."
        )

    def _not_clear(self, known: bool) -> tuple[Verdict, str]:
        found = self.compared
        assert found is not None
        base = max(found.now, found.before)
        half = ratio_of(round(base * 1.5), base)
        if half is None or half.p_value >= ALPHA:
            return Verdict.SMALL, (
                f"Counts as small as {found.now:,} and {found.before:,} could differ by half and "
                "still be chance."
            )
        if not known:
            return Verdict.SHORT, "Too few months are known to say how much variation is usual."
        spikes = sorted(
            {
                self.seen.months[self.seen.baseline + each.positions[0]]
                for each in self.broken
                if each.rule.name == "outside"
                and self.seen.baseline + each.positions[0] >= self.seen.asked
            }
        )
        alone = f" {_months(spikes)} stood out alone." if spikes else ""
        return Verdict.USUAL, f"There is no clear difference from a year before.{alone}"

    def lines(self) -> list[tuple[str, str]]:
        return [
            ("How sure the count is", self._interval()),
            ("Against a year before", self._ratio()),
            ("Control chart", self._rules()),
            ("Against its own past", self._past()),
            ("Trend", self._going()),
            (f"Which {self.seen.rows_are}", self._standing_out()),
            ("How many tests", self._counted()),
            ("Known breaks", " ".join(self.seen.breaks)),
        ]

    def _interval(self) -> str:
        count, over = self.seen.whole, ""
        if count is None:
            held = [
                at for at in range(self.seen.asked, len(self.seen.months)) if self._complete(at)
            ]
            if not held:
                return "No month asked about is complete."
            count = sum(self.seen.counts[at] or 0 for at in held)
            over = f" over the {len(held)} complete months" if len(held) > 1 else " in one month"
        found = count_interval(count)
        assert found is not None
        return (
            f"{count:,}{over}. Chance alone moves a count of this size between "
            f"{found.low:,.0f} and {found.high:,.0f} (95% interval)."
        )

    def _complete(self, at: int) -> bool:
        return self.seen.counts[at] is not None and at not in self.seen.left_out

    def _ratio(self) -> str:
        found, seen = self.compared, self.seen
        if found is None:
            return "Insufficient history: no month may be compared with that of a year before."
        asked = len(seen.months) - seen.asked
        part = ""
        if len(seen.paired) < asked:
            part = f" {len(seen.paired)} of {asked} months are complete in both years."
        return f"{ratio_text(found)}{part}"

    def _rules(self) -> str:
        if self.limits.centre is None:
            return f"Insufficient history: {self.limits.reason}"
        if not self.broken:
            return "No rule is broken: the months lie as they usually do."
        said = []
        for rule in dict.fromkeys(each.rule for each in self.broken):
            mine = [each for each in self.broken if each.rule == rule]
            where = "; ".join(self._when(each) for each in mine[-3:])
            said.append(f"{rule.sentence.rstrip('.')} ({where}).")
        return f"Broken: {' '.join(said)}"

    def _when(self, signal: Signal) -> str:
        at = [self.seen.months[self.seen.baseline + each] for each in signal.positions]
        side: str = signal.side
        if signal.rule.name == "trend":
            side = "rising" if signal.side == "above" else "falling"
        return f"{period_name(at[0], at[-1])}, {side}"

    def _past(self) -> str:
        if not self.seen.adds_up:
            return ""
        if self.watched is None:
            return self.why_not_watched
        first = len(self.seen.months) - len(self.watched_p)
        judged = sum(not np.isnan(p) for p in self.watched_p)
        alarms = self._alarms()
        head = "month was" if judged == 1 else "months were"
        if not alarms:
            return f"{judged} {head} judged; none lies above what its past leads to expect."
        told = [
            f"{period_name(self.seen.months[at], self.seen.months[at])} "
            f"({self.seen.counts[at]:,}, expected {self.watched.expected[at - first, 0]:,.0f}, "
            f"limit {self.watched.upper[at - first, 0]:,.0f})"
            for at in alarms
        ]
        return f"{judged} {head} judged; above what their past leads to expect: {_and(told)}."

    def _going(self) -> str:
        if self.trend_p is None:
            return f"Insufficient history: a trend needs {FEWEST_FOR_TREND} months."
        if not self._kept("trend") or not self.slope:
            return "No trend beyond chance, each month compared with its own kind."
        way = "rises" if self.slope > 0 else "falls"
        return (
            f"Each month's count {way} by about {abs(self.slope):,.3g} a year "
            "(Sen's slope, seasonal Mann-Kendall)."
        )

    def _standing_out(self) -> str:
        if not self.rows:
            return ""
        out = [
            f"{row.name} ({row.before:,} to {row.now:,})"
            for (row, found), p in zip(self.rows, self.raised["rows"], strict=True)
            if found and p < ALPHA
        ]
        head = f"Of {len(self.rows)} compared with a year before,"
        return f"{head} beyond chance: {_and(out)}." if out else f"{head} none is beyond chance."

    def _counted(self) -> str:
        if not self.tests:
            return "No test was made."
        kept = sum(p < ALPHA for group in self.raised.values() for p in group)
        made = "1 test was made" if self.tests == 1 else f"{self.tests} tests were made"
        stands = "1 stands" if kept == 1 else f"{kept} stand"
        parts = len(self.raised["rows"])
        split = f", {self.tests - parts} on the whole and {parts} on its parts" if parts else ""
        return (
            f"{made}{split}. P-values are raised together, so that at most 1 in 20 finds is "
            f"chance (false discovery rate): {stands} out."
        )


def ratio_text(found: Comparison) -> str:
    figures = f"{found.now:,} against {found.before:,}"
    if found.ratio is None:
        return f"{figures}. There is no ratio to a count of zero."
    high = f"{found.high:.2f}" if np.isfinite(found.high) else "any"
    return f"{figures}: {found.ratio:.2f} times as many (95% interval {found.low:.2f} to {high})."


def _number(value: int | None) -> float:
    return np.nan if value is None else float(value)


def _months(months: Sequence[str]) -> str:
    return _and([period_name(month, month) for month in months])


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
