"""Where the store keeps what.

    originals/<sha256>                                   what was sent
    datasets/<dataset>/month=YYYY-MM/<submission>.parquet   accepted rows
    cubes/<dataset>/month=YYYY-MM/<submission>.parquet      their counts by area, month, category
    faults/<submission>.parquet                          what was returned, and why
    manifests/<submission>.json                          what the submission holds, with hashes

Files are only ever added. Everything is written and synced before the database commits, which is
the one commit point: a file that no committed submission knows is an orphan, and `sweep` removes
it. So a kill at any instant leaves a submission either not there or whole.

Where there is a bucket, every file is also put there before the commit, the manifest last, and the
folder is a copy: what is missing in it is fetched when it is read, and held against its hash.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import polars as pl

from frankpledge.contracts import FAULTS, Limits
from frankpledge.sharing.store.bucket import Bucket, sweep
from frankpledge.sharing.store.disk import (
    changed_at,
    copy_in,
    digest_at,
    digest_of,
    pack,
    pieces_of,
    sync_folder,
)
from frankpledge.sharing.store.trouble import StoreMixing, StoreUnwritable, writing

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_SYNCING = 8  # files synced or put in a bucket at once
_FETCHING = 16  # returns fetched at once


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
    """A folder of files, and the bucket it is a copy of. Several processes may use it at once."""

    def __init__(self, root: Path | str, bucket: Bucket | None = None) -> None:
        self.root, self.bucket = Path(root), bucket

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
                pack(source, opened, limits)
                return self._settle(temporary, opened, f"{source.name}.zip")
        with writing(), self._incoming() as (temporary, opened):
            pieces = pieces_of(source, name, limits) if isinstance(source, Path) else source
            digest = copy_in(pieces, opened, name, limits)
            return self._settle(temporary, opened, name, digest)

    def _place(self, temporary: Path, final: Path) -> None:
        """Move a synced file to where it belongs, so that it is there whole or not at all."""
        if not final.parent.exists():
            final.parent.mkdir(exist_ok=True)
            sync_folder(self.root)
        temporary.replace(final)
        sync_folder(final.parent)

    def original(self, digest: str) -> Path:
        """Where an original is kept."""
        path = self._original(digest)
        self._fetch(path, digest)
        return path

    def _original(self, digest: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise ValueError("A digest is 64 hexadecimal digits.")
        return self.root / "originals" / digest

    def _settle(self, temporary: Path, opened: IO[bytes], name: str, digest: str = "") -> Original:
        opened.flush()
        os.fsync(opened.fileno())
        if not digest:
            opened.seek(0)
            digest = digest_of(opened)
        final, size = self._original(digest), temporary.stat().st_size
        if final.exists():
            os.utime(final)  # so that a sweep sees it is wanted again
        else:
            self._place(temporary, final)
        if self.bucket is not None:
            self.bucket.put(final, self._key(final))
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
                digest = digest_of(opened)
            size = path.stat().st_size
            return {"path": path.relative_to(self.root).as_posix(), "size": size, "sha256": digest}

        paths = sorted(paths)
        above = {each for path in paths for each in path.parents if each.is_relative_to(self.root)}
        with ThreadPoolExecutor(_SYNCING) as pool:  # at once, so that the disk can join them up
            files = list(pool.map(one, paths))
            list(pool.map(sync_folder, sorted(above)))
            if self.bucket is not None:
                list(pool.map(self.bucket.put, paths, map(self._key, paths)))
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
            if self.bucket is not None:
                self.bucket.put(final, self._key(final))

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
        for name in self.bucket.folders("returns") if self.bucket is not None else ():
            if name != but and self._fetch(self.manifest_path(name)):
                return bool(self.manifest(name)["synthetic"])
        return None

    def _key(self, path: Path) -> str:
        """What a file of the folder is called in the bucket."""
        inside = path.relative_to(self.root).as_posix()
        return inside if path.parent.name == "originals" else f"returns/{path.stem}/{inside}"

    def _fetch(self, path: Path, digest: str = "") -> bool:
        """Whether a file is in the folder, now at least. Raises StoreUnwritable."""
        if path.exists() or self.bucket is None:
            return path.exists()
        pieces = self.bucket.pieces(self._key(path))
        if pieces is None:
            return False
        with writing(), self._incoming() as (temporary, opened):
            found = hashlib.sha256()
            for piece in pieces:
                opened.write(piece)
                found.update(piece)
            if digest and found.hexdigest() != digest:
                raise StoreUnwritable(
                    f"{self._key(path)} in the store's bucket {self.bucket.name} was changed. Run "
                    "./run store verify and mend what it names, then try again."
                )
            opened.flush()
            os.fsync(opened.fileno())
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(path)
        return True

    def _fetch_returns(self, wanted: Iterable[tuple[str, Path]]) -> None:
        """Fetch those files of submissions that their manifests name."""
        by_submission: dict[str, set[Path]] = {}
        for submission, path in wanted:
            by_submission.setdefault(submission, set()).add(path)

        def one(submission: str) -> None:
            if self._fetch(self.manifest_path(submission)):
                for each in self.manifest(submission)["files"]:
                    path = self.root / each["path"]
                    if path in by_submission[submission] and ".." not in path.parts:
                        self._fetch(path, each["sha256"])

        with ThreadPoolExecutor(_FETCHING) as pool:
            list(pool.map(one, by_submission))

    def manifest_path(self, submission: str) -> Path:
        return self.root / "manifests" / f"{_plain(submission)}.json"

    def manifest(self, submission: str) -> dict[str, Any]:
        path = self.manifest_path(submission)
        self._fetch(path)
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def faults_path(self, submission: str) -> Path:
        return self.root / "faults" / f"{_plain(submission)}.parquet"

    def faults(self, submission: str) -> pl.DataFrame:
        """Every fault of every returned row of a submission; none where it has no such file."""
        path = self.faults_path(submission)
        if self.bucket is not None and not path.exists():
            self._fetch_returns([(str(submission), path)])
        return pl.read_parquet(path) if path.exists() else pl.DataFrame(schema=FAULTS)

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
            if self.bucket is not None:
                named = ((each, self.files(each)) for each in known)
                self._fetch_returns(
                    (each, self.root / file["path"]) for each, files in named for file in files
                )
            months = (each.name.removeprefix("month=") for each in folder.glob("month=*"))
        chosen = [(month, each) for month in sorted(set(months)) for each in known]
        return self.paths(dataset, chosen, cube=cube)

    def paths(
        self, dataset: str, chosen: Iterable[tuple[str, str]], *, cube: bool = False
    ) -> list[Path]:
        """The files of (month, submission) pairs; a month without accepted rows has none."""
        found = [(each, self.partition(dataset, month, each, cube=cube)) for month, each in chosen]
        if self.bucket is not None:
            self._fetch_returns((each, path) for each, path in found if not path.exists())
        return [path for _, path in found if path.exists()]

    def damage(self, submission: str) -> tuple[str, ...]:
        """Files of a submission that are missing or not as they were written.

        Where there is a bucket: its objects by their address, and copies in the folder by path.
        """
        manifest = self.manifest(submission)
        original = manifest["file"]
        wanted = {f"originals/{original['sha256']}": original["sha256"]}
        wanted |= {each["path"]: each["sha256"] for each in manifest["files"]}
        wrong = [path for path, digest in wanted.items() if digest_at(self.root / path) != digest]
        if self.bucket is None:
            return tuple(wrong)
        keys = [self._key(self.manifest_path(submission))]
        keys += [self._key(self.root / path) for path in wanted]
        digests = [digest_at(self.manifest_path(submission)), *wanted.values()]
        with ThreadPoolExecutor(_SYNCING) as pool:
            found = list(pool.map(self.bucket.digest, keys))
        bad = [key for key, want, is_ in zip(keys, digests, found, strict=True) if is_ != want]
        copies = [path for path in wrong if (self.root / path).exists()]
        return (*(f"{self.bucket}/{key}" for key in bad), *copies)

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
        left = [str(each.relative_to(self.root)) for each in found if each.exists()]
        if self.bucket is not None:
            left += [f"{self.bucket}/{key}" for key in self.bucket.files(f"returns/{name}")]
        return tuple(left)

    def copy_to_bucket(self, submission: str, digest: str) -> bool:
        """Put a submission there that only the folder has; its manifest last, so never by half."""
        manifest = self.manifest_path(submission)
        if self.bucket is None or self._key(manifest) in self.bucket.files(f"returns/{submission}"):
            return False
        paths = [self._original(digest)]
        if manifest.exists():
            paths = [*(self.root / each["path"] for each in self.files(submission)), manifest]
        for path in paths:
            self.bucket.put(path, self._key(path))
        return True

    def forget(self, digest: str) -> None:
        """Remove an original that no submission needs any more."""
        path = self._original(digest)
        path.unlink(missing_ok=True)
        if self.bucket is not None:
            self.bucket.remove(self._key(path))

    def keeps_versions(self, submission: str) -> bool:
        """Whether the bucket would keep an older version of what is removed."""
        key = self._key(self.manifest_path(submission))
        return self.bucket is not None and self.bucket.keeps_versions(key)

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
        if self.bucket is not None:
            self.bucket.remove_folder(f"returns/{name}")

    def sweep(
        self,
        known_submissions: Iterable[str],
        known_digests: Iterable[str],
        *,
        before: datetime | None = None,
        ended: Iterable[str] = (),
    ) -> Swept:
        """Remove orphans: files of no known submission, and originals of no known digest.

        Known are all that the database holds, those under way included. `before` spares files
        changed since, so that an upload that is not yet in the database is left alone. A bucket
        outlives its database: of its returns only those that `ended` go.
        """
        moment = before.timestamp() if before else float("inf")
        known, digests = {str(each) for each in known_submissions}, set(known_digests)
        files = [
            path
            for pattern in ("manifests/*.json", "faults/*.parquet", "*/*/month=*/*.parquet")
            for path in self.root.glob(pattern)
        ]
        orphans = [path for path in files if path.stem not in known and changed_at(path) < moment]
        originals = [
            path
            for path in (self.root / "originals").glob("*")
            if path.name not in digests and changed_at(path) < moment
        ]
        halves = [path for path in (self.root / "incoming").glob("*") if changed_at(path) < moment]
        # Manifests first: what is left of a half-swept submission is then still an orphan.
        for path in [*orphans, *originals, *halves]:
            path.unlink(missing_ok=True)
        gone = {path.stem for path in orphans}
        sent = {path.name for path in originals}
        if self.bucket is not None:
            removed, forgotten = sweep(self.bucket, known, digests, set(ended), before)
            gone, sent = gone | removed, sent | forgotten
        return Swept(tuple(sorted(gone)), tuple(sorted(sent)))


def _plain(name: str) -> str:
    """Names become file names, so only letters, digits, hyphen and underscore pass."""
    if not _PLAIN.fullmatch(str(name)):
        raise ValueError(f"{name!r} cannot be a name in the store.")
    return str(name)
