"""The attacker on many overlapping figures: which small counts do they narrow?"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from frankpledge.analysis.disclosure.attacker import Mask, Reals
from frankpledge.analysis.disclosure.rules import Rule

_NEAR = 1e-6
_FAR = 1e9
_REMEMBERED = 400
_SUMS = 2000


Breach = tuple[int, int]


@dataclass(frozen=True)
class Known:
    """The bounds that a reader knows of a figure; `high` None is unbounded."""

    low: int
    high: int | None


@dataclass(frozen=True)
class _Target:
    """A small count: the unknowns it adds up, the figures that hold it, how little it may be.

    `own` where it is a figure itself, `sides` which ways it must stay open.
    """

    unknowns: tuple[int, ...]
    least: int
    figures: tuple[int, ...]
    own: bool
    sides: tuple[int, ...] = (1, -1)


class _Reader:
    """Somebody who knows the bounds of all figures."""

    def __init__(self, rows: Reals, known: Sequence[Known]) -> None:
        self.low = np.array([k.low for k in known], dtype=float)
        self.high = np.array([np.inf if k.high is None else k.high for k in known])
        self.tells = np.asarray(np.isfinite(self.high) | (self.low > 0))
        linked = scipy.sparse.csr_array(rows[self.tells].T @ rows[self.tells])
        _, self.part = scipy.sparse.csgraph.connected_components(linked, directed=False)

    def believes(self, seen: Reals) -> Mask:
        """Which tables (columns of their figures) agree with all that is known."""
        within = (seen >= self.low[:, None] - _NEAR) & (seen <= self.high[:, None] + _NEAR)
        return np.asarray(within.all(axis=0))


class Joint:
    """All figures of one audience as a system over base cells, asked again as figures are hidden.

    Cells that the same figures hold cannot be told apart, so they are one unknown.
    """

    def __init__(self, sets: Sequence[frozenset[str]], true: Mapping[str, int], rule: Rule) -> None:
        self._rule = rule
        atoms = _atoms(sets)
        self._keys = list(atoms)
        self._true = np.array([sum(true.get(c, 0) for c in atoms[k]) for k in atoms], dtype=float)
        self._rows = np.zeros((len(sets), len(atoms)))
        for place, key in enumerate(self._keys):
            self._rows[list(key), place] = 1
        self._seen = self._true[:, None]
        self._targets = [
            *self._small_cells(atoms, true),
            *self._small_figures(sets, true),
            *self._small_sums(atoms, true),
        ]

    def breaches(
        self,
        known: Sequence[Known],
        *,
        among: Iterable[Breach] | None = None,
        until: Container[Breach] | None = None,
    ) -> list[Breach]:
        """The small counts and sides (1 up, -1 down) of which less stays open than the rule asks.

        A small count that was hidden, or lies in a hidden figure, must still be able to be the
        largest small count; one of which nobody was told that it is small must be able to be more.
        Either must be able to be as little as can be. `known` goes with the sets given first.
        `among` looks at these only; `until` stops at the first that is not in it.
        """
        if not self._keys:
            return []
        reader = _Reader(self._rows, known)
        asked = among or [(n, side) for n, t in enumerate(self._targets) for side in t.sides]
        fits = self._seen[:, reader.believes(self._rows @ self._seen)]
        found: list[Breach] = []
        for breach in asked:
            at = list(self._targets[breach[0]].unknowns)
            aim = self._aim(breach, known)
            if self._is_shown(breach, known):
                found.append(breach)
            elif not (breach[1] * fits[at].sum(axis=0) >= breach[1] * aim - _NEAR).any():
                seen, _ = self._furthest(breach, reader)
                if seen is not None:
                    fits = np.column_stack([fits, seen])
                    self._seen = np.column_stack([self._seen[:, -_REMEMBERED:], seen])
                if seen is None or breach[1] * seen[at].sum() < breach[1] * aim - _NEAR:
                    found.append(breach)
            if until is not None and found and found[-1] not in until:
                break
        return found

    def proof(self, breach: Breach, known: Sequence[Known]) -> set[int]:
        """The figures by which a reader comes to know: those that bind in the programme."""
        if self._is_shown(breach, known):
            return set(self._targets[breach[0]].figures)
        return self._furthest(breach, _Reader(self._rows, known))[1]

    def _aim(self, breach: Breach, known: Sequence[Known]) -> int:
        target = self._targets[breach[0]]
        if breach[1] < 0:
            return target.least
        told = target.own or any(known[f].high is None and known[f].low > 0 for f in target.figures)
        return self._rule.suppress_below - (1 if told else 0)

    def _is_shown(self, breach: Breach, known: Sequence[Known]) -> bool:
        target = self._targets[breach[0]]
        return target.own and any(known[f].high is not None for f in target.figures)

    def _furthest(self, breach: Breach, reader: _Reader) -> tuple[Reals | None, set[int]]:
        """The table that takes a count furthest, and the figures that hold it back."""
        at = list(self._targets[breach[0]].unknowns)
        mine = np.isin(reader.part, reader.part[at])
        about = np.flatnonzero(reader.tells & self._rows[:, mine].any(axis=1))
        cost = np.zeros(len(mine))
        cost[at] = -breach[1]
        below = about[np.isfinite(reader.high[about])]
        above = about[reader.low[about] > 0]
        rows = np.concatenate([self._rows[below][:, mine], -self._rows[above][:, mine]])
        found = scipy.optimize.linprog(
            cost[mine],
            A_ub=rows if len(rows) else None,
            b_ub=np.concatenate([reader.high[below], -reader.low[above]]) if len(rows) else None,
            bounds=(0, _FAR),
        )
        if found.x is None:
            return None, set()
        seen = self._true.copy()
        seen[mine] = found.x
        binding = np.abs(found.ineqlin.marginals) > _NEAR if len(rows) else np.zeros(0, dtype=bool)
        return seen, {int(f) for f in np.concatenate([below, above])[binding]}

    def _small_cells(
        self, atoms: Mapping[tuple[int, ...], list[str]], true: Mapping[str, int]
    ) -> list[_Target]:
        found = []
        for place, key in enumerate(self._keys):
            if any(self._small(true.get(cell, 0)) for cell in atoms[key]):
                least = max(self._rule.floor, 1) if len(atoms[key]) == 1 else int(self._true[place])
                found.append(_Target((place,), least, key, False))
        return found

    def _small_figures(
        self, sets: Sequence[frozenset[str]], true: Mapping[str, int]
    ) -> list[_Target]:
        found: dict[frozenset[str], _Target] = {}
        for number, cells in enumerate(sets):
            if cells in found:
                continue
            counts = [true.get(cell, 0) for cell in cells]
            if self._small(sum(counts)):
                places = tuple(int(p) for p in np.flatnonzero(self._rows[number]))
                least = max(1, sum(n > 0 for n in counts)) * self._rule.floor
                same = tuple(n for n, other in enumerate(sets) if other == cells)
                found[cells] = _Target(places, least, same, True)
        return list(found.values())

    def _small_sums(
        self, atoms: Mapping[tuple[int, ...], list[str]], true: Mapping[str, int]
    ) -> list[_Target]:
        """The small sums that somebody may ask for later: what is told now must not narrow them.

        None may be kept above the number of cells that are not zero in it. An unknown held in part
        can be nothing, so whole ones are enough; cells that are zero come to every sum, for with
        them it is hardest. Above, each is as open as any small cell in it.
        """
        filled = [sum(true.get(cell, 0) > 0 for cell in atoms[key]) for key in self._keys]
        shared = scipy.sparse.csr_array(self._rows.T @ self._rows)
        count, part = scipy.sparse.csgraph.connected_components(shared, directed=False)
        found = []
        for one in range(count):
            mine = np.flatnonzero(part == one)
            zeros = tuple(int(n) for n in mine[self._true[mine] == 0])
            small = [int(n) for n in mine if 0 < self._true[n] < self._rule.suppress_below]
            for chosen in self._sums_of(small):
                least = sum(filled[n] for n in chosen) * self._rule.floor
                held = {figure for n in chosen for figure in self._keys[n]}
                found.append(
                    _Target((*chosen, *zeros), least, tuple(sorted(held)), False, sides=(-1,))
                )
        return found

    def _sums_of(self, small: Sequence[int]) -> list[tuple[int, ...]]:
        """Unknowns that are small together: those of fewest first, and no more than can be tried"""
        found: list[tuple[int, ...]] = [()]
        for together in found:
            if len(found) > _SUMS:
                break
            after = [n for n in small if not together or n > together[-1]]
            so_far = self._true[list(together)].sum()
            found += [
                (*together, n) for n in after if so_far + self._true[n] < self._rule.suppress_below
            ]
        return found[1:]

    def _small(self, count: int) -> bool:
        return self._rule.floor <= count < self._rule.suppress_below


def _atoms(sets: Sequence[frozenset[str]]) -> dict[tuple[int, ...], list[str]]:
    """Base cells by the figures that hold them; those of one kind stand and fall together."""
    held: dict[str, list[int]] = {}
    for number, cells in enumerate(sets):
        for cell in cells:
            held.setdefault(cell, []).append(number)
    atoms: dict[tuple[int, ...], list[str]] = {}
    for cell in sorted(held):
        atoms.setdefault(tuple(held[cell]), []).append(cell)
    return atoms
