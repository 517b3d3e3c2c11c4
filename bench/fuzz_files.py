"""Mutated files through the reader: only a table or a sentence, never anything else.

    python bench/fuzz_files.py [--count 10000] [--seed 1]

Takes good files of every kind, spoils bytes, lengths and parts of them, and reads each. Reports
how many were read, refused and asked about, the slowest, and the most memory. Ends with 1 where a
file raised anything else, took more than 10 seconds or memory passed 1 GB.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import resource
import struct
import sys
import time
import traceback
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from frankpledge.contracts import Unclear, Unreadable, read, shipped  # noqa: E402
from tests.workbooks import COUNTS, COUNTS_HEADERS, FIRE_HEADERS, by_office, fire  # noqa: E402

SLOWEST, MOST = 10.0, 1024
ODD = (b"\0", b"\xff", b'"', b"\n", b",", b"<", b"&", b"=", b"1e999", b"-1", b"NaN", b"9" * 40)


def seeds(*, office: bool = True) -> dict[str, tuple[str, bytes]]:
    """Good files by name: the contract that they are of, and their bytes."""
    from openpyxl import Workbook

    rows = [COUNTS_HEADERS, *COUNTS]
    lines = "\n".join(",".join(str(each) for each in row) for row in rows) + "\n"
    quoted = '"Title, ""x"""\n"' + lines.strip().replace(",", '","').replace("\n", '"\n"') + '"\n'
    records = [dict(zip(COUNTS_HEADERS, row, strict=True)) for row in COUNTS]
    packed, parquet = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", lines)
    pl.DataFrame(records).write_parquet(parquet)
    books = {}
    for name, table in (("counts", rows), ("fire", [FIRE_HEADERS, *fire("31/01/2025", 45000)])):
        book = Workbook()
        for row in table:
            book.active.append(row)
        book.active.merge_cells("F1:F3")
        book.active.row_dimensions[9].hidden = True
        made = io.BytesIO()
        book.save(made)
        books[name] = made.getvalue()
    found = {
        "a.csv": ("agency-counts", lines.encode()),
        "quoted.csv": ("agency-counts", quoted.encode()),
        "wide.csv": ("agency-counts", lines.encode("utf-16")),
        "a.json": ("agency-counts", json.dumps(records).encode()),
        "a.zip": ("agency-counts", packed.getvalue()),
        "a.parquet": ("agency-counts", parquet.getvalue()),
        "a.xlsx": ("agency-counts", books["counts"]),
        "fire.xlsx": ("fire-incidents", books["fire"]),
    }
    if office:
        for (name, kind), raw in by_office(books, "xls", "ods").items():
            contract = "agency-counts" if name == "counts" else "fire-incidents"
            found[f"{name}.{kind}"] = (contract, raw)
    return found


def spoilt(raw: bytes, chance: random.Random) -> bytes:
    """The file with a few things wrong; inside a zip, often in one of its parts."""
    if raw.startswith(b"PK") and chance.random() < 0.7:
        try:
            return _in_zip(raw, chance)
        except (zipfile.BadZipFile, zlib.error, ValueError):
            return raw
    return _bytes(raw, chance)


def _in_zip(raw: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    spoil = chance.choice(sorted(parts))
    if chance.random() < 0.1:
        del parts[spoil]
    else:
        parts[spoil] = _bytes(parts[spoil], chance)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, held in parts.items():
            packed.writestr(name, held)
    return made.getvalue()


def _bytes(raw: bytes, chance: random.Random) -> bytes:
    found = bytearray(raw)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(8):
            case 0:
                del found[at:]
            case 1:
                del found[at : at + chance.randrange(1, 40)]
            case 2:
                found[at:at] = chance.choice(ODD)
            case 3:
                found[at:at] = found[at : at + chance.randrange(1, 200)] * chance.randrange(1, 30)
            case 4 if len(found) >= at + 4:
                value = chance.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFE, 65535))
                struct.pack_into("<I", found, at, value)
            case 5:
                digits = [n for n, each in enumerate(found) if 48 <= each <= 57]
                if digits:
                    n = chance.choice(digits)
                    found[n : n + 1] = b"%d" % chance.choice((0, 9, 65536, 10**7, 10**19))
            case _ if at < len(found):
                found[at] = chance.randrange(256)
    return bytes(found)


def outcome(name: str, contract: str, raw: bytes) -> str:
    """What became of one file: "read", "asked" or "refused"; anything else is raised."""
    try:
        for part in read(raw, shipped()[contract], name=name):
            assert part.table.frame.height == part.table.rows.len()
    except Unclear:
        return "asked"
    except Unreadable:
        return "refused"
    return "read"


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--count", type=int, default=10_000)
    given.add_argument("--seed", type=int, default=1)
    options = given.parse_args()
    chance = random.Random(options.seed)
    good = seeds()
    tally: Counter[tuple[str, str]] = Counter()
    wrong, slowest = 0, (0.0, "")
    for number in range(options.count):
        name = chance.choice(sorted(good))
        contract, raw = good[name]
        raw = spoilt(raw, chance)
        began = time.perf_counter()
        try:
            tally[name, outcome(name, contract, raw)] += 1
        except BaseException as problem:
            if isinstance(problem, KeyboardInterrupt):
                raise
            wrong += 1
            print(f"{number} {name}: {type(problem).__name__}: {problem}")
            if wrong <= 20:
                traceback.print_exc(limit=-4)
        slowest = max(slowest, (time.perf_counter() - began, name))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{'file':12} {'read':>7} {'asked':>7} {'refused':>7}")
    for name in sorted(good):
        counts = (tally[name, each] for each in ("read", "asked", "refused"))
        print(f"{name:12}", *(f"{each:7,}" for each in counts))
    print(f"{options.count:,} files, {wrong} raised something else.")
    print(f"Slowest {slowest[0]:.2f} s ({slowest[1]}); most memory {most:,} MB.")
    return int(bool(wrong) or slowest[0] > SLOWEST or most > MOST)


if __name__ == "__main__":
    raise SystemExit(main())
