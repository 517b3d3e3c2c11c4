"""Showing again what need not be hidden, with a witness for every cell in need.

A witness is a move of hidden cells that takes a cell as far as it needs. Showing a cell again can
hurt only those whose witness used it: a new witness is sought for them, or the cell stays hidden.
"""

from __future__ import annotations

import numpy as np
import scipy

from frankpledge.analysis.disclosure.attacker import Mask, Reals
from frankpledge.analysis.disclosure.system import Needs, Part, Places, System

_NEAR = 1e-6
_WORK = 60_000


def pruned(system: System, needs: Needs, primary: Mask, hidden: Mask) -> Mask:
    """Fewer hidden cells that protect every need that `hidden` protects; `primary` stays hidden."""
    kept = primary.copy()
    for part in system.parts(hidden):
        down, up = needs.down[part.cells], needs.up[part.cells]
        if ((down > 0) | (up > 0)).any():
            shown = _Pruner(part, down, up, primary[part.cells]).run(system.true[part.cells])
            kept[part.cells[~shown]] = True
    return np.asarray(kept)


class _Pruner:
    def __init__(self, part: Part, down: Reals, up: Reals, primary: Mask) -> None:
        self.part = part
        self.need = {1: up, -1: down}
        self.primary, self.needing = primary, (down > 0) | (up > 0)
        self.hidden = np.ones(len(part.cells), dtype=bool)
        self.by_cell = scipy.sparse.csc_array(part.equations)
        self.by_sum = scipy.sparse.csr_array(part.equations)
        self.left = np.diff(self.by_sum.indptr).astype(np.int64)
        self.witness: dict[tuple[int, int], Reals] = {}
        self.programmes = 0

    def run(self, true: Places) -> Mask:
        everything = [(int(c), s) for s in (1, -1) for c in np.flatnonzero(self.need[s] > 0)]
        self.witness, _ = self._witnesses(everything, self.hidden)
        extra = np.flatnonzero(~self.primary)
        for cell in sorted(extra.tolist(), key=lambda c: (-true[c], c)):
            if self.programmes * len(self.hidden) > _WORK:
                break
            if self.hidden[cell]:
                self._show(cell)
        return ~self.hidden

    def _show(self, cell: int) -> None:
        gone = self._followed(cell)
        if gone is None:
            return
        trial = self.hidden.copy()
        trial[gone] = False
        hurt = [task for task, move in self.witness.items() if (np.abs(move[gone]) > _NEAR).any()]
        found, all_met = self._witnesses(hurt, trial, giving_up=True)
        if not all_met:
            return
        self.hidden = trial
        self.witness |= found
        for one in gone:
            start, end = self.by_cell.indptr[one], self.by_cell.indptr[one + 1]
            self.left[self.by_cell.indices[start:end]] -= 1

    def _followed(self, cell: int) -> list[int] | None:
        """The cells that follow from showing one, by sums with one hidden cell; None if in need."""
        left = self.left.copy()
        gone, seen = [cell], {cell}
        for one in gone:
            start, end = self.by_cell.indptr[one], self.by_cell.indptr[one + 1]
            for line in self.by_cell.indices[start:end]:
                left[line] -= 1
                if left[line] != 1:
                    continue
                members = self.by_sum.indices[
                    self.by_sum.indptr[line] : self.by_sum.indptr[line + 1]
                ]
                last = [int(m) for m in members if self.hidden[m] and m not in seen]
                if not last:
                    continue
                if self.needing[last[0]]:
                    return None
                if self.primary[last[0]]:
                    continue
                gone.append(last[0])
                seen.add(last[0])
        return gone

    def _witnesses(
        self, tasks: list[tuple[int, int]], hidden: Mask, *, giving_up: bool = False
    ) -> tuple[dict[tuple[int, int], Reals], bool]:
        """A move for each task among the hidden cells; False where one has none."""
        found: dict[tuple[int, int], Reals] = {}
        left = list(tasks)
        all_met = True
        while left:
            # The first alone, if it decides: it is the likeliest not to be met.
            if giving_up and len(left) > 1 and not found:
                aim = left[:1]
            else:
                aim = [task for task in left if task[1] == left[0][1]]
            moved = self._move(aim, hidden)
            met = [t for t in aim if moved is not None and self._meets(moved, t)]
            for task in met:
                assert moved is not None
                found[task] = moved
            if not met and len(aim) > 1:
                moved = self._move(left[:1], hidden)
                met = [t for t in left[:1] if moved is not None and self._meets(moved, t)]
                for task in met:
                    assert moved is not None
                    found[task] = moved
            if not met:
                all_met = False
                if giving_up:
                    return found, False
                left = left[1:]
                continue
            left = [task for task in left if task not in found]
            if moved is not None:
                for task in [t for t in left if self._meets(moved, t)]:
                    found[task] = moved
                    left.remove(task)
        return found, all_met

    def _meets(self, moved: Reals, task: tuple[int, int]) -> bool:
        cell, sign = task
        return bool(sign * moved[cell] >= self.need[sign][cell] - _NEAR)

    def _move(self, tasks: list[tuple[int, int]], hidden: Mask) -> Reals | None:
        self.programmes += 1
        aims = np.zeros(len(hidden))
        most = np.zeros(len(hidden))
        for cell, sign in tasks:
            aims[cell], most[cell] = sign, self.need[sign][cell]
        return self.part.moved(aims, most, among=hidden)
