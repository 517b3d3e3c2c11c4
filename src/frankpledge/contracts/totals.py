"""Rows of totals: what they are called, and whether the rows add up to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from frankpledge.contracts.model import Contract, Field, Kind

TOTALS = ("total", "totals", "grand total", "sum", "subtotal", "sub-total", "sub total")
_CLOSE = {Kind.WHOLE: 0.5, Kind.NUMBER: 0.01}


@dataclass(frozen=True)
class WrongTotal:
    """A figure of a row of totals that the rows do not add up to."""

    place: str
    stated: float
    found: float


def not_added_up(
    values: Mapping[str, str | None],
    row: int,
    kept: pl.DataFrame,
    rows: pl.Series,
    contract: Contract,
    *,
    above: int,
    place: Iterable[str],
) -> list[WrongTotal]:
    """The figures of a total that are neither the sum of all rows nor of those since the last.

    A total that names an area or a category is that of their rows. `above` is the row of the total
    before it, or 0.
    """
    named = [name for name in map(contract.role, ("area", "category")) if name]
    mine = [pl.col(name) == values[name] for name in named if _is_named(values[name])]
    every = kept.with_columns(rows.alias("#row")).filter(*mine)
    number = pl.col("#row")
    found = []
    for each in _summed(contract):
        stated = _number(values[each.name])
        if stated is None:
            continue
        figure = pl.col(each.name).cast(pl.Float64, strict=False)
        sums = every.select(
            figure.sum().alias("all"),
            figure.filter(number < row).sum().alias("above"),
            figure.filter(number.is_between(above, row)).sum().alias("since"),
        ).row(0)
        if all(abs(stated - one) >= _CLOSE[each.kind] for one in sums):
            parts = (*place, f"row {row:,}", f"column {each.header}")
            where = ", ".join(part for part in parts if part)
            found.append(WrongTotal(where, stated, sums[0]))
    return found


def _summed(contract: Contract) -> list[Field]:
    """Columns of numbers that are no place on a map."""
    places = (contract.role("longitude"), contract.role("latitude"))
    return [
        each
        for each in contract.fields
        if each.kind in _CLOSE and not each.detail and each.name not in places
    ]


def _is_named(value: str | None) -> bool:
    return bool(value) and str(value).strip(" :").casefold() not in TOTALS


def _number(text: str | None) -> float | None:
    try:
        return float(text.replace(",", "")) if text else None
    except ValueError:  # a formula without a value says nothing
        return None


def as_figure(number: float) -> str:
    return f"{number:,.0f}" if number == round(number) else f"{number:,.2f}"
