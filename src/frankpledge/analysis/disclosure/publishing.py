"""From columns and rows to a publishable table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from frankpledge.analysis.disclosure.attacker import whole
from frankpledge.analysis.disclosure.protection import protect
from frankpledge.analysis.disclosure.rules import NONE, Rule
from frankpledge.analysis.disclosure.tables import (
    KINDS,
    MISSING,
    SUPPRESSED,
    Cell,
    Column,
    PublishableTable,
    Status,
    Value,
    sealed,
    shown,
)

Row = Mapping[str, Any] | Sequence[Any]


@dataclass(frozen=True, slots=True)
class Derived:
    """A column worked out from protected cells of its row.

    `needs` names the columns it reads; where one is suppressed so is the result, where one is
    missing the result is missing. `work` gets the values by column key; where it answers with a
    cell of another publishable table, that is how it stands there.
    """

    column: Column
    needs: tuple[str, ...]
    work: Callable[[Mapping[str, Any]], Value | Cell]

    def cell(self, row: Mapping[str, Cell]) -> Cell:
        found = [row[key] for key in self.needs]
        if any(cell.status is Status.SUPPRESSED for cell in found):
            return SUPPRESSED
        if any(cell.status is Status.MISSING for cell in found):
            return MISSING
        answer = self.work({key: row[key].value for key in self.needs})
        return answer if isinstance(answer, Cell) else shown(answer, self.column.kind)


def rate_of(
    column: Column, *, count: str = "count", population: str = "population", per: float = 1000
) -> Derived:
    """Count / population × `per`; missing where the population is not above zero."""

    def work(row: Mapping[str, Any]) -> float | None:
        if not row[population] > 0:
            return None
        return float(row[count] / row[population] * per)

    return Derived(column, (count, population), work)


def percent_change_of(column: Column, *, now: str, before: str) -> Derived:
    """Percent change; missing where the earlier count is zero, as there is no such percentage."""

    def work(row: Mapping[str, Any]) -> float | None:
        if not row[before] > 0:
            return None
        return float(100 * (row[now] - row[before]) / row[before])

    return Derived(column, (now, before), work)


def share_of(column: Column, *, part: str, whole: str) -> Derived:
    """Part as a percentage of whole; missing where the whole is zero."""

    def work(row: Mapping[str, Any]) -> float | None:
        return None if not row[whole] > 0 else float(100 * row[part] / row[whole])

    return Derived(column, (part, whole), work)


def publish(
    *,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    rule: Rule = NONE,
    audience: str = "public",
    derived: Sequence[Derived] = (),
    total_row: str | None = None,
    total_column: Column | None = None,
    notes: Sequence[str] = (),
    synthetic: bool = False,
    sources: Sequence[str] = (),
) -> PublishableTable:
    """The table that an audience may see.

    `rows` are mappings by column key or sequences in the order of `columns`; None, NaN and infinity
    are missing. Under a rule that protects, columns of kind `count` are protected and rates and
    percentages must come as `derived`, which see protected values only; a `number` is taken for a
    fact about the place (a population), never for a count of people.

    `total_row` names a last row of column totals; `total_column` adds, after the last count column,
    the sum of all count columns, which makes the table two-way: margins and cells are then
    protected together. Without it each count column is protected on its own. A total over a gap is
    missing. Raises UnusableCount for a count that is not one, ValueError for a wrong shape.

    Two tables about the same protected rows may be subtracted from each other: for an audience that
    a rule covers, use a ProtectedRelease.
    """
    specs = tuple(columns)
    _check(specs, derived, rule)
    table = [_read(row, specs) for row in rows]
    counted = [column.key for column in specs if column.kind == "count"]
    body = _counts(table, counted, rule, total_row is not None, total_column)
    shown_columns = list(specs)
    if total_column is not None:
        after = max(specs.index(c) for c in specs if c.kind == "count") + 1
        shown_columns.insert(after, replace(total_column, kind="count"))
    shown_columns += [item.column for item in derived]
    lines = []
    for index, protected in enumerate(body):
        given = table[index] if index < len(table) else _heading(specs, total_row)
        cells = {c.key: shown(given[c.key], c.kind) for c in specs if c.kind != "count"} | protected
        for item in derived:
            cells[item.column.key] = item.cell(cells)
        lines.append(tuple(cells[column.key] for column in shown_columns))
    return sealed(
        title=title,
        columns=tuple(shown_columns),
        rows=tuple(lines),
        audience=audience,
        rule=rule.label,
        notes=(*notes, rule.sentence) if rule.protects else tuple(notes),
        synthetic=synthetic,
        sources=sources,
    )


def derive(table: PublishableTable, derived: Sequence[Derived]) -> PublishableTable:
    """The same table with more columns, worked out from what it already shows and nothing else."""
    keys = [column.key for column in table.columns]
    lines = []
    for row in table.rows:
        cells = dict(zip(keys, row, strict=True))
        for item in derived:
            cells[item.column.key] = item.cell(cells)
        lines.append(tuple(cells.values()))
    return sealed(
        title=table.title,
        columns=(*table.columns, *(item.column for item in derived)),
        rows=tuple(lines),
        audience=table.audience,
        rule=table.rule,
        notes=table.notes,
        synthetic=table.synthetic,
        sources=table.sources,
    )


def _check(columns: tuple[Column, ...], derived: Sequence[Derived], rule: Rule) -> None:
    for column in (*columns, *(item.column for item in derived)):
        if column.kind not in KINDS:
            raise ValueError(f"Column {column.key!r} has the unknown kind {column.kind!r}.")
    if rule.protects:
        for column in columns:
            if column.kind in ("rate", "percent"):
                raise ValueError(
                    f"Give {column.key!r} as a derived column: under {rule.label} "
                    "it may be worked out from protected figures only."
                )


def _read(row: Row, columns: tuple[Column, ...]) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return {column.key: row.get(column.key) for column in columns}
    if len(row) != len(columns):
        raise ValueError(f"A row has {len(row)} values for {len(columns)} columns.")
    return {column.key: value for column, value in zip(columns, row, strict=True)}


def _heading(columns: tuple[Column, ...], total_row: str | None) -> dict[str, Any]:
    first = next((column.key for column in columns if column.kind != "count"), None)
    return {column.key: total_row if column.key == first else None for column in columns}


def _counts(
    table: Sequence[Mapping[str, Any]],
    counted: Sequence[str],
    rule: Rule,
    with_total_row: bool,
    total_column: Column | None,
) -> list[dict[str, Cell]]:
    """The protected count cells of each row, the total row last."""
    if total_column is not None and not counted:
        raise ValueError("A total column needs count columns to add up.")
    every_row = [range(len(table))] if with_total_row else []
    lines: list[dict[str, Cell]] = [{} for _ in range(len(table) + with_total_row)]
    together = [list(counted)] if total_column is not None else [[key] for key in counted]
    for keys in together:
        out = [*keys, total_column.key] if total_column is not None else keys
        if not table:
            for line in lines:
                line.update({key: shown(0, "count") for key in out})
            continue
        given = np.empty((len(table), len(keys)), dtype=object)
        for i, row in enumerate(table):
            for j, key in enumerate(keys):
                given[i, j] = _count(row[key])
        every_column = [range(len(keys))] if total_column is not None else []
        found = protect(given, groups=(every_row, every_column), rule=rule)
        for i, line in enumerate(lines):
            for j, key in enumerate(out):
                if found.missing[i, j]:
                    line[key] = MISSING
                elif found.hidden[i, j]:
                    line[key] = SUPPRESSED
                else:
                    line[key] = shown(int(found.counts[i, j]), "count")
    return lines


def _count(value: object) -> int | None:
    """None, NaN and infinity are no data; anything else must be a count."""
    if isinstance(value, float | np.floating) and not np.isfinite(value):
        return None
    return whole(value)
