"""A table that may leave: it can be made by this package only."""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Literal, get_args

Kind = Literal["text", "count", "number", "rate", "percent", "month", "date"]
Value = str | int | float | date | None
KINDS: tuple[str, ...] = get_args(Kind)
SUPPRESSED_TEXT = "[c]"
MISSING_TEXT = "no data"
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SEAL = object()


class TamperedTable(ValueError):
    """A stored table is not the one that was frozen."""


class Status(StrEnum):
    SHOWN = "shown"
    SUPPRESSED = "suppressed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` says how a value reads; only `count` columns are protected as counts of people."""

    key: str
    label: str
    kind: Kind = "text"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """`value` is None unless the cell is shown; `text` is how it reads to people."""

    value: Value
    status: Status
    text: str


SUPPRESSED = Cell(None, Status.SUPPRESSED, SUPPRESSED_TEXT)
MISSING = Cell(None, Status.MISSING, MISSING_TEXT)


def shown(value: Value, kind: Kind = "text") -> Cell:
    """A cell for a value; None, NaN and infinity are missing, never a figure."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return MISSING
    return Cell(value, Status.SHOWN, _reads(value, kind))


def _reads(value: Value, kind: Kind) -> str:
    if kind == "month":
        return month_name(str(value))
    if isinstance(value, date):
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if kind == "percent":
        return f"{value:,.1f}%"
    if kind == "rate":
        return f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}"
    if isinstance(value, int) or value.is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}"


def month_name(month: str) -> str:
    """`2025-01` reads "January 2025"; anything else stays as it is."""
    year, _, number = month.partition("-")
    if len(year) == 4 and year.isdigit() and number.isdigit() and 1 <= int(number) <= 12:
        return f"{_MONTHS[int(number) - 1]} {year}"
    return month


@dataclass(frozen=True)
class PublishableTable:
    """Columns and rows that passed disclosure. `key` is a digest of everything it shows."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    audience: str
    rule: str
    notes: tuple[str, ...]
    synthetic: bool
    sources: tuple[str, ...]
    key: str
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("A PublishableTable is made by publish() or a ProtectedRelease only.")

    def place(self, key: str) -> int:
        """The position of a column. Raises KeyError with the keys there are."""
        for index, column in enumerate(self.columns):
            if column.key == key:
                return index
        raise KeyError(f"No column {key!r}; there are {[c.key for c in self.columns]}")

    def column(self, key: str) -> tuple[Cell, ...]:
        place = self.place(key)
        return tuple(row[place] for row in self.rows)

    def records(self) -> list[dict[str, Value]]:
        """One dict a row: the value shown, "[c]" where suppressed, None where there is no data."""
        return [
            {
                column.key: SUPPRESSED_TEXT if cell.status is Status.SUPPRESSED else cell.value
                for column, cell in zip(self.columns, row, strict=True)
            }
            for row in self.rows
        ]

    def pick(
        self,
        *,
        columns: Sequence[str] | None = None,
        keep: Callable[[Mapping[str, Cell]], bool] | None = None,
        order: Callable[[Mapping[str, Cell]], Any] | None = None,
        title: str | None = None,
    ) -> "PublishableTable":
        """Fewer columns or rows, another order or title, of what is already protected."""
        keys = [column.key for column in self.columns]
        rows = [dict(zip(keys, row, strict=True)) for row in self.rows]
        if keep is not None:
            rows = [row for row in rows if keep(row)]
        if order is not None:
            rows = sorted(rows, key=order)
        chosen = keys if columns is None else list(columns)
        return sealed(
            title=self.title if title is None else title,
            columns=tuple(self.columns[self.place(key)] for key in chosen),
            rows=tuple(tuple(row[key] for key in chosen) for row in rows),
            audience=self.audience,
            rule=self.rule,
            notes=self.notes,
            synthetic=self.synthetic,
            sources=self.sources,
        )

    def noting(self, notes: Sequence[str]) -> "PublishableTable":
        """The same figures with more to be said of them; what is said already is not repeated."""
        more = tuple(each for each in notes if each not in self.notes)
        if not more:
            return self
        return sealed(
            title=self.title,
            columns=self.columns,
            rows=self.rows,
            audience=self.audience,
            rule=self.rule,
            notes=(*self.notes, *more),
            synthetic=self.synthetic,
            sources=self.sources,
        )


def sealed(
    *,
    title: str,
    columns: tuple[Column, ...],
    rows: tuple[tuple[Cell, ...], ...],
    audience: str,
    rule: str,
    notes: Iterable[str],
    synthetic: bool,
    sources: Iterable[str],
) -> PublishableTable:
    """For this package only: closes a table over cells that are already protected."""
    keys = [column.key for column in columns]
    if len(set(keys)) != len(keys):
        raise ValueError(f"Two columns of “{title}” have the same key: {keys}")
    if any(len(row) != len(columns) for row in rows):
        raise ValueError(f"Every row of “{title}” needs {len(columns)} cells.")
    parts = (title, columns, rows, audience, rule, tuple(notes), synthetic, tuple(sources))
    return PublishableTable(*parts, key=_digest(parts), seal=_SEAL)


def freeze(table: PublishableTable) -> dict[str, Any]:
    """The table as plain JSON values, to be kept with a Finding."""
    return {
        "title": table.title,
        "columns": [[c.key, c.label, c.kind, c.unit] for c in table.columns],
        "rows": [[[_plain(c.value), c.status.value, c.text] for c in r] for r in table.rows],
        "audience": table.audience,
        "rule": table.rule,
        "notes": list(table.notes),
        "synthetic": table.synthetic,
        "sources": list(table.sources),
        "key": table.key,
    }


def thaw(kept: Mapping[str, Any]) -> PublishableTable:
    """The table that was frozen. Raises TamperedTable when it no longer matches its key."""
    try:
        table = sealed(
            title=kept["title"],
            columns=tuple(Column(*column) for column in kept["columns"]),
            rows=tuple(
                tuple(Cell(_rich(value), Status(status), text) for value, status, text in row)
                for row in kept["rows"]
            ),
            audience=kept["audience"],
            rule=kept["rule"],
            notes=kept["notes"],
            synthetic=kept["synthetic"],
            sources=kept["sources"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise TamperedTable("This stored table cannot be read.") from error
    if table.key != kept["key"]:
        raise TamperedTable(f"“{table.title}” was changed after it was frozen.")
    return table


def _plain(value: Value) -> Any:
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _rich(value: Any) -> Value:
    return date.fromisoformat(value["date"]) if isinstance(value, dict) else value


def _digest(parts: tuple[Any, ...]) -> str:
    title, columns, rows, *rest = parts
    said = [
        title,
        [[c.key, c.label, c.kind, c.unit] for c in columns],
        [[[_plain(c.value), c.status.value, c.text] for c in row] for row in rows],
        *rest,
    ]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
