"""Charts and maps of made-up figures, one of each kind, for the page that shows components."""

from __future__ import annotations

from datetime import date
from typing import Any

from frankpledge import charts
from frankpledge.analysis.disclosure import PARTNER_PUBLIC, Column, publish

AREAS = ("North", "East", "South", "West", "Middle", "Coast")
_MADE_UP = {"synthetic": True, "sources": ("Made up for this page",), "audience": "public"}
_MONTHS = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(24)]


def all_pictures() -> list[tuple[str, charts.Chart]]:
    """Each with the id it has on the page."""
    return [
        ("line", _line()),
        ("bars", _bars()),
        ("dots", _dots()),
        ("panels", _panels()),
        ("slope", _slope()),
        ("tiles", _tiles()),
        ("map", _map()),
    ]


def _line() -> charts.Chart:
    counts = [None if n == 9 else 200 + (n * 37) % 60 + (140 if n == 19 else 0) for n in range(24)]
    table = publish(
        title="Recorded shop theft by month",
        columns=[
            Column("month", "Month", "month"),
            Column("count", "Offences", "number"),
            Column("low", "Lower limit", "number"),
            Column("high", "Upper limit", "number"),
            Column("mean", "Mean", "number"),
        ],
        rows=[(month, count, 170, 290, 230) for month, count in zip(_MONTHS, counts, strict=True)],
        notes=("October 2024 did not arrive.",),
        **_MADE_UP,
    )
    return charts.line(
        table=table,
        title="August 2025 was beyond what chance explains",
        id_prefix="line",
        x="month",
        y="count",
        lower="low",
        upper="high",
        centre="mean",
    )


def _by_area(**rest: Any) -> Any:
    return publish(
        title="Burglary by area, and the year before",
        columns=[
            Column("area", "Area"),
            Column("now", "2025", "count"),
            Column("before", "2024", "count"),
        ],
        rows=[(area, (n * 53) % 90 + 2, (n * 31) % 80 + 9) for n, area in enumerate(AREAS)],
        **{**_MADE_UP, **rest},
    )


def _bars() -> charts.Chart:
    return charts.bars(
        table=_by_area(rule=PARTNER_PUBLIC),
        title="Coast has the most burglary; one small count is withheld",
        id_prefix="bars",
        label="area",
        value="now",
    )


def _dots() -> charts.Chart:
    table = publish(
        title="Burglary for each 1,000 households",
        columns=[
            Column("area", "Area"),
            Column("rate", "Rate", "rate"),
            Column("low", "Lower", "rate"),
            Column("high", "Upper", "rate"),
        ],
        rows=[(a, 4 + n % 4, 3.2 + n % 4, 5.1 + n % 4) for n, a in enumerate(AREAS)],
        **_MADE_UP,
    )
    return charts.dots(
        table=table,
        title="West has the highest rate, Middle and North the lowest",
        id_prefix="dots",
        label="area",
        value="rate",
        lower="low",
        upper="high",
    )


def _panels() -> charts.Chart:
    table = publish(
        title="Burglary by month and area",
        columns=[
            Column("month", "Month", "month"),
            Column("area", "Area"),
            Column("count", "Offences", "number"),
        ],
        rows=[
            (month, area, 20 + (n * 7 + k * 13) % 30)
            for k, area in enumerate(AREAS)
            for n, month in enumerate(_MONTHS[:12])
        ],
        **_MADE_UP,
    )
    return charts.small_multiples(
        table=table,
        title="The areas move apart from one another",
        id_prefix="panels",
        x="month",
        y="count",
        by="area",
    )


def _slope() -> charts.Chart:
    return charts.slope(
        table=_by_area(),
        title="Three areas rose and three fell",
        id_prefix="slope",
        label="area",
        before="before",
        after="now",
    )


def _tiles() -> charts.Chart:
    return charts.tile_map(
        table=_by_area(),
        title="Burglary is highest in Coast and West",
        id_prefix="tiles",
        positions={area: (n % 3, n // 3) for n, area in enumerate(AREAS)},
        key="area",
        value="now",
    )


def _map() -> charts.Chart:
    features = [
        {
            "type": "Feature",
            "properties": {"code": area, "name": area},
            "geometry": {"type": "Polygon", "coordinates": [_square(n % 3, n // 3)]},
        }
        for n, area in enumerate(AREAS)
    ]
    return charts.choropleth(
        table=_by_area(),
        title="Burglary is highest along the south",
        id_prefix="map",
        outlines=charts.outlines({"type": "FeatureCollection", "features": features}),
        key="area",
        value="now",
    )


def _square(column: int, row: int) -> list[list[float]]:
    west, south = 0.2 * column, 51.6 - 0.15 * row
    return [
        [west, south],
        [west + 0.2, south],
        [west + 0.2, south + 0.15],
        [west, south + 0.15],
        [west, south],
    ]
