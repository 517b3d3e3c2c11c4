"""What each audience sees of one table, and why it does not see the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frankpledge.analysis.disclosure.attacker import Groups, Mask, Table
from frankpledge.analysis.disclosure.contributions import Contributions
from frankpledge.analysis.disclosure.protection import Protected, Reason, protect
from frankpledge.analysis.disclosure.rules import Rule
from frankpledge.analysis.disclosure.tables import MISSING_TEXT, SUPPRESSED_TEXT


@dataclass(frozen=True)
class View:
    """One audience's table: `texts` as it reads, `why` a sentence for each hidden figure.

    `kept` is the share of figures shown, `kept_sum` the share of all counted (over the cells, not
    the sums) that can be read from shown cells; None where there is nothing.
    """

    audience: str
    rule: str
    sentence: str
    protected: Protected
    texts: npt.NDArray[np.str_]
    why: dict[tuple[int, ...], str]
    kept: float | None
    kept_sum: float | None

    def tally(self) -> dict[Reason, int]:
        """How many figures are hidden for each reason."""
        codes = self.protected.reasons
        return {r: int((codes == r).sum()) for r in Reason if r and (codes == r).any()}


def views(
    counts: Table,
    *,
    groups: Groups,
    rules: Mapping[str, Rule],
    contributions: Contributions | None = None,
    differencing: Mapping[str, Mask] | None = None,
) -> dict[str, View]:
    """The same table for every audience of `rules`, in their order.

    `counts`, `groups` and `contributions` are as for `protect`. `differencing` marks, by audience
    and in the shape of the published table, figures that a ReleaseHistory refused. Raises as
    `protect` does; ValueError for a mask of another shape.
    """
    found = {}
    for audience, rule in rules.items():
        behind = contributions if rule.looks_behind else None
        protected = protect(counts, groups=groups, rule=rule, contributions=behind)
        refused = (differencing or {}).get(audience)
        if refused is not None:
            protected = _without(protected, refused)
        found[audience] = _view(audience, rule, protected, counts)
    return found


def _without(protected: Protected, refused: Mask) -> Protected:
    if refused.shape != protected.hidden.shape:
        raise ValueError(f"Refused figures need the table's shape, {protected.hidden.shape}.")
    more = refused & ~protected.hidden & ~protected.missing
    return Protected(
        np.where(more, -1, protected.counts),
        protected.hidden | more,
        protected.missing,
        protected.primary,
        np.where(more, np.int8(Reason.DIFFERENCING), protected.reasons),
    )


def _view(audience: str, rule: Rule, protected: Protected, counts: Table) -> View:
    texts = np.array([f"{n:,}" for n in protected.counts.ravel()], dtype="U24")
    texts = texts.reshape(protected.counts.shape)
    texts[protected.hidden] = SUPPRESSED_TEXT
    texts[protected.missing] = MISSING_TEXT
    why = {
        tuple(int(p) for p in at): Reason(int(protected.reasons[tuple(at)])).sentence
        for at in np.argwhere(protected.hidden)
    }
    inside = tuple(slice(0, size) for size in counts.shape)
    there = ~protected.missing
    true = np.array([n or 0 for n in counts.ravel()], dtype=float).reshape(counts.shape)
    seen = ~protected.hidden[inside] & there[inside]
    return View(
        audience,
        rule.label,
        rule.sentence,
        protected,
        texts,
        why,
        float((~protected.hidden)[there].mean()) if there.any() else None,
        float(true[seen].sum() / true.sum()) if true.sum() else None,
    )
