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
import resource
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

    no_reference, odd_reference = broken(0), broken(1)
    no_day, no_area = broken(2), broken(3, (0, 1, 2))
    no_category, no_number, too_many = broken(4), broken(5), broken(6)
    days = pl.Series(np.arange(rows) * 365 // rows)
    frame = pl.DataFrame(
        {
            "reference": pl.format("R{}", pl.int_range(rows).cast(pl.String).str.zfill(8)).pipe(
                lambda made: pl.select(made).to_series()
            ),
            "date": (
                pl.Series([datetime(2025, 1, 1, tzinfo=UTC).date()] * rows).cast(pl.Int32) + days
            )
            .cast(pl.Date)
            .cast(pl.String),
            "area_code": pl.Series(chance.integers(1, 900, rows) + 1_024_000).cast(pl.String),
            "category": pl.Series(CATEGORIES)[chance.integers(0, len(CATEGORIES), rows)],
            "count": pl.Series(chance.integers(1, 501, rows)).cast(pl.String),
        }
    ).with_columns(pl.format("E0{}", "area_code").alias("area_code"))
    changes = {
        "reference": ((no_reference, None), (odd_reference, "X-17")),
        "date": ((no_day, "2025-02-30"),),
        "area_code": ((no_area, "Northwood"),),
        "category": ((no_category, "burgalry"),),
        "count": ((no_number, "about ten"), (too_many, "90210")),
    }
    for column, these in changes.items():
        for mask, value in these:
            text = pl.lit(value, dtype=pl.String)
            frame = frame.with_columns(pl.when(mask).then(text).otherwise(column).alias(column))
    frame.write_csv(path)
    return sum(int(mask.sum()) for these in changes.values() for mask, _ in these)


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


def with_pandera(source: Path, out: Path) -> dict[str, int]:
    import pandas as pd
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    def day(values: Any) -> Any:
        return pd.to_datetime(values, format="%Y-%m-%d", errors="coerce").notna()

    def whole(values: Any) -> Any:
        return values.str.match("^-?[0-9]+$")

    def small_enough(values: Any) -> Any:
        number = pd.to_numeric(values, errors="coerce")
        return number.between(1, 500) | number.isna()

    matches = pa.Check.str_matches
    schema = pa.DataFrameSchema(
        {
            "reference": pa.Column(str, matches(REFERENCE), nullable=False),
            "date": pa.Column(str, pa.Check(day, name="day"), nullable=False),
            "area_code": pa.Column(str, matches(AREA), nullable=True),
            "category": pa.Column(str, pa.Check.isin(CATEGORIES), nullable=True),
            "count": pa.Column(
                str,
                [pa.Check(whole, name="whole"), pa.Check(small_enough, name="size")],
                nullable=True,
            ),
        }
    )
    frame = pd.read_csv(source, engine="pyarrow", dtype="str")
    faults = pd.DataFrame({"index": pd.Series(dtype="int64")})
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as found:
        faults = found.failure_cases
    good = frame[~frame.index.isin(faults["index"])]
    good = good.assign(date=pd.to_datetime(good["date"]), count=pd.to_numeric(good["count"]))
    good.to_parquet(out / "rows.parquet", index=False)
    faults.astype("str").to_parquet(out / "faults.parquet", index=False)
    return {"stored": len(good), "faults": len(faults)}


def with_pandera_on_polars(source: Path, out: Path) -> dict[str, int]:
    import pandera.polars as pa
    import polars as pl
    from pandera.errors import SchemaErrors

    def given(data: Any) -> Any:
        return data.lazyframe.select(pl.col(data.key).is_not_null())

    def day(data: Any) -> Any:
        read = pl.col(data.key).str.to_date("%Y-%m-%d", strict=False)
        return data.lazyframe.select(read.is_not_null())

    def whole(data: Any) -> Any:
        return data.lazyframe.select(pl.col(data.key).cast(pl.Int64, strict=False).is_not_null())

    def small_enough(data: Any) -> Any:
        number = pl.col(data.key).cast(pl.Int64, strict=False)
        return data.lazyframe.select(number.is_between(1, 500) | number.is_null())

    # Its own rule against empty cells does not say in which row they are.
    absent = pa.Check(given, name="given", ignore_na=False)
    matches = pa.Check.str_matches
    schema = pa.DataFrameSchema(
        {
            "reference": pa.Column(str, [absent, matches(REFERENCE)], nullable=True),
            "date": pa.Column(str, pa.Check(day, name="day"), nullable=True),
            "area_code": pa.Column(str, matches(AREA), nullable=True),
            "category": pa.Column(str, pa.Check.isin(CATEGORIES), nullable=True),
            "count": pa.Column(
                str,
                [pa.Check(whole, name="whole"), pa.Check(small_enough, name="size")],
                nullable=True,
            ),
        }
    )
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
        .with_columns(pl.col("date").str.to_date("%Y-%m-%d"), pl.col("count").cast(pl.Int64))
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
                {
                    "name": "reference",
                    "type": "string",
                    "constraints": {"required": True, "pattern": REFERENCE},
                },
                {"name": "date", "type": "date", "constraints": {"required": True}},
                {"name": "area_code", "type": "string", "constraints": {"pattern": AREA}},
                {"name": "category", "type": "string", "constraints": {"enum": list(CATEGORIES)}},
                {"name": "count", "type": "integer", "constraints": {"minimum": 1, "maximum": 500}},
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
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
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
