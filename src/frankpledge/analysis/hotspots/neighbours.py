"""Who lies beside whom: by touching outlines, by distance, or as lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: together they take a second
import shapely

Reals = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Neighbours:
    """A sparse matrix of weights, places by places: 1 for a neighbour, 0 on the diagonal."""

    weights: scipy.sparse.csr_array

    def __len__(self) -> int:
        return int(self.weights.shape[0])

    @property
    def alone(self) -> tuple[int, ...]:
        """The places without a neighbour."""
        return tuple(np.flatnonzero(np.diff(self.weights.indptr) == 0).tolist())

    def weighing(
        self, style: Literal["binary", "row"], *, itself: bool = False
    ) -> scipy.sparse.csr_array:
        """The weights as they are, or with each row adding up to 1; with the place itself among
        its neighbours where `itself` says so (before a row is divided)."""
        matrix = self.weights
        if itself:
            matrix = scipy.sparse.csr_array(matrix + scipy.sparse.eye_array(len(self)))
        if style == "binary":
            return matrix
        sums = np.asarray(matrix.sum(axis=1)).ravel()
        share = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)
        return scipy.sparse.csr_array(scipy.sparse.diags_array(share) @ matrix)


def _of_pairs(first: Any, second: Any, places: int) -> Neighbours:
    ones = np.ones(len(first))
    matrix = scipy.sparse.csr_array((ones, (first, second)), shape=(places, places))
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    matrix.setdiag(0.0)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return Neighbours(matrix)


def from_lists(lists: Sequence[Iterable[int]]) -> Neighbours:
    """Neighbours of each place as positions from 0. Raises ValueError for one that is not there."""
    pairs = [(place, each) for place, near in enumerate(lists) for each in near]
    if any(not 0 <= each < len(lists) for _, each in pairs):
        raise ValueError(f"A neighbour lies outside the {len(lists)} places. Count from 0.")
    first, second = (np.array(each, dtype=np.int64) for each in zip(*pairs, strict=True)) if (
        pairs
    ) else (np.empty(0, np.int64), np.empty(0, np.int64))  # fmt: skip
    return _of_pairs(first, second, len(lists))


def within(points: Sequence[Sequence[float]] | Reals, distance: float) -> Neighbours:
    """Places no further apart than `distance`, in the unit of the coordinates (metres on the grid).

    `points` is (places, 2). Raises ValueError for a distance not above zero or a coordinate that
    is missing.
    """
    at = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if not distance > 0 or not np.isfinite(at).all():
        raise ValueError("A distance lies above zero, and every place needs both coordinates.")
    pairs = scipy.spatial.cKDTree(at).query_pairs(distance, output_type="ndarray")
    both = np.concatenate([pairs, pairs[:, ::-1]])
    return _of_pairs(both[:, 0], both[:, 1], len(at))


def touching(outlines: Sequence[Any], *, within: float = 0.0) -> Neighbours:
    """Places whose outlines share an edge or a corner (queen).

    `outlines` are shapely geometries on one plane. Simplified outlines may part a little: those no
    further apart than `within` (metres) count as touching. An outline that is empty has none.
    """
    shapes = np.asarray(outlines, dtype=object)
    if not len(shapes):
        return _of_pairs([], [], 0)
    tree = shapely.STRtree(shapes)
    if within > 0:
        first, second = tree.query(shapes, predicate="dwithin", distance=within)
    else:
        first, second = tree.query(shapes, predicate="intersects")
    both = np.concatenate([first, second]), np.concatenate([second, first])
    return _of_pairs(*both, len(shapes))
