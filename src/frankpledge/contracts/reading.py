"""What was sent, file by file, as tables of text. One file is in memory while the next is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from frankpledge.contracts.model import Contract
from frankpledge.contracts.refusals import Cancelled, Unreadable
from frankpledge.contracts.sources import Contents, Limits, Member, contents, month_of
from frankpledge.contracts.tables import Table, table

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Part:
    """One file of what was sent; `month` is what its name says, where it says one."""

    name: str
    month: str | None
    table: Table


def read(
    source: Path | str | bytes,
    contract: Contract,
    *,
    name: str = "",
    limits: Limits | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Part]:
    """The files of an archive, a folder or one CSV, in order of name.

    `progress` is told the bytes done, the bytes in all and what is being read. Raises Unreadable
    where anything as a whole cannot be taken, and Cancelled once `cancelled()` is true.
    """
    if isinstance(source, str):
        source = Path(source)
    name = name or ("the file" if isinstance(source, bytes) else source.name)
    found = contents(source, contract, name=name, limits=limits or Limits())
    return _parts(found, contract, name, progress, cancelled)


def skipped(source: Path | bytes, contract: Contract, *, name: str = "") -> tuple[str, ...]:
    """The files of an archive or folder that are not of this contract and are left alone."""
    name = name or ("the file" if isinstance(source, bytes) else source.name)
    return contents(source, contract, name=name, limits=Limits()).skipped


def _parts(
    found: Contents,
    contract: Contract,
    name: str,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[Part]:
    total, done, rows = sum(each.size for each in found.members), 0, 0
    with _ahead(found.members, contract) as parts:
        for member, part in parts:
            if cancelled and cancelled():
                raise Cancelled(f"The import of {name} was stopped.")
            if progress:
                progress(done, total, f"Checking {part.name}")
            rows += part.table.rows.len() + len(part.table.ragged)
            yield part
            done += member.size
    if not rows:
        raise Unreadable(
            f"{name} has column names but no rows.", "Check the export and send it again.", name
        )
    if progress:
        progress(total, total, "Checked")


@contextmanager
def _ahead(
    members: tuple[Member, ...], contract: Contract
) -> Iterator[Iterator[tuple[Member, Part]]]:
    """Reads the next file while the caller checks this one."""

    def one(member: Member) -> Part:
        month = month_of(member.name, contract)
        return Part(member.name, month, table(member.read(), contract, name=member.name))

    def in_order(pool: ThreadPoolExecutor) -> Iterator[tuple[Member, Part]]:
        waiting: Future[Part] = pool.submit(one, members[0])
        for member, following in zip(members, (*members[1:], None), strict=True):
            part = waiting.result()
            if following is not None:
                waiting = pool.submit(one, following)
            yield member, part

    with ThreadPoolExecutor(1, thread_name_prefix="reading") as pool:
        try:
            yield in_order(pool)
        finally:
            pool.shutdown(cancel_futures=True)
