"""What was sent, file by file, as tables of text. One piece is in memory while the next is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from frankpledge.contracts.besides import RAGGED
from frankpledge.contracts.choosing import Choice
from frankpledge.contracts.delimited import blocks
from frankpledge.contracts.finding import Search, texts
from frankpledge.contracts.model import Contract
from frankpledge.contracts.records import from_json, from_parquet
from frankpledge.contracts.refusals import Cancelled, Unreadable
from frankpledge.contracts.repairs import Mending
from frankpledge.contracts.shaping import Sent, table, wanted
from frankpledge.contracts.sources import Contents, Limits, Member, contents, month_of
from frankpledge.contracts.tables import Table
from frankpledge.contracts.workbooks import SIGNATURE, Sheet, is_office_file, opened

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Part:
    """One file of what was sent, or a piece of a large one, or a sheet of a workbook.

    `month` is what the name of the file says, where it says one.
    """

    name: str
    month: str | None
    table: Table


@dataclass(frozen=True)
class Reading:
    """What does not change from one file to the next."""

    contract: Contract
    choice: Choice
    limits: Limits

    def not_too_large(self, member: Member, kind: str) -> None:
        if member.size > self.limits.whole:
            raise Unreadable(
                f"{member.name} is larger than a {kind} can be to be read.",
                "Save it as CSV UTF-8 and send that, or send it in parts.",
                member.name,
            )

    def mending(self, name: str, sheet: str = "") -> Mending:
        choice = self.choice
        right = choice.dates_are_right
        return Mending(name, sheet, day_first=choice.day_first, dates_are_right=right)


def read(
    source: Path | str | bytes,
    contract: Contract,
    *,
    name: str = "",
    choice: Choice | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Part]:
    """The tables of an archive, a folder or one file, in order of name.

    Takes CSV and its kin, workbooks (xlsx, xls, ods), JSON and Parquet. `progress` is told the
    bytes done, the bytes in all and what is being read. Raises Unclear where a person has to
    choose first, Unreadable where anything as a whole cannot be taken, and Cancelled once
    `cancelled()` is true.
    """
    if isinstance(source, str):
        source = Path(source)
    name = name or ("the file" if isinstance(source, bytes) else source.name)
    limits = limits or Limits()
    found = contents(source, contract, name=name, limits=limits)
    reading = Reading(contract, choice or Choice(), limits)
    return _parts(found, reading, name, progress, cancelled)


def skipped(source: Path | bytes, contract: Contract, *, name: str = "") -> tuple[str, ...]:
    """The files of an archive or folder that are not of this contract and are left alone."""
    name = name or ("the file" if isinstance(source, bytes) else source.name)
    return contents(source, contract, name=name, limits=Limits()).skipped


def _parts(
    found: Contents,
    reading: Reading,
    name: str,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[Part]:
    total, done, rows = sum(each.size for each in found.members), 0, 0
    with _ahead(found.members, reading) as parts:
        for size, part in parts:
            if cancelled and cancelled():
                raise Cancelled(f"The import of {name} was stopped.")
            if progress:
                progress(min(done, total), total, f"Checking {part.name}")
            rows += part.table.rows.len() + len(part.table.ragged)
            yield part
            done += size
    if not rows:
        raise Unreadable(
            f"{name} has column names but no rows.", "Check the export and send it again.", name
        )
    if progress:
        progress(total, total, "Checked")


@contextmanager
def _ahead(members: tuple[Member, ...], reading: Reading) -> Iterator[Iterator[tuple[int, Part]]]:
    """Reads the next piece while the caller checks this one."""
    every = chain.from_iterable(_of_member(each, reading) for each in members)

    def in_order(pool: ThreadPoolExecutor) -> Iterator[tuple[int, Part]]:
        waiting: Future[tuple[int, Part] | None] = pool.submit(next, every, None)
        while (found := waiting.result()) is not None:
            waiting = pool.submit(next, every, None)
            yield found

    with ThreadPoolExecutor(1, thread_name_prefix="reading") as pool:
        try:
            yield in_order(pool)
        finally:
            pool.shutdown(cancel_futures=True)


def _of_member(member: Member, reading: Reading) -> Iterator[tuple[int, Part]]:
    """The tables of one file, each with the bytes it was made of. What it is its bytes tell."""
    month = month_of(member.name, reading.contract)
    pieces = member.pieces()
    first = next(pieces, b"")
    whole = kind_of(first)
    if whole is None:
        for size, found in delimited(chain([first], pieces), member.name, reading):
            yield size, Part(member.name, month, found)
        return
    reading.not_too_large(member, whole)
    raw = first + b"".join(pieces)
    sizes = [member.size]
    for name, found in tables_of_whole(whole, raw, member.name, reading):
        yield sizes.pop() if sizes else 0, Part(name, month, found)


def kind_of(first: bytes) -> str | None:
    """What a file is that must be read as a whole; nothing for lines of text."""
    if first.startswith(SIGNATURE) or (first.startswith(b"PK") and is_office_file(first)):
        return "workbook"
    if first.startswith(b"PAR1"):
        return "Parquet file"
    start = first[:200].removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").lstrip(b" \t\r\n\0")
    if start[:1] in (b"[", b"{") and not start.startswith(b"{\\rtf"):
        return "JSON file"
    return None


def tables_of_whole(
    kind: str, raw: bytes, name: str, reading: Reading
) -> Iterator[tuple[str, Table]]:
    """The tables of a file that is read as a whole, each with its name."""
    if kind == "workbook":
        yield from tables_of_sheets(sheets_of(raw, name, reading.limits), name, reading)
        return
    sent = sent_by(kind, raw, name)
    yield name, table(sent, reading.contract, reading.choice, reading.mending(name))


def sent_by(kind: str, raw: bytes, name: str) -> Sent:
    return (from_json if kind == "JSON file" else from_parquet)(raw, name)


def sheets_of(raw: bytes, name: str, limits: Limits) -> tuple[Sheet, ...]:
    """The sheets of a workbook."""
    return opened(raw, name, cells=limits.cells, unpacked=10 * limits.whole, ratio=limits.ratio)


def tables_of_sheets(
    every: tuple[Sheet, ...], name: str, reading: Reading
) -> Iterator[tuple[str, Table]]:
    """The tables of the sheets that have one, or of the one that was chosen."""
    search = Search(reading.contract, reading.choice, name)
    chosen = search.sheets(every)
    read = {id(each.sheet) for each in chosen}
    for nth, seen in enumerate(chosen):
        sheet = seen.sheet
        mending = reading.mending(name, sheet.name)
        mending.counts_from = 1904 if sheet.from_1904 else 1900
        if not nth:
            for other in every:
                if id(other) not in read and other.lines:
                    what = "A hidden sheet" if other.hidden else "A sheet"
                    mending.note(f"{what} without the table was not read.", before=other.name)
                    lines = ((row, texts(values)) for row, values in other.lines)
                    mending.besides.lines(
                        f"{what.removeprefix('A ').capitalize()} {other.name}", lines
                    )
        sent = search.table(seen, mending)
        found = table(sent, reading.contract, reading.choice, mending)
        yield (name if len(chosen) == 1 else f"{name}, sheet {sheet.name}"), found


def delimited(pieces: Iterator[bytes], name: str, reading: Reading) -> Iterator[tuple[int, Table]]:
    """The tables of a file of text, with the size of the piece that each was."""
    contract, choice = reading.contract, reading.choice
    orders: dict[str, bool] = {}
    names = wanted(contract, choice)
    for nth, block in enumerate(blocks(pieces, names, name, header_row=choice.header_row)):
        header = block.header
        mending = reading.mending(name)
        mending.orders, mending.comma_is_point = orders, header.separator == ";"
        mending.whole = not nth
        above = [each for each in header.above if not each.casefold().startswith("sep=")]
        if above and not nth:
            what = "Rows above the column names were left out."
            mending.note(what, row=1, before=" | ".join(above))
            mending.besides.lines("Text above the table", [(1, above)])
        mending.besides.lines(RAGGED, block.broken, block.headers)
        sent = Sent(
            block.headers,
            block.frame,
            block.rows,
            block.ragged,
            header_row=header.row,
            clean=not block.quoted,
        )
        yield block.size, table(sent, contract, choice, mending)
