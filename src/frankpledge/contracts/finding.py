"""Where on which sheet of a workbook the table of a contract is."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

import polars as pl

from frankpledge.contracts.choosing import ALL, Choice
from frankpledge.contracts.model import Contract
from frankpledge.contracts.refusals import About, Unclear, Unreadable
from frankpledge.contracts.repairs import Marks, Mending
from frankpledge.contracts.shaping import Sent, dated, needed, wanted
from frankpledge.contracts.tables import plainly
from frankpledge.contracts.totals import TOTALS
from frankpledge.contracts.workbooks import (
    Padded,
    Scientific,
    Sheet,
    Value,
    Wrong,
    as_text,
    letters,
)

_SEARCHED = 200  # rows in which column names are looked for
_MERGED = 3_000_000  # cells looked at, or made, because they are merged
_NOT_WORKED_OUT = "(not worked out)"
_NOTE = re.compile(
    r"(notes?|sources?|produced|printed|prepared|reports?|figures|data)\b|[*©]", re.I
)
_DAY = re.compile(r"(19|20)[0-9]{2}|[0-9]{1,2}[/.\- ]([0-9]{1,2}|[A-Za-z]{3,9})[/.\- ][0-9]{2,4}")
_MONTH = re.compile(r"[A-Za-z]{3,9}[ \-'][0-9]{2}$")
Line = tuple[int, list[Value]]


@dataclass(frozen=True)
class Seen:
    """A sheet with the rows that hold column names; `whole` ones hold all that are needed."""

    sheet: Sheet
    whole: tuple[int, ...]
    likely: int | None  # the row with the most of the names, at least two
    score: int


class Search:
    """What is looked for in the sheets of one file."""

    def __init__(self, contract: Contract, choice: Choice, name: str) -> None:
        self.contract, self.choice, self.name = contract, choice, name
        self._wanted = wanted(contract, choice)
        self._needed = needed(contract, choice)
        self._dated = dated(contract, choice)
        self._left = _MERGED

    def seen(self, sheet: Sheet) -> Seen:
        """The rows of a sheet that may hold the column names."""
        whole, likely, best = [], None, 1
        first: list[str] | None = None
        for at, (row, values) in enumerate(sheet.lines):
            if at >= _SEARCHED and (first is None or texts(values) != first):
                continue
            names = {plainly(each) for each in self._headers(sheet, at) if each}
            found = names & self._wanted
            if len(found) > best:
                likely, best = row, len(found)
            if len(found) > 1 and all(names & each for each in self._needed):
                whole.append(row)
                first = first or texts(values)
        return Seen(sheet, tuple(whole), likely, best if likely else 0)

    def sheets(self, every: tuple[Sheet, ...]) -> tuple[Seen, ...]:
        """The sheets to be read. Raises Unclear where a person has to say which."""
        filled = [each for each in every if each.lines]
        if not filled:
            raise Unreadable(
                f"{self.name} has no sheet with anything on it.",
                "Check that the right workbook was saved and send it again.", self.name,
            )  # fmt: skip
        if self.choice.sheet and self.choice.sheet != ALL:
            chosen = [each for each in filled if each.name == self.choice.sheet]
            if not chosen:
                raise self._which(
                    f"{self.name} has no sheet {self.choice.sheet} with anything on it.", filled
                )
            return (self.seen(chosen[0]),)
        seen = [self.seen(each) for each in filled if not each.hidden]
        whole = [each for each in seen if each.whole]
        if len(whole) == 1 or (whole and self.choice.sheet == ALL):
            return tuple(whole)
        if whole:
            names = ", ".join(each.sheet.name for each in whole[:10])
            raise self._which(
                f"{self.name} has the columns on {len(whole)} sheets: {names}.",
                [each.sheet for each in whole], every=True,
            )  # fmt: skip
        if len(seen) == 1:
            return tuple(seen)
        hidden = [each for each in filled if each.hidden and self.seen(each).whole]
        if hidden:
            raise self._which(
                f"{self.name} has the columns only on a hidden sheet, {hidden[0].name}.", hidden
            )
        likely = max(seen, key=lambda each: each.score, default=None)
        if likely is not None and likely.score > 1:
            return (likely,)
        raise self._which(f"No sheet of {self.name} has the columns of the contract.", filled)

    def _which(self, sentence: str, sheets: list[Sheet], *, every: bool = False) -> Unclear:
        return Unclear(
            About.SHEET,
            sentence,
            "Say which sheet to read, or send a workbook with that sheet alone.",
            self.name,
            options=(*(each.name for each in sheets), *([ALL] if every else [])),
        )

    def headers(self, sheet: Sheet, row: int) -> tuple[str, ...]:
        """The names in a row, as a person reads them; nothing where the row is empty."""
        at = next((n for n, (number, _) in enumerate(sheet.lines) if number == row), None)
        return () if at is None else tuple(self._headers(sheet, at))

    def table(self, seen: Seen, mending: Mending) -> Sent:
        """The table of a sheet. Raises Unclear where there are two, or rows are hidden."""
        sheet = seen.sheet
        row = self._header_row(seen)
        at = next(n for n, (number, _) in enumerate(sheet.lines) if number == row)
        headers = self._headers(sheet, at)
        self._above(sheet, at, mending)
        lines = self._filled_down(sheet, sheet.lines[at + 1 :], mending)
        headers = self._beside(sheet, row, headers, lines, mending)
        given = lines
        lines = list(self._rows(seen, row, headers, lines, mending))
        lines = self._hidden(sheet, lines, mending)
        taken = {number for number, _ in lines}
        left = ((number, texts(values)) for number, values in given if number not in taken)
        mending.besides.lines(f"Text outside the table on {sheet.name}", left, headers)
        return _sent(sheet, row, headers, lines)

    def _header_row(self, seen: Seen) -> int:
        sheet, place = seen.sheet, self._place(seen.sheet)
        if self.choice.header_row:
            if all(row != self.choice.header_row for row, _ in sheet.lines):
                raise Unclear(
                    About.HEADER, f"{place} has nothing in row {self.choice.header_row:,}.",
                    "Say which row holds the column names.", place,
                )  # fmt: skip
            return self.choice.header_row
        if seen.whole:
            return seen.whole[0]
        if seen.likely is None:
            raise Unclear(
                About.HEADER,
                f"{place} has no row with the column names of the contract.",
                f"Say which row holds them, or name them: {', '.join(self.contract.headers)}.",
                place,
            )
        return seen.likely

    def _place(self, sheet: Sheet) -> str:
        return f"{self.name}, sheet {sheet.name}"

    def _headers(self, sheet: Sheet, at: int) -> list[str]:
        """The names in a line, those of merged cells above it included."""
        row, values = sheet.lines[at]
        headers = texts(values)
        for top, left, bottom, right in sheet.merges:
            if not top <= row <= bottom + 1 or (top == row and bottom == row):
                continue
            group = _text(_cell(sheet, top, left)).strip()
            across = range(left, min(right, left + 500) + 1)
            self._spend(len(across), sheet)
            for column in across:
                headers += [""] * (column - len(headers))
                own = headers[column - 1]
                if not own and top < row <= bottom:
                    headers[column - 1] = group
                elif bottom == row - 1 and plainly(f"{group} {own}") in self._wanted:
                    headers[column - 1] = f"{group} {own}"
        return headers

    def _spend(self, cells: int, sheet: Sheet) -> None:
        """Merged cells may lie over each other without end; no workbook of a person does so."""
        self._left -= cells
        if self._left < 0:
            raise Unreadable(
                f"{self._place(sheet)} has too many merged cells.",
                "Take the merging away and send the workbook again.", self._place(sheet),
            )  # fmt: skip

    def _above(self, sheet: Sheet, at: int, mending: Mending) -> None:
        above = sheet.lines[:at]
        if above:
            said = " | ".join(each for _, values in above for each in texts(values) if each)
            what = "Rows above the column names were left out."
            mending.note(what, row=above[0][0], before=said)
            left = ((row, texts(values)) for row, values in above)
            mending.besides.lines(f"Text above the table on {sheet.name}", left)

    def _filled_down(self, sheet: Sheet, lines: list[Line], mending: Mending) -> list[Line]:
        """A merged cell counts for each row it reaches."""
        if not lines:
            return lines
        down = [each for each in sheet.merges if each[2] > each[0] and each[2] >= lines[0][0]]
        by_row = dict(lines)
        left = 200_000
        for top, column, bottom, _ in down:
            value = _cell(sheet, top, column)
            if value is None or top < lines[0][0]:
                continue
            for row in range(top + 1, min(bottom, top + left) + 1):
                left -= 1
                values = by_row.get(row)
                if values is None:
                    continue
                self._spend(max(0, column - len(values)), sheet)
                values += [None] * (column - len(values))
                if values[column - 1] is None:
                    values[column - 1] = value
                    mending.note(
                        "A merged cell was read for each row it reaches.",
                        row=row, column=letters(column), after=_text(value),
                    )  # fmt: skip
        return lines

    def _beside(
        self, sheet: Sheet, row: int, headers: list[str], lines: list[Line], mending: Mending
    ) -> list[str]:
        """A second table to the right, parted by a column with nothing in it."""
        width = max((len(values) for _, values in lines), default=0)
        headers = headers + [""] * (width - len(headers))
        used = {n for _, values in lines for n, value in enumerate(values) if value is not None}
        groups: list[list[int]] = [[]]
        for n, header in enumerate(headers):
            if header or n in used:
                groups[-1].append(n)
            elif groups[-1]:
                groups.append([])
        groups = [each for each in groups if each]
        whole = [each for each in groups if self._is_whole([headers[n] for n in each])]
        if self.choice.mapping or len(groups) < 2 or not whole:
            return headers
        others = [each for each in groups if each is not whole[0] and any(headers[n] for n in each)]
        if not others:
            return headers
        column = letters(others[0][0] + 1)
        if len(whole) > 1 or not self.choice.header_row:
            raise Unclear(
                About.TABLE,
                f"{self._place(sheet)} has a second table beside the first, in column {column}.",
                "Say in which row the table to read begins, or give each table a sheet of its own.",
                self._place(sheet),
                options=(str(row),) if len(whole) == 1 else (),
            )
        mending.note("A table beside the one chosen was left out.", row=row, column=column)
        kept = set(whole[0])
        left = [(number, [_text(v) for n, v in enumerate(values) if n not in kept])
                for number, values in lines]  # fmt: skip
        names = [each for n, each in enumerate(headers) if n not in kept]
        mending.besides.lines(f"Table beside the one read on {sheet.name}", left, names)
        for _, values in lines:
            values[:] = [value if n in kept else None for n, value in enumerate(values)]
        return [header if n in kept else "" for n, header in enumerate(headers)]

    def _is_whole(self, headers: list[str]) -> bool:
        names = {plainly(each) for each in headers}
        return all(names & each for each in self._needed)

    def _rows(
        self, seen: Seen, row: int, headers: list[str], lines: list[Line], mending: Mending
    ) -> Iterator[Line]:
        """The lines of the table: no second one below it, no notes, no repeated column names."""
        sheet = seen.sheet
        plain = [plainly(each) for each in headers]
        columns = [n for n, each in enumerate(plain) if each in self._dated]
        names = set(seen.whole) - {row}
        for nth, block in enumerate(_blocks(lines)):
            top = block[0][0]
            starts = next((number for number, _ in block if number in names), None)
            if starts is not None and not self._is_repeated(block, starts, plain):
                if not self.choice.header_row:
                    raise self._two(sheet, row, starts)
                yield from (each for each in block if each[0] < starts and _count(each[1]) > 1)
                mending.note("A table below the one chosen was left out.", row=starts)
                return
            is_dated = not columns or any(_dates(values, columns) for _, values in block)
            if nth and not is_dated and any(_is_more(values) for _, values in block):
                if not self.choice.header_row:
                    raise self._two(sheet, row, top)
                mending.note("A table below the one chosen was left out.", row=top)
                return
            for number, values in block:
                if number == starts:
                    mending.note("Column names that are repeated were left out.", row=number)
                elif (
                    _count(values) == 1
                    and not _dates(values, columns)
                    and ((nth and not is_dated) or _is_note(values))
                    and not _is_total(values)
                ):
                    mending.note("A note was left out.", row=number, before=_said(values))
                else:
                    yield number, values

    def _is_repeated(self, block: list[Line], row: int, plain: list[str]) -> bool:
        """The same names in the same places, with rows of the table right above them."""
        at = next(n for n, (number, _) in enumerate(block) if number == row)
        names = [plainly(each) for each in texts(block[at][1])]
        same = names == plain[: len(names)] and not any(plain[len(names) :])
        return same and at > 0 and _count(block[at - 1][1]) > 1

    def _two(self, sheet: Sheet, first: int, second: int) -> Unclear:
        return Unclear(
            About.TABLE,
            f"{self._place(sheet)} has two tables, in rows {first:,} and {second:,}.",
            "Say in which row the table to read begins, or give each table a sheet of its own.",
            self._place(sheet),
            options=(str(first), str(second)),
        )

    def _hidden(self, sheet: Sheet, lines: list[Line], mending: Mending) -> list[Line]:
        unseen = [row for row, _ in lines if row in sheet.hidden_rows]
        if not unseen:
            return lines
        if not self.choice.hidden:
            raise Unclear(
                About.HIDDEN,
                f"{self._place(sheet)} has hidden rows: {len(unseen):,}, "
                f"the first is row {unseen[0]:,}.",
                "Say whether to read them or leave them out, or unhide or delete them.",
                self._place(sheet),
                options=("read", "leave"),
            )
        what = "read" if self.choice.hidden == "read" else "left out"
        for row in unseen[:1000]:
            mending.note(f"A hidden row was {what}, as chosen.", row=row)
        return [each for each in lines if what == "read" or each[0] not in sheet.hidden_rows]


def _sent(sheet: Sheet, row: int, headers: list[str], lines: list[Line]) -> Sent:
    """The lines as columns of text, and what was not text about them."""
    width = max([len(headers), *(len(values) for _, values in lines)])
    headers = headers + [""] * (width - len(headers))
    used = {n for _, values in lines for n, value in enumerate(values) if value is not None}
    # One stray cell at the far edge makes one column, not all those before it.
    kept = [n for n, header in enumerate(headers) if header.strip() or n in used]
    marks = [Marks() for _ in kept]
    columns: list[list[str | None]] = [[] for _ in kept]
    for number, values in lines:
        for nth, n in enumerate(kept):
            value = values[n] if n < len(values) else None
            told = _marked(value, number, marks[nth]) if value is not None else None
            columns[nth].append(told)
    names = [f"column_{n + 1}" for n in kept]
    return Sent(
        headers=[headers[n] for n in kept],
        frame=pl.DataFrame(
            dict(zip(names, columns, strict=True)), schema=dict.fromkeys(names, pl.String)
        ),
        rows=pl.Series("row", [number for number, _ in lines], dtype=pl.UInt32),
        header_row=row,
        marks=marks,
        hidden=tuple(headers[n] for n in kept if headers[n] and sheet.column_is_hidden(n + 1)),
    )


def _marked(value: Value, row: int, marks: Marks) -> str:
    if isinstance(value, Wrong):
        marks.wrong.append(row)
    elif isinstance(value, Scientific) or (isinstance(value, float) and abs(value) >= 1e15):
        marks.changed.append(row)
    elif isinstance(value, date):
        marks.days.append(row)
    return _text(value)


def _text(value: Value) -> str:
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case bool():
            return str(value)
        case float() | int():
            return as_text(value)
        case Padded():
            return value.text
        case Scientific():
            return as_text(value.number)
        case Wrong():
            return value.text or _NOT_WORKED_OUT
        case datetime():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("seconds" if value.second else "minutes")


def texts(values: list[Value]) -> list[str]:
    """A line as text."""
    return [_text(each) for each in values]


def _cell(sheet: Sheet, row: int, column: int) -> Value:
    at = bisect_left(sheet.lines, row, key=lambda line: line[0])
    if at == len(sheet.lines) or sheet.lines[at][0] != row:
        return None
    values = sheet.lines[at][1]
    return values[column - 1] if column <= len(values) else None


def _blocks(lines: list[Line]) -> Iterator[list[Line]]:
    """Lines that stand together without an empty row between them."""
    start = 0
    for at in range(1, len(lines) + 1):
        if at == len(lines) or lines[at][0] > lines[at - 1][0] + 1:
            yield lines[start:at]
            start = at


def _dates(values: list[Value], columns: list[int]) -> bool:
    """Whether a line has something like a day or a month where it should be."""
    for n in columns:
        value = values[n] if n < len(values) else None
        if isinstance(value, date | Wrong) or (isinstance(value, float) and value >= 1):
            return True
        if isinstance(value, str) and (_DAY.match(value.strip()) or _MONTH.match(value.strip())):
            return True
    return False


def _count(values: list[Value]) -> int:
    return sum(value is not None and value != "" for value in values)


def _is_more(values: list[Value]) -> bool:
    """More than a note or a total."""
    return _count(values) > 1 and not _is_total(values)


def _is_total(values: list[Value]) -> bool:
    return any(isinstance(each, str) and each.strip(" :").casefold() in TOTALS for each in values)


def _is_note(values: list[Value]) -> bool:
    said = next((each for each in values if each is not None and each != ""), None)
    return isinstance(said, str) and bool(_NOTE.match(said.strip()))


def _said(values: list[Value]) -> str:
    return " | ".join(each for each in texts(values) if each)
