"""Kernel density on a 100 m grid over a county, a million and ten million points, beside KDEpy.

The quartic kernel of 500 m against KDEpy's quickest, its Gaussian by Fourier transform over the
same grid. Both volumes are set beside the number of points: KDEpy's loses part of its kernel.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

SIZES = {"one million": (1_000_000, 4), "ten million": (10_000_000, 10)}
WIDTH, HEIGHT, CELL, BANDWIDTH, SEED, ROUNDS = 95_000, 70_000, 100, 500, 20250101, 5


def points(number: int) -> Any:
    """Towns and a scatter between them, well inside the edges."""
    import numpy as np

    chance = np.random.default_rng(SEED)
    towns = chance.uniform((8000, 8000), (WIDTH - 8000, HEIGHT - 8000), (40, 2))
    at = towns[chance.integers(0, 40, number)] + chance.normal(0, 1200, (number, 2))
    return np.clip(at, 2000, (WIDTH - 2000, HEIGHT - 2000))


def seconds(work: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, Any]:
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        found = work()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent), found


def run() -> dict[str, Any]:
    import numpy as np
    from KDEpy import FFTKDE

    from frankpledge.analysis.places.density import Extent, density

    extent = Extent.around(0, 0, WIDTH, HEIGHT, cell=CELL)
    across, up = extent.centres
    grid = np.stack(np.meshgrid(across, up, indexing="ij"), -1).reshape(-1, 2)
    result: dict[str, Any] = {"name": "density", "cells": extent.rows * extent.columns}
    passed = True
    for name, (number, target) in SIZES.items():
        at = points(number)
        x, y = np.ascontiguousarray(at[:, 0]), np.ascontiguousarray(at[:, 1])
        ours, found = seconds(lambda x=x, y=y: density(x, y, extent, bandwidth=BANDWIDTH))
        theirs, values = seconds(
            lambda at=at: FFTKDE(kernel="gaussian", bw=BANDWIDTH).fit(at).evaluate(grid), 3
        )
        lost = abs(found.total / number - 1)
        passed &= theirs / ours >= target and lost <= 0.001
        result |= {
            f"{name}: frankpledge seconds": round(ours, 3),
            f"{name}: KDEpy seconds": round(theirs, 3),
            f"{name}: target": target,
            f"{name}: ratio": round(theirs / ours, 1),
            f"{name}: our volume, of the points": f"{found.total / number:.5f}",
            f"{name}: KDEpy's volume": f"{float(values.sum()) * CELL**2:.3f}",
        }
    return result | {
        "passed": passed,
        "machine": f"{platform.platform()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("KDEpy", "numpy", "scipy")},
    }


if __name__ == "__main__":
    made = run()
    print(json.dumps(made, indent=2))
    sys.exit(0 if made["passed"] else 1)
