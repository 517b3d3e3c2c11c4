"""Files that somebody puts into a folder of this machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from frankpledge.sharing.fetching.asked import Asked, CannotFetch, Fetched

_SETTLED = 60  # seconds since a file was last written to
_PIECE = 1024 * 1024
_UNFINISHED = (".part", ".tmp", ".partial", ".crdownload", ".filepart")


def folder_of(asked: Asked) -> Path:
    """The folder as it really is. Raises CannotFetch where it lies elsewhere."""
    if asked.folder is None:
        raise CannotFetch(
            "No folder may be watched. An administrator names one in FRANKPLEDGE_FEED_FOLDER."
        )
    root = asked.folder.resolve()
    path = (root / asked.place.strip()).resolve()
    if path != root and root not in path.parents:
        raise CannotFetch("The folder lies outside FRANKPLEDGE_FEED_FOLDER. Choose one below it.")
    if not path.is_dir():
        raise CannotFetch("The folder is not there. Make it, or mend its name.")
    return path


def fetch(asked: Asked) -> Iterator[Fetched]:
    """What is new or has changed, oldest first; what is still being written waits."""
    seen = asked.remembered.get("files", {})
    files = [
        (path, path.stat())
        for path in folder_of(asked).iterdir()
        if path.is_file() and not path.is_symlink() and is_wanted(path.name)
    ]
    there = {path.name for path, _ in files}
    kept = {name: mark for name, mark in seen.items() if name in there}
    for path, found in sorted(files, key=lambda each: (each[1].st_mtime, each[0].name)):
        mark = [found.st_size, int(found.st_mtime)]
        if kept.get(path.name) == mark or found.st_mtime > asked.now.timestamp() - _SETTLED:
            continue
        kept = {**kept, path.name: mark}
        yield Fetched(path.name, _pieces(path), {"files": kept})


def _pieces(path: Path) -> Iterator[bytes]:
    """The file that was looked at: never what a link put in its place since leads to."""
    try:
        opened = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    except OSError:
        raise CannotFetch(f"{path.name} cannot be opened. It is tried again.") from None
    with opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise CannotFetch(f"{path.name} is no longer a file. It is tried again.")
        while piece := opened.read(_PIECE):
            yield piece


def is_wanted(name: str) -> bool:
    return not name.startswith((".", "~")) and not name.lower().endswith(_UNFINISHED)
