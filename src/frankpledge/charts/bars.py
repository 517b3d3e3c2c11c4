"""Horizontal bars: labels beside, figures aligned at the end, a mark for the time before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from frankpledge.analysis.disclosure import PublishableTable
from frankpledge.charts.axes import key_row
from frankpledge.charts.drawing import Chart, Drawing, assemble, n
from frankpledge.charts.figures import (
    NO_DATA,
    Figure,
    column,
    figures,
    heading,
    missing_sentences,
    names,
)
from frankpledge.charts.lettering import and_list, width, wrap
from frankpledge.charts.palette import AXIS, BLUE, ORANGE, PALE_BLUE, SOFT


@dataclass(frozen=True, slots=True)
class _Bar:
    name: str
    figure: Figure
    before: Figure | None


@dataclass(frozen=True, slots=True)
class _Story:
    bars: tuple[_Bar, ...]
    heading: str
    before: str


def bars(
    *,
    table: PublishableTable,
    title: str,
    id_prefix: str,
    label: str,
    value: str,
    compare: str | None = None,
    sort: bool = True,
    highlight: Sequence[str] = (),
    standalone: bool = False,
) -> Chart:
    """One bar a row, the largest first unless `sort` is False; `compare` marks an earlier figure.

    Rows named in `highlight` keep the strong colour, the others turn pale. A withheld figure has no
    bar and says so. Raises KeyError for an unknown column.
    """
    before = figures(table, compare) if compare else [None] * len(table.rows)
    rows = [
        _Bar(name, figure, earlier)
        for name, figure, earlier in zip(
            names(table, label), figures(table, value), before, strict=True
        )
    ]
    if sort:
        rows.sort(key=lambda bar: -(bar.figure.value if bar.figure.value is not None else -1e300))
    story = _Story(
        tuple(rows),
        heading(column(table, value)),
        column(table, compare).label if compare else "",
    )
    loud = frozenset(highlight)
    return assemble(
        table=table,
        title=title,
        description=_describe(story),
        id_prefix=id_prefix,
        standalone=standalone,
        withheld=any(bar.figure.withheld for bar in rows),
        draw=lambda page: _draw(page, story, loud),
    )


def _describe(story: _Story) -> str:
    shown = [bar for bar in story.bars if bar.figure.value is not None]
    said = [f"Bar chart: {story.heading or 'figures'} for {len(story.bars):,} rows."]
    if shown:
        listed = [f"{bar.name} {bar.figure.text}" for bar in shown]
        said.append(f"{and_list(listed, most=5)}.")
    said += missing_sentences([bar.figure for bar in story.bars])
    return " ".join(said)


def _draw(page: Drawing, story: _Story, loud: frozenset[str]) -> None:
    values = [bar.figure.value for bar in story.bars if bar.figure.value is not None]
    if not values:
        page.nothing()
        return
    if story.heading:
        page.paragraph(story.heading, size=page.layout.small, fill=SOFT, lines=2)
    if story.before and any(bar.before and bar.before.value is not None for bar in story.bars):
        mark = f'<path d="M12 -8V8" stroke="{ORANGE}" stroke-width="3"/>'
        key_row(page, [(mark, story.before)])
    earlier = [
        bar.before.value for bar in story.bars if bar.before and bar.before.value is not None
    ]
    low, high = min(0.0, *values, *earlier), max(0.0, *values, *earlier)
    page.y += 6
    if page.layout.narrow:
        _stacked(page, story, loud, low, high)
    else:
        _beside(page, story, loud, low, high)


def _figure_room(page: Drawing, story: _Story) -> float:
    texts = [bar.figure.text for bar in story.bars] + [NO_DATA]
    return max(width(text, page.layout.small, bold=True) for text in texts) + 10


def _beside(page: Drawing, story: _Story, loud: frozenset[str], low: float, high: float) -> None:
    size = page.layout.small
    names_room = min(230.0, max(width(bar.name, size) for bar in story.bars) + 12)
    right = page.width - _figure_room(page, story)
    for bar in story.bars:
        lines = wrap(bar.name, names_room - 12, size, lines=2)
        height = 24.0 if len(lines) == 1 else 36.0
        middle = page.y + height / 2
        for index, line in enumerate(lines):
            y = middle + size * 0.35 + (index - (len(lines) - 1) / 2) * size * 1.1
            page.text(names_room - 10, y, line, size=size, anchor="end")
        _one(page, bar, names_room, right, middle, 15, loud, low, high)
        page.text(page.width, middle + size * 0.35, bar.figure.text, size=size, anchor="end")
        page.y += height
    page.y += 4


def _stacked(page: Drawing, story: _Story, loud: frozenset[str], low: float, high: float) -> None:
    """On a phone the label stands above its bar, so that both keep their full size."""
    size = page.layout.small
    room = page.width - _figure_room(page, story)
    for bar in story.bars:
        for line in wrap(bar.name, room, size, lines=2):
            page.y += size * 1.2
            page.text(0, page.y - size * 0.2, line, size=size)
        page.text(page.width, page.y - size * 0.2, bar.figure.text, size=size, anchor="end")
        _one(page, bar, 0, page.width, page.y + 9, 12, loud, low, high)
        page.y += 22
    page.y += 2


def _one(
    page: Drawing, bar: _Bar, left: float, right: float, middle: float, thick: float,
    loud: frozenset[str], low: float, high: float,
) -> None:  # fmt: skip
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return left + (value / span - low / span) * (right - left)

    zero = place(0.0)
    page.rule(zero, middle - thick / 2 - 3, zero, middle + thick / 2 + 3, f'stroke="{AXIS}"')
    if bar.figure.value is not None:
        end = place(bar.figure.value)
        paint = BLUE if not loud or bar.name in loud else PALE_BLUE
        start, length = min(zero, end), abs(end - zero)
        tip = f"{bar.name}: {bar.figure.text}"
        page.rect(start, middle - thick / 2, length, thick, f'fill="{paint}"', tip=tip)
    if bar.before and bar.before.value is not None:
        at = n(place(bar.before.value))
        top, foot = n(middle - thick / 2 - 2), n(middle + thick / 2 + 2)
        page.path(
            f"M{at} {top}V{foot}",
            f'stroke="{ORANGE}" stroke-width="3"',
            tip=f"{bar.name}, before: {bar.before.text}",
        )
