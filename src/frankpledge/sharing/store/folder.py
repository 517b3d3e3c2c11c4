"""Where the store keeps what.

    originals/<sha256>                                   what was sent
    datasets/<dataset>/month=YYYY-MM/<submission>.parquet   accepted rows
    cubes/<dataset>/month=YYYY-MM/<submission>.parquet      their counts by area, month, category
    faults/<submission>.parquet                          what was returned, and why
    manifests/<submission>.json                          what the submission holds, with hashes

Files are only ever added. Everything is written and synced before the database commits, which is
the one commit point: a file that no committed submission knows is an orphan, and `sweep` removes
it. So a kill at any instant leaves a submission either not there or whole.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import polars as pl

from frankpledge.contracts import Limits, Unreadable

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_PIECE = 1024 * 1024
_SYNCING = 8  # files synced at once
_PACKED_ON = (1980, 1, 1, 0, 0, 0)  # so that the same folder always packs to the same bytes


class StoreMixing(Exception):
    """Synthetic data was offered to a store of real data, or the other way round."""

    def __init__(self, *, synthetic: bool) -> None:
        held, offered = ("real", "synthetic") if synthetic else ("synthetic", "real")
        super().__init__(
            f"This store holds {held} data and the file is {offered}. The two are never mixed. "
            f"Use another home for {offered} data."
        )


class StoreUnwritable(Exception):
    """The store's disk is full, or nothing can be written to it."""


_REASONS = {
    errno.ENOSPC: "is full. Free some space",
    errno.EDQUOT: "is full. Free some space",
    errno.EFBIG: "takes no file of this size. Raise its limit",
    errno.EROFS: "can only be read. Make it writable",
    errno.EACCES: "may not be written by this program. Give it the right to write",
    errno.EPERM: "may not be written by this program. Give it the right to write",
    errno.EIO: "has a fault. Look after it",
}


@contextmanager
def writing() -> Iterator[None]:
    """Says in words why the disk took no more: raises StoreUnwritable."""
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as problem:
        # Polars gives the number of the fault only in its text.
        told = re.search(r"os error ([0-9]+)", str(problem))
        number = getattr(problem, "errno", None) or (int(told[1]) if told else 0)
        if number not in _REASONS:
            raise
        raise StoreUnwritable(
            f"The folder of the store {_REASONS[number]}, then try again. "
            "What was stored before is safe, and nothing of this file is half there."
        ) from problem


@dataclass(frozen=True)
class Original:
    """A file as it was sent; `digest` is the SHA-256 of its bytes and its name in the store."""

    digest: str
    size: int
    name: str


@dataclass(frozen=True)
class Swept:
    submissions: tuple[str, ...]
    originals: tuple[str, ...]


class Store:
    """A folder of files. Several processes may read and add at once."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    # What was sent

    def keep(
        self, source: Path | Iterable[bytes], *, name: str, limits: Limits | None = None
    ) -> Original:
        """Keep a file, a folder (as a zip of its files) or a stream of pieces, byte for byte.

        The same bytes are kept once. Raises Unreadable for what is over the size limit; a file's
        size is looked at before it is read. Raises StoreUnwritable where the disk takes no more.
        """
        limits = limits or Limits()
        if isinstance(source, Path) and source.is_dir():
            with writing(), self._incoming() as (temporary, opened):
                _pack(source, opened, limits)
                return self._settle(temporary, opened, f"{source.name}.zip")
        with writing(), self._incoming() as (temporary, opened):
            pieces = _pieces(source, name, limits) if isinstance(source, Path) else source
            digest = _copy(pieces, opened, name, limits)
            return self._settle(temporary, opened, name, digest)

    def _place(self, temporary: Path, final: Path) -> None:
        """Move a synced file to where it belongs, so that it is there whole or not at all."""
        if not final.parent.exists():
            final.parent.mkdir(exist_ok=True)
            _sync_folder(self.root)
        temporary.replace(final)
        _sync_folder(final.parent)

    def original(self, digest: str) -> Path:
        """Where an original is kept."""
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise ValueError("A digest is 64 hexadecimal digits.")
        return self.root / "originals" / digest

    def _settle(self, temporary: Path, opened: IO[bytes], name: str, digest: str = "") -> Original:
        opened.flush()
        os.fsync(opened.fileno())
        if not digest:
            opened.seek(0)
            digest = _digest_of(opened)
        final, size = self.original(digest), temporary.stat().st_size
        if final.exists():
            os.utime(final)  # so that a sweep sees it is wanted again
        else:
            self._place(temporary, final)
        return Original(digest, size, name)

    @contextmanager
    def _incoming(self) -> Iterator[tuple[Path, IO[bytes]]]:
        folder = self.root / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        number, path = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(number, "w+b") as opened:
                yield Path(path), opened
        finally:
            Path(path).unlink(missing_ok=True)

    # Writing, used by `prepare`

    def synced(self, paths: Iterable[Path]) -> list[dict[str, Any]]:
        """Sync files and their folders to disk, and say of each its path, size and sha256."""

        def one(path: Path) -> dict[str, Any]:
            with path.open("rb") as opened:
                os.fsync(opened.fileno())
                digest = _digest_of(opened)
            size = path.stat().st_size
            return {"path": path.relative_to(self.root).as_posix(), "size": size, "sha256": digest}

        paths = sorted(paths)
        above = {each for path in paths for each in path.parents if each.is_relative_to(self.root)}
        with ThreadPoolExecutor(_SYNCING) as pool:  # at once, so that the disk can join them up
            files = list(pool.map(one, paths))
            list(pool.map(_sync_folder, sorted(above)))
        return files

    def commit_manifest(self, submission: str, manifest: dict[str, Any]) -> None:
        """The last file of a submission, written once no other kind of data can come between."""
        text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        final = self.manifest_path(submission)
        with self._locked():
            self.refuse_mixing(synthetic=manifest["synthetic"], but=submission)
            with self._incoming() as (temporary, opened):
                opened.write(text)
                opened.flush()
                os.fsync(opened.fileno())
                self._place(temporary, final)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def refuse_mixing(self, *, synthetic: bool, but: str = "") -> None:
        """Raise StoreMixing where the store holds the other kind; one manifest speaks for all."""
        held = self.synthetic(but=but)
        if held is not None and held is not synthetic:
            raise StoreMixing(synthetic=synthetic)

    # Reading

    def synthetic(self, *, but: str = "") -> bool | None:
        """Whether the store holds synthetic data; nothing where it is empty."""
        for path in sorted((self.root / "manifests").glob("*.json")):
            if path.stem != but:
                return bool(json.loads(path.read_text(encoding="utf-8"))["synthetic"])
        return None

    def manifest_path(self, submission: str) -> Path:
        return self.root / "manifests" / f"{_plain(submission)}.json"

    def manifest(self, submission: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            self.manifest_path(submission).read_text(encoding="utf-8")
        )
        return found

    def faults_path(self, submission: str) -> Path:
        return self.root / "faults" / f"{_plain(submission)}.parquet"

    def faults(self, submission: str) -> pl.DataFrame:
        """Every fault of every returned row of a submission."""
        return pl.read_parquet(self.faults_path(submission))

    def partition(self, dataset: str, month: str, submission: str, *, cube: bool = False) -> Path:
        """Where one month of a submission is, or its cube."""
        if not _MONTH.fullmatch(month):
            raise ValueError(f"{month} is not a month.")
        kind = "cubes" if cube else "datasets"
        folder = self.root / kind / _plain(dataset) / f"month={month}"
        return folder / f"{_plain(submission)}.parquet"

    def partition_paths(
        self,
        dataset: str,
        *,
        submissions: Iterable[str],
        months: Iterable[str] | None = None,
        cube: bool = False,
    ) -> list[Path]:
        """The files of submissions, in order of month; of all their months if none are named."""
        known = list(dict.fromkeys(submissions))
        kind = "cubes" if cube else "datasets"
        if months is None:
            folder = self.root / kind / _plain(dataset)
            months = (each.name.removeprefix("month=") for each in folder.glob("month=*"))
        chosen = [(month, each) for month in sorted(set(months)) for each in known]
        return self.paths(dataset, chosen, cube=cube)

    def paths(
        self, dataset: str, chosen: Iterable[tuple[str, str]], *, cube: bool = False
    ) -> list[Path]:
        """The files of (month, submission) pairs; a month without accepted rows has none."""
        found = (self.partition(dataset, month, each, cube=cube) for month, each in chosen)
        return [path for path in found if path.exists()]

    def damage(self, submission: str) -> tuple[str, ...]:
        """Files of a submission that are missing or not as they were written."""
        manifest = self.manifest(submission)
        original = manifest["file"]
        wanted = {f"originals/{original['sha256']}": original["sha256"]}
        wanted |= {each["path"]: each["sha256"] for each in manifest["files"]}
        return tuple(path for path, digest in wanted.items() if _digest(self.root / path) != digest)

    def files(self, submission: str) -> list[dict[str, Any]]:
        """Every file of a submission as it was written: path, size and sha256; its original too."""
        manifest = self.manifest(submission)
        sent = manifest["file"]
        original = {**sent, "path": f"originals/{sent['sha256']}"}
        return [
            {key: each[key] for key in ("path", "size", "sha256")}
            for each in (original, *manifest["files"])
        ]

    def left_of(self, submission: str) -> tuple[str, ...]:
        """Files of a submission that are there, whatever the manifest says."""
        name = _plain(submission)
        found = [self.manifest_path(name), self.faults_path(name)]
        found += self.root.glob(f"*/*/month=*/{name}.parquet")
        return tuple(str(each.relative_to(self.root)) for each in found if each.exists())

    def forget(self, digest: str) -> None:
        """Remove an original that no submission needs any more."""
        self.original(digest).unlink(missing_ok=True)

    # Removing what nobody committed

    def discard(self, submission: str) -> None:
        """Remove the files of a submission that was not committed; its original stays."""
        name = _plain(submission)
        found = [self.manifest_path(name), self.faults_path(name)]
        for kind in ("datasets", "cubes"):
            found += (self.root / kind).glob(f"*/month=*/{name}.parquet")
        with writing():
            for path in found:
                path.unlink(missing_ok=True)

    def sweep(
        self,
        known_submissions: Iterable[str],
        known_digests: Iterable[str],
        *,
        before: datetime | None = None,
    ) -> Swept:
        """Remove orphans: files of no known submission, and originals of no known digest.

        Known are all that the database holds, those under way included. `before` spares files
        changed since, so that an upload that is not yet in the database is left alone.
        """
        moment = before.timestamp() if before else float("inf")
        known, digests = {str(each) for each in known_submissions}, set(known_digests)
        files = [
            path
            for pattern in ("manifests/*.json", "faults/*.parquet", "*/*/month=*/*.parquet")
            for path in self.root.glob(pattern)
        ]
        orphans = [path for path in files if path.stem not in known and _changed(path) < moment]
        originals = [
            path
            for path in (self.root / "originals").glob("*")
            if path.name not in digests and _changed(path) < moment
        ]
        halves = [path for path in (self.root / "incoming").glob("*") if _changed(path) < moment]
        # Manifests first: what is left of a half-swept submission is then still an orphan.
        for path in [*orphans, *originals, *halves]:
            path.unlink(missing_ok=True)
        return Swept(
            tuple(sorted({path.stem for path in orphans})),
            tuple(sorted(path.name for path in originals)),
        )


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _plain(name: str) -> str:
    """Names become file names, so only letters, digits, hyphen and underscore pass."""
    if not _PLAIN.fullmatch(str(name)):
        raise ValueError(f"{name!r} cannot be a name in the store.")
    return str(name)


def _changed(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return float("inf")


def _digest(path: Path) -> str:
    with suppress(FileNotFoundError), path.open("rb") as opened:
        return _digest_of(opened)
    return ""


def _digest_of(opened: IO[bytes]) -> str:
    found = hashlib.sha256()
    while piece := opened.read(_PIECE):
        found.update(piece)
    return found.hexdigest()


def _too_large(name: str, limits: Limits) -> Unreadable:
    most = limits.packed // (1024 * 1024)
    return Unreadable(
        f"{name} is larger than the {most:,} MB that can be taken.",
        "Send it in parts, a few months each.",
        name,
    )


def _pieces(path: Path, name: str, limits: Limits) -> Iterator[bytes]:
    if path.stat().st_size > limits.packed:
        raise _too_large(name, limits)
    with path.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece


def _copy(pieces: Iterable[bytes], opened: IO[bytes], name: str, limits: Limits) -> str:
    """Write the pieces; gives their digest."""
    size, found = 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        if size > limits.packed:
            raise _too_large(name, limits)
        opened.write(piece)
        found.update(piece)
    return found.hexdigest()


def _pack(folder: Path, opened: IO[bytes], limits: Limits) -> None:
    """The files of a folder as they are, in order of name, in a zip that does not compress."""
    paths = [each for each in sorted(folder.rglob("*")) if each.is_file() and not each.is_symlink()]
    if sum(each.stat().st_size for each in paths) > limits.packed:
        raise _too_large(folder.name, limits)
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_STORED) as packed:
        for path in paths:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _PACKED_ON)
            with path.open("rb") as original, packed.open(entry, "w", force_zip64=True) as inside:
                shutil.copyfileobj(original, inside, _PIECE)
