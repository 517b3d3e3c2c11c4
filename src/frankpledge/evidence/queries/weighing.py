"""Demand and harm by place: the table a partnership brings to a decision that police make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from frankpledge.analysis.disclosure import Column, Derived, PublishableTable, derive
from frankpledge.analysis.harm import WeightTable, weighted
from frankpledge.evidence.models import HarmWeights
from frankpledge.evidence.queries.asked import Asked
from frankpledge.evidence.queries.ranking import rank_columns
from frankpledge.evidence.queries.sources import by_units

NO_WEIGHTS = (
    "No table of harm weights is loaded for this data. "
    "Whoever keeps the service loads one with the command “weights”."
)
NO_ADVICE = "It tells where records and their harm are. Where to send anybody is not worked out."


def weighed(asked: Asked, table: PublishableTable) -> PublishableTable:
    """With each place's share, its rank, and its harm under every table of weights: side by side,
    never blended.

    From figures as they are shown: a place whose count is hidden has none of them, and a hidden
    kind hides the harm of its place.
    """
    tables = tables_in_force(asked.dataset.pk, asked.question.end)
    kinds = _kinds(asked)
    counts = _counts(asked, table, kinds) if tables else {}
    harms = [_harm(number, each, counts) for number, each in enumerate(tables, start=1)]
    said = [_said(each, kinds) for each in tables] or [NO_WEIGHTS]
    return derive(table, [_share(asked), *harms, *rank_columns(table)]).noting([*said, NO_ADVICE])


def _share(asked: Asked) -> Derived:
    """Of the district or county asked about; what lies outside it has none."""
    total = asked.total(asked.question.months)
    whole = total.value if total else None
    inside = {*asked.places.districts.values()} if not asked.question.area else None

    def work(row: Mapping[str, Any]) -> float | None:
        if not isinstance(whole, int) or not whole or (inside and row["area"] not in inside):
            return None
        return float(100 * row["count"] / whole)

    return Derived(Column("share", "Share of all", "percent"), ("area", "count"), work)


def tables_in_force(dataset: object, month: str) -> list[WeightTable]:
    """The latest edition of each measure that was in force when the month began."""
    found = HarmWeights.objects.filter(
        dataset=dataset, since__lte=date.fromisoformat(f"{month}-01")
    ).order_by("measure", "since", "pk")
    latest = {each.measure: each for each in found}
    return [
        WeightTable(each.measure, each.edition, each.since, each.unit, each.weights)
        for each in latest.values()
    ]


def _kinds(asked: Asked) -> list[str]:
    if asked.question.category:
        return [asked.question.category]
    return [code for code in asked.labels if code in asked.cube.categories]


def _counts(
    asked: Asked, table: PublishableTable, kinds: Sequence[str]
) -> dict[str, dict[str, float | None]]:
    """By place, as the table calls it, and kind."""
    codes = [str(cell.value) for cell in table.column("code")]
    names = [str(cell.value) for cell in table.column("area")]
    months = asked.question.months
    counts: dict[str, dict[str, float | None]] = {}
    if asked.question.area:
        held = [month for month in months if month in asked.cube.months]
        for kind in kinds if held else ():
            found = by_units(asked.cube, asked.places, codes, held, kind).sum(axis=0)
            for name, count in zip(names, found, strict=True):
                counts.setdefault(name, {})[kind] = int(count)
        return counts
    for code, name in zip(codes, names, strict=True):
        if code in asked.places.districts:
            cells = {kind: asked.cell(months, area=code, category=kind) for kind in kinds}
            counts[name] = {
                kind: float(cell.value) if isinstance(cell.value, int) else None
                for kind, cell in cells.items()
            }
    return counts


def _harm(
    number: int, table: WeightTable, counts: Mapping[str, Mapping[str, float | None]]
) -> Derived:
    found = {name: weighted(each, table).harm for name, each in counts.items()}
    return Derived(
        Column(f"harm_{number}", f"Harm: {table.name}", "number", table.unit),
        ("area", "count"),
        lambda row: found.get(row["area"]),
    )


def _said(table: WeightTable, kinds: Sequence[str]) -> str:
    known = sum(kind in table.weights for kind in kinds)
    return (
        f"Harm by {table.name}, in force from {table.since:%-d %B %Y}: {known} of {len(kinds)} "
        "kinds have a weight, and the others are in none of its figures. One grave kind can "
        "outweigh all the rest, so look by kind too."
    )
