"""A page to draw on: escaped text, unique ids, a cursor down the page, boxes already taken."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from frankpledge.analysis.disclosure import PublishableTable
from frankpledge.charts import palette
from frankpledge.charts.lettering import width, wrap
from frankpledge.charts.palette import INK, SOFT, WHITE, Fill

FONT = "'Source Sans 3', Arial, 'Liberation Sans', sans-serif"
WITHHELD = "[c]"
NOTHING = "There are no figures to show."
WITHHELD_NOTE = "[c] withheld so that nobody can be identified."

# What XML 1.0 cannot hold, and the marks that turn the direction of the text around them.
_UNSAFE = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff"
    + "".join(
        f"{chr(end + 0xFFFE)}{chr(end + 0xFFFF)}" for end in range(0x10000, 0x110000, 0x10000)
    )
    + "]"
)
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")


def clean(text: str) -> str:
    """The text on one line, without characters that XML forbids or that reorder what is read."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(_UNSAFE.sub("", text).split())


def escape(text: str) -> str:
    """Text that is safe between tags and inside double quotes."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;")


def n(value: float) -> str:
    """A coordinate: a tenth of a unit is finer than any eye."""
    return f"{value:.1f}"


@dataclass(frozen=True, slots=True)
class Layout:
    """One of the two shapes every chart is laid out in."""

    name: str
    width: float
    narrow: bool
    label: float
    small: float


WIDE = Layout("w", 680, False, 16, 14)
NARROW = Layout("n", 343, True, 15, 14)  # a 375 px phone less its margins, at its true size


@dataclass(frozen=True)
class Chart:
    """A picture and everything that must go with it."""

    title: str
    description: str
    svg: str
    svg_narrow: str
    table: PublishableTable


Box = tuple[float, float, float, float]


class Boxes:
    """Rectangles already taken; asks before a label is put down."""

    def __init__(self) -> None:
        self._taken: list[Box] = []

    def free(self, box: Box) -> bool:
        left, top, right, bottom = box
        return all(right <= a or left >= c or bottom <= b or top >= d for a, b, c, d in self._taken)

    def take(self, box: Box) -> None:
        self._taken.append(box)


class Drawing:
    """Collects shapes; `y` is how far down the page is full."""

    def __init__(self, layout: Layout, id_prefix: str) -> None:
        self.layout = layout
        self.prefix = f"{id_prefix}-{layout.name}"
        self.width = layout.width
        self.y = 0.0
        self.taken = Boxes()
        self._parts: list[str] = []
        self._patterns: dict[tuple[Fill, int], str] = {}
        self._notes: list[str] = []

    def add(self, markup: str) -> None:
        self._parts.append(markup)

    def note(self, sentence: str) -> None:
        """A line under the picture; the same sentence is written once."""
        if sentence not in self._notes:
            self._notes.append(sentence)

    def rect(self, x: float, y: float, w: float, h: float, paint: str, *, tip: str = "") -> None:
        body = f'<rect x="{n(x)}" y="{n(y)}" width="{n(max(0, w))}" height="{n(max(0, h))}" {paint}'
        self.add(self._tipped("rect", body, tip))

    def path(self, data: str, paint: str, *, tip: str = "") -> None:
        self.add(self._tipped("path", f'<path d="{data}" {paint}', tip))

    def rule(self, x1: float, y1: float, x2: float, y2: float, paint: str) -> None:
        self.add(f'<path d="M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}" {paint}/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 0,
        anchor: str = "start",
        bold: bool = False,
        fill: str = INK,
        halo: str = "",
        take: bool = False,
    ) -> None:
        """One line of text on its baseline."""
        size = size or self.layout.label
        more = "" if anchor == "start" else f' text-anchor="{anchor}"'
        if bold:
            more += ' font-weight="bold"'
        if fill != INK:
            more += f' fill="{fill}"'
        if size != self.layout.label:
            more += f' font-size="{n(size)}"'
        if halo:
            more += (
                f' stroke="{halo}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'
            )
        if take:
            self.taken.take(text_box(x, y, words, size, anchor, bold=bold))
        self.add(f'<text x="{n(x)}" y="{n(y)}"{more}>{escape(words)}</text>')

    def marker(self, shape: str, x: float, y: float, r: float, paint: str, tip: str = "") -> None:
        a, b = n(x), n(y)
        if shape == "circle":
            self.add(self._tipped("circle", f'<circle cx="{a}" cy="{b}" r="{n(r)}" {paint}', tip))
        elif shape == "square":
            self.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8, paint, tip=tip)
        elif shape == "triangle":
            d = f"M{a} {n(y - r * 1.2)}L{n(x + r * 1.1)} {n(y + r * 0.9)}H{n(x - r * 1.1)}z"
            self.path(d, paint, tip=tip)
        else:
            e = r * 1.3
            d = f"M{a} {n(y - e)}L{n(x + e)} {b}L{a} {n(y + e)}L{n(x - e)} {b}z"
            self.path(d, paint, tip=tip)

    def fill(self, fill: Fill, *, scale: int = 1) -> str:
        """The value of a `fill` attribute; a pattern is defined at first use."""
        if fill.pattern == "plain":
            return fill.ground
        ident = self._patterns.setdefault((fill, scale), f"{self.prefix}-p{len(self._patterns)}")
        return f"url(#{ident})"

    def paragraph(
        self, words: str, *, size: float, bold: bool = False, fill: str = INK, lines: int = 6
    ) -> None:
        """Wrapped text across the whole width at the cursor."""
        for row in wrap(clean(words), self.width, size, lines=lines, bold=bold):
            self.y += size * 1.25
            self.text(0, self.y - size * 0.25, row, size=size, bold=bold, fill=fill)

    def nothing(self) -> None:
        """What stands where there is no picture to draw."""
        self.y += 12
        self.rect(0.5, self.y, self.width - 1, 64, 'fill="#f3f2f1"')
        self.text(self.width / 2, self.y + 37, NOTHING, anchor="middle", fill=SOFT)
        self.y += 64

    @staticmethod
    def _tipped(tag: str, body: str, tip: str) -> str:
        return f"{body}><title>{escape(tip)}</title></{tag}>" if tip else f"{body}/>"

    def mark(self) -> int:
        """A place among the shapes drawn so far, for `add_under`."""
        return len(self._parts)

    def add_under(self, mark: int, markup: str) -> None:
        """Lay a shape beneath all that was drawn since the mark."""
        self._parts.insert(mark, markup)

    def finish(self, title: str, description: str, *, ground: bool = False) -> str:
        for sentence in self._notes:
            self.y += 4
            self.paragraph(sentence, size=self.layout.small, fill=SOFT)
        height = n(self.y + 6)
        defs = "".join(
            palette.pattern(fill, ident, scale=scale)
            for (fill, scale), ident in self._patterns.items()
        )
        p = self.prefix
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{n(self.width)}" '
            f'height="{height}" viewBox="0 0 {n(self.width)} {height}" role="img" '
            f'aria-labelledby="{p}-title {p}-desc" font-family="{FONT}" '
            f'font-size="{n(self.layout.label)}" fill="{INK}">'
            f'<title id="{p}-title">{escape(title)}</title>'
            f'<desc id="{p}-desc">{escape(description)}</desc>'
            + (f"<defs>{defs}</defs>" if defs else "")
            + (f'<rect width="100%" height="100%" fill="{WHITE}"/>' if ground else "")
            + "".join(self._parts)
            + "</svg>"
        )


def text_box(
    x: float, y: float, words: str, size: float, anchor: str, *, bold: bool = False
) -> Box:
    """The rectangle a line of text fills, from its baseline."""
    w = width(words, size, bold=bold)
    left = x - (w if anchor == "end" else w / 2 if anchor == "middle" else 0)
    return (left, y - size * 0.82, left + w, y + size * 0.26)


def spread(
    wanted: Sequence[float], heights: Sequence[float], low: float, high: float
) -> list[float]:
    """Tops of labels nearest to where they are wanted, in order, without overlap.

    Labels that touch are pooled and share the move, so none is pushed far for another's sake.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i] + heights[i] / 2, i))
    pools: list[tuple[float, float, list[int]]] = []  # top, height, members
    for index in order:
        top, height, members = wanted[index], heights[index], [index]
        top = max(low, min(top, high - height))
        while pools and pools[-1][0] + pools[-1][1] > top:
            other_top, other_height, other = pools.pop()
            whole = other_height + height
            middle = (
                (other_top + other_height / 2) * other_height + (top + height / 2) * height
            ) / whole
            members = [*other, *members]
            height = whole
            top = max(low, min(middle - height / 2, high - height))
        pools.append((top, height, members))
    result = [0.0] * len(wanted)
    for top, _height, members in pools:
        for index in members:
            result[index] = top
            top += heights[index]
    return result


def assemble(
    *,
    table: PublishableTable,
    title: str,
    description: str,
    id_prefix: str,
    standalone: bool,
    withheld: bool,
    draw: Callable[[Drawing], None],
) -> Chart:
    """Lay the picture out twice and put with it what must never be left off."""
    if not _PREFIX.match(id_prefix):
        raise ValueError("id_prefix must begin with a letter and hold letters, figures, - and _")
    title, description = clean(title), clean(description)
    if table.synthetic:
        description = f"Synthetic data. {description}"
    made = []
    for layout in (WIDE, NARROW):
        page = Drawing(layout, id_prefix)
        if standalone:
            page.paragraph(title, size=layout.label + 4, bold=True)
            page.y += 8
        draw(page)
        if withheld:
            page.note(WITHHELD_NOTE)
        if table.synthetic:
            page.note("Synthetic data: made up to show how this works.")
        if standalone:
            for each in table.notes:
                page.note(each)
        if standalone and table.sources:
            page.note("Source: " + "; ".join(table.sources))
        made.append(page.finish(title, description, ground=standalone))
    return Chart(title, description, made[0], made[1], table)
