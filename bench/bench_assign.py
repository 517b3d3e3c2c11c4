"""Ten million points into the synthetic county's 900 areas, beside geopandas and shapely.

Every time includes reading x and y from Parquet and, for ours, building the index. geopandas is one
call of `sjoin`; shapely is `intersects_xy` of each prepared area on points sorted by x, its best
call. Each runs in a process of its own, warm: after the same work once, geopandas, which takes
minutes, after a thousand points. All must give the area that the county was made with, for every
point: the first by code where areas share an edge.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import county
import numpy as np
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
ROWS = 10_000_000
THREADS = 2
GEOPANDAS_TARGET, SHAPELY_TARGET, MEMORY_TARGET = 100.0, 15.0, 1000
Array = np.ndarray[Any, Any]


def ours(place: county.County) -> Array:
    from frankpledge.analysis.areas import AreaIndex

    file = pq.ParquetFile(place.path)

    def read(group: int) -> tuple[Array, Array]:
        with pq.ParquetFile(place.path) as each:
            x, y = each.read_row_group(group, columns=["x", "y"], use_threads=False)
        return x.to_numpy(), y.to_numpy()

    with ThreadPoolExecutor(THREADS) as pool:
        # One thread builds the index while the other begins to read.
        made = pool.submit(AreaIndex.build, list(place.polygons), place.codes)
        pieces = [pool.submit(read, group) for group in range(file.num_row_groups)]
        assign = made.result().assign
        answer = np.empty(file.metadata.num_rows, np.int32)

        def put(group: int, first: int) -> None:
            found = assign(*pieces[group].result(), threads=1)
            answer[first : first + len(found)] = found

        sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
        list(pool.map(put, range(len(sizes)), np.cumsum([0, *sizes[:-1]]).tolist()))
        return answer


def points(place: county.County) -> tuple[Array, Array]:
    x, y = pq.read_table(place.path, columns=["x", "y"])
    return x.to_numpy(), y.to_numpy()


def with_shapely(place: county.County) -> Array:
    import shapely

    x, y = points(place)
    order = np.argsort(x)
    x, y = x[order], y[order]
    shapely.prepare(place.polygons)
    west, _, east, _ = shapely.bounds(place.polygons).T
    first, last = np.searchsorted(x, west), np.searchsorted(x, east, "right")
    inside = np.full(len(x), -1, np.int32)
    for number in range(len(place.polygons) - 1, -1, -1):
        part = slice(first[number], last[number])
        inside[part][shapely.intersects_xy(place.polygons[number], x[part], y[part])] = number
    found = np.empty_like(inside)
    found[order] = inside
    return found


def with_geopandas(place: county.County) -> Array:
    import geopandas as gpd

    x, y = points(place)
    areas = gpd.GeoDataFrame(geometry=place.polygons, crs=27700)
    rows = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y, crs=27700))
    joined = gpd.sjoin(rows, areas, predicate="intersects")
    # A point on a shared edge comes twice; the last written is the first by code.
    number = joined["index_right"].to_numpy()
    order = np.argsort(-number, kind="stable")
    found = np.full(len(x), -1, np.int32)
    found[joined.index.to_numpy()[order]] = number[order]
    return found


JOBS: dict[str, Callable[[county.County], Array]] = {
    "frankpledge": ours,
    "shapely": with_shapely,
    "geopandas": with_geopandas,
}


def digest(areas: Array) -> str:
    return hashlib.sha256(areas.astype(np.int32).tobytes()).hexdigest()


def peak_memory() -> float:
    """In MB, of this program alone: the system's usual count takes over that of who began it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+([0-9]+) kB", status)
    assert found
    return int(found[1]) / 1024


def work(job: str, rows: int) -> dict[str, Any]:
    place = county.county(rows)
    JOBS[job](county.county(1000) if job == "geopandas" else place)
    start, busy = time.perf_counter(), time.process_time()
    found = JOBS[job](place)
    seconds, processor = time.perf_counter() - start, time.process_time() - busy
    return {
        "seconds": seconds,
        "processor": processor,
        "peak_mb": round(peak_memory()),
        "digest": digest(found),
    }


def apart(job: str, rows: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--job", job, "--rows", str(rows)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(*, rounds: int = 3, rows: int = ROWS) -> dict[str, Any]:
    truth = digest(pq.read_table(county.county(rows).path, columns=["area"])["area"].to_numpy())
    found: dict[str, list[dict[str, Any]]] = {job: [] for job in JOBS}
    for turn in range(rounds):
        for job in JOBS:
            if job != "geopandas" or not turn:  # once: it takes minutes
                found[job].append(apart(job, rows))
    for job, goes in found.items():
        if any(each["digest"] != truth for each in goes):
            raise SystemExit(f"{job} puts points into other areas.")
    middle = {
        job: {
            what: statistics.median(each[what] for each in goes)
            for what in goes[0]
            if what != "digest"
        }
        for job, goes in found.items()
    }
    mine = middle["frankpledge"]["seconds"]
    result: dict[str, Any] = {
        "name": "assign",
        "points": rows,
        "areas": county.AREAS,
        "rounds": rounds,
        "rounds_of_geopandas": 1,
        **{
            job: {
                "seconds": round(each["seconds"], 3),
                "processor_seconds": round(each["processor"], 3),
                "points_a_second": round(rows / each["seconds"]),
                "memory_mb": each["peak_mb"],
            }
            for job, each in middle.items()
        },
        "geopandas_target": GEOPANDAS_TARGET,
        "geopandas_ratio": round(middle["geopandas"]["seconds"] / mine, 1),
        "shapely_target": SHAPELY_TARGET,
        "shapely_ratio": round(middle["shapely"]["seconds"] / mine, 1),
        "memory_target_mb": MEMORY_TARGET,
    }
    result["passed"] = (
        result["geopandas_ratio"] >= GEOPANDAS_TARGET
        and result["shapely_ratio"] >= SHAPELY_TARGET
        and middle["frankpledge"]["peak_mb"] <= MEMORY_TARGET
    )
    result["machine"] = f"{platform.platform()}, {os.cpu_count()} cores"
    result["versions"] = {
        name: version(name) for name in ("numba", "numpy", "pyarrow", "shapely", "geopandas")
    } | {"python": platform.python_version()}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--job", choices=JOBS, help="run one job here and print it as JSON")
    given = parser.parse_args()
    if given.job:
        print(json.dumps(work(given.job, given.rows)))
        return
    for key, value in run(rounds=given.rounds, rows=given.rows).items():
        print(f"{key:18} {value}")


if __name__ == "__main__":
    main()
