"""Which area and which cell a point is in, slowly: fractions, every edge, every centre."""

from fractions import Fraction
from itertools import pairwise
from math import floor


def on_edge(p, a, b):
    (px, py), (ax, ay), (bx, by) = p, a, b
    turn = (ax - px) * (by - py) - (ay - py) * (bx - px)
    return turn == 0 and min(ax, bx) <= px <= max(ax, bx) and min(ay, by) <= py <= max(ay, by)


def holds(rings, point):
    """Whether the rings (the outer one and holes, each closed) hold a point, edges included."""
    p = tuple(map(Fraction, point))
    inside = False
    for ring in rings:
        corners = [tuple(map(Fraction, corner)) for corner in ring]
        for a, b in pairwise(corners):
            if on_edge(p, a, b):
                return True
            if (a[1] > p[1]) != (b[1] > p[1]):
                x = a[0] + (p[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
                inside ^= x > p[0]
    return inside


def area_of(areas, point):
    """The position of the first area that holds the point, or -1."""
    return next((i for i, rings in enumerate(areas) if holds(rings, point)), -1)


def nearest_hexagon(x, y, size, origin):
    """Column and row of the nearest centre, of every centre near enough to be it."""
    u, v = (x - origin[0]) / size, (y - origin[1]) / size
    near_row, near_column = floor(v / (3**0.5 / 2)), floor(u)
    centres = [
        ((u - c - (r % 2) / 2) ** 2 + (v - r * 3**0.5 / 2) ** 2, c, r)
        for r in range(near_row - 2, near_row + 4)
        for c in range(near_column - 2, near_column + 4)
    ]
    return min(centres)


def counted(rows, sizes):
    """Counts by key, and the rows with a key out of range."""
    counts, left_out = {}, 0
    for row in rows:
        if all(k is not None and 0 <= k < size for k, size in zip(row, sizes, strict=True)):
            counts[row] = counts.get(row, 0) + 1
        else:
            left_out += 1
    return counts, left_out
