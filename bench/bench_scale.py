"""What grows with rows and with areas: one process from a million to a hundred million rows.

The hundred million are the synthetic county's ten million read ten times over, from ten files. Each
size runs in a process of its own, imports not timed: the cube that the explorer reads (DuckDB, and
Spark as two workers of one core), dense counts, points put into 900 areas. Then cubes themselves,
from 900 areas over three years to 9,000 over ten, read from disk and asked for a year by month.
No peer: the target is growth in line with the rows, and memory that stays below 2 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench_assign import peak_memory

ROOT = Path(__file__).resolve().parent.parent
SPARK = "spark://local-cluster[2,1,1024]"
SIZES = {
    "1 million": (1_000_000, 1),
    "10 million": (10_000_000, 1),
    "100 million": (10_000_000, 10),
}
CUBES = {
    "900 areas, 36 months": (900, 36),
    "900 areas, 240 months": (900, 240),
    "9,000 areas, 36 months": (9_000, 36),
}
CATEGORIES = 15
GROWTH_TARGET, MEMORY_TARGET_MB = 1.3, 2000


def cube_of_rows(paths: list[Path], engine_url: str) -> int:
    from frankpledge.analysis import cubes, engine

    backend = engine.connect(engine_url)
    rows = engine.read_parquet(backend, paths)
    found = backend.to_pyarrow(cubes.monthly_cube(rows))
    return int(found["count"].to_numpy().sum())


def counts_of_rows(paths: list[Path], _: str) -> int:
    import bench_counts

    from frankpledge.analysis.dense import dense_counts

    return int(dense_counts(paths, keys=bench_counts.KEYS).counts.sum())


def points_of_rows(paths: list[Path], _: str) -> int:
    import county
    import numpy as np
    import pyarrow.parquet as pq

    from frankpledge.analysis.areas import AreaIndex

    place = county.county(1000)
    index = AreaIndex.build(list(place.polygons), place.codes)
    inside = 0
    for path in paths:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                x, y = file.read_row_group(group, columns=["x", "y"])
                inside += int(np.count_nonzero(index.assign(x.to_numpy(), y.to_numpy()) >= 0))
    return inside


def cube_asked(paths: list[Path], _: str) -> int:
    from frankpledge.analysis import cubes, engine

    months = [f"{2015 + each // 12}-{each % 12 + 1:02}" for each in range(len(paths))]
    cube = cubes.read_cube(engine.connect("duckdb"), paths, accepted=months)
    return int(sum(row[-1] for row in cube.sum(by=["month"], months=months[-12:]).rows))


JOBS: dict[str, Callable[[list[Path], str], int]] = {
    "cube": cube_of_rows,
    "counts": counts_of_rows,
    "points": points_of_rows,
    "ask": cube_asked,
}


def work(job: str, paths: list[Path], engine_url: str) -> dict[str, Any]:
    from frankpledge.analysis import engine

    engine.warm("duckdb")
    start = time.perf_counter()
    total = JOBS[job](paths, engine_url)
    return {
        "seconds": time.perf_counter() - start,
        "peak_mb": round(peak_memory()),
        "total": total,
    }


def apart(job: str, paths: list[Path], engine_url: str = "duckdb") -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--job", job, "--engine", engine_url, *map(str, paths)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "SPARK_LOCAL_IP": "127.0.0.1"},
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def cube_files(folder: Path, areas: int, months: int) -> list[Path]:
    """A cube for each month, every combination of area and kind in it."""
    import numpy as np
    import polars as pl

    chance = np.random.default_rng(1)
    made = []
    for month in range(months):
        path = folder / f"{areas}-{month}.parquet"
        pl.DataFrame(
            {
                "area": np.repeat([f"E01{area:06}" for area in range(areas)], CATEGORIES),
                "month": f"{2015 + month // 12}-{month % 12 + 1:02}",
                "category": np.tile([f"kind-{kind:02}" for kind in range(CATEGORIES)], areas),
                "count": chance.poisson(2, areas * CATEGORIES),
            }
        ).write_parquet(path)
        made.append(path)
    return made


def run() -> dict[str, Any]:
    import county

    result: dict[str, Any] = {"name": "scale"}
    grown, memory = {}, 0
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as name:
        folder = Path(name)
        jobs = [(job, "duckdb") for job in ("cube", "counts", "points")] + [("cube", SPARK)]
        for job, engine_url in jobs:
            each = {}
            for size, (rows, files) in SIZES.items():
                paths = []
                for number in range(files):
                    paths.append(folder / f"{rows}-{number}.parquet")
                    if not paths[-1].is_symlink():
                        paths[-1].symlink_to(county.county(rows).path)
                each[size] = apart(job, paths, engine_url)
                if job != "points" and each[size]["total"] != rows * files:
                    raise SystemExit(f"{job} of {size} counts {each[size]['total']}.")
            label = f"{job} on Spark" if engine_url == SPARK else job
            result[label] = {
                size: f"{found['seconds']:.2f} s, {found['peak_mb']} MB"
                for size, found in each.items()
            }
            if engine_url != SPARK:  # whose memory is that of other processes
                grown[job] = each["100 million"]["seconds"] / each["10 million"]["seconds"] / 10
                memory = max(memory, *(found["peak_mb"] for found in each.values()))
        result["a cube read and asked"] = {}
        for size, (areas, months) in CUBES.items():
            found = apart("ask", cube_files(folder, areas, months))
            result["a cube read and asked"][size] = (
                f"{areas * months * CATEGORIES:,} cells, {found['seconds']:.2f} s, "
                f"{found['peak_mb']} MB"
            )
    return result | {
        "growth target, for each row": GROWTH_TARGET,
        "growth for each row, 10 to 100 million": {k: round(v, 2) for k, v in grown.items()},
        "memory target mb": MEMORY_TARGET_MB,
        "passed": max(grown.values()) <= GROWTH_TARGET and memory <= MEMORY_TARGET_MB,
        "machine": f"{platform.platform()}, {os.cpu_count()} cores",
        "versions": {each: version(each) for each in ("duckdb", "pyspark", "numpy", "numba")},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="One job, for `run`.")
    parser.add_argument("--job", choices=JOBS, required=True)
    parser.add_argument("--engine", default="duckdb")
    parser.add_argument("paths", nargs="+", type=Path)
    asked = parser.parse_args()
    print(json.dumps(work(asked.job, asked.paths, asked.engine)))


if __name__ == "__main__":
    main()
