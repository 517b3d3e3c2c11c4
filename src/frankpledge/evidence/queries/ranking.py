"""Places beside each other: funnels widened where places differ, smoothed rates, ranks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from frankpledge.analysis.control import Funnel, funnel
from frankpledge.analysis.disclosure import Cell, Column, Derived, PublishableTable, Status, derive
from frankpledge.analysis.small_areas import empirical_bayes, overdispersion, rank_intervals

Figures = Sequence[float | None]


def factor_of(counts: Figures, residents: Figures) -> float:
    """By how much places differ more than chance: the variance factor, 1 for none."""
    pairs = [(c, n) for c, n in zip(counts, residents, strict=True) if c is not None and n]
    if not pairs:
        return 1.0
    mean = sum(c for c, _ in pairs) / sum(n for _, n in pairs)
    return overdispersion([c for c, _ in pairs], [n * mean for _, n in pairs])


def funnel_of(counts: Figures, residents: Figures) -> Funnel:
    """The funnel with its limits as wide as places of this data differ."""
    return funnel(counts, residents, overdispersion=factor_of(counts, residents))


def widened(factor: float) -> str:
    if factor <= 1:
        return ""
    return (
        f"Places differ more than chance alone would have it, {factor:,.1f} times in variance, "
        "so the limits are widened by that (overdispersion)."
    )


def smoothed(table: PublishableTable) -> PublishableTable:
    """With each place's rate drawn towards that of all, and where it may stand among them.

    From figures that are shown; a place whose rate is hidden has neither.
    """
    counts = [_number(cell) for cell in table.column("count")]
    people = [_number(cell) for cell in table.column("residents")]
    names = [str(cell.value) for cell in table.column("area")]
    rates = dict(zip(names, empirical_bayes(counts, people), strict=True))
    needs = ("area", "rate")
    return derive(
        table,
        [
            Derived(
                Column("smoothed", "Smoothed per 1,000", "rate"),
                needs,
                _of(rates, lambda each: each.smoothed),
            ),
            Derived(
                Column("kept", "Share of its own rate kept", "percent"),
                needs,
                _of(rates, lambda each: 100 * each.kept),
            ),
            *rank_columns(table),
        ],
    ).noting(
        [
            "A smoothed rate is drawn towards that of all places, the more the fewer its people "
            "(empirical Bayes). A rank is given where its interval is narrower than half of all."
        ]
    )


def rank_columns(table: PublishableTable) -> list[Derived]:
    """Where each place may stand by rate among those that are shown, with the interval of it."""
    counts = [_number(cell) for cell in table.column("count")]
    people = [_number(cell) for cell in table.column("residents")]
    names = [str(cell.value) for cell in table.column("area")]
    ranks = dict(zip(names, rank_intervals(counts, people), strict=True))
    needs = ("area", "rate")
    return [
        Derived(
            Column("rank", "Rank, 1 is highest"),
            needs,
            _of(ranks, lambda each: f"{each.rank:g}" if each.certain else "too uncertain"),
        ),
        Derived(
            Column("rank_low", "95% interval from", "number"),
            needs,
            _of(ranks, lambda each: each.low),
        ),
        Derived(Column("rank_high", "to", "number"), needs, _of(ranks, lambda each: each.high)),
    ]


def _of(found: Mapping[str, Any], read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda row: None if found[row["area"]] is None else read(found[row["area"]])


def _number(cell: Cell) -> float | None:
    shown = cell.status is Status.SHOWN and isinstance(cell.value, int | float)
    return float(cell.value) if shown else None  # type: ignore[arg-type]
