"""Who is behind a figure: rules on few and on dominant contributors.

Sources: Hundepool et al. (2012), "Statistical Disclosure Control", 4.2: a figure X with
contributions x1 ≥ x2 ≥ … is sensitive under the (n, k) rule where x1 + … + xn > k percent of X, and
under the p percent rule where X - x1 - x2 < p percent of x1. The intervals that must stay open are
those given there: up to 100/k · (x1 + … + xn), and X + p/100 · x1 - (X - x1 - x2), and as far down.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy

from frankpledge.analysis.disclosure.attacker import Counts, Mask, Reals
from frankpledge.analysis.disclosure.rules import Rule

Contributions = Mapping[tuple[int, ...], Mapping[Hashable, int]]


@dataclass(frozen=True)
class Sensitive:
    """Figures with too few contributors or dominant ones, and how far each must stay in doubt."""

    few: Mask
    dominated: Mask
    need: Reals


def sensitive(
    contributions: Contributions,
    *,
    sizes: tuple[int, ...],
    sums: scipy.sparse.csr_array,
    true: Counts,
    missing: Mask,
    rule: Rule,
) -> Sensitive:
    """Applies a rule's contributor tests to all published figures; see `protect`.

    Raises ValueError where contributions do not add up to a figure, naming it.
    """
    shares = sums @ _by_contributor(contributions, sizes)
    # One contributor may stand behind several cells of a sum: it is one there.
    shares = scipy.sparse.csr_array(shares)
    shares.eliminate_zeros()
    few, dominated = np.zeros(len(true), dtype=bool), np.zeros(len(true), dtype=bool)
    need = np.zeros(len(true))
    for cell in np.flatnonzero(~missing):
        held = -np.sort(-shares.data[shares.indptr[cell] : shares.indptr[cell + 1]])
        total = float(true[cell])
        if abs(held.sum() - total) > 1e-6:
            raise ValueError(
                f"The contributions to figure {int(cell)} add up to {held.sum():g}, "
                f"but it is {total:g}. Give every contributor of every cell."
            )
        if not total:
            continue
        few[cell] = len(held) < rule.fewest_contributors
        doubt = _doubt(held, total, rule)
        dominated[cell] = doubt > 0
        need[cell] = max(doubt, rule.contributor_range * total if few[cell] else 0)
    return Sensitive(few, dominated, need)


def _doubt(held: Reals, total: float, rule: Rule) -> float:
    """By how much a dominated figure must stay in doubt, 0 if none dominates."""
    found = 0.0
    if rule.dominance:
        number, percent = rule.dominance
        found = 100 / percent * float(held[:number].sum()) - total
    if rule.p_percent:
        others = total - float(held[:2].sum())
        found = max(found, rule.p_percent / 100 * float(held[0]) - others)
    return found if found > 1e-9 else 0.0


def _by_contributor(contributions: Contributions, sizes: tuple[int, ...]) -> scipy.sparse.csr_array:
    names: dict[Hashable, int] = {}
    rows, columns, amounts = [], [], []
    for at, behind in contributions.items():
        if len(at) != len(sizes) or any(not 0 <= a < n for a, n in zip(at, sizes, strict=True)):
            raise ValueError(f"Contributions are given to {at}, which is no cell of the table.")
        cell = int(np.ravel_multi_index(at, sizes))
        for who, amount in behind.items():
            if not (np.isfinite(amount) and amount >= 0):
                raise ValueError(f"A contribution to {at} is {amount!r}; it must be 0 or more.")
            rows.append(cell)
            columns.append(names.setdefault(who, len(names)))
            amounts.append(float(amount))
    shape = (int(np.prod(sizes)), max(1, len(names)))
    return scipy.sparse.csr_array((amounts, (rows, columns)), shape=shape)
