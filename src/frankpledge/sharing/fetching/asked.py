"""What a feed asks for and what comes of it: the words its connectors share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


class CannotFetch(Exception):
    """A feed that did not work; the sentence says why and what to do. It is tried again."""


@dataclass(frozen=True)
class Asked:
    """Where to fetch from, with what was remembered of the last time."""

    address: str
    contract: str
    remembered: dict[str, Any]
    secret: str
    host_key: str
    now: datetime
    limit: int
    private: Collection[str]
    plain: bool
    folder: Path | None  # below which folders may be watched
    work: Path  # for what must be whole on disk before it is read

    @property
    def place(self) -> str:
        """The address without what follows its hash sign."""
        return self.address.partition("#")[0]

    @property
    def part(self) -> str:
        """What follows the hash sign: which part of what is there is wanted."""
        return unquote(self.address.partition("#")[2]).strip()


@dataclass(frozen=True)
class Fetched:
    """One file; `remember` is kept once the file has been received."""

    name: str
    source: Path | Iterable[bytes]
    remember: dict[str, Any] = field(default_factory=dict)


Connector = Callable[[Asked], Iterator[Fetched]]


def name_of(address: str) -> str:
    return unquote(urlsplit(address).path).rstrip("/").rpartition("/")[2] or "file"
