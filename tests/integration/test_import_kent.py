"""The real street files of a year, by the command, in a home of their own."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS_2025 = 180_022
PLANTED = 500
_WORLD = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "frankpledge.config.settings"
django.setup()
from tests.sharing_world import sharing_world
sharing_world()
"""
_FAULTS = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "frankpledge.config.settings"
django.setup()
from frankpledge.sharing.models import Submission
from frankpledge.sharing.queries.results import returned_rows
import json
sent = Submission.objects.get(rejected__gt=0)
rows = returned_rows(sent)
print(json.dumps([(r["file"], r["row"], r["rule"], bool(r["remedy"])) for r in rows]))
"""

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module")
def home(tmp_path_factory, migrated) -> Path:
    folder = tmp_path_factory.mktemp("home")
    migrated(folder)
    _python(folder, "-c", _WORLD)
    return folder


def _python(home: Path, *arguments: str, code: int = 0) -> str:
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**kept, "FRANKPLEDGE_HOME": str(home), "PYTHONPATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stderr[-2000:]
    return done.stdout


def _import(home: Path, path: Path, code: int = 0) -> dict:
    arguments = ("-m", "frankpledge", "import", "police-street", str(path), "--from", "police")
    return json.loads(_python(home, *arguments, "--json", code=code))


def test_a_year_is_received_whole_and_a_second_time_changes_nothing(home, data_dir):
    path = data_dir / "police" / "kent-street-2025.zip"
    first = _import(home, path)
    assert first["received"] == ROWS_2025 == first["stored"] + first["rejected"]
    assert (first["rejected"], len(first["months"]), first["already"]) == (0, 12, False)
    assert sum(each["received"] for each in first["months"]) == ROWS_2025
    files = sorted((p, p.stat().st_mtime_ns) for p in (home / "store").rglob("*.parquet"))
    again = _import(home, path)
    assert again == {**first, "already": True}
    assert files == sorted((p, p.stat().st_mtime_ns) for p in (home / "store").rglob("*.parquet"))


def test_every_planted_fault_comes_back_and_no_other_row(home, data_dir, tmp_path):
    planted = _plant(data_dir / "police" / "kent-street-2025.zip", tmp_path / "planted.zip")
    found = _import(home, tmp_path / "planted.zip", code=3)
    assert found["received"] == ROWS_2025 and found["rejected"] == PLANTED
    assert found["stored"] == ROWS_2025 - PLANTED
    returned = json.loads(_python(home, "-c", _FAULTS))
    assert {(file, row) for file, row, _, _ in returned} == set(planted)
    assert {(*where, rule) for where, rule in planted.items()} <= {
        (file, row, rule) for file, row, rule, _ in returned
    }
    assert all(remedy for *_, remedy in returned)


def _plant(source: Path, target: Path) -> dict[tuple[str, int], str]:
    """A copy with faults of five kinds in random rows; says which rule each row breaks."""
    chance = random.Random(2025)
    planted: dict[tuple[str, int], str] = {}
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as to:
        names = sorted(name for name in before.namelist() if name.endswith("-street.csv"))
        share = {name: PLANTED // len(names) for name in names}
        share[names[-1]] += PLANTED - sum(share.values())
        for name in names:
            lines = before.read(name).decode("utf-8-sig").splitlines()
            located = [n for n, line in enumerate(lines) if n and line.split(",")[4]]
            for number in chance.sample(located, share[name]):
                values = lines[number].split(",")
                rule = chance.choice(list(_BREAKS))
                _BREAKS[rule](values)
                lines[number] = ",".join(values)
                planted[name, number + 1] = rule
            to.writestr(name, "\n".join(lines) + "\n")
    return planted


def _swap(values: list[str]) -> None:
    values[4], values[5] = values[5], values[4]


_BREAKS = {
    "month": lambda values: values.__setitem__(1, "2025-13"),
    "coordinates-swapped": _swap,
    "number": lambda values: values.__setitem__(4, "east"),
    "row-length": lambda values: values.append("more"),
    "required": lambda values: values.__setitem__(1, ""),
}
