"""Ten million rows counted by month, area and category from Parquet, beside PyArrow.

PyArrow reads the same three whole-number columns and groups by them; the bare scan only reads them.
All run in this process, warm, in turn. The counts must agree in every one of the 486,000
combinations.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import county
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 10_000_000
KEYS = {"month": county.MONTHS, "area": county.AREAS, "category": county.CATEGORIES}
ARROW_TARGET, SCAN_TARGET = 1.0, 3.0


def ours(path: Path) -> Any:
    from frankpledge.analysis.dense import dense_counts

    return dense_counts([path], keys=KEYS)


def scan(path: Path) -> pa.Table:
    return pq.read_table(path, columns=list(KEYS))


def with_arrow(path: Path) -> pa.Table:
    return scan(path).group_by(list(KEYS)).aggregate([([], "count_all")])


JOBS: dict[str, Callable[[Path], Any]] = {
    "frankpledge": ours,
    "pyarrow": with_arrow,
    "bare_scan": scan,
}


def same(mine: Any, table: pa.Table) -> bool:
    expected = np.zeros(tuple(KEYS.values()), np.int64)
    expected[tuple(table[key].to_numpy() for key in KEYS)] = table["count_all"].to_numpy()
    return mine.left_out == 0 and bool((mine.counts == expected).all())


def run(*, rounds: int = 9, rows: int = ROWS) -> dict[str, Any]:
    path = county.county(rows).path
    if not same(ours(path), with_arrow(path)):
        raise SystemExit("The counts differ.")
    took: dict[str, list[float]] = {job: [] for job in JOBS}
    busy: dict[str, list[float]] = {job: [] for job in JOBS}
    for _ in range(rounds):
        for name, job in JOBS.items():
            start, before = time.perf_counter(), time.process_time()
            job(path)
            took[name].append(time.perf_counter() - start)
            busy[name].append(time.process_time() - before)
    seconds = {job: statistics.median(each) for job, each in took.items()}
    result: dict[str, Any] = {
        "name": "counts",
        "rows": rows,
        "combinations": int(np.prod(list(KEYS.values()))),
        "rounds": rounds,
        **{
            job: {
                "seconds": round(seconds[job], 3),
                "processor_seconds": round(statistics.median(busy[job]), 3),
            }
            for job in JOBS
        },
        "pyarrow_target": ARROW_TARGET,
        "pyarrow_ratio": round(seconds["pyarrow"] / seconds["frankpledge"], 2),
        "times_the_bare_scan_at_most": SCAN_TARGET,
        "times_the_bare_scan": round(seconds["frankpledge"] / seconds["bare_scan"], 2),
    }
    result["passed"] = (
        result["pyarrow_ratio"] >= ARROW_TARGET and result["times_the_bare_scan"] <= SCAN_TARGET
    )
    result["machine"] = f"{platform.platform()}, {os.cpu_count()} cores"
    result["versions"] = {name: version(name) for name in ("numba", "numpy", "pyarrow")} | {
        "python": platform.python_version()
    }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--rows", type=int, default=ROWS)
    given = parser.parse_args()
    for key, value in run(rounds=given.rounds, rows=given.rows).items():
        print(f"{key:18} {value}")


if __name__ == "__main__":
    main()
