"""Tables, releases and an attacker of its own for the disclosure benchmarks and tests.

Nothing here shares code with the library: the attacker works on the cells of a table, the library
on its hidden figures; the optimum is an integer programme with cuts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

NEAR = 1e-6
FAR = 1e4


@dataclass(frozen=True)
class Case:
    counts: np.ndarray
    groups: tuple[tuple[tuple[int, ...], ...], ...]


def county(seed: int = 20250101) -> Case:
    """300 wards in 13 districts in a county, by 7 by 7 categories: 20,096 figures."""
    chance = np.random.default_rng(seed)
    wards = chance.lognormal(0, 0.35, 300)
    one, other = chance.lognormal(0, 0.6, 7), chance.lognormal(0, 0.6, 7)
    mean = 80 * wards[:, None, None] * one[None, :, None] * other[None, None, :]
    counts = chance.poisson(mean * chance.gamma(8, 1 / 8, (300, 7, 7)))
    ends = [0, *np.sort(chance.choice(np.arange(5, 295), 12, replace=False)), 300]
    districts = tuple(tuple(range(a, b)) for a, b in pairwise(ends))
    return Case(counts, ((*districts, tuple(range(300))), (tuple(range(7)),), (tuple(range(7)),)))


def generated(
    seed: int, *, most: int = 400, ways: Sequence[int] = (2, 2, 2, 2, 2, 2, 2, 3, 3, 4)
) -> Case:
    """A table of up to `most` figures with totals and, every other time, groups in groups."""
    chance = np.random.default_rng(seed)
    way = int(chance.choice(ways))
    top = {1: most // 2, 2: 20, 3: 5, 4: 3}[way]
    sizes = [int(n) for n in chance.integers(2, top, way)]
    while True:
        groups = []
        for axis, size in enumerate(sizes):
            named = [tuple(range(size))]
            if axis == 0 and size >= 4 and seed % 2:
                cut = int(chance.integers(2, size - 1))
                named = [tuple(range(cut)), tuple(range(cut, size)), *named]
            groups.append(tuple(named))
        if np.prod([n + len(g) for n, g in zip(sizes, groups, strict=True)]) <= most:
            break
        smaller = [max(2, n - 1) for n in sizes]
        sizes = sizes[1:] if smaller == sizes else smaller
    mean = chance.gamma(1.2, chance.uniform(8, 25), sizes)
    return Case(chance.poisson(mean), tuple(groups))


def incidence(case: Case) -> sparse.csr_array:
    """Figures by cells: 1 where the figure counts the cell."""
    axes = []
    for size, named in zip(case.counts.shape, case.groups, strict=True):
        rows = np.zeros((size + len(named), size))
        rows[:size] = np.eye(size)
        for place, members in enumerate(named):
            rows[size + place, list(members)] = 1
        axes.append(rows)
    whole: Any = reduce(lambda one, other: sparse.kron(one, other, format="csr"), axes)
    return sparse.csr_array(whole)


def narrowed(case: Case, hidden: np.ndarray, primary: np.ndarray, *, below: int) -> list[str]:
    """What an attacker learns of primary figures; empty where the table is safe."""
    sums = incidence(case)
    true = np.asarray(sums @ case.counts.ravel().astype(float))
    filled = np.asarray(sums @ (case.counts.ravel() > 0).astype(float))
    out = hidden.ravel()
    rows, known = sums[np.flatnonzero(~out)], true[~out]
    at_least = sums[np.flatnonzero(out)]
    _, values, basis = np.linalg.svd(rows.toarray(), full_matrices=False)
    basis = basis[values > 1e-9]
    found = []
    for cell in np.flatnonzero(primary.ravel()):
        aim = sums[[cell]].toarray()[0]
        if np.linalg.norm(aim - basis.T @ (basis @ aim)) < 1e-7:
            found.append(f"{cell} is {true[cell]:g} exactly")
            continue
        for sign, wanted in ((1, max(1, filled[cell])), (-1, below - 1)):
            solved = linprog(
                sign * aim,
                A_ub=-at_least,
                b_ub=-np.ones(int(out.sum())),
                A_eq=rows if rows.shape[0] else None,
                b_eq=known if rows.shape[0] else None,
            )
            if solved.status != 3 and solved.fun > sign * wanted + NEAR:
                found.append(f"{cell} reaches {sign * solved.fun:g}, not {wanted:g}")
    return found


def optimum(
    case: Case, primary: np.ndarray, *, below: int, seconds: float
) -> tuple[int, float, bool]:
    """The fewest cells that any safe pattern hides: (found, proven bound, whether they meet).

    Fischetti and Salazar's model by cuts: a pattern that leaves a small count too narrow gives, by
    the programme's duals, a set of cells of which one must be hidden. Found is 0 if none was.
    """
    import time

    start = time.perf_counter()
    sums = incidence(case)
    true = np.asarray(sums @ case.counts.ravel().astype(float))
    filled = np.asarray(sums @ (case.counts.ravel() > 0).astype(float))
    must = primary.ravel()
    usable = (true > 0) | must
    # Every figure moves as its cells do; those that are zero stay.
    cells = sums.shape[1]
    tasks = []
    for place in np.flatnonzero(must):
        tasks += [(place, 1, below - 1 - true[place])]
        tasks += [(place, -1, true[place] - max(1, filled[place]))]
    tasks = [task for task in tasks if task[2] > 0]
    cuts: list[np.ndarray] = []
    room = np.maximum(true - 1, 0)

    def separate(chosen: np.ndarray) -> int:
        new = 0
        for place, sign, need in tasks:
            up, down = FAR * chosen, room * chosen
            if sign > 0:
                up[place] = need
            else:
                down[place] = need
            aim = -sign * sums[[place]].toarray()[0]
            solved = linprog(
                aim,
                A_ub=sparse.vstack([sums, -sums]),
                b_ub=np.concatenate([up, down]),
                bounds=[(None, None)] * cells,
            )
            if -solved.fun >= need - 1e-5:
                continue
            duals = np.abs(solved.ineqlin.marginals)
            weight = duals[: len(true)] * FAR + duals[len(true) :] * room
            own = duals[place if sign > 0 else len(true) + place] * need
            left = need - own
            weight[place] = 0
            cut = np.minimum(weight, left) / left
            cut[cut < 1e-7] = 0
            cut[~usable] = 0
            if cut @ chosen < 1 - 1e-6:
                cuts.append(cut)
                new += 1
        return new

    lower = must.astype(float)
    bounds = Bounds(lower, np.maximum(lower, usable.astype(float)))
    chosen, bound = lower.copy(), float(must.sum())
    whole = np.zeros(len(true))
    while time.perf_counter() - start < seconds:
        if not separate(chosen):
            if whole.any():
                return round(chosen.sum()), round(chosen.sum()), True
            whole = np.ones(len(true))
            if (np.abs(chosen - chosen.round()) < 1e-6).all():
                return round(chosen.sum()), round(chosen.sum()), True
        solved = milp(
            np.ones(len(true)),
            integrality=whole,
            bounds=bounds,
            constraints=LinearConstraint(sparse.csr_array(np.array(cuts)), 1, np.inf),
            options={"time_limit": max(1.0, seconds - (time.perf_counter() - start))},
        )
        if solved.x is None:
            break
        chosen = solved.x.round() if whole.any() else solved.x
        proven = solved.fun if solved.mip_dual_bound is None else solved.mip_dual_bound
        bound = max(bound, float(np.ceil(proven - 1e-6)))
        if solved.status != 0:
            break
    return 0, bound, False


def sequence(seed: int) -> tuple[dict[str, int], list[dict[str, list[str]]]]:
    """Counts of base cells and three releases with overlapping, nested and moved figures."""
    chance = np.random.default_rng(seed)
    cells = [f"c{n}" for n in range(int(chance.integers(4, 12)))]
    counts = {cell: int(chance.poisson(chance.gamma(1.2, 9))) for cell in cells}
    releases = []
    for number in range(3):
        figures = {}
        for place in range(int(chance.integers(2, 6))):
            share = chance.uniform(0.2, 0.9)
            inside = [cell for cell in cells if chance.random() < share] or cells[:1]
            figures[f"r{number}f{place}"] = inside
        releases.append(figures)
    return counts, releases


def worked_out(
    counts: Mapping[str, int],
    known: Sequence[tuple[Sequence[str], int, int | None]],
    *,
    below: int,
) -> list[str]:
    """The small base cells and hidden figures that all releases together narrow."""
    cells = sorted(counts)
    place = {cell: n for n, cell in enumerate(cells)}
    above, limits = [], []
    for inside, low, high in known:
        row = np.zeros(len(cells))
        row[[place[c] for c in inside]] = 1
        above.append(-row)
        limits.append(-low)
        if high is not None:
            above.append(row)
            limits.append(high)
    told = {c for inside, low, high in known if high is None and low > 0 for c in inside}
    aims = [([c], 1, below - 1 if c in told else below) for c in cells if 0 < counts[c] < below]
    for inside, _, high in known:
        if high is None and 0 < sum(counts[c] for c in inside) < below:
            aims.append((list(inside), sum(counts[c] > 0 for c in inside), below - 1))
    found = []
    for inside, least, most in aims:
        row = np.zeros(len(cells))
        row[[place[c] for c in inside]] = 1
        for sign, wanted in ((1, least), (-1, most)):
            solved = linprog(sign * row, A_ub=np.array(above), b_ub=limits)
            if solved.status != 3 and solved.fun > sign * wanted + NEAR:
                found.append(f"{inside} reaches {sign * solved.fun:g}, not {wanted}")
    return found
