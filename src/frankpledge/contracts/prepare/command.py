"""`frankpledge-prepare`: a partner's file made ready on the partner's own machine."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from frankpledge.contracts.choosing import Choice
from frankpledge.contracts.mapping import ColumnMapping
from frankpledge.contracts.model import PREPARED, BadContract, Contract, load, shipped
from frankpledge.contracts.prepare import Plan, Ready, plan, ready
from frankpledge.contracts.prepare.keys import Key, WeakKey, key_of
from frankpledge.contracts.prepare.receipts import Written, digest_of, told, write
from frankpledge.contracts.reference import Reference
from frankpledge.contracts.refusals import Unreadable

ALL_LEFT, SOME_STAYED, NOTHING = 0, 1, 2
_SHOWN_ROWS, _SHOWN_FAULTS, _WIDEST = 5, 12, 24
_KEY = ".frankpledge-prepare.key"


class _Said(Exception):
    """What is wrong with what was asked, in a sentence."""


def main(
    arguments: Sequence[str] | None = None,
    *,
    ask: Callable[[str], str] = input,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """0: every row is in the file; 1: rows or all of it stayed behind; 2: nothing could be done."""
    given = parser().parse_args(arguments)
    try:
        return _run(given, ask, now())
    except (Unreadable, BadContract, WeakKey, _Said) as problem:
        sys.stderr.write(f"{problem}\n")
        return NOTHING
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. Nothing was written.\n")
        return SOME_STAYED


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="frankpledge-prepare",
        description="Make a file ready to send: drop, coarsen and replace what must not leave.",
        epilog="Exit code 0: every row is in the file. 1: some rows, or all, stayed behind. "
        "2: nothing could be done.",
    )
    add = made.add_argument
    add("contract", help="a contract file (.odcs.yaml), or the name of one that comes with this")
    add("file", type=Path, help="the file as it was exported: CSV, workbook, JSON, Parquet or zip")
    add("--out", type=Path, required=True, help="the folder for the file and its receipt")
    add("--key-file", type=Path, default=None, help=f"your key; without it, ~/{_KEY}")
    add("--yes", action="store_true", help="answer yes to the question before the file is written")
    add("--format", choices=("csv", "parquet"), default="csv", help="how the file is written")
    add("--column", action="append", default=[], metavar="THEIRS=OURS",
        help="which column of the file is which of the contract; as often as needed")  # fmt: skip
    add("--do", action="append", default=[], metavar="COLUMN=WAY",
        help=f"what to do with a column: {', '.join(PREPARED)}")  # fmt: skip
    add("--mapping", type=Path, default=None, help="a column mapping saved as JSON")
    add("--areas", type=Path, default=None,
        help="a CSV look-up of two columns: full postcode, code of the area")  # fmt: skip
    add("--sheet", default="", help="the sheet of a workbook")
    add("--header-row", type=int, default=None, help="the row that holds the column names")
    add("--month-first", action="store_true", help="05/01/2025 is in May, not in January")
    return made


def _run(given: argparse.Namespace, ask: Callable[[str], str], now: datetime) -> int:
    contract = _contract(given.contract)
    what = plan(contract, _ways(given.do, contract))
    key = _Key(given.key_file or Path.home() / _KEY, given.out)
    digest = _digest(given.file)
    made = ready(
        given.file,
        what,
        key=key.read,
        choice=_choice(given),
        given=_mapping(given.mapping),
        said=_pairs(given.column, "--column"),
        areas=_areas(given.areas),
        reference=Reference(today=now.date()),
    )
    if given.file.exists() and digest != _digest(given.file):
        raise _Said("The file changed while it was read. Try again when nobody writes to it.")
    show(made, what, key)
    if made.stopped:
        sys.stderr.write(f"{_personal(made)}\n")
        return NOTHING
    if made.frame.is_empty():
        raise _Said("No row passes the contract, so there is nothing to send. Correct the file.")
    if not given.yes and not _agreed(ask, made):
        _say("Nothing was written.")
        return SOME_STAYED
    written = write(
        made,
        given.out,
        source_digest=digest,
        fingerprint=key.fingerprint,
        form=given.format,
        now=now,
    )
    _finish(written)
    return SOME_STAYED if made.held_back else ALL_LEFT


class _Key:
    """The key, read or made only once a reference has to be replaced."""

    def __init__(self, path: Path, out: Path) -> None:
        self.path, self._out = path, out
        self.key: Key | None = None

    def read(self) -> Key:
        self.key = self.key or key_of(self.path, keep_out=self._out)
        return self.key

    @property
    def fingerprint(self) -> str:
        return self.key.fingerprint if self.key else ""


def _contract(named: str) -> Contract:
    if named in shipped():
        return shipped()[named]
    return load(Path(named))


def _digest(path: Path) -> str:
    try:
        return digest_of(path)
    except OSError:
        raise _Said(f"{path} cannot be found or opened. Check the name and the folder.") from None


def _pairs(given: list[str], option: str) -> dict[str, str]:
    found = {}
    for each in given:
        left, mark, right = each.partition("=")
        if not (left.strip() and mark and right.strip()):
            raise _Said(f"{option} {each} is not understood. Write two names with = between them.")
        found[left.strip()] = right.strip()
    return found


def _ways(given: list[str], contract: Contract) -> dict[str, str]:
    names = {each.header.casefold(): each.name for each in contract.fields}
    names |= {each.name.casefold(): each.name for each in contract.fields}
    ways = {}
    for column, way in _pairs(given, "--do").items():
        if way not in PREPARED:
            raise _Said(f"Nobody knows the way {way}. Write one of: {', '.join(PREPARED)}.")
        ways[names.get(column.casefold(), column)] = way
    return ways


def _choice(given: argparse.Namespace) -> Choice:
    day_first = False if given.month_first else None
    return Choice(sheet=given.sheet, header_row=given.header_row, day_first=day_first)


def _mapping(path: Path | None) -> ColumnMapping | None:
    if path is None:
        return None
    try:
        held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return ColumnMapping.from_dict(held)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise _Said(f"{path} is no column mapping saved as JSON. Save it again.") from None


def _areas(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            rows = [each[:2] for each in csv.reader(opened) if len(each) >= 2]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise _Said(f"The look-up {path} cannot be read. Save it as CSV UTF-8.") from None
    return {"".join(postcode.split()).upper(): code.strip() for postcode, code in rows}


def _say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")


def show(made: Ready, what: Plan, key: _Key) -> None:
    """Exactly what would leave, on the screen."""
    contract = made.contract
    _say(f"{contract.title}, contract {contract.key} version {contract.version}")
    _say(f"Rows of this return: {made.received:,}. Rows that would leave: {made.frame.height:,}.")
    _say("\nWhat becomes of each column:")
    for each in made.done:
        count = f", {each.values:,} values" if each.values else ""
        _say(f"  {told(each.source, each.column, each.what, each.how)}{count}")
    if key.key and key.key.is_new:
        _say(f"\nA key was made: {key.path}. Keep it safe and never send it.")
    if not made.faults.is_empty():
        _say(f"\nRows that stay behind, with why: {made.held_back:,}")
        for column, message, remedy, rows in _grouped(made.faults):
            listed = ", ".join(f"{row:,}" for row in rows[:3])
            _say(f"  {column}: {message} {remedy} ({len(rows):,}; rows {listed})")
    for warning in made.warnings:
        _say(f"  Note: {warning}")
    if made.stopped is None and not made.frame.is_empty():
        _say(f"\nThe first rows that would leave, of {made.frame.height:,}:")
        _say(table(made.frame.head(_SHOWN_ROWS)))


def _grouped(faults: pl.DataFrame) -> list[tuple[str, str, str, list[int]]]:
    by = faults.group_by("column", "message", "remedy", maintain_order=True).agg("row")
    return [(a, b, c, rows) for a, b, c, rows in by.head(_SHOWN_FAULTS).iter_rows()]


def table(frame: pl.DataFrame) -> str:
    """Rows as text in columns, long values cut."""
    lines = [frame.columns, *frame.rows()]
    cells = [["" if each is None else str(each)[:_WIDEST] for each in line] for line in lines]
    widths = [max(len(line[at]) for line in cells) for at in range(frame.width)]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        .rstrip()
        for line in cells
    )  # fmt: skip


def _personal(made: Ready) -> str:
    stopped = made.stopped
    assert stopped is not None
    return (
        f"\n{stopped.sentence.replace('so nothing of it was kept', 'so nothing may leave')} "
        "Take these out of the file, or drop their column with --do, and run this again."
    )


def _agreed(ask: Callable[[str], str], made: Ready) -> bool:
    kept = f" and hold back {made.held_back:,}" if made.held_back else ""
    try:
        answer = ask(f"\nWrite these {made.frame.height:,} rows{kept}? Type yes or no: ")
    except EOFError:
        return False
    return answer.strip().casefold() in ("y", "yes")


def _finish(written: Written) -> None:
    _say(f"\nWritten: {written.data}")
    _say(f"Receipt: {written.text} and {written.receipt.name}")
    _say("Nothing has been sent. Read the receipt, then send the file yourself.")


if __name__ == "__main__":
    sys.exit(main())
