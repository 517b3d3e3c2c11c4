"""What happens to returns when something breaks: tried, counted and written down.

    python bench/faults.py [--kills 100]

Imports in real processes are killed, starved of disk, cut off from their database, given a clock
that was set back, or begun twice. After each, what the database and the store hold is compared
row by row and hash by hash, and the same file is sent again. Writes docs/reference/faults.md; ends
with 1 where anything was lost, doubled or left half. Needs root (for the small disks) and the
server of PostgreSQL.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "faults.md"
sys.path[:0] = [str(ROOT / "tools"), str(ROOT)]

from throwaway_postgres import throwaway_postgres  # noqa: E402

from tests.kill_points import AFTER, BEFORE, Walk, a_file, walked  # noqa: E402

MONTHS, ROWS, BAD = 6, 40, 1
SEED = 20260122

MAKE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.sharing_world import sharing_world
sharing_world()
"""
# One import that says how it ended; argument 2 sets the clock back by so many hours.
SEND = """
import sys, datetime, django; django.setup()
from django.core.management import call_command
from frankpledge.core import clock
back = datetime.timedelta(hours=float(sys.argv[2]))
true = clock.now
clock.now = lambda: true() - back
print("ready", flush=True)
sys.stdin.readline()
call_command("import", "fires", sys.argv[1], "--from", "fire")
"""
# Two workers on one submission that waits.
WAIT = """
import sys, django; django.setup()
from pathlib import Path
from frankpledge.access.actors import console
from frankpledge.core import clock
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.actions.submissions import receive
from frankpledge.sharing.models import Dataset
sent = receive(actor=console(clock.today()), dataset=Dataset.objects.get(slug="fires"),
    organisation=Organisation.objects.get(slug="fire"), source=Path(sys.argv[1]), now=clock.now())
print(sent.submission.pk)
"""
WORK = """
import sys, django; django.setup()
from frankpledge.sharing.tasks import import_submission
print("ready", flush=True)
sys.stdin.readline()
print(import_submission.func(sys.argv[1]))
"""
STATE = """
import json, django; django.setup()
from django.conf import settings
from frankpledge.access.audit import verify
from frankpledge.sharing.models import Submission, SubmissionMonth
from frankpledge.sharing.store import Store
store = Store(settings.STORE)
rows = list(Submission.objects.all())
print(json.dumps({
    "trail": verify().broken_at is None,
    "submissions": [{
        "name": s.file_name, "state": s.state, "received": s.received, "stored": s.stored,
        "rejected": s.rejected, "months": s.months.count(), "said": s.progress_text,
        "held": sum(s.months.values_list("stored", flat=True)),
        "rows": sum(len(__import__("polars").read_parquet(p)) for p in store.partition_paths(
            "fires", submissions=[str(s.pk)])) if s.state == "stored" else 0,
        "damage": list(store.damage(str(s.pk))) if s.state == "stored" else [],
    } for s in rows],
    "manifests": sorted(p.stem for p in (settings.STORE / "manifests").glob("*.json")),
    "stored": sorted(str(s.pk) for s in rows if s.state == "stored"),
    "current": SubmissionMonth.objects.filter(current=True).count(),
}))
"""


@dataclass
class Home:
    """A home of its own: where it is, which database it uses, and the files sent to it."""

    folder: Path
    database: str = ""
    sent: int = 0

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        if self.database:
            kept["DATABASE_URL"] = self.database
        return kept | {
            "FRANKPLEDGE_HOME": str(self.folder / "home"),
            "PYTHONPATH": path,
            "DJANGO_SETTINGS_MODULE": "frankpledge.config.settings",
            "POLARS_MAX_THREADS": "1",
        }

    @property
    def store(self) -> Path:
        return self.folder / "home" / "store"

    def python(self, code: str, *given: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code, *given], env=self.environment(), cwd=ROOT,
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(done.stderr[-3000:])
        return done.stdout

    def begin(self, code: str, *given: str) -> subprocess.Popen[str]:
        """A process that has loaded everything and waits for a line."""
        begun = subprocess.Popen(
            [sys.executable, "-c", code, *given], env=self.environment(), cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        if begun.stdout.readline().strip() != "ready":
            raise SystemExit(begun.stderr.read()[-3000:])
        return begun

    def file(self, rows: int = ROWS) -> Path:
        """Half a year of files in a folder, with a bad row a month; no two are alike."""
        self.sent += 1
        sent = self.folder / f"file-{self.sent}"
        sent.mkdir()
        for month in range(1, MONTHS + 1):
            lines = [
                f"E07000901,2025-{month:02d},made-up-{row},{self.sent + row},what {row} counts"
                for row in range(rows - BAD)
            ]
            lines.append(f"E07000901,2025-{month:02d},bad,-1,never below nought")
            text = "\n".join(["area_code,month,indicator,count,definition", *lines])
            (sent / f"{month:02d}.csv").write_text(f"{text}\n", encoding="utf-8")
        return sent

    def send(self, path: Path, *, back: float = 0) -> tuple[int, str]:
        """One import to its end: its exit code and what it said."""
        begun = self.begin(SEND, str(path), str(back))
        out, err = begun.communicate("\n", timeout=300)
        return begun.returncode, (out + err).strip()

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.python(STATE).splitlines()[-1])
        return found


def wrong_in(state: dict[str, Any], *, rows: int = ROWS) -> list[str]:
    """Whatever is lost, doubled or half there."""
    found = [] if state["trail"] else ["the audit trail is broken"]
    names = [each["name"] for each in state["submissions"] if each["state"] == "stored"]
    if len(names) != len(set(names)):
        found.append("a file is stored twice")
    if not set(state["stored"]) <= set(state["manifests"]):
        found.append("a stored return has no manifest")
    for each in state["submissions"]:
        good, bad = MONTHS * (rows - BAD), MONTHS * BAD
        if each["state"] == "stored":
            whole = (each["received"], each["rejected"], each["stored"], each["held"], each["rows"])
            if whole != (good + bad, bad, good, good, good) or each["damage"]:
                found.append(f"{each['name']} is not whole: {each}")
        elif each["state"] in ("waiting", "working"):
            if each["received"] or each["months"]:
                found.append(f"{each['name']} is half there: {each}")
        else:
            found.append(f"{each['name']} ended as {each['state']}")
    return found


@dataclass
class Result:
    fault: str
    times: int
    hit: int
    said: str
    wrong: list[str]


def again(home: Home, paths: list[Path], *, rows: int = ROWS) -> list[str]:
    """Every file sent again once all is well: each is stored once, and nothing besides."""
    found = []
    for path in paths:
        code, said = home.send(path)
        if code != 3:  # stored, with rows returned
            found.append(f"{path.name}, sent again, ended with {code}: {said[-300:]}")
    last = home.state()
    found += wrong_in(last, rows=rows)
    names = {each["name"] for each in last["submissions"] if each["state"] == "stored"}
    if missing := {f"{path.name}.zip" for path in paths} - names:
        found.append(f"never stored: {sorted(missing)}")
    if last["manifests"] != last["stored"]:
        found.append("something is left of a return that nobody committed")
    return found


@contextmanager
def a_home(database: str = "") -> Iterator[Home]:
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        home = Home(folder, database)
        home.python(MAKE)
        home.send(home.file())
        yield home
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def killed(times: int) -> Result:
    chance, paths, hit = random.Random(SEED), [], 0
    with a_home() as home:
        began = time.monotonic()
        first = home.begin(SEND, str(home.file()), "0")
        began = time.monotonic()
        first.communicate("\n")
        whole = time.monotonic() - began
        wrong: list[str] = []
        for number in range(times):
            paths.append(home.file())
            begun = home.begin(SEND, str(paths[-1]), "0")
            begun.stdin.write("\n")
            begun.stdin.flush()
            time.sleep(chance.uniform(0, whole * 1.05))
            begun.send_signal(signal.SIGKILL)
            begun.communicate()
            hit += begun.returncode == -signal.SIGKILL
            if number % 10 == 9:
                wrong += wrong_in(home.state())
        wrong += wrong_in(home.state())
        wrong += again(home, paths)
    return Result("kill -9 at a random instant", times, hit, "", wrong)


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    subprocess.run(["mount", *options, str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def full(times: int) -> Result:
    """A disk of 4 MB, filled up to a different point each time; the files are 0.5 MB large."""
    rows, hit, said, wrong, paths = 2000, 0, "", [], []
    chance = random.Random(SEED)
    with a_home() as home:
        shutil.rmtree(home.store)
        home.store.mkdir()
        with mounted(home.store, "-t", "tmpfs", "-o", "size=4m", "tmpfs"):
            home.python(
                "import django; django.setup()\n"
                "from frankpledge.sharing.models import Submission, SubmissionMonth\n"
                "SubmissionMonth.objects.all().delete(); Submission.objects.all().delete()"
            )
            for _ in range(times):
                path = home.file(rows)
                free = shutil.disk_usage(home.store).free
                stuffing = home.store / "stuffing"
                stuffing.write_bytes(b"x" * max(0, free - chance.randrange(0, 700_000)))
                code, told = home.send(path)
                if code == 2:
                    hit += 1
                    said = told
                    paths.append(path)
                wrong += wrong_in(home.state(), rows=rows)
                stuffing.unlink()
                if code not in (2, 3):
                    wrong.append(f"ended with {code}: {told[-300:]}")
                if shutil.disk_usage(home.store).free < 1_500_000:
                    break
            wrong += again(home, paths[:2], rows=rows)
    return Result("disk full", times, hit, said, wrong)


def read_only(times: int) -> Result:
    hit, said, wrong, paths = 0, "", [], []
    with a_home() as home:
        for _ in range(times):
            paths.append(home.file())
            with (
                mounted(home.store, "--bind", str(home.store)),
                mounted_read_only(home.store),
            ):
                code, said = home.send(paths[-1])
                hit += code == 2
                wrong += wrong_in(home.state())
                if code != 2:
                    wrong.append(f"ended with {code}: {said[-300:]}")
        wrong += again(home, paths)
    return Result("store made read-only", times, hit, said, wrong)


@contextmanager
def mounted_read_only(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
    yield


def restarted(times: int) -> Result:
    """PostgreSQL stopped at once and started again at a random instant of an import."""
    chance, hit, said, wrong, paths = random.Random(SEED), 0, "", [], []
    with (
        throwaway_postgres(settings="") as address,
        a_home(address.replace("@/frankpledge?", "@/postgres?")) as home,
    ):
        folder = address.split("host=")[1]
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]

        def restart() -> None:
            subprocess.run(
                ["runuser", "-u", "postgres", "--", str(binaries / "pg_ctl"), "-D",
                 f"{folder}/data", "-m", "immediate", "-w",
                 "-l", f"{folder}/log", "restart"],
                check=True, capture_output=True, cwd="/",
            )  # fmt: skip

        first = home.begin(SEND, str(home.file()), "0")
        began = time.monotonic()
        first.communicate("\n")
        whole = time.monotonic() - began
        for _ in range(times):
            paths.append(home.file())
            begun = home.begin(SEND, str(paths[-1]), "0")
            timer = threading.Timer(chance.uniform(0, whole * 0.7), restart)
            timer.start()
            out, err = begun.communicate("\n", timeout=300)
            timer.join()
            if begun.returncode not in (0, 3):
                hit, said = hit + 1, (out + err).strip().splitlines()[-1]
            wrong += wrong_in(home.state())
        wrong += again(home, paths)
    return Result("database restarted during an import", times, hit, said, wrong)


def set_back(times: int) -> Result:
    """Each file is sent by a clock that says less than the one before."""
    wrong, paths = [], []
    with a_home() as home:
        for number in range(times):
            paths.append(home.file())
            code, said = home.send(paths[-1], back=(number + 1) * 36)
            if code != 3:
                wrong.append(f"ended with {code}: {said[-300:]}")
        wrong += wrong_in(home.state())
        if home.state()["current"] != MONTHS:
            wrong.append("a month counts twice or not at all")
        wrong += again(home, paths)
    return Result("clock set back by days", times, times, "", wrong)


def two_workers(times: int) -> Result:
    hit, wrong, paths, said = 0, [], [], ""
    with a_home() as home:
        for _ in range(times):
            paths.append(home.file())
            key = home.python(WAIT, str(paths[-1])).split()[-1]
            both = [home.begin(WORK, key) for _ in range(2)]
            for each in both:
                each.stdin.write("\n")
                each.stdin.flush()
            told = [each.communicate(timeout=300)[0].strip() for each in both]
            busy = [each for each in told if "being imported already" in each]
            hit += bool(busy)
            said = busy[0] if busy else said
            wrong += wrong_in(home.state())
        wrong += again(home, paths)
    return Result("two workers on one return", times, hit, said, wrong)


def approving(times: int) -> Result:
    """Just before a commit, just after it, or at any instant: while a file is checked, while each
    of two people agrees to it, while it is withdrawn."""
    chance, hit, wrong, number = random.Random(SEED), 0, [], 0
    with a_home() as home, Walk(home.environment()) as walk:
        while hit < times:
            number += 1
            end = "withdraw" if number % 4 == 0 else "county"
            steps = ("work", "partner", end)
            kills = {step: [[BEFORE, AFTER][number % 2], chance.uniform(0, 0.15)] for step in steps}
            struck, found = walked(walk, a_file(home.folder, number), kills, end=end)
            hit, wrong = hit + struck, wrong + found
        walk.do("sweep")
        for each in walk.state()["submissions"].values():
            if bool(each["left"]) != (each["state"] == "stored"):
                wrong.append(f"something is left, or nothing: {each}")
    return Result("kill -9 while people agree to a file or withdraw it", hit, hit, "", wrong)


FAULTS: dict[str, tuple[Callable[[int], Result], int]] = {
    "killed": (killed, 100),
    "full": (full, 20),
    "read-only": (read_only, 5),
    "restarted": (restarted, 20),
    "set-back": (set_back, 10),
    "two-workers": (two_workers, 20),
    "approving": (approving, 30),
}
HEAD = """# When something breaks

Written by `python bench/faults.py`, which breaks real imports in real processes. After each fault
the audit trail, every count and every file's hash are compared; then the same files are sent again.
A return is afterwards whole or not there, and nothing is stored twice.

| What broke | Times | It struck | Lost, doubled or half | What was said |
| --- | ---: | ---: | ---: | --- |
"""


def written() -> dict[str, str]:
    """The lines of the page, by what broke."""
    if not PAGE.is_file():
        return {}
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("| ")][2:]
    return {line.split("|")[1].strip(): line for line in table}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="FAULT", help=f"of {', '.join(FAULTS)}")
    parser.add_argument("--times", type=int, help="instead of the usual number")
    given = parser.parse_args()
    lines, bad = written(), 0
    for name in given.names or FAULTS:
        fault, usual = FAULTS[name]
        result = fault(given.times or usual)
        bad += len(result.wrong)
        said = " ".join(result.said.split())[:300]
        lines[result.fault] = (
            f"| {result.fault} | {result.times} | {result.hit} | {len(result.wrong)} | {said} |"
        )
        print(lines[result.fault], flush=True)
        for each in result.wrong[:5]:
            print("   ", each, flush=True)
        if not given.times:
            PAGE.write_text(HEAD + "\n".join(lines.values()) + "\n", encoding="utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
