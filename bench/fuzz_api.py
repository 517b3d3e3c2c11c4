"""Mutated requests to a served site: an answer every time, never a broken one.

    python bench/fuzz_api.py [--count 5000] [--seed 1]

Makes them from the site's own OpenAPI document by schemathesis. Reports the answers by status, the
slowest and the most memory. Ends with 1 where an answer was 500 or worse, took more than 10
seconds, or memory passed 1 GB.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT), str(ROOT / "bench")]

import requests  # noqa: E402
from serving import served  # noqa: E402

from tests.api_fuzz import MODES, fuzz, operations  # noqa: E402
from tests.street_files import csv_of, row  # noqa: E402

SLOWEST, MOST = 10.0, 1024
V1 = "/api/v1"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    statuses: Counter[int] = Counter()
    broken: list[str] = []
    slowest = 0.0
    with served(partners=1) as site, requests.Session() as session:
        token = site.keys[0]["token"]
        own = {"Authorization": f"Bearer {token}", "Idempotency-Key": "first"}
        document = session.get(f"{site.url}{V1}/openapi.json").json()
        sent = session.post(
            f"{site.url}{V1}/datasets/street/files",
            params={"file_name": "2025-01-barset-street.csv"},
            headers={**own, "Content-Type": "application/octet-stream"},
            data=csv_of(row(1, LSOA_code="E01090901"), row(2, Month="never")),
        ).json()["id"]
        announced = {"dataset": "street", "file_name": "a.csv", "size": 100, "sha256": "0" * 64}
        upload = session.post(f"{site.url}{V1}/uploads", headers=own, json=announced).json()
        there = {"dataset": "street", "submission": sent, "upload": upload.get("id", sent)}

        def known(path: str) -> dict[str, str]:
            return {name: value for name, value in there.items() if f"{{{name}}}" in path}

        def ask(asked: requests.PreparedRequest) -> None:
            nonlocal slowest
            if sum(statuses.values()) >= chosen.count:
                return
            try:
                answer = session.send(asked, timeout=60, allow_redirects=False)
            except (requests.RequestException, ValueError) as problem:
                statuses[0] += 1  # nothing HTTP would carry, or the server closed on it
                if not isinstance(problem, (ValueError, requests.ConnectionError)):
                    broken.append(f"{asked.method} {asked.url}: {problem}")
                return
            statuses[answer.status_code] += 1
            slowest = max(slowest, answer.elapsed.total_seconds())
            if answer.status_code >= 500:
                broken.append(f"{asked.method} {asked.url}: {answer.status_code}")

        made = len(list(operations(document))) * len(MODES)
        seed = chosen.seed
        while sum(statuses.values()) < chosen.count:
            each = -(-chosen.count // made)
            fuzz(document, base=site.url, token=token, known=known, each=each, seed=seed, ask=ask)
            seed += 1
        memory = site.processes()
    found = {
        "requests": sum(statuses.values()),
        "answers": {str(k or "not carried"): v for k, v in sorted(statuses.items())},
        "broken": len(broken),
        "slowest seconds": round(slowest, 2),
        "most memory of a process in MB": max(memory.values()),
    }
    print(json.dumps(found, indent=1))
    for each in broken[:20]:
        print(each)
    return 1 if broken or slowest > SLOWEST or max(memory.values()) > MOST else 0


if __name__ == "__main__":
    sys.exit(main())
