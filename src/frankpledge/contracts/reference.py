"""What the checks are told about the world: places, vintages, the day, what is held already."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date

import polars as pl


@dataclass(frozen=True)
class Reference:
    """Facts that are data, not contract; each may be left out, and its check is then not made.

    `vintages`: the small area codes of each vintage, by its year.
    `extent`: west, south, east, north in degrees; a point outside it is far away.
    `places`: `code`, `longitude`, `latitude`, `radius_m` of small areas.
    `indicators`: categories defined elsewhere than in the contract.
    `finest`: the finest detail that the agreement allows (row, lsoa, ward, ...).
    `period`: the first and the last day that the return is for.
    `known_months`: rows held already for months around, as YYYY-MM.
    """

    vintages: Mapping[int, AbstractSet[str]] = field(default_factory=dict)
    extent: tuple[float, float, float, float] | None = None
    places: pl.DataFrame | None = None
    indicators: frozenset[str] = frozenset()
    finest: str = ""
    today: date | None = None
    period: tuple[date, date] | None = None
    known_months: Mapping[str, int] = field(default_factory=dict)
