"""Importing a year of police files: our checks and store against a vectorised pandas script.

Two questions. (a) Read, check and write: the archive's rows checked and written as one Parquet
file a month. (b) The whole import, with the original kept, every file synced, the cubes, the
returned rows and the manifest, against the same pandas script, which does none of these. Besides,
the peak memory of importing the largest archive.

The peer reads with pandas' fastest reader (PyArrow), keeps text in Arrow strings, puts all months
together, tests distinct values where values repeat, and makes the same checks: every error and
warning of the contract, all faults of a row at once. Every job runs in a process of its own, in
turns, on the same files; imports are not timed, and of each process the best of three goes counts.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROWS_TARGET, WHOLE_TARGET, MEMORY_TARGET = 1.5, 1.0, 600
GOES = 3
FACTS = ROOT / "src" / "frankpledge" / "example" / "facts" / "areas_lsoa.csv"
EXTENT = (-0.5, 50.5, 2.0, 52.0)
TODAY = datetime(2026, 1, 31, tzinfo=UTC)


def data_folder() -> Path:
    return Path(os.environ.get("FRANKPLEDGE_TEST_DATA", ROOT.parent / "shared" / "data"))


def archives() -> tuple[Path, Path]:
    """The archive of 2025, and the largest one."""
    folder = data_folder() / "police"
    found = sorted(folder.glob("*-street-*.zip"), key=lambda path: path.stat().st_size)
    return next(path for path in found if path.stem.endswith("street-2025")), found[-1]


# Ours


def reference() -> Any:
    import polars as pl

    from frankpledge.contracts import Reference

    areas = pl.read_csv(FACTS, comment_prefix="#")
    return Reference(
        vintages={
            2011: frozenset(areas["code_2011"].drop_nulls()),
            2021: frozenset(areas["code_2021"].drop_nulls()),
        },
        extent=EXTENT,
        places=areas.select(pl.col("code_2021").alias("code"), "longitude", "latitude", "radius_m"),
        today=TODAY.date(),
    )


def our_rows(archive: Path, out: Path) -> dict[str, int]:
    """(a) Read, check, write."""
    from concurrent.futures import ThreadPoolExecutor

    import polars as pl

    from frankpledge.contracts import Checking, read, shipped

    contract = shipped()["police-street"]
    checking = Checking(contract, reference=reference())
    received = stored = 0
    faults = []
    with ThreadPoolExecutor(1) as pool:
        for part in read(archive, contract):
            checked = checking.add(part)
            received, stored = received + checked.received, stored + checked.stored
            faults.append(checked.faults)
            pool.submit(
                checked.rows.write_parquet, out / f"{part.month}.parquet", compression_level=1
            )
    pl.concat(faults).write_parquet(out / "faults.parquet")
    return {"received": received, "stored": stored, "warnings": len(checking.close())}


def our_import(archive: Path, out: Path) -> dict[str, int]:
    """(b) The whole import, as the product does it up to the database's commit."""
    from frankpledge.contracts import shipped
    from frankpledge.sharing.store import Store, prepare

    store = Store(out / "store")
    prepared = prepare(
        store,
        original=store.keep(archive, name=archive.name),
        submission="bench",
        dataset="police-street",
        organisation="bench",
        contract=shipped()["police-street"],
        synthetic=False,
        now=TODAY,
        reference=reference(),
    )
    return {
        "received": prepared.received,
        "stored": prepared.stored,
        "warnings": len(prepared.warnings),
    }


# The peer: one function, as an analyst would write it

MONTH = r"^(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])$"
BOX = (-9.0, 49.0, 2.5, 61.0)


def peer(archive: Path, out: Path) -> dict[str, int]:
    import numpy as np
    import pandas as pd

    from frankpledge.contracts import shipped
    from frankpledge.contracts.private import SIGNS

    contract = shipped()["police-street"]
    columns = list(contract.headers)
    kinds = {code.value for code in contract.field("crime_type").codes}
    outcomes = set(
        next(rule for rule in contract.rules if rule.key == "unlisted-outcome").options[
            "validValues"
        ]
    )
    areas = pd.read_csv(FACTS, comment="#", dtype={"code_2011": "str", "code_2021": "str"})
    only_2011 = set(areas.code_2011) - set(areas.code_2021)
    only_2021 = set(areas.code_2021) - set(areas.code_2011)
    places = areas.drop_duplicates("code_2021").set_index("code_2021")
    places = places[["longitude", "latitude", "radius_m"]].add_prefix("place_")
    names = dict(zip(columns, (field.name for field in contract.fields), strict=True))
    frames, members = [], []
    with zipfile.ZipFile(archive) as zipped:
        for member in sorted(zipped.namelist()):
            frame = pd.read_csv(io.BytesIO(zipped.read(member)), engine="pyarrow", dtype="str")
            if list(frame.columns) != columns:
                raise SystemExit(f"{member} has other columns")
            frames.append(frame)
            members.append(member)
    sizes = [len(frame) for frame in frames]
    frame = pd.concat(frames, ignore_index=True)
    file = np.repeat(np.arange(len(members)), sizes)
    rows = np.arange(len(frame)) - np.repeat(np.cumsum([0, *sizes[:-1]]), sizes) + 2
    named = np.array(
        [re.search(r"(\d{4}-\d{2})-.+-street\.csv$", each).group(1) for each in members]
    )
    errors = peer_errors(frame, pd.Series(named[file], dtype="str"), kinds, list(SIGNS))
    wrong = pd.Series(False, index=frame.index)
    all_faults = []
    for column, rule, mask in errors:
        if mask.any():
            wrong |= mask
            at = np.flatnonzero(mask)
            shown = frame[column].iloc[at].str.slice(0, 60).to_numpy()
            all_faults.append(
                pd.DataFrame({"row": rows[at], "file": np.array(members)[file[at]]}).assign(
                    column=column, value=shown, rule=rule
                )
            )
    good = frame[~wrong] if wrong.any() else frame
    good = good.assign(
        Longitude=pd.to_numeric(good["Longitude"]), Latitude=pd.to_numeric(good["Latitude"])
    )
    warnings = peer_warnings(good, places, outcomes, only_2011, only_2021)
    identity = good["Crime ID"]
    warnings["repeated"] = int(identity.dropna().duplicated(keep=False).sum())
    bare = good[identity.isna()]
    warnings["identical"] = int(
        pd.util.hash_pandas_object(bare, index=False).duplicated(keep=False).sum()
    )
    daily = pd.Series(sizes) / [pd.Period(each).days_in_month for each in named]
    around = daily.rolling(7, center=True, min_periods=3).median()
    warnings["incomplete"] = int((daily < 0.85 * around).sum())
    for month, part in good.rename(columns=names).groupby("month", sort=False):
        part.to_parquet(out / f"{month}.parquet", index=False)
    faults = pd.concat(all_faults) if all_faults else pd.DataFrame({"row": []})
    faults.to_parquet(out / "faults.parquet", index=False)
    return {
        "received": len(frame),
        "stored": len(good),
        "warnings": sum(bool(each) for each in warnings.values()),
    }


def peer_errors(
    frame: Any, month: Any, kinds: set[str], signs: list[str]
) -> list[tuple[str, str, Any]]:
    import pandas as pd

    west, south, east, north = BOX
    x = pd.to_numeric(frame["Longitude"], errors="coerce")
    y = pd.to_numeric(frame["Latitude"], errors="coerce")
    inside = x.between(west, east) & y.between(south, north)
    exchanged = y.between(west, east) & x.between(south, north)
    errors = [
        (column, "required", frame[column].isna())
        for column in ("Month", "Reported by", "Falls within", "Crime type")
    ]
    identity = frame["Crime ID"]
    errors += [
        ("Crime ID", "pattern", ~identity.str.match(r"^[0-9a-f]{64}$", na=True)),
        ("Month", "month", by_value(frame["Month"], lambda v: ~v.str.match(MONTH))),
        ("Month", "month-of-file", frame["Month"] != month),
        ("Month", "month-to-come", by_value(frame["Month"], lambda v: v > f"{TODAY:%Y-%m}")),
        ("Longitude", "number", frame["Longitude"].notna() & x.isna()),
        ("Latitude", "number", frame["Latitude"].notna() & y.isna()),
        ("Longitude", "pair", frame["Longitude"].isna() != frame["Latitude"].isna()),
        ("Longitude", "swapped", exchanged & ~inside),
        ("Longitude", "outside", ~inside & ~exchanged & x.notna() & y.notna()),
        (
            "LSOA code",
            "pattern",
            by_value(frame["LSOA code"], lambda v: ~v.str.match(r"^[EW]01[0-9]{6}$")),
        ),
        ("Crime type", "code", by_value(frame["Crime type"], lambda v: ~v.isin(kinds))),
    ]
    for column in (
        "Reported by", "Falls within", "Location", "LSOA name", "Last outcome category", "Context"
    ):  # fmt: skip
        for sign in signs:
            errors.append(
                (column, sign, by_value(frame[column], lambda v, sign=sign: private(v, sign)))
            )
    return errors


def by_value(column: Any, test: Callable[[Any], Any]) -> Any:
    """A test of distinct values, brought back to the rows."""
    import pandas as pd

    values = pd.Series(column.dropna().unique(), dtype="str")
    if values.empty:
        return pd.Series(False, index=column.index)
    wrong = values[test(values).to_numpy(dtype=bool)]
    return column.isin(wrong) if len(wrong) else pd.Series(False, index=column.index)


def private(values: Any, sign: str) -> Any:
    """One of the ten kinds in distinct values: a quick look, then the exact test of the rest."""
    from frankpledge.contracts import persons
    from frankpledge.contracts import private as patterns

    kinds: dict[str, tuple[str, Callable[[str], bool] | None]] = {
        "postcode": (patterns.POSTCODE, None),
        "e-mail": (patterns.E_MAIL, None),
        "telephone": (patterns.TELEPHONE, None),
        "nhs-number": (patterns.NHS, nhs_right),
        "national-insurance": (patterns.NATIONAL_INSURANCE, None),
        "date-of-birth": (patterns.DATE_OF_BIRTH, None),
        "vehicle": (f"(?:{patterns.VEHICLE})|(?:{patterns.VEHICLE_TOLD})", None),
        "bank": (f"(?:{patterns.ACCOUNT})|(?:{patterns.CARD})", None),
        "address": (patterns.ADDRESS, None),
        "name": (persons.HINT, is_named),
    }
    pattern, exact = kinds[sign]
    found = values.str.contains(other_dialect(pattern))
    if exact:
        found &= values.where(found, "").map(exact)
    return found


def other_dialect(pattern: str) -> str:
    """A pattern as the peer's engine reads it: a boundary is of ASCII there anyway."""
    for ours, theirs in (("(?-u:", "(?:"), ("(?i-u:", "(?i:"), (r"\x{a0}", "\u00a0")):
        pattern = pattern.replace(ours, theirs)
    return pattern


def nhs_right(text: str) -> bool:
    found = re.search(r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}", text)
    if not found:
        return False
    digits = [int(each) for each in re.sub(r"[ -]", "", found[0])]
    check = 11 - sum(digits[i] * (10 - i) for i in range(9)) % 11
    return (0 if check == 11 else check) == digits[9]


@cache
def naming() -> re.Pattern[str]:
    from frankpledge.contracts import persons

    return re.compile(other_dialect(f"{persons._CERTAIN}|{persons._ROLE}"))


def is_named(text: str) -> bool:
    return naming().search(text) is not None


def peer_warnings(
    good: Any,
    places: Any,
    outcomes: set[str],
    only_2011: set[str],
    only_2021: set[str],
) -> dict[str, int]:
    import numpy as np

    unlisted = by_value(good["Last outcome category"], lambda v: ~v.isin(outcomes))
    beside = places.reindex(good["LSOA code"])
    x, y = good["Longitude"].to_numpy(), good["Latitude"].to_numpy()
    west, south, east, north = EXTENT
    far = (x < west) | (x > east) | (y < south) | (y > north)
    there_x, there_y = beside["place_longitude"].to_numpy(), beside["place_latitude"].to_numpy()
    metres = np.hypot((x - there_x) * np.cos(np.radians(there_y)), y - there_y) * 111_320
    far |= metres > np.maximum(3 * beside["place_radius_m"].to_numpy(), 5000)
    codes = good["LSOA code"].value_counts()
    old, new = codes[codes.index.isin(only_2011)].sum(), codes[codes.index.isin(only_2021)].sum()
    return {
        "outcome": int(unlisted.sum()),
        "missing": int(good["LSOA code"].isna().sum()),
        "far": int(far.sum()),
        "vintage": int(min(old, new)),
    }


JOBS: dict[str, Callable[[Path, Path], dict[str, int]]] = {
    "our_rows": our_rows,
    "our_import": our_import,
    "peer": peer,
}


def peak_memory() -> float:
    """In MB, of this program alone: the system's usual count takes over that of who began it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+([0-9]+) kB", status)[1]) / 1024


def work(job: str, archive: Path) -> dict[str, Any]:
    """In a process of its own: the best of some goes, and the peak memory of all."""
    import pandas  # noqa: F401  (imports are not part of any job's time)
    import pyarrow.parquet  # noqa: F401

    import frankpledge.sharing.store  # noqa: F401

    seconds = []
    for _ in range(GOES):
        out = Path(tempfile.mkdtemp(prefix="bench-import-"))
        start = time.perf_counter()
        counts = JOBS[job](archive, out)
        seconds.append(time.perf_counter() - start)
        shutil.rmtree(out)
    peak = peak_memory()
    return {"seconds": min(seconds), "peak_mb": peak, **counts}


def apart(job: str, archive: Path) -> dict[str, Any]:
    """Run a job in a fresh process."""
    done = subprocess.run(
        [sys.executable, __file__, "--job", job, "--archive", str(archive)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(*, rounds: int = 3) -> dict[str, Any]:
    """Ratios are the peer's median over ours; `passed` holds all three targets."""
    year, largest = archives()
    found: dict[str, list[dict[str, Any]]] = {job: [] for job in JOBS}
    for _ in range(rounds):
        for job in JOBS:
            found[job].append(apart(job, year))
    seconds = {job: statistics.median(each["seconds"] for each in found[job]) for job in JOBS}
    counts = {job: found[job][0]["received"] for job in JOBS}
    stored = {job: found[job][0]["stored"] for job in JOBS}
    if len(set(counts.values())) > 1 or len(set(stored.values())) > 1:
        raise SystemExit(f"The jobs do not agree: {counts}, {stored}")
    memory = apart("our_import", largest)
    result: dict[str, Any] = {
        "name": "import",
        "rounds": rounds,
        "rows": counts["peer"],
        "frankpledge": {job: round(seconds[job], 3) for job in ("our_rows", "our_import")},
        "pandas": {"seconds": round(seconds["peer"], 3)},
        "target": ROWS_TARGET,
        "ratio": round(seconds["peer"] / seconds["our_rows"], 2),
        "whole_target": WHOLE_TARGET,
        "whole_ratio": round(seconds["peer"] / seconds["our_import"], 2),
        "memory_target_mb": MEMORY_TARGET,
        "memory_mb": round(memory["peak_mb"]),
        "memory_rows": memory["received"],
    }
    result["passed"] = (
        result["ratio"] >= ROWS_TARGET
        and result["whole_ratio"] >= WHOLE_TARGET
        and result["memory_mb"] < MEMORY_TARGET
    )
    result["machine"] = f"{platform.platform()}, {os.cpu_count()} cores"
    result["versions"] = {name: version(name) for name in ("polars", "pandas", "pyarrow")} | {
        "python": platform.python_version()
    }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--job", choices=JOBS, help="run one job here and print it as JSON")
    parser.add_argument("--archive", type=Path)
    given = parser.parse_args()
    if given.job:
        print(json.dumps(work(given.job, given.archive)))
        return
    for key, value in run(rounds=given.rounds).items():
        print(f"{key:18} {value}")


if __name__ == "__main__":
    main()
