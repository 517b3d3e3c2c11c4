"""OpenDocument spreadsheets, read as a stream."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from datetime import datetime, time

from frankpledge.contracts.refusals import Unreadable
from frankpledge.contracts.workbooks.cells import (
    ROWS,
    Filling,
    Padded,
    Scientific,
    Sheet,
    Value,
    Wrong,
    damaged,
    has_macros,
    locked,
)
from frankpledge.contracts.workbooks.xlsx import Attributes, Markup

_DURATION = re.compile(r"PT(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})(?:[.,]\d*)?S)?$")
_ERROR = re.compile(r"#[A-Z/0!?]+[!?]?$|#N/A$|Err:\d+$")
_NUMBERS = ("float", "percentage", "currency")


class _Content(Markup):
    def __init__(self, filling: Filling) -> None:
        super().__init__(filling.name)
        self._filling = filling
        self._hidden_tables: set[str] = set()
        self._style = ""
        self._row = self._column = self._columns = self._repeat = 0
        self._cells: list[tuple[int, Value]] = []
        self._cell: Attributes | None = None
        self._paragraphs: list[str] = []
        self._notes = 0

    def opened(self, tag: str, given: Attributes) -> None:
        given = {key.rpartition(":")[2]: value for key, value in given.items()} | {
            "error": "1" if given.get("calcext:value-type") == "error" else ""
        }
        match tag:
            case "table-cell" | "covered-table-cell":
                self._cell, self._paragraphs = given, []
            case "p":
                self.text.clear()
            case "s":
                self.text.append(" " * min(int(given.get("c", 1)), 1000))
            case "tab" | "line-break":
                self.text.append("\t" if tag == "tab" else "\n")
            case "annotation":
                self._notes += 1
            case "table-row":
                self._start_row(given)
            case "table-column":
                self._add_columns(given)
            case "table":
                hidden = given.get("style-name", "") in self._hidden_tables
                self._filling.start(Sheet(given.get("name", ""), hidden))
                self._row = self._columns = 0
            case _:
                self._opened_style(tag, given)

    def _opened_style(self, tag: str, given: Attributes) -> None:
        if tag == "style":
            self._style = given.get("name", "")
        elif tag == "table-properties" and given.get("display") == "false":
            self._hidden_tables.add(self._style)

    def _start_row(self, given: Attributes) -> None:
        self._repeat = max(1, int(given.get("number-rows-repeated", 1)))
        self._row += 1
        self._column, self._cells = 0, []
        if given.get("visibility", "visible") != "visible":
            last = min(self._row + self._repeat, ROWS + 1)
            self._filling.sheets[-1].hidden_rows.update(range(self._row, last))

    def _add_columns(self, given: Attributes) -> None:
        repeat = min(max(1, int(given.get("number-columns-repeated", 1))), 20_000)
        first, self._columns = self._columns + 1, self._columns + repeat
        if given.get("visibility", "visible") != "visible":
            self._filling.sheets[-1].hidden_columns.append((first, first + repeat - 1))

    def closed(self, tag: str) -> None:
        match tag:
            case "annotation":
                self._notes -= 1
            case "p" if self._cell is not None and not self._notes:
                self._paragraphs.append("".join(self.text))
            case "table-cell" | "covered-table-cell":
                self._end_cell()
            case "table-row":
                self._end_row()

    def _end_cell(self) -> None:
        given, self._cell = self._cell or {}, None
        repeat = max(1, int(given.get("number-columns-repeated", 1)))
        across = int(given.get("number-columns-spanned", 1))
        down = int(given.get("number-rows-spanned", 1))
        first = self._column + 1
        if (across > 1 or down > 1) and self._filling.sheets:
            self._filling.merge(self._row, first, self._row + down - 1, first + across - 1)
        value = self._value(given)
        if value is not None and value != "":
            if len(self._cells) + repeat > 20_000:
                raise damaged(self.name)
            self._cells += [(first + each, value) for each in range(repeat)]
        self._column += repeat

    def _end_row(self) -> None:
        if self._cells:
            for each in range(self._repeat):
                for column, value in self._cells:
                    self._filling.put(self._row + each, column, value)
        self._row += self._repeat - 1

    def _value(self, given: Attributes) -> Value:
        text = "\n".join(self._paragraphs)
        kind = given.get("value-type", "")
        if given["error"] or (given.get("formula") and _ERROR.fullmatch(text.strip())):
            return Wrong(text.strip()[:20] or "#ERROR!")
        if kind in _NUMBERS:
            return _shown(float(given["value"]), text)
        match kind:
            case "date":
                found = datetime.fromisoformat(given["date-value"]).replace(tzinfo=None)
                return found if "T" in given["date-value"] else found.date()
            case "time":
                return _time(given.get("time-value", "")) or text
            case "boolean":
                return given.get("boolean-value") == "true"
            case "string":
                return given.get("string-value", text)
        return Wrong("") if given.get("formula") and not text else text


def _shown(value: float, text: str) -> Value:
    """A number as it is shown: with zeros before it, or with an E."""
    if re.fullmatch(r"0[0-9]{1,14}", text) and int(text) == value:
        return Padded(text)
    return Scientific(value) if re.search(r"[0-9]E[+-]?[0-9]", text) else value


def _time(text: str) -> Value:
    found = _DURATION.match(text)
    if not found:
        return None
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return (
        time(hours, minutes, seconds) if max(hours - 23, minutes - 59, seconds - 59) <= 0 else None
    )


def sheets(raw: bytes, name: str, *, most: int) -> tuple[Sheet, ...]:
    """The sheets of a spreadsheet. Raises Unreadable where it is damaged, locked or too large."""
    filling = Filling(name, most)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if b"encryption-data" in _manifest(packed):
                raise locked(name)
            with packed.open("content.xml") as opened:
                _Content(filling).read(opened)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
        ValueError, KeyError, IndexError, OverflowError,
    ):  # fmt: skip
        raise damaged(name) from None
    return filling.finish()


def _manifest(packed: zipfile.ZipFile) -> bytes:
    try:
        with packed.open("META-INF/manifest.xml") as opened:
            return opened.read(1024 * 1024)
    except KeyError:
        return b""


def refused(kind: str, names: list[str], name: str) -> Unreadable | None:
    """Why an OpenDocument file is not read, or nothing where it is a plain spreadsheet."""
    if not kind.startswith("application/vnd.oasis.opendocument.spreadsheet"):
        return Unreadable(
            f"{name} is a document, not a spreadsheet, whatever its name says.",
            "Send the data as a workbook or as CSV.",
            name,
        )
    programs = re.compile(r"(Basic/[^/]+/(?!script-l[bc]\.xml)[^/]+\.xml|Scripts/.+\.\w+)$")
    return has_macros(name) if any(programs.match(each) for each in names) else None
