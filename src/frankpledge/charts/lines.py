"""A line chart of figures over time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from frankpledge.analysis.disclosure import PublishableTable
from frankpledge.charts import palette
from frankpledge.charts.axes import Plane, across, along, key_row
from frankpledge.charts.drawing import (
    WITHHELD,
    Chart,
    Drawing,
    assemble,
    clean,
    n,
    spread,
    text_box,
)
from frankpledge.charts.figures import (
    NO_DATA,
    Figure,
)
from frankpledge.charts.lettering import width, wrap
from frankpledge.charts.palette import BAND, GREY, INK, PINK, SOFT, WHITE, Stroke
from frankpledge.charts.story import QUIET, Story, describe, story_of
from frankpledge.charts.times import Break, Series, runs

_MOST_SIGNALS_NAMED = 3


def line(
    *,
    table: PublishableTable,
    title: str,
    id_prefix: str,
    x: str,
    y: str | Sequence[str],
    by: str | None = None,
    lower: str | None = None,
    upper: str | None = None,
    centre: str | None = None,
    incomplete: Collection[date | str] = (),
    breaks: Sequence[Break] = (),
    highlight: Collection[str] = (),
    standalone: bool = False,
) -> Chart:
    """Figures over time, one line a column of `y` or a category of `by`.

    `x` is a month, date or text column. `lower`, `upper` and `centre` are columns of control
    limits and need a single line. Times named in `incomplete` are drawn hollow. Lines named in
    `highlight` keep their colour, the others turn grey. Raises KeyError for an unknown column.
    """
    story = story_of(table, x, [y] if isinstance(y, str) else list(y), by, (lower, upper, centre),
                   incomplete, breaks, frozenset(map(clean, highlight)))  # fmt: skip
    everything = [f for one, _ in story.lines for _, f in one.points]
    return assemble(
        table=table,
        title=title,
        description=describe(story),
        id_prefix=id_prefix,
        standalone=standalone,
        withheld=any(f.withheld for f in everything),
        draw=lambda page: _draw(page, story),
    )


def _draw(page: Drawing, story: Story) -> None:
    several = len(story.lines) > 1
    if story.heading:
        page.paragraph(story.heading, size=page.layout.small, fill=SOFT, lines=2)
    if not any(one.shown for one, _ in story.lines):
        page.nothing()
        return
    _key(page, story, several)
    labels = _end_labels(page, story, several)
    plane = _plane(page, story, labels)
    across(page, plane, story.ticks, unit=story.unit)
    _band(page, plane, story)
    along(page, plane, story.times)
    _breaks(page, plane, story)
    for one, stroke in story.lines:
        _one_line(page, plane, one, stroke, story, several)
    _place_end_labels(page, plane, labels)
    _gaps(page, plane, story)
    _name_signals(page, plane, story)
    page.y = plane.foot
    if story.ticks[0] > 0 or story.ticks[-1] < 0:
        page.note("The axis does not start at zero.")


def _key(page: Drawing, story: Story, several: bool) -> None:
    """What the end labels do not say: limits always, names of lines where there is no margin."""
    items: list[tuple[str, str]] = []
    if several and page.layout.narrow:
        for one, stroke in story.lines:
            if stroke is not QUIET:
                dashes = f' stroke-dasharray="{stroke.dashes}"' if stroke.dashes else ""
                paint = f'fill="none" stroke="{stroke.colour}" stroke-width="2.5"{dashes}'
                items.append((f'<path d="M0 0H24" {paint}/>', one.name))
    if any(stroke is QUIET for _, stroke in story.lines):
        paint = f'fill="none" stroke="{QUIET.colour}" stroke-width="1.5"'
        items.append((f'<path d="M0 0H24" {paint}/>', "Others"))
    if story.lower and story.upper:
        swatch = (
            f'<path d="M0 -6H24V6H0z" fill="{BAND}"/>'
            f'<path d="M0 -6H24M0 6H24" stroke="{palette.AXIS}" stroke-dasharray="2 2"/>'
        )
        items.append((swatch, _band_label(story.lower.label, story.upper.label)))
    if story.centre:
        paint = f'stroke="{SOFT}" stroke-width="1.5" stroke-dasharray="6 3"'
        items.append((f'<path d="M0 0H24" {paint}/>', story.centre.label))
    if story.signals:
        items.append((f'<path d="M12 -7L19 0L12 7L5 0z" fill="{PINK}"/>', "Outside the limits"))
    key_row(page, items)


def _band_label(lower: str, upper: str) -> str:
    """«Usual range from», «to» → «Usual range»; «Lower limit», «Upper limit» → both."""
    if lower.lower().endswith(" from"):
        return lower[: -len(" from")]
    return f"{lower} to {upper[:1].lower()}{upper[1:]}"


def _breaks(page: Drawing, plane: Plane, story: Story) -> None:
    """A dashed line each; the reason beside its head, or where there are several its number."""
    size = page.layout.small
    several = len(story.breaks) > 1
    for number, (at, label) in enumerate(story.breaks, 1):
        x, y = plane.x(at), plane.top - 10
        page.rule(x, y - size, x, plane.bottom, f'stroke="{GREY}" stroke-dasharray="3 3"')
        words = str(number) if several else label
        room = min(240.0, page.width - plane.left - 10)
        words = words if width(words, size) <= room else ""
        sides = [(x + 5, "start"), (x - 5, "end")]
        # The first of several stands before its line, so that 1 and 2 never read as 12.
        for where, anchor in sides[::-1] if several and number == 1 else sides:
            a, b, c, d = text_box(where, y, words, size, anchor)
            box = (a - 3, b, c + 3, d)
            if words and box[0] >= 0 and box[2] <= page.width and page.taken.free(box):
                page.text(where, y, words, size=size, anchor=anchor, take=True)
                break
        else:
            words = ""
        if words != label:
            mark = f"{number}: " if several else ""
            page.note(f"{mark}Dashed line at {story.times.label(at)}: {label}")


@dataclass(frozen=True, slots=True)
class _EndLabel:
    at: int
    value: float
    rows: tuple[tuple[str, bool], ...]  # text, whether it is the name

    def height(self, size: float) -> float:
        return len(self.rows) * size * 1.18 + 4


def _end_labels(page: Drawing, story: Story, several: bool) -> list[_EndLabel]:
    labels = []
    for one, stroke in story.lines:
        if stroke is QUIET or not one.shown:
            continue
        at, value, figure = one.shown[-1]
        rows = [(figure.text, not several)]
        if several and not page.layout.narrow:
            name = wrap(one.name, 150, page.layout.small, lines=2, bold=True)
            rows = [*((row, True) for row in name), *rows]
        if at in story.incomplete:
            rows.append(("incomplete", False))
        room = 110 if page.layout.narrow else 160
        cut = [(wrap(t, room, page.layout.small, lines=1, bold=b)[0], b) for t, b in rows]
        labels.append(_EndLabel(at, value, tuple(cut)))
    return labels


def _plane(page: Drawing, story: Story, labels: Sequence[_EndLabel]) -> Plane:
    size = page.layout.small
    margin = max((width(t, size, bold=b) for one in labels for t, b in one.rows), default=0) + 14
    needed = sum(one.height(size) for one in labels)
    height = max(230.0 if page.layout.narrow else 290.0, needed)
    page.y += 10 + (22 if story.breaks else 0)
    return Plane.under(
        page, height=height, right=margin, ticks=story.ticks, unit=story.unit,
        first=story.times.first, last=story.times.last,
    )  # fmt: skip


def _band(page: Drawing, plane: Plane, story: Story) -> None:
    lower = story.lower.values if story.lower else {}
    upper = story.upper.values if story.upper else {}
    both = sorted(lower.keys() & upper.keys())
    if both:
        blank = Figure(0, "")
        for run in runs([(at, 0.0, blank) for at in both], story.times.step):
            stretch = [at for at, _ in run]
            top = "L".join(f"{n(plane.x(at))} {n(plane.y(upper[at]))}" for at in stretch)
            under = "L".join(f"{n(plane.x(at))} {n(plane.y(lower[at]))}" for at in stretch[::-1])
            page.path(f"M{top}L{under}z", f'fill="{BAND}"')
            paint = f'fill="none" stroke="{palette.AXIS}" stroke-dasharray="2 2"'
            page.path(f"M{top}M{under}", paint)
    if story.centre and story.centre.values:
        points = "L".join(
            f"{n(plane.x(at))} {n(plane.y(v))}" for at, v in sorted(story.centre.values.items())
        )
        paint = f'fill="none" stroke="{SOFT}" stroke-width="1.5" stroke-dasharray="6 3"'
        page.path(f"M{points}", paint)


def _one_line(
    page: Drawing, plane: Plane, one: Series, stroke: Stroke, story: Story, several: bool
) -> None:
    shown = one.shown
    loud = stroke is not QUIET
    dashes = f' stroke-dasharray="{stroke.dashes}"' if stroke.dashes else ""
    thick = 2.5 if loud else 1.2
    paint = f'fill="none" stroke="{stroke.colour}" stroke-width="{thick}" stroke-linejoin="round"'
    whole_runs, loose, alone = [], [], set()
    for run in runs(shown, story.times.step):
        places = [f"{n(plane.x(at))} {n(plane.y(value))}" for at, value in run]
        if len(run) == 1:
            alone.add(run[0][0])
        for index in range(1, len(run)):
            # A month still filling is reached by a thin line: its level is not yet known.
            if run[index][0] in story.incomplete:
                loose.append(f"M{places[index - 1]}L{places[index]}")
            else:
                whole_runs.append(
                    f"L{places[index]}"
                    if index > 1 and run[index - 1][0] not in story.incomplete
                    else f"M{places[index - 1]}L{places[index]}"
                )
        for at, value in run:
            x, y = plane.x(at), plane.y(value)
            page.taken.take((x - 4, y - 4, x + 4, y + 4))
    if whole_runs:
        page.path("".join(whole_runs), paint + dashes)
    if loose:
        thin = f'fill="none" stroke="{stroke.colour}" stroke-width="1.2" stroke-dasharray="2 3"'
        page.path("".join(loose), thin)
    if loud:
        _markers(page, plane, one, stroke, story, alone, several)


def _markers(
    page: Drawing, plane: Plane, one: Series, stroke: Stroke, story: Story,
    alone: set[int], several: bool,
) -> None:  # fmt: skip
    every = plane.spacing(story.times.step) >= (26 if several else 10)
    last = one.shown[-1][0] if one.shown else None
    name = f"{one.name}, " if several else ""
    for at, value, figure in one.shown:
        x, y = plane.x(at), plane.y(value)
        tip = f"{name}{story.times.label(at)}: {figure.text}"
        if at in story.incomplete:
            paint = f'fill="{WHITE}" stroke="{stroke.colour}" stroke-width="2"'
            page.marker(stroke.shape, x, y, 4, paint, f"{tip} (incomplete)")
        elif at in story.signals:
            paint = f'fill="{PINK}" stroke="{WHITE}" stroke-width="1"'
            page.marker("diamond", x, y, 5, paint, f"{tip} (outside the limits)")
        elif every or at == last or at in alone:
            page.marker(
                stroke.shape, x, y, 3.6 if at == last else 2.8, f'fill="{stroke.colour}"', tip
            )


def _gaps(page: Drawing, plane: Plane, story: Story) -> None:
    """Say in the picture why a line stops."""
    size = page.layout.small
    shown = {at for one, _ in story.lines for at, _, _ in one.shown}
    withheld = {at for one, _ in story.lines for at, f in one.points if f.withheld}
    for at in sorted(withheld):
        box = text_box(plane.x(at), plane.bottom - 5, WITHHELD, size, "middle")
        if page.taken.free(box):
            page.text(plane.x(at), plane.bottom - 5, WITHHELD, size=size, anchor="middle",
                      fill=SOFT, halo=WHITE, take=True)  # fmt: skip
    if story.times.kind != "month" or not shown:
        return
    absent = False
    start = min(shown)
    for at in sorted(shown):
        between = [m for m in range(start + 1, at) if m not in withheld]
        if at - start > story.times.step and between:
            absent = True
            middle = (plane.x(between[0]) + plane.x(between[-1])) / 2
            room = plane.x(at) - plane.x(start) - 6
            box = text_box(middle, plane.bottom - 5, NO_DATA, size, "middle")
            if width(NO_DATA, size) <= room and page.taken.free(box):
                page.text(middle, plane.bottom - 5, NO_DATA, size=size, anchor="middle",
                          fill=SOFT, halo=WHITE, take=True)  # fmt: skip
        start = at
    if absent:
        page.note("Gaps are months with no data.")


def _place_end_labels(page: Drawing, plane: Plane, labels: Sequence[_EndLabel]) -> None:
    size = page.layout.small
    heights = [one.height(size) for one in labels]
    wanted = [plane.y(one.value) - height / 2 for one, height in zip(labels, heights, strict=True)]
    floor = plane.bottom + 4
    for one, top, height, ideal in zip(
        labels, spread(wanted, heights, min(plane.top - 8, floor - sum(heights)), floor),
        heights, wanted, strict=True,
    ):  # fmt: skip
        x, y = plane.x(one.at), plane.y(one.value)
        start = (max(plane.right, x) if len(labels) > 1 else x) + 9
        if len(labels) > 1 and (abs(top - ideal) > 5 or plane.right - x > 12):
            page.path(f"M{n(x + 5)} {n(y)}L{n(start - 3)} {n(top + height / 2)}",
                      f'fill="none" stroke="{palette.AXIS}" stroke-width="0.8"')  # fmt: skip
        baseline = top + 2 + size * 0.9
        for words, bold in one.rows:
            page.text(start, baseline, words, size=size, bold=bold,
                      fill=INK if bold else SOFT, take=True)  # fmt: skip
            baseline += size * 1.18


def _name_signals(page: Drawing, plane: Plane, story: Story) -> None:
    """Name the farthest few outside the limits, where there is room."""
    size = page.layout.small
    ranked = sorted(story.signals.items(), key=lambda s: -abs(plane.y(s[1][0]) - plane.middle))
    ended = story.lines[0][0].shown[-1][0] if story.lines and story.lines[0][0].shown else None
    for at, (value, figure) in ranked[:_MOST_SIGNALS_NAMED]:
        if at == ended:
            continue
        label = story.times.label(at)
        words = (
            f"{label[:3]} {label[-4:]}: {figure.text}"
            if story.times.kind == "month"
            else figure.text
        )
        x, y = plane.x(at), plane.y(value)
        up = [(x, y - 12, "middle"), (x - 9, y - 3, "end"), (x + 9, y - 3, "start")]
        down = [(x, y + 21, "middle"), (x - 9, y + 8, "end"), (x + 9, y + 8, "start")]
        for px, py, anchor in [*up, *down] if y < plane.middle else [*down, *up]:
            box = text_box(px, py, words, size, anchor)
            inside = box[0] >= plane.left and box[2] <= plane.right + 4 and box[3] < plane.bottom
            if inside and box[1] > plane.top - 10 and page.taken.free(box):
                page.text(px, py, words, size=size, anchor=anchor, halo=WHITE, take=True)
                break
