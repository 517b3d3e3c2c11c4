"""From figures to places on the page: nice ticks, months, readable classes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from frankpledge.charts.lettering import figure

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Scale:
    """A straight line from figures to user units."""

    __slots__ = ("_slope", "end", "high", "low", "start")

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end
        self._slope = (end - start) / (high - low) if high != low else 0.0

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) * self._slope


def nice_step(span: float, wanted: int, *, whole: bool = False) -> float:
    """The smallest of 1, 2, 2.5, 5 × 10ⁿ that covers the span in about `wanted` steps."""
    rough = span / max(1, wanted)
    if rough <= 0 or not math.isfinite(rough):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((m * power for m in (1, 2, 2.5, 5, 10) if rough <= m * power * (1 + 1e-9)), rough)
    return max(1.0, 5.0 if step == 2.5 else step) if whole else step


def ticks(
    low: float, high: float, *, wanted: int = 5, whole: bool = False, zero: bool | None = None
) -> list[float]:
    """Round figures that enclose low…high; from zero unless the figures are far from it."""
    if zero is None:
        zero = low < 0 or low <= 0.5 * high
    if zero:
        low, high = min(0.0, low), max(0.0, high)
    if low == high:
        low, high = (min(0.0, low), max(0.0, high)) if low else (0.0, 1.0)
    step = nice_step(high - low, wanted, whole=whole)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


def tick_labels(values: Sequence[float], *, unit: str = "") -> list[str]:
    """All with the same number of decimals, so that they align."""
    step = abs(values[1] - values[0]) if len(values) > 1 else 1.0
    places = 0
    while places < 6 and abs(step * 10**places - round(step * 10**places)) > 1e-6 * max(1.0, step):
        places += 1
    largest = max((abs(v) for v in values), default=0)
    return [figure(v, places=places if largest < 1e6 else None, unit=unit) for v in values]


def month_number(value: object) -> int | None:
    """Months since year 0, from a date or from text that begins 2025-01; else None."""
    if isinstance(value, date):
        return value.year * 12 + value.month - 1
    if isinstance(value, str) and len(value) >= 7 and value[4] == "-":
        year, month = value[:4], value[5:7]
        if year.isascii() and year.isdigit() and month.isascii() and month.isdigit():
            number = int(month)
            if 1 <= number <= 12 and (len(value) == 7 or value[7] == "-"):
                return int(year) * 12 + number - 1
    return None


def month_name(number: int, *, short: bool = False) -> str:
    name = MONTHS[number % 12]
    return f"{name[:3] if short else name} {number // 12}"


def month_ticks(first: int, last: int, *, room: float, each: float) -> list[tuple[int, str, str]]:
    """Months to label: (month, "Jan", "2025" or ""), as many as `room` units hold.

    Steps divide the year and are aligned to January, so that the eye compares like with like.
    """
    fits = max(1, int(room // each))
    count = last - first + 1
    for step in (1, 2, 3, 6):
        if math.ceil(count / step) <= fits:
            break
    else:
        years = max(1, math.ceil(count / 12 / fits))
        starts = [m for m in range(first, last + 1) if m % 12 == 0 and (m // 12) % years == 0]
        return [(m, str(m // 12), "") for m in starts or [first]]
    shown = [m for m in range(first, last + 1) if m % step == 0] or [first]
    named = []
    for index, month in enumerate(shown):
        new_year = index == 0 or month // 12 != shown[index - 1] // 12
        named.append((month, MONTHS[month % 12][:3], str(month // 12) if new_year else ""))
    return named


@dataclass(frozen=True, slots=True)
class Classes:
    """Breaks between classes of a map; a figure on a break belongs to the class above it."""

    breaks: tuple[float, ...]
    labels: tuple[str, ...]

    def of(self, value: float) -> int:
        return sum(1 for edge in self.breaks if value >= edge)


def classes(
    values: Sequence[float],
    *,
    wanted: int = 5,
    breaks: Sequence[float] | None = None,
    unit: str = "",
) -> Classes:
    """Readable classes of about equal membership: quantiles moved to round figures."""
    whole = all(v == round(v) for v in values) and all(b == round(b) for b in breaks or ())
    ordered = sorted(values)
    edges = _round_quantiles(ordered, wanted) if breaks is None else sorted(set(breaks))
    # Breaks that read alike are one break to a reader.
    while len({*_even(edges, unit)}) < len(edges):
        edges = list(
            {text: edge for edge, text in zip(edges, _even(edges, unit), strict=True)}.values()
        )
    return Classes(tuple(edges), tuple(_labels(edges, ordered, whole, unit)))


def _round_quantiles(ordered: list[float], wanted: int) -> list[float]:
    if not ordered or ordered[0] == ordered[-1]:
        return []
    distinct = sorted(set(ordered))
    if len(distinct) <= min(wanted, 4):
        return distinct[1:]
    size = len(ordered)
    spread = ordered[int(size * 0.9)] - ordered[int(size * 0.1)] or ordered[-1] - ordered[0]
    edges: list[float] = []
    for index in range(1, wanted):
        raw = ordered[min(size - 1, size * index // wanted)]
        edge = _round_to(raw, spread / wanted)
        if ordered[0] < edge <= ordered[-1] and (not edges or edge > edges[-1]):
            edges.append(edge)
    return edges or [distinct[len(distinct) // 2]]


def _round_to(value: float, grain: float) -> float:
    """The nearest round figure, to about a quarter of the width of a class."""
    step = nice_step(grain, 4)
    if step <= 0 or not math.isfinite(value / step):
        return value
    digits = max(0, -math.floor(math.log10(step)) + 1)
    return round(round(value / step) * step, min(digits, 12))


def _labels(edges: list[float], ordered: list[float], whole: bool, unit: str) -> list[str]:
    if not edges:
        if not ordered:
            return ["All areas"]
        return [_pair(ordered[0], ordered[-1], unit)]
    if whole and max(map(abs, edges)) < 1e6:
        top = f"{figure(edges[-1], unit=unit)} or more"
        inner = [_pair(a, b - 1, unit) for a, b in pairwise(edges)]
        low = min(ordered[0], edges[0] - 1) if ordered else edges[0] - 1
        return [_pair(low, edges[0] - 1, unit), *inner, top]
    texts = _even(edges, unit)
    inner = [f"{a} to under {b}" for a, b in pairwise(texts)]
    return [f"Under {texts[0]}", *inner, f"{texts[-1]} or more"]


def _even(edges: list[float], unit: str) -> list[str]:
    places = 0
    while places < 6 and any(abs(e - round(e, places)) > 1e-9 * max(1.0, abs(e)) for e in edges):
        places += 1
    return [figure(e, places=places, unit=unit) for e in edges]


def _pair(low: float, high: float, unit: str) -> str:
    a, b = figure(low, unit=unit), figure(high, unit=unit)
    return a if a == b else f"{a} to {b}"
