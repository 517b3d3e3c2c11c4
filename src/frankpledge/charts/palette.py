"""Colours and marks. Each is told apart by lightness or pattern as well as by hue."""

from dataclasses import dataclass

INK = "#0b0c0c"
SOFT = "#505a5f"  # secondary text, 4.5:1 on white
RULE = "#d4d8da"  # grid lines
AXIS = "#858b8f"
BAND = "#e8ecef"
WHITE = "#ffffff"
BLUE = "#12436D"
TURQUOISE = "#28A197"
PINK = "#801650"
ORANGE = "#F46A25"
GREY = "#3D3D3D"
PURPLE = "#A285D1"
PALE_BLUE = "#8fb0cc"


@dataclass(frozen=True, slots=True)
class Stroke:
    """How one series of a line chart looks: colour, dashes and the shape of its marker."""

    colour: str
    dashes: str
    shape: str


STROKES = (
    Stroke(BLUE, "", "circle"),
    Stroke(ORANGE, "7 4", "square"),
    Stroke(PINK, "2 3", "triangle"),
    Stroke(TURQUOISE, "10 3 2 3", "diamond"),
    Stroke(GREY, "4 2", "circle"),
    Stroke(PURPLE, "12 5", "square"),
)


@dataclass(frozen=True, slots=True)
class Fill:
    """One class of a map: ground colour, pattern over it, and the ink that reads on it."""

    ground: str
    pattern: str
    line: str
    ink: str


# Lightness falls by even steps, so the order survives a black and white printer.
SEQUENCES: dict[int, tuple[Fill, ...]] = {
    1: (Fill("#7ba3c6", "plain", "", INK),),
    2: (Fill("#dce7f0", "plain", "", INK), Fill("#2f6594", "slant", "#12436D", WHITE)),
    3: (
        Fill("#dce7f0", "plain", "", INK),
        Fill("#7ba3c6", "dots", "#2f6594", INK),
        Fill("#12436D", "plain", "", WHITE),
    ),
    4: (
        Fill("#e4edf4", "plain", "", INK),
        Fill("#a9c5dc", "dots", "#5f8db5", INK),
        Fill("#4d80ac", "slant", "#2c5f8e", WHITE),
        Fill("#0f3a5f", "plain", "", WHITE),
    ),
    5: (
        Fill("#e9f0f6", "plain", "", INK),
        Fill("#bcd2e4", "dots", "#7ba3c6", INK),
        Fill("#82a9ca", "slant", "#5484b0", INK),
        Fill("#3c719f", "rise", "#225686", WHITE),
        Fill("#0c3354", "plain", "", WHITE),
    ),
    6: (
        Fill("#eef4f8", "plain", "", INK),
        Fill("#cbdce9", "dots", "#8fb0cc", INK),
        Fill("#9cbcd6", "slant", "#6f9abf", INK),
        Fill("#6391b9", "rise", "#3c719f", WHITE),
        Fill("#2f6594", "grid", "#1a4c7a", WHITE),
        Fill("#0a2b47", "plain", "", WHITE),
    ),
}
# Classes with names: the first stands for none, the last catches the eye most.
CLASS_FILLS: tuple[Fill, ...] = (
    Fill("#eef0f1", "plain", "", INK),
    Fill("#d8dde0", "specks", "#505a5f", INK),
    Fill("#c5d8ea", "plain", "", INK),
    Fill("#8fb0cc", "grid", "#4d80ac", INK),
    Fill("#f5c9a9", "plain", "", INK),
    Fill("#f0a87a", "dots", "#801650", INK),
    Fill("#d9739b", "slant", "#801650", INK),
    Fill("#a53a6f", "rise", "#f3dbe6", WHITE),
    Fill("#5c0f39", "plain", "", WHITE),
)
WITHHELD_FILL = Fill(WHITE, "cross", "#505a5f", INK)
NO_DATA_FILL = Fill("#f3f2f1", "specks", "#505a5f", INK)
OUTSIDE_FILL = Fill("#f3f2f1", "plain", "", SOFT)
MOST_CLASSES = max(SEQUENCES)

# (tile size, path data, drawn as line or as filled shape)
_TILES: dict[str, tuple[int, str, bool]] = {
    "dots": (6, "M1 1h1.4v1.4h-1.4zM4 4h1.4v1.4h-1.4z", False),
    "slant": (5, "M-1 6L6 -1M-1 1L1 -1M4 6L6 4", True),
    "rise": (5, "M-1 -1L6 6M-1 4L1 6M4 -1L6 1", True),
    "grid": (5, "M0 2.5h5M2.5 0v5", True),
    "cross": (7, "M0 0L7 7M7 0L0 7", True),
    "specks": (8, "M2 2h1.5v1.5h-1.5zM6 6h1.5v1.5h-1.5z", False),
}


def pattern(fill: Fill, ident: str, *, scale: int = 1) -> str:
    """The `<pattern>` of a fill that is not plain; `scale` makes up for a finer coordinate."""
    size, drawn = _tile(fill)
    larger = "" if scale == 1 else f' patternTransform="scale({scale})"'
    return (
        f'<pattern id="{ident}" width="{size}" height="{size}" patternUnits="userSpaceOnUse"'
        f"{larger}>"
        f"{drawn}</pattern>"
    )


def tile(fill: Fill) -> str:
    """One tile of a fill as a picture of its own, to be laid side by side."""
    size, drawn = _tile(fill)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{4 * size}" height="{4 * size}" '
        f'viewBox="0 0 {size} {size}">{drawn}</svg>'
    )


def _tile(fill: Fill) -> tuple[int, str]:
    size, data, stroked = _TILES.get(fill.pattern, (8, "", False))
    ink = f'fill="none" stroke="{fill.line}"' if stroked else f'fill="{fill.line}"'
    ground = f'<rect width="{size}" height="{size}" fill="{fill.ground}"/>'
    return size, f'{ground}<path d="{data}" {ink}/>' if data else ground
