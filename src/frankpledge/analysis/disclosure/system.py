"""A published table as a system of sums, and what its hidden cells alone leave open.

Every published sum is the sum of smaller published cells: wards make a district, districts a
county. An attacker who knows every shown figure knows these equations between hidden cells and
nothing else, and cells in no common equation tell nothing of each other. So the attack falls apart
into small systems, each of which is tested exactly: by elimination (is a cell given away to the
last digit?) and by linear programming (how far can it move?). References: Fischetti and Salazar
(2001), "Solving the cell suppression problem on tabular data with linear constraints"; Hundepool
et al. (2012), "Statistical Disclosure Control", 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy

from frankpledge.analysis.disclosure.attacker import Counts, Groups, Mask, Reals

_PRIME = 2**31 - 1
_NEAR = 1e-6
_ROOM = 1e7
_ELIMINATED = 2e8
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Needs:
    """How far down and up each cell must be able to move for an attacker; 0 where all is known."""

    down: Reals
    up: Reals

    @property
    def any(self) -> Mask:
        return np.asarray((self.down > 0) | (self.up > 0))


@dataclass(frozen=True)
class System:
    """Equations between published cells: members of a sum, and -1 for the sum itself.

    `true` are the figures in the order of the published table (codes, then groups, of each
    dimension); `floor` is the least an attacker knows a hidden cell to be.
    """

    shape: tuple[int, ...]
    groups: tuple[tuple[tuple[int, ...], ...], ...]
    sizes: tuple[int, ...]
    true: Counts
    missing: Mask
    floor: int

    @cached_property
    def equations(self) -> scipy.sparse.csc_array:
        """One row for each sum of smaller cells; a sum over missing cells says nothing."""
        parts = []
        for axis, size in enumerate(self.sizes):
            rows = _axis_equations(size, self.groups[axis])
            if not rows.shape[0]:
                continue
            whole = scipy.sparse.csr_array(np.ones((1, 1)))
            for other, length in enumerate(self.shape):
                by = rows if other == axis else scipy.sparse.identity(length)
                whole = scipy.sparse.csr_array(scipy.sparse.kron(whole, by, format="csr"))
            parts.append(whole)
        cells = len(self.true)
        found = (
            scipy.sparse.vstack(parts, format="csr")
            if parts
            else scipy.sparse.csr_array((0, cells))
        )
        known = np.asarray(abs(found) @ self.missing.astype(float)) == 0
        return scipy.sparse.csc_array(scipy.sparse.csr_array(found)[np.flatnonzero(known)])

    @cached_property
    def summed(self) -> Mask:
        """The cells that are in any equation."""
        return np.asarray(np.diff(self.equations.indptr) > 0)

    @cached_property
    def axis_sums(self) -> tuple[npt.NDArray[np.int8], ...]:
        """For each dimension, its positions by its codes: 1 where the position holds the code."""
        return tuple(
            _axis_sums(size, named) for size, named in zip(self.sizes, self.groups, strict=True)
        )

    @property
    def room(self) -> Reals:
        """How far down each hidden cell can move for all an attacker knows."""
        return np.asarray(np.maximum(self.true - self.floor, 0), dtype=float)

    def parts(self, hidden: Mask) -> Iterator[Part]:
        """The hidden cells that hang together by equations, as systems of their own.

        A hidden cell in no equation is left out: nothing is known of it.
        """
        cells = np.flatnonzero(hidden & ~self.missing & self.summed)
        if not len(cells):
            return
        columns = scipy.sparse.csr_array(self.equations[:, cells])
        columns = scipy.sparse.csr_array(columns[np.flatnonzero(np.diff(columns.indptr))])
        linked = scipy.sparse.csc_array(columns)
        count, label = scipy.sparse.csgraph.connected_components(
            scipy.sparse.csr_array(abs(linked.T) @ abs(linked)), directed=False
        )
        order = np.argsort(label, kind="stable")
        ends = np.searchsorted(label[order], np.arange(count + 1))
        for one in range(count):
            mine = order[ends[one] : ends[one + 1]]
            rows = scipy.sparse.csr_array(linked[:, mine])
            rows = scipy.sparse.csr_array(rows[np.flatnonzero(np.diff(rows.indptr))])
            yield Part(cells[mine], rows, self.room[cells[mine]])


@dataclass(frozen=True)
class Part:
    """Hidden cells (`cells`, places in the published table) and the equations between them."""

    cells: Places
    equations: scipy.sparse.csr_array
    room: Reals

    def recoverable(self) -> Mask:
        """The cells that follow from the equations alone, whatever is known besides.

        Elimination modulo the prime 2^31-1: a cell is given away when an equation says it alone.
        """
        given = np.zeros(len(self.cells), dtype=bool)
        rows = np.asarray(self.equations.toarray().round(), dtype=np.int64) % _PRIME
        rank = 0
        for column in range(rows.shape[1]):
            at = rank + np.flatnonzero(rows[rank:, column])
            if not len(at):
                continue
            if at[0] != rank:
                rows[[rank, at[0]]] = rows[[at[0], rank]]
            rows[rank] = rows[rank] * pow(int(rows[rank, column]), -1, _PRIME) % _PRIME
            others = np.flatnonzero(rows[:, column])
            others = others[others != rank]
            wide = np.flatnonzero(rows[rank])
            change = rows[others, column][:, None] * rows[rank, wide][None, :] % _PRIME
            rows[np.ix_(others, wide)] = (rows[np.ix_(others, wide)] - change) % _PRIME
            rank += 1
            if rank == len(rows):
                break
        alone = np.flatnonzero((rows[:rank] != 0).sum(axis=1) == 1)
        given[np.argmax(rows[alone] != 0, axis=1)] = True
        return given

    def moved(self, aims: Reals, most: Reals, *, among: Mask | None = None) -> Reals | None:
        """The move of the cells that takes the aims furthest; an aim goes no further than `most`.

        `aims` is +1, -1 or 0 for each cell; only those in `among` move.
        """
        lower, upper = -self.room, np.full(len(self.room), _ROOM)
        if among is not None:
            lower, upper = np.where(among, lower, 0), np.where(among, upper, 0)
        rising, falling = aims > 0, aims < 0
        upper[rising] = most[rising]
        lower[falling] = np.maximum(lower[falling], -most[falling])
        found = scipy.optimize.milp(
            -aims,
            bounds=scipy.optimize.Bounds(lower, upper),
            constraints=[scipy.optimize.LinearConstraint(self.equations, 0, 0)]
            if self.equations.shape[0]
            else [],
        )
        return None if found.x is None else np.asarray(found.x, dtype=float)


def exposed_cells(system: System, hidden: Mask, needs: Needs, *, quick: bool = False) -> Mask:
    """The cells that the shown figures pin down to less than their needs.

    A cell with needs that is not hidden is exposed. The proof is exact recovery by elimination (in
    systems of up to some thousand cells; beyond, a move found by the programme is proof enough) and
    one linear programme for each cell and side that no earlier programme has settled. `quick`
    leaves out that last step: it may call a cell exposed that is not, never the reverse.
    """
    exposed = needs.any & ~hidden & ~system.missing
    for part in system.parts(hidden):
        wanted = {1: needs.up[part.cells], -1: needs.down[part.cells]}
        if not any((need > 0).any() for need in wanted.values()):
            continue
        if not quick and np.prod(part.equations.shape) * min(part.equations.shape) <= _ELIMINATED:
            exposed[part.cells] |= part.recoverable() & needs.any[part.cells]
        for sign, need in wanted.items():
            exposed[part.cells[_unreached(part, sign, need, quick=quick)]] = True
    return np.asarray(exposed)


def _unreached(part: Part, sign: int, need: Reals, *, quick: bool) -> Places:
    left = need > 0
    while left.any():
        moved = part.moved(sign * left.astype(float), need)
        met = left & (sign * moved >= need - _NEAR) if moved is not None else np.zeros_like(left)
        if not met.any():
            break
        left &= ~met
    for cell in [] if quick else np.flatnonzero(left):
        one = np.zeros(len(need))
        one[cell] = sign
        moved = part.moved(one, need)
        if moved is not None and sign * moved[cell] >= need[cell] - _NEAR:
            left[cell] = False
    return np.asarray(np.flatnonzero(left), dtype=np.int64)


def _axis_sums(size: int, named: tuple[tuple[int, ...], ...]) -> npt.NDArray[np.int8]:
    found = np.zeros((size + len(named), size), dtype=np.int8)
    found[:size] = np.eye(size, dtype=np.int8)
    for row, members in enumerate(named):
        found[size + row, list(members)] = 1
    return found


def _axis_equations(size: int, named: tuple[tuple[int, ...], ...]) -> scipy.sparse.csr_array:
    """Each group as the sum of the largest groups inside it and of the codes left over."""
    sets = [frozenset(members) for members in named]
    order = sorted(range(len(sets)), key=lambda g: (-len(sets[g]), g))
    rows, columns, values = [], [], []
    for line, group in enumerate(order):
        rest = set(sets[group])
        parts = []
        for other in order[line + 1 :]:
            if sets[other] <= rest:
                rest -= sets[other]
                parts.append(size + other)
        parts += sorted(rest)
        rows += [line] * (len(parts) + 1)
        columns += [*parts, size + group]
        values += [1.0] * len(parts) + [-1.0]
    return scipy.sparse.csr_array((values, (rows, columns)), shape=(len(named), size + len(named)))


def system_of(
    *, groups: Groups, sizes: tuple[int, ...], true: Counts, missing: Mask, floor: int
) -> System:
    """The system of a table of `sizes` codes published with `groups`; see `protect`."""
    named = tuple(tuple(tuple(sorted(set(g))) for g in axis) for axis in groups)
    shape = tuple(size + len(axis) for size, axis in zip(sizes, named, strict=True))
    return System(shape, named, sizes, true, missing, floor)
