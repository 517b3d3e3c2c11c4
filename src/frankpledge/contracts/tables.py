"""A table of text under the names of a contract, with every line accounted for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import polars as pl

from frankpledge.contracts.besides import nothing_besides
from frankpledge.contracts.model import Contract, Field
from frankpledge.contracts.refusals import About, Unclear
from frankpledge.contracts.repairs import no_doubts, no_repairs
from frankpledge.contracts.totals import WrongTotal


@dataclass(frozen=True)
class Table:
    """Text columns named as in the contract, the row of each line, and lines of a wrong length.

    Rows are numbered as a spreadsheet shows them. `repairs` is what was put right (REPAIRS) and
    `doubts` what could not be (DOUBTS): the rows of doubts are in the table and are to be returned.
    `besides` (BESIDES) is what the file held that is no part of the table.
    """

    frame: pl.DataFrame
    rows: pl.Series
    ragged: tuple[tuple[int, int], ...]  # row, number of values found
    width: int = 0  # number of values a row of this file needs
    repairs: pl.DataFrame = field(default_factory=no_repairs)
    doubts: pl.DataFrame = field(default_factory=no_doubts)
    wrong_totals: tuple[WrongTotal, ...] = ()
    besides: pl.DataFrame = field(default_factory=nothing_besides)


def plainly(header: str) -> str:
    return re.sub(r"[\s_\-]+", " ", header).strip().casefold()


def known_names(contract: Contract) -> dict[str, Field]:
    """Fields by their plain name, that of the contract and that of the file."""
    known = {plainly(each.name): each for each in contract.fields}
    return known | {plainly(each.header): each for each in contract.fields}


def columns_of(
    columns: list[str], contract: Contract, name: str, *, row: int = 1, hidden: tuple[str, ...] = ()
) -> list[Field]:
    """The field of each column. Raises Unclear naming columns missing, unknown or doubled.

    `row` is where the names stand, `hidden` the names that a person does not see.
    """
    known = known_names(contract)
    fields = [known.get(plainly(column)) for column in columns]
    found = [each for each in fields if each is not None]
    missing = [
        each.header for each in contract.fields if each not in found and not each.may_be_absent
    ]
    unexpected = [
        column.strip()[:40] or "(no name)"
        for column, field in zip(columns, fields, strict=True)
        if field is None
    ]
    twice = sorted({each.header for each in found if found.count(each) > 1})
    faults = [
        f"{what}: {', '.join(which[:15])}"
        for what, which in (
            ("missing", missing),
            ("not expected", unexpected),
            ("there twice", twice),
        )
        if which
    ]
    if faults:
        unseen = [each for each in unexpected if each in hidden]
        sentence = "; ".join([*faults, *([f"hidden: {', '.join(unseen[:15])}"] if unseen else [])])
        raise Unclear(
            About.COLUMNS,
            f"{name} does not have the columns of the contract {contract.title}. "
            f"{sentence[:1].upper()}{sentence[1:]}.",
            f"Row {row:,} must hold these names: {', '.join(contract.headers)}.",
            f"{name}, row {row:,}",
        )
    return found
