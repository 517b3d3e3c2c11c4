"""The same expressions on Spark and on DuckDB over every row of all forces: parity, and seconds.

The cube of 1.3 million rows, its files read back month by month, and means, sums and deviations.
Whole numbers have to be the same, others to one part in a thousand million. Spark runs as two
workers of one core each, in processes of their own, as on a cluster. Starting an engine counts.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SPARK = "spark://local-cluster[2,1,1024]"
CLOSE = 1e-9
COUNT = """
import hashlib, json, sys
from pathlib import Path
from frankpledge.analysis import cubes, engine

backend = engine.connect(sys.argv[1])
rows = engine.read_parquet(backend, [sys.argv[2]])
named = {"area": "LSOA code", "month": "Month", "category": "Crime type"}
path = Path(sys.argv[3])
cube = backend.to_pyarrow(cubes.monthly_cube(rows, **named))
import pyarrow.parquet
# As the store keeps them: a folder for each month.
months = sorted(set(cube["month"].to_pylist()))
files = []
for month in months:
    folder = path / f"month={month}"
    folder.mkdir(parents=True)
    kept = cube.filter(pyarrow.compute.equal(cube["month"], month))
    pyarrow.parquet.write_table(kept, folder / "sent.parquet")
    files.append(folder / "sent.parquet")
found = cubes.read_cube(backend, files, accepted=months)
means = rows.group_by("Month").agg(
    east=rows["Longitude"].mean(), north=rows["Latitude"].sum(), spread=rows["Latitude"].std()
).order_by("Month")
print(json.dumps({
    "engine": backend.name,
    "rows": int(backend.to_pyarrow(rows.count()).as_py()),
    "cells": cube.num_rows,
    "cube": hashlib.sha256(json.dumps(cube.to_pylist()).encode()).hexdigest(),
    "by_month": [[str(row[0]), int(row[-1])] for row in found.sum(by=["month"]).rows],
    "floats": [list(each.values()) for each in backend.to_pyarrow(means).to_pylist()],
}))
"""


def source() -> Path:
    folder = os.environ.get("FRANKPLEDGE_TEST_DATA", ROOT.parent / "shared" / "data")
    return Path(folder) / "police" / "all-forces-street-2024-01_2024-04.parquet"


def counted(engine: str, path: Path, folder: Path) -> dict[str, Any]:
    """What one engine makes of the rows, in a process of its own."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", COUNT, engine, str(path), str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "SPARK_LOCAL_IP": "127.0.0.1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found | {"seconds": time.perf_counter() - began}


def furthest(ours: list[list[Any]], theirs: list[list[Any]]) -> float:
    """The largest difference of two tables of numbers, as a part of the number."""
    return max(
        abs(mine - other) / abs(mine)
        for row, same in zip(ours, theirs, strict=True)
        for mine, other in zip(row[1:], same[1:], strict=True)
    )


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-spark-") as folder:
        here = counted("duckdb", source(), Path(folder) / "duckdb")
        there = counted(SPARK, source(), Path(folder) / "spark")
    apart = furthest(here["floats"], there["floats"])
    same = all(here[key] == there[key] for key in ("rows", "cells", "cube", "by_month"))
    return {
        "name": "spark",
        "rows": here["rows"],
        "cells_of_the_cube": here["cells"],
        "whole_numbers_the_same": same,
        "largest_difference_of_others": f"{apart:.1e}",
        "allowed_difference": f"{CLOSE:.0e}",
        "duckdb_seconds": round(here["seconds"], 1),
        "spark_seconds": round(there["seconds"], 1),
        "passed": same and apart < CLOSE,
        "machine": f"{platform.platform()}, {os.cpu_count()} cores",
        "versions": {each: version(each) for each in ("duckdb", "pyspark", "ibis-framework")},
    }
