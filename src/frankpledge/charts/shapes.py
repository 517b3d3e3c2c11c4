"""Outlines of areas: projected once, simplified to the scale they are drawn at, joined at will."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, radians
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

_SIMPLER_THAN = 0.55  # user units: bends smaller than this are not drawn
_TENTHS = 10


@dataclass(frozen=True, slots=True)
class Drawn:
    """Outlines at one size: path data in tenths of a unit, and where a label may stand."""

    scale: float
    height: float
    left: float
    paths: Mapping[str, str]
    anchors: Mapping[str, tuple[float, float, float]]  # x, y, room around it


@dataclass(frozen=True)
class Outlines:
    """Areas on a plane, x east and y south, in units of a degree of latitude.

    Made by `outlines` or `dissolve`; keep it, for it remembers every size it was drawn at.
    """

    keys: tuple[str, ...]
    names: Mapping[str, str]
    shapes: tuple[Any, ...]
    bounds: tuple[float, float, float, float]
    attribution: str = ""
    _drawn: dict[tuple[float, float, tuple[float, ...]], Drawn] = field(
        default_factory=dict, repr=False
    )

    def at(
        self, width: float, height: float, frame: tuple[float, float, float, float] | None = None
    ) -> Drawn:
        """Path data to fill at most width × height; `frame` places it on another's bounds."""
        frame = frame or self.bounds
        asked = (width, height, frame)
        if asked not in self._drawn:
            self._drawn[asked] = _draw(self, width, height, frame)
        return self._drawn[asked]


def outlines(collection: Mapping[str, Any], *, key: str = "code", name: str = "name") -> Outlines:
    """Outlines of a GeoJSON FeatureCollection in WGS84.

    `key` and `name` are properties of each feature. Features without geometry are left out.
    Raises ValueError if no feature is left, KeyError if one lacks the key.
    """
    keys: list[str] = []
    names: dict[str, str] = {}
    found: list[Any] = []
    for feature in collection["features"]:
        if not feature.get("geometry"):
            continue
        code = str(feature["properties"][key])
        keys.append(code)
        names[code] = str(feature["properties"].get(name) or code)
        found.append(shape(feature["geometry"]))
    if not found:
        raise ValueError("The collection holds no outlines.")
    polygons = _valid(found)
    plane = shapely.transform(polygons, _flatten(polygons))
    return _made(keys, names, plane, str(collection.get("attribution", "")))


def dissolve(
    areas: Outlines, into: Mapping[str, str], *, names: Mapping[str, str] | None = None
) -> Outlines:
    """Join areas into larger ones: `into` maps each key to the key it becomes part of.

    Areas that `into` does not name are dropped. Raises ValueError if none is left.
    """
    groups: dict[str, list[Any]] = {}
    for key, one in zip(areas.keys, areas.shapes, strict=True):
        if key in into:
            groups.setdefault(into[key], []).append(one)
    if not groups:
        raise ValueError("None of the areas belongs to a larger one.")
    joined = [_join(members) for members in groups.values()]
    called = {key: (names or {}).get(key, key) for key in groups}
    return _made(list(groups), called, np.array(joined, dtype=object), areas.attribution)


def _made(
    keys: list[str], names: dict[str, str], plane: NDArray[np.object_], attribution: str
) -> Outlines:
    left, top, right, bottom = (float(edge) for edge in shapely.total_bounds(plane))
    return Outlines(tuple(keys), names, tuple(plane), (left, top, right, bottom), attribution)


def _valid(found: Sequence[Any]) -> NDArray[np.object_]:
    kept = np.empty(len(found), dtype=object)
    for index, one in enumerate(found):
        kept[index] = one if one.is_valid else _polygons(shapely.make_valid(one))
    return kept


def _polygons(geometry: Any) -> Any:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def _flatten(polygons: NDArray[np.object_]) -> Any:
    """Degrees to a plane: east-west shrunk by the cosine of the middle latitude.

    Right to one part in a hundred across a county, which is finer than these outlines are.
    """
    _, south, _, north = shapely.total_bounds(polygons)
    squeeze = cos(radians((south + north) / 2))

    def project(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([points[:, 0] * squeeze, -points[:, 1]])

    return project


def _join(members: list[Any]) -> Any:
    """The union, without the slivers that borders drawn twice leave between neighbours."""
    joined = shapely.union_all(members)
    smallest = joined.area * 1e-5
    kept = [
        shapely.Polygon(
            part.exterior, [r for r in part.interiors if shapely.Polygon(r).area > smallest]
        )
        for part in shapely.get_parts(joined)
        if part.geom_type == "Polygon"
    ]
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def _draw(
    areas: Outlines, width: float, height: float, frame: tuple[float, float, float, float]
) -> Drawn:
    left, top, right, bottom = frame
    wide, high = max(right - left, 1e-9), max(bottom - top, 1e-9)
    scale = min(width / wide, height / high)
    indent = (width - wide * scale) / 2

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(
            [(points[:, 0] - left) * scale + indent, (points[:, 1] - top) * scale]
        )

    placed = shapely.transform(np.array(areas.shapes, dtype=object), place)
    simple = shapely.coverage_simplify(placed, _SIMPLER_THAN)
    return Drawn(
        scale=scale,
        height=high * scale,
        left=indent,
        paths=dict(zip(areas.keys, _paths(simple), strict=True)),
        anchors={k: _anchor(one) for k, one in zip(areas.keys, placed, strict=True)}
        if len(areas.keys) <= 120
        else {},
    )


def _paths(placed: NDArray[np.object_]) -> Iterable[str]:
    """One path a shape, of whole tenths relative to the point before: short and exact.

    Rounding is done on the absolute point, so that neighbours keep their common border.
    """
    parts, owner = shapely.get_parts(placed, return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    whole = np.rint(points * _TENTHS).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=whole[:1])
    starts = np.flatnonzero(np.diff(ring_of, prepend=-1))
    ends = np.append(starts[1:], len(points))
    made = [""] * len(placed)
    listed, absolute = steps.tolist(), whole[starts].tolist()
    for index, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        x, y = absolute[index]
        moves = [
            f"{a} {b}" if b >= 0 else f"{a}{b}" for a, b in listed[start + 1 : end - 1] if a or b
        ]
        made[int(owner[part_of[index]])] += f"M{x} {y}l{' '.join(moves)}z" if moves else ""
    return made


def _anchor(one: Any) -> tuple[float, float, float]:
    """The middle of the widest open space in the shape, and how far its border is from there."""
    if one.is_empty or one.area <= 0:
        return (0.0, 0.0, 0.0)
    circle = shapely.maximum_inscribed_circle(one, tolerance=max(1.0, one.area**0.5 / 30))
    (x, y), _ = circle.coords
    return (float(x), float(y), float(circle.length))
