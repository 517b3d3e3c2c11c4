"""Moves: the simplest ways in which figures can change and leave every sum as it is.

Take one code's column of sums minus another's in one dimension, and the like in every other: the
product is a hypercube of cells that rise and fall in turn (in two dimensions the rectangle of four
corners). A cell hidden together with the rest of one of its hypercubes can move. Reference: the
hypercube method in Hundepool et al. (2012), "Statistical Disclosure Control", 4.4; here cubes are
shared between cells, follow hierarchies and are proven, never trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
import numpy.typing as npt

from frankpledge.analysis.disclosure.attacker import Counts, Mask, Reals
from frankpledge.analysis.disclosure.system import Places, System

_MOST_MOVES = 48
_MOST_CUBES = 20_000
_LARGEST_MOVE = 4
Signs = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Cubes:
    """Candidate moves of one cell, a row each: the cells moved and whether they rise or fall."""

    cells: Places
    signs: Signs


class Moves:
    """The moves of a system's cells, made when first asked for."""

    def __init__(self, system: System, primary: Mask) -> None:
        self.system = system
        self._primary = primary.reshape(system.shape)
        # Many moves in many dimensions multiply: the likeliest to be shared are enough.
        self._most = int(_MOST_CUBES ** (1 / len(system.shape)))
        self._kept: dict[tuple[int, int], list[tuple[Places, Signs]]] = {}
        self._cubes: dict[int, list[Cubes]] = {}

    @cached_property
    def usable(self) -> Mask:
        return np.asarray((self.system.true > 0) & ~self.system.missing)

    def of(self, cell: int) -> list[Cubes]:
        """Every hypercube of a cell that stands on figures, by size."""
        if cell not in self._cubes:
            self._cubes[cell] = self._made(cell)
        return self._cubes[cell]

    def _made(self, cell: int) -> list[Cubes]:
        shape = self.system.shape
        at = [int(place) for place in np.unravel_index(cell, shape)]
        strides = [int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))]
        by_axis = [self._along(axis, place) for axis, place in enumerate(at)]
        sizes = [dict.fromkeys(len(m) for m, _ in moves) for moves in by_axis]
        found = []
        for wanted in _products(sizes):
            parts = []
            for moves, size, stride in zip(by_axis, wanted, strides, strict=True):
                of_size = [(m, s) for m, s in moves if len(m) == size]
                parts.append(
                    (np.stack([m for m, _ in of_size]) * stride, np.stack([s for _, s in of_size]))
                )
            cells, signs = reduce(_crossed, parts)
            stands = (self.usable[cells] | (cells == cell)).all(axis=1)
            if stands.any():
                found.append(Cubes(cells[stands], signs[stands]))
        return found

    def _along(self, axis: int, place: int) -> list[tuple[Places, Signs]]:
        """Moves in one dimension that raise a position, smallest first."""
        key = (axis, place)
        if key not in self._kept:
            sums = self.system.axis_sums[axis]
            inside = np.flatnonzero(sums[place])
            outside = np.flatnonzero(sums[place] == 0)
            made: list[npt.NDArray[np.int8]] = [sums[:, inside[:_MOST_MOVES]]]
            for code in inside[: max(1, 4 * _MOST_MOVES // max(1, len(outside)))]:
                made.append(sums[:, [code]] - sums[:, outside])
            every = np.concatenate(made, axis=1)
            weight = (every != 0).sum(axis=0)
            others = tuple(a for a in range(len(self.system.shape)) if a != axis)
            shared = self._primary.sum(axis=others) @ (every != 0)
            order = np.lexsort((-shared, weight))
            least = int(weight[order[0]])
            enough = int((weight <= max(2, least)).sum())
            few: dict[bytes, tuple[Places, Signs]] = {}
            for i in order[: min(max(enough, _MOST_MOVES), max(_MOST_MOVES, self._most))]:
                if weight[i] <= max(_LARGEST_MOVE, least):
                    moved = np.flatnonzero(every[:, i])
                    few.setdefault(every[:, i].tobytes(), (moved, every[moved, i]))
            self._kept[key] = list(few.values())
        return self._kept[key]


def room_for(cubes: Cubes, room: Reals, *, need: float, sign: int) -> Mask:
    """Which cubes can carry a move of `need` in the direction `sign` by themselves."""
    falls = cubes.signs == -sign
    return np.asarray((~falls | (room[cubes.cells] >= need)).all(axis=1))


def cost_of(cubes: Cubes, hidden: Mask, true: Counts) -> tuple[npt.NDArray[np.int64], Reals]:
    """How many more cells each cube hides, and how large they are together."""
    new = ~hidden[cubes.cells]
    return new.sum(axis=1), np.asarray((np.log1p(true[cubes.cells]) * new).sum(axis=1))


def _products(sizes: list[dict[int, None]]) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [()]
    for axis in sizes:
        found = [(*one, size) for one in found for size in axis]
    return [one for one in found if np.prod(one) <= 2 ** len(one) * 4]


def _crossed(one: tuple[Places, Signs], other: tuple[Places, Signs]) -> tuple[Places, Signs]:
    cells = one[0][:, None, :, None] + other[0][None, :, None, :]
    signs = one[1][:, None, :, None] * other[1][None, :, None, :]
    count = len(one[0]) * len(other[0])
    return cells.reshape(count, -1), signs.reshape(count, -1)
