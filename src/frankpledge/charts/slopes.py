"""A slope chart: every category in two periods, so that what rose crosses what fell."""

from collections.abc import Collection
from dataclasses import dataclass

from frankpledge.analysis.disclosure import PublishableTable
from frankpledge.charts.axes import key_row
from frankpledge.charts.drawing import Chart, Drawing, assemble, clean, n, spread
from frankpledge.charts.figures import Figure, column, figures, missing_sentences, names
from frankpledge.charts.lettering import and_list, width, wrap
from frankpledge.charts.palette import AXIS, BLUE, GREY, INK, ORANGE, SOFT
from frankpledge.charts.scales import Scale


@dataclass(frozen=True, slots=True)
class _Pair:
    name: str
    before: Figure
    after: Figure
    loud: bool

    @property
    def values(self) -> tuple[float, float] | None:
        if self.before.value is None or self.after.value is None:
            return None
        return (self.before.value, self.after.value)


def slope(
    *,
    table: PublishableTable,
    title: str,
    id_prefix: str,
    label: str,
    before: str,
    after: str,
    highlight: Collection[str] = (),
    standalone: bool = False,
) -> Chart:
    """Each category's figure in two columns joined by a line: rising solid, falling dashed."""
    loud = {clean(name) for name in highlight}
    pairs = [
        _Pair(name, a, b, not loud or name in loud)
        for name, a, b in zip(
            names(table, label), figures(table, before), figures(table, after), strict=True
        )
    ]
    heads = (clean(column(table, before).label), clean(column(table, after).label))
    everything = [figure for pair in pairs for figure in (pair.before, pair.after)]
    return assemble(
        table=table, title=title, description=_describe(pairs, heads), id_prefix=id_prefix,
        standalone=standalone, withheld=any(f.withheld for f in everything),
        draw=lambda page: _draw(page, pairs, heads),
    )  # fmt: skip


def _describe(pairs: list[_Pair], heads: tuple[str, str]) -> str:
    whole = [(pair, pair.values) for pair in pairs if pair.values]
    up = [pair for pair, values in whole if values and values[1] > values[0]]
    down = [pair for pair, values in whole if values and values[1] < values[0]]
    said = [f"Slope chart: {heads[0]} and {heads[1]}, {len(pairs)} categories."]
    for word, found in (("Rose", up), ("Fell", down)):
        if found:
            told = [f"{p.name} from {p.before.text} to {p.after.text}" for p in found]
            said.append(f"{word}: {and_list(told)}.")
    said += missing_sentences([f for pair in pairs for f in (pair.before, pair.after)])
    return " ".join(said)


def _style(pair: _Pair, values: tuple[float, float]) -> tuple[str, str, float]:
    """Colour, dashes and thickness; direction is told by dashes as well as by colour."""
    if not pair.loud:
        return "#9aa0a4", "", 1.2
    if values[1] > values[0]:
        return BLUE, "", 2.5
    return (ORANGE, ' stroke-dasharray="7 4"', 2.5) if values[1] < values[0] else (GREY, "", 2.0)


def _draw(page: Drawing, pairs: list[_Pair], heads: tuple[str, str]) -> None:
    drawn = [(pair, values) for pair in pairs if (values := pair.values)]
    left_out = [pair for pair in pairs if not pair.values]
    if not drawn:
        page.nothing()
        return
    size, narrow = page.layout.small, page.layout.narrow
    low = min(min(values) for _, values in drawn)
    high = max(max(values) for _, values in drawn)
    rose = f'<path d="M0 0H24" stroke="{BLUE}" stroke-width="2.5"/>'
    fell = f'<path d="M0 0H24" stroke="{ORANGE}" stroke-width="2.5" stroke-dasharray="7 4"/>'
    key_row(page, [(rose, "Rose"), (fell, "Fell")])
    room = 118.0 if narrow else 210.0
    named = [wrap(pair.name, room, size, lines=2) for pair, _ in drawn]
    line = size * 1.15
    heights = [line * len(rows) + 4 for rows in named]
    tall = max(260.0 if narrow else 320.0, sum(heights) + 10)
    value_room = max(
        max(width(p.before.text, size), width(p.after.text, size, bold=True)) for p, _ in drawn
    )
    name_room = max(width(row, size) for rows in named for row in rows)
    left = value_room + 12
    right = page.width - name_room - value_room - 22
    page.y += 8
    deep = 0
    for x, words, anchor in ((left, heads[0], "start"), (right, heads[1], "end")):
        rows = wrap(words, (right - left) / 2 - 8, size, lines=3, bold=True)
        deep = max(deep, len(rows))
        for index, row in enumerate(rows):
            page.text(x, page.y + line * (index + 1), row, size=size, bold=True, anchor=anchor)
    top = page.y + line * deep + 12
    y = Scale(low, high, top + tall - 10, top + 10)
    for x in (left, right):
        page.rule(x, top, x, top + tall, f'stroke="{AXIS}"')
    for pair, values in sorted(drawn, key=lambda item: item[0].loud):
        colour, dashes, thick = _style(pair, values)
        a, b = y(values[0]), y(values[1])
        page.path(
            f"M{n(left)} {n(a)}L{n(right)} {n(b)}",
            f'fill="none" stroke="{colour}" stroke-width="{thick}"{dashes}',
            tip=f"{pair.name}: {pair.before.text} to {pair.after.text}",
        )
        for x, at in ((left, a), (right, b)):
            page.marker("circle", x, at, 3.5, f'fill="{colour}"')
    low_edge, high_edge = top - 6, top + tall + 6
    ones = [line + 2] * len(drawn)
    wanted = [y(values[0]) - line / 2 for _, values in drawn]
    for (pair, values), place in zip(drawn, spread(wanted, ones, low_edge, high_edge), strict=True):
        baseline = place + size * 0.92
        page.text(left - 9, baseline, pair.before.text, size=size, anchor="end", fill=SOFT)
        _leader(page, left - 7, baseline - size * 0.35, left - 4, y(values[0]))
    wanted = [y(values[1]) - height / 2 for (_, values), height in zip(drawn, heights, strict=True)]
    places = spread(wanted, heights, low_edge, high_edge)
    for (pair, values), rows, place in zip(drawn, named, places, strict=True):
        baseline = place + size * 0.92
        page.text(
            right + 9 + value_room, baseline, pair.after.text, size=size, anchor="end", bold=True
        )
        for index, row in enumerate(rows):
            page.text(right + 17 + value_room, baseline + index * line, row, size=size,
                      fill=INK if pair.loud else SOFT)  # fmt: skip
        _leader(page, right + 4, y(values[1]), right + 7, baseline - size * 0.35)
    page.y = top + tall + 6
    if left_out:
        absent = and_list([pair.name for pair in left_out], most=20)
        page.note(f"Not drawn, as a figure is withheld or missing: {absent}.")
    page.note("The scale does not start at zero." if low > 0 else "Both sides are on one scale.")


def _leader(page: Drawing, x1: float, y1: float, x2: float, y2: float) -> None:
    if abs(y1 - y2) > 4:
        page.rule(x1, y1, x2, y2, f'stroke="{AXIS}" stroke-width="0.8"')
