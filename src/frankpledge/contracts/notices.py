"""Warnings: what the receiver should know about rows that are kept all the same."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median
from typing import Any

import polars as pl

from frankpledge.contracts.compiling import Test
from frankpledge.contracts.model import Contract, Rule
from frankpledge.contracts.reference import Reference
from frankpledge.contracts.totals import WrongTotal, as_figure

EXAMPLES = 20
ONE_VINTAGE = 0.95  # of the rows that tell vintages apart
_SMALL_AREA = r"^[EW]01[0-9]{6}$"


@dataclass(frozen=True)
class Notice:
    """A warning over a submission. `groups` counts sets of equal rows or identifiers."""

    rule: str
    message: str
    remedy: str
    count: int
    months: tuple[tuple[str, int], ...] = ()
    examples: tuple[tuple[str, int], ...] = ()  # file, row
    groups: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {
            "rule": self.rule,
            "message": self.message,
            "remedy": self.remedy,
            "count": self.count,
            "months": [list(each) for each in self.months],
            "examples": [list(each) for each in self.examples],
            "groups": self.groups,
        }


@dataclass
class _Tally:
    message: str
    remedy: str
    months: Counter[str] = field(default_factory=Counter)
    examples: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class _Vintages:
    """Rows of a month with a small area code, with a known one, with one of a single vintage."""

    rows: int
    known: int
    only: Counter[int]


class Noticed:
    """Collects what single rows and whole months show; small, whatever the size of the files."""

    def __init__(self, contract: Contract, reference: Reference) -> None:
        self._contract = contract
        self._reference = reference
        self._rules = {each.kind: each for each in contract.rules}
        self._month = contract.role("month")
        self._tallies: dict[str, _Tally] = {}
        self._received: Counter[str] = Counter()
        self._areas: list[pl.DataFrame] = []
        self._identities: list[pl.DataFrame] = []
        self._nameless: list[pl.DataFrame] = []
        self._files: list[str] = []
        self._totals: list[WrongTotal] = []

    def totals(self, wrong: Iterable[WrongTotal]) -> None:
        """Rows of totals that the rows read do not add up to."""
        self._totals += wrong

    def tally(
        self, test: Test, typed: pl.DataFrame, rows: pl.Series, mask: pl.Series, name: str
    ) -> None:
        """Rows that a row-by-row warning speaks of."""
        tally = self._tallies.setdefault(test.key, _Tally(test.message, test.remedy))
        tally.months.update(dict(typed[self._month].filter(mask).value_counts().iter_rows()))
        wanted = EXAMPLES - len(tally.examples)
        tally.examples += [(name, row) for row in rows.filter(mask).head(max(wanted, 0))]

    def count(self, months: Mapping[str, tuple[int, int]]) -> None:
        for month, (received, _) in months.items():
            self._received[month] += received

    def look(self, typed: pl.DataFrame, rows: pl.Series, cube: pl.DataFrame, name: str) -> None:
        """Keep of a file what only the whole submission can answer."""
        self._files.append(name)
        identity = self._contract.role("identity")
        if "repeated-id" in self._rules and identity:
            self._identities.append(
                typed.select(
                    pl.col(identity).hash().alias("hash"),
                    self._month,
                    rows.alias("row"),
                    pl.lit(len(self._files) - 1, dtype=pl.UInt32).alias("file"),
                    pl.col(identity).is_not_null().alias("given"),
                )
                .filter("given")
                .drop("given")
            )
        if "identical-rows" in self._rules and identity:
            nameless = typed.filter(pl.col(identity).is_null())
            self._nameless.append(nameless.select(self._month, hash=nameless.hash_rows()))
        if "vintage" in self._rules:
            areas = cube.lazy().group_by("month", "area").agg(pl.col("rows").sum())
            self._areas.append(areas.filter(pl.col("area").str.contains(_SMALL_AREA)).collect())

    @cached_property
    def _vintages(self) -> dict[str, _Vintages]:
        """By month, what its small area codes tell; read once all files have been looked at."""
        if not self._areas:
            return {}
        known = _telling(self._reference)
        years = list(self._reference.vintages)
        counted = (
            pl.concat(self._areas)
            .join(known, left_on="area", right_on="code", how="left")
            .group_by("month")
            .agg(
                pl.col("rows").sum().alias("all"),
                pl.col("rows").filter(pl.col("known")).sum().alias("known"),
                *(
                    pl.col("rows").filter(pl.col("vintage") == each).sum().alias(str(each))
                    for each in years
                ),
            )
        )
        return {
            row["month"]: _Vintages(
                row["all"], row["known"], Counter({each: row[str(each)] for each in years})
            )
            for row in counted.iter_rows(named=True)
        }

    def vintage(self, month: str) -> int | None:
        found = self._vintages.get(month)
        if found is None or not found.only.total():
            return None
        told = found.only
        year, rows = told.most_common(1)[0]
        return year if rows >= ONE_VINTAGE * told.total() else None

    def incomplete(self) -> dict[str, int]:
        """Months with far fewer rows a day than the median of the months around them."""
        rule = self._rules.get("incomplete-month")
        if rule is None:
            return {}
        around, share = int(rule.options["months_around"]), float(rule.options["share"])
        held = {**self._reference.known_months, **self._received}
        daily = {_number(each): rows / _days(each) for each, rows in held.items() if each}
        found = {}
        for month, rows in self._received.items():
            if not month:
                continue
            here = _number(month)
            near = [daily[n] for n in range(here - around, here + around + 1) if n in daily]
            near.remove(daily[here])
            if len(near) > 1 and daily[here] < share * median(near):
                found[month] = rows
        return found

    def close(self) -> tuple[Notice, ...]:
        """Every warning, in the order of the contract."""
        found = {key: self._of_tally(key, tally) for key, tally in self._tallies.items()}
        makers = {
            "identical-rows": self._identical,
            "repeated-id": self._repeated,
            "vintage": self._mixed,
            "incomplete-month": self._short,
        }
        for kind, make in makers.items():
            rule = self._rules.get(kind)
            notice = make(rule) if rule else None
            if notice is not None:
                found[notice.rule] = notice
        order = [each.key for each in self._contract.rules]
        by_rule = (found[key] for key in sorted(found, key=order.index))
        return (*map(_of_total, self._totals[:EXAMPLES]), *by_rule)

    def _of_tally(self, key: str, tally: _Tally) -> Notice:
        return Notice(
            rule=key,
            message=tally.message,
            remedy=tally.remedy,
            count=tally.months.total(),
            months=tuple(sorted(tally.months.items())),
            examples=tuple(tally.examples),
        )

    def _identical(self, rule: Rule) -> Notice | None:
        if not self._nameless:
            return None
        every = pl.concat(self._nameless)
        groups = every.group_by(self._month, "hash").len("rows").filter(pl.col("rows") > 1)
        if groups.is_empty():
            return None
        months = groups.group_by(self._month).agg(pl.col("rows").sum()).sort(self._month)
        return _notice(rule, dict(months.iter_rows()), groups=groups.height)

    def _repeated(self, rule: Rule) -> Notice | None:
        if not self._identities:
            return None
        every = pl.concat(self._identities)
        again = every.filter(pl.col("hash").is_duplicated()).sort("hash", "file", "row")
        if again.is_empty():
            return None
        months = again.group_by(self._month).len().sort(self._month)
        examples = tuple(
            (self._files[file], row) for file, row in again.select("file", "row").iter_rows()
        )
        return _notice(
            rule,
            dict(months.iter_rows()),
            groups=again["hash"].n_unique(),
            examples=examples[:EXAMPLES],
        )

    def _mixed(self, rule: Rule) -> Notice | None:
        """Months whose codes are of several vintages, or mostly of none that is known."""
        months = {}
        for month, found in self._vintages.items():
            told = found.only
            if len([rows for rows in told.values() if rows]) > 1:
                months[month] = told.total() - max(told.values())
            elif found.known * 2 < found.rows:
                months[month] = found.rows - found.known
        return _notice(rule, months) if months else None

    def _short(self, rule: Rule) -> Notice | None:
        months = self.incomplete()
        return _notice(rule, months) if months else None


def _of_total(wrong: WrongTotal) -> Notice:
    stated, found = as_figure(wrong.stated), as_figure(wrong.found)
    return Notice(
        rule="total",
        message=f"{wrong.place}: the total says {stated}, and the rows read add up to {found}.",
        remedy="Find out which is right. Where a row is missing or wrong, send the file again.",
        count=0,
    )


def _notice(
    rule: Rule,
    months: Mapping[str, int],
    *,
    groups: int | None = None,
    examples: tuple[tuple[str, int], ...] = (),
) -> Notice:
    return Notice(
        rule=rule.key,
        message=rule.message,
        remedy=rule.remedy,
        count=sum(months.values()),
        months=tuple(sorted(months.items())),
        examples=examples,
        groups=groups,
    )


def _telling(reference: Reference) -> pl.DataFrame:
    """Every known code, with its vintage where only one has it."""
    schema = {"code": pl.String, "vintage": pl.Int64}
    frames = [
        pl.DataFrame({"code": sorted(codes), "vintage": [year] * len(codes)}, schema=schema)
        for year, codes in reference.vintages.items()
    ]
    every = pl.concat([pl.DataFrame(schema=schema), *frames])
    only = pl.when(pl.len() == 1).then(pl.col("vintage").first()).alias("vintage")
    return every.group_by("code").agg(only).with_columns(pl.lit(True).alias("known"))


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _days(month: str) -> int:
    return monthrange(int(month[:4]), int(month[5:7]))[1]
