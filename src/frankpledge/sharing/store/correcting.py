"""A file with some of its cells corrected, as a new file; the original stays as it was sent."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from frankpledge.contracts import Choice, Contract, Limits, Unreadable, read
from frankpledge.contracts.reading import Part
from frankpledge.contracts.workbooks import Padded, Scientific, Wrong, as_text, opened

Place = tuple[str, int]  # file and row, as the faults name them
LONGEST = 2_000
_NOT_CORRECTED = "(not corrected) "
_UNREADABLE = "(row could not be read)"
_COMMENT = 1_000


@dataclass(frozen=True)
class Source:
    """What was sent, and how it is read."""

    path: Path
    name: str
    contract: Contract
    choice: Choice | None
    limits: Limits

    def parts(self) -> Iterator[Part]:
        return read(
            self.path, self.contract, name=self.name, choice=self.choice, limits=self.limits
        )


def plain_value(value: object) -> str:
    """A cell as text, without what no cell can hold."""
    if value is None:
        return ""
    if isinstance(value, float):
        value = as_text(value)
    kept = "".join(c for c in str(value) if c.isprintable() or c == "\t")
    return kept.strip()[:LONGEST]


def rows_of(source: Source, places: Collection[Place]) -> dict[Place, dict[str, str]]:
    """The whole rows at these places, by column. A row of a wrong length is not there."""
    if not places:
        return {}
    by_file: dict[str, list[int]] = {}
    for file, row in places:
        by_file.setdefault(file, []).append(row)
    found: dict[Place, dict[str, str]] = {}
    for part in source.parts():
        wanted = by_file.get(part.name)
        if not wanted:
            continue
        frame = part.table.frame.with_columns(part.table.rows.cast(pl.Int64).alias("\0row"))
        for line in frame.filter(pl.col("\0row").is_in(wanted)).iter_rows(named=True):
            row = int(line.pop("\0row"))
            found[part.name, row] = {key: value or "" for key, value in line.items()}
    return found


def corrected(source: Source, changes: Mapping[Place, Mapping[str, str]], target: Path) -> int:
    """Write the whole file anew with the changed cells; gives how many rows were changed.

    Rows that could not be read, and cells in doubt that nobody corrected, come back again.
    """
    changed: set[Place] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for at, (name, parts) in enumerate(groupby(source.parts(), lambda part: part.name)):
            with packed.open(_entry(name, at, packed.namelist()), "w", force_zip64=True) as raw:
                text = io.TextIOWrapper(raw, encoding="utf-8", newline="")
                writer = csv.writer(text)
                for number, part in enumerate(parts):
                    if number == 0:
                        writer.writerow(part.table.frame.columns)
                    writer.writerows(_lines(part, changes, changed))
                text.flush()
                text.detach()
    return len(changed)


def _entry(name: str, at: int, taken: Collection[str]) -> str:
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(c for c in last if c.isprintable()) or "file"
    entry = plain if plain.lower().endswith(".csv") else f"{plain}.csv"
    return f"{at}-{entry}" if entry in taken else entry


def _lines(
    part: Part, changes: Mapping[Place, Mapping[str, str]], changed: set[Place]
) -> Iterator[list[str]]:
    frame, doubts = part.table.frame, _doubts(part)
    keys = frame.columns
    for row, values in zip(part.table.rows.to_list(), frame.iter_rows(), strict=True):
        given = changes.get((part.name, row))
        doubted = doubts.get(row)
        if not given and not doubted:
            yield [value or "" for value in values]
            continue
        line = dict(zip(keys, (value or "" for value in values), strict=True))
        for column, value in (doubted or {}).items():
            if column in line:
                line[column] = _NOT_CORRECTED + value
        for column, value in (given or {}).items():
            if column in line:
                line[column] = value
        if given:
            changed.add((part.name, row))
        yield list(line.values())
    for row, _found in part.table.ragged:
        given = changes.get((part.name, row))
        if given and any(given.values()):
            changed.add((part.name, row))
            yield [given.get(key, "") for key in keys]
        else:
            yield [_UNREADABLE] * (len(keys) + 1)


def _doubts(part: Part) -> dict[int, dict[str, str]]:
    names = names_of(part.table.frame.columns, None)
    found: dict[int, dict[str, str]] = {}
    for line in part.table.doubts.iter_rows(named=True):
        column = names.get(str(line["column"]), str(line["column"]))
        found.setdefault(int(line["row"]), {})[column] = str(line.get("value") or "")
    return found


def names_of(columns: Collection[str], contract: Contract | None) -> dict[str, str]:
    """From what a column is called in a file or a fault to its name in the contract."""
    known = {each: each for each in columns}
    if contract is not None:
        known |= {each.header: each.name for each in contract.fields}
    return known


# The workbook to correct


def workbook(
    rows: Mapping[Place, Mapping[str, str]],
    faults: Mapping[Place, Mapping[str, list[str]]],
    *,
    contract: Contract,
    about: str,
    made_on: date,
) -> bytes:
    """The returned rows with bad cells marked, each with a comment that says what is wrong."""
    import xlsxwriter  # a quarter of a second that no start should wait for

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(out, options)
    page = book.add_worksheet("Rows")
    text = book.add_format({"num_format": "@"})
    bad = book.add_format({"num_format": "@", "bg_color": "#F9D6D5", "border": 1})
    head = book.add_format({"bold": True, "text_wrap": True})
    names = [each.name for each in contract.fields]
    heads = ["File", "Row", *(each.header for each in contract.fields), "What is wrong"]
    for at, each in enumerate(heads):
        page.write_string(0, at, each, head)
    page.set_column(0, len(heads) - 1, 20, text)
    page.freeze_panes(1, 2)
    for line, (place, row) in enumerate(rows.items(), start=1):
        file, number = place
        page.write_string(line, 0, file, text)
        page.write_string(line, 1, str(number), text)
        wrong = faults.get(place, {})
        for at, name in enumerate(names, start=2):
            value, said = plain_value(row.get(name, "")), wrong.get(name)
            page.write_string(line, at, value, bad if said else text)
            if said:
                page.write_comment(line, at, " ".join(said)[:_COMMENT])
        every = " ".join(dict.fromkeys(each for said in wrong.values() for each in said))
        page.write_string(line, len(heads) - 1, every[:LONGEST], text)
    notes = book.add_worksheet("How to")
    notes.set_column(0, 0, 90)
    for at, each in enumerate(
        (
            about,
            "Correct the red cells on the sheet Rows and send this workbook back.",
            "Leave the columns File and Row as they are: they say where each row belongs.",
            "Rows that were stored are not here and stay as they are.",
            f"Made on {made_on:%-d %B %Y}.",
        )
    ):
        notes.write_string(at, 0, each)
    book.close()
    return out.getvalue()


def changes_of(
    raw: bytes, name: str, *, contract: Contract, returned: Collection[Place], limits: Limits
) -> dict[Place, dict[str, str]]:
    """The rows of a workbook sent back, of those that were returned. Raises Unreadable."""
    sheets = opened(raw, name, cells=limits.cells, unpacked=10 * limits.whole, ratio=limits.ratio)
    sheet = next((each for each in sheets if each.name == "Rows" and each.lines), None)
    if sheet is None:
        raise Unreadable(
            f"{name} has no sheet named Rows.",
            "Send back the workbook that you downloaded here.",
            name,
        )
    known = names_of([each.name for each in contract.fields], contract)
    heads = [plain_value(each) for each in sheet.lines[0][1]]
    if heads[:2] != ["File", "Row"]:
        raise Unreadable(
            f"The first columns of {name} are not File and Row.",
            "Send back the workbook that you downloaded here.",
            name,
        )
    allowed, found = set(returned), {}
    for _row, values in sheet.lines[1:]:
        given = [_text(each) for each in values]
        if len(given) < 2 or not given[1].isdecimal() or len(given[1]) > 9:
            continue
        place = (given[0], int(given[1]))
        if place in allowed:
            cells = dict(zip(heads[2:], given[2:], strict=False))
            found[place] = {known[head]: cells.get(head, "") for head in heads[2:] if head in known}
    return found


def _text(value: Any) -> str:
    """A cell of the workbook; its own program may have made a date or a number of a text."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, Wrong | Padded):
        return plain_value(value.text)
    return plain_value(value.number if isinstance(value, Scientific) else value)
