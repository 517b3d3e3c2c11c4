"""The same expressions on Spark and on DuckDB, over every row of all forces."""

from __future__ import annotations

import pytest

from bench.bench_spark import CLOSE, SPARK, counted, furthest, source

ROWS = 1_294_582

pytestmark = [pytest.mark.data, pytest.mark.slow, pytest.mark.spark]


def test_spark_and_duckdb_give_the_same_figures(data_dir, tmp_path):
    here = counted("duckdb", source(), tmp_path / "duckdb")
    there = counted(SPARK, source(), tmp_path / "spark")
    assert (here["engine"], there["engine"]) == ("duckdb", "pyspark")
    for key in ("rows", "cells", "cube", "by_month"):
        assert here[key] == there[key]
    assert here["rows"] == ROWS == sum(count for _, count in here["by_month"])
    assert len(here["floats"]) == len(here["by_month"])
    assert [row[0] for row in here["floats"]] == [row[0] for row in there["floats"]]
    assert furthest(here["floats"], there["floats"]) < CLOSE
