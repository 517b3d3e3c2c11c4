"""The kernel of an area index, compiled by the extra numba; imported only where it is asked for."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from frankpledge.analysis.compiled import compiled

Array = npt.NDArray[Any]

UNDECIDED = -3
# Shewchuk 1997, "Adaptive precision floating-point arithmetic": (3 + 16e)e, e half an ulp of 1.
BOUND = 3.3306690738754716e-16
# Products below this may have lost digits to underflow, which the bound does not foresee.
SMALLEST = 1e-290


@compiled
def covers(px: float, py: float, x: Array, y: Array, edges: Array, first: int, last: int) -> int:
    """1 where the point is inside or on an edge, 0 where not, UNDECIDED where rounding hides it.

    Edges crossed to the right of the point are counted, each without its upper end.
    """
    inside = 0
    for e in range(first, last):
        i = edges[e]
        x1, y1, x2, y2 = x[i], y[i], x[i + 1], y[i + 1]
        if x1 < px and x2 < px:
            continue
        if (px == x1 and py == y1) or (px == x2 and py == y2):
            return 1
        if (y1 > py) == (y2 > py):
            if y1 == py and y2 == py and (x1 <= px) != (x2 <= px):
                return 1
            continue
        if x1 > px and x2 > px:
            inside ^= 1
            continue
        if x1 == px and x2 == px:
            return 1
        left, right = (x1 - px) * (y2 - py), (y1 - py) * (x2 - px)
        turn = left - right
        if not abs(turn) > BOUND * (abs(left) + abs(right)) + SMALLEST:
            return UNDECIDED
        if (turn > 0) == (y2 > y1):
            inside ^= 1
    return inside


@compiled
def locate(
    x: Array,
    y: Array,
    found: Array,
    extent: tuple[float, float, float, float],
    per_cell: float,
    columns: int,
    table: Array,
    first: Array,
    asked: Array,
    slab_area: Array,
    slab_first: Array,
    slab_edges: Array,
    edge_x: Array,
    edge_y: Array,
) -> None:
    """The area of each point into `found`: -1 nowhere, UNDECIDED where shapely must say."""
    west, south, east, north = extent
    for p in range(len(x)):
        px, py = x[p], y[p]
        if not (west <= px <= east and south <= py <= north):
            found[p] = -1
            continue
        row = int((py - south) * per_cell)
        said = table[row * columns + int((px - west) * per_cell)]
        if said >= -1:
            found[p] = said
            continue
        answer = -1
        for k in range(first[-2 - said], first[-1 - said]):
            s = asked[k]
            if s < 0:
                answer = ~s
                break
            held = covers(px, py, edge_x, edge_y, slab_edges, slab_first[s], slab_first[s + 1])
            if held != 0:
                answer = slab_area[s] if held == 1 else UNDECIDED
                break
        found[p] = answer
