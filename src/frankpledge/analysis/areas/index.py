"""The index of a set of areas: built once, then asked for millions of points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from frankpledge.analysis.areas.raster import NOWHERE, Edges, Frame, Raster, raster

Array = npt.NDArray[Any]
Engine = Literal["auto", "numba", "shapely"]
THREADS = 2
CHUNK = 500_000
# Beyond this, products of coordinates overflow, and shapely is asked instead.
ENORMOUS = 1e150


class Repair(NamedTuple):
    """An area whose outline was invalid, and what shapely said of it."""

    code: str
    reason: str


class Overlap(NamedTuple):
    """Two areas that share ground; its points go to the first."""

    first: str
    second: str
    area: float


class Located(NamedTuple):
    """Positions as `assign` gives them, and how many points had none and why.

    `nowhere` points are in no area; `unreadable` ones have a coordinate that is no finite number.
    """

    positions: npt.NDArray[np.int32]
    nowhere: int
    unreadable: int


@dataclass(frozen=True)
class AreaIndex:
    """Areas by code, ready to be asked which of them holds a point.

    `codes` are sorted; an answer is a position among them. `repaired` names the areas whose
    outlines were invalid and `empty` those that have none.
    """

    codes: tuple[str, ...]
    polygons: Array
    repaired: tuple[Repair, ...]
    empty: tuple[str, ...]
    _edges: Edges
    _raster: Raster | None

    @classmethod
    def build(
        cls, polygons: Sequence[Any], codes: Sequence[str], *, cell: float | None = None
    ) -> AreaIndex:
        """The index of so many (multi)polygons and their codes, in any plane coordinates.

        `cell` is the side of a cell in the same units; without it, it is chosen by extent and
        edges, so that the cells take at most 96 MB (35 m for a county of 900 areas). It changes
        the speed, never an answer. An invalid outline is repaired by `shapely.make_valid` and
        named in `repaired`; an area without an outline holds nothing and is named in `empty`.

        Raises ValueError for a code that comes twice, numbers that differ, an area that is no
        polygon or has a coordinate that is no number, and a cell that is not above zero.
        """
        if cell is not None and not (np.isfinite(cell) and cell > 0):
            raise ValueError(f"A cell of {cell} is no size: give metres above zero, or leave it.")
        shapes, names, repaired = _valid(polygons, codes)
        edges = Edges.of(shapes)
        cells = None
        if len(edges.start):
            cells = raster(edges, len(shapes), Frame.around(edges, cell))
        empty = tuple(n for n, e in zip(names, shapely.is_empty(shapes), strict=True) if e)
        return cls(names, shapes, repaired, empty, edges, cells)

    def assign(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        engine: Engine = "auto",
        threads: int = THREADS,
    ) -> npt.NDArray[np.int32]:
        """The position in `codes` of the area that holds each point, -1 where none does.

        x and y are numbers of one length, in the units of the outlines. A point without a number
        or at infinity is nowhere; `locate` counts them. The numba kernel and shapely answer alike;
        without the extra, shapely answers. Raises ValueError where the lengths differ,
        ImportError where numba is asked for by name and is not installed.
        """
        x = np.ascontiguousarray(x, np.float64)
        y = np.ascontiguousarray(y, np.float64)
        if x.ndim != 1 or x.shape != y.shape:
            raise ValueError(f"Points need one x for each y; there are {x.shape} and {y.shape}.")
        found = np.full(len(x), NOWHERE, np.int32)
        if self._raster is None:
            return found
        locate = self._kernel(engine)
        pieces = [slice(i, i + CHUNK) for i in range(0, len(x), CHUNK)]
        if threads < 2 or len(pieces) < 2:
            for piece in pieces:
                locate(x[piece], y[piece], found[piece])
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lambda p: locate(x[p], y[p], found[p]), pieces))
        return found

    def locate(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Located:
        """The positions of `assign`, with the points that have none counted by their reason."""
        positions = self.assign(x, y)
        unreadable = int((~(np.isfinite(np.asarray(x, float) + np.asarray(y, float)))).sum())
        return Located(positions, int((positions == NOWHERE).sum()) - unreadable, unreadable)

    @cached_property
    def overlaps(self) -> tuple[Overlap, ...]:
        """The pairs of areas that share ground, by code, and how much; worked out when asked."""
        faulty = ~shapely.is_empty(shapely.coverage_invalid_edges(self.polygons))
        some = np.flatnonzero(faulty)
        if not len(some):
            return ()
        one, two = shapely.STRtree(self.polygons[some]).query(
            self.polygons[some], predicate="intersects"
        )
        one, two = some[one[one < two]], some[two[one < two]]
        shared = shapely.area(shapely.intersection(self.polygons[one], self.polygons[two]))
        return tuple(
            Overlap(self.codes[i], self.codes[j], float(area))
            for i, j, area in sorted(zip(one, two, shared, strict=True))
            if area > 0
        )

    @property
    def cell(self) -> float | None:
        """The side of a cell; None for an index without areas."""
        return self._raster.frame.cell if self._raster else None

    @property
    def bytes(self) -> int:
        """Memory of the cells and of the edges, without the polygons themselves."""
        edges = self._edges
        arrays = (edges.x, edges.y, edges.start, edges.area)
        cells = self._raster.bytes if self._raster else 0
        return cells + sum(int(array.nbytes) for array in arrays)

    def _kernel(self, engine: Engine) -> Any:
        assert self._raster is not None
        frame = self._raster.frame
        largest = max(map(abs, (frame.west, frame.south, frame.east, frame.north)))
        if engine == "shapely" or largest > ENORMOUS:
            return self._by_shapely
        try:
            from frankpledge.analysis.areas import fast
        except ImportError:
            if engine == "numba":
                raise
            return self._by_shapely

        cells = self._raster

        def locate(x: Array, y: Array, found: Array) -> None:
            fast.locate(
                x,
                y,
                found,
                (frame.west, frame.south, frame.east, frame.north),
                1 / frame.cell,
                frame.columns,
                cells.table,
                cells.first,
                cells.asked,
                cells.slab_area,
                cells.slab_first,
                cells.slab_edges,
                self._edges.x,
                self._edges.y,
            )
            undecided = np.flatnonzero(found == fast.UNDECIDED)
            if len(undecided):
                answers = np.full(len(undecided), NOWHERE, np.int32)
                self._by_shapely(x[undecided], y[undecided], answers)
                found[undecided] = answers

        return locate

    def _by_shapely(self, x: Array, y: Array, found: Array) -> None:
        """The cells' answers, and shapely's own where a cell does not say all."""
        assert self._raster is not None
        cells, frame = self._raster, self._raster.frame
        inside = np.flatnonzero(
            (x >= frame.west) & (x <= frame.east) & (y >= frame.south) & (y <= frame.north)
        )
        at = frame.row(y[inside]) * frame.columns + frame.column(x[inside])
        found[inside] = cells.table[at]
        left = inside[found[inside] < NOWHERE]
        turn = cells.first[-2 - found[left]]
        end = cells.first[-1 - found[left]]
        found[left] = NOWHERE
        while len(left):
            slab = cells.asked[turn]
            held = slab < 0
            asked = ~held
            area = np.where(held, ~slab, cells.slab_area[np.maximum(slab, 0)])
            held[asked] = shapely.intersects_xy(
                self.polygons[area[asked]], x[left[asked]], y[left[asked]]
            )
            found[left[held]] = area[held]
            on = ~held & (turn + 1 < end)
            left, turn, end = left[on], turn[on] + 1, end[on]


def _valid(
    polygons: Sequence[Any], codes: Sequence[str]
) -> tuple[Array, tuple[str, ...], tuple[Repair, ...]]:
    """Polygons by code, repaired where they must be."""
    if len(polygons) != len(codes):
        raise ValueError(f"There are {len(polygons)} areas and {len(codes)} codes; give one each.")
    order = sorted(range(len(codes)), key=lambda i: codes[i])
    names = tuple(codes[i] for i in order)
    shapes = np.empty(len(order), object)
    shapes[:] = [polygons[i] for i in order]
    for problem in _problems(shapes, names):
        raise ValueError(problem)
    wrong = np.flatnonzero(~shapely.is_valid(shapes))
    repaired = tuple(
        Repair(names[i], str(reason))
        for i, reason in zip(wrong, shapely.is_valid_reason(shapes[wrong]), strict=True)
    )
    for i in wrong:
        parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shapes[i])))
        ground = [part for part in parts if isinstance(part, shapely.Polygon)]
        shapes[i] = shapely.MultiPolygon(ground)
    shapely.prepare(shapes)
    return shapes, names, repaired


def _problems(shapes: Array, names: tuple[str, ...]) -> Iterator[str]:
    for one, two in pairwise(names):
        if one == two:
            yield f"Area {one} comes twice: join its parts into one multipolygon."
    types = shapely.get_type_id(shapes)
    for name, kind, shape in zip(names, types, shapes, strict=True):
        if kind not in (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON):
            what = "nothing" if shape is None else shape.geom_type
            yield f"Area {name} is {what}: give a polygon or a multipolygon."
    points, area = shapely.get_coordinates(shapes, return_index=True)
    for i in area[~np.isfinite(points).all(axis=1)][:1]:
        yield f"Area {names[i]} has a corner that is no number: correct its outline."
