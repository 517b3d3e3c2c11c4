"""The cells of an area index: each is wholly in one area, or has its few areas to be asked.

Nothing is sampled. A cell that no edge of an area touches is wholly inside it or wholly outside,
and the edges crossed on the way along the row say which (the scanline of polygon filling).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Array = npt.NDArray[Any]

NOWHERE = -1
MOST_CELLS = 24_000_000
CELLS_PER_EDGE = 32
FEWEST_CELLS = 4096
# A cell this small beside its coordinates would drown in their rounding.
FINEST = 1e-9
# Edges reach this share of a cell further than they do, far more than rounding can move them.
MARGIN = 1e-3


@dataclass(frozen=True)
class Edges:
    """The boundaries of all areas: edge i runs from vertex `start[i]` to the vertex after it."""

    x: Array
    y: Array
    start: Array
    area: Array

    @classmethod
    def of(cls, polygons: Array) -> Edges:
        parts, area_of_part = shapely.get_parts(polygons, return_index=True)
        rings, part_of_ring = shapely.get_rings(parts, return_index=True)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        start = np.flatnonzero(ring[1:] == ring[:-1]).astype(np.int32)
        x, y = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
        area = area_of_part[part_of_ring[ring[start]]] if len(start) else start
        return cls(x=x, y=y, start=start, area=area.astype(np.int32))


@dataclass(frozen=True)
class Frame:
    """The extent and its cells: columns from the west, rows from the south."""

    west: float
    south: float
    east: float
    north: float
    cell: float
    columns: int
    rows: int

    @classmethod
    def around(cls, edges: Edges, cell: float | None) -> Frame:
        west, east = float(edges.x.min()), float(edges.x.max())
        south, north = float(edges.y.min()), float(edges.y.max())
        width, height = east - west, north - south
        if cell is None:
            cells = min(max(CELLS_PER_EDGE * len(edges.start), FEWEST_CELLS), MOST_CELLS)
            cell = max(np.sqrt(width / cells) * np.sqrt(height), max(width, height) / cells)
        cell = max(cell, FINEST * float(np.abs([west, east, south, north]).max()))
        if width / cell * (height / cell) > 4 * MOST_CELLS:
            raise ValueError(
                f"Cells of {cell:g} would be too many for an extent of {width:g} by {height:g}: "
                "leave `cell` out, or give a larger one."
            )
        frame = cls(west, south, east, north, float(cell), 0, 0)
        last = frame.column(np.array([east])), frame.row(np.array([north]))
        return cls(west, south, east, north, float(cell), int(last[0][0]) + 1, int(last[1][0]) + 1)

    def column(self, x: Array) -> Array:
        return ((x - self.west) * (1 / self.cell)).astype(np.int64)

    def row(self, y: Array) -> Array:
        return ((y - self.south) * (1 / self.cell)).astype(np.int64)


@dataclass(frozen=True)
class Raster:
    """What each cell says, and where to ask when it does not say all.

    A slab is what one area has in one row of cells: slab s is of `slab_area[s]` and has the edges
    `slab_edges[slab_first[s]:slab_first[s + 1]]`. `table` by cell: an area, -1 for none, or -2-k
    where the slabs `asked[first[k]:first[k + 1]]` must be asked in turn, the first by code first;
    the last is ~area where the whole cell is inside it.
    """

    frame: Frame
    table: Array
    first: Array
    asked: Array
    slab_area: Array
    slab_first: Array
    slab_edges: Array

    @property
    def bytes(self) -> int:
        arrays = (
            self.table,
            self.first,
            self.asked,
            self.slab_area,
            self.slab_first,
            self.slab_edges,
        )
        return sum(int(array.nbytes) for array in arrays)


def spread(first: Array, last: Array) -> tuple[Array, Array]:
    """Every whole number from first to last of each pair, and which pair it is of."""
    lengths = last - first + 1
    which = np.repeat(np.arange(len(first)), lengths)
    ends = np.cumsum(lengths)
    return which, np.arange(len(which)) - np.repeat(ends - lengths - first, lengths)


def distinct(values: Array) -> Array:
    """Each value once, sorted; many times quicker than `np.unique`, which hashes."""
    values = np.sort(values)
    first: Array = np.append(True, values[1:] != values[:-1])
    return values[first[: len(values)]]


def in_order(keys: Array) -> Array:
    """Where each key stands when sorted, equal ones as they came; quicker than a stable argsort.

    Keys are from 0, and the largest times their number is below 2**63.
    """
    number = max(len(keys), 1)
    return np.sort(keys * number + np.arange(len(keys))) % number


def raster(edges: Edges, areas: int, frame: Frame) -> Raster:
    """Cells for the edges of so many areas."""
    y1, y2 = edges.y[edges.start], edges.y[edges.start + 1]
    which, row = spread(frame.row(np.minimum(y1, y2)), frame.row(np.maximum(y1, y2)))
    lowest = np.full(areas, frame.rows)
    highest = np.full(areas, -1)
    np.minimum.at(lowest, edges.area[which], row)
    np.maximum.at(highest, edges.area[which], row)
    heights = np.maximum(highest - lowest + 1, 0)
    slab = np.cumsum(heights) - heights - lowest
    slabs = int(heights.sum())
    of_slab = slab[edges.area[which]] + row
    area_of_slab = np.repeat(np.arange(areas), heights)
    row_of_slab = np.arange(slabs) - slab[area_of_slab]
    touched = touched_cells(edges, frame, which, row, of_slab)
    table = np.full(frame.rows * frame.columns, NOWHERE, np.int32)
    fill(
        table,
        touched,
        crossings(edges, frame, which, row, of_slab),
        frame,
        area_of_slab,
        row_of_slab,
    )
    at_slab, column = np.divmod(touched, frame.columns)
    cell = row_of_slab[at_slab] * frame.columns + column
    first, asked = ask(table, cell, at_slab, area_of_slab)
    order = in_order(of_slab)
    return Raster(
        frame=frame,
        table=table,
        first=first,
        asked=asked,
        slab_area=area_of_slab.astype(np.int32),
        slab_first=np.searchsorted(of_slab[order], np.arange(slabs + 1)).astype(np.int32),
        slab_edges=edges.start[which[order]],
    )


def touched_cells(edges: Edges, frame: Frame, which: Array, row: Array, of_slab: Array) -> Array:
    """The cells that an area's edges touch, as sorted keys slab × columns + column."""
    start = edges.start[which]
    x1, y1, x2, y2 = edges.x[start], edges.y[start], edges.x[start + 1], edges.y[start + 1]
    margin = MARGIN * frame.cell
    low, high = np.minimum(y1, y2), np.maximum(y1, y2)
    bottom = frame.south + row * frame.cell
    height = high - low
    # A flat edge has no slope to follow: it reaches over all its columns.
    slope = np.divide(x2 - x1, y2 - y1, out=np.zeros_like(x1), where=height > 0)
    at_bottom = x1 + (np.clip(bottom - margin, low, high) - y1) * slope
    at_top = x1 + (np.clip(bottom + frame.cell + margin, low, high) - y1) * slope
    flat = height <= margin
    west = np.where(flat, np.minimum(x1, x2), np.minimum(at_bottom, at_top)) - margin
    east = np.where(flat, np.maximum(x1, x2), np.maximum(at_bottom, at_top)) + margin
    first = frame.column(np.maximum(west, frame.west))
    last = np.minimum(frame.column(east), frame.columns - 1)
    of, column = spread(first, last)
    return distinct(of_slab[of] * frame.columns + column)


def crossings(edges: Edges, frame: Frame, which: Array, row: Array, of_slab: Array) -> Array:
    """The cells where edges cross the middle of their row, as sorted keys; one for each edge."""
    start = edges.start[which]
    middle = frame.south + (row + 0.5) * frame.cell
    crosses = (edges.y[start] > middle) != (edges.y[start + 1] > middle)
    start, middle, of_slab = start[crosses], middle[crosses], of_slab[crosses]
    x1, y1, x2, y2 = edges.x[start], edges.y[start], edges.x[start + 1], edges.y[start + 1]
    x = np.clip(x1 + (middle - y1) / (y2 - y1) * (x2 - x1), frame.west, frame.east)
    return np.sort(of_slab * frame.columns + frame.column(x))


def fill(
    table: Array, touched: Array, crossed: Array, frame: Frame, area: Array, row: Array
) -> None:
    """Writes each area into the cells between its touched ones that an odd crossing leads to.

    The last area goes first, so that the first by code stays.
    """
    gap = np.flatnonzero(np.diff(touched) > 1)
    slab, column = np.divmod(touched[gap], frame.columns)
    same = slab == touched[gap + 1] // frame.columns
    gap, slab, column = gap[same], slab[same], column[same]
    row_start = np.searchsorted(crossed, slab * frame.columns)
    inside = (np.searchsorted(crossed, touched[gap], "right") - row_start) % 2 == 1
    gap, slab, column = gap[inside], slab[inside], column[inside]
    lengths = touched[gap + 1] - touched[gap] - 1
    starts = row[slab] * frame.columns + column + 1
    runs = zip(starts.tolist(), (starts + lengths).tolist(), area[slab].tolist(), strict=True)
    for begin, end, number in reversed(list(runs)):
        table[begin:end] = number


def ask(table: Array, cell: Array, slab: Array, area_of_slab: Array) -> tuple[Array, Array]:
    """Marks the cells that edges touch, and lists the slabs to ask in each, by code.

    Slabs are numbered area by area, so their order is the order of the codes.
    """
    sure = table[cell]
    needed = (sure == NOWHERE) | (area_of_slab[slab] < sure)
    cell, slab = cell[needed], slab[needed]
    order = in_order(cell)
    cell, slab = cell[order], slab[order]
    last = np.append(cell[1:] != cell[:-1], np.ones(min(len(cell), 1), bool))
    cells = cell[last]
    whole = table[cells]
    ends = np.flatnonzero(last) + 1
    known = whole != NOWHERE
    asked = np.insert(slab, ends[known], ~whole[known]).astype(np.int32)
    first = np.append(0, ends + np.cumsum(known))
    table[cells] = -2 - np.arange(len(cells))
    return first.astype(np.int32), asked
