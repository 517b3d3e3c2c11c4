"""The engine that touches rows: Ibis on DuckDB, chosen by a URL.

Expressions are written once, in `cubes`; DuckDB runs them in this process, Spark where the extra is
installed. One in-memory DuckDB is shared by the process; each thread works on a cursor of its own.
Ibis is imported where it is used: a process that asks nothing need not wait a second for it.
"""

import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_lock = threading.Lock()
_shared: dict[int, Any] = {}
_sparks: dict[str, Any] = {}
_mine = threading.local()


class EngineUnavailable(RuntimeError):
    """The engine's URL is unknown, or its part is not installed; the message says what to do."""


def connect(url: str = "duckdb") -> Any:
    """An Ibis backend for this thread: `duckdb`, or `spark://` and where Spark runs.

    That is `spark://host:port` for a cluster, `spark://local` for this machine, or a master of
    Spark's own such as `spark://local-cluster[2,1,1024]`. The store's files must be there under the
    same path.

    Safe to call often: a thread gets the same one again. Raises EngineUnavailable.
    """
    scheme, _, where = url.partition("://")
    if scheme == "duckdb":
        if where:
            raise EngineUnavailable("The DuckDB engine takes no address: write “duckdb”.")
        return _duckdb()
    if scheme == "spark":
        return _spark(where)
    raise EngineUnavailable(f"No engine “{url}”: write “duckdb”, or “spark://” and a host.")


def _duckdb() -> Any:
    import ibis

    # A forked worker must not use its parent's DuckDB, so both places know the process.
    process = os.getpid()
    found = getattr(_mine, "backends", {}).get(process)
    if found is None:
        with _lock:
            if process not in _shared:
                _shared.clear()
                _shared[process] = ibis.duckdb.connect()
            found = ibis.duckdb.from_connection(_shared[process].con.cursor())
        _mine.backends = {process: found}
    return found


def _spark(where: str) -> Any:
    import ibis

    try:
        from pyspark.sql import SparkSession  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise EngineUnavailable(
            "The Spark engine is not installed. Install requirements-spark.lock, "
            "or set the engine to “duckdb”."
        ) from error
    master = "local[*]" if where in ("", "local") else where
    if not master.startswith("local"):
        master = f"spark://{where}"
    settings: dict[str, bool | float | int | str | None] = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        # Cubes are small; Spark's two hundred pieces would cost seconds for nothing.
        "spark.sql.shuffle.partitions": "8",
    }
    with _lock:
        if not (found := _sparks.get(where)):
            builder = (
                SparkSession.builder.master(master).appName("frankpledge").config(map=settings)
            )
            found = _sparks[where] = ibis.pyspark.connect(builder.getOrCreate())
    return found


def warm(url: str = "duckdb") -> None:
    """Runs a small query, so that the first reader does not wait for imports and compilation."""
    import ibis

    table = ibis.memtable({"month": ["2025-01"], "count": [1]})
    query = table.group_by("month").agg(count=table["count"].sum())
    connect(url).to_pyarrow(query)


def read_parquet(backend: Any, paths: Sequence[str | Path]) -> Any:
    """The Parquet files, one after the other, as an Ibis table; columns are matched by name.

    Raises ValueError without a path, FileNotFoundError for one that is not there.
    """
    if not paths:
        raise ValueError("There is no file to read.")
    for path in paths:
        if not Path(path).is_file():
            raise FileNotFoundError(f"There is no file {path}")
    files = [str(path) for path in paths]
    # The same files take the same name, so that a long-lived process does not pile up views.
    name = "files_" + hashlib.sha256("\0".join(files).encode()).hexdigest()[:24]
    if backend.name != "duckdb":
        # A folder month=2025-01 is no column: the files have their own.
        options = {"recursiveFileLookup": "true", "mergeSchema": "true"}
        read = backend._session.read.options(**options).parquet(*files)
        read.createOrReplaceTempView(name)
        return backend.table(name)
    return backend.read_parquet(files, table_name=name, union_by_name=True)
