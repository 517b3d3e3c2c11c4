"""A sheet as its makers' programs show it: cells by row and column, what is hidden, what is merged.

One reader for each format fills it (Excel since 2007, Excel before, OpenDocument), so that what
follows need not know which it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from frankpledge.contracts.refusals import Unreadable

ROWS, COLUMNS = 1_048_576, 16_384
_LAST_SERIAL = 2_958_466
_MOST_MERGES = 100_000
_LONGEST_TEXT = 32_768
_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_SCIENTIFIC = frozenset([11, 48])
_NOT_PLACES = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.I)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that holds no value: a formula's error, or a formula that was never worked out."""

    text: str


@dataclass(frozen=True, slots=True)
class Padded:
    """A number shown with zeros before it, as people see it."""

    text: str


@dataclass(frozen=True, slots=True)
class Scientific:
    """A number shown with an E: what was typed may have been a code."""

    number: float


Value = str | float | bool | date | time | Wrong | Padded | Scientific | None


@dataclass
class Sheet:
    """`lines` are the rows that hold anything: their number from 1, and values from column 1."""

    name: str
    hidden: bool = False
    lines: list[tuple[int, list[Value]]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(
        default_factory=list
    )  # top, left, bottom, right
    from_1904: bool = False  # what a number that stands for a day counts from

    def copied(self) -> Sheet:
        """The same sheet with lines of its own; reading fills merged cells down."""
        return replace(self, lines=[(row, list(values)) for row, values in self.lines])

    def column_is_hidden(self, column: int) -> bool:
        return any(first <= column <= last for first, last in self.hidden_columns)


class Filling:
    """Sheets while they are read, held to a number of cells."""

    def __init__(self, name: str, most: int) -> None:
        self.name = name
        self.sheets: list[Sheet] = []
        self._left = self._most = most

    def start(self, sheet: Sheet) -> None:
        self.sheets.append(sheet)

    def put(self, row: int, column: int, value: Value) -> None:
        """One cell; rows must come in order for speed, but need not."""
        if value is None or value == "":
            return
        if not (1 <= row <= ROWS and 1 <= column <= COLUMNS):
            raise damaged(self.name)
        if isinstance(value, str) and len(value) > _LONGEST_TEXT:
            raise Unreadable(
                f"{self.name} holds a text of {len(value):,} characters in one cell.",
                "Shorten it, and send the file again.",
                f"{self.name}, row {row:,}",
            )
        lines = self.sheets[-1].lines
        if not lines or lines[-1][0] != row:
            lines.append((row, []))
        values = lines[-1][1]
        short = column - len(values)
        if short > 0:
            self._left -= short
            if self._left < 0:
                raise self.too_large()
            values.extend([None] * short)
        values[column - 1] = value

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        merges = self.sheets[-1].merges
        if len(merges) < _MOST_MERGES and top <= bottom and left <= right:
            merges.append((top, left, bottom, right))

    def finish(self) -> tuple[Sheet, ...]:
        for sheet in self.sheets:
            numbers = [row for row, _ in sheet.lines]
            if any(a >= b for a, b in pairwise(numbers)):
                sheet.lines = _in_order(sheet.lines)
        return tuple(self.sheets)

    def too_large(self) -> Unreadable:
        return Unreadable(
            f"{self.name} holds more than {self._most:,} cells, too many for a workbook.",
            "Save the sheet as CSV UTF-8, or send it in parts.",
            self.name,
        )


def _in_order(lines: list[tuple[int, list[Value]]]) -> list[tuple[int, list[Value]]]:
    found: dict[int, list[Value]] = {}
    for row, values in lines:
        held = found.setdefault(row, [])
        held.extend([None] * (len(values) - len(held)))
        for column, value in enumerate(values):
            if value is not None:
                held[column] = value
    return sorted(found.items())


def damaged(name: str) -> Unreadable:
    return Unreadable(
        f"{name} is damaged, or only part of it arrived.",
        "Open it, save it again as an Excel workbook (.xlsx), and send that.",
        name,
    )


def has_macros(name: str) -> Unreadable:
    return Unreadable(
        f"{name} holds macros, small programs that are not taken.",
        "In Excel choose Save as and pick Excel workbook (.xlsx), which leaves them out.",
        name,
    )


def locked(name: str) -> Unreadable:
    return Unreadable(
        f"{name} is protected by a password.",
        "Open it, take the password off, save it and send it over this page.",
        name,
    )


@dataclass(frozen=True, slots=True)
class Format:
    """What a number format makes of a number."""

    is_date: bool = False
    is_scientific: bool = False
    zeros: int = 0


PLAIN = Format()


def number_format(number: int, code: str | None) -> Format:
    """The meaning of a format by its number and, where it is the workbook's own, its code."""
    if code is None:
        return Format(is_date=number in _DATES, is_scientific=number in _SCIENTIFIC)
    code = code.split(";")[0][:255]
    bare = _NOT_PLACES.sub("", code)
    if re.fullmatch(r"0{2,30}", bare) and bare == code:
        return Format(zeros=len(bare))
    if re.search(r"E[+-]", bare):
        return Format(is_scientific=True)
    is_date = bare.casefold() not in ("general", "standard") and "[" not in bare
    return Format(is_date=is_date and bool(re.search(r"[ymdhs]", bare, re.I)))


def number(value: float, format: Format, *, from_1904: bool) -> Value:
    """A number as people see it under its format."""
    if format.is_date:
        return moment(value, from_1904=from_1904) or value
    if format.is_scientific:
        return Scientific(value)
    if format.zeros and value >= 0 and value == int(value) and value < 1e15:
        return Padded(f"{int(value):0{format.zeros}d}")
    return value


def moment(serial: float, *, from_1904: bool) -> date | time | None:
    """Excel's number for a day and a time; nothing where there is no such day.

    Numbers count days from 31 December 1899, with a 29 February 1900 that never was (60), or from
    1 January 1904.
    """
    if not 0 <= serial < _LAST_SERIAL:
        return None
    days, seconds = int(serial), round((serial % 1) * 86_400)
    if serial < 1:
        return _clock(min(seconds, 86_399))
    if from_1904:
        first = date(1904, 1, 1)
    elif days == 60:
        return None
    else:
        first = date(1899, 12, 31 if days < 60 else 30)
    day = first + timedelta(days=days + seconds // 86_400)
    clock = _clock(seconds % 86_400)
    return day if clock == time() else datetime.combine(day, clock)


def _clock(seconds: int) -> time:
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def as_text(value: float) -> str:
    """A number with the fifteen digits that spreadsheets keep, never with an E."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.15g}"
    return (
        f"{value:.0f}" if "e+" in text else (f"{value:.20f}".rstrip("0") if "e" in text else text)
    )


def letters(column: int) -> str:
    """The letters of a column, as spreadsheets show them."""
    text = ""
    while column:
        column, last = divmod(column - 1, 26)
        text = chr(ord("A") + last) + text
    return text


def column_number(text: str) -> int:
    found = 0
    for each in text:
        found = found * 26 + ord(each) - ord("A") + 1
    return found
