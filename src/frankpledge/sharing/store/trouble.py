"""What a store says when it cannot take or give a file."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl


class StoreMixing(Exception):
    """Synthetic data was offered to a store of real data, or the other way round."""

    def __init__(self, *, synthetic: bool) -> None:
        held, offered = ("real", "synthetic") if synthetic else ("synthetic", "real")
        super().__init__(
            f"This store holds {held} data and the file is {offered}. The two are never mixed. "
            f"Start Frankpledge with another FRANKPLEDGE_HOME for {offered} data."
        )


class StoreUnwritable(Exception):
    """The store can take or give nothing now; the text says why and what to do."""


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
