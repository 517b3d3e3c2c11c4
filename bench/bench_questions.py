"""Five hundred questions to the explorer over every Kent row: whole pages, cold process then warm.

No peer answers whole questions, so the target is a time. The files of rows are put out of reach
before the first question: an answer that read one would fail. Each question is one request of the
analyst's, from address to page, with its sentence, chart, map, table and choices. They are drawn
at random over place, period, breakdown, kind and chart; a question that is refused in words counts
too. Warm is a second time through, in the same process.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench_ask import ROOT, home

QUESTIONS, SEED, TARGET_MS = 500, 20_260_122, 200


def addresses(count: int) -> list[str]:
    """Addresses that a reader could reach by the page's own links."""
    from frankpledge.analysis.months import shifted
    from frankpledge.evidence.queries.places import places
    from frankpledge.evidence.queries.sources import labels
    from frankpledge.evidence.rules import BREAKDOWNS, Question
    from frankpledge.sharing.models import Dataset

    chance = random.Random(SEED)
    codes = ["", *places().districts]
    kinds = ["", *labels(Dataset.objects.get(slug="police-street"))]
    made = []
    for _ in range(count):
        last = shifted("2022-12", chance.randrange(37))
        question = Question(
            "police-street",
            shifted(last, -chance.choice([0, 2, 11, 23])),
            last,
            area=chance.choice(codes) if chance.random() < 0.7 else "",
            by=chance.choice(list(BREAKDOWNS)),
            category=chance.choice(kinds) if chance.random() < 0.5 else "",
        )
        made.append(question.with_(chart=chance.choice(list(question.charts))).address())
    return made


def asked() -> dict[str, Any]:
    """In a process of its own: the first question, all of them, and all of them again."""
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.post(reverse("see-as", args=["analyst"]))
    every = addresses(QUESTIONS)
    url = reverse("explorer")
    rounds, refused = [], 0
    for turn in range(2):
        took = []
        for address in every:
            start = time.perf_counter()
            answer = client.get(f"{url}?{address}")
            took.append((time.perf_counter() - start) * 1000)
            if answer.status_code not in (200, 422):
                raise SystemExit(f"{address}: {answer.status_code}")
            refused += turn and answer.status_code == 422
        rounds.append(took)
    return {"cold": rounds[0], "warm": rounds[1], "refused": refused}


def hide_the_rows(folder: str) -> int:
    """The rows out of reach, the cubes in place; gives how many files of rows there were."""
    rows = Path(folder) / "store" / "datasets"
    count = len(list(rows.rglob("*.parquet")))
    rows.rename(rows.with_name("out-of-reach"))
    return count


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-questions-") as folder:
        home(folder)
        files = hide_the_rows(folder)
        done = subprocess.run(
            [sys.executable, __file__, "--ask"],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "FRANKPLEDGE_HOME": folder},
        )
    found = json.loads(done.stdout.splitlines()[-1])
    cold, warm = found["cold"], sorted(found["warm"])
    p95 = warm[int(len(warm) * 0.95)]
    return {
        "name": "questions",
        "questions": len(warm),
        "of them refused in words": found["refused"],
        "files of rows out of reach": files,
        "cold milliseconds": {
            "first": round(cold[0]),
            "middle": round(sorted(cold)[len(cold) // 2]),
            "95 of 100": round(sorted(cold)[int(len(cold) * 0.95)]),
        },
        "warm milliseconds": {
            "middle": round(warm[len(warm) // 2]),
            "95 of 100": round(p95),
            "longest": round(warm[-1]),
        },
        "target, warm milliseconds of 95 of 100": TARGET_MS,
        "passed": p95 < TARGET_MS,
        "machine": f"{platform.platform()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("duckdb", "django", "numpy")}
        | {"python": platform.python_version()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="The questions, for `run`.")
    parser.add_argument("--ask", action="store_true", required=True)
    parser.parse_args()
    print(json.dumps(asked()))


if __name__ == "__main__":
    main()
