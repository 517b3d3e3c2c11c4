"""How often a key may ask: a bucket of requests in a small file that the processes share."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from datetime import datetime
from math import ceil
from pathlib import Path


def seconds_to_wait(root: Path, name: str, *, a_minute: int, now: datetime) -> int:
    """Takes one request out of the bucket; 0, or how long to wait before the next."""
    folder = root / "limits"
    folder.mkdir(parents=True, exist_ok=True)
    moment, left, since = now.timestamp(), float(a_minute), now.timestamp()
    number = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        with suppress(ValueError):
            left, since = (float(each) for each in os.read(number, 100).split())
        left = min(float(a_minute), left + max(0.0, moment - since) * a_minute / 60)
        wait = 0 if left >= 1 else ceil((1 - left) * 60 / a_minute)
        text = f"{left if wait else left - 1:.6f} {moment:.6f}\n".encode()
        os.pwrite(number, text, 0)
        os.ftruncate(number, len(text))
    finally:
        os.close(number)
    return wait
