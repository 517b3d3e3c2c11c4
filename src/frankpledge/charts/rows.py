"""Charts with one row a category: bars, and dots with intervals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from frankpledge.analysis.disclosure import PublishableTable
from frankpledge.charts.axes import key_row
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
from frankpledge.charts.palette import (
    AXIS,
    BLUE,
    INK,
    PALE_BLUE,
    RULE,
    SOFT,
    WHITE,
    WITHHELD_FILL,
)  # fmt: skip
from frankpledge.charts.scales import Scale, tick_labels, ticks

_GAP = 18
_DROP = 10.0  # from a name on a phone to the middle of its mark below


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    value: Figure
    before: Figure | None = None
    low: Figure | None = None
    high: Figure | None = None
    loud: bool = True

    @property
    def interval(self) -> tuple[float, float] | None:
        """Only beside a value that is shown: an interval tells where its middle is."""
        if self.value.value is None or not self.low or not self.high:
            return None
        if self.low.value is None or self.high.value is None:
            return None
        return (self.low.value, self.high.value)


def bars(
    *,
    table: PublishableTable,
    title: str,
    id_prefix: str,
    label: str,
    value: str,
    compare: str | None = None,
    highlight: Collection[str] = (),
    last: Collection[str] = (),
    sort: bool = True,
    standalone: bool = False,
) -> Chart:
    """Horizontal bars, largest first, figures aligned at the right.

    `compare` is a column of the period before, marked by a line across each bar. Categories named
    in `last` (the rest, the unlocated) stand at the end whatever their size; so do those that are
    withheld or missing, in the order of the alphabet, which tells nothing of their size.
    """
    rows = _rows(table, label, value, highlight, before=compare)
    rows = _ordered(rows, last) if sort else rows
    shown = column(table, value)
    other = clean(column(table, compare).label) if compare else ""
    title_of_value = heading(shown)
    said = _describe("Bar chart", title_of_value, rows, other)
    return assemble(
        table=table, title=title, description=said, id_prefix=id_prefix, standalone=standalone,
        withheld=any(r.value.withheld or (r.before and r.before.withheld) for r in rows),
        draw=lambda page: _draw_bars(page, rows, title_of_value, other),
    )  # fmt: skip


def dots(
    *,
    table: PublishableTable,
    title: str,
    id_prefix: str,
    label: str,
    value: str,
    lower: str | None = None,
    upper: str | None = None,
    reference: str | None = None,
    highlight: Collection[str] = (),
    last: Collection[str] = (),
    sort: bool = True,
    standalone: bool = False,
) -> Chart:
    """Dots with intervals, highest first; `reference` names the row that is drawn as a line."""
    rows = _rows(table, label, value, highlight, low=lower, high=upper)
    middle = next((r for r in rows if reference is not None and r.name == clean(reference)), None)
    rows = [row for row in rows if row is not middle]
    rows = _ordered(rows, last) if sort else rows
    shown = column(table, value)
    said = _describe("Dot plot", heading(shown), rows, "")
    if middle:
        said += f" {middle.name}: {middle.value.spoken}."
    everything = [*rows, middle] if middle else rows
    return assemble(
        table=table, title=title, description=said, id_prefix=id_prefix, standalone=standalone,
        withheld=any(row.value.withheld for row in everything),
        draw=lambda page: _draw_dots(
            page, rows, middle, heading(shown), unit_sign(shown), whole(shown)
        ),
    )  # fmt: skip


def _rows(
    table: PublishableTable, label: str, value: str, highlight: Collection[str], *,
    before: str | None = None, low: str | None = None, high: str | None = None,
) -> list[_Row]:  # fmt: skip
    empty: list[None] = [None] * len(table.rows)
    loud = {clean(name) for name in highlight}
    return [
        _Row(name, found, a, b, c, not loud or name in loud)
        for name, found, a, b, c in zip(
            names(table, label),
            figures(table, value),
            figures(table, before) if before else empty,
            figures(table, low) if low else empty,
            figures(table, high) if high else empty,
            strict=True,
        )
    ]


def _ordered(rows: Sequence[_Row], last: Collection[str]) -> list[_Row]:
    ends = {clean(name) for name in last}

    def rank(row: _Row) -> tuple[bool, bool, bool, float, str]:
        value = row.value.value
        return (row.name in ends, value is None, not row.value.withheld, -(value or 0.0), row.name)

    return sorted(rows, key=rank)


def _describe(kind: str, what: str, rows: Sequence[_Row], other: str) -> str:
    said = [f"{kind}: {what}, {len(rows):,} row{'' if len(rows) == 1 else 's'}."]
    shown = [row for row in rows if row.value.value is not None]
    if not shown:
        said.append("Nothing is shown.")
    else:
        ranked = sorted(shown, key=lambda r: -(r.value.value or 0.0))
        first = [f"{row.name} {row.value.text}" for row in ranked[:3]]
        said.append(f"Highest: {and_list(first)}.")
        if len(ranked) > 3:
            said.append(f"Lowest: {ranked[-1].name} {ranked[-1].value.text}.")
    if other:
        up = [r for r in shown if r.before and r.before.value is not None]
        more = [r for r in up if r.before and (r.value.value or 0.0) > (r.before.value or 0.0)]
        said.append(f"{len(more)} of {len(up)} are higher than in the column “{other}”.")
    said += missing_sentences([row.value for row in rows])
    return " ".join(said)


def _text_width(found: Sequence[Figure | None], head: str, size: float) -> float:
    widest = max((width(f.text, size, bold=True) for f in found if f), default=0)
    head_width = max(width(row, size - 1) for row in wrap(head, 96, size - 1, lines=3))
    return max(widest, head_width)


def _draw_bars(page: Drawing, rows: Sequence[_Row], what: str, other: str) -> None:
    if not rows:
        page.nothing()
        return
    size = page.layout.label
    columns = _Columns.fit(page, rows, what, other)
    if other:
        dark = f'<path d="M0 -6H24V6H0z" fill="{BLUE}"/>'
        key_row(
            page, [(dark, what), (f'<path d="M12 -8V8" stroke="{INK}" stroke-width="3"/>', other)]
        )
    columns.heads(page)
    figured = [f.value for r in rows for f in (r.value, r.before) if f and f.value is not None]
    low, high = min([0.0, *figured]), max([0.0, *figured])
    if low == high:  # all are zero
        high = 1.0
    scale = Scale(low, high, columns.left, columns.right)
    zero, start = scale(0.0), page.y + 4
    page.y = start
    for row in rows:
        middle, thick = columns.name(page, row, size)
        tip = f"{row.name}: {row.value.spoken}"
        if row.before:
            tip += f" ({other}: {row.before.spoken})"
        if row.value.value is not None:
            end = scale(row.value.value)
            colour = BLUE if row.loud else PALE_BLUE
            long = max(abs(end - zero), 1.0 if row.value.value else 0.0)
            left = min(zero, end)
            page.rect(left, middle - thick / 2, long, thick, f'fill="{colour}"', tip=tip)
        elif row.value.withheld:
            paint = f'fill="{page.fill(WITHHELD_FILL)}" stroke="{SOFT}"'
            page.rect(zero + 1, middle - thick / 2 + 1, 26, thick - 2, paint, tip=tip)
        if row.before and row.before.value is not None:
            x, reach = scale(row.before.value), thick / 2 + (1 if columns.above else 3)
            page.rule(x, middle - reach, x, middle + reach, f'stroke="{WHITE}" stroke-width="6"')
            page.rule(x, middle - reach, x, middle + reach, f'stroke="{INK}" stroke-width="3"')
        columns.values(page, row, middle)
    page.rule(zero, start - 2, zero, page.y, f'stroke="{AXIS}"')
    page.y += 4


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where names, marks and figures stand, the same for every row of one drawing."""

    left: float
    right: float
    name_room: float
    heads_at: tuple[tuple[float, str], ...]
    size: float
    above: bool  # names above their bars, as on a phone

    @staticmethod
    def fit(
        page: Drawing, rows: Sequence[_Row], what: str, other: str, *, beside: bool = False
    ) -> "_Columns":
        """`beside` keeps the marks of the narrow layout clear of the figures, too."""
        size, narrow = page.layout.label, page.layout.narrow
        heads, x = [], page.width
        if other:
            heads.append((x, other))
            x -= _text_width([r.before for r in rows], other, size) + _GAP
        heads.append((x, what))
        x -= _text_width([r.value for r in rows], what, size) + _GAP
        widest = max(width(row.name, size) for row in rows)
        room = min(widest, 220.0)
        left = room + 12
        if narrow:  # figures share the line of the name, marks have the whole width
            right = max(x, 80.0)
            end = right if beside else page.width - 2
            return _Columns(0.0, end, right, tuple(heads), size, narrow)
        return _Columns(left, max(x, left + 40), room, tuple(heads), size, narrow)

    def heads(self, page: Drawing) -> None:
        small = page.layout.small - (1 if page.layout.narrow else 0)
        wrapped = [(x, wrap(text, 96, small, lines=3)) for x, text in self.heads_at]
        deep = max(len(rows) for _, rows in wrapped)
        for x, rows in wrapped:
            for index, row in enumerate(rows):
                baseline = page.y + small * 1.2 * (deep - len(rows) + index + 1)
                page.text(x, baseline, row, size=small, anchor="end", fill=SOFT)
        page.y += small * 1.2 * deep + 6

    def name(self, page: Drawing, row: _Row, size: float) -> tuple[float, float]:
        """Writes the name; gives the middle and thickness of the mark, and moves the cursor."""
        words = wrap(row.name, self.name_room, size, lines=2)
        loud = row.loud
        if self.above:
            page.y += 4
            for words_row in words:
                page.y += size * 1.15
                page.text(0, page.y - size * 0.2, words_row, size=size)
            middle, thick = page.y + _DROP, 13.0
            page.y += _DROP + 13
            return middle, thick
        height = max(30.0, size * 1.15 * len(words) + 8)
        middle = page.y + height / 2
        baseline = middle + size * 0.35 - size * 1.15 * (len(words) - 1) / 2
        for index, words_row in enumerate(words):
            page.text(self.name_room, baseline + index * size * 1.15, words_row, size=size,
                      anchor="end", fill=INK if loud else SOFT)  # fmt: skip
        page.y += height
        return middle, 20.0

    def values(self, page: Drawing, row: _Row, middle: float) -> None:
        found = [row.before, row.value] if len(self.heads_at) == 2 else [row.value]
        for (x, _), figure in zip(self.heads_at, found, strict=True):
            if figure is None:
                continue
            main = figure is row.value
            baseline = middle - _DROP - self.size * 0.2 if self.above else middle + self.size * 0.35
            page.text(x, baseline, figure.text, anchor="end",
                      bold=main and figure.value is not None,
                      fill=INK if main and figure.value is not None else SOFT)  # fmt: skip


def _draw_dots(
    page: Drawing, rows: Sequence[_Row], middle_row: _Row | None, what: str, unit: str, count: bool
) -> None:
    if not rows:
        page.nothing()
        return
    size, small = page.layout.label, page.layout.small
    columns = _Columns.fit(page, rows, what, "", beside=True)
    reference = middle_row.value.value if middle_row else None
    figured = [r.value.value for r in rows if r.value.value is not None]
    figured += [edge for r in rows if r.interval for edge in r.interval]
    figured += [reference] if reference is not None else []
    if not figured:
        figured = [0.0]
    marks = ticks(min(figured), max(figured), wanted=3 if page.layout.narrow else 5, whole=count)
    labels = tick_labels(marks, unit=unit)
    scale = Scale(marks[0], marks[-1], columns.left + 8, columns.right - 8)
    columns.heads(page)
    if middle_row and reference is not None:
        told = f"{middle_row.name}: {middle_row.value.text}"
        words = wrap(told, columns.right, small, lines=1)[0]
        page.y += small * 1.3
        x, half = scale(reference), width(words, small) / 2
        place = min(max(x, half), page.width - half)
        page.text(place, page.y - 4, words, size=small, anchor="middle")
    start = page.y
    # The grid lies under the marks but its depth is known only when they are drawn.
    marked = page.mark()
    for row in rows:
        middle, _thick = columns.name(page, row, size)
        page.rule(
            columns.left, middle, columns.right, middle, f'stroke="{RULE}" stroke-dasharray="1 3"'
        )
        columns.values(page, row, middle)
        if row.value.value is None:
            continue
        tip = f"{row.name}: {row.value.text}"
        colour = BLUE if row.loud else PALE_BLUE
        if row.interval and row.low and row.high:
            a, b = scale(row.interval[0]), scale(row.interval[1])
            tip += f" ({row.low.text} to {row.high.text})"
            d = f"M{n(a)} {n(middle)}H{n(b)}M{n(a)} {n(middle - 5)}v10M{n(b)} {n(middle - 5)}v10"
            page.path(d, f'fill="none" stroke="{colour}" stroke-width="2"')
        page.marker("circle", scale(row.value.value), middle, 6,
                    f'fill="{colour}" stroke="{WHITE}" stroke-width="1.5"', tip)  # fmt: skip
    end = page.y + 2
    grid = "".join(f"M{n(scale(t))} {n(start)}V{n(end)}" for t in marks)
    lines = f'<path d="{grid}" stroke="{RULE}"/>'
    if reference is not None:
        paint = f'stroke="{INK}" stroke-width="1.5" stroke-dasharray="5 3"'
        lines += f'<path d="M{n(scale(reference))} {n(start)}V{n(end)}" {paint}/>'
    page.add_under(marked, lines)
    baseline, edge = end + small * 1.2, -1e9
    for mark, words in zip(marks, labels, strict=True):
        box = text_box(scale(mark), baseline, words, small, "middle")
        if box[0] > edge and box[0] >= 0:
            page.text(scale(mark), baseline, words, size=small, anchor="middle", fill=SOFT)
            edge = box[2] + 6
    page.y = baseline + 6
    if any(row.interval for row in rows):
        page.note("Lines show the interval around each figure.")
    if marks[0] > 0 or marks[-1] < 0:
        page.note("The axis does not start at zero.")
