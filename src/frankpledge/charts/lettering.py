"""How wide words are, where they break, and how figures are written."""

import math
import unicodedata
from functools import lru_cache

MINUS = "−"
ELLIPSIS = "…"

# Advance widths of Arial/Helvetica in thousandths of an em, ASCII 32 to 126. Source Sans 3 is
# narrower, so what fits by this table fits in either.
_WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_BOLD = 1.08


@lru_cache(maxsize=2048)
def _other(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 1000 if unicodedata.east_asian_width(character) in "WF" else 620


@lru_cache(maxsize=8192)
def _units(text: str) -> int:
    total = 0
    for character in text:
        code = ord(character) - 32
        total += _WIDTHS[code] if 0 <= code < 95 else _other(character)
    return total


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of one line of text in user units, never less than a browser gives it in Arial."""
    return _units(text) * size / 1000 * (_BOLD if bold else 1)


def _cut(text: str, room: float, size: float, bold: bool) -> str:
    """As much of the text as fits, ending in an ellipsis if something is left out."""
    if width(text, size, bold=bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + ELLIPSIS, size, bold=bold) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


@lru_cache(maxsize=4096)
def wrap(
    text: str, room: float, size: float, *, lines: int = 2, bold: bool = False
) -> tuple[str, ...]:
    """Break the text at spaces into at most `lines` lines no wider than `room`."""
    text = text[:600]
    if width(text, size, bold=bold) <= room:
        return (text,)
    done: list[str] = []
    words = text.split(" ")
    while words:
        if len(done) == lines - 1:
            done.append(_cut(" ".join(words), room, size, bold))
            break
        taken = 1
        while taken < len(words) and width(" ".join(words[: taken + 1]), size, bold=bold) <= room:
            taken += 1
        done.append(_cut(" ".join(words[:taken]), room, size, bold))
        words = words[taken:]
    return tuple(done)


_SCALES = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))


def figure(value: float, *, places: int | None = None, unit: str = "") -> str:
    """A figure in British style: 1,234 · −5 · 1.2 million · £3,000 · 12.5%."""
    size = abs(value)
    if size >= 1e15:
        mantissa, exponent = f"{size:.1e}".split("e")
        body = f"{mantissa} × 10^{int(exponent)}"
    else:
        body = ""
        for floor, name in _SCALES:
            if size >= floor:
                body = f"{size / floor:.2f}".rstrip("0").rstrip(".") + name
                break
        if not body:
            body = f"{size:,.{_places(size) if places is None else places}f}"
    sign = MINUS if value < 0 and any(c in "123456789" for c in body) else ""
    if unit in {"£", "€", "$"}:
        return f"{sign}{unit}{body}"
    return f"{sign}{body}%" if unit == "%" else f"{sign}{body}"


def _places(size: float) -> int:
    if size == round(size):
        return 0
    if size >= 100 or size == 0:
        return 0
    if size >= 0.1:
        return 1
    return min(6, 1 - math.floor(math.log10(size)))


def and_list(words: list[str], *, most: int = 6) -> str:
    """«a, b and c», cut after `most` with the number left out."""
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
