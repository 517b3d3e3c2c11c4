"""The attacker: which other tables would have been published exactly as this one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: together they take a second

from frankpledge.analysis.disclosure.rules import Rule

LARGEST_COUNT = 10**12
Counts = npt.NDArray[np.int64]
Table = npt.NDArray[np.object_]
Mask = npt.NDArray[np.bool_]
Reals = npt.NDArray[np.float64]
Groups = Sequence[Sequence[Sequence[int]]]
_NEAR = 1e-6
_ONE_BY_ONE = 60
_WHOLE_AT_ONCE = 1500


class UnusableCount(ValueError):
    """A value given as a count is not a whole number from 0 to a million million."""


@dataclass(frozen=True)
class Exposure:
    """What an attacker can say of each cell: the narrowest interval that must hold it."""

    low: Reals
    high: Reals


@dataclass(frozen=True)
class Problem:
    """Sums over cells (`sums` rows by cells), the true figures, and what is known to be missing."""

    sums: scipy.sparse.csr_array
    true: Counts
    missing: Mask
    sizes: tuple[int, ...]
    shape: tuple[int, ...]
    rule: Rule

    @property
    def large(self) -> bool:
        """Too large to search as a whole."""
        return len(self.sizes) > 1 and bool(self.sums.shape[1] > _WHOLE_AT_ONCE)

    @cached_property
    def by_cell(self) -> scipy.sparse.csc_array:
        return scipy.sparse.csc_array(self.sums)

    @cached_property
    def lone(self) -> Mask:
        """Figures that are one cell alone."""
        return np.asarray(np.diff(self.sums.indptr) == 1)

    @cached_property
    def filled(self) -> Counts:
        """How many cells that are not zero each figure adds up."""
        cells = self.true[np.flatnonzero(self.is_cell)]
        return np.asarray(self.sums.astype(np.int64) @ (cells > 0), dtype=np.int64)

    @cached_property
    def is_cell(self) -> Mask:
        """Figures that are the cells themselves, not sums, in the order of the cells."""
        places = np.unravel_index(np.arange(len(self.true)), self.shape)
        inside = [place < size for place, size in zip(places, self.sizes, strict=True)]
        return np.asarray(np.logical_and.reduce(inside))


def whole(value: object) -> int | None:
    """A count as int, None as missing. Raises UnusableCount for anything else, also NaN."""
    if value is None:
        return None
    if isinstance(value, bool | str) or not isinstance(value, int | float | np.integer):
        raise UnusableCount(f"A count is a whole number from 0: {value!r} is not.")
    if value != value or value in (float("inf"), float("-inf")) or value != int(value):
        raise UnusableCount(f"A count is a whole number from 0: {value!r} is not.")
    if not 0 <= value <= LARGEST_COUNT:
        raise UnusableCount(f"A count lies between 0 and {LARGEST_COUNT:,}: {value!r} does not.")
    return int(value)


def problem_of(counts: Table, groups: Groups, rule: Rule) -> Problem:
    read = [whole(value) for value in counts.ravel()]
    absent = np.array([value is None for value in read], dtype=bool)
    cells = np.array([value or 0 for value in read], dtype=np.int64)
    sums = scipy.sparse.csr_array(np.ones((1, 1)))
    shape = []
    for size, named in zip(counts.shape, groups, strict=True):
        rows = np.zeros((len(named), size))
        for row, members in enumerate(named):
            rows[row, list(members)] = 1
        axis = (
            scipy.sparse.vstack([scipy.sparse.identity(size), scipy.sparse.csr_array(rows)])
            if named
            else scipy.sparse.identity(size)
        )
        sums = scipy.sparse.csr_array(scipy.sparse.kron(sums, axis, format="csr"))
        shape.append(size + len(named))
    true = np.asarray(sums.astype(np.int64) @ cells, dtype=np.int64)
    return Problem(sums, true, (sums @ absent.astype(float)) > 0, counts.shape, tuple(shape), rule)


def _limits(problem: Problem, hidden: Mask, primary: Mask) -> tuple[Reals, Reals]:
    """How far each figure may lie from the truth and still be published as it is."""
    rule, true = problem.rule, problem.true
    base = rule.round_to
    rounded = (true + base // 2) // base * base
    low = np.maximum(rounded - base // 2, np.where(true > 0, rule.suppress_below, 0))
    low = np.minimum(low, true)
    high = np.where(true > 0, rounded + (base - 1) // 2, 0)
    below = (low - true).astype(float)
    above = (high - true).astype(float)
    below[hidden] = rule.floor - true[hidden]
    above[hidden] = np.inf
    # Only cells need a bound to stop the search running away: a small sum has small cells alone.
    small_cell = primary & (problem.lone)
    above[small_cell] = rule.suppress_below - 1 - true[small_cell]
    below[problem.missing], above[problem.missing] = -np.inf, np.inf
    return below, above


class _Attacker:
    """Moves the cells of `among` and leaves the others at the truth, which can only weaken it."""

    def __init__(self, problem: Problem, limits: tuple[Reals, Reals], among: Mask) -> None:
        below, above = limits
        lone = problem.lone
        low, high = np.zeros(len(among)), np.zeros(len(among))
        low[among], high[among] = -np.inf, np.inf
        cells = problem.sums.indices[problem.sums.indptr[:-1][lone]]
        np.maximum.at(low, cells, np.where(among[cells], below[lone], 0))
        np.minimum.at(high, cells, np.where(among[cells], above[lone], 0))
        free = np.flatnonzero(low < high)
        self._columns = scipy.sparse.csr_array(problem.by_cell[:, free])
        bound = ~lone & (np.isfinite(below) | np.isfinite(above))
        bound &= np.diff(self._columns.indptr) > 0
        self._constraints = []
        if bound.any():
            rows = scipy.sparse.csr_array(self._columns[np.flatnonzero(bound)])
            self._constraints = [scipy.optimize.LinearConstraint(rows, below[bound], above[bound])]
        self._bounds = scipy.optimize.Bounds(low[free], high[free])
        self.reaches = np.diff(self._columns.indptr) > 0

    def moved(self, weights: Reals) -> Reals | None:
        """How far every figure moves in the table that makes the weighted sum least."""
        cost = self._columns.T @ weights
        if not len(cost) or not cost.any():
            return None
        found = scipy.optimize.milp(cost, bounds=self._bounds, constraints=self._constraints)
        return None if found.x is None else np.asarray(self._columns @ found.x, dtype=float)


def exposed(problem: Problem, hidden: Mask, primary: Mask) -> Mask:
    """The small counts of which an extreme is ruled out by what is published.

    An extreme counts as ruled out when no table is found that reaches it; in very large tables the
    search gives up early, which hides more, never less.
    """
    if not primary.any():
        return primary
    limits = _limits(problem, hidden, primary)
    # A hidden sum is at least as large as it has hidden cells: no rule can blur that.
    least = np.maximum(problem.rule.floor, problem.filled) - problem.true
    most = problem.rule.suppress_below - 1 - problem.true
    wanted = {-1: primary & (least < 0), 1: primary & (most > 0)}

    def strike(moved: Reals | None) -> bool:
        if moved is None:
            return False
        before = int(wanted[-1].sum() + wanted[1].sum())
        wanted[-1] &= moved > least + _NEAR
        wanted[1] &= moved < most - _NEAR
        return int(wanted[-1].sum() + wanted[1].sum()) < before

    for among in _searches(problem):
        attacker = _Attacker(problem, limits, among)
        for sign in (-1, 1):
            while (aim := wanted[sign] & attacker.reaches).any():
                if not strike(attacker.moved(-sign * aim.astype(float))):
                    break
    for sign in (-1, 1):
        for cell in np.flatnonzero(wanted[sign])[:_ONE_BY_ONE]:
            if wanted[sign][cell]:
                one = np.zeros(len(problem.true))
                one[cell] = -sign
                strike(attacker.moved(one))
    return np.asarray(wanted[-1] | wanted[1], dtype=bool)


def _searches(problem: Problem) -> Iterator[Mask]:
    """Which cells may move together: slice after slice of a large table, and at last all of it.

    Slices are quick and find most where rounding leaves totals room; without rounding, little.
    """
    cells = np.arange(problem.sums.shape[1])
    if problem.large and problem.rule.round_to > 1:
        places = np.unravel_index(cells, problem.sizes)
        for axis in sorted(range(len(places)), key=lambda d: problem.sizes[d]):
            for code in range(problem.sizes[axis]):
                yield places[axis] == code
    yield np.ones(len(cells), dtype=bool)


def attack(counts: Table, hidden: Mask, *, groups: Groups, floor: float = 0) -> Exposure:
    """The interval each cell must lie in, for somebody who knows every unhidden figure exactly.

    `floor` is what they know each hidden cell to be at least. `counts` is as for `protect`;
    `hidden` has the shape of the published table (codes, then groups). One pair of linear
    programmes for each hidden cell, so for small tables.
    """
    exact = Rule(name="attack", version="1", suppress_below=0)
    problem = problem_of(counts, groups, exact)
    known = ~hidden.ravel() & ~problem.missing
    bounds = [(0 if seen else floor, None) for seen in known[problem.is_cell]]
    low, high = problem.true.astype(float), problem.true.astype(float)
    dense = problem.sums.toarray()
    for cell in np.flatnonzero(~known):
        for sign, into in ((1, low), (-1, high)):
            found = scipy.optimize.linprog(
                sign * dense[cell],
                A_eq=dense[known] if known.any() else None,
                b_eq=problem.true[known] if known.any() else None,
                bounds=bounds,
            )
            into[cell] = sign * (found.fun if found.fun is not None else -np.inf)
    return Exposure(low.reshape(problem.shape), high.reshape(problem.shape))
