"""Squares and hexagons in metres on the British National Grid.

A cell's id is a number made of its column and row from the origin, never of the data: the same
ground has the same id in every run. Ids sort by row, then column. -1 stands for a point that is no
number, or lies further from the origin than a billion cells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Array = npt.NDArray[Any]
Point = tuple[float, float]
NO_CELL = -1
# Columns and rows from -2**30; an id is row × 2**31 + column, both from 0.
_HALF = 1 << 30
_SPAN = 1 << 31
_CHUNK = 1 << 16
_ROOT3 = 3**0.5


def square_cells(
    x: npt.ArrayLike, y: npt.ArrayLike, *, size: float, origin: Point = (0.0, 0.0)
) -> npt.NDArray[np.int64]:
    """The id of the square that each point is in; `size` is a side, in metres.

    A square holds its west and its south side, not the others. x and y are of one length. Raises
    ValueError where lengths differ or the size or origin is no finite number, the size above zero.
    """

    def cells(u: Array, v: Array) -> tuple[Array, Array]:
        return np.floor(u), np.floor(v)

    return _binned(cells, x, y, size, origin)


def hexagon_cells(
    x: npt.ArrayLike, y: npt.ArrayLike, *, size: float, origin: Point = (0.0, 0.0)
) -> npt.NDArray[np.int64]:
    """The id of the hexagon whose centre is nearest to each point.

    `size` is the distance of neighbouring centres, in metres; hexagons stand on a corner, and odd
    rows are half a cell further east. A hexagon of size s has the area s² × √3 ÷ 2. On the line
    between two, the eastern takes the point, and of two rows the even one. x, y and errors are
    those of `square_cells`.

    Two rectangular lattices of centres, and the nearer one's: Carr, Littlefield, Nicholson and
    Littlefield 1987, “Scatterplot matrix techniques for large N”, JASA 82(398).
    """

    def cells(u: Array, v: Array) -> tuple[Array, Array]:
        v = v / _ROOT3
        even, even_row = np.floor(u + 0.5), np.floor(v + 0.5)
        odd, odd_row = np.floor(u), np.floor(v)
        far = (u - even) ** 2 + 3 * (v - even_row) ** 2
        near = (u - odd - 0.5) ** 2 + 3 * (v - odd_row - 0.5) ** 2 < far
        return np.where(near, odd, even), 2 * np.where(near, odd_row, even_row) + near

    return _binned(cells, x, y, size, origin)


def cell_counts(ids: npt.ArrayLike) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The ids that occur, sorted, and how many points each has; points without a cell left out."""
    ids = np.asarray(ids, np.int64)
    return np.unique(ids[ids != NO_CELL], return_counts=True)


def cells_of(ids: npt.ArrayLike) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Columns and rows of ids, counted from the origin. Raises ValueError for the id of no cell."""
    ids = np.asarray(ids, np.int64)
    if (ids < 0).any():
        raise ValueError("An id below zero is no cell: leave out the points without one.")
    return ids % _SPAN - _HALF, ids // _SPAN - _HALF


def square_centres(
    ids: npt.ArrayLike, *, size: float, origin: Point = (0.0, 0.0)
) -> npt.NDArray[np.float64]:
    """The middles of squares, n × 2, in metres."""
    _checked(size, origin)
    column, row = cells_of(ids)
    return np.column_stack([column + 0.5, row + 0.5]) * size + origin


def hexagon_centres(
    ids: npt.ArrayLike, *, size: float, origin: Point = (0.0, 0.0)
) -> npt.NDArray[np.float64]:
    """The middles of hexagons, n × 2, in metres."""
    _checked(size, origin)
    column, row = cells_of(ids)
    return np.column_stack([column + 0.5 * (row % 2), row * (_ROOT3 / 2)]) * size + origin


def square_outlines(ids: npt.ArrayLike, *, size: float, origin: Point = (0.0, 0.0)) -> Array:
    """The squares as shapely polygons, in the order of the ids."""
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) * size
    return _drawn(square_centres(ids, size=size, origin=origin), corners)


def hexagon_outlines(ids: npt.ArrayLike, *, size: float, origin: Point = (0.0, 0.0)) -> Array:
    """The hexagons as shapely polygons, in the order of the ids."""
    turns = np.arange(6) * (np.pi / 3) - np.pi / 2
    corners = np.column_stack([np.cos(turns), np.sin(turns)]) * (size / _ROOT3)
    return _drawn(hexagon_centres(ids, size=size, origin=origin), corners)


def two_origins(*, size: float, origin: Point = (0.0, 0.0)) -> tuple[Point, Point]:
    """This origin, and the one half a cell further east and north.

    What is hot on one grid and not on the other rests on where the lines fall, not on the ground
    (the modifiable areal unit problem, Openshaw 1984): show both.
    """
    _checked(size, origin)
    return origin, (origin[0] + size / 2, origin[1] + size / 2)


def british_national_grid(
    longitude: npt.ArrayLike, latitude: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """WGS 84 degrees as eastings and northings (EPSG:27700), by pyproj in one call.

    Good to a few metres where pyproj has no OSTN15 grid file. What is no number, or has no place on
    the projection, is infinite in both. Raises ValueError where the lengths differ.
    """
    from pyproj import Transformer

    longitude, latitude = np.asarray(longitude, np.float64), np.asarray(latitude, np.float64)
    if longitude.shape != latitude.shape:
        raise ValueError(
            f"Points need one latitude for each longitude; "
            f"there are {latitude.shape} and {longitude.shape}."
        )
    transform = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    east, north = transform.transform(longitude, latitude)
    return np.asarray(east, np.float64), np.asarray(north, np.float64)


def _drawn(centres: Array, corners: Array) -> Array:
    return np.asarray(shapely.polygons(centres[:, None] + corners), object)


def _checked(size: float, origin: Point) -> None:
    if not (np.isfinite(size) and size > 0):
        raise ValueError(f"A cell of {size} is no size: give metres above zero.")
    if not np.isfinite(origin).all():
        raise ValueError(f"The origin {origin} is no point: give two numbers in metres.")


def _binned(
    cells: Callable[[Array, Array], tuple[Array, Array]],
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    size: float,
    origin: Point,
) -> npt.NDArray[np.int64]:
    _checked(size, origin)
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"Points need one x for each y; there are {x.shape} and {y.shape}.")
    ids = np.empty(len(x), np.int64)
    # In pieces that stay in the processor's cache.
    for i in range(0, len(x), _CHUNK):
        piece = slice(i, i + _CHUNK)
        with np.errstate(invalid="ignore", over="ignore"):
            u, v = (x[piece] - origin[0]) / size, (y[piece] - origin[1]) / size
            near = (np.abs(u) < _HALF - 2) & (np.abs(v) < _HALF // 2)
        column, row = cells(np.where(near, u, 0), np.where(near, v, 0))
        made = (row.astype(np.int64) + _HALF) * _SPAN + (column.astype(np.int64) + _HALF)
        ids[piece] = np.where(near, made, NO_CELL)
    return ids
