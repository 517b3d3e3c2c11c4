"""Primary and secondary suppression, proven against an attacker who may use linear programming.

A table of counts over one to four dimensions is published with sums: a total of every dimension
and any named group of its codes, such as wards in districts in a county. Each sum is one linear
equation over the cells, so an attacker knows: every shown figure (to within its rounding), every
hidden figure to be at least 1, and all the equations. A small count is protected when each of the
extremes (1 and k-1) is still possible. Line-counting rules ("two in each line") are not enough: the
public test of R's sdcTable suppresses two in each line and still gives 47 away exactly. References:
Fischetti and Salazar (2001), "Solving the cell suppression problem on tabular data with linear
constraints"; Hundepool et al. (2012), "Statistical Disclosure Control", 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from frankpledge.analysis.disclosure.attacker import (
    Counts,
    Groups,
    Mask,
    Problem,
    Reals,
    Table,
    problem_of,
)
from frankpledge.analysis.disclosure.blurred import secondary_of_rounded
from frankpledge.analysis.disclosure.contributions import Contributions, sensitive
from frankpledge.analysis.disclosure.rules import Rule
from frankpledge.analysis.disclosure.suppression import secondary
from frankpledge.analysis.disclosure.system import Needs, System, exposed_cells, system_of


class Reason(IntEnum):
    """Why a figure is not shown."""

    NONE = 0
    SMALL = 1
    FEW_CONTRIBUTORS = 2
    DOMINANCE = 3
    SECONDARY = 4
    DIFFERENCING = 5

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Reason.NONE: "Shown.",
    Reason.SMALL: "Hidden because it is a small count.",
    Reason.FEW_CONTRIBUTORS: "Hidden because too few contributed to it.",
    Reason.DOMINANCE: "Hidden because one or two contributors make up nearly all of it.",
    Reason.SECONDARY: "Hidden because a smaller figure could be worked out from it.",
    Reason.DIFFERENCING: "Hidden because, with an earlier release, it would give a figure away.",
}


@dataclass(frozen=True)
class Protected:
    """`counts` rounded and without what is hidden (-1 where hidden or missing), with its masks.

    `primary` is hidden for its own sake; `reasons` holds a `Reason` for each figure. Shape: for
    each dimension its codes, then its groups.
    """

    counts: Counts
    hidden: Mask
    missing: Mask
    primary: Mask
    reasons: npt.NDArray[np.int8]


@dataclass(frozen=True)
class Proof:
    """What the attacker learns of a published table.

    `exposed` are figures pinned down to less than their protection interval, `recoverable` hidden
    ones that follow exactly from the shown, both in the shape of the published table.
    """

    exposed: Mask
    recoverable: Mask

    @property
    def safe(self) -> bool:
        return not self.exposed.any()


def protect(
    counts: Table, *, groups: Groups, rule: Rule, contributions: Contributions | None = None
) -> Protected:
    """Protects a table together with every sum that is published from it.

    `counts` has one to four dimensions and holds whole numbers, or None where there is no data.
    `groups[d]` lists, for dimension d, the positions that each published sum adds up; groups inside
    groups are a hierarchy. `contributions` gives, by cell, what each contributor holds of it, for
    rules that look behind figures. The answer depends on the figures alone: the same table twice
    gives the same cells. Raises UnusableCount; ValueError for more dimensions or for contributions
    that are missing or do not add up.
    """
    if not 1 <= counts.ndim <= 4:
        raise ValueError(f"This table has {counts.ndim} dimensions; one to four can be proven.")
    if rule.looks_behind and contributions is None:
        raise ValueError(f"{rule.label} looks at contributors: give the contributions too.")
    for axis, named in enumerate(groups):
        if rule.protects and any(groups) and not named and counts.ndim > 1:
            return _side_by_side(counts, groups, axis, rule, contributions)
    problem = problem_of(counts, groups, rule)
    reasons, needs = _primaries(problem, rule, contributions)
    primary = reasons > 0
    if not rule.secondary or not primary.any() or not any(groups):
        hidden = primary.copy()
    elif rule.round_to > 1 and not rule.looks_behind:
        hidden = secondary_of_rounded(problem, primary)
    else:
        hidden = secondary(_system(problem, groups), needs, primary)
    reasons[hidden & ~primary] = Reason.SECONDARY
    rounded = np.array([rule.rounded(int(v)) for v in problem.true], dtype=np.int64)
    rounded[hidden | problem.missing] = -1
    shape = problem.shape
    return Protected(
        rounded.reshape(shape),
        hidden.reshape(shape),
        problem.missing.reshape(shape),
        primary.reshape(shape),
        reasons.reshape(shape),
    )


def prove(
    counts: Table,
    hidden: Mask,
    *,
    groups: Groups,
    rule: Rule,
    contributions: Contributions | None = None,
) -> Proof:
    """What an attacker learns who knows every unhidden figure exactly.

    `counts`, `groups` and `contributions` are as for `protect`; `hidden` has the shape of the
    published table. Works on the hidden cells alone, so twenty thousand cells take a part of a
    second. For a rule that also rounds this is stricter than need be. Raises as `protect` does.
    """
    problem = problem_of(counts, groups, rule)
    system = _system(problem, groups)
    _, needs = _primaries(problem, rule, contributions)
    flat = np.asarray(hidden, dtype=bool).ravel()
    if len(flat) != len(problem.true):
        raise ValueError(f"`hidden` needs the shape of the published table, {problem.shape}.")
    given = np.zeros(len(flat), dtype=bool)
    for part in system.parts(flat):
        given[part.cells] = part.recoverable()
    exposed = exposed_cells(system, flat, needs) | (given & needs.any)
    return Proof(exposed.reshape(problem.shape), given.reshape(problem.shape))


def _system(problem: Problem, groups: Groups) -> System:
    return system_of(
        groups=groups,
        sizes=problem.sizes,
        true=problem.true,
        missing=problem.missing,
        floor=problem.rule.floor,
    )


def _primaries(
    problem: Problem, rule: Rule, contributions: Contributions | None
) -> tuple[npt.NDArray[np.int8], Needs]:
    """Why each figure is hidden for its own sake, and how far it must stay in doubt."""
    true, known = problem.true, ~problem.missing
    reasons = np.zeros(len(true), dtype=np.int8)
    down, up = np.zeros(len(true)), np.zeros(len(true))
    # A hidden sum is at least as large as it has hidden cells: no rule can blur that.
    least = np.maximum(problem.filled, 1) * rule.floor
    if rule.looks_behind and contributions is not None:
        found = sensitive(
            contributions,
            sizes=problem.sizes,
            sums=problem.sums,
            true=true,
            missing=problem.missing,
            rule=rule,
        )
        reasons[found.dominated] = Reason.DOMINANCE
        reasons[found.few] = Reason.FEW_CONTRIBUTORS
        down, up = np.minimum(found.need, np.maximum(true - least, 0)), found.need.copy()
    if rule.suppresses:
        small = known & (true >= rule.floor) & (true < rule.suppress_below)
        reasons[small] = Reason.SMALL
        down = np.where(small, np.maximum(down, true - least), down)
        up = np.where(small, np.maximum(up, rule.suppress_below - 1 - true), up)
        # A sum of four ones must at least look as if it might be five.
        stuck = small & (down <= 0) & (up <= 0) & (rule.suppress_below - 1 > rule.floor)
        up[stuck] = 1
    return reasons, Needs(_real(down), _real(up))


def _real(values: npt.NDArray[np.float64] | Counts) -> Reals:
    return np.asarray(np.maximum(values, 0), dtype=float)


def _side_by_side(
    counts: Table, groups: Groups, axis: int, rule: Rule, contributions: Contributions | None
) -> Protected:
    """Along a dimension that is never added up, each code is a table of its own."""
    others = [named for d, named in enumerate(groups) if d != axis]
    found = [
        protect(
            np.asarray(counts.take(place, axis=axis)),
            groups=others,
            rule=rule,
            contributions=_slice(contributions, axis, place),
        )
        for place in range(counts.shape[axis])
    ]
    return Protected(
        np.stack([part.counts for part in found], axis=axis),
        np.stack([part.hidden for part in found], axis=axis),
        np.stack([part.missing for part in found], axis=axis),
        np.stack([part.primary for part in found], axis=axis),
        np.stack([part.reasons for part in found], axis=axis),
    )


def _slice(contributions: Contributions | None, axis: int, place: int) -> Contributions | None:
    if contributions is None:
        return None
    return {
        at[:axis] + at[axis + 1 :]: behind
        for at, behind in contributions.items()
        if at[axis] == place
    }
