"""An import killed at any instant is afterwards absent or complete, and the next one succeeds."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.kill_points import AFTER, BEFORE, STEPS, Walk, a_file, walked

ROOT = Path(__file__).resolve().parents[2]
KILLS = 20
MONTHS = 6
ROWS_A_MONTH = 40

_WORLD = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "frankpledge.config.settings"
django.setup()
from tests.sharing_world import sharing_world
sharing_world()
"""
# Forks once the slow part (loading) is done, and imports file after file, each in a child.
_IMPORTER = """
import io, os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "frankpledge.config.settings"
django.setup()
from importlib import import_module
from django.core.management import call_command
from django.db import connections
import_module("frankpledge.sharing.management.commands.import")
connections.close_all()
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        code = 0
        try:
            call_command("import", "fires", line.strip(), "--from", "fire", stdout=io.StringIO())
        except SystemExit as ended:
            code = ended.code or 0
        finally:
            os._exit(code)
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    print(status, flush=True)
"""
_STATE = """
import os, json, django
os.environ["DJANGO_SETTINGS_MODULE"] = "frankpledge.config.settings"
django.setup()
from django.conf import settings
from frankpledge.access.audit import verify
from frankpledge.sharing.models import Submission
from frankpledge.sharing.store import Store
store = Store(settings.STORE)
print(json.dumps({
    "trail": verify().broken_at,
    "submissions": [
        {
            "name": each.file_name, "state": each.state, "received": each.received,
            "stored": each.stored, "rejected": each.rejected, "months": each.months.count(),
            "held": sum(each.months.values_list("stored", flat=True)),
            "damage": list(store.damage(str(each.pk))) if each.state == "stored" else [],
        }
        for each in Submission.objects.all()
    ],
    "manifests": sorted(p.stem for p in (settings.STORE / "manifests").glob("*.json")),
    "stored": sorted(str(pk) for pk in Submission.objects.filter(state="stored")
                     .values_list("pk", flat=True)),
}))
"""


def _python(home: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=_environment(home),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def _environment(home: Path) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return {**kept, "FRANKPLEDGE_HOME": str(home), "PYTHONPATH": path, "POLARS_MAX_THREADS": "1"}


def _file(folder: Path, number: int) -> Path:
    """A folder of half a year's files, different for each number, with one bad row a month."""
    sent = folder / f"file-{number}"
    sent.mkdir()
    for month in range(1, MONTHS + 1):
        rows = [
            f"E07000901,2025-{month:02d},made-up-{row},{number + row},what {row} counts"
            for row in range(ROWS_A_MONTH - 1)
        ]
        rows.append(f"E07000901,2025-{month:02d},bad,-1,never below nought")
        text = "\n".join(["area_code,month,indicator,count,definition", *rows])
        (sent / f"{month:02d}.csv").write_text(f"{text}\n", encoding="utf-8")
    return sent


def _import(
    importer: subprocess.Popen[str], path: Path, kill_after: float | None
) -> tuple[int, float]:
    """The status of one import, killed after so many seconds, and how long it took."""
    began = time.monotonic()
    importer.stdin.write(f"{path}\n")
    importer.stdin.flush()
    child = int(importer.stdout.readline())
    if kill_after is not None:
        time.sleep(max(0.0, kill_after - (time.monotonic() - began)))
        with suppress(ProcessLookupError):  # it was done already
            os.kill(child, signal.SIGKILL)
    while not (said := importer.stdout.readline().strip()).isdigit():
        assert said or importer.poll() is None, "the importer ended"
    return int(said), time.monotonic() - began


@pytest.mark.slow
def test_twenty_kills_leave_each_import_absent_or_complete(tmp_path, migrated):
    home = tmp_path / "home"
    migrated(home)
    _python(home, _WORLD)
    importer = subprocess.Popen(
        [sys.executable, "-c", _IMPORTER],
        env=_environment(home),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        _import(importer, _file(tmp_path, 0), None)  # the first one also waits for the loading
        _, whole = _import(importer, _file(tmp_path, KILLS + 1), None)
        chance = random.Random(20260122)
        instants = [chance.uniform(0, whole * 1.1) for _ in range(KILLS)]
        killed = 0
        for number, instant in enumerate(instants, start=1):
            status, _ = _import(importer, _file(tmp_path, number), instant)
            killed += status == signal.SIGKILL
        assert killed >= KILLS // 4, f"only {killed} of {KILLS} were killed before they ended"
        after = json.loads(_python(home, _STATE))
        _each_is_absent_or_complete(after)
        for number in range(KILLS + 2):
            status, _ = _import(importer, tmp_path / f"file-{number}", None)
            assert os.waitstatus_to_exitcode(status) == 3  # stored, with rows returned
    finally:
        importer.stdin.close()
        importer.wait(timeout=60)
    last = json.loads(_python(home, _STATE))
    _each_is_absent_or_complete(last)
    assert {each["name"] for each in last["submissions"] if each["state"] == "stored"} == {
        f"file-{number}.zip" for number in range(KILLS + 2)
    }
    assert last["manifests"] == last["stored"]


def _each_is_absent_or_complete(state: dict) -> None:
    assert state["trail"] is None, "the audit trail is broken"
    for each in state["submissions"]:
        if each["state"] == "stored":
            assert each["received"] == MONTHS * ROWS_A_MONTH
            assert each["stored"] == each["held"] == MONTHS * (ROWS_A_MONTH - 1)
            assert each["rejected"] == each["months"] == MONTHS
            assert not each["damage"], each["damage"]
        else:
            assert each["state"] in {"waiting", "working"}
            assert each["received"] == each["months"] == 0


@pytest.mark.slow
def test_kills_at_an_approval_leave_it_given_or_not(tmp_path, migrated):
    home = tmp_path / "home"
    migrated(home)
    environment = {
        **_environment(home),
        "DJANGO_SETTINGS_MODULE": "frankpledge.config.settings",
    }
    both: list[str | float] = [BEFORE, AFTER]
    with Walk(environment) as walk:
        struck, wrong = walked(walk, a_file(tmp_path, 1), dict.fromkeys(STEPS, both))
        assert (struck, wrong) == (2 * len(STEPS), [])
        withdrawn = {"partner": both, "withdraw": both}
        struck, wrong = walked(walk, a_file(tmp_path, 2), withdrawn, end="withdraw")
        assert (struck, wrong) == (4, [])
        walk.do("sweep")
        last = walk.state()["submissions"].values()
    for each in last:
        kept = each["state"] == "stored"
        assert (bool(each["left"]), each["original"]) == (kept, kept)
