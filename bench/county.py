"""The synthetic county that the benchmarks share: `county(rows)` gives its areas and its incidents.

Kent's extent on the British National Grid; 900 areas that share their rough edges, in 300 wards
and 13 districts; 36 months, 15 categories (Zipf), 6 agencies; 70% of the points stand on 60,000
map points, as published police points do. The seed is fixed and the Parquet file is kept in the
machine's folder of temporary files, one for each number of rows.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from scipy.spatial import Voronoi, cKDTree

EDITION = 1
SEED = 20250101
WEST, SOUTH, WIDTH, HEIGHT = 546_000.0, 115_000.0, 95_000.0, 70_000.0
AREAS, WARDS, DISTRICTS = 900, 300, 13
MONTHS, CATEGORIES, AGENCIES = 36, 15, 6
MAP_POINTS, SNAPPED = 60_000, 0.7
ROW_GROUP = 1_000_000
HALVINGS, ROUGHNESS = 5, 0.18


@dataclass(frozen=True)
class County:
    """Polygons by area number; the ward and the district of each; the incidents' file.

    The file's columns: x, y (metres), month (0-35), area (the polygon's number), category (0-14),
    agency (0-5), in no order.
    """

    path: Path
    polygons: np.ndarray[Any, Any]
    codes: list[str]
    ward: np.ndarray[Any, Any]
    district: np.ndarray[Any, Any]

    @property
    def extent(self) -> tuple[float, float, float, float]:
        return WEST, SOUTH, WEST + WIDTH, SOUTH + HEIGHT


def places(chance: np.random.Generator, number: int) -> np.ndarray[Any, Any]:
    """Half in the towns, half anywhere; all inside the extent."""
    low, size = np.array([WEST, SOUTH]), np.array([WIDTH, HEIGHT])
    towns = low + size * np.random.default_rng(SEED).uniform(0.08, 0.92, (DISTRICTS, 2))
    found = low + size * chance.random((number, 2))
    in_town = chance.random(number) < 0.5
    centre = towns[chance.integers(0, DISTRICTS, number)]
    near = centre + chance.normal(0, 3_000, (number, 2))
    inside = ((near > low) & (near < low + size)).all(axis=1)
    found[in_town & inside] = near[in_town & inside]
    return found


def mirrored(points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The points and their images beyond each side, so that the sides are edges of the cells."""
    east, north = WEST + WIDTH, SOUTH + HEIGHT
    x, y = points.T
    images = [(2 * WEST - x, y), (2 * east - x, y), (x, 2 * SOUTH - y), (x, 2 * north - y)]
    return np.vstack([points, *(np.column_stack(image) for image in images)])


def rough(
    start: np.ndarray[Any, Any], end: np.ndarray[Any, Any], roughness: float, seed: int
) -> np.ndarray[Any, Any]:
    """A straight edge broken by moving midpoints aside, 32 pieces; the same for both sides."""
    chance = np.random.default_rng((SEED, seed))
    line = np.array([start, end])
    for _ in range(HALVINGS):
        step = np.diff(line, axis=0)
        aside = np.column_stack([-step[:, 1], step[:, 0]])
        moved = chance.uniform(-roughness, roughness, (len(step), 1)) * aside
        wider = np.empty((2 * len(line) - 1, 2))
        wider[::2], wider[1::2] = line, (line[:-1] + line[1:]) / 2 + moved
        line = wider
    return np.round(line, 2)


@cache
def areas() -> np.ndarray[Any, Any]:
    """The 900 polygons; every edge is smoothed until the polygons on both sides are valid."""
    seeds = places(np.random.default_rng(SEED), AREAS)
    cells = Voronoi(mirrored(seeds))
    corners = np.round(cells.vertices, 2)
    rings = [cells.regions[cells.point_region[i]] for i in range(AREAS)]
    pairs = [list(zip(ring, ring[1:] + ring[:1], strict=True)) for ring in rings]
    edges = sorted({(min(pair), max(pair)) for pairs_ in pairs for pair in pairs_})
    number = {edge: i for i, edge in enumerate(edges)}
    inside = {(min(p), max(p)) for p in cells.ridge_vertices if -1 not in p}
    on_side = {
        edge
        for (one, two), edge in zip(cells.ridge_points, cells.ridge_vertices, strict=True)
        if max(one, two) >= AREAS > min(one, two)
        for edge in [(min(edge), max(edge))]
    }
    roughness = {e: 0.0 if e in on_side or e not in inside else ROUGHNESS for e in edges}
    while True:
        lines = {e: rough(corners[e[0]], corners[e[1]], roughness[e], number[e]) for e in edges}
        polygons = np.array(
            [
                shapely.Polygon(
                    np.vstack(
                        [lines[a, b][:-1] if a < b else lines[b, a][:0:-1] for a, b in pairs_]
                    )
                )
                for pairs_ in pairs
            ]
        )
        wrong = np.flatnonzero(~shapely.is_valid(polygons))
        if not len(wrong):
            break
        for edge in {(min(p), max(p)) for i in wrong for p in pairs[i]}:
            roughness[edge] /= 2
    if not shapely.coverage_is_valid(polygons):
        raise AssertionError("The county's areas overlap.")
    return polygons


def area_of(polygons: np.ndarray[Any, Any], points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The first area that shapely says each point is in, or -1."""
    order = np.argsort(points[:, 0])
    x, y = np.ascontiguousarray(points[order].T)
    found = np.full(len(points), -1, np.int32)
    for number in range(len(polygons) - 1, -1, -1):
        west, _, east, _ = polygons[number].bounds
        first, last = np.searchsorted(x, west), np.searchsorted(x, east, "right")
        within = shapely.intersects_xy(polygons[number], x[first:last], y[first:last])
        found[first:last][within] = number
    answer = np.empty_like(found)
    answer[order] = found
    return answer


def incidents(rows: int, polygons: np.ndarray[Any, Any]) -> pa.Table:
    chance = np.random.default_rng((SEED, 1))
    snap = np.round(places(chance, MAP_POINTS), 0)
    weight = chance.pareto(1.5, MAP_POINTS) + 0.1
    points = np.round(places(chance, rows), 1)
    snapped = chance.random(rows) < SNAPPED
    which = chance.choice(MAP_POINTS, int(snapped.sum()), p=weight / weight.sum())
    points[snapped] = snap[which]
    area = np.empty(rows, np.int32)
    area[snapped] = area_of(polygons, snap)[which]
    area[~snapped] = area_of(polygons, points[~snapped])
    zipf = 1 / np.arange(1, CATEGORIES + 1)
    return pa.table(
        {
            "x": points[:, 0],
            "y": points[:, 1],
            "month": chance.integers(0, MONTHS, rows).astype(np.int16),
            "area": area,
            "category": chance.choice(CATEGORIES, rows, p=zipf / zipf.sum()).astype(np.int8),
            "agency": chance.integers(0, AGENCIES, rows).astype(np.int8),
        }
    )


def grouped(number: int, seed: int) -> np.ndarray[Any, Any]:
    """The nearest of so many centres, for each area."""
    centres = places(np.random.default_rng((SEED, seed)), number)
    middles = shapely.get_coordinates(shapely.centroid(areas()))
    return np.asarray(cKDTree(centres).query(middles)[1], np.int32)


def county(rows: int) -> County:
    """The county with this many incidents; made once, then read from the temporary folder."""
    path = Path(tempfile.gettempdir()) / f"county-{EDITION}-{rows}.parquet"
    if not path.is_file():
        part = path.with_suffix(f".{os.getpid()}")
        pq.write_table(incidents(rows, areas()), part, compression="zstd", row_group_size=ROW_GROUP)
        part.replace(path)
    return County(
        path=path,
        polygons=areas(),
        codes=[f"E{number:08d}" for number in range(1, AREAS + 1)],
        ward=grouped(WARDS, 2),
        district=grouped(DISTRICTS, 3),
    )
