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

from dataclasses import dataclass

import numpy as np

from frankpledge.analysis.disclosure.attacker import (
    Counts,
    Groups,
    Mask,
    Problem,
    Table,
    exposed,
    problem_of,
)
from frankpledge.analysis.disclosure.rules import Rule

_PRUNED = 25


@dataclass(frozen=True)
class Protected:
    """`counts` rounded and without what is hidden (-1 where hidden or missing), with its masks.

    Shape: for each dimension its codes, then its groups.
    """

    counts: Counts
    hidden: Mask
    missing: Mask
    primary: Mask


def protect(counts: Table, *, groups: Groups, rule: Rule) -> Protected:
    """Protects a table together with every sum that is published from it.

    `counts` has one to three dimensions and holds whole numbers, or None where there is no data.
    `groups[d]` lists, for dimension d, the positions that each published sum adds up. The answer
    depends on the figures alone: the same table twice gives the same cells. Raises UnusableCount.
    """
    for axis, named in enumerate(groups):
        if rule.suppresses and not named and counts.ndim > 1:
            return _side_by_side(counts, groups, axis, rule)
    problem = problem_of(counts, groups, rule)
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


def _side_by_side(counts: Table, groups: Groups, axis: int, rule: Rule) -> Protected:
    """Along a dimension that is never added up, each code is a table of its own."""
    others = [named for d, named in enumerate(groups) if d != axis]
    found = [
        protect(np.asarray(counts.take(place, axis=axis)), groups=others, rule=rule)
        for place in range(counts.shape[axis])
    ]
    return Protected(
        np.stack([part.counts for part in found], axis=axis),
        np.stack([part.hidden for part in found], axis=axis),
        np.stack([part.missing for part in found], axis=axis),
        np.stack([part.primary for part in found], axis=axis),
    )


def _hide(problem: Problem) -> tuple[Mask, Mask]:
    rule, true = problem.rule, problem.true
    if not rule.suppresses:
        none = np.zeros(true.shape, dtype=bool)
        return none, none
    primary = (true >= rule.floor) & (true < rule.suppress_below) & ~problem.missing
    hidden = primary.copy()
    if not rule.secondary:
        return hidden, primary
    while (open_ := exposed(problem, hidden, primary)).any():
        before = hidden.copy()
        for cell in np.flatnonzero(open_):
            chosen = _complement(problem, hidden, before, int(cell))
            if chosen is not None:
                hidden[chosen] = True
        if (hidden == before).all():
            break
    return _pruned(problem, hidden, primary), primary


def _complement(problem: Problem, hidden: Mask, before: Mask, cell: int) -> int | None:
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


def _pruned(problem: Problem, hidden: Mask, primary: Mask) -> Mask:
    """Shows again what need not be hidden, largest first; small tables only, as it is slow."""
    extra = np.flatnonzero(hidden & ~primary)
    if len(extra) > _PRUNED or problem.large:
        return hidden
    for cell in sorted(extra, key=lambda c: (-problem.true[c], c)):
        without = hidden.copy()
        without[cell] = False
        if not exposed(problem, without, primary).any():
            hidden = without
    return hidden
