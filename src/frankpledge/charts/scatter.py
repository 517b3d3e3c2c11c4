"""A funnel plot: rates of large and small areas against the limits that chance allows each."""

from collections.abc import Sequence
from dataclasses import dataclass

from frankpledge.analysis.disclosure import PublishableTable
from frankpledge.charts.axes import Plane, across, key_row
from frankpledge.charts.drawing import Chart, Drawing, assemble, clean, n, text_box
from frankpledge.charts.figures import (
    Figure,
    column,
    figures,
    heading,
    missing_sentences,
    names,
    unit_sign,
    whole,
)  # fmt: skip
from frankpledge.charts.lettering import and_list, width, wrap
from frankpledge.charts.palette import AXIS, BLUE, PINK, SOFT, WHITE
from frankpledge.charts.scales import tick_labels, ticks

_DASHES = ("6 3", "2 3")


@dataclass(frozen=True, slots=True)
class _Dot:
    name: str
    size: float
    value: float
    size_text: str
    text: str
    outside: bool


@dataclass(frozen=True, slots=True)
class _Curve:
    label: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class _Plot:
    dots: list[_Dot]
    centre: _Curve | None
    limits: list[tuple[_Curve, _Curve]]
    headings: tuple[str, str]
    units: tuple[str, str]
    count: bool


def funnel(
    *,
    table: PublishableTable,
    title: str,
    id_prefix: str,
    label: str,
    size: str,
    value: str,
    limits: Sequence[tuple[str, str]],
    centre: str | None = None,
    standalone: bool = False,
) -> Chart:
    """Areas by size and figure, with pairs of limit columns, the narrowest pair first.

    Areas outside the first pair are named and have another shape.
    """
    sizes, values = figures(table, size), figures(table, value)
    edges = [(figures(table, low), figures(table, high)) for low, high in limits]
    dots = []
    for index, name in enumerate(names(table, label)):
        across_at, up = sizes[index], values[index]
        if across_at.value is None or up.value is None:
            continue
        low, high = (edges[0][0][index].value, edges[0][1][index].value) if edges else (None, None)
        outside = (low is not None and up.value < low) or (high is not None and up.value > high)
        dots.append(_Dot(name, across_at.value, up.value, across_at.text, up.text, outside))
    plot = _Plot(
        dots=dots,
        centre=_curve(table, centre, sizes, figures(table, centre)) if centre else None,
        limits=[
            (_curve(table, low, sizes, a), _curve(table, high, sizes, b))
            for (low, high), (a, b) in zip(limits, edges, strict=True)
        ],
        headings=(heading(column(table, size)), heading(column(table, value))),
        units=(unit_sign(column(table, size)), unit_sign(column(table, value))),
        count=whole(column(table, value)),
    )
    return assemble(
        table=table, title=title, description=_describe(plot, values), id_prefix=id_prefix,
        standalone=standalone, withheld=any(f.withheld for f in (*sizes, *values)),
        draw=lambda page: _draw(page, plot),
    )  # fmt: skip


def _curve(
    table: PublishableTable, key: str, sizes: Sequence[Figure], found: Sequence[Figure]
) -> _Curve:
    pairs = zip(sizes, found, strict=True)
    points = [(s.value, f.value) for s, f in pairs if s.value is not None and f.value is not None]
    return _Curve(clean(column(table, key).label), tuple(sorted(points)))


def _describe(plot: _Plot, values: Sequence[Figure]) -> str:
    said = [f"Funnel plot: {plot.headings[1]} against {plot.headings[0]}, {len(plot.dots)} areas."]
    outside = [f"{dot.name} {dot.text}" for dot in plot.dots if dot.outside]
    if outside:
        said.append(f"Outside the limits: {and_list(outside)}.")
    elif plot.dots:
        said.append("None is outside the limits.")
    return " ".join(said + missing_sentences(values))


def _draw(page: Drawing, plot: _Plot) -> None:
    small = page.layout.small
    page.paragraph(plot.headings[1], size=small, fill=SOFT, lines=2)
    if not plot.dots:
        page.nothing()
        return
    _key(page, plot)
    curves = [curve for pair in plot.limits for curve in pair]
    if plot.centre:
        curves.append(plot.centre)
    ups = [dot.value for dot in plot.dots] + [y for curve in curves for _, y in curve.points]
    marks = ticks(min(ups), max(ups), whole=plot.count)
    sizes = [dot.size for dot in plot.dots]
    wide = ticks(min(sizes), max(sizes), wanted=3 if page.layout.narrow else 6)
    page.y += 8
    plane = Plane.under(
        page, height=250 if page.layout.narrow else 320, right=16, ticks=marks,
        unit=plot.units[1], first=wide[0], last=wide[-1],
    )  # fmt: skip
    across(page, plane, marks, unit=plot.units[1])
    for (low, high), dashes in zip(plot.limits, _DASHES * len(plot.limits), strict=False):
        for curve in (low, high):
            _line(page, plane, curve, f'stroke-width="1.5" stroke-dasharray="{dashes}"')
    if plot.centre:
        _line(page, plane, plot.centre, 'stroke-width="1.5"')
    edge = -1e9
    for at, words in zip(wide, tick_labels(wide, unit=plot.units[0]), strict=True):
        x = plane.x(at)
        half = width(words, small) / 2
        middle = min(max(x, half), page.width - half)
        page.rule(x, plane.bottom, x, plane.bottom + 5, f'stroke="{AXIS}"')
        if middle - half > edge:
            page.text(
                middle, plane.bottom + small * 1.35, words, size=small, anchor="middle", fill=SOFT
            )
            edge = middle + half + 6
    _dots(page, plane, plot)
    page.y = plane.bottom + small * 1.5
    for row in wrap(plot.headings[0], page.width, small, lines=2):
        page.y += small * 1.2
        page.text(plane.right, page.y, row, size=small, anchor="end", fill=SOFT)
    page.y += 4
    if marks[0] > 0 or wide[0] > 0:
        page.note("An axis does not start at zero.")


def _key(page: Drawing, plot: _Plot) -> None:
    items = []
    if plot.centre:
        items.append((f'<path d="M0 0H24" stroke="{SOFT}" stroke-width="1.5"/>', plot.centre.label))
    for (low, _), dashes in zip(plot.limits, _DASHES * len(plot.limits), strict=False):
        paint = f'stroke="{SOFT}" stroke-width="1.5" stroke-dasharray="{dashes}"'
        items.append((f'<path d="M0 0H24" {paint}/>', low.label))
    if any(dot.outside for dot in plot.dots):
        diamond = f'<path d="M12 -7L19 0L12 7L5 0z" fill="{PINK}"/>'
        items.append((diamond, "Outside the limits"))
    key_row(page, items)


def _line(page: Drawing, plane: Plane, curve: _Curve, paint: str) -> None:
    if len(curve.points) > 1:
        data = "L".join(f"{n(plane.x(a))} {n(plane.y(b))}" for a, b in curve.points)
        page.path(f"M{data}", f'fill="none" stroke="{SOFT}" {paint}')


def _dots(page: Drawing, plane: Plane, plot: _Plot) -> None:
    small = page.layout.small
    for dot in plot.dots:
        x, y = plane.x(dot.size), plane.y(dot.value)
        page.taken.take((x - 5, y - 5, x + 5, y + 5))
        shape, colour = ("diamond", PINK) if dot.outside else ("circle", BLUE)
        paint = f'fill="{colour}" stroke="{WHITE}" stroke-width="1"'
        page.marker(shape, x, y, 5, paint, f"{dot.name}: {dot.text} ({dot.size_text})")
    # Those outside first: if there is no room for all, it is they who must be named.
    for dot in sorted(plot.dots, key=lambda d: (not d.outside, -d.value, d.name)):
        x, y = plane.x(dot.size), plane.y(dot.value)
        words = wrap(dot.name, 160, small, lines=1, bold=dot.outside)[0]
        for px, py, anchor in ((x + 9, y + 5, "start"), (x - 9, y + 5, "end"),
                               (x, y - 10, "middle"), (x, y + 20, "middle")):  # fmt: skip
            box = text_box(px, py, words, small, anchor, bold=dot.outside)
            inside = box[0] >= plane.left and box[2] <= page.width and box[3] <= plane.bottom
            if inside and page.taken.free(box):
                page.text(px, py, words, size=small, anchor=anchor, bold=dot.outside, halo=WHITE,
                          take=True)  # fmt: skip
                break
