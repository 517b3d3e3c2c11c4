"""Secondary suppression where shown figures are rounded, which leaves the totals room.

Look for tables that agree with everything published and put each hidden count at each extreme (one
linear programme moves many counts at once); where none exists, hide the next smallest count in a
line through it and look again.
"""

import numpy as np

from frankpledge.analysis.disclosure.attacker import Mask, Problem, exposed

_PRUNED = 25


def secondary_of_rounded(problem: Problem, primary: Mask) -> Mask:
    """All cells to hide, those of `primary` among them."""
    hidden = primary.copy()
    while (open_ := exposed(problem, hidden, primary)).any():
        before = hidden.copy()
        for cell in np.flatnonzero(open_):
            chosen = _complement(problem, hidden, before, int(cell))
            if chosen is not None:
                hidden[chosen] = True
        if (hidden == before).all():
            break
    return _pruned(problem, hidden, primary)


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
