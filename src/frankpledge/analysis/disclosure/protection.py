"""Primary and secondary suppression, proven against an attacker who may use linear programming.

A table of counts over one to three dimensions is published with sums: a total of every dimension
and any named group of its codes. Each sum is one linear equation over the cells, so an attacker
knows: every shown figure to within its rounding, every hidden figure to be at least 1, and all the
equations. A small count is protected when each of the extremes (1 and k-1) is still possible.

Method: hide the small counts; look for tables that agree with everything published and put each
hidden count at each extreme (one linear programme moves many counts at once); where none exists,
hide the next smallest count in a line through it and look again. Line-counting rules ("two in each
line") are not enough: the public test of R's sdcTable suppresses two in each line and still gives
47 away exactly. References: Fischetti and Salazar (2001), "Solving the cell suppression problem on
tabular data with linear constraints"; Hundepool et al. (2012), "Statistical Disclosure Control", 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, identity, kron, vstack

from frankpledge.analysis.disclosure.rules import Rule

LARGEST_COUNT = 10**12
Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Reals = npt.NDArray[np.float64]
Groups = Sequence[Sequence[Sequence[int]]]
_NEAR = 1e-6
_ONE_BY_ONE = 60
_PRUNED = 25


class UnusableCount(ValueError):
    """A value given as a count is not a whole number from 0 to a million million."""


@dataclass(frozen=True)
class Exposure:
    """What an attacker can say of each cell: the narrowest interval that must hold it."""

    low: Reals
    high: Reals


@dataclass(frozen=True)
class Protected:
    """`counts` rounded and without what is hidden (-1 where hidden or missing), with its masks.

    Shape: for each dimension its codes, then its groups.
    """

    counts: Counts
    hidden: Mask
    missing: Mask
    primary: Mask


@dataclass(frozen=True)
class _Problem:
    """Sums over cells (`sums` rows by cells), the true figures, and what is known to be missing."""

    sums: csr_array
    true: Counts
    missing: Mask
    shape: tuple[int, ...]
    rule: Rule


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


def protect(counts: npt.NDArray[np.object_], *, groups: Groups, rule: Rule) -> Protected:
    """Protects a table together with every sum that is published from it.

    `counts` has one to three dimensions and holds whole numbers, or None where there is no data.
    `groups[d]` lists, for dimension d, the positions that each published sum adds up. The answer
    depends on the figures alone: the same table twice gives the same cells. Raises UnusableCount.
    """
    problem = _problem(counts, groups, rule)
    hidden, primary = _hide(problem)
    rounded = np.array([rule.rounded(int(v)) for v in problem.true], dtype=np.int64)
    rounded[hidden | problem.missing] = -1
    shape = problem.shape
    return Protected(
        rounded.reshape(shape),
        hidden.reshape(shape),
        problem.missing.reshape(shape),
        primary.reshape(shape),
    )


def _problem(counts: npt.NDArray[np.object_], groups: Groups, rule: Rule) -> _Problem:
    read = [whole(value) for value in counts.ravel()]
    absent = np.array([value is None for value in read], dtype=bool)
    cells = np.array([value or 0 for value in read], dtype=np.int64)
    sums = csr_array(np.ones((1, 1)))
    shape = []
    for size, named in zip(counts.shape, groups, strict=True):
        rows = np.zeros((len(named), size))
        for row, members in enumerate(named):
            rows[row, list(members)] = 1
        axis = vstack([identity(size), csr_array(rows)]) if named else identity(size)
        sums = csr_array(kron(sums, axis, format="csr"))
        shape.append(size + len(named))
    true = np.asarray(sums.astype(np.int64) @ cells, dtype=np.int64)
    return _Problem(sums, true, (sums @ absent.astype(float)) > 0, tuple(shape), rule)


def _hide(problem: _Problem) -> tuple[Mask, Mask]:
    rule, true = problem.rule, problem.true
    if not rule.suppresses:
        none = np.zeros(true.shape, dtype=bool)
        return none, none
    primary = (true >= rule.floor) & (true < rule.suppress_below) & ~problem.missing
    hidden = primary.copy()
    if not rule.secondary:
        return hidden, primary
    while (exposed := _exposed(problem, hidden, primary)).any():
        before = hidden.copy()
        for cell in np.flatnonzero(exposed):
            chosen = _complement(problem, hidden, before, int(cell))
            if chosen is not None:
                hidden[chosen] = True
        if (hidden == before).all():
            break
    return _pruned(problem, hidden, primary), primary


def _complement(problem: _Problem, hidden: Mask, before: Mask, cell: int) -> int | None:
    """The cheapest cell to hide so that another can hide behind it.

    In the line with fewest hidden cells; there, one that closes a rectangle of hidden cells, then
    the smallest, then the first.
    """
    shape = problem.shape
    grid = hidden.reshape(shape)
    free = (~hidden & ~problem.missing & (problem.true > 0)).reshape(shape)
    true = problem.true.reshape(shape)
    at = tuple(int(place) for place in np.unravel_index(cell, shape))
    lines = []
    for axis in range(len(shape)):
        line = list(at)
        candidates = []
        for position in range(shape[axis]):
            line[axis] = position
            index = tuple(line)
            if free[index]:
                candidates.append((not _paired(grid, index, axis), int(true[index]), index))
        if candidates:
            lines.append((int(grid[_through(at, axis)].sum()), axis, min(candidates)))
    if any((hidden & ~before).reshape(shape)[_through(at, axis)].any() for axis in range(len(at))):
        return None
    if lines:
        return int(np.ravel_multi_index(min(lines)[2][2], shape))
    flat = np.flatnonzero(free.ravel())
    if not len(flat):
        return None
    return int(flat[np.argmin(problem.true[flat])])


def _through(at: tuple[int, ...], axis: int) -> tuple[int | slice, ...]:
    return tuple(slice(None) if d == axis else at[d] for d in range(len(at)))


def _paired(grid: Mask, index: tuple[int, ...], axis: int) -> bool:
    """Whether a line across holds another hidden cell already."""
    return any(bool(grid[_through(index, d)].any()) for d in range(grid.ndim) if d != axis)


def _pruned(problem: _Problem, hidden: Mask, primary: Mask) -> Mask:
    """Shows again what need not be hidden, largest first; small tables only, as it is slow."""
    extra = np.flatnonzero(hidden & ~primary)
    if len(extra) > _PRUNED:
        return hidden
    for cell in sorted(extra, key=lambda c: (-problem.true[c], c)):
        without = hidden.copy()
        without[cell] = False
        if not _exposed(problem, without, primary).any():
            hidden = without
    return hidden


def _limits(problem: _Problem, hidden: Mask, primary: Mask) -> tuple[Reals, Reals]:
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
    above[primary] = rule.suppress_below - 1 - true[primary]
    below[problem.missing], above[problem.missing] = -np.inf, np.inf
    return below, above


class _Attacker:
    """Looks for other tables that would have been published exactly as this one."""

    def __init__(self, problem: _Problem, hidden: Mask, primary: Mask) -> None:
        below, above = _limits(problem, hidden, primary)
        cells = problem.sums.shape[1]
        lone = np.diff(problem.sums.indptr) == 1
        self._low, self._high = np.full(cells, -np.inf), np.full(cells, np.inf)
        np.maximum.at(self._low, problem.sums.indices[problem.sums.indptr[:-1][lone]], below[lone])
        np.minimum.at(self._high, problem.sums.indices[problem.sums.indptr[:-1][lone]], above[lone])
        self._free = np.flatnonzero(self._low < self._high)
        bound = ~lone & (np.isfinite(below) | np.isfinite(above))
        columns = csr_array(problem.sums[:, self._free])
        rows = csr_array(columns[np.flatnonzero(bound)])
        used = np.diff(rows.indptr) > 0
        self._columns = columns
        self._limits = []
        if used.any():
            kept = rows[np.flatnonzero(used)]
            self._limits = [LinearConstraint(kept, below[bound][used], above[bound][used])]
        self._bounds = Bounds(self._low[self._free], self._high[self._free])

    def moved(self, weights: Reals) -> Reals | None:
        """How far every figure moves in the table that makes the weighted sum least."""
        if not len(self._free):
            return None
        found = milp(self._columns.T @ weights, bounds=self._bounds, constraints=self._limits)
        if found.x is None:
            return None
        return np.asarray(self._columns @ found.x, dtype=float)


def _exposed(problem: _Problem, hidden: Mask, primary: Mask) -> Mask:
    """The small counts of which an extreme is ruled out by what is published."""
    if not primary.any():
        return primary
    attacker = _Attacker(problem, hidden, primary)
    least = problem.rule.floor - problem.true
    most = problem.rule.suppress_below - 1 - problem.true
    wanted = {-1: primary & (least < 0), 1: primary & (most > 0)}

    def strike(moved: Reals | None) -> int:
        if moved is None:
            return 0
        before = int(wanted[-1].sum() + wanted[1].sum())
        wanted[-1] &= moved > least + _NEAR
        wanted[1] &= moved < most - _NEAR
        return before - int(wanted[-1].sum() + wanted[1].sum())

    for sign in (-1, 1):
        while wanted[sign].any() and strike(attacker.moved(-sign * wanted[sign].astype(float))):
            pass
        for cell in np.flatnonzero(wanted[sign])[:_ONE_BY_ONE]:
            if wanted[sign][cell]:
                one = np.zeros(len(problem.true))
                one[cell] = -sign
                strike(attacker.moved(one))
    return np.asarray(wanted[-1] | wanted[1], dtype=bool)


def attack(
    counts: npt.NDArray[np.object_], hidden: Mask, *, groups: Groups, floor: float = 0
) -> Exposure:
    """The interval each cell must lie in, for somebody who knows every unhidden figure exactly.

    `counts` as for `protect`; `hidden` has the shape of the published table (codes, then groups).
    One pair of linear programmes for each hidden cell, so for small tables.
    """
    exact = Rule(name="attack", version="1", suppress_below=0)
    problem = _problem(counts, groups, exact)
    known = ~hidden.ravel() & ~problem.missing
    cells = problem.sums.shape[1]
    low, high = problem.true.astype(float), problem.true.astype(float)
    dense = problem.sums.toarray()
    for cell in np.flatnonzero(~known):
        for sign, into in ((1, low), (-1, high)):
            found = linprog(
                sign * dense[cell],
                A_eq=dense[known] if known.any() else None,
                b_eq=problem.true[known] if known.any() else None,
                bounds=[(floor, None)] * cells,
            )
            into[cell] = sign * (found.fun if found.fun is not None else -np.inf)
    return Exposure(low.reshape(problem.shape), high.reshape(problem.shape))
