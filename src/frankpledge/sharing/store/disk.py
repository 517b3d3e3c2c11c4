"""Bytes on their way to a disk: pieces, packing, hashes, syncing."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from frankpledge.contracts import Limits, Unreadable

_PIECE = 1024 * 1024
_PACKED_ON = (1980, 1, 1, 0, 0, 0)  # so that the same folder always packs to the same bytes


def sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def changed_at(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return float("inf")


def digest_at(path: Path) -> str:
    with suppress(FileNotFoundError), path.open("rb") as opened:
        return digest_of(opened)
    return ""


def digest_of(opened: IO[bytes]) -> str:
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


def pieces_of(path: Path, name: str, limits: Limits) -> Iterator[bytes]:
    if path.stat().st_size > limits.packed:
        raise _too_large(name, limits)
    with path.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece


def copy_in(pieces: Iterable[bytes], opened: IO[bytes], name: str, limits: Limits) -> str:
    """Write the pieces; gives their digest."""
    size, found = 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        if size > limits.packed:
            raise _too_large(name, limits)
        opened.write(piece)
        found.update(piece)
    return found.hexdigest()


def pack(folder: Path, opened: IO[bytes], limits: Limits) -> None:
    """The files of a folder as they are, in order of name, in a zip that does not compress."""
    paths = [each for each in sorted(folder.rglob("*")) if each.is_file() and not each.is_symlink()]
    if sum(each.stat().st_size for each in paths) > limits.packed:
        raise _too_large(folder.name, limits)
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_STORED) as packed:
        for path in paths:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _PACKED_ON)
            with path.open("rb") as original, packed.open(entry, "w", force_zip64=True) as inside:
                shutil.copyfileobj(original, inside, _PIECE)
