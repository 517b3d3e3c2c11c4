"""Workbooks for tests: counts by area and month, and what people and Excel do to them."""

import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

COUNTS_HEADERS = ["area_code", "month", "indicator", "count"]
COUNTS = [
    ["E07000001", "2025-01", "hate-crimes", 4],
    ["E07000001", "2025-02", "hate-crimes", 7],
    ["E07000002", "2025-01", "hate-crimes", 0],
]
FIRE_HEADERS = ["reference", "date", "time", "category", "area_code"]


def fire(*days: Any, references: Iterable[Any] = ()) -> list[list[Any]]:
    """A fire on each day."""
    named = list(references) or [f"F-{n}" for n in range(1, len(days) + 1)]
    kind = "deliberate-primary-vehicle"
    return [[name, day, "14:30", kind, "E07000001"] for name, day in zip(named, days, strict=True)]


def page(book: Workbook, rows: Iterable[Iterable[Any]], title: str = "") -> Worksheet:
    """The first page of a new book, or one more with a title, with these rows."""
    sheet = book.create_sheet(title) if title else book.active
    for row in rows:
        sheet.append(list(row))
    return sheet


def saved(book: Workbook) -> bytes:
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def book_of(*rows: Iterable[Any]) -> bytes:
    book = Workbook()
    page(book, rows)
    return saved(book)


def by_office(books: dict[str, bytes], *kinds: str) -> dict[tuple[str, str], bytes]:
    """The same workbooks opened, worked out and saved as other kinds by LibreOffice."""
    program = shutil.which("soffice")
    assert program, "LibreOffice is needed for this test"
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        for name, raw in books.items():
            (there / f"{name}.xlsx").write_bytes(raw)
        profile = f"-env:UserInstallation={(there / 'profile').as_uri()}"
        for kind in kinds:
            out = there / kind
            filter = "xlsx:Calc MS Excel 2007 XML" if kind == "xlsx" else kind
            subprocess.run(
                [program, profile, "--headless", "--convert-to", filter, "--outdir", str(out),
                 *(str(there / f"{name}.xlsx") for name in books)],
                check=True, capture_output=True, timeout=180, env={**os.environ, "HOME": folder},
            )  # fmt: skip
            found |= {(name, kind): (out / f"{name}.{kind}").read_bytes() for name in books}
    return found
