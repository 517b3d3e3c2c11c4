"""What a file holds, under its own column names, as the table of a contract."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl

from frankpledge.contracts.choosing import Choice
from frankpledge.contracts.mapping import ColumnMapping, mapped
from frankpledge.contracts.model import Contract
from frankpledge.contracts.repairs import Marks, Mending
from frankpledge.contracts.tables import Table, columns_of, known_names, plainly


@dataclass(frozen=True)
class Sent:
    """Text by column in the order of the file, its names, and the row of each line.

    `marks` are what a workbook says of single cells, by column; `hidden` the names of columns that
    people do not see. A `clean` table has no spaces around its values and no empty text.
    """

    headers: list[str]
    frame: pl.DataFrame
    rows: pl.Series
    ragged: tuple[tuple[int, int], ...] = ()
    header_row: int = 1
    marks: list[Marks] = field(default_factory=list)
    hidden: tuple[str, ...] = ()
    clean: bool = False


def wanted(contract: Contract, choice: Choice) -> frozenset[str]:
    """The plain names of the columns that are looked for."""
    if choice.mapping:
        return frozenset(plainly(each) for each in choice.mapping.headers)
    return frozenset(known_names(contract))


def needed(contract: Contract, choice: Choice) -> tuple[frozenset[str], ...]:
    """For each column that must be there, the plain names it may have."""
    if choice.mapping:
        return tuple(frozenset([plainly(each)]) for each in choice.mapping.headers)
    return tuple(
        frozenset([plainly(each.name), plainly(each.header)])
        for each in contract.fields
        if not each.may_be_absent
    )


def dated(contract: Contract, choice: Choice) -> frozenset[str]:
    """The plain names of the column that tells the day or month of a row."""
    if choice.mapping is None:
        each = contract.field(contract.dated_by)
        return frozenset([plainly(each.name), plainly(each.header)])
    headers = (each.headers for each in choice.mapping.columns if each.field == contract.dated_by)
    return frozenset(plainly(header) for found in headers for header in found)


def table(sent: Sent, contract: Contract, choice: Choice, mending: Mending) -> Table:
    """The table of the contract. Raises Unreadable where its columns are not those needed."""
    sent = _without_empty_columns(sent)
    width = len(sent.headers)
    if choice.mapping:
        found = _by_mapping(sent, choice.mapping, contract, mending)
        frame, rows = found.frame, found.rows
    else:
        fields = columns_of(
            sent.headers, contract, mending.name, row=sent.header_row, hidden=sent.hidden
        )
        names = [each.name for each in fields]
        mending.marks = dict(zip(names, sent.marks, strict=False))
        frame = sent.frame.rename(dict(zip(sent.frame.columns, names, strict=True)))
        frame, rows = _tidied(frame, sent.rows, contract, clean=sent.clean)
    frame, rows = mending.mend(frame, rows, contract)
    return Table(
        frame,
        rows,
        sent.ragged,
        width,
        mending.repairs,
        mending.doubtful,
        wrong_totals=tuple(mending.wrong_totals),
        besides=mending.besides.frame(),
    )


def _without_empty_columns(sent: Sent) -> Sent:
    """Columns with neither a name nor a value are what a spreadsheet leaves at the edge."""
    if all(each.strip() for each in sent.headers):
        return sent
    columns = sent.frame.columns
    kept = [
        at
        for at, header in enumerate(sent.headers)
        if header.strip() or _filled(sent.frame[columns[at]])
    ]
    marks = [sent.marks[at] for at in kept] if sent.marks else []
    headers = [sent.headers[at] for at in kept]
    return replace(
        sent, headers=headers, frame=sent.frame.select([columns[at] for at in kept]), marks=marks
    )


def _filled(text: pl.Series) -> bool:
    return bool((text.str.strip_chars() != "").any())


def _by_mapping(sent: Sent, mapping: ColumnMapping, contract: Contract, mending: Mending) -> Table:
    """The sender's columns by the names that the mapping knows, however they are spaced now."""
    at = {plainly(header): n for n, header in reversed(list(enumerate(sent.headers)))}
    places = {each: at[plainly(each)] for each in mapping.headers if plainly(each) in at}
    columns = sent.frame.columns
    for n, header in enumerate(sent.headers):
        if n not in places.values():
            mending.besides.column(header, sent.frame[columns[n]], sent.rows)
    frame = sent.frame.select(pl.col(columns[n]).alias(each) for each, n in places.items())
    found = mapped(frame, mapping, contract, rows=sent.rows, name=mending.name)
    if found.left_out:
        mending.note(f"{found.left_out:,} rows that do not belong to this return were left out.")
    if sent.marks:
        mending.marks = {
            each.field: sent.marks[places[each.headers[0]]]
            for each in mapping.columns
            if len(each.headers) == 1
        }
    frame, rows = _without_empty_rows(found.table.frame, found.table.rows, contract)
    return replace(found.table, frame=frame, rows=rows)


def _tidied(
    frame: pl.DataFrame, rows: pl.Series, contract: Contract, *, clean: bool
) -> tuple[pl.DataFrame, pl.Series]:
    """Spaces and empty values put right, absent columns added, rows of nothing left out."""
    if not clean or _has_spaces_around(frame, contract):
        stripped = pl.all().str.strip_chars()
        frame = frame.select(pl.when(stripped != "").then(stripped).name.keep())
    absent = [each.name for each in contract.fields if each.name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(each) for each in absent)
    frame = frame.select([each.name for each in contract.fields])
    return _without_empty_rows(frame, rows, contract)


def _without_empty_rows(
    frame: pl.DataFrame, rows: pl.Series, contract: Contract
) -> tuple[pl.DataFrame, pl.Series]:
    if frame[contract.dated_by].null_count():
        something = frame.select(~pl.all_horizontal(pl.all().is_null())).to_series()
        return frame.filter(something), rows.filter(something)
    return frame, rows


def _has_spaces_around(frame: pl.DataFrame, contract: Contract) -> bool:
    """Identifiers are left out: they are the widest column, and their pattern catches a space."""
    text = pl.all().exclude(contract.role("identity")).str
    found = frame.select((text.starts_with(" ") | text.ends_with(" ")).any())
    return any(found.row(0))
