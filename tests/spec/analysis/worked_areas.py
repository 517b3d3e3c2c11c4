"""How the examples of points, cells and dense counts are worked out."""

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from frankpledge.analysis import grids
from frankpledge.analysis.areas import AreaIndex
from frankpledge.analysis.dense import dense_counts

NONE = "none"
HOLED = shapely.Polygon(
    [(0, 0), (2, 0), (2, 2), (0, 2)], [[(0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5)]]
)


def points(given):
    return np.array([[float(row["x"]), float(row["y"])] for row in given]).T


def code(index, position):
    return NONE if position < 0 else index.codes[position]


def area_of_point(given, expected):
    shapes = {"A": HOLED, "B": shapely.box(2, 0, 4, 2), "C": shapely.box(1.8, 0.8, 2.2, 1.2)}
    index = AreaIndex.build(list(shapes.values()), list(shapes))
    found = index.assign(*points(given))
    assert found.tolist() == index.assign(*points(given), engine="shapely").tolist()
    return [[row["x"], row["y"], code(index, p)] for row, p in zip(given, found, strict=True)]


def outlines(given, expected):
    shapes = [shapely.from_wkt(row["outline"]) for row in given]
    index = AreaIndex.build(shapes, [row["code"] for row in given])
    answer = [[f"repaired: {code}", reason] for code, reason in index.repaired]
    answer.append(["empty", ", ".join(index.empty)])
    answer += [[f"overlap {o.area:.2f}", f"{o.first}, {o.second}"] for o in index.overlaps]
    for x, y in ((0.2, 1), (1, 1.5), (11.5, 1.5)):
        answer.append([f"({x}, {y})", code(index, index.assign([x], [y])[0])])
    return answer


def cells(ids):
    """Column and row of each id, as the tables write them."""
    known = ids != grids.NO_CELL
    column, row = grids.cells_of(np.where(known, ids, 0))
    return [f"{c}, {r}" if k else NONE for c, r, k in zip(column, row, known, strict=True)]


def middles(ids, centres, form, **grid):
    known = ids != grids.NO_CELL
    found = centres(np.where(known, ids, 0), **grid)
    return [
        f"{x:{form}}, {y:{form}}" if k else NONE for (x, y), k in zip(found, known, strict=True)
    ]


def square_cells(given, expected):
    first, second = grids.two_origins(size=250)
    ids = grids.square_cells(*points(given), size=250, origin=first)
    moved = grids.square_cells(*points(given), size=250, origin=second)
    columns = (cells(ids), cells(moved), middles(ids, grids.square_centres, ".0f", size=250))
    at = [(row["x"], row["y"]) for row in given]
    return [[*point, *row] for point, row in zip(at, zip(*columns, strict=True), strict=True)]


def hexagon_cells(given, expected):
    ids = grids.hexagon_cells(*points(given), size=100)
    columns = (cells(ids), middles(ids, grids.hexagon_centres, ".1f", size=100))
    at = [(row["x"], row["y"]) for row in given]
    return [[*point, *row] for point, row in zip(at, zip(*columns, strict=True), strict=True)]


def counted(given, expected):
    keys = ("month", "area", "category")
    rows = {k: [None if r[k] == NONE else int(r[k]) for r in given] for k in keys}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        pq.write_table(pa.table(rows), path)
        found = dense_counts([path], keys=dict.fromkeys(keys, 2))
    return [
        [str(n) for n in (month, area, *found.counts[month, area], found.left_out)]
        for month in (0, 1)
        for area in (0, 1)
    ]


WORKS = {
    "area-of-point": area_of_point,
    "outlines": outlines,
    "square-cells": square_cells,
    "hexagon-cells": hexagon_cells,
    "dense-counts": counted,
}
