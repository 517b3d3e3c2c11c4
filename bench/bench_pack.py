"""The whole monthly pack on a million rows in one cold process: every job of these benchmarks.

No peer makes such a pack, so the target is a time and a memory. From Parquet: points put into 900
areas, counts by month, area and kind, kernel density on a 100 m grid, hot spots of 106,400 cells
with false-discovery control and 199 permutations, emerging hot spots over 36 months, a thousand
series watched for four weeks, a control chart for every district and kind, and a table of 20,096
figures protected and proven. Imports are part of it. The kernels that numba compiles are kept on
disk from the run before, as they are on a server; the very first run ever is given beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROWS, SECONDS_TARGET, MEMORY_TARGET_MB = 1_000_000, 15, 2000
CELL = 250


def pack(rows: int) -> dict[str, Any]:
    """Each part's seconds, in order; the county's outlines are input and are not timed."""
    import county

    place = county.county(rows)
    spent: dict[str, float] = {}
    began = time.perf_counter()

    def done(part: str) -> None:
        nonlocal began
        now = time.perf_counter()
        spent[part] = round(now - began, 2)
        began = now

    import bench_assign
    import bench_counts
    import numpy as np
    import pyarrow.parquet as pq
    from bench_farrington import LAST
    from bench_farrington import counts as weekly
    from bench_suppression import proven
    from disclosure_tables import county as table_of_county

    from frankpledge.analysis.control import xmr_limits
    from frankpledge.analysis.hotspots.draws import grid_permuted_gi_star
    from frankpledge.analysis.hotspots.emerging import emerging
    from frankpledge.analysis.hotspots.grid import grid_gi_star
    from frankpledge.analysis.places.density import Extent, density
    from frankpledge.analysis.series.farrington import watch

    done("imports")
    areas = bench_assign.ours(place)
    done("points into areas")
    counts = bench_counts.ours(place.path).counts
    done("counts")
    x, y, month = (
        column.to_numpy() for column in pq.read_table(place.path, columns=["x", "y", "month"])
    )
    extent = Extent.around(*place.extent, cell=100)
    dense = density(x, y, extent, bandwidth=500)
    done("density")
    across, up = county.WIDTH / CELL, county.HEIGHT / CELL
    cell = (
        ((y - county.SOUTH) // CELL).clip(0, up - 1) * across
        + ((x - county.WEST) // CELL).clip(0, across - 1)
    ).astype(np.int64)
    shape = (county.MONTHS, round(up), round(across))
    months = np.bincount(
        month.astype(np.int64) * shape[1] * shape[2] + cell, minlength=int(np.prod(shape))
    )
    months = months.reshape(shape).astype(float)
    found = grid_gi_star(months.sum(axis=0))
    hot = int((found.raised <= 0.05).sum())
    done("hot spots")
    grid_permuted_gi_star(months.sum(axis=0), draws=199)
    done("permutations")
    emerging(months)
    done("emerging hot spots")
    watch(weekly(), last=LAST)
    done("watched series")
    by_district = np.zeros((county.MONTHS, county.DISTRICTS, county.CATEGORIES))
    np.add.at(by_district, (slice(None), place.district), counts)
    for district in range(county.DISTRICTS):
        for kind in range(county.CATEGORIES):
            xmr_limits(by_district[:, district, kind].tolist())
    done("control charts")
    protected, proof = proven(table_of_county())
    done("table protected and proven")
    if int(counts.sum()) != rows or len(areas) != rows or not proof.safe or not hot:
        raise SystemExit("The pack does not add up.")
    return {
        "spent": spent,
        "peak_mb": round(bench_assign.peak_memory()),
        "hidden": int(protected.hidden.sum()),
        "volume": round(dense.total / rows, 4),
    }


def apart(kernels: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--pack"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "NUMBA_CACHE_DIR": kernels},
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(*, rounds: int = 3) -> dict[str, Any]:
    import county

    county.county(ROWS)
    with tempfile.TemporaryDirectory(prefix="bench-pack-") as kernels:
        first, *goes = (apart(kernels) for _ in range(rounds + 1))
    totals = [sum(each["spent"].values()) for each in goes]
    took, memory = statistics.median(totals), max(each["peak_mb"] for each in [first, *goes])
    middle = goes[totals.index(sorted(totals)[len(totals) // 2])]
    return {
        "name": "pack",
        "rows": ROWS,
        "rounds": rounds,
        "seconds": {**middle["spent"], "together": round(took, 1)},
        "seconds of the first run ever, kernels compiled": round(sum(first["spent"].values()), 1),
        "target seconds": SECONDS_TARGET,
        "memory mb": memory,
        "memory target mb": MEMORY_TARGET_MB,
        "volume of the density, of the points": middle["volume"],
        "passed": took <= SECONDS_TARGET and memory <= MEMORY_TARGET_MB,
        "machine": f"{platform.platform()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("numpy", "scipy", "numba", "pyarrow")}
        | {"python": platform.python_version()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="The pack, for `run`.")
    parser.add_argument("--pack", action="store_true", required=True)
    parser.parse_args()
    print(json.dumps(pack(ROWS)))


if __name__ == "__main__":
    main()
