"""The explorer's answer over every Kent row, beside pandas groupby on the rows in memory.

Said plainly: a cube is compared with rows. The answer reads monthly cubes that were made when the
files were accepted; pandas holds all rows and groups them. Both give the same counts, checked here:
by month with a year before, by kind with a year before, by district, and by small area.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("FRANKPLEDGE_TEST_DATA", ROOT.parent / "shared" / "data"))
TARGET = 1.0
START, END = "2025-01", "2025-12"


def home(folder: str) -> None:
    """The partnership of the example with every real Kent file imported into it."""
    os.environ["FRANKPLEDGE_HOME"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "frankpledge.config.settings"
    commands = [["migrate", "-v0"], ["example", "--no-incidents"]]
    for path in sorted((DATA / "police").glob("kent-street-*.zip")):
        commands.append(["import", "police-street", str(path), "--from", "kent-police"])
    for command in commands:
        made = subprocess.run(
            [sys.executable, "-m", "frankpledge", *command],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode not in (0, 3):
            raise SystemExit(f"{command}: {made.stdout}{made.stderr}")


def rows() -> Any:
    """Every Kent row in memory, as a pandas user would hold it."""
    import zipfile

    import pandas as pd

    frames = []
    for path in sorted((DATA / "police").glob("kent-street-*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith("-street.csv"):
                    with archive.open(name) as file:
                        frames.append(
                            pd.read_csv(file, usecols=["Month", "LSOA code", "Crime type"])
                        )
    found = pd.concat(frames, ignore_index=True)
    for column in found.columns:
        found[column] = found[column].astype("category")
    return found


def timed(job: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    took, made = [], None
    for _ in range(rounds):
        start = time.perf_counter()
        made = job()
        took.append(time.perf_counter() - start)
    return statistics.median(took), made


def run(*, rounds: int = 7) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        home(folder)
        return _measure(rounds)


def _measure(rounds: int) -> dict[str, Any]:
    import django

    django.setup()
    from frankpledge.access.actors import console
    from frankpledge.core import clock
    from frankpledge.evidence.queries.asking import answer
    from frankpledge.evidence.queries.places import places
    from frankpledge.evidence.rules import Question

    actor, on, known = console(clock.today()), clock.today(), places()

    def ours() -> list[Any]:
        return [
            answer(actor=actor, question=Question("police-street", START, END, area, by), on=on)
            for area, by in (("", "month"), ("", "category"), ("", "area"))
        ]

    frame = rows()
    district = frame["LSOA code"].map(known.district_of)
    unit = frame["LSOA code"].map(known.units)

    def peer() -> dict[str, Any]:
        inside = district.isin(list(known.districts))
        now = (frame["Month"].astype(str) >= START) & (frame["Month"].astype(str) <= END)
        before = (frame["Month"].astype(str) >= "2024-01") & (
            frame["Month"].astype(str) <= "2024-12"
        )
        county = frame[inside]
        return {
            "month": county.groupby("Month", observed=True).size(),
            "category": frame[inside & now].groupby("Crime type", observed=True).size(),
            "category_before": frame[inside & before].groupby("Crime type", observed=True).size(),
            "area": frame[now].groupby(district[now], observed=True).size(),
            "unit": frame[inside & now].groupby(unit[inside & now], observed=True).size(),
        }

    ours()
    peer()
    our_seconds, made = timed(ours, rounds)
    peer_seconds, theirs = timed(peer, rounds)
    mine = {row["area"]: row["count"] for row in made[2].table.records()}
    for code, name in known.districts.items():
        if mine[name] != int(theirs["area"][code]):
            raise SystemExit(f"The two do not agree on {name}.")
    ratio = peer_seconds / our_seconds
    return {
        "name": "ask",
        "rounds": rounds,
        "rows": len(frame),
        "frankpledge": {"milliseconds, three whole answers": round(our_seconds * 1000, 1)},
        "pandas": {"milliseconds, the same counts": round(peer_seconds * 1000, 1)},
        "target": TARGET,
        "ratio": round(ratio, 2),
        "passed": ratio >= TARGET,
        "machine": f"{platform.platform()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("duckdb", "pandas", "numpy")}
        | {"python": platform.python_version()},
    }
