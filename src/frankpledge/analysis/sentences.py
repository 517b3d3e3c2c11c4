"""A finding as one plain sentence, made from numbers; the same numbers give the same words."""

from dataclasses import dataclass
from typing import Literal

from frankpledge.analysis.counts import (
    Comparison,
    Concentration,
    compare,
    percent_change,
)
from frankpledge.analysis.disclosure import Cell, Status

CLEAR = 0.05
YEAR_BEFORE = "the same period a year before"
Direction = Literal["up", "down", "no clear change", "unknown"]
Figure = Cell | int | None


@dataclass(frozen=True, slots=True)
class Finding:
    """`sentence` is a chart's title; `more` says what it rests on."""

    sentence: str
    direction: Direction
    more: tuple[str, ...] = ()
    comparison: Comparison | None = None


def finding(
    *,
    what: str,
    where: str,
    period: str,
    now: Figure,
    before: Figure = None,
    before_period: str = YEAR_BEFORE,
    side: Literal["above", "below", "within"] | None = None,
    concentration: Concentration | None = None,
    smallest_change: float = 1.0,
    says_period: bool = False,
) -> Finding:
    """The sentence for one question, from figures as they may be shown.

    `now` and `before` are counts, None where missing, or cells of a publishable table, so that a
    suppressed count gives nothing away. Up or down needs both: a difference that chance would give
    less than once in twenty (conditional exact test), and at least `smallest_change` percent, as
    with large counts the smallest ripple is beyond chance. `side` is where the last month lies
    against its control limits. `says_period` is for a period that what stands around the sentence
    does not give.
    """
    subject = f"{_capital(what)} in {where}"
    if _hidden(now):
        return Finding(f"{subject} in {period}: the count is too small to show.", "unknown")
    count = _count(now)
    if count is None:
        return Finding(f"{subject}: no complete data for {period}.", "unknown")
    tail = _tail(side, concentration)
    earlier = _count(before)
    if earlier is None:
        why = (
            f"The count for {before_period} is too small to show."
            if _hidden(before)
            else f"There is no complete data for {before_period}."
        )
        return Finding(f"{subject}: {count:,} in {period}{tail}.", "unknown", (why,))
    within = f" in {period}" if says_period else ""
    return _compared(subject, period, within, before_period, count, earlier, tail, smallest_change)


def _compared(
    subject: str,
    period: str,
    within: str,
    before_period: str,
    count: int,
    earlier: int,
    tail: str,
    smallest_change: float,
) -> Finding:
    found = compare(count, earlier)
    assert found is not None
    change = percent_change(count, earlier)
    ripple = change.percent is not None and abs(change.percent) < smallest_change
    clear = found.p_value < CLEAR and not ripple
    figures = f"{count:,} in {period}, from {earlier:,} in {before_period}"
    more = [
        f"{figures[0].upper()}{figures[1:]}.",
        f"A difference as large as this by chance alone: {_chance(found.p_value)}.",
    ]
    if change.sentence:
        more.append(change.sentence)
    then = "a year before" if before_period == YEAR_BEFORE else f"in {before_period}"
    if not clear:
        text = f"{subject}: no clear change, {count:,}{within} against {earlier:,} {then}{tail}."
        return Finding(text, "no clear change", tuple(more), found)
    verb = "rose" if count > earlier else "fell"
    by = "" if change.percent is None else f" {abs(change.percent):.0f}%"
    text = f"{subject} {verb}{by} to {count:,}{within}, from {earlier:,} {then}{tail}."
    return Finding(text, "up" if count > earlier else "down", tuple(more), found)


def _tail(side: str | None, concentration: Concentration | None) -> str:
    said = ""
    if side is not None:
        said += f", {side} the usual range"
    if concentration is not None:
        verb = "holds" if concentration.areas == 1 else "hold"
        said += f"; {concentration.areas:,} of {concentration.of:,} small areas {verb} half"
    return said


def _chance(p_value: float) -> str:
    if p_value < 0.001:
        return "less than once in a thousand"
    if p_value >= 0.5:
        return "more often than not"
    return f"about {p_value * 100:.2g} times in a hundred"


def _hidden(figure: Figure) -> bool:
    return isinstance(figure, Cell) and figure.status is Status.SUPPRESSED


def _count(figure: Figure) -> int | None:
    value = figure.value if isinstance(figure, Cell) else figure
    if value is None or isinstance(value, bool) or not isinstance(value, int):
        return None
    return value


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
