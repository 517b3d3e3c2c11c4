"""A table as a file: CSV for machines, and an accessible workbook for people.

One table a sheet, a cover that says what it is, notes, no merged cells. Text that a spreadsheet
would run as a formula stays text.
"""

from __future__ import annotations

import csv
import io
import re
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

    @property
    def file_name(self) -> str:
        words = [self.marking, "synthetic" if self.synthetic else "", self.title]
        plain = re.sub(r"[^a-z0-9]+", "-", " ".join(filter(None, words)).lower()).strip("-")
        return f"{plain[:80].rstrip('-')}-{self.made_on.isoformat()}"


def sheet_of(table: Any, *, made_on: date, marking: str = "") -> Sheet:
    """The sheet of a PublishableTable. What may not be shown stays as the mark people see."""
    return Sheet(
        title=table.title,
        headings=tuple(
            Heading(f"{c.label} ({c.unit})" if c.unit else c.label, c.kind) for c in table.columns
        ),
        rows=[
            [cell.value if cell.status == "shown" else cell.text for cell in row]
            for row in table.rows
        ],
        made_on=made_on,
        notes=(*table.notes, f"Disclosure rule: {table.rule}. For: {table.audience}."),
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
        extra["What to know"] = _harmless(" ".join(sheet.caveats))
    writer.writerow([*(_harmless(heading.label) for heading in sheet.headings), *extra])
    for row in sheet.rows:
        cells = [_csv_cell(v, h.kind) for v, h in zip(row, sheet.headings, strict=True)]
        writer.writerow([*cells, *extra.values()])
    return out.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
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
    return _harmless(str(value))


def to_xlsx(sheet: Sheet) -> bytes:
    import xlsxwriter  # a quarter of a second that no start should wait for

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
    day = sheet.made_on
    lines.append((f"Downloaded on {day.day} {day:%B %Y}.", plain))
    if sheet.filtered:
        lines.append((f"Shows only: {sheet.filtered}.", plain))
    lines.append((f"The sheet Table has one table of {len(sheet.rows):,} rows.", plain))
    if sheet.notes:
        lines.append(("The sheet Notes says how to read it.", plain))
    lines += [(f"Source: {source}", plain) for source in sheet.sources]
    for row, (text, look) in enumerate(lines):
        page.write_string(row, 0, text, look)


def _notes(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet("Notes")
    page.set_column(0, 0, 10)
    page.set_column(1, 1, 100, book.add_format({"text_wrap": True}))
    page.write_string(0, 0, "Notes", book.add_format({"bold": True, "font_size": 14}))
    rows = [[number, note] for number, note in enumerate(sheet.notes, start=1)]
    columns = [{"header": "Number"}, {"header": "Note"}]
    page.add_table(
        1, 0, 1 + len(rows), 1, {"name": "notes", "data": rows, "columns": columns, "autofilter": 0}
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
    page.write_string(1, 0, _about(sheet) or "One table follows.")
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
