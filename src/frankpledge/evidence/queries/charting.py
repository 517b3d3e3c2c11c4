"""The chart a reader chose, drawn from a table that has passed disclosure as a whole.

A chart needs no figure of its own: what it adds to the answer's table (limits, a line for each
district) is worked out from figures as shown, or is another piece of the same protected release.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from frankpledge import charts
from frankpledge.analysis.disclosure import (
    Cell,
    Column,
    Derived,
    PublishableTable,
    Refused,
    Status,
    derive,
    publish,
    rate_of,
)
from frankpledge.charts import Chart
from frankpledge.evidence.queries.asked import Asked
from frankpledge.evidence.queries.places import ELSEWHERE, NEIGHBOURING, shapes
from frankpledge.evidence.queries.ranking import factor_of, funnel_of, widened
from frankpledge.evidence.queries.sources import ProtectedFigures

OUTSIDE = {NEIGHBOURING, ELSEWHERE, "unlocated"}
_LIMITS = {
    "low95": "95% limits",
    "high95": "95% limit, upper",
    "low998": "99.8% limits",
    "high998": "99.8% limit, upper",
}


def charted_of(asked: Asked, table: PublishableTable) -> PublishableTable:
    """The table that the chosen chart is drawn from: the answer's own, or one like it.

    Raises Refused where a cut by district may not be shown.
    """
    chart = asked.question.chart
    if chart == "districts":
        return _months_by_district(asked)
    if chart == "months":
        return _rated(asked, _months_by_district(asked))
    if chart == "funnel":
        return _with_limits(_places_only(table))
    return _places_only(table) if chart in ("dots", "tiles") else table


def chart_of(
    *,
    kind: str,
    table: PublishableTable,
    sentence: str,
    about: str,
    incomplete: Sequence[str],
    prefix: str,
    standalone: bool,
) -> Chart | None:
    """The chosen chart; None for the usual one, and where there are no outlines to map on.

    `sentence` is the finding, `about` says what, where and when.
    """
    common: dict[str, Any] = {"table": table, "id_prefix": prefix, "standalone": standalone}
    if kind == "districts":
        title = f"{about}, month by month in each district"
        return charts.small_multiples(
            title=title, x="month", y="count", by="area", incomplete=list(incomplete), **common
        )
    if kind == "slope":
        return charts.slope(
            title=sentence, label="category", before="before", after="count", **common
        )
    if kind == "change":
        title = f"{about}: change since a year before"
        return charts.dots(title=title, label="category", value="change", **common)
    if kind == "dots":
        title = f"{about}: rates and their 95% intervals"
        return charts.dots(
            title=title, label="area", value="rate", lower="low", upper="high", **common
        )
    if kind == "months":
        return _small_maps(f"{about}: rates month by month", common)
    if kind == "funnel":
        return _funnel(f"{about}: {_standing(table)}", common)
    return _tiles(f"{about}, by place", common) if kind == "tiles" else None


def _funnel(title: str, common: Mapping[str, Any]) -> Chart:
    return charts.funnel(
        title=title,
        label="area",
        size="residents",
        value="rate",
        limits=[("low95", "high95"), ("low998", "high998")],
        centre="average",
        **common,
    )


def _small_maps(title: str, common: Mapping[str, Any]) -> Chart | None:
    outlines = shapes("districts")
    if outlines is None:
        return None
    return charts.small_maps(
        title=title, outlines=outlines, key="code", value="rate", by="month", place="area", **common
    )


def _tiles(title: str, common: Mapping[str, Any]) -> Chart | None:
    outlines = shapes("districts")
    if outlines is None:
        return None
    known = {str(cell.value) for cell in common["table"].column("code")}
    positions = charts.tile_positions(outlines, known)
    return charts.tile_map(
        title=title, positions=positions, key="code", name="area", value="rate", **common
    )


def _places_only(table: PublishableTable) -> PublishableTable:
    """Without the neighbours and the unlocated, which have no residents to be counted against."""
    return table.pick(keep=lambda row: row["code"].value not in OUTSIDE)


def _with_limits(table: PublishableTable) -> PublishableTable:
    """Limits of each place's own size around the mean of the figures that are shown."""
    counts = [_number(cell) for cell in table.column("count")]
    residents = [_number(cell) for cell in table.column("residents")]
    found = funnel_of(counts, residents)
    places = [str(cell.value) for cell in table.column("area")]
    points = dict(zip(places, found.points, strict=True))

    def limit(name: str) -> Callable[[Mapping[str, Any]], float | None]:
        return lambda row: getattr(points[row["area"]], name)

    needs = ("area", "rate")  # a place whose rate is hidden has no limits either
    mean = Derived(Column("average", "Mean of all", "rate"), needs, lambda row: found.average)
    limits = [
        Derived(Column(key, label, "rate"), needs, limit(key)) for key, label in _LIMITS.items()
    ]
    said = widened(factor_of(counts, residents))
    return derive(table, [mean, *limits]).noting([said] if said else [])


def _number(cell: Cell) -> float | None:
    shown = cell.status is Status.SHOWN and isinstance(cell.value, int | float)
    return float(cell.value) if shown else None  # type: ignore[arg-type]


def _standing(table: PublishableTable) -> str:
    rows = [
        (_number(rate), _number(low), _number(high))
        for rate, low, high in zip(
            table.column("rate"), table.column("low998"), table.column("high998"), strict=True
        )
    ]
    known = [(r, low, high) for r, low, high in rows if None not in (r, low, high)]
    above = sum(r > high for r, _, high in known)  # type: ignore[operator]
    below = sum(r < low for r, low, _ in known)  # type: ignore[operator]
    return f"{above} of {len(known)} districts above the 99.8% limits and {below} below"


def _rated(asked: Asked, table: PublishableTable) -> PublishableTable:
    """With each district's rate, from its figures as they are shown."""
    codes = {name: code for code, name in asked.places.districts.items()}
    return derive(
        table,
        [
            Derived(Column("code", "Code"), ("area",), lambda row: codes.get(row["area"])),
            Derived(
                Column("residents", "Residents", "number"),
                ("area",),
                lambda row: asked.places.residents.get(codes.get(row["area"], "")),
            ),
            rate_of(Column("rate", "Per 1,000", "rate"), count="count", population="residents"),
        ],
    )


def _months_by_district(asked: Asked) -> PublishableTable:
    months, districts = asked.question.months, list(asked.places.districts)
    title = f"{asked.what}, {asked.where}, {asked.question.period}, by month and district"
    if isinstance(asked.figures, ProtectedFigures):
        release = asked.figures.release
        known = release.dimensions[1].positions
        return release.table(
            title=title,
            by=["area", "month"],
            where={"category": asked.question.category or "all"},
            only={"area": districts, "month": [month for month in months if month in known]},
        )
    if asked.rule.protects:
        raise Refused("Districts month by month are not published of this data.")
    rows = [
        {
            "area": asked.places.districts[code],
            "month": month,
            "count": asked.cell([month], area=code).value,
        }
        for code in districts
        for month in months
    ]
    return publish(
        title=title,
        columns=(
            Column("area", "Place"),
            Column("month", "Month", "month"),
            Column("count", "Count", "count"),
        ),
        rows=rows,
        rule=asked.rule,
        audience=asked.audience,
        synthetic=asked.is_synthetic(),
        sources=asked.sources(),
    )
