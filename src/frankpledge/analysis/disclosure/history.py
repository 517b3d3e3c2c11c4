"""What was released before, and whether a wanted table may join it.

Two harmless tables can give a person away together: a district with its old and its new boundary,
a year and the same year without one month, all callers and all callers over 18. A ReleaseHistory
keeps every figure that left as the set of base cells it adds up (a ward in a month, say), and
refuses a wanted figure that, with all others, would tell of a small count more than its rule
leaves open. The test is the attacker's own linear programme over all releases at once. Reference:
Hundepool et al. (2012), "Statistical Disclosure Control", 4 (linked tables) and 5 (differencing).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from frankpledge.analysis.disclosure.attacker import UnusableCount, whole
from frankpledge.analysis.disclosure.joint import Breach, Joint, Known
from frankpledge.analysis.disclosure.rules import Rule


@dataclass(frozen=True, slots=True)
class Figure:
    """One released figure: what it counts, by base cells, and what was said of it.

    `low` and `high` are what a reader knows: the same where the figure is exact, apart where it was
    rounded, and `high` None where it was hidden (`low` above 0) or refused.
    """

    name: str
    cells: frozenset[str]
    low: int
    high: int | None

    @property
    def hidden(self) -> bool:
        return self.high is None


@dataclass(frozen=True, slots=True)
class Release:
    """Figures that left together."""

    name: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Checked:
    """Which figures of a wanted table may leave.

    `shown` are the figures as they would read (rounded where the rule rounds); `hidden` are small
    counts and what was hidden before, and `refused` says for each other figure why not. `release`
    is what to add to the history once it has left.
    """

    shown: Mapping[str, int]
    hidden: frozenset[str]
    refused: Mapping[str, str]
    release: Release


@dataclass(frozen=True)
class ReleaseHistory:
    """Everything an audience was ever told of one set of base cells. Adding makes a new history.

    Keep one for each audience, beside the data: an audience that sees another's figures needs a
    history of both.
    """

    releases: tuple[Release, ...] = ()

    def check(
        self,
        name: str,
        wanted: Mapping[str, Iterable[str]],
        *,
        counts: Mapping[str, int],
        rule: Rule,
        hidden: Iterable[str] = (),
    ) -> Checked:
        """Which of the wanted figures may leave, given all that left before.

        `wanted` names each figure and the base cells it adds up; `counts` has the true count of
        each base cell; a cell left out is 0. `hidden` names figures that are hidden already, such
        as the secondary ones of `protect`. The answer does not depend on the order of the
        figures: where something must give, the smallest figure is refused first. It does depend on
        what left earlier, and the sentence says on which release. A sum of cells that nobody has
        asked for yet is protected as if it had been, where it is small: of figures that hang
        together the 2,000 such sums of fewest cells. Raises UnusableCount for a count
        that is not one; ValueError for a figure without cells, or where earlier releases are of
        other counts.
        """
        true = {cell: _count(cell, value) for cell, value in counts.items()}
        asked = {label: frozenset(cells) for label, cells in wanted.items()}
        for label, cells in asked.items():
            if not cells:
                raise ValueError(f"“{label}” adds up no cells: name at least one.")
        size = {label: sum(true.get(c, 0) for c in cells) for label, cells in asked.items()}
        self._agrees(true)
        small = {label for label, n in size.items() if rule.floor <= n < rule.suppress_below}
        kept = frozenset(hidden) & frozenset(asked) | (small if rule.suppresses else set())
        order = sorted(asked, key=lambda label: (size[label], sorted(asked[label]), label))
        refused = self._refused(asked, size, true, kept, order, rule)
        figures = tuple(
            _figure(label, asked[label], size[label], rule, label in kept, label in refused)
            for label in order
        )
        shown = {f.name: rule.rounded(size[f.name]) for f in figures if not f.hidden}
        sentences = {label: self._sentence(asked, label, refused) for label in refused}
        return Checked(shown, kept - set(refused), sentences, Release(name, figures))

    def adding(self, release: Release) -> ReleaseHistory:
        """The history once a release has left."""
        return replace(self, releases=(*self.releases, release))

    def as_data(self) -> list[dict[str, Any]]:
        """The history as plain JSON values."""
        return [
            {
                "name": release.name,
                "figures": [[f.name, sorted(f.cells), f.low, f.high] for f in release.figures],
            }
            for release in self.releases
        ]

    @classmethod
    def from_data(cls, kept: Sequence[Mapping[str, Any]]) -> ReleaseHistory:
        """The history that `as_data` gave."""
        return cls(
            tuple(
                Release(
                    each["name"],
                    tuple(Figure(n, frozenset(c), *known) for n, c, *known in each["figures"]),
                )
                for each in kept
            )
        )

    def _agrees(self, true: Mapping[str, int]) -> None:
        for release in self.releases:
            for figure in release.figures:
                total = sum(true.get(cell, 0) for cell in figure.cells)
                if not figure.low <= total <= (total if figure.high is None else figure.high):
                    raise ValueError(
                        f"“{figure.name}” of “{release.name}” was released of other counts. "
                        "Revised data needs cells of their own, such as the version in their name."
                    )

    def _refused(
        self,
        asked: Mapping[str, frozenset[str]],
        size: Mapping[str, int],
        true: Mapping[str, int],
        hidden: frozenset[str],
        order: Sequence[str],
        rule: Rule,
    ) -> list[str]:
        """The figures to keep back, smallest first, and only those without which it is not safe."""
        if not rule.suppresses:
            return []
        earlier = [f for release in self.releases for f in release.figures]
        sets = [f.cells for f in earlier] + [asked[label] for label in order]
        joint = Joint(sets, true, rule)

        def known(back: Iterable[str]) -> list[Known]:
            now = [_figure(x, asked[x], size[x], rule, x in hidden, x in back) for x in order]
            return [Known(f.low, f.high) for f in (*earlier, *now)]

        # What earlier releases give away already is no reason to refuse what adds nothing.
        given = set(joint.breaches(known(order)))

        def breaches(among: Iterable[Breach] | None = None) -> list[Breach]:
            return [b for b in joint.breaches(known(back), among=among) if b not in given]

        back: list[str] = []
        found = breaches()
        while found:
            binding = joint.proof(found[0], known(back))
            proof = {order[n - len(earlier)] for n in binding if n >= len(earlier)}
            left = [x for x in order if x not in back]
            # A figure that reads [c] still says that it is not zero: it is refused last.
            left.sort(key=lambda x: (x not in proof, x in hidden))
            if not left:
                break
            back.append(left[0])
            found = breaches(found) or breaches()
        for label in reversed(list(back)):
            fewer = [x for x in back if x != label]
            if all(b in given for b in joint.breaches(known(fewer), until=given)):
                back = fewer
        return back

    def _sentence(
        self, asked: Mapping[str, frozenset[str]], label: str, refused: Iterable[str]
    ) -> str:
        """Why a figure is refused, and together with what; never which count is small."""
        mine = asked[label]
        for release in reversed(self.releases):
            for figure in release.figures:
                if not figure.hidden and figure.cells & mine:
                    return (
                        f"“{label}” is not shown: together with “{figure.name}” of "
                        f"“{release.name}” a small count could be worked out."
                    )
        return f"“{label}” is not shown: from it and the other figures a small count would follow."


def _figure(
    name: str, cells: frozenset[str], total: int, rule: Rule, hidden: bool, refused: bool
) -> Figure:
    """What is told: of a hidden figure that it is not zero, of a refused one nothing."""
    if hidden or refused:
        return Figure(name, cells, rule.floor if total and not refused else 0, None)
    rounded = rule.rounded(total)
    low = max(rounded - rule.round_to // 2, rule.suppress_below if total else 0)
    high = rounded + (rule.round_to - 1) // 2 if total else 0
    return Figure(name, cells, min(low, total), high)


def _count(cell: str, value: object) -> int:
    found = whole(value)
    if found is None:
        raise UnusableCount(f"The cell {cell!r} has no count. Leave gaps out of every figure.")
    return found
