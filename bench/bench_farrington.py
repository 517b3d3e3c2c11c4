"""Watching a thousand weekly series for emerging issues, beside R's surveillance.

Noufaily's settings, four weeks watched, seven years of counts that vary more than chance. Both get
the counts in memory; R's limits and ours have to be the same first. `bench/r_peers.sh` installs R's
package from Debian; without it the peer is not run and the target counts as missed.
"""

from __future__ import annotations

import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SERIES, WEEKS, LAST, ROUNDS, TARGET = 1000, 364, 4, 5, 50
SEED = 20130301


def counts() -> Any:
    import numpy as np

    chance = np.random.default_rng(SEED)
    level = np.exp(chance.normal(1.5, 1.0, SERIES))
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(WEEKS) / 52)[:, None]
    mean = level * season
    return chance.negative_binomial(4, 4 / (4 + mean)).astype(float)


def ours(table: Any) -> tuple[float, float, Any]:
    """Seconds of the first call in this process, of later ones (median), and the limits."""
    from dataclasses import replace

    from frankpledge.analysis.series.farrington import WEEKLY, watch

    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = watch(table, settings=replace(WEEKLY, fewest=(0, 1)), last=LAST)
        spent.append(time.perf_counter() - began)
    return spent[0], statistics.median(spent[1:]), found.upper


def theirs(table: Any, folder: Path) -> tuple[float, str, Any]:
    import numpy as np

    given, answer = folder / "counts.csv", folder / "limits.csv"
    np.savetxt(given, table, fmt="%d", delimiter=",")
    made = subprocess.run(
        ["Rscript", str(HERE / "farrington.R"), str(given), str(answer), str(LAST)],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, release = made.stdout.split()
    return float(seconds), release, np.genfromtxt(answer, delimiter=",", missing_values="NA")


def run() -> dict[str, Any]:
    import numpy as np

    table = counts()
    first, later, limits = ours(table)
    result: dict[str, Any] = {
        "name": "farrington",
        "series": SERIES,
        "weeks watched": LAST,
        "frankpledge seconds": round(later, 3),
        "frankpledge seconds, first call": round(first, 3),
        "target": TARGET,
        "machine": platform.platform() + f", {__import__('os').cpu_count()} cores",
        "versions": {"numpy": version("numpy"), "python": platform.python_version()},
    }
    if not shutil.which("Rscript"):
        return result | {"R surveillance": "not run: bench/r_peers.sh installs it", "passed": False}
    with tempfile.TemporaryDirectory() as folder:
        seconds, release, wanted = theirs(table, Path(folder))
    # R gives no limit where fewer than five cases came in four weeks.
    there = ~np.isnan(wanted)
    apart = int((limits[there] != wanted[there]).sum())
    ratio = seconds / later
    return result | {
        "R seconds": round(seconds, 1),
        "limits compared": int(there.sum()),
        "limits that differ": apart,
        "ratio": round(ratio, 1),
        "passed": ratio >= TARGET and apart == 0,
        "versions": {**result["versions"], "R surveillance": release},
    }


if __name__ == "__main__":
    made = run()
    print(json.dumps(made, indent=2))
    sys.exit(0 if made["passed"] else 1)
