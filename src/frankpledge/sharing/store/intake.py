"""One submission from its original to files that wait for the database: read, check, write."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from frankpledge.contracts import (
    FAULTS,
    Checked,
    Checking,
    Choice,
    Contract,
    Limits,
    Notice,
    Part,
    Reference,
    Repaired,
    grouped,
    read,
    skipped,
)
from frankpledge.sharing.store.folder import Original, Store
from frankpledge.sharing.store.trouble import writing

_WAITING = 2  # months held in memory while they are written
_WRITING = 2  # of them at once
_ZSTD = 1


@dataclass(frozen=True)
class MonthOf:
    """One month of a submission."""

    month: str
    received: int
    stored: int
    rejected: int
    vintage: int | None
    incomplete: bool


@dataclass(frozen=True)
class Prepared:
    """A submission whose files are written and synced; it counts once the database says so.

    `received` is `stored` and `rejected` together. The months add up to it, apart from
    returned rows whose month nobody can tell.
    """

    submission: str
    dataset: str
    digest: str
    received: int
    stored: int
    rejected: int
    months: tuple[MonthOf, ...]
    warnings: tuple[Notice, ...]
    repairs: tuple[Repaired, ...]
    synthetic: bool


def prepare(
    store: Store,
    *,
    original: Original,
    submission: str,
    dataset: str,
    organisation: str,
    contract: Contract,
    synthetic: bool,
    now: datetime,
    published: bool = False,
    choice: Choice | None = None,
    reference: Reference | None = None,
    limits: Limits | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Prepared:
    """Everything of a submission written and synced; the caller then commits it to the database.

    A file that was `published` may hold whom to ask besides its table.

    Whatever an earlier, broken attempt of the same submission left is removed first. Raises
    Unreadable, Cancelled, StoreMixing or StoreUnwritable, and then leaves nothing of it behind.
    """
    store.discard(submission)
    store.refuse_mixing(synthetic=synthetic)
    source = store.original(original.digest)
    try:
        with writing(), ThreadPoolExecutor(_WRITING, thread_name_prefix="writing") as pool:
            months = _Months(store, dataset, submission, contract, pool)
            checking = Checking(contract, reference=reference, whole=not published)
            found = _Found()
            for part in read(
                source,
                contract,
                name=original.name,
                choice=choice,
                limits=limits,
                progress=progress,
                cancelled=cancelled,
            ):
                checked = checking.add(part)
                found.add(part, checked)
                months.add(part.month, checked)
            paths = months.finish()
            if stopped := checking.stopped(original.name):
                raise stopped
        with writing():
            paths.append(_write_faults(store, submission, found))
            files = store.synced(paths)
        warnings = checking.close()
        by_month = found.by_month(checking)
        prepared = Prepared(
            submission=submission,
            dataset=dataset,
            digest=original.digest,
            received=found.received,
            stored=found.received - found.rejected,
            rejected=found.rejected,
            months=by_month,
            warnings=warnings,
            repairs=tuple(found.repairs.values()),
            synthetic=synthetic,
        )
        left = skipped(source, contract, name=original.name)
        manifest = _manifest(prepared, original, organisation, contract, found, files, left, now)
        with writing():
            store.commit_manifest(submission, manifest)
    except BaseException:
        store.discard(submission)
        raise
    return prepared


class _Found:
    """Counts and faults of the files seen so far."""

    def __init__(self) -> None:
        self.received = 0
        self.rejected = 0
        self.members: list[dict[str, Any]] = []
        self.faults: list[pl.DataFrame] = []
        self.repairs: dict[tuple[str, str, str], Repaired] = {}
        self._received: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()

    def add(self, part: Part, checked: Checked) -> None:
        self.received += checked.received
        self.rejected += checked.rejected
        self.faults.append(checked.faults)
        for each in grouped([part.table.repairs]):
            key = (each.sheet, each.column, each.what)
            before = self.repairs.get(key)
            if before is not None:
                each = replace(before, count=before.count + each.count)
            self.repairs[key] = each
        counts = {
            "received": checked.received,
            "stored": checked.stored,
            "rejected": checked.rejected,
        }
        self.members.append({"name": part.name, **counts})
        for month, (received, rejected) in checked.months.items():
            self._received[month] += received
            self._rejected[month] += rejected

    def by_month(self, checking: Checking) -> tuple[MonthOf, ...]:
        return tuple(
            MonthOf(
                month=month,
                received=received,
                stored=received - self._rejected[month],
                rejected=self._rejected[month],
                vintage=checking.vintage(month),
                incomplete=checking.is_incomplete(month),
            )
            for month, received in sorted(self._received.items())
            if month
        )


class _Months:
    """Writes each month's rows and cube in a thread, as soon as its files have been read."""

    def __init__(
        self,
        store: Store,
        dataset: str,
        submission: str,
        contract: Contract,
        pool: ThreadPoolExecutor,
    ) -> None:
        self._store = store
        self._place = (dataset, submission)
        self._column = contract.role("month")
        self._pool = pool
        self._rows: dict[str, list[pl.DataFrame]] = {}
        self._cubes: dict[str, list[pl.DataFrame]] = {}
        self._writing: deque[Future[None]] = deque()
        self._paths: set[Path] = set()
        self._passed: set[str] = set()

    def add(self, month: str | None, checked: Checked) -> None:
        if month is not None:
            for done in [each for each in self._rows if each != month]:
                self._flush(done)
        elif checked.stored:
            # A file in order of day is through with a month once a later one begins.
            first = str(checked.rows[self._column].min())
            for done in [each for each in self._rows if each < first and each not in self._passed]:
                self._passed.add(done)
                self._flush(done)
        for held, frame, column in (
            (self._rows, checked.rows, self._column),
            (self._cubes, checked.cube, "month"),
        ):
            for key, rows in _by_month(frame, column):
                held.setdefault(key, []).append(rows)

    def finish(self) -> list[Path]:
        """What was written, once all of it is."""
        for month in list(self._rows):
            self._flush(month)
        while self._writing:
            self._writing.popleft().result()
        return sorted(self._paths)

    def _flush(self, month: str) -> None:
        while len(self._writing) >= _WAITING:
            self._writing.popleft().result()
        rows, cubes = self._rows.pop(month), self._cubes.pop(month)
        self._writing.append(self._pool.submit(self._write, month, rows, cubes))

    def _write(self, month: str, rows: list[pl.DataFrame], cubes: list[pl.DataFrame]) -> None:
        dataset, submission = self._place
        path = self._store.partition(dataset, month, submission)
        cube_path = self._store.partition(dataset, month, submission, cube=True)
        if path.exists():  # its files did not lie together in what was sent
            rows, cubes = [pl.read_parquet(path), *rows], [pl.read_parquet(cube_path), *cubes]
        self._put(path, pl.concat(rows))
        cube = pl.concat(cubes)
        keys = [each for each in cube.columns if each != "count"]
        if len(cubes) > 1:
            cube = cube.group_by(keys).agg(pl.col("count").sum())
        self._put(cube_path, cube.sort(keys))

    def _put(self, path: Path, frame: pl.DataFrame) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(path, compression_level=_ZSTD)
        self._paths.add(path)


def _by_month(frame: pl.DataFrame, column: str) -> list[tuple[str, pl.DataFrame]]:
    months = frame[column].unique()
    if months.len() == 1:
        return [(months[0], frame)]
    split = frame.partition_by(column, as_dict=True, maintain_order=True)
    return [(str(key), rows) for (key,), rows in split.items()]


def _write_faults(store: Store, submission: str, found: _Found) -> Path:
    path = store.faults_path(submission)
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.concat([pl.DataFrame(schema=FAULTS), *found.faults]).write_parquet(path)
    return path


def _manifest(
    prepared: Prepared,
    original: Original,
    organisation: str,
    contract: Contract,
    found: _Found,
    files: list[dict[str, Any]],
    left: tuple[str, ...],
    now: datetime,
) -> dict[str, Any]:
    warnings: tuple[Notice, ...] = prepared.warnings
    return {
        "submission": prepared.submission,
        "dataset": prepared.dataset,
        "contract": contract.key,
        "contract_version": contract.version,
        "organisation": organisation,
        "synthetic": prepared.synthetic,
        "created": now.isoformat(),
        "file": {"name": original.name, "size": original.size, "sha256": original.digest},
        "received": prepared.received,
        "stored": prepared.stored,
        "rejected": prepared.rejected,
        "months": [vars(each) for each in prepared.months],
        "members": found.members,
        "not_read": list(left),
        "warnings": [each.as_dict() for each in warnings],
        "repairs": [
            {"sheet": each.sheet, "column": each.column, "what": each.what, "count": each.count}
            for each in prepared.repairs
        ],
        "files": files,
    }
