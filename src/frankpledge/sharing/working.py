"""Who works on a submission right now: a lock that the system frees when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _path(root: Path, key: object) -> Path:
    return root / "working" / str(key)


@contextmanager
def working_on(root: Path, key: object) -> Iterator[bool]:
    """Yields whether the work is ours; False while another process has it."""
    path = _path(root, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(number)
            yield False
            return
        if path.exists() and path.stat().st_ino == os.fstat(number).st_ino:
            break
        os.close(number)  # whoever had it removed the file in the meantime
    try:
        yield True
    finally:
        path.unlink(missing_ok=True)
        os.close(number)


def is_worked_on(root: Path, key: object) -> bool:
    try:
        number = os.open(_path(root, key), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(number)
    return False
