"""A partner's own columns to those of a contract: remembered once, then the same every time.

Nothing is guessed of a value: what the mapping does not speak of stays as it was sent, so that the
check says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Mapping as Translation
from dataclasses import asdict, dataclass
from dataclasses import field as given
from typing import Any

import polars as pl

from frankpledge.contracts.model import Contract, Field, Kind
from frankpledge.contracts.refusals import Unreadable
from frankpledge.contracts.tables import Table, plainly

_DAYS = (
    "dd/MM/yyyy", "dd/MM/yy", "dd-MM-yyyy", "dd.MM.yyyy", "dd MMM yyyy", "dd-MMM-yy",
    "dd-MMM-yyyy", "dd MMMM yyyy", "yyyy-MM-dd", "yyyy/MM/dd", "yyyyMMdd", "MM/dd/yyyy",
)  # fmt: skip
_CLOCKS = ("HH:mm", "HH:mm:ss", "HHmm", "HH.mm")
_MONTHS = ("yyyy-MM", "MM/yyyy", "MMM yyyy", "MMM-yy", "MMMM yyyy", "yyyyMM")
# The ways of writing a month, a date or a time that a mapping can read.
FORMS = (
    *_DAYS,
    *_CLOCKS,
    *_MONTHS,
    *(f"{day} {clock}" for day in _DAYS for clock in _CLOCKS[:2]),
    "yyyy-MM-ddTHH:mm:ss",
    "yyyy-MM-ddTHH:mm:ssxxx",
)
_TOKENS = {
    "yyyy": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "dd": "%d",
    "HH": "%H", "mm": "%M", "ss": "%S", "xxx": "",
}  # fmt: skip
_TOKEN = re.compile("|".join(sorted(_TOKENS, key=len, reverse=True)))
_WRITTEN = {Kind.MONTH: "%Y-%m", Kind.DATE: "%Y-%m-%d", Kind.TIME: "%H:%M"}
_NEEDED = {Kind.MONTH: "yM", Kind.DATE: "yMd", Kind.TIME: "Hm"}  # letters of a form that tells it
_OFFSET = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$"


@dataclass(frozen=True)
class Column:
    """How one column of the contract is filled.

    `headers`: the sender's column, or several, whose values are joined by `between`.
    `constant`: what every row has, where the sender has no such column.
    `form`: how the sender writes a month, date or time, such as dd/MM/yyyy; one of FORMS.
    `values`: the sender's value → the contract's; an empty one means that nothing is known.
    """

    field: str
    headers: tuple[str, ...] = ()
    constant: str = ""
    form: str = ""
    values: Translation[str, str] = given(default_factory=dict)
    between: str = " "

    def __post_init__(self) -> None:
        if self.form and self.form not in FORMS:
            raise ValueError(f"{self.form} is no way of writing dates that can be read.")


@dataclass(frozen=True)
class Spread:
    """Counts that stand side by side: the sender's column → the category it counts."""

    category: str
    count: str
    headers: Translation[str, str]


@dataclass(frozen=True)
class ColumnMapping:
    """What one partner's file needs to become a table of one contract.

    `kept`: the sender's column → the values of the rows that belong to this return; other rows
    are left out and counted. `unknown`: what the sender writes where nothing is known.
    """

    contract: str
    columns: tuple[Column, ...]
    kept: Translation[str, tuple[str, ...]] = given(default_factory=dict)
    unknown: tuple[str, ...] = ()
    spread: Spread | None = None

    def as_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, held: Mapping[str, Any]) -> ColumnMapping:
        """Back from what `as_dict` gave, JSON in between or not."""
        columns = (
            Column(**{**each, "headers": tuple(each["headers"])}) for each in held["columns"]
        )
        spread = held.get("spread")
        return cls(
            contract=held["contract"],
            columns=tuple(columns),
            kept={header: tuple(values) for header, values in held.get("kept", {}).items()},
            unknown=tuple(held.get("unknown", ())),
            spread=Spread(**spread) if spread else None,
        )

    @property
    def headers(self) -> tuple[str, ...]:
        """The sender's columns that are read, each once."""
        found = [header for each in self.columns for header in each.headers]
        found += [*self.kept, *(self.spread.headers if self.spread else ())]
        return tuple(dict.fromkeys(found))

    @property
    def fields(self) -> frozenset[str]:
        """The columns of the contract that are filled."""
        of_spread = (self.spread.category, self.spread.count) if self.spread else ()
        return frozenset([*(each.field for each in self.columns), *of_spread])


@dataclass(frozen=True)
class Mapped:
    """The contract's table, rows numbered as the sender's file has them, and rows left out."""

    table: Table
    left_out: int


def suggested(headers: Iterable[str], contract: Contract) -> ColumnMapping:
    """The columns whose names say which they are; the rest is for the sender to choose."""
    by_name = {plainly(header): header for header in reversed(list(headers))}
    columns = []
    for each in contract.fields:
        names = (each.header, each.name, each.label)
        header = next((by_name[plainly(n)] for n in names if plainly(n) in by_name), "")
        if header:
            columns.append(Column(each.name, (header,)))
    return ColumnMapping(contract.key, tuple(columns))


def unfilled(mapping: ColumnMapping, contract: Contract) -> tuple[Field, ...]:
    """The columns a file must have and the mapping does not fill."""
    return tuple(
        each
        for each in contract.fields
        if each.name not in mapping.fields and (each.required or not each.may_be_absent)
    )


def mapped(
    frame: pl.DataFrame,
    mapping: ColumnMapping,
    contract: Contract,
    *,
    rows: pl.Series | None = None,
    name: str = "The table",
) -> Mapped:
    """A sender's table of text as one of the contract. Without `rows` the first row is 2.

    Raises Unreadable where a column that the mapping reads is not there, or a column of the
    contract that is always needed is not filled.
    """
    _complete(frame, mapping, contract, name)
    if rows is None:
        rows = pl.int_range(2, frame.height + 2, dtype=pl.UInt32, eager=True).alias("row")
    frame = frame.select(_cleaned(mapping.headers, mapping.unknown)).with_columns(
        rows.alias("#row")
    )
    received = frame.height
    for header, values in mapping.kept.items():
        frame = frame.filter(pl.col(header).is_in(list(values)))
    left_out = received - frame.height
    frame = _spread(frame, mapping.spread)
    columns = {each.field: _filled(each, contract.field(each.field)) for each in mapping.columns}
    if mapping.spread:
        columns[mapping.spread.category] = pl.col("#category")
        columns[mapping.spread.count] = pl.col("#count")
    nothing = pl.lit(None, dtype=pl.String)
    found = frame.select(
        pl.col("#row"),
        *(columns.get(each.name, nothing).alias(each.name) for each in contract.fields),
    )
    return Mapped(
        Table(found.drop("#row"), found["#row"].alias("row"), (), len(mapping.headers)), left_out
    )


def _complete(frame: pl.DataFrame, mapping: ColumnMapping, contract: Contract, name: str) -> None:
    gone = [header for header in mapping.headers if header not in frame.columns]
    if gone:
        raise Unreadable(
            f"{name} no longer has the columns it had before: {', '.join(gone[:15])} missing.",
            "Put the columns back, or say again which column is which.",
            f"{name}, row 1",
        )
    needed = [each.label for each in unfilled(mapping, contract) if each.required]
    if needed:
        raise Unreadable(
            f"Nothing says where {name} has these columns: {', '.join(needed)}.",
            f"Choose the columns that hold them, as the contract {contract.title} needs them.",
            f"{name}, row 1",
        )


def _cleaned(headers: Iterable[str], unknown: tuple[str, ...]) -> list[pl.Expr]:
    nothing = ["", *unknown]
    columns = ((header, pl.col(header).str.strip_chars()) for header in headers)
    return [pl.when(~text.is_in(nothing)).then(text).alias(header) for header, text in columns]


def _spread(frame: pl.DataFrame, spread: Spread | None) -> pl.DataFrame:
    """One row for each count that is given, in the order of the sender's rows."""
    if spread is None:
        return frame
    beside = [each for each in frame.columns if each not in spread.headers]
    long = frame.unpivot(
        list(spread.headers), index=beside, variable_name="#category", value_name="#count"
    )
    category = pl.col("#category").replace_strict(dict(spread.headers), return_dtype=pl.String)
    given = long.filter(pl.col("#count").is_not_null()).with_columns(category)
    return given.sort("#row", maintain_order=True)


def _filled(column: Column, of: Field) -> pl.Expr:
    if not column.headers:
        return pl.lit(column.constant or None, dtype=pl.String)
    text = pl.col(column.headers[0])
    if len(column.headers) > 1:
        text = pl.concat_str(column.headers, separator=column.between, ignore_nulls=True)
    if column.values:
        known = {sent: meant or None for sent, meant in column.values.items()}
        text = text.replace(known)
    if of.kind in _WRITTEN and set(_NEEDED[of.kind]) <= set(column.form):
        text = pl.coalesce(_reread(text, column.form, _WRITTEN[of.kind]), text)
    return text


def _reread(text: pl.Expr, form: str, written: str) -> pl.Expr:
    """A date or time read in one form and written in another; nothing where it is not of it.

    An offset from Greenwich is dropped: the day and the time of day are those on the spot.
    """
    if "xxx" in form:
        text = text.str.replace(_OFFSET, "")
    read = _TOKEN.sub(lambda found: _TOKENS[found[0]], form)
    if "d" not in form and "H" not in form:  # a month alone: no date without a day
        text, read = pl.concat_str(pl.lit("01 "), text), f"%d {read}"
    if "H" not in form:
        return text.str.to_date(read, strict=False).dt.strftime(written)
    if "y" not in form:
        return text.str.to_time(read, strict=False).dt.strftime(written)
    return text.str.to_datetime(read, strict=False).dt.strftime(written)
