"""Controlled rounding: every figure a multiple of a base, and every sum still adds up.

Zero-restricted where that can be had: each figure, sums included, becomes one of the two multiples
next to it, and multiples stay. In one and two ways that is always possible (Cox 1987); with more
ways or overlapping groups it may not be, and then sums may lie further off. References: Cox (1987),
"A constructive procedure for unbiased controlled rounding"; Hundepool et al. (2012), 4.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from frankpledge.analysis.disclosure.attacker import Counts, Groups, Mask, Table, problem_of
from frankpledge.analysis.disclosure.rules import NONE

_SOLVED = 2500
_NODES = 2000
_FLIPS = 20_000


@dataclass(frozen=True)
class Rounded:
    """`counts` in the shape of the published table (codes, then groups), -1 where missing.

    `zero_restricted` says whether each figure is one of its two neighbouring multiples; `furthest`
    is the largest distance of a figure from the truth, and `nearest` whether no additive
    zero-restricted table lies closer to it (sum of distances).
    """

    counts: Counts
    missing: Mask
    zero_restricted: bool
    nearest: bool
    furthest: int


def round_controlled(counts: Table, *, groups: Groups, base: int) -> Rounded:
    """Rounds a table and all its sums to multiples of `base` so that they add up.

    `counts` and `groups` are as for `protect`. Up to 2,500 cells the nearest zero-restricted table
    is sought by integer programming; larger tables, and those without one, are rounded cell by cell
    and then improved one cell at a time until no single change brings the figures closer. The same
    figures give the same answer. Missing cells stay missing, with their sums. Raises UnusableCount;
    ValueError for a base under 2.
    """
    if base < 2:
        raise ValueError("Rounding needs a base of 2 or more.")
    problem = problem_of(counts, groups, NONE)
    true, sums, known = problem.true, problem.sums.astype(np.int64), ~problem.missing
    cells = np.flatnonzero(problem.is_cell)
    start = true[cells] // base
    steps, nearest = None, False
    if len(cells) and len(true) <= _SOLVED:
        steps, nearest = _solved(sums[np.flatnonzero(known)], true[known], start, base)
    if steps is None:
        steps = _improved(sums, true, known, len(cells), base)
    found = np.asarray(sums @ (steps * base), dtype=np.int64)
    off = np.abs(found - true)[known]
    furthest = int(off.max()) if len(off) else 0
    restricted = bool(((off < base) & ((off == 0) | (true[known] % base > 0))).all())
    found[problem.missing] = -1
    return Rounded(
        found.reshape(problem.shape),
        problem.missing.reshape(problem.shape),
        restricted,
        nearest,
        furthest,
    )


def _solved(
    sums: scipy.sparse.csr_array, true: Counts, start: Counts, base: int
) -> tuple[Counts | None, bool]:
    """The zero-restricted table nearest to the truth, if the programme finds one."""
    low = true // base
    high = low + (true % base > 0)
    reached = np.asarray(sums @ start)
    # Where a figure may take one of two multiples, its distance from the truth is linear in them.
    slope = np.where(true % base > 0, base - 2 * (true % base), 0)
    cost = np.asarray(sums.T @ slope, dtype=float)
    # Ties are broken by place, so that every machine finds the same table.
    cost += 1e-6 * (np.arange(len(cost)) % 97 + 1) / 97
    lone = np.flatnonzero(np.diff(sums.indptr) == 1)
    upper = np.ones(len(start))
    at = sums.indices[sums.indptr[lone]]
    upper[at] = np.minimum(upper[at], (high - low)[lone])
    found = scipy.optimize.milp(
        cost,
        integrality=np.ones(len(start), dtype=np.int64),
        bounds=scipy.optimize.Bounds(np.zeros(len(start)), upper),
        constraints=[scipy.optimize.LinearConstraint(sums, low - reached, high - reached)],
        options={"node_limit": _NODES},
    )
    if found.x is None:
        return None, False
    return start + np.asarray(found.x.round(), dtype=np.int64), bool(found.status == 0)


def _improved(
    sums: scipy.sparse.csr_array, true: Counts, known: Mask, size: int, base: int
) -> Counts:
    """Each cell to its nearest multiple, then the single changes that bring sums closest."""
    columns = scipy.sparse.csr_array(sums.T)
    own = _cells_of(sums, true, size)
    steps = (own + base // 2) // base
    low, high = own // base, own // base + (own % base > 0)
    exact = np.asarray(sums @ (steps * base), dtype=np.int64) - true
    weight = known.astype(np.int64)
    for _ in range(_FLIPS):
        gains = []
        for change in (1, -1):
            moved = (np.abs(exact + change * base) - np.abs(exact)) * weight
            gain = np.asarray(columns @ moved)
            allowed = (steps + change >= low) & (steps + change <= high)
            gains.append(np.where(allowed, gain, 1))
        best = np.minimum(*gains)
        cell = int(np.argmin(best))
        if best[cell] >= 0:
            break
        change = 1 if gains[0][cell] <= gains[1][cell] else -1
        steps[cell] += change
        touched = columns.indices[columns.indptr[cell] : columns.indptr[cell + 1]]
        exact[touched] += change * base
    return steps


def _cells_of(sums: scipy.sparse.csr_array, true: Counts, size: int) -> Counts:
    lone = np.flatnonzero(np.diff(sums.indptr) == 1)
    found = np.zeros(size, dtype=np.int64)
    found[sums.indices[sums.indptr[lone]]] = true[lone]
    return found
