"""The kernel of dense counts, compiled by the extra numba; imported only where it is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from frankpledge.analysis.compiled import compiled

Array = npt.NDArray[Any]


def count(columns: tuple[Array, ...], sizes: tuple[int, ...], counts: Array) -> None:
    """Adds each row to its place in `counts`; the last place is for rows with a key unknown."""
    place = np.zeros(len(columns[0]), np.int32)
    for column, size in zip(columns[:-1], sizes[:-1], strict=True):
        _pack(place, column, size)
    _add(place, columns[-1], sizes[-1], counts)


@compiled
def _pack(place: Array, column: Array, size: int) -> None:
    for i in range(len(place)):
        key = np.int64(column[i])
        if place[i] >= 0 and 0 <= key < size:
            place[i] = place[i] * size + key
        else:
            place[i] = -1


@compiled
def _add(place: Array, column: Array, size: int, counts: Array) -> None:
    for i in range(len(place)):
        key = np.int64(column[i])
        if place[i] >= 0 and 0 <= key < size:
            counts[place[i] * size + key] += 1
        else:
            counts[-1] += 1
