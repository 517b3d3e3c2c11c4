"""A dataset version protected once and as a whole, and the cuts it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from frankpledge.analysis.disclosure.protection import Protected, Reason, protect
from frankpledge.analysis.disclosure.publishing import Derived
from frankpledge.analysis.disclosure.rules import Rule
from frankpledge.analysis.disclosure.tables import (
    MISSING,
    SUPPRESSED,
    Cell,
    Column,
    Kind,
    PublishableTable,
    sealed,
    shown,
)

ALL = "all"


class Refused(Exception):
    """A cut that may not be answered; `sentence` says why and what can be asked instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One side of a release: its codes, and the sums over them that are published.

    `groups` are named sets of codes (a year of months, a county of districts). `total` publishes
    the sum of all codes under the code "all"; False for codes that do not add up, such as
    indicators with different definitions.
    """

    key: str
    label: str
    codes: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    total: bool = True
    kind: Kind = "text"

    def __post_init__(self) -> None:
        if len(set(self.codes)) != len(self.codes) or not self.codes:
            raise ValueError(f"{self.label} needs one or more different codes.")
        taken = set(self.codes) & ({ALL, *self.groups} if self.total else set(self.groups))
        if taken or ALL in self.groups:
            raise ValueError(f"{self.label} uses a name for a code and a group: {sorted(taken)}")
        for name, members in self.groups.items():
            unknown = set(members) - set(self.codes)
            if unknown or not members:
                raise ValueError(f"Group {name!r} needs known codes, not {sorted(unknown)}.")

    @property
    def positions(self) -> dict[str, int]:
        """Where each code and published sum stands in the protected table."""
        sums = [*self.groups, *([ALL] if self.total else [])]
        return {code: place for place, code in enumerate([*self.codes, *sums])}

    @property
    def sums(self) -> list[list[int]]:
        places = {code: place for place, code in enumerate(self.codes)}
        named = [[places[code] for code in dict.fromkeys(m)] for m in self.groups.values()]
        return [*named, list(range(len(self.codes)))] if self.total else named

    def name(self, code: str) -> str:
        return self.labels.get(code, "All" if code == ALL else code)


class ProtectedRelease:
    """One table per dataset version and audience; every answer is a piece of it.

    Build it once for the accepted data of a version with `ProtectedRelease.build` and keep it: two
    answers then never disagree and cannot be subtracted to find a hidden figure, because all cells,
    groups and totals were protected together. `version` names the data it was made from.
    """

    def __init__(
        self,
        *,
        dimensions: tuple[Dimension, ...],
        protected: Protected,
        rule: Rule,
        audience: str,
        version: str,
        synthetic: bool,
        sources: tuple[str, ...],
    ) -> None:
        self.dimensions = dimensions
        self.rule = rule
        self.audience = audience
        self.version = version
        self.synthetic = synthetic
        self.sources = sources
        self._protected = protected

    @classmethod
    def build(
        cls,
        *,
        dimensions: Sequence[Dimension],
        counts: Mapping[tuple[str, ...], int | None],
        rule: Rule,
        audience: str,
        version: str,
        missing: Sequence[Mapping[str, str]] = (),
        synthetic: bool = False,
        sources: Sequence[str] = (),
    ) -> "ProtectedRelease":
        """Protects `counts`, keyed by one code of each dimension in order.

        A combination that `counts` leaves out is zero, unless it matches one of `missing` (such as
        `{"month": "2025-02"}`): then it is a gap, and so is every sum over it. Codes are protected
        in sorted order, so the order they come in changes nothing. Raises ValueError for a code
        that no dimension knows, UnusableCount for a count that is not one.
        """
        ordered = tuple(dimensions)
        if not 1 <= len(ordered) <= 4:
            raise ValueError("A release has one to four dimensions.")
        places = [{c: i for i, c in enumerate(sorted(d.codes))} for d in ordered]
        table = np.full([len(d.codes) for d in ordered], 0, dtype=object)
        for gap in missing:
            table[_where(gap, ordered, places)] = None
        for key, count in counts.items():
            try:
                at = tuple(place[code] for place, code in zip(places, key, strict=True))
            except (KeyError, ValueError):
                raise ValueError(f"No such combination in this release: {key!r}") from None
            table[at] = count
        in_order = [
            [[places[i][d.codes[p]] for p in members] for members in d.sums]
            for i, d in enumerate(ordered)
        ]
        found = protect(table, groups=in_order, rule=rule)
        return cls(
            dimensions=ordered,
            protected=_reordered(found, ordered, places),
            rule=rule,
            audience=audience,
            version=version,
            synthetic=synthetic,
            sources=tuple(sources),
        )

    def without(self, other: "ProtectedRelease") -> "ProtectedRelease":
        """The same release less what `other`, for another audience, hides of the same data.

        Whoever reads both then learns nothing more of what `other` hides: each figure that is left
        here is shown there. Raises ValueError where the two are not of the same figures.
        """
        if self.dimensions != other.dimensions or self.version != other.version:
            raise ValueError("The two releases are not of the same figures.")
        mine, theirs = self._protected, other._protected
        more = theirs.hidden & ~mine.hidden
        hidden = replace(
            mine,
            counts=np.where(more, -1, mine.counts),
            hidden=mine.hidden | theirs.hidden,
            reasons=np.where(more, Reason.SECONDARY, mine.reasons),
        )
        return ProtectedRelease(
            dimensions=self.dimensions,
            protected=hidden,
            rule=self.rule,
            audience=self.audience,
            version=self.version,
            synthetic=self.synthetic,
            sources=self.sources,
        )

    def cell(self, **codes: str) -> Cell:
        """One figure: a code, group or "all" for each dimension ("all" where left out)."""
        at = tuple(self._place(d, codes.pop(d.key, ALL)) for d in self.dimensions)
        self._known(codes)
        if self._protected.missing[at]:
            return MISSING
        if self._protected.hidden[at]:
            return SUPPRESSED
        return shown(int(self._protected.counts[at]), "count")

    def why(self, **codes: str) -> str:
        """Why one figure is shown or hidden, in a sentence; asked as `cell` is."""
        at = tuple(self._place(d, codes.pop(d.key, ALL)) for d in self.dimensions)
        self._known(codes)
        return Reason(int(self._protected.reasons[at])).sentence

    def table(
        self,
        *,
        title: str,
        by: Sequence[str],
        where: Mapping[str, str] | None = None,
        only: Mapping[str, Sequence[str]] | None = None,
        count: Column = Column("count", "Count", "count"),  # noqa: B008
        facts: Mapping[Column, Mapping[str, float | None]] | None = None,
        derived: Sequence[Derived] = (),
        notes: Sequence[str] = (),
    ) -> PublishableTable:
        """A cut: one row for each combination of the dimensions named in `by`.

        `where` fixes a dimension to a code, a group or "all"; one that is neither in `by` nor in
        `where` is summed, that is "all". `only` lists which codes or groups of a dimension in `by`
        to show. `facts` adds numbers known by the first dimension of `by` (populations). Derived
        columns see protected values only. Raises Refused for any cut not protected with the rest.
        """
        fixed, wanted = dict(where or {}), dict(only or {})
        self._known(dict.fromkeys((*by, *fixed, *wanted), ""))
        axes = [next(d for d in self.dimensions if d.key == key) for key in by]
        codes = [list(wanted.get(d.key, d.codes)) for d in axes]
        more = dict(facts or {})
        columns = (
            *(Column(d.key, d.label, d.kind) for d in axes),
            count,
            *more,
            *(item.column for item in derived),
        )
        rows = []
        for combination in product(*codes):
            chosen = dict(zip(by, combination, strict=True))
            cells = {
                d.key: shown(c if d.kind == "month" else d.name(c), d.kind)
                for d, c in zip(axes, combination, strict=True)
            }
            cells[count.key] = self.cell(**(fixed | chosen))
            for column, known in more.items():
                cells[column.key] = shown(known.get(combination[0]), column.kind)
            for item in derived:
                cells[item.column.key] = item.cell(cells)
            rows.append(tuple(cells[column.key] for column in columns))
        return sealed(
            title=title,
            columns=columns,
            rows=tuple(rows),
            audience=self.audience,
            rule=self.rule.label,
            notes=(*notes, self.rule.sentence) if self.rule.protects else tuple(notes),
            synthetic=self.synthetic,
            sources=self.sources,
        )

    def _place(self, dimension: Dimension, code: str) -> int:
        places = dimension.positions
        if code in places:
            return places[code]
        if code == ALL:
            raise Refused(
                f"Figures for all of {dimension.label.lower()} are not added up. Choose one."
            )
        sums = [*dimension.groups, *([ALL] if dimension.total else [])]
        also = f" or these sums: {', '.join(dimension.name(s) for s in sums)}" if sums else ""
        raise Refused(
            f"“{code}” was not protected with the rest of this data, so it cannot be shown. "
            f"For {dimension.label.lower()}, ask for one of its published parts{also}."
        )

    def _known(self, keys: Mapping[str, str]) -> None:
        known = {d.key: d.label.lower() for d in self.dimensions}
        for key in keys:
            if key not in known:
                raise Refused(
                    f"This data is published by {_and(list(known.values()))} only. "
                    f"A breakdown by “{key}” could give hidden figures away."
                )


def _where(
    gap: Mapping[str, str], dimensions: Sequence[Dimension], places: Sequence[Mapping[str, int]]
) -> tuple[int | slice, ...]:
    unknown = set(gap) - {d.key for d in dimensions}
    if unknown:
        raise ValueError(f"No such dimension in this release: {sorted(unknown)}")
    return tuple(
        places[i][gap[d.key]] if d.key in gap else slice(None) for i, d in enumerate(dimensions)
    )


def _reordered(
    found: Protected, dimensions: Sequence[Dimension], places: Sequence[Mapping[str, int]]
) -> Protected:
    """Back from sorted codes to the order of each dimension."""
    order = np.ix_(
        *(
            [*(places[i][code] for code in d.codes), *range(len(d.codes), len(d.positions))]
            for i, d in enumerate(dimensions)
        )
    )
    return Protected(
        found.counts[order],
        found.hidden[order],
        found.missing[order],
        found.primary[order],
        found.reasons[order],
    )


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
