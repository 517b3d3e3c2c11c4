import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from frankpledge.analysis.dense import dense_counts


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"month": [0, 1, 1], "area": [2, 0, 2], "name": ["a", "b", "c"]}), path)
    return path


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "at least one key"),
        ({"month": 0}, "1 or more"),
        ({"month": 10**6, "area": 10**6}, "too many"),
        ({"ward": 3}, "no column ward"),
        ({"name": 3}, "whole numbers"),
    ],
)
def test_what_is_refused(rows, keys, said):
    with pytest.raises(ValueError, match=said):
        dense_counts([rows], keys=keys)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        dense_counts([tmp_path / "none.parquet"], keys={"month": 2})


def test_no_files_and_no_rows_are_zeros(tmp_path):
    assert dense_counts([], keys={"month": 2}).counts.tolist() == [0, 0]
    path = tmp_path / "empty.parquet"
    pq.write_table(pa.table({"month": pa.array([], pa.int8())}), path)
    assert dense_counts([path], keys={"month": 2}).counts.tolist() == [0, 0]


@pytest.mark.parametrize("threads", [0, 1, 2, 9])
def test_files_are_added_up_whatever_the_threads(rows, threads):
    found = dense_counts([rows] * 3, keys={"area": 3, "month": 2}, threads=threads)
    assert found.keys == ("area", "month")
    assert found.counts.tolist() == [[0, 3], [0, 0], [3, 3]]


def test_without_the_extra_numpy_answers(rows, monkeypatch):
    monkeypatch.setitem(sys.modules, "frankpledge.analysis.dense_fast", None)
    assert dense_counts([rows], keys={"area": 2}).counts.tolist() == [1, 0]
    with pytest.raises(ImportError):
        dense_counts([rows], keys={"area": 2}, engine="numba")
