"""The files inside what was sent: an archive, a folder or one file. Nothing is ever unpacked."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from frankpledge.contracts.model import Contract
from frankpledge.contracts.refusals import Unreadable
from frankpledge.contracts.workbooks import damaged, is_office

MB = 1024 * 1024
_OURS_TO_IGNORE = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._)", re.I)
_SMALL = 10 * MB  # below this, a high ratio is only a very repetitive file
_PIECE = MB
_BROKEN = (zipfile.BadZipFile, ValueError, OSError, NotImplementedError)
READABLE = (".csv", ".tsv", ".xlsx", ".xls", ".ods", ".json", ".parquet")


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, and numbers, above which a file is refused before it is read.

    `whole` holds for a workbook and other files that cannot be read piece by piece.
    """

    packed: int = 1024 * MB
    member: int = 2048 * MB
    unpacked: int = 4096 * MB
    whole: int = 100 * MB
    cells: int = 6_000_000
    members: int = 5000
    ratio: int = 200
    depth: int = 8


@dataclass(frozen=True)
class Member:
    """One file inside what was sent."""

    name: str
    size: int
    pieces: Callable[[], Iterator[bytes]]

    def read(self) -> bytes:
        return b"".join(self.pieces())


@dataclass(frozen=True)
class Contents:
    members: tuple[Member, ...]
    skipped: tuple[str, ...]


def contents(source: Path | bytes, contract: Contract, *, name: str, limits: Limits) -> Contents:
    """What is to be read of a source, in order of name, and what is not.

    Raises Unreadable where the source as a whole cannot be taken.
    """
    if isinstance(source, bytes):
        return _file(io.BytesIO(source), len(source), contract, name=name, limits=limits)
    if source.is_dir():
        return _folder(source, contract, limits)
    try:
        size = source.stat().st_size
    except OSError:
        raise Unreadable(
            f"{name} cannot be found or opened.", "Check the name and the folder.", name
        ) from None
    return _file(source, size, contract, name=name, limits=limits)


def _file(
    source: Path | io.BytesIO, size: int, contract: Contract, *, name: str, limits: Limits
) -> Contents:
    if size == 0:
        raise Unreadable(f"{name} is empty.", "Check that the export worked and send it again.")
    if size > limits.packed:
        raise Unreadable(
            f"{name} is {_size(size)}, more than the {_size(limits.packed)} that can be taken.",
            "Send it in parts, a few months each.",
            name,
        )
    if _first_bytes(source).startswith(b"PK"):
        return _archive(source, size, contract, name=name, limits=limits)
    if name.lower().endswith(".zip"):
        raise Unreadable(
            f"{name} is called a zip but is not one.",
            "Make the zip again, or send the CSV files as they are.",
            name,
        )
    _not_too_large(name, size, limits)
    return _one(source, size, name)


def _one(source: Path | io.BytesIO, size: int, name: str) -> Contents:
    return Contents((Member(name, size, lambda: _pieces(source)),), ())


def _pieces(source: Path | io.BytesIO) -> Iterator[bytes]:
    if isinstance(source, io.BytesIO):
        yield source.getvalue()
        return
    with source.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece


def _first_bytes(source: Path | io.BytesIO) -> bytes:
    if isinstance(source, io.BytesIO):
        return source.getvalue()[:4]
    with source.open("rb") as opened:
        return opened.read(4)


def _size(size: int) -> str:
    return f"{size / MB / 1024:,.1f} GB" if size >= 1024 * MB else f"{max(1, size // MB):,} MB"


def _not_too_large(name: str, size: int, limits: Limits) -> None:
    if size > limits.member:
        raise Unreadable(
            f"{name} holds {_size(size)}, more than the {_size(limits.member)} of one file.",
            "Send it in parts, one file a month.",
            name,
        )


def _folder(folder: Path, contract: Contract, limits: Limits) -> Contents:
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            found[path.relative_to(folder).as_posix()] = path
        if len(found) > limits.members:
            raise _too_many(folder.name, limits)
    wanted, skipped = _wanted(list(found), contract, folder.name)
    sizes = {each: found[each].stat().st_size for each in wanted}
    for each, size in sizes.items():
        _not_too_large(each, size, limits)
    _not_too_much(folder.name, sum(sizes.values()), limits)
    members = tuple(Member(each, sizes[each], partial(_pieces, found[each])) for each in wanted)
    return Contents(members, tuple(skipped))


def _archive(
    source: Path | io.BytesIO, size: int, contract: Contract, *, name: str, limits: Limits
) -> Contents:
    try:
        with zipfile.ZipFile(source) as archive:
            entries = [each for each in archive.infolist() if not each.is_dir()]
    except (*_BROKEN, struct.error):
        if not name.lower().endswith(".zip"):
            raise damaged(name) from None
        raise Unreadable(
            f"{name} is damaged, or only part of it arrived.", "Make the zip again and resend it."
        ) from None
    if is_office([each.filename for each in entries]):
        return _one(source, size, name)
    if len(entries) > limits.members:
        raise _too_many(name, limits)
    for entry in entries:
        _safe(entry, name, limits)
    if sum(each.compress_size for each in entries) > size:
        raise _bomb(name)  # entries that overlap hold more than the file
    _not_too_much(name, sum(each.file_size for each in entries), limits)
    by_name = {each.filename: each for each in entries}
    if len(by_name) != len(entries):
        raise Unreadable(
            f"{name} holds two files of the same name.", "Make the zip again and resend it.", name
        )
    wanted, skipped = _wanted(list(by_name), contract, name)
    members = []
    for each in wanted:
        _not_too_large(each, by_name[each].file_size, limits)
        members.append(Member(each, by_name[each].file_size, _reader(source, by_name[each])))
    return Contents(tuple(members), tuple(skipped))


def _safe(entry: zipfile.ZipInfo, name: str, limits: Limits) -> None:
    """Refuse names that point outside the archive, links, secrets and bombs."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    outside = path.is_absolute() or ".." in path.parts or ":" in path.parts[0]
    if outside or stat.S_ISLNK(entry.external_attr >> 16):
        raise Unreadable(
            f"{name} holds a file whose name points outside the zip: {entry.filename[:80]}.",
            "Make the zip again from a plain folder.",
            entry.filename[:200],
        )
    if len(path.parts) > limits.depth:
        raise Unreadable(
            f"{name} has folders within folders, more than {limits.depth} deep.",
            "Put the CSV files in one folder, or one folder a month.",
            entry.filename[:200],
        )
    if entry.flag_bits & 1:
        raise Unreadable(
            f"{name} is protected by a password.", "Send it without one over this page.", name
        )
    if entry.file_size > _SMALL and entry.file_size > limits.ratio * max(entry.compress_size, 1):
        raise _bomb(name)


def _bomb(name: str) -> Unreadable:
    return Unreadable(
        f"{name} would unpack to far more than its size. It was not opened.",
        "Make the zip again from the CSV files alone.",
        name,
    )


def _too_many(name: str, limits: Limits) -> Unreadable:
    return Unreadable(
        f"{name} holds more than {limits.members:,} files.", "Send it in parts.", name
    )


def _not_too_much(name: str, size: int, limits: Limits) -> None:
    if size > limits.unpacked:
        raise Unreadable(
            f"{name} unpacks to {_size(size)}, more than the {_size(limits.unpacked)} allowed.",
            "Send it in parts, a year or less each.",
            name,
        )


def _reader(source: Path | io.BytesIO, entry: zipfile.ZipInfo) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        try:
            with zipfile.ZipFile(source) as archive, archive.open(entry) as opened:
                yield from _at_most(opened, entry)
        except (*_BROKEN, zlib.error, EOFError, RuntimeError, struct.error):
            raise Unreadable(
                f"{entry.filename} is damaged inside the zip.",
                "Make the zip again and resend it.",
                entry.filename,
            ) from None

    return pieces


def _at_most(opened: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """No more than was declared, whatever the packed data says."""
    left = entry.file_size
    while piece := opened.read(min(_PIECE, left + 1)):
        left -= len(piece)
        if left < 0:
            raise _bomb(entry.filename)
        yield piece


def _wanted(names: list[str], contract: Contract, place: str) -> tuple[list[str], list[str]]:
    """Files of this contract by their name; where none is named so, every one that can be read."""
    names = sorted(each for each in names if not _OURS_TO_IGNORE.search(each))
    tables = [each for each in names if each.lower().endswith((*READABLE, ".txt"))]
    pattern = contract.member_pattern
    named = [each for each in tables if pattern and re.search(pattern, PurePosixPath(each).name)]
    chosen = named or [each for each in tables if each.lower().endswith(READABLE)]
    if not chosen:
        raise Unreadable(
            f"{place} holds no CSV file and no workbook.",
            "Put the files in it and send it again.",
            place,
        )
    return chosen, [each for each in names if each not in set(chosen)]


def month_of(name: str, contract: Contract) -> str | None:
    """The month that a member's name states, where the contract says how names state it."""
    if not contract.member_pattern:
        return None
    found = re.search(contract.member_pattern, PurePosixPath(name).name)
    return found.group(1) if found else None
