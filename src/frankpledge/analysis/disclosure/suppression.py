"""Secondary suppression: the fewest further cells we can find that keep the small ones in doubt.

1. Each cell in need gets the hypercube that hides fewest further cells; the choices are made again
   and again, each knowing all others, so that cubes come to be shared.
2. Where no cube will do, a linear programme over the cells around finds a cheapest move.
3. What need not be hidden is shown again, largest first, as long as the attacker learns nothing.

Everything is decided by the figures alone: the same table twice gives the same cells.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy

from frankpledge.analysis.disclosure.attacker import Mask, Reals
from frankpledge.analysis.disclosure.moves import Cubes, Moves, room_for
from frankpledge.analysis.disclosure.pruning import pruned
from frankpledge.analysis.disclosure.system import Needs, Places, System, exposed_cells

_ROUNDS = 6
_STARTS = 8
_FINISHED, _FINISHED_OF_LARGE = 3, 2
_LOOKS = 3e7
_WHOLE = 3000
Costs = npt.NDArray[np.float64]


def secondary(system: System, needs: Needs, primary: Mask) -> Mask:
    """All cells to hide, those of `primary` among them; only these may have needs.

    Where nothing can protect a cell (a lone figure of a table of zeros), it stays exposed, and
    `exposed_cells` says so.
    """
    if not primary.any():
        return np.asarray(primary)
    cover = _Cover(system, needs, primary)
    if not cover.options:
        return np.asarray(primary)
    chosen = {found.tobytes(): found for found in map(cover.choose, range(cover.starts))}
    count = _FINISHED if len(primary) <= _WHOLE else _FINISHED_OF_LARGE
    best: Mask | None = None
    for start in sorted(chosen.values(), key=lambda found: int(found.sum()))[:count]:
        found = pruned(system, needs, primary, _closed(cover, start))
        if best is None or found.sum() < best.sum():
            best = found
    assert best is not None
    # What follows from the shown figures anyway is no secret that could protect another.
    for part in system.parts(best):
        best[part.cells[part.recoverable() & ~primary[part.cells]]] = False
    return best


class _Option:
    """The cubes of one cell with what each can carry, cells in need counted as hidden."""

    def __init__(self, cell: int, cubes: list[Cubes], needs: Needs, room: Reals) -> None:
        self.cell = cell
        self.needed = {s: float(n[cell]) for s, n in ((1, needs.up), (-1, needs.down))}
        self.cells = [each.cells for each in cubes]
        self.carry = {
            sign: [room_for(each, room, need=need, sign=sign) for each in cubes]
            for sign, need in self.needed.items()
        }

    def cheapest(self, cost: Costs, signs: tuple[int, ...]) -> tuple[float, Places | None]:
        """The cube that carries the cell in all these directions and costs least to hide."""
        best: tuple[float, Places | None] = (np.inf, None)
        for place, cells in enumerate(self.cells):
            able = np.logical_and.reduce([self.carry[sign][place] for sign in signs])
            if not able.any():
                continue
            total = np.where(able, cost[cells].sum(axis=1), np.inf)
            least = int(np.argmin(total))
            if total[least] < best[0]:
                best = (float(total[least]), cells[least])
        return best


class _Cover:
    """Which moves protect which cells, chosen together."""

    def __init__(self, system: System, needs: Needs, primary: Mask) -> None:
        self.system, self.needs, self.primary = system, needs, primary
        self.moves = Moves(system, primary)
        open_ = exposed_cells(system, primary, needs, quick=True)
        self.options = [
            _Option(int(cell), self.moves.of(int(cell)), needs, system.room)
            for cell in np.flatnonzero(open_)
        ]
        # A cell costs one; among equals the smaller, so that as little as can be is hidden.
        size = np.log1p(system.true)
        self.price = 1 + 1e-3 * size / max(1.0, float(size.max()))
        looks = sum(cells.size for option in self.options for cells in option.cells)
        self.starts = int(np.clip(_LOOKS / max(1, looks * _ROUNDS), 1, _STARTS))

    def choose(self, start: int) -> Mask:
        used = np.zeros(len(self.price), dtype=np.int64)
        chosen: list[list[Places]] = [[] for _ in self.options]
        order = np.arange(len(self.options))
        noise = np.zeros(len(self.price))
        if start:
            chance = np.random.default_rng(start)
            order = chance.permutation(order)
            noise = chance.uniform(0, 0.5, len(self.price))
        for turn in range(_ROUNDS):
            before = used.copy()
            blur = noise if turn < 2 else 0 * noise
            for place in order:
                for cells in chosen[place]:
                    used[cells] -= 1
                cost = np.where((used > 0) | self.primary, 0.0, self.price + blur)
                chosen[place] = self._protecting(self.options[place], cost)
                for cells in chosen[place]:
                    used[cells] += 1
            if turn > 2 and ((used > 0) == (before > 0)).all():
                break
        return np.asarray(self.primary | (used > 0))

    def _protecting(self, option: _Option, cost: Costs) -> list[Places]:
        signs = tuple(sign for sign, need in option.needed.items() if need > 0)
        together = option.cheapest(cost, signs)
        if len(signs) == 1 or together[0] == 0:
            return [] if together[1] is None else [together[1]]
        apart, total, rest = [], 0.0, cost.copy()
        for sign in signs:
            each, cells = option.cheapest(rest, (sign,))
            total += each
            if cells is not None:
                apart.append(cells)
                rest[cells] = 0
        if together[1] is not None and together[0] <= total:
            return [together[1]]
        return apart


def _closed(cover: _Cover, hidden: Mask) -> Mask:
    """With the cells besides that protect what the chosen cubes leave exposed."""
    system, needs = cover.system, cover.needs
    hidden = hidden.copy()
    while (open_ := exposed_cells(system, hidden, needs)).any():
        before = int(hidden.sum())
        for cell in np.flatnonzero(open_):
            for sign, need in ((1, needs.up[cell]), (-1, needs.down[cell])):
                if need <= 0:
                    continue
                added = None
                if len(hidden) > _WHOLE:
                    added = _cheapest_move(cover, hidden, int(cell), sign, float(need), near=True)
                if added is None:
                    added = _cheapest_move(cover, hidden, int(cell), sign, float(need))
                if added is not None:
                    hidden |= added
        if int(hidden.sum()) == before:
            break
    return hidden


def _cheapest_move(
    cover: _Cover, hidden: Mask, cell: int, sign: int, need: float, *, near: bool = False
) -> Mask | None:
    """The cells of the move that costs least, of those around only if `near`; None if none is."""
    system = cover.system
    free = (system.true > 0) & ~system.missing
    if near:
        around = np.zeros(len(hidden), dtype=bool)
        for cubes in cover.moves.of(cell):
            around[cubes.cells] = True
        free &= around
    among = np.flatnonzero(hidden | free)
    equations = scipy.sparse.csc_array(system.equations[:, among])
    room = system.room[among]
    cost = np.where(hidden[among], 1e-6, cover.price[among]) / need
    place = int(np.flatnonzero(among == cell)[0])
    count = len(among)
    lower, upper = np.zeros(2 * count), np.full(2 * count, np.inf)
    upper[count:] = room
    lower[place + (count if sign < 0 else 0)] = need
    upper[place + (0 if sign < 0 else count)] = 0
    found = scipy.optimize.milp(
        np.concatenate([cost, cost]),
        bounds=scipy.optimize.Bounds(lower, np.maximum(upper, lower)),
        constraints=[
            scipy.optimize.LinearConstraint(scipy.sparse.hstack([equations, -equations]), 0, 0)
        ],
    )
    if found.x is None:
        return None
    added = np.zeros(len(hidden), dtype=bool)
    added[among[np.abs(found.x[:count] - found.x[count:]) > 1e-7]] = True
    return added
