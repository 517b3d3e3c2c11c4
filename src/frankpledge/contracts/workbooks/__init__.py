"""Workbooks of any make as sheets of cells."""

from __future__ import annotations

import io
import zipfile

from frankpledge.contracts.refusals import Unreadable
from frankpledge.contracts.workbooks import ods, xls, xlsx
from frankpledge.contracts.workbooks.cells import (
    Padded,
    Scientific,
    Sheet,
    Value,
    Wrong,
    as_text,
    damaged,
    letters,
    locked,
)
from frankpledge.contracts.workbooks.compound import SIGNATURE

__all__ = [
    "SIGNATURE",
    "Padded",
    "Scientific",
    "Sheet",
    "Value",
    "Wrong",
    "as_text",
    "damaged",
    "is_office",
    "is_office_file",
    "letters",
    "opened",
]
_ENTRIES = 10_000
_PACKED = ("[content_types].xml", "content.xml", "mimetype")
_BROKEN = (
    zipfile.BadZipFile, ValueError, OSError, NotImplementedError, KeyError, EOFError, RuntimeError,
)  # fmt: skip


def is_office(names: list[str]) -> bool:
    """Whether a zip of these files is a document of an office program."""
    return any(name.casefold() in _PACKED for name in names)


def is_office_file(raw: bytes) -> bool:
    """Whether the beginning of a zip is that of a document of an office program.

    These put their own files first, and no zip of data has such names.
    """
    return any(name in raw[:4096].lower() for name in (b"[content_types].xml", b"mimetype", b"xl/"))


def opened(raw: bytes, name: str, *, cells: int, unpacked: int, ratio: int) -> tuple[Sheet, ...]:
    """The sheets of a workbook. Raises Unreadable for what is no plain workbook or is too large."""
    if raw.startswith(SIGNATURE):
        return xls.sheets(raw, name, most=cells)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            entries = packed.infolist()
            kind = _kind(packed)
    except _BROKEN:
        raise damaged(name) from None
    _not_a_bomb(entries, name, len(raw), unpacked=unpacked, ratio=ratio)
    names = [each.filename for each in entries]
    if kind:
        refusal, read = ods.refused(kind, names, name), ods.sheets
    else:
        refusal, read = xlsx.refused(names, name), xlsx.sheets
    if refusal:
        raise refusal
    return read(raw, name, most=cells)


def _kind(packed: zipfile.ZipFile) -> str:
    """What an OpenDocument file says it is; nothing for another."""
    if "mimetype" not in packed.namelist():
        return ""
    with packed.open("mimetype") as file:
        return file.read(200).decode("ascii", errors="replace").strip()


def _not_a_bomb(
    entries: list[zipfile.ZipInfo], name: str, size: int, *, unpacked: int, ratio: int
) -> None:
    if any(each.flag_bits & 1 for each in entries):
        raise locked(name)
    whole = sum(each.file_size for each in entries)
    if (
        len(entries) > _ENTRIES
        or whole > unpacked
        or whole > max(10 * 1024 * 1024, ratio * size)
        or sum(each.compress_size for each in entries) > size
    ):
        raise Unreadable(
            f"{name} would unpack to far more than its size. It was not opened.",
            "Copy the rows to a new workbook, save it and send that, or send CSV UTF-8.",
            name,
        )
