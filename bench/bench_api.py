"""Fifty partners at once send 20,000 rows each to a site on PostgreSQL: none lost, none doubled.

Each partner sends a file of its own by the API and half of them send it twice at once, as a machine
does that heard no answer. Then every row is counted in the database and in the store. There is no
peer: what is measured is that nothing is lost, and how fast.
"""

from __future__ import annotations

import io
import json
import platform
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench"), str(ROOT / "tools")]

import requests  # noqa: E402
from serving import Served, served  # noqa: E402
from throwaway_postgres import throwaway_postgres  # noqa: E402

from tests.street_files import HEADERS, row  # noqa: E402

PARTNERS, ROWS = 50, 20_000
TARGET = 2_000  # rows a second from the first byte sent to the last row stored
PATIENCE = 900.0
_COUNT = """
import django, json; django.setup()
from django.conf import settings
from frankpledge.sharing.models import Submission
from frankpledge.sharing.store import Store
import polars as pl
store, said = Store(settings.STORE), []
for each in Submission.objects.select_related("organisation", "dataset"):
    months = [f"{m.month:%Y-%m}" for m in each.months.all()]
    paths = store.partition_paths(each.dataset.slug, submissions=[str(each.pk)], months=months)
    rows = sum(pl.scan_parquet(p).select(pl.len()).collect().item() for p in paths)
    said.append([each.organisation.slug, each.state, each.received, each.stored, rows])
print(json.dumps(said))
"""


def file_of(partner: int) -> bytes:
    """A month of street crime of one partner; no two partners share a row."""
    made = io.StringIO()
    made.write(",".join(HEADERS) + "\n")
    for number in range(ROWS):
        each = row(partner * ROWS + number, LSOA_code="E01090901", LSOA_name="Ash 001A")
        made.write(",".join(each[name] for name in HEADERS) + "\n")
    return made.getvalue().encode()


def send(site: Served, partner: int, body: bytes) -> tuple[float, int]:
    begun = time.perf_counter()
    answer = requests.post(
        f"{site.url}/api/v1/datasets/street/files",
        params={"file_name": "2025-01-barset-street.csv"},
        headers={
            "Authorization": f"Bearer {site.keys[partner]['token']}",
            "Idempotency-Key": "street-2025-01",
            "Content-Type": "application/octet-stream",
        },
        data=body,
        timeout=PATIENCE,
    )
    return time.perf_counter() - begun, answer.status_code


def waits(site: Served) -> None:
    """Until every partner's own result is there, asked as a partner asks."""
    until = time.monotonic() + PATIENCE
    left = {each["token"] for each in site.keys}
    while left and time.monotonic() < until:
        for token in sorted(left):
            answer = requests.get(
                f"{site.url}/api/v1/submissions",
                headers={"Authorization": f"Bearer {token}"},
                timeout=60,
            ).json()
            states = [each["state"] for each in answer["items"]]
            if states and all(each not in {"waiting", "working"} for each in states):
                left.discard(token)
            else:
                break
        time.sleep(0.5)


def run() -> dict[str, Any]:
    bodies = [file_of(partner) for partner in range(PARTNERS)]
    twice = [partner for partner in range(PARTNERS) if partner % 2]
    asked = [*range(PARTNERS), *twice]
    with throwaway_postgres() as database, served(partners=PARTNERS, database=database) as site:
        begun = time.perf_counter()
        with ThreadPoolExecutor(len(asked)) as pool:
            answers = list(pool.map(lambda each: send(site, each, bodies[each]), asked))
        taken = time.perf_counter() - begun
        waits(site)
        stored = time.perf_counter() - begun
        memory = site.processes()
        done = subprocess.run(
            [sys.executable, "-c", _COUNT], env=site.environment, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        found = json.loads(done.stdout.splitlines()[-1])
    rows = sum(each[4] for each in found)
    whole = [each for each in found if each[1:] == ["stored", ROWS, ROWS, ROWS]]
    senders = {each[0] for each in whole}
    wanted = PARTNERS * ROWS
    speed = wanted / stored
    return {
        "name": "api",
        "partners": PARTNERS,
        "files sent, repeats included": len(asked),
        "rows sent once": f"{wanted:,}",
        "rows stored": f"{rows:,}",
        "rows lost": f"{max(0, wanted - rows):,}",
        "rows doubled": f"{max(0, rows - wanted):,}",
        "answers": ", ".join(
            f"{count} × {status}"
            for status, count in sorted(Counter(status for _, status in answers).items())
        ),
        "seconds until all were taken in": round(taken, 1),
        "seconds until all were stored": round(stored, 1),
        "rows a second taken in": f"{wanted / taken:,.0f}",
        "rows a second stored": f"{speed:,.0f}",
        "slowest answer in seconds": round(max(each[0] for each in answers), 1),
        "most memory of a process in MB": max(memory.values()),
        "target rows a second stored": f"{TARGET:,}",
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "versions": {name: version(name) for name in ("django", "gunicorn", "polars", "psycopg")},
        "passed": rows == wanted
        and len(found) == len(whole) == len(senders) == PARTNERS
        and speed >= TARGET
        and all(status in {200, 202} for _, status in answers),
    }
