"""Small areas of two census vintages at one geography.

The Office for National Statistics publishes 2011 ↔ 2021 LSOAs with a change code: U unchanged,
S one 2011 area split, M several merged into one, X changed irregularly. Counts cannot be split
between areas, so a series over both vintages stands at the smallest units that both share: areas
are joined wherever the look-up links them, which for a split gives the 2011 parent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CHANGES = {"U": "unchanged", "S": "split", "M": "merged", "X": "irregular"}


class ContradictoryChange(ValueError):
    """A change code does not fit the links it stands beside."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest area that both vintages share.

    `code` is the 2011 code where there is one, else the first of several with how many more stand
    with it ("E01000001+2").
    """

    code: str
    areas_2011: tuple[str, ...]
    areas_2021: tuple[str, ...]
    change: str


@dataclass(frozen=True)
class Bridge:
    """`units` maps every code of either vintage to the code of its unit."""

    units: Mapping[str, str]
    members: Mapping[str, Unit]

    @classmethod
    def build(cls, changes: Iterable[tuple[str, str, str]]) -> "Bridge":
        """From (2011 code, 2021 code, change code). Raises ContradictoryChange."""
        links = sorted(set(changes))
        parent: dict[str, str] = {}

        def root(code: str) -> str:
            parent.setdefault(code, code)
            while parent[code] != code:
                parent[code] = parent[parent[code]]
                code = parent[code]
            return code

        for old, new, change in links:
            if change not in CHANGES:
                raise ContradictoryChange(f"{old} to {new} has the unknown change “{change}”.")
            first, second = sorted((root(old), root(new)))
            parent[second] = first
        groups: dict[str, list[tuple[str, str, str]]] = {}
        for link in links:
            groups.setdefault(root(link[0]), []).append(link)
        members = [_unit(group) for group in groups.values()]
        return cls(
            units={c: u.code for u in members for c in (*u.areas_2011, *u.areas_2021)},
            members={unit.code: unit for unit in members},
        )

    def vintages(self, code: str) -> frozenset[int]:
        """In which censuses the code stands: 2011, 2021, both or, if unknown, neither."""
        unit = self.members.get(self.units.get(code, ""))
        if unit is None:
            return frozenset()
        found = {2011} if code in unit.areas_2011 else set()
        return frozenset(found | ({2021} if code in unit.areas_2021 else set()))


def _unit(links: list[tuple[str, str, str]]) -> Unit:
    old = tuple(sorted({link[0] for link in links}))
    new = tuple(sorted({link[1] for link in links}))
    changes = {link[2] for link in links}
    change = changes.pop() if len(changes) == 1 else "X"
    fits = {"U": old == new and len(old) == 1, "S": len(old) == 1, "M": len(new) == 1, "X": True}
    if not fits[change]:
        raise ContradictoryChange(
            f"“{CHANGES[change]}” does not fit {', '.join(old)} becoming {', '.join(new)}."
        )
    code = old[0] if len(old) == 1 else f"{old[0]}+{len(old) - 1}"
    return Unit(code, old, new, change)
