"""Tables to draw, some made on purpose as no publisher would make them."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from frankpledge import charts
from frankpledge.analysis.disclosure import Cell, Column, PublishableTable, Status
from frankpledge.analysis.disclosure.tables import sealed, shown

Draw = Callable[..., charts.Chart]


class Hidden:
    """A suppressed cell that still carries its true value: nothing may ever show it."""

    def __init__(self, value: float) -> None:
        self.value = value


def cell(value: Any, kind: Any) -> Cell:
    if isinstance(value, Hidden):
        return Cell(value.value, Status.SUPPRESSED, f"{value.value:,}")
    return shown(value, kind)


def make_table(
    columns: Sequence[tuple[str, ...]], rows: Sequence[Sequence[Any]], *, synthetic: bool = False
) -> PublishableTable:
    specs = tuple(Column(*column) for column in columns)  # type: ignore[arg-type]
    return sealed(
        title="Table",
        columns=specs,
        rows=tuple(
            tuple(cell(value, column.kind) for value, column in zip(row, specs, strict=True))
            for row in rows
        ),
        audience="public",
        rule="none",
        notes=(),
        synthetic=synthetic,
        sources=("A source",),
    )


def squares(names: Sequence[str]) -> charts.Outlines:
    """A row of unit squares keyed k0, k1, …"""
    features = [
        {
            "properties": {"code": f"k{i}", "name": name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[i, 0], [i + 1, 0], [i + 1, 1], [i, 1], [i, 0]]],
            },
        }
        for i, name in enumerate(names)
    ]
    return charts.outlines({"features": features})


COLUMNS = (
    ("key", "Key"),
    ("name", "Place"),
    ("month", "Month", "month"),
    ("count", "Offences", "count"),
    ("before", "A year before", "number"),
    ("low", "Lower limit", "number"),
    ("high", "Upper limit", "number"),
)


def table_of(names: Sequence[str], values: Sequence[Any], **more: Any) -> PublishableTable:
    """One row a category; every column of figures is made from the value."""
    rows = []
    for i, (name, value) in enumerate(zip(names, values, strict=True)):
        month = f"{2024 + i // 12}-{i % 12 + 1:02d}"
        if isinstance(value, Hidden | None):
            others = [value, value, value]
        else:
            others = [value / 2 + 3, value - 5, value + 5]
        rows.append((f"k{i}", name, month, value, *others))
    return make_table(COLUMNS, rows, **more)


def _line(table: PublishableTable, **more: Any) -> charts.Chart:
    return charts.line(
        table=table, x="month", y="count", lower="low", upper="high", centre="before", **more
    )


def _lines(table: PublishableTable, **more: Any) -> charts.Chart:
    return charts.line(table=table, x="month", y="count", by="name", **more)


def _ordered_line(table: PublishableTable, **more: Any) -> charts.Chart:
    return charts.line(table=table, x="name", y=["count", "before"], **more)


def _bars(table: PublishableTable, **more: Any) -> charts.Chart:
    return charts.bars(table=table, label="name", value="count", compare="before", **more)


def _dots(table: PublishableTable, **more: Any) -> charts.Chart:
    return charts.dots(table=table, label="name", value="count", lower="low", upper="high", **more)


def _funnel(table: PublishableTable, **more: Any) -> charts.Chart:
    return charts.funnel(
        table=table, label="name", size="before", value="count", limits=[("low", "high")], **more
    )


def _multiples(table: PublishableTable, **more: Any) -> charts.Chart:
    return charts.small_multiples(table=table, x="month", y="count", by="name", **more)


def _slope(table: PublishableTable, **more: Any) -> charts.Chart:
    return charts.slope(table=table, label="name", before="before", after="count", **more)


def _map(table: PublishableTable, **more: Any) -> charts.Chart:
    names = [c.text for c in table.column("name")] or ["Nowhere"]
    return charts.choropleth(
        table=table, outlines=squares(names), key="key", name="name", value="count", **more
    )


def _tiles(table: PublishableTable, **more: Any) -> charts.Chart:
    positions = {f"k{i}": (i % 5, i // 5) for i in range(len(table.rows))}
    return charts.tile_map(
        table=table, positions=positions, key="key", name="name", value="count", **more
    )


EVERY: dict[str, Draw] = {
    "line": _line,
    "lines": _lines,
    "ordered line": _ordered_line,
    "bars": _bars,
    "dots": _dots,
    "funnel": _funnel,
    "multiples": _multiples,
    "slope": _slope,
    "map": _map,
    "tiles": _tiles,
}


@pytest.fixture(params=sorted(EVERY))
def draw(request: pytest.FixtureRequest) -> Draw:
    """Each kind of chart in turn, drawn from a table of `table_of`."""
    function = EVERY[request.param]

    def drawn(table: PublishableTable, **more: Any) -> charts.Chart:
        return function(table, **{"title": "A finding", "id_prefix": "t", **more})

    return drawn
