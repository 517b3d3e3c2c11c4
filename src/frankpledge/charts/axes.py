"""Axes and keys shared by the charts that have them."""

from collections.abc import Sequence
from dataclasses import dataclass

from frankpledge.charts.drawing import Drawing, n
from frankpledge.charts.lettering import width, wrap
from frankpledge.charts.palette import AXIS, RULE, SOFT
from frankpledge.charts.scales import Scale, tick_labels
from frankpledge.charts.times import Timeline


@dataclass(frozen=True, slots=True)
class Plane:
    """The part of the page where figures are drawn."""

    left: float
    top: float
    right: float
    bottom: float
    foot: float  # the bottom of the labels below the axis
    x: Scale
    y: Scale

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def spacing(self, step: float) -> float:
        return abs(self.x(self.x.low + step) - self.x(self.x.low))

    @staticmethod
    def under(
        page: Drawing, *, height: float, right: float, ticks: Sequence[float], unit: str,
        first: float, last: float,
    ) -> "Plane":  # fmt: skip
        """A plane below the cursor, with room for the labels of both axes."""
        size = page.layout.small
        left = max(width(label, size) for label in tick_labels(ticks, unit=unit)) + 10
        top, bottom = page.y + size * 0.6, page.y + size * 0.6 + height
        end = page.width - right
        pad = 6.0
        if first == last:  # a single time stands in the middle
            first, last = first - 1, last + 1
        return Plane(
            left, top, end, bottom, bottom + size * 2.7 + 4,
            Scale(first, last, left + pad, end - pad),
            Scale(ticks[0], ticks[-1], bottom, top),
        )  # fmt: skip


def across(page: Drawing, plane: Plane, ticks: Sequence[float], *, unit: str) -> None:
    """Grid lines and the figures beside them, right-aligned."""
    size = page.layout.small
    grid = "".join(f"M{n(plane.left)} {n(plane.y(t))}H{n(plane.right)}" for t in ticks)
    page.path(grid, f'stroke="{RULE}"')
    for tick, label in zip(ticks, tick_labels(ticks, unit=unit), strict=True):
        y = plane.y(tick) + size * 0.34
        page.text(plane.left - 8, y, label, size=size, anchor="end", fill=SOFT)
    base = plane.y(min(max(0.0, ticks[0]), ticks[-1]))
    page.rule(plane.left, base, plane.right, base, f'stroke="{AXIS}"')


def along(page: Drawing, plane: Plane, times: Timeline) -> None:
    """Times below the plane; years stand under the first month of theirs that is named."""
    size = page.layout.small
    room = plane.right - plane.left
    named = times.ticks(room, size * 2.4)
    marks = "".join(f"M{n(plane.x(at))} {n(plane.bottom)}v5" for at, _, _ in named)
    page.path(marks, f'stroke="{AXIS}"')
    slot = room / max(1, len(named)) - 6
    edge = -1e9
    for at, label, below in named:
        x = plane.x(at)
        rows = (label, below) if below else wrap(label, max(slot, 40), size, lines=2)
        for index, row in enumerate(rows):
            half = width(row, size) / 2
            middle = min(max(x, half), page.width - half)
            if index == 0 and middle - half < edge:
                break
            edge = middle + half + 3 if index == 0 else edge
            page.text(middle, plane.bottom + size * (1.3 + 1.15 * index), row, size=size,
                      anchor="middle", fill=SOFT)  # fmt: skip


def key_row(page: Drawing, items: Sequence[tuple[str, str]], *, glyph: float = 24) -> None:
    """Samples with their names, side by side while they fit. A sample is drawn about 0, 0."""
    if not items:
        return
    size = page.layout.small
    x, page.y = 0.0, page.y + 6
    line = size * 1.5
    page.y += line
    for sample, name in items:
        room = page.width - glyph - 8
        words = wrap(name, room, size, lines=1)[0]
        needed = glyph + 8 + width(words, size) + 20
        if x > 0 and x + needed - 20 > page.width:
            x, page.y = 0.0, page.y + line
        middle = page.y - size * 0.55
        page.add(f'<g transform="translate({n(x)} {n(middle)})">{sample}</g>')
        page.text(x + glyph + 8, page.y - size * 0.2, words, size=size)
        x += needed
