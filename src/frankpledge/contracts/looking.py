"""What a file holds before it is read: its sheets, its likely column names, and what is unclear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from frankpledge.contracts.choosing import Choice
from frankpledge.contracts.delimited import blocks, first_lines
from frankpledge.contracts.finding import Search, texts
from frankpledge.contracts.mapping import ColumnMapping, suggested, unfilled
from frankpledge.contracts.model import Contract, Field
from frankpledge.contracts.reading import (
    Reading,
    delimited,
    kind_of,
    sent_by,
    sheets_of,
    tables_of_sheets,
    tables_of_whole,
)
from frankpledge.contracts.refusals import About, Unclear, Unreadable
from frankpledge.contracts.shaping import wanted
from frankpledge.contracts.sources import Limits, Member, contents
from frankpledge.contracts.workbooks import Sheet

_LOOKED_AT = 1024 * 1024
_PREVIEW = 15
_LONGEST = 80
_MOST_QUESTIONS = 8


@dataclass(frozen=True)
class SheetSeen:
    """A sheet, or the one table of another file: its first rows as a person sees them.

    `header_rows` are rows that hold all the columns, `likely` the one that holds most of them.
    """

    name: str
    hidden: bool
    rows: int
    header_rows: tuple[int, ...]
    likely: int | None
    headers: tuple[str, ...]
    preview: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Question:
    """What a person has to say first, with what may be answered where that can be listed."""

    about: About
    sentence: str
    remedy: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """The first file of what was sent, as it can be read.

    `choice` answers every question with the first of its options, as a proposal. `refusal` is why
    the file cannot be read even so. `unfilled` are the columns that `mapping` does not find.
    """

    name: str
    kind: str
    sheets: tuple[SheetSeen, ...]
    headers: tuple[str, ...]
    questions: tuple[Question, ...]
    refusal: Unreadable | None
    choice: Choice
    mapping: ColumnMapping
    unfilled: tuple[Field, ...]


def look(
    source: Path | str | bytes,
    contract: Contract,
    *,
    name: str = "",
    choice: Choice | None = None,
    limits: Limits | None = None,
) -> Choices:
    """What can be said of a file before it is read; `choice` is what a person has said so far.

    Of a long file of text only the beginning is looked at. Raises Unreadable where nothing can be
    said of it.
    """
    if isinstance(source, str):
        source = Path(source)
    name = name or ("the file" if isinstance(source, bytes) else source.name)
    limits = limits or Limits()
    member = contents(source, contract, name=name, limits=limits).members[0]
    choice = choice or Choice()
    seen = _Looked(member, Reading(contract, choice, limits))
    questions, refusal, proposed = _asked(seen, choice)
    sheets = seen.sheets(proposed)
    chosen = next((each for each in sheets if each.name == proposed.sheet), None)
    chosen = chosen or next((each for each in sheets if each.header_rows), None)
    chosen = chosen or max(sheets, key=lambda each: (not each.hidden, bool(each.likely)))
    mapping = proposed.mapping or suggested([each for each in chosen.headers if each], contract)
    return Choices(
        name=member.name,
        kind=seen.kind,
        sheets=sheets,
        headers=chosen.headers,
        questions=tuple(questions),
        refusal=refusal,
        choice=proposed,
        mapping=mapping,
        unfilled=unfilled(mapping, contract),
    )


def _asked(seen: _Looked, choice: Choice) -> tuple[list[Question], Unreadable | None, Choice]:
    """Every question in turn, each answered with its first option to come to the next."""
    questions: list[Question] = []
    for _ in range(_MOST_QUESTIONS):
        try:
            for _ in seen.tables(choice):
                pass
        except Unclear as unclear:
            asked = Question(unclear.about, unclear.sentence, unclear.remedy, unclear.options)
            questions.append(asked)
            answered = _answered(choice, unclear)
            if answered == choice:
                return questions, unclear, choice
            choice = answered
        except Unreadable as problem:
            return questions, problem, choice
        else:
            return questions, None, choice
    return questions, None, choice


def _answered(choice: Choice, unclear: Unclear) -> Choice:
    first = next(iter(unclear.options), "")
    if not first:
        return choice
    match unclear.about:
        case About.SHEET:
            return replace(choice, sheet=first)
        case About.TABLE | About.HEADER:
            return replace(choice, header_row=int(first))
        case About.HIDDEN:
            return replace(choice, hidden="read")
        case About.DAY_FIRST:
            return replace(choice, day_first=first == "day")
        case About.DATES:
            return replace(choice, dates_are_right=True)
        case About.COLUMNS:
            return choice


class _Looked:
    """One file, read once: as sheets, as a whole, or the beginning of its text."""

    def __init__(self, member: Member, reading: Reading) -> None:
        self.name, self._reading = member.name, reading
        pieces = member.pieces()
        first = next(pieces, b"")
        kind = kind_of(first)
        self.kind = kind or "text"
        self._sheets: tuple[Sheet, ...] = ()
        if kind is None:
            self._raw = _beginning(first, pieces)
        else:
            reading.not_too_large(member, kind)
            self._raw = first + b"".join(pieces)
        if kind == "workbook":
            self._sheets = sheets_of(self._raw, self.name, reading.limits)

    def tables(self, choice: Choice) -> Iterator[object]:
        reading = replace(self._reading, choice=choice)
        if self.kind == "workbook":
            sheets = tuple(each.copied() for each in self._sheets)
            return tables_of_sheets(sheets, self.name, reading)
        if self.kind == "text":
            return delimited(iter([self._raw]), self.name, reading)
        return tables_of_whole(self.kind, self._raw, self.name, reading)

    def sheets(self, choice: Choice) -> tuple[SheetSeen, ...]:
        if self.kind == "workbook":
            search = Search(self._reading.contract, choice, self.name)
            return tuple(_sheet(each, search, choice) for each in self._sheets)
        if self.kind == "text":
            return (self._text(choice),)
        return (self._records(),)

    def _text(self, choice: Choice) -> SheetSeen:
        names = wanted(self._reading.contract, choice)
        found = blocks(iter([self._raw]), names, self.name, header_row=choice.header_row)
        try:
            block = next(found)
        except Unreadable:
            return SheetSeen("", False, 0, (), None, (), ())
        header = block.header
        lines = first_lines(self._raw, header.separator, _PREVIEW)
        return SheetSeen(
            "", False, block.frame.height, (header.row,), header.row, tuple(header.names), lines
        )

    def _records(self) -> SheetSeen:
        sent = sent_by(self.kind, self._raw, self.name)
        rows = (tuple(each or "" for each in row) for row in sent.frame.head(_PREVIEW).iter_rows())
        preview = ((1, tuple(sent.headers)), *enumerate(rows, start=2))
        return SheetSeen("", False, sent.rows.len(), (1,), 1, tuple(sent.headers), preview)


def _sheet(sheet: Sheet, search: Search, choice: Choice) -> SheetSeen:
    seen = search.seen(sheet)
    here = choice.sheet in ("", sheet.name)
    row = (choice.header_row if here else None) or next(iter(seen.whole), seen.likely)
    return SheetSeen(
        name=sheet.name,
        hidden=sheet.hidden,
        rows=len(sheet.lines),
        header_rows=seen.whole,
        likely=row,
        headers=search.headers(sheet, row) if row else (),
        preview=tuple(
            (number, tuple(each[:_LONGEST] for each in texts(values)))
            for number, values in sheet.lines[:_PREVIEW]
        ),
    )


def _beginning(first: bytes, pieces: Iterator[bytes]) -> bytes:
    """The first lines of a text, whole ones only."""
    raw = first
    while len(raw) < _LOOKED_AT and (piece := next(pieces, b"")):
        raw += piece
    if len(raw) <= _LOOKED_AT and not next(pieces, b""):
        return raw
    end = {b"\xff\xfe": b"\n\0", b"\xfe\xff": b"\0\n"}.get(raw[:2], b"\n")
    cut = raw.rfind(end, 0, _LOOKED_AT)
    return raw[: cut + len(end)] if cut > 0 else raw
