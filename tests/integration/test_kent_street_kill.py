"""A kill at any instant of an import leaves the submission either not there or whole."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from frankpledge.sharing.store import Store

pytestmark = [pytest.mark.data, pytest.mark.slow]
INSTANTS = 20

# Imports, then "commits" by one synced line, as the database would. It says when it is ready so
# that a kill falls into the import and not into the start of the process.
SCRIPT = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from frankpledge.contracts import shipped
from frankpledge.sharing.store import Store, prepare
root, source, committed = map(Path, sys.argv[1:4])
store = Store(root)
for line in sys.stdin:
    submission = line.strip()
    print("ready", flush=True)
    kept = store.keep(source, name=source.name)
    prepare(store, original=kept, submission=submission, dataset="police-street",
            organisation="police", contract=shipped()["police-street"], synthetic=False,
            now=datetime(2026, 1, 5, tzinfo=UTC))
    with committed.open("a") as log:
        log.write(submission + "\\n")
        log.flush()
        os.fsync(log.fileno())
    print("done", flush=True)
"""


class Importer:
    def __init__(self, root: Path, source: Path, committed: Path) -> None:
        src = Path(__file__).parents[2] / "src"
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(root), str(source), str(committed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(src)},
        )

    def start(self, submission: str) -> None:
        self.process.stdin.write(submission + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ready\n"

    def finish(self) -> None:
        assert self.process.stdout.readline() == "done\n"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def test_twenty_kills(data_dir: Path, tmp_path: Path):
    source = data_dir / "police" / "kent-street-2024-01_2024-04.zip"
    root, committed = tmp_path / "store", tmp_path / "committed"
    committed.touch()
    rng = random.Random(7)
    importer = Importer(root, source, committed)
    began = time.perf_counter()
    importer.start("whole")
    importer.finish()
    lasts = time.perf_counter() - began
    began = time.perf_counter()
    importer.start("again")
    importer.finish()
    lasts = min(lasts, time.perf_counter() - began)
    unfinished = 0
    for number in range(INSTANTS):
        importer.start(f"killed-{number}")
        time.sleep(rng.uniform(0, lasts * 1.05))
        importer.kill()
        store = Store(root)
        known = committed.read_text().split()
        unfinished += f"killed-{number}" not in known
        store.sweep(known, {store.manifest(each)["file"]["sha256"] for each in known})
        assert {path.stem for path in (root / "manifests").iterdir()} == set(known)
        for submission in known[:1] + known[-1:]:
            assert store.damage(submission) == ()
            assert store.manifest(submission)["stored"] == 60_021
        assert {path.stem for path in root.glob("*/*/month=*/*.parquet")} == set(known)
        assert list((root / "incoming").iterdir()) == []
        importer = Importer(root, source, committed)
    assert unfinished > INSTANTS / 3
    importer.start("last")
    importer.finish()
    importer.kill()
    assert Store(root).damage("last") == ()
