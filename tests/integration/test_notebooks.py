"""The example notebooks, run cell by cell where there is no Django."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "docs/notebooks"
RUN = """
import ast, json, sys

class NoDjango:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "django":
            raise ImportError("There is no Django in a notebook.")

sys.meta_path.insert(0, NoDjango())
names = {}
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), sys.argv[1], "exec"), names)
print(json.dumps({each: eval(each, names) for each in sys.argv[2:]}, default=float))
"""


def run(notebook: str, *wanted: str, **more: str) -> dict[str, Any]:
    """What the expressions `wanted` are once every cell has run."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(NOTEBOOKS / notebook), *wanted],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert not done.returncode, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.data
def test_columbus_is_as_in_r(data_dir: Path):
    place = str(data_dir / "reference")
    found = run("columbus-as-in-r.ipynb", "differences", "len(crime)", FRANKPLEDGE_REFERENCE=place)
    assert found["len(crime)"] == 49
    assert len(found["differences"]) == 5
    assert max(found["differences"].values()) < 1e-9


def test_a_series_is_told_as_it_was_made():
    segments = "[[months[s.periods[0]], s.mean] for s in segments]"
    found = run(
        "a-series-by-month.ipynb",
        segments, "chart.svg", "seen.alarm[0, 0]", "float(trend.z[0])", "float(limits.upper[-1])",
    )  # fmt: skip
    assert [start for start, _ in found[segments]][:2] == ["2021-01", "2023-01"]
    assert found["chart.svg"].startswith("<svg") and found["seen.alarm[0, 0]"]
    assert found["float(trend.z[0])"] < -2
    assert found["float(limits.upper[-1])"] < 110


def test_a_table_is_broken_and_then_holds():
    found = run(
        "a-table-for-the-public.ipynb",
        "[broken.low[0, 1], broken.high[0, 1]]", "bool(proof.safe)", "int(protected.hidden.sum())",
        "float((left.high - left.low)[protected.hidden].min())", "[v.kept for v in seen.values()]",
    )  # fmt: skip
    assert found["[broken.low[0, 1], broken.high[0, 1]]"] == pytest.approx([2, 2])
    assert found["bool(proof.safe)"] and found["int(protected.hidden.sum())"] > 2
    assert found["float((left.high - left.low)[protected.hidden].min())"] >= 3
    assert all(0 < kept < 1 for kept in found["[v.kept for v in seen.values()]"])


def test_every_notebook_is_run_here_and_keeps_no_answers():
    for path in NOTEBOOKS.glob("*.ipynb"):
        assert path.name in Path(__file__).read_text(encoding="utf-8")
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert not [each for each in cells if each.get("outputs")], path.name
