"""Where the tiles of a tile map lie, worked out from the outlines of the areas."""

from collections.abc import Collection
from math import ceil, sqrt

import numpy as np
import scipy  # its parts load when first used
import shapely

from frankpledge.charts.shapes import Outlines

_ROOM = 1.5  # places on the grid for each area: with fewer, areas far apart would have to touch


def tile_positions(
    areas: Outlines, keys: Collection[str] | None = None
) -> dict[str, tuple[int, int]]:
    """Column and row for each area (or those of `keys`), as near as can be to where it lies.

    Least total squared distance from each area's middle to the middle of its tile, over a grid
    as wide for its height as the areas together. The same outlines always give the same grid.
    """
    chosen = [
        (key, shapely.centroid(one))
        for key, one in zip(areas.keys, areas.shapes, strict=True)
        if keys is None or key in keys
    ]
    if not chosen:
        return {}
    points = np.array([(middle.x, middle.y) for _, middle in chosen])
    low, high = points.min(axis=0), points.max(axis=0)
    wide, tall = np.maximum(high - low, 1e-9)
    columns = max(1, min(len(chosen), ceil(sqrt(len(chosen) * _ROOM * wide / tall))))
    rows = max(1, ceil(len(chosen) * _ROOM / columns))
    placed = (points - low) / (wide, tall) * (columns - 1, rows - 1)
    cells = np.array([(column, row) for row in range(rows) for column in range(columns)])
    away = ((placed[:, None, :] - cells[None, :, :]) ** 2).sum(axis=2)
    _, taken = scipy.optimize.linear_sum_assignment(away)
    return {
        key: (int(cells[cell][0]), int(cells[cell][1]))
        for (key, _), cell in zip(chosen, taken, strict=True)
    }
