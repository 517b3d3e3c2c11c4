"""The file that leaves and its receipt, written together or not at all, and never over another."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import polars as pl

from frankpledge.contracts.prepare import Ready
from frankpledge.contracts.refusals import Unreadable

Form = Literal["csv", "parquet"]
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Written:
    """Where the file and its two receipts are."""

    data: Path
    receipt: Path
    text: Path


def digest_of(path: Path) -> str:
    """SHA-256 of a file, or of every file of a folder with its name."""
    made = hashlib.sha256()
    every = sorted(path.rglob("*")) if path.is_dir() else [path]
    for each in every:
        if each.is_file():
            if path.is_dir():
                made.update(each.relative_to(path).as_posix().encode() + b"\0")
            with each.open("rb") as opened:
                while piece := opened.read(_PIECE):
                    made.update(piece)
    return made.hexdigest()


def body_of(frame: pl.DataFrame, form: Form) -> bytes:
    made = io.BytesIO()
    if form == "csv":
        frame.write_csv(made)
    else:
        frame.write_parquet(made)
    return made.getvalue()


def write(
    ready: Ready,
    folder: Path,
    *,
    source_digest: str,
    fingerprint: str,
    form: Form,
    now: datetime,
) -> Written:
    """The file and its receipts in the folder. Raises Unreadable where one is there already."""
    name = f"{ready.contract.key}-{_covers(ready)}"
    body = body_of(ready.frame, form)
    receipt = _receipt(ready, body, source_digest, fingerprint, form, now)
    written = Written(
        folder / f"{name}.{form}",
        folder / f"{name}.receipt.json",
        folder / f"{name}.receipt.txt",
    )
    contents = {
        written.text: as_text(receipt).encode(),
        written.receipt: (json.dumps(receipt, indent=2, ensure_ascii=False) + "\n").encode(),
        written.data: body,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _together(contents)
    except FileExistsError:
        raise Unreadable(
            f"{folder} holds a file of this name already: {name}. Nothing was written.",
            "Name another folder with --out, or move the earlier file away.",
        ) from None
    except OSError as problem:
        raise Unreadable(
            f"The folder {folder} cannot be written to: {problem.strerror}.",
            "Name another folder with --out.",
        ) from None
    return written


def _covers(ready: Ready) -> str:
    contract = ready.contract
    dated = ready.frame[contract.field(contract.dated_by).header].str.head(7)
    first, last = str(dated.min()), str(dated.max())
    return first if first == last else f"{first}_{last}"


def _together(contents: dict[Path, bytes]) -> None:
    """Each file whole under a name of its own, then all of them under theirs, the data last."""
    waiting = {path: path.with_name(f".{path.name}.{secrets.token_hex(4)}") for path in contents}
    placed: list[Path] = []
    try:
        for path, body in contents.items():
            with waiting[path].open("xb") as opened:
                opened.write(body)
                opened.flush()
                os.fsync(opened.fileno())
        for path in contents:
            os.link(waiting[path], path)  # fails where the name is taken, unlike a rename
            placed.append(path)
    except BaseException:
        for path in placed:
            path.unlink(missing_ok=True)
        raise
    finally:
        for path in waiting.values():
            path.unlink(missing_ok=True)


def _receipt(
    ready: Ready, body: bytes, source_digest: str, fingerprint: str, form: Form, now: datetime
) -> dict[str, object]:
    return {
        "contract": ready.contract.key,
        "contract_version": ready.contract.version,
        "made": now.isoformat(timespec="seconds"),
        "tool": "frankpledge-prepare",
        "tool_version": tool_version(),
        "form": form,
        "input_sha256": source_digest,
        "output_sha256": hashlib.sha256(body).hexdigest(),
        "output_bytes": len(body),
        "rows_received": ready.received,
        "rows_sent": ready.frame.height,
        "rows_held_back": ready.held_back,
        "key_fingerprint": fingerprint,
        "columns": [asdict(each) for each in ready.done],
    }


def tool_version() -> str:
    try:
        return version("frankpledge")
    except PackageNotFoundError:
        return "not installed as a package"


def as_text(receipt: dict[str, object]) -> str:
    """The receipt for people."""
    columns = receipt["columns"]
    lines = [
        "Receipt of a file made ready at the source",
        "",
        f"Contract:         {receipt['contract']}, version {receipt['contract_version']}",
        f"Made:             {receipt['made']} by {receipt['tool']} {receipt['tool_version']}",
        f"Rows received:    {receipt['rows_received']:,}",
        f"Rows sent:        {receipt['rows_sent']:,}",
        f"Rows held back:   {receipt['rows_held_back']:,}",
        f"Key fingerprint:  {receipt['key_fingerprint'] or 'no key was used'}",
        f"SHA-256 of input: {receipt['input_sha256']}",
        f"SHA-256 of file:  {receipt['output_sha256']}",
        "",
        "What was done to each column:",
    ]
    for each in columns if isinstance(columns, list) else []:
        lines.append(f"- {told(each['source'], each['column'], each['what'], each['how'])}")
    return "\n".join(lines) + "\n"


def told(source: str, column: str, what: str, how: str) -> str:
    """One column in words."""
    name = source if not column or column == source else f"{source} → {column}"
    return f"{name}: {what} ({how})"
