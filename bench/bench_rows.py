"""A million rows read, checked against seven rules and stored, beside pandera and frictionless.

All three take the same CSV, find every fault of every row (one in a hundred rows has one, and some
have two), and write the rows that pass and the faults as Parquet. Pandera is given its quickest
form: Polars columns of text, one lazy validation. Ours looks for personal data in every column
besides, keeps the original, syncs every file and writes cubes and a manifest. Each job runs in a
process of its own; imports are not timed. Ten million rows then show our memory and growth.
"""

from __future__ import annotations

import argparse
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
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = Path(__file__).with_name("seven-rules.odcs.yaml")
ROWS, MANY = 1_000_000, 10_000_000
PANDERA_TARGET, FRICTIONLESS_TARGET, MEMORY_TARGET, GROWTH_TARGET = 1.5, 30, 2000, 1.3
SEED = 20250131
CATEGORIES = ("burglary", "robbery", "theft", "damage", "drugs", "weapons", "order", "other")
REFERENCE, AREA = "^R[0-9]{8}$", "^[EW]01[0-9]{6}$"
TIME = "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"
WRONG = {
    "reference": "X-17",
    "date": "2025-02-30",
    "time": "25:10",
    "category": "burgalry",
    "area_code": "Northwood",
    "longitude": "181.5",
    "latitude": "5.1",
}


def make(path: Path, rows: int) -> int:
    """A CSV of a year in order of day; gives the number of its faults."""
    import numpy as np
    import polars as pl

    chance = np.random.default_rng(SEED)
    faulty = np.sort(chance.choice(rows, rows // 100, replace=False))
    kinds = chance.integers(0, 7, len(faulty))
    twice = chance.random(len(faulty)) < 0.1

    def broken(kind: int, besides: tuple[int, ...] = ()) -> pl.Series:
        also = np.isin(kinds, besides) & twice if besides else np.zeros(len(faulty), bool)
        mask = np.zeros(rows, bool)
        mask[faulty[(kinds == kind) | also]] = True
        return pl.Series(mask)

    frame = pl.DataFrame(
        {
            "reference": np.arange(rows),
            "date": np.datetime64("2025-01-01") + np.arange(rows) * 365 // rows,
            "time": chance.integers(0, 1440, rows),
            "category": pl.Series(CATEGORIES)[chance.integers(0, len(CATEGORIES), rows)],
            "area_code": chance.integers(1, 900, rows) + 1_024_000,
            "longitude": np.round(chance.uniform(0, 1.4, rows), 6),
            "latitude": np.round(chance.uniform(51, 51.4, rows), 6),
        }
    ).select(
        pl.format("R{}", pl.col("reference").cast(pl.String).str.zfill(8)).alias("reference"),
        pl.col("date").cast(pl.Date).cast(pl.String),
        pl.format(
            "{}:{}",
            (pl.col("time") // 60).cast(pl.String).str.zfill(2),
            (pl.col("time") % 60).cast(pl.String).str.zfill(2),
        ).alias("time"),
        "category",
        pl.format("E0{}", "area_code").alias("area_code"),
        pl.col("longitude", "latitude").cast(pl.String),
    )
    planted = 0
    for kind, (column, value) in enumerate(WRONG.items()):
        mask = broken(kind, (kind - 1,) if kind else ())
        planted += int(mask.sum())
        frame = frame.with_columns(
            pl.when(mask).then(pl.lit(value)).otherwise(column).alias(column)
        )
    frame.write_csv(path)
    return planted


def ours(source: Path, out: Path) -> dict[str, int]:
    from frankpledge.contracts import load
    from frankpledge.sharing.store import Store, prepare

    store = Store(out)
    prepared = prepare(
        store,
        original=store.keep(source, name=source.name),
        submission="rows",
        dataset="rows",
        organisation="bench",
        contract=load(CONTRACT),
        synthetic=True,
        now=datetime(2026, 1, 31, tzinfo=UTC),
    )
    return {"stored": prepared.stored, "faults": store.faults("rows").height}


def seven(pa: Any, day: Any, between: Any) -> Any:
    """The seven rules as pandera says them."""
    matches = pa.Check.str_matches
    checks = {
        "reference": matches(REFERENCE),
        "date": pa.Check(day, name="day"),
        "time": matches(TIME),
        "category": pa.Check.isin(CATEGORIES),
        "area_code": matches(AREA),
        "longitude": between(-9, 3),
        "latitude": between(49, 61),
    }
    return pa.DataFrameSchema({name: pa.Column(str, check) for name, check in checks.items()})


def with_pandera(source: Path, out: Path) -> dict[str, int]:
    import pandas as pd
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    def day(values: Any) -> Any:
        return pd.to_datetime(values, format="%Y-%m-%d", errors="coerce").notna()

    def between(low: float, high: float) -> Any:
        def test(values: Any) -> Any:
            return pd.to_numeric(values, errors="coerce").between(low, high)

        return pa.Check(test, name=f"from {low} to {high}")

    schema = seven(pa, day, between)
    frame = pd.read_csv(source, engine="pyarrow", dtype="str")
    faults = pd.DataFrame({"index": pd.Series(dtype="int64")})
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as found:
        faults = found.failure_cases
    good = frame[~frame.index.isin(faults["index"])]
    good = good.assign(
        date=pd.to_datetime(good["date"]),
        longitude=pd.to_numeric(good["longitude"]),
        latitude=pd.to_numeric(good["latitude"]),
    )
    good.to_parquet(out / "rows.parquet", index=False)
    faults.astype("str").to_parquet(out / "faults.parquet", index=False)
    return {"stored": len(good), "faults": len(faults)}


def with_pandera_on_polars(source: Path, out: Path) -> dict[str, int]:
    import pandera.polars as pa
    import polars as pl
    from pandera.errors import SchemaErrors

    def day(data: Any) -> Any:
        read = pl.col(data.key).str.to_date("%Y-%m-%d", strict=False)
        return data.lazyframe.select(read.is_not_null())

    def between(low: float, high: float) -> Any:
        def test(data: Any) -> Any:
            number = pl.col(data.key).cast(pl.Float64, strict=False)
            return data.lazyframe.select(number.is_between(low, high).fill_null(False))

        return pa.Check(test, name=f"from {low} to {high}")

    schema = seven(pa, day, between)
    frame = pl.read_csv(source, infer_schema=False)
    faults = pl.DataFrame({"index": []}, schema={"index": pl.Int64})
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as found:
        faults = found.failure_cases
    good = (
        frame.with_row_index("row")
        .filter(~pl.col("row").is_in(faults["index"].cast(pl.UInt32).implode()))
        .drop("row")
        .with_columns(
            pl.col("date").str.to_date("%Y-%m-%d"),
            pl.col("longitude", "latitude").cast(pl.Float64),
        )
    )
    good.write_parquet(out / "rows.parquet", compression_level=1)
    faults.write_parquet(out / "faults.parquet")
    return {"stored": good.height, "faults": faults.height}


def with_frictionless(source: Path, out: Path) -> dict[str, int]:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from frictionless import Resource, Schema, system

    schema = Schema.from_descriptor(
        {
            "fields": [
                {"name": "reference", "type": "string", "constraints": {"pattern": REFERENCE}},
                {"name": "date", "type": "date"},
                {"name": "time", "type": "string", "constraints": {"pattern": TIME}},
                {"name": "category", "type": "string", "constraints": {"enum": list(CATEGORIES)}},
                {"name": "area_code", "type": "string", "constraints": {"pattern": AREA}},
                {
                    "name": "longitude",
                    "type": "number",
                    "floatNumber": True,
                    "constraints": {"minimum": -9, "maximum": 3},
                },
                {
                    "name": "latitude",
                    "type": "number",
                    "floatNumber": True,
                    "constraints": {"minimum": 49, "maximum": 61},
                },
            ]
        }
    )
    good: list[dict[str, Any]] = []
    faults: list[dict[str, Any]] = []
    with (
        system.use_context(trusted=True),
        Resource(path=str(source), schema=schema) as resource_read,
    ):
        for row in resource_read.row_stream:
            if row.valid:
                good.append(row.to_dict())
            for error in row.errors:
                faults.append({"row": error.row_number, "rule": error.type, "note": error.note})
    pq.write_table(pa.Table.from_pylist(good), out / "rows.parquet")
    pq.write_table(pa.Table.from_pylist(faults), out / "faults.parquet")
    return {"stored": len(good), "faults": len(faults)}


JOBS: dict[str, Callable[[Path, Path], dict[str, int]]] = {
    "frankpledge": ours,
    "pandera": with_pandera,
    "pandera_on_polars": with_pandera_on_polars,
    "frictionless": with_frictionless,
}


def peak_memory() -> float:
    """In MB, of this program alone: the system's usual count takes over that of who began it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+([0-9]+) kB", status)[1]) / 1024


def work(job: str, source: Path) -> dict[str, Any]:
    imported = {
        "frankpledge": "frankpledge.sharing.store",
        "pandera": "pandera.pandas",
        "pandera_on_polars": "pandera.polars",
        "frictionless": "frictionless",
    }
    __import__(imported[job])
    out = Path(tempfile.mkdtemp(prefix="bench-rows-", dir=source.parent))
    start = time.perf_counter()
    counts = JOBS[job](source, out)
    seconds = time.perf_counter() - start
    shutil.rmtree(out)
    peak = peak_memory()
    return {"seconds": seconds, "peak_mb": round(peak), **counts}


def apart(job: str, source: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--job", job, "--source", str(source)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(*, rounds: int = 3) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-rows-") as folder:
        source, large = Path(folder) / "rows.csv", Path(folder) / "many.csv"
        made = make(source, ROWS)
        found: dict[str, list[dict[str, Any]]] = {job: [] for job in JOBS}
        for turn in range(rounds):
            for job in JOBS:
                if job != "frictionless" or not turn:  # once: it takes minutes
                    found[job].append(apart(job, source))
        for job, goes in found.items():
            if any(each["faults"] != made or each["stored"] != ROWS - ROWS // 100 for each in goes):
                raise SystemExit(f"{job} found {goes[0]}; {made} faults were planted.")
        make(large, MANY)
        many = apart("frankpledge", large)
    seconds = {
        job: statistics.median(each["seconds"] for each in goes) for job, goes in found.items()
    }
    mine = seconds["frankpledge"]
    result: dict[str, Any] = {
        "name": "rows",
        "rows": ROWS,
        "planted_faults": made,
        "rounds": rounds,
        **{
            job: {
                "seconds": round(seconds[job], 2),
                "rows_a_second": round(ROWS / seconds[job]),
                "memory_mb": max(each["peak_mb"] for each in found[job]),
            }
            for job in JOBS
        },
        "pandera_target": PANDERA_TARGET,
        "pandera_ratio": round(seconds["pandera"] / mine, 2),
        "frictionless_target": FRICTIONLESS_TARGET,
        "frictionless_ratio": round(seconds["frictionless"] / mine, 1),
        "ten_million": {
            "seconds": round(many["seconds"], 1),
            "rows_a_second": round(MANY / many["seconds"]),
            "memory_target_mb": MEMORY_TARGET,
            "memory_mb": many["peak_mb"],
            "growth_target": GROWTH_TARGET,
            "seconds_for_each_row_against_one_million": round(many["seconds"] / mine / 10, 2),
        },
    }
    result["passed"] = (
        result["pandera_ratio"] >= PANDERA_TARGET
        and result["frictionless_ratio"] >= FRICTIONLESS_TARGET
        and many["peak_mb"] < MEMORY_TARGET
        and many["seconds"] / mine / 10 < GROWTH_TARGET
    )
    result["machine"] = f"{platform.platform()}, {os.cpu_count()} cores"
    result["versions"] = {
        name: version(name) for name in ("polars", "pandera", "frictionless", "pyarrow")
    } | {"python": platform.python_version()}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--job", choices=JOBS, help="run one job here and print it as JSON")
    parser.add_argument("--source", type=Path)
    given = parser.parse_args()
    if given.job:
        print(json.dumps(work(given.job, given.source)))
        return
    for key, value in run(rounds=given.rounds).items():
        print(f"{key:18} {value}")


if __name__ == "__main__":
    main()
