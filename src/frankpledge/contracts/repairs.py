"""What was put right in a file before it was checked, and what could not be: both are listed.

Only what cannot be wrong is repaired. A column whose days and months could stand in either order is
asked about as a whole; a single cell that cannot be known is a doubt, and its row is returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import polars as pl

from frankpledge.contracts.besides import Besides
from frankpledge.contracts.model import Contract, Field, Kind
from frankpledge.contracts.private import NOT_SHOWN, may_point
from frankpledge.contracts.refusals import About, Unclear
from frankpledge.contracts.totals import TOTALS, WrongTotal, as_figure, not_added_up
from frankpledge.contracts.written import (
    D_M_Y,
    Written,
    as_code,
    as_day,
    as_month,
    as_number,
    as_time,
    as_whole,
)

REPAIRS = pl.Schema(
    {
        "sheet": pl.String(),
        "row": pl.UInt32(),
        "column": pl.String(),
        "what": pl.String(),
        "before": pl.String(),
        "after": pl.String(),
    }
)
DOUBTS = pl.Schema(
    {
        "row": pl.UInt32(),
        "column": pl.String(),
        "value": pl.String(),
        "rule": pl.String(),
        "message": pl.String(),
        "remedy": pl.String(),
    }
)
_FINE = {
    Kind.DATE: r"^(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$",
    Kind.MONTH: r"^(?:19|20)[0-9]{2}-[0-9]{2}$",
    Kind.TIME: r"^[0-2][0-9]:[0-5][0-9]$",
    Kind.WHOLE: r"^-?[0-9]+$",
    Kind.NUMBER: r"^-?[0-9]+(?:\.[0-9]+)?$",
}
_ERROR = (
    r"^(?:#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|ERROR!|BUSY!|FIELD!)"
    r"|#{3,}|Err:[0-9]+)$"
)
_SCIENTIFIC = r"^[0-9](?:[.,][0-9]+)?E\+[0-9]{2,3}$"
LONGEST = 60
_FEW = 1000


@dataclass(frozen=True)
class Repair:
    """One thing put right: where it is, what was done, and the value before and after."""

    sheet: str
    row: int | None
    column: str
    what: str
    before: str
    after: str

    @property
    def place(self) -> str:
        row = f"row {self.row:,}" if self.row else ""
        return ", ".join(each for each in (self.sheet, row, self.column) if each)


@dataclass(frozen=True)
class Repaired:
    """Repairs of one kind in one column, with how many there are and the first of them."""

    sheet: str
    column: str
    what: str
    count: int
    first: tuple[Repair, ...]


def grouped(repairs: Iterable[pl.DataFrame], *, examples: int = 3) -> tuple[Repaired, ...]:
    """Repairs by sheet, kind and column, in the order in which they first occur."""
    every = pl.concat([no_repairs(), *repairs])
    keys = ["sheet", "what", "column"]
    found = []
    for (sheet, what, column), group in every.group_by(keys, maintain_order=True):
        first = tuple(Repair(**each) for each in group.head(examples).iter_rows(named=True))
        found.append(Repaired(str(sheet), str(column), str(what), group.height, first))
    return tuple(found)


def no_repairs() -> pl.DataFrame:
    return pl.DataFrame(schema=REPAIRS)


def no_doubts() -> pl.DataFrame:
    return pl.DataFrame(schema=DOUBTS)


@dataclass
class Marks:
    """What a workbook tells of single cells besides their text: rows by kind, for one column."""

    days: list[int] = field(default_factory=list)  # real dates, which Excel made or was given
    wrong: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)  # numbers that may have been codes


@dataclass
class Mending:
    """The repairs and doubts of one table while they are found.

    `counts_from` is 1900 or 1904 where numbers may stand for days; None in a file of text, which
    cannot tell. `orders` are columns whose order of day and month is settled by earlier pieces of
    the same file. A table that is not `whole` is a later piece of one: it cannot tell its totals.
    """

    name: str
    sheet: str = ""
    counts_from: int | None = None
    day_first: bool | None = None
    dates_are_right: bool = False
    comma_is_point: bool = False
    orders: dict[str, bool] = field(default_factory=dict)
    noted: list[tuple[str, int | None, str, str, str, str]] = field(default_factory=list)
    found: list[pl.DataFrame] = field(default_factory=list)
    doubts: list[pl.DataFrame] = field(default_factory=list)
    marks: dict[str, Marks] = field(default_factory=dict)  # by field
    whole: bool = True
    wrong_totals: list[WrongTotal] = field(default_factory=list)
    besides: Besides = field(default_factory=Besides)

    def note(
        self, what: str, *, row: int | None = None, column: str = "", before: str = "",
        after: str = "",
    ) -> None:  # fmt: skip
        self.noted.append((self.sheet, row, column, what, before[:LONGEST], after[:LONGEST]))

    @property
    def repairs(self) -> pl.DataFrame:
        noted = pl.DataFrame(self.noted, schema=REPAIRS, orient="row")
        if noted.height:  # a note may hold what must not be repeated
            said = pl.col("before", "after")
            noted = noted.with_columns(
                pl.when(~may_point(said)).then(said).otherwise(pl.lit(NOT_SHOWN)).name.keep()
            )
        return pl.concat([noted, *self.found])

    @property
    def doubtful(self) -> pl.DataFrame:
        return pl.concat([no_doubts(), *self.doubts]).sort("row", maintain_order=True)

    def mend(
        self, frame: pl.DataFrame, rows: pl.Series, contract: Contract
    ) -> tuple[pl.DataFrame, pl.Series]:
        """The table with its values put right and rows of totals left out.

        Raises Unclear where the order of day and month, or real dates, could be wrong.
        """
        changed: dict[str, pl.Series] = {}
        for each in contract.fields:
            text = frame[each.name]
            if text.null_count() == text.len():
                continue
            identity = each.name == contract.role("identity")
            values = text.unique(maintain_order=True) if _repeats(text) else text
            other = self._not_as_agreed(each, values, identity=identity)
            self._in_doubt(
                each, text, rows, other if other is not None and each.kind in _FINE else values
            )
            mended = self._field(each, text, rows, other)
            if mended is not None:
                changed[each.name] = mended
        if changed:
            frame = frame.with_columns(changed.values())
        frame, kept = self._without_totals(frame, rows, contract)
        if kept.len() < rows.len():
            there = kept.implode()
            self.doubts = [each.filter(pl.col("row").is_in(there)) for each in self.doubts]
        return frame, kept

    def _in_doubt(self, each: Field, text: pl.Series, rows: pl.Series, values: pl.Series) -> None:
        marks = self.marks.get(each.name, Marks())
        if marks.wrong or values.str.contains("^(?:#|Err:)").any():
            wrong = text.str.contains(_ERROR)
            wrong = (wrong | rows.is_in(marks.wrong)).fill_null(False)
            self._doubt(
                each, text, rows, wrong, "formula-error",
                f"{each.label} holds an error of the spreadsheet, and no value.",
                "Mend the formula or type the value, save the workbook and send it again.",
            )  # fmt: skip
        if each.kind is not Kind.TEXT or each.free_text:
            return
        changed = [*marks.changed, *marks.days]
        if changed or values.str.contains("E+", literal=True).any():
            wrong = text.str.contains(_SCIENTIFIC)
            wrong = (wrong | rows.is_in(changed)).fill_null(False)
            self._doubt(
                each, text, rows, wrong, "changed-by-spreadsheet",
                f"{each.label} was turned into a number or a date by the spreadsheet.",
                "Format the column as text, type or paste the codes again, and send it again.",
            )  # fmt: skip

    def _doubt(
        self, each: Field, text: pl.Series, rows: pl.Series, mask: pl.Series, rule: str,
        message: str, remedy: str,
    ) -> None:  # fmt: skip
        if not mask.any():
            return
        values = text.filter(mask).fill_null("").str.head(LONGEST)
        frame = pl.DataFrame({"row": rows.filter(mask), "value": values}).select(
            pl.col("row"),
            pl.lit(each.header).alias("column"),
            pl.col("value"),
            pl.lit(rule).alias("rule"),
            pl.lit(message).alias("message"),
            pl.lit(remedy).alias("remedy"),
        )
        self.doubts.append(frame.cast(DOUBTS))

    def _field(
        self, each: Field, text: pl.Series, rows: pl.Series, other: pl.Series | None
    ) -> pl.Series | None:
        """The column put right, or nothing where it was right."""
        if other is None or not other.len():
            return None
        read: Callable[[str], Written]
        match each.kind:
            case Kind.DATE | Kind.MONTH:
                first = self._day_first(each, text, other, rows)
                kept = as_day if each.kind is Kind.DATE else as_month

                def read(value: str) -> Written:
                    return kept(value, day_first=first, counts_from=self.counts_from)

                if self.counts_from is None:
                    self._serials(each, text, rows, other)
            case Kind.TIME:

                def read(value: str) -> Written:
                    return as_time(value, fractions=self.counts_from is not None)
            case Kind.WHOLE:
                read = as_whole
            case Kind.NUMBER:

                def read(value: str) -> Written:
                    return as_number(value, comma_is_point=self.comma_is_point)
            case _:

                def read(value: str) -> Written:
                    return as_code(value, each)

        return self._replaced(each, text, rows, other, read)

    def _not_as_agreed(self, each: Field, values: pl.Series, *, identity: bool) -> pl.Series | None:
        """The distinct values that are not written as they should be, where that can be told."""
        if each.kind in _FINE:
            fine = values.str.contains(_FINE[each.kind])
        elif each.kind is not Kind.TEXT:
            return None
        elif each.codes:
            fine = values.is_in([code.value for code in each.codes])
        elif each.pattern and not identity:
            fine = values.str.contains(each.pattern)
        else:
            return None
        return values.filter(~fine).unique(maintain_order=True)  # nulls are passed over

    def _replaced(
        self, each: Field, text: pl.Series, rows: pl.Series, other: pl.Series,
        read: Callable[[str], Written],
    ) -> pl.Series | None:  # fmt: skip
        known = {value: found for value in other if (found := read(value)) is not None}
        if not known:
            return None
        before, after, what = pl.Series(known.keys()), *zip(*known.values(), strict=True)
        changes = pl.DataFrame(
            {"before": before, "after": after, "what": what},
            schema={key: REPAIRS[key] for key in ("before", "after", "what")},
        )
        at = pl.DataFrame({"row": rows, "before": text})
        joined = at.join(changes, on="before", how="left", maintain_order="left")
        # Real dates are written as dates already: nothing a person would call a repair.
        told = joined.filter(pl.col("what").is_not_null() & (pl.col("what") != ""))
        self.found.append(
            told.select(
                pl.lit(self.sheet).alias("sheet"),
                pl.col("row"),
                pl.lit(each.header).alias("column"),
                pl.col("what"),
                pl.col("before").str.head(LONGEST),
                pl.col("after").str.head(LONGEST),
            ).cast(REPAIRS)
        )
        return joined.select(pl.coalesce("after", "before").alias(each.name)).to_series()

    def _serials(self, each: Field, text: pl.Series, rows: pl.Series, other: pl.Series) -> None:
        looks = r"^[2-6][0-9]{4}(?:\.[0-9]+)?$"
        if other.str.contains(looks).any():
            self._doubt(
                each, text, rows, text.str.contains(looks).fill_null(False), "serial-number",
                f"{each.label} is a spreadsheet's number for a day, and the file does not say "
                "from which year it counts.",
                "Format the column as a date, such as 2025-01-31, and export the file again.",
            )  # fmt: skip

    def _day_first(
        self, each: Field, text: pl.Series, other: pl.Series, rows: pl.Series
    ) -> bool | None:
        """Whether the day comes first in a column. Raises Unclear where it cannot be told."""
        written = other.str.extract_groups(D_M_Y).struct.unnest().drop_nulls().select("1", "2")
        if written.is_empty():
            return None
        self._may_be_exchanged(each, text, rows, other)
        if self.day_first is not None:
            return self.day_first
        first, second = (written[key].cast(pl.Int32) for key in ("1", "2"))
        days = self.orders.get(each.name) is True or bool(((first > 12) & (second <= 12)).any())
        months = self.orders.get(each.name) is False or bool(((second > 12) & (first <= 12)).any())
        if days != months:
            self.orders[each.name] = days
            return days
        place = ", ".join(part for part in (self.name, self.sheet, each.header) if part)
        example = other.filter(other.str.contains(D_M_Y))[0]
        if days:
            raise Unclear(
                About.DAY_FIRST,
                f"{each.header} has dates with the day first and dates with the month first.",
                "Write every date as year, month, day, such as 2025-01-31, and send it again.",
                place,
            )
        if bool((first == second).all()):
            return True
        raise Unclear(
            About.DAY_FIRST,
            f"{each.header} has dates such as {example}, which can be read in two ways.",
            "Say whether the day or the month comes first, or write dates as 2025-01-31.",
            place,
            options=("day", "month"),
        )

    def _may_be_exchanged(
        self, each: Field, text: pl.Series, rows: pl.Series, other: pl.Series
    ) -> None:
        """Excel set to another country makes real dates of 05/01, and leaves 13/01 as text."""
        days = self.marks.get(each.name, Marks()).days
        if self.dates_are_right or not days:
            return
        real = text.filter(rows.is_in(days)).str.slice(8, 2).cast(pl.Int32, strict=False)
        typed = other.str.extract_groups(D_M_Y).struct.unnest().drop_nulls()
        left = typed.select(pl.max_horizontal(pl.col("1", "2").cast(pl.Int32))).to_series()
        if bool((left > 12).all()) and bool((real <= 12).all()):
            raise Unclear(
                About.DATES,
                f"{each.header} has real dates beside dates as text. "
                "A spreadsheet may have exchanged day and month in the real ones.",
                "Compare some with your system. Say that they are right, or export them again.",
                ", ".join(part for part in (self.name, self.sheet, each.header) if part),
                options=("right",),
            )

    def _without_totals(
        self, frame: pl.DataFrame, rows: pl.Series, contract: Contract
    ) -> tuple[pl.DataFrame, pl.Series]:
        """Rows that say Total and have no date: they could not be taken as rows anyway."""
        dated = contract.dated_by
        fine = _FINE.get(contract.field(dated).kind, r"^[0-9]{4}-")
        days = frame[dated].unique()
        if not days.null_count() and days.str.contains(fine).all():
            return frame, rows
        undated = ~frame[dated].str.contains(fine).fill_null(False)
        words = pl.all().str.strip_chars(" :").str.to_lowercase().is_in(TOTALS)
        is_total = frame.select(pl.any_horizontal(words.fill_null(False))).to_series() & undated
        if not is_total.any():
            return frame, rows
        kept, left = frame.filter(~is_total), rows.filter(~is_total)
        totals = frame.filter(is_total)
        above = 0
        for row, values in zip(rows.filter(is_total), totals.iter_rows(named=True), strict=True):
            what = "A row of totals was left out."
            wrong = []
            if self.whole:
                place = (self.name, f"sheet {self.sheet}" if self.sheet else "")
                wrong = not_added_up(values, row, kept, left, contract, above=above, place=place)
            if wrong:
                sums = as_figure(wrong[0].found)
                what = f"{what} It does not agree with the rows, which add up to {sums}."
            self.wrong_totals += wrong
            self.note(what, row=row, before=", ".join(each for each in values.values() if each))
            above = row
        return kept, left


def _repeats(text: pl.Series) -> bool:
    """Whether to look at each value once is worth finding them: references and points differ."""
    return text.head(_FEW).n_unique() < _FEW / 2
