"""A table as a file: CSV for machines, and an accessible workbook for people.

One table a sheet, a cover that says what it is, notes, no merged cells. Text that a spreadsheet
would run as a formula stays text.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse

from frankpledge.components.fields import pounds

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SYNTHETIC = "Synthetic data: made up, about no real person or event."
LANGUAGE = "en-GB"
MOST_ROWS = 1_048_576 - 4  # what a sheet of Excel holds below its headings
MOST_CELLS = 2_000_000  # what is written within seconds
_SHORT = {
    "[c]": "[c] means confidential: a figure that is hidden to protect people.",
    "[x]": "[x] means not available: there is no figure. It is not zero.",
}


class TooLarge(ValueError):
    """More than a workbook holds; the text says what to do."""


@dataclass(frozen=True)
class Heading:
    label: str
    kind: str = "text"


@dataclass(frozen=True)
class Sheet:
    """What is written: the rows as values (pence for money), in the order shown."""

    title: str
    headings: tuple[Heading, ...]
    rows: Sequence[Sequence[Any]]
    made_on: date
    filtered: str = ""
    notes: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    marking: str = ""
    synthetic: bool = False
    sentence: str = ""

    @property
    def file_name(self) -> str:
        words = [self.marking, "synthetic" if self.synthetic else "", self.title]
        plain = re.sub(r"[^a-z0-9]+", "-", " ".join(filter(None, words)).lower()).strip("-")
        return f"{plain[:80].rstrip('-')}-{self.made_on.isoformat()}"


def rule_line(table: Any) -> str:
    return f"Disclosure rule: {table.rule}. For: {table.audience}."


def sheet_of(table: Any, *, made_on: date, marking: str = "", for_people: bool = False) -> Sheet:
    """The sheet of a PublishableTable. What may not be shown stays as the mark people see.

    `for_people` writes and explains the short marks that screen readers of workbooks know."""

    def read(cell: Any) -> Any:
        if cell.status == "shown":
            return cell.value
        return "[x]" if for_people and cell.status == "missing" else cell.text

    rows = [[read(cell) for cell in row] for row in table.rows]
    used = {value for row in rows for value in row if isinstance(value, str)}
    short = [said for mark, said in _SHORT.items() if for_people and mark in used]
    return Sheet(
        title=table.title,
        headings=tuple(
            Heading(f"{c.label} ({c.unit})" if c.unit else c.label, c.kind) for c in table.columns
        ),
        rows=rows,
        made_on=made_on,
        notes=tuple(dict.fromkeys((*short, *table.notes, rule_line(table)))),
        sources=table.sources,
        marking=marking,
        synthetic=table.synthetic,
    )


def response(sheet: Sheet, kind: str) -> HttpResponse:
    """The sheet as a download; `kind` is csv or xlsx."""
    content = {"csv": to_csv, "xlsx": to_xlsx}[kind](sheet)
    answer = HttpResponse(content, content_type=KINDS[kind])
    answer["Content-Disposition"] = f'attachment; filename="{sheet.file_name}.{kind}"'
    return answer


def to_csv(sheet: Sheet) -> bytes:
    """UTF-8 with the mark Excel needs. Synthetic rows and caveats have columns of their own."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    extra = {"Data": "Synthetic"} if sheet.synthetic else {}
    if sheet.caveats:
        extra["What to know"] = harmless(" ".join(sheet.caveats))
    writer.writerow([*(harmless(heading.label) for heading in sheet.headings), *extra])
    for row in sheet.rows:
        cells = [_csv_cell(v, h.kind) for v, h in zip(row, sheet.headings, strict=True)]
        writer.writerow([*cells, *extra.values()])
    return out.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_RUNS) else text


def _csv_cell(value: Any, kind: str) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, date):
        return f"{value:%Y-%m}" if kind == "month" else value.isoformat()
    if kind == "money" and isinstance(value, int):
        return f"{Decimal(value) / 100:.2f}"
    if isinstance(value, int | float | Decimal):
        return value
    return harmless(str(value))


def to_xlsx(sheet: Sheet) -> bytes:
    """Raises TooLarge."""
    import xlsxwriter  # a quarter of a second that no start should wait for

    cells = len(sheet.rows) * len(sheet.headings)
    if len(sheet.rows) > MOST_ROWS or cells > MOST_CELLS:
        raise TooLarge(
            f"{len(sheet.rows):,} rows are more than a workbook should hold. "
            "Download the CSV, or ask for less at a time."
        )

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
        },
    )
    made = datetime(sheet.made_on.year, sheet.made_on.month, sheet.made_on.day)  # noqa: DTZ001
    book.set_properties({"title": sheet.title, "comments": _about(sheet), "created": made})
    _cover(book, sheet)
    if sheet.notes:
        _notes(book, sheet)
    _table(book, sheet)
    book.close()
    return _in_english(out.getvalue())


def _in_english(made: bytes) -> bytes:
    """The same workbook with its language among its properties, which its writer cannot set."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as given, zipfile.ZipFile(out, "w") as kept:
        for entry in given.infolist():
            part = given.read(entry)
            if entry.filename == "docProps/core.xml":
                end = b"</cp:coreProperties>"
                part = part.replace(end, f"<dc:language>{LANGUAGE}</dc:language>".encode() + end)
            kept.writestr(entry, part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _about(sheet: Sheet) -> str:
    return " ".join(filter(None, [sheet.marking, SYNTHETIC if sheet.synthetic else ""]))


def _cover(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet("Cover")
    page.set_column(0, 0, 100)
    title = book.add_format({"bold": True, "font_size": 16, "text_wrap": True})
    strong = book.add_format({"bold": True, "text_wrap": True})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    lines: list[tuple[str, Any]] = [(sheet.title, title)]
    if sheet.marking:
        lines.append((f"Protective marking: {sheet.marking}", strong))
    if sheet.synthetic:
        lines.append((SYNTHETIC, strong))
    if sheet.sentence:
        lines.insert(1, (sheet.sentence, strong))
    day = sheet.made_on
    lines.append((f"Downloaded on {day.day} {day:%B %Y}.", plain))
    if sheet.filtered:
        lines.append((f"Shows only: {sheet.filtered}.", plain))
    lines += [(f"What to know: {caveat}", plain) for caveat in sheet.caveats]
    lines += [(f"Source: {source}", plain) for source in sheet.sources]
    for row, (text, look) in enumerate(lines):
        page.write_string(row, 0, text, look)
    contents = [("Table", f"The sheet Table has one table of {len(sheet.rows):,} rows.")]
    if sheet.notes:
        contents.insert(0, ("Notes", "The sheet Notes says how to read it."))
    for row, (name, text) in enumerate(contents, start=len(lines)):
        page.write_url(row, 0, f"internal:'{name}'!A1", string=text)


def _notes(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet("Notes")
    page.set_column(0, 0, 10)
    page.set_column(1, 1, 100, book.add_format({"text_wrap": True}))
    page.write_string(0, 0, "Notes", book.add_format({"bold": True, "font_size": 14}))
    page.write_string(1, 0, "This sheet has one table.")
    rows = [[number, note] for number, note in enumerate(sheet.notes, start=1)]
    columns = [{"header": "Number"}, {"header": "Note"}]
    page.add_table(
        2, 0, 2 + len(rows), 1, {"name": "notes", "data": rows, "columns": columns, "autofilter": 0}
    )


_FORMATS = {
    "count": "#,##0",
    "number": "#,##0.##",
    "rate": "#,##0.0",
    "percent": "0.0",
    "money": "£#,##0.00",
    "date": "d mmmm yyyy",
    "month": "mmmm yyyy",
}


def _table(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet("Table")
    heading = book.add_format({"bold": True, "font_size": 14})
    page.write_string(0, 0, sheet.title, heading)
    page.write_string(1, 0, _about(sheet) or "This sheet has one table.")
    page.write_string(2, 0, _marks(sheet) or "Its headings are in the next row.")
    looks = [
        book.add_format(
            {"num_format": _FORMATS.get(h.kind, "@" if h.kind == "text" else "General")}
        )
        for h in sheet.headings
    ]
    top, last = 3, 3 + max(len(sheet.rows), 1)
    page.add_table(
        top,
        0,
        last,
        len(sheet.headings) - 1,
        {
            "name": "shown",
            "style": "Table Style Light 1",
            "columns": [{"header": label} for label in _distinct(sheet.headings)],
        },
    )
    for r, row in enumerate(sheet.rows, start=top + 1):
        for c, value in enumerate(row):
            _write(page, r, c, value, sheet.headings[c].kind, looks[c])
    page.freeze_panes(top + 1, 1)
    for c, h in enumerate(sheet.headings):
        longest = max((len(_shown(row[c], h.kind)) for row in sheet.rows[:500]), default=0)
        page.set_column(c, c, min(60, max(10, len(h.label) + 4, longest + 2)))


def _marks(sheet: Sheet) -> str:
    return " ".join(note for note in sheet.notes if note in _SHORT.values())


def _distinct(headings: Sequence[Heading]) -> list[str]:
    """Excel refuses two columns of one name (whatever their case)."""
    seen: dict[str, int] = {}
    found = []
    for heading in headings:
        count = seen[heading.label.lower()] = seen.get(heading.label.lower(), 0) + 1
        found.append(heading.label if count == 1 else f"{heading.label} ({count})")
    return found


def _shown(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if kind == "money" and isinstance(value, int):
        return pounds(value) + ".00"
    if isinstance(value, date):
        return "22 September 2026"
    return str(value)


def _write(page: Any, row: int, column: int, value: Any, kind: str, look: Any) -> None:
    if value is None or value == "":
        page.write_blank(row, column, None, look)
    elif isinstance(value, bool):
        page.write_string(row, column, "Yes" if value else "No")
    elif isinstance(value, datetime):
        page.write_datetime(row, column, value.replace(tzinfo=None), look)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, look)
    elif kind == "money" and isinstance(value, int):
        page.write_number(row, column, value / 100, look)
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, column, value, look)
    else:
        page.write_string(row, column, str(value))
