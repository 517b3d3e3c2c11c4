"""Hotspots of a grid of 106,400 cells: Gi* with its false discovery rate, permutations, classes.

Beside PySAL's esda with its neighbours built (that is part of the work there; ours needs none),
esda's conditional permutations on both cores, and pymannkendall alone, on a sample of the cells and
scaled, for the classes of 36 months. Scores have to be the same first; p-values by permutation to
chance.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

ROWS, COLUMNS, MONTHS, DRAWS, ROUNDS = 280, 380, 36, 199, 5
SEED, SAMPLED = 20250101, 400
TARGETS = {"gi star": 200, "permutations": 30, "emerging": 100}


def cube() -> Any:
    """Counts by month over the county: most cells hold little, some a great deal."""
    import numpy as np

    chance = np.random.default_rng(SEED)
    level = np.exp(chance.normal(-1.5, 1.4, (ROWS, COLUMNS)))
    return chance.poisson(level, (MONTHS, ROWS, COLUMNS)).astype(float)


def seconds(work: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, Any]:
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        found = work()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent), found


def run() -> dict[str, Any]:
    import numpy as np

    from frankpledge.analysis.hotspots.draws import grid_permuted_gi_star
    from frankpledge.analysis.hotspots.emerging import emerging
    from frankpledge.analysis.hotspots.grid import grid_gi_star
    from frankpledge.analysis.series.trend import mann_kendall

    months = cube()
    counts = months.sum(axis=0)
    star, found = seconds(lambda: grid_gi_star(counts))
    drawn, permuted = seconds(lambda: grid_permuted_gi_star(counts, draws=DRAWS), 3)
    classed, classes = seconds(lambda: emerging(months), 3)

    warnings.simplefilter("ignore")
    import esda
    import libpysal
    import pymannkendall

    def theirs() -> Any:
        weights = libpysal.weights.lat2W(ROWS, COLUMNS, rook=False)
        weights.transform = "B"
        local = esda.G_Local(counts.ravel(), weights, transform="B", star=True, permutations=0)
        return weights, local.Zs, esda.fdr(local.p_norm, 0.05)

    esda_star, (weights, scores, _) = seconds(theirs, 1)
    apart = float(np.nanmax(np.abs(scores - found.z.ravel())))

    def their_draws() -> Any:
        return esda.G_Local(
            counts.ravel(), weights, transform="B", star=False, permutations=DRAWS, n_jobs=2
        ).p_sim

    # Their kernel compiles on its first use; that is not counted.
    small = libpysal.weights.lat2W(12, 12, rook=False)
    esda.G_Local(counts[:12, :12].ravel(), small, star=False, permutations=9, n_jobs=2)
    esda_drawn, p_sim = seconds(their_draws, 1)
    alike = float(np.corrcoef(p_sim, permuted.p_value.ravel())[0, 1])

    z = classes.z.reshape(MONTHS, -1)
    chosen = np.random.default_rng(SEED).choice(z.shape[1], SAMPLED, replace=False)
    one_by_one, each = seconds(
        lambda: [pymannkendall.original_test(z[:, at]).z for at in chosen], 1
    )
    same = float(np.nanmax(np.abs(mann_kendall(z[:, chosen]).z - np.array(each))))
    mann = one_by_one * z.shape[1] / SAMPLED
    ratios = {
        "gi star": esda_star / star,
        "permutations": esda_drawn / drawn,
        "emerging": mann / classed,
    }
    met = all(ratios[name] >= least for name, least in TARGETS.items())
    return {
        "name": "hotspots",
        "cells": ROWS * COLUMNS,
        "frankpledge gi star milliseconds": round(star * 1000, 1),
        "esda gi star seconds, weights included": round(esda_star, 2),
        "largest difference of scores": f"{apart:.1e}",
        "frankpledge permutations seconds": round(drawn, 2),
        "esda permutations seconds": round(esda_drawn, 1),
        "correlation of p-values": round(alike, 4),
        "frankpledge emerging seconds": round(classed, 2),
        "pymannkendall seconds, scaled from 400 cells": round(mann, 1),
        "largest difference of Mann-Kendall scores": f"{same:.1e}",
        "target": TARGETS,
        "ratio": {name: round(ratio, 1) for name, ratio in ratios.items()},
        "passed": met and apart < 1e-9 and same < 1e-9 and alike > 0.95,
        "machine": f"{platform.platform()}, {os.cpu_count()} cores",
        "versions": {
            name: version(name) for name in ("esda", "libpysal", "pymannkendall", "numpy")
        },
    }


if __name__ == "__main__":
    made = run()
    print(json.dumps(made, indent=2))
    sys.exit(0 if made["passed"] else 1)
