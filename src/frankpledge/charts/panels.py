"""Small multiples: the same line for each of many, on one scale."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from frankpledge.analysis.disclosure import PublishableTable
from frankpledge.charts.drawing import WITHHELD as WITHHELD_MARK
from frankpledge.charts.drawing import Chart, Drawing, assemble, clean, n, text_box
from frankpledge.charts.figures import (
    column,
    heading,
    missing_sentences,
    unit_sign,
    whole,
)  # fmt: skip
from frankpledge.charts.lettering import and_list, width, wrap
from frankpledge.charts.palette import AXIS, BLUE, RULE, SOFT, WHITE
from frankpledge.charts.scales import Scale, tick_labels, ticks
from frankpledge.charts.times import Series, Timeline, reach, runs, series, timeline

_PALE = "#cdd5da"


@dataclass(frozen=True, slots=True)
class _Sheet:
    times: Timeline
    panels: tuple[Series, ...]
    marks: list[float]
    unit: str
    heading: str
    incomplete: frozenset[int]
    shadows: bool


def small_multiples(
    *,
    table: PublishableTable,
    title: str,
    id_prefix: str,
    x: str,
    y: str,
    by: str,
    incomplete: Collection[date | str] = (),
    shadows: bool = True,
    standalone: bool = False,
) -> Chart:
    """One small line chart a category of `by`, in the order of the table, all on one scale.

    With `shadows` each panel shows the others behind it in grey, for comparison.
    """
    times = timeline(table, x)
    panels = series(table, times, [y], by)
    shown = column(table, y)
    low, high = reach(panels) or (0.0, 0.0)
    hollow = (times.place(one) for one in incomplete)
    sheet = _Sheet(
        times=times,
        panels=panels,
        marks=ticks(low, high, wanted=3, whole=whole(shown)),
        unit=unit_sign(shown),
        heading=heading(shown),
        incomplete=frozenset(at for at in hollow if at is not None),
        shadows=shadows and 1 < len(panels) <= 24,
    )
    everything = [figure for one in panels for _, figure in one.points]
    return assemble(
        table=table, title=title, description=_describe(sheet), id_prefix=id_prefix,
        standalone=standalone, withheld=any(f.withheld for f in everything),
        draw=lambda page: _draw(page, sheet),
    )  # fmt: skip


def _describe(sheet: _Sheet) -> str:
    if not sheet.panels:
        return f"Small line charts: {sheet.heading}. There are no rows."
    times = sheet.times
    said = [
        f"{len(sheet.panels)} small line charts on one scale: {sheet.heading}, "
        f"{times.label(times.first)} to {times.label(times.last)}."
    ]
    ends = [(one.shown[-1], one.name) for one in sheet.panels if one.shown]
    ends.sort(key=lambda item: (-item[0][1], item[1]))
    latest = [f"{name} {point[2].text}" for point, name in ends]
    if latest:
        said.append(f"Latest, highest first: {and_list(latest, most=15)}.")
    said += missing_sentences([figure for one in sheet.panels for _, figure in one.points])
    return " ".join(said)


def _draw(page: Drawing, sheet: _Sheet) -> None:
    size = page.layout.small
    page.paragraph(sheet.heading, size=size, fill=SOFT, lines=2)
    if not any(one.shown for one in sheet.panels):
        page.nothing()
        return
    across = 2 if page.layout.narrow else min(4, max(2, len(sheet.panels)))
    gutter = 14.0 if page.layout.narrow else 20.0
    labels = tick_labels(sheet.marks, unit=sheet.unit)
    margin = max(width(label, size) for label in labels) + 6
    side = (page.width - margin - gutter * (across - 1)) / across
    named = [wrap(one.name, side, size, lines=2, bold=True) for one in sheet.panels]
    paths = [_path_of(one, sheet) for one in sheet.panels]
    tall = 84.0
    for start in range(0, len(sheet.panels), across):
        row = range(start, min(start + across, len(sheet.panels)))
        deep = max(len(named[index]) for index in row) * size * 1.15
        top = page.y + 10 + deep + 6
        y = Scale(sheet.marks[0], sheet.marks[-1], top + tall, top)
        for mark, label in zip(sheet.marks, labels, strict=True):
            page.text(margin - 6, y(mark) + size * 0.34, label, size=size, anchor="end", fill=SOFT)
        for index in row:
            left = margin + (index - start) * (side + gutter)
            _panel(page, sheet, index, left, side, top, tall, named[index], paths)
        page.y = top + tall + size * 1.5
    if sheet.marks[0] > 0 or sheet.marks[-1] < 0:
        page.note("The axes do not start at zero.")
    if sheet.shadows:
        page.note("Grey lines are the other charts, for comparison.")


Runs = list[list[tuple[int, float]]]


def _path_of(one: Series, sheet: _Sheet) -> Runs:
    return [run for run in runs(one.shown, sheet.times.step) if run]


def _panel(
    page: Drawing, sheet: _Sheet, index: int, left: float, side: float, top: float, tall: float,
    name: tuple[str, ...], paths: list[Runs],
) -> None:  # fmt: skip
    size, times = page.layout.small, sheet.times
    one = sheet.panels[index]
    first, last = times.first, times.last
    if first == last:
        first, last = first - 1, last + 1
    x = Scale(first, last, left + 3, left + side - 5)
    y = Scale(sheet.marks[0], sheet.marks[-1], top + tall, top)
    for line, words in enumerate(name):
        baseline = top - 8 - (len(name) - 1 - line) * size * 1.15
        page.text(left, baseline, words, size=size, bold=True)
    grid = "".join(f"M{n(left)} {n(y(mark))}h{n(side)}" for mark in sheet.marks)
    page.path(grid, f'stroke="{RULE}"')
    page.rule(left, top + tall, left + side, top + tall, f'stroke="{AXIS}"')

    def joined(found: Runs) -> str:
        return "".join(
            "M" + "L".join(f"{n(x(at))} {n(y(value))}" for at, value in run)
            for run in found
            if len(run) > 1
        )

    if sheet.shadows:
        others = "".join(joined(found) for place, found in enumerate(paths) if place != index)
        page.path(others, f'fill="none" stroke="{_PALE}" stroke-width="0.8"')
    page.path(joined(paths[index]), f'fill="none" stroke="{BLUE}" stroke-width="2.2"')
    alone = {run[0][0] for run in paths[index] if len(run) == 1}
    end = one.shown[-1][0] if one.shown else None
    for at, value, figure in one.shown:
        if at != end and at not in alone:
            continue
        hollow = at in sheet.incomplete
        inside, tip = (WHITE, " (incomplete)") if hollow else (BLUE, "")
        paint = f'fill="{inside}" stroke="{BLUE}" stroke-width="1.5"'
        said = f"{one.name}, {times.label(at)}: {figure.text}{tip}"
        page.marker("circle", x(at), y(value), 3, paint, said)
        if at == end:
            words = wrap(figure.text, side, size, lines=1)[0]
            half = width(words, size) / 2
            middle = min(max(x(at), left + half), left + side - half)
            above = y(value) - top > size + 6
            baseline = y(value) - 8 if above else y(value) + size + 6
            page.text(middle, baseline, words, size=size, anchor="middle", halo=WHITE)
    _foot(page, sheet, one, x, top + tall, left, side)


def _foot(
    page: Drawing, sheet: _Sheet, one: Series, x: Scale, bottom: float, left: float, side: float
) -> None:
    """First and last time under the axis; where a figure is withheld, on it."""
    size, times = page.layout.small, sheet.times
    for at, figure in one.points:
        half = width(WITHHELD_MARK, size) / 2
        middle = min(max(x(at), left + half), left + side - half)
        box = text_box(middle, bottom - 4, WITHHELD_MARK, size, "middle")
        if figure.withheld and page.taken.free(box):
            page.text(middle, bottom - 4, WITHHELD_MARK, size=size, anchor="middle", fill=SOFT,
                      halo=WHITE, take=True)  # fmt: skip
    if not one.shown and not any(figure.withheld for _, figure in one.points):
        page.text(left + side / 2, bottom - 30, "no data", size=size, anchor="middle", fill=SOFT)

    def short(at: int) -> str:
        label = clean(times.label(at))
        return f"{label[:3]} {label[-4:]}" if times.kind == "month" else label

    first, last = short(times.first), short(times.last)
    room = side / 2 - 4
    page.text(left, bottom + size * 1.15, wrap(first, room, size, lines=1)[0], size=size, fill=SOFT)
    if times.last != times.first:
        page.text(left + side, bottom + size * 1.15, wrap(last, room, size, lines=1)[0], size=size,
                  anchor="end", fill=SOFT)  # fmt: skip
