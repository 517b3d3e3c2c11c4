"""Every row is accepted or returned, and a returned row comes back with all its faults at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from frankpledge.contracts.besides import persons_in
from frankpledge.contracts.compiling import MONTH_PATTERN, Test, as_date, as_number, compiled
from frankpledge.contracts.model import DTYPES, MONTH, Contract, Field, Kind
from frankpledge.contracts.notices import Notice, Noticed
from frankpledge.contracts.private import DIGEST, NOT_SHOWN, may_point, worth_a_look
from frankpledge.contracts.reading import Part
from frankpledge.contracts.reference import Reference
from frankpledge.contracts.refusals import OfPersons, of_persons
from frankpledge.contracts.tables import Table, columns_of

LONGEST_VALUE = 60
FAULTS = pl.Schema(
    {
        "row": pl.UInt32(),
        "file": pl.String(),
        "column": pl.String(),
        "value": pl.String(),
        "rule": pl.String(),
        "message": pl.String(),
        "remedy": pl.String(),
    }
)


@dataclass(frozen=True)
class Checked:
    """What became of the rows of one file: `received` is always `stored` and `rejected` together.

    `rows` are the accepted rows, typed, columns as in the contract; `cube` counts them by area,
    month and category, or sums their counts where the contract has counts. `faults` has one line
    for each fault: row (as a spreadsheet numbers it), file, column, value, rule, message, remedy.
    `months` counts rows by month: received and rejected; "" is a month nobody can tell.
    `warnings` of `check` speak of the whole table; a Checking gives them when it is closed.
    """

    rows: pl.DataFrame
    cube: pl.DataFrame
    faults: pl.DataFrame
    received: int
    rejected: int
    months: dict[str, tuple[int, int]]
    warnings: tuple[Notice, ...] = ()

    @property
    def stored(self) -> int:
        return self.rows.height


def check(
    frame: pl.DataFrame, contract: Contract, *, reference: Reference | None = None, name: str = ""
) -> Checked:
    """Check one table of text, its columns named as in the file or in the contract.

    The first row is numbered 2, as under a line of column names. Raises Unreadable where the
    columns are not those of the contract.
    """
    fields = columns_of(frame.columns, contract, name or "The table")
    frame = frame.rename(dict(zip(frame.columns, (each.name for each in fields), strict=True)))
    absent = [each.name for each in contract.fields if each.name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(each) for each in absent)
    frame = frame.select([each.name for each in contract.fields])
    rows = pl.int_range(2, frame.height + 2, dtype=pl.UInt32, eager=True).alias("row")
    checking = Checking(contract, reference=reference)
    found = checking.add(Part(name, None, Table(frame, rows, ())))
    return replace(found, warnings=checking.close())


class Checking:
    """The check of one submission, file by file; `close` gives what is seen only over all files.

    With `whole`, what the files hold besides their tables is searched for signs of persons too.
    """

    def __init__(
        self, contract: Contract, *, reference: Reference | None = None, whole: bool = False
    ) -> None:
        self.contract = contract
        self._whole = whole
        self.reference = reference or Reference()
        tests = compiled(contract, self.reference)
        self._errors = [each for each in tests if each.error]
        self._warnings = [each for each in tests if not each.error]
        self._noticed = Noticed(contract, self.reference)
        self._once = next((each for each in contract.rules if each.kind == "sent-twice"), None)
        self._seen: pl.Series = pl.Series(dtype=pl.UInt64)
        self._personal: list[pl.DataFrame] = []

    def add(self, part: Part) -> Checked:
        """Check one file."""
        frame = self._beside(part.table.frame, part.month)
        identity = self.contract.role("identity")
        view = _View(frame, identity)
        found = [*view.broken(self._errors), *self._sent_before(frame)]
        doubts = part.table.doubts
        doubtful = [part.table.rows.is_in(doubts["row"].implode())] if doubts.height else []
        wrong = _any([*(mask for _, mask in found), *doubtful])
        faults = [_faults(frame, part, test, mask, self.contract) for test, mask in found]
        self._personal += [
            each for each, (test, _) in zip(faults, found, strict=True) if test.secret
        ]
        if self._whole and part.table.besides.height:
            self._besides(part)
        faults.append(_ragged(part, len(self.contract.headers)))
        accepted, rows = frame, part.table.rows
        if wrong is not None:
            accepted, rows = frame.filter(~wrong), rows.filter(~wrong)
            view = _View(accepted, identity)
        typed = self._typed(accepted)
        cube = self._cube(typed)
        self._noticed.totals(part.table.wrong_totals)
        self._noticed.look(typed, rows, cube, part.name)
        for test, mask in view.broken(self._warnings):
            self._noticed.tally(test, typed, rows, mask, part.name)
        listed = _with_doubts(pl.concat(faults), part).sort("row", maintain_order=True)
        ragged = len(part.table.ragged)
        months = self._months(typed, frame.filter(wrong) if wrong is not None else None, part)
        self._noticed.count(months)
        return Checked(
            rows=typed,
            cube=cube.drop("rows"),
            faults=listed,
            received=frame.height + ragged,
            rejected=frame.height - typed.height + ragged,
            months=months,
        )

    def _besides(self, part: Part) -> None:
        found = persons_in(part.table.besides, part.name)
        if found.height:
            self._personal.append(found.cast(FAULTS))

    def close(self) -> tuple[Notice, ...]:
        """Warnings over everything that was added."""
        return self._noticed.close()

    def stopped(self, name: str) -> OfPersons | None:
        """Why nothing of the return may be kept: what points to a person in what was added."""
        return of_persons(pl.concat(self._personal), name) if self._personal else None

    def vintage(self, month: str) -> int | None:
        """The vintage of a month's small area codes, where they are of one."""
        return self._noticed.vintage(month)

    def is_incomplete(self, month: str) -> bool:
        """Whether a month has far fewer rows than the months around it; ask after adding all."""
        return month in self._noticed.incomplete()

    def _beside(self, frame: pl.DataFrame, month: str | None) -> pl.DataFrame:
        """The text with what the tests read beside it: numbers, the file's month, places."""
        numbers = [
            pl.col(each.name).cast(DTYPES[each.kind], strict=False).alias(as_number(each.name))
            for each in self.contract.fields
            if each.kind in (Kind.NUMBER, Kind.WHOLE)
        ]
        told = pl.lit(month, dtype=pl.String).alias("#month-of-file")
        frame = frame.with_columns(*numbers, told)
        places, area = self.reference.places, self.contract.role("area")
        if places is None or not self.contract.role("longitude"):
            return frame
        beside = places.select(
            pl.col("code").alias(area),
            pl.col("longitude").alias("#place-longitude"),
            pl.col("latitude").alias("#place-latitude"),
            pl.col("radius_m").alias("#place-radius"),
        ).unique(area, keep="first", maintain_order=True)
        return frame.join(beside, on=area, how="left", maintain_order="left")

    def _typed(self, frame: pl.DataFrame) -> pl.DataFrame:
        columns = [_read(each) for each in self.contract.fields]
        if self.contract.month_is_made:
            columns.append(self._month.alias(MONTH))
        return frame.select(columns)

    @property
    def _month(self) -> pl.Expr:
        """The month of a row as text; a date begins with it."""
        text = pl.col(self.contract.dated_by)
        return text.str.head(len("2025-01")) if self.contract.month_is_made else text

    def _cube(self, typed: pl.DataFrame) -> pl.DataFrame:
        """Area × month × category with `rows` and `count`; the empty area is no location."""
        role = self.contract.role
        keys = [name for name in ("area", "month", "category") if role(name)]
        months = typed[role("month")]
        one = months.len() > 0 and bool((months == months[0]).all())
        by = [
            pl.col(role(name)).fill_null("").alias(name)
            for name in keys
            if not (one and name == "month")
        ]
        count = pl.col(role("count")).sum() if role("count") else pl.len()
        cube = typed.group_by(by).agg(
            pl.len().cast(pl.Int64).alias("rows"), count.cast(pl.Int64).alias("count")
        )
        if one:
            cube = cube.with_columns(pl.lit(months[0]).alias("month"))
        return cube.select(*keys, "rows", "count")

    def _sent_before(self, frame: pl.DataFrame) -> Iterable[tuple[Test, pl.Series]]:
        """Rows whose key came in an earlier file of the same submission."""
        rule = self._once
        if rule is None:
            return ()
        keys = frame.select(rule.fields).hash_rows()
        again = keys.is_in(self._seen.implode()) if self._seen.len() else None
        self._seen = pl.concat([self._seen, keys]).unique()
        if again is None or not again.any():
            return ()
        test = Test(
            rule.key, rule.fields, pl.lit(True), "An earlier file has this row.", rule.remedy
        )
        return ((test, again),)

    def _months(
        self, typed: pl.DataFrame, wrong: pl.DataFrame | None, part: Part
    ) -> dict[str, tuple[int, int]]:
        column = self.contract.role("month")
        stored: dict[str, int] = dict(typed[column].value_counts().iter_rows())
        rejected: dict[str, int] = {}
        if part.table.ragged:
            rejected[part.month or ""] = len(part.table.ragged)
        if wrong is not None:
            if part.month:
                rejected[part.month] = rejected.get(part.month, 0) + wrong.height
            else:
                month = self._month
                told = pl.when(month.str.contains(MONTH_PATTERN)).then(month)
                counted = wrong.select(told.otherwise(pl.lit(""))).to_series().value_counts()
                for each, count in counted.iter_rows():
                    rejected[each] = rejected.get(each, 0) + count
        return {
            each: (stored.get(each, 0) + rejected.get(each, 0), rejected.get(each, 0))
            for each in sorted({*stored, *rejected})
        }


def _read(each: Field) -> pl.Expr:
    if each.kind in (Kind.NUMBER, Kind.WHOLE):
        return pl.col(as_number(each.name)).alias(each.name)
    return as_date(pl.col(each.name)) if each.kind is Kind.DATE else pl.col(each.name)


class _View:
    """A table with its distinct values, worked out once for all the tests that read them."""

    def __init__(self, frame: pl.DataFrame, identity: str) -> None:
        self.frame = frame
        self._identity = identity
        self._distinct: dict[tuple[str, bool], pl.DataFrame] = {}

    def broken(self, tests: Iterable[Test]) -> list[tuple[Test, pl.Series]]:
        """The tests that some row breaks, each with the rows that do, in the order given."""
        tests = list(tests)
        named = {str(number): test for number, test in enumerate(tests)}
        groups: dict[tuple[str, bool] | None, list[str]] = {}
        for name, test in named.items():
            group = (test.columns[0], test.secret) if test.by_value else None
            groups.setdefault(group, []).append(name)
        hit = [
            name
            for group, names in groups.items()
            for name in _some(self.frame if group is None else self._values(*group), named, names)
        ]
        return [(named[name], self._mask(named[name])) for name in sorted(hit, key=int)]

    def _values(self, column: str, secret: bool) -> pl.DataFrame:
        key = (column, secret)
        if key not in self._distinct:
            if secret:
                self._distinct[key] = self._suspected[column].to_frame(column)
            else:
                self._distinct[key] = self.frame[column].unique().to_frame()
        return self._distinct[key]

    @cached_property
    def _suspected(self) -> dict[str, pl.Series]:
        """Of each column the values that may point to a person, in one look at all of them."""
        texts = [each for each in self.frame.columns if not each.startswith("#")]
        element = pl.element()
        suspect = element.filter(worth_a_look(element)).unique()
        found = self.frame.select(
            self._worth(each).implode().list.eval(suspect).alias(each) for each in texts
        )
        return {each: _pointing(found[each][0]) for each in texts}

    def _worth(self, column: str) -> pl.Expr:
        """Each value once, but for numbers that can be read and digests in place of references."""
        text = pl.col(column)
        if as_number(column) in self.frame.columns:
            return text.filter(pl.col(as_number(column)).is_null())
        if column == self._identity:
            return text.filter(~text.str.contains(DIGEST))
        return text.unique()

    def _mask(self, test: Test) -> pl.Series:
        if not test.by_value:
            return self.frame.select(test.faulty.fill_null(False).alias("faulty")).to_series()
        (column,) = test.columns
        wrong = self._values(column, test.secret).filter(test.faulty)[column]
        return self.frame[column].is_in(wrong.implode(), nulls_equal=True)


def _pointing(values: pl.Series) -> pl.Series:
    """What is left once it is read without its disguise."""
    return values.to_frame("text").filter(may_point(pl.col("text"))).to_series()


def _some(frame: pl.DataFrame, named: dict[str, Test], names: list[str]) -> list[str]:
    if frame.is_empty():
        return []
    columns = {named[name].hint: named[name].columns[0] for name in names}
    hinted = {
        hint
        for hint, column in columns.items()
        if not hint or frame[column].str.contains(hint).any()
    }
    names = [name for name in names if named[name].hint in hinted]
    found = frame.select(named[name].faulty.any().alias(name) for name in names)
    return [name for name in names if found[name][0]]


def _any(masks: Iterable[pl.Series]) -> pl.Series | None:
    found: pl.Series | None = None
    for mask in masks:
        found = mask if found is None else found | mask
    return found


def _faults(
    frame: pl.DataFrame, part: Part, test: Test, mask: pl.Series, contract: Contract
) -> pl.DataFrame:
    headers = " and ".join(contract.field(each).header for each in test.columns)
    values = pl.concat_str(pl.col(test.columns), separator=", ", ignore_nulls=True)
    shown = pl.when(may_point(values)).then(pl.lit(NOT_SHOWN)).otherwise(values)
    shown = pl.lit(NOT_SHOWN) if test.secret else shown.fill_null("").str.head(LONGEST_VALUE)
    return (
        frame.filter(mask)
        .select(
            part.table.rows.filter(mask).alias("row"),
            pl.lit(part.name).alias("file"),
            pl.lit(headers).alias("column"),
            shown.alias("value"),
            pl.lit(test.key).alias("rule"),
            pl.lit(test.message).alias("message"),
            pl.lit(test.remedy).alias("remedy"),
        )
        .cast(FAULTS)
    )


def _with_doubts(faults: pl.DataFrame, part: Part) -> pl.DataFrame:
    """A cell that the reader doubts has that fault alone: what the rules say of it follows."""
    doubts = part.table.doubts
    if doubts.is_empty():
        return faults
    others = faults.join(doubts, on=["row", "column"], how="anti")
    told = doubts.with_columns(pl.lit(part.name).alias("file")).select(FAULTS.names())
    return pl.concat([others, told.cast(FAULTS)])


def _ragged(part: Part, width: int) -> pl.DataFrame:
    lines = [
        (
            row,
            part.name,
            "The whole row",
            f"{found} values",
            "row-length",
            f"The row has {found} values and needs {part.table.width or width}.",
            "Put quotation marks around a value that holds a comma, and send every value.",
        )
        for row, found in part.table.ragged
    ]
    return pl.DataFrame(lines, schema=FAULTS, orient="row")
