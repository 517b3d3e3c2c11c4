"""A million pseudonymous records linked: ours beside Splink called by hand with the same settings.

Both train, predict and cluster on DuckDB in a process of its own; imports are not timed. Ours also
refuses what is not a digest, and gives each pair its weight field by field. The pairs and the
clusters must be the same before a ratio is taken.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RECORDS, PERSONS, SEED, TARGET = 1_000_000, 760_000, 20_260_122, 1.05
FIELDS = ("given", "family", "birth", "place")
BLOCKS = (("family", "birth"), ("given", "place"))
THRESHOLD = 0.9


def make(path: Path, records: int) -> None:
    """Digests of made-up persons; a record in twelve has one field mistyped, as clerks do."""
    import numpy as np
    import polars as pl

    chance = np.random.default_rng(SEED)
    persons = records * PERSONS // RECORDS
    kinds = {"given": 4_000, "family": 30_000, "birth": 25_000, "place": persons // 3}
    skewed = {"given", "family"}
    values = {
        field: (kinds[field] * chance.random(persons) ** (2.5 if field in skewed else 1)).astype(
            np.int64
        )
        for field in FIELDS
    }
    whose = np.concatenate([np.arange(persons), chance.integers(0, persons, records - persons)])
    chance.shuffle(whose)
    mistyped = chance.integers(0, 12 * len(FIELDS), records)
    columns: dict[str, Any] = {"record": [f"r{number}" for number in range(records)]}
    for place, field in enumerate(FIELDS):
        held = values[field][whose]
        wrong = mistyped == place
        held[wrong] = kinds[field] + chance.integers(0, kinds[field], int(wrong.sum()))
        known = {
            value: hashlib.sha256(f"{field} {value}".encode()).hexdigest()[:32]
            for value in np.unique(held)
        }
        columns[field] = [known[value] for value in held]
    pl.DataFrame(columns).write_parquet(path)


def ours(source: Path) -> tuple[int, int]:
    import polars as pl

    from frankpledge.analysis.linkage import link

    found = link(pl.read_parquet(source), fields=FIELDS, blocks=BLOCKS, threshold=THRESHOLD)
    return found.pairs.height, found.clusters["cluster"].n_unique()


def by_hand(source: Path) -> tuple[int, int]:
    import pyarrow.parquet as pq
    import splink.comparison_library as compare
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    from frankpledge.analysis.linkage import SEED as PAIRS_SEED

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record",
        comparisons=[
            compare.ExactMatch(each).configure(term_frequency_adjustments=True) for each in FIELDS
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKS],
        retain_intermediate_calculation_columns=True,
    )
    api = DuckDBAPI()
    linker = Linker(api.register(pq.read_table(source)), settings, log_level=logging.ERROR)
    exact = " and ".join(f'l."{each}" = r."{each}"' for each in FIELDS)
    linker.training.estimate_probability_two_random_records_match([exact], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=PAIRS_SEED)
    for columns in BLOCKS:
        rule = " and ".join(f'l."{each}" = r."{each}"' for each in columns)
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=0.01)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=THRESHOLD
    )
    pairs, made = predicted.as_pandas_dataframe(), clusters.as_pandas_dataframe()
    return len(pairs), made["cluster_id"].nunique()


JOBS = {"frankpledge": ours, "splink": by_hand}


def apart(job: str, source: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--job", job, "--source", str(source)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(*, rounds: int = 3, records: int = RECORDS) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-linkage-") as folder:
        source = Path(folder) / "records.parquet"
        make(source, records)
        goes: dict[str, list[dict[str, Any]]] = {job: [] for job in JOBS}
        for _ in range(rounds):
            for job in JOBS:
                goes[job].append(apart(job, source))
    answers = {(each["pairs"], each["clusters"]) for went in goes.values() for each in went}
    if len(answers) != 1:
        raise SystemExit(f"The two do not agree: {goes}")
    [(pairs, clusters)] = answers
    seconds = {job: statistics.median(each["seconds"] for each in goes[job]) for job in JOBS}
    times = seconds["frankpledge"] / seconds["splink"]
    return {
        "name": "linkage",
        "rounds": rounds,
        "records": records,
        "pairs": pairs,
        "clusters": clusters,
        "frankpledge": {"seconds": round(seconds["frankpledge"], 1)},
        "splink by hand": {"seconds": round(seconds["splink"], 1)},
        "target, times the peer's seconds at most": TARGET,
        "times the peer's seconds": round(times, 2),
        "passed": times <= TARGET,
        "machine": f"{platform.platform()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("splink", "duckdb", "polars")}
        | {"python": platform.python_version()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="One job, for `run`.")
    parser.add_argument("--job", choices=JOBS, required=True)
    parser.add_argument("--source", type=Path, required=True)
    asked = parser.parse_args()
    import splink  # noqa: F401

    import frankpledge.analysis.linkage  # noqa: F401

    start = time.perf_counter()
    pairs, clusters = JOBS[asked.job](asked.source)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "pairs": pairs, "clusters": clusters}))


if __name__ == "__main__":
    main()
