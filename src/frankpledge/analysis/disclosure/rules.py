"""Disclosure rules as dated data."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


class NoRuleInForce(LookupError):
    """No rule says what this audience may see that day, so it sees nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What is done to counts before an audience sees them.

    `suppress_below` k hides counts from 1 to k-1 (0 or 1 hides none); `zero_shown` False hides 0
    with them. `round_to` rounds what is shown, and every total, to the nearest multiple, halves up;
    1 leaves figures as they are. `secondary` hides further cells until no hidden one can be worked
    out from totals. `valid_from` and `valid_to` are both inclusive, None is open.

    Three more rules look at who is behind a figure (`protect` then needs the contributions):
    `fewest_contributors` hides figures with fewer; `dominance` (n, k) hides those of which the n
    largest contributors hold more than k percent; `p_percent` hides those from which the second
    largest could work out the largest to within p percent. `contributor_range` is how far, as a
    share of the figure, one with few contributors must stay in doubt. Source: Hundepool et al.
    (2012), "Statistical Disclosure Control", 4.2.
    """

    name: str
    version: str
    suppress_below: int
    round_to: int = 1
    zero_shown: bool = True
    secondary: bool = True
    audience: str = "public"
    fewest_contributors: int = 0
    dominance: tuple[int, float] | None = None
    p_percent: float | None = None
    contributor_range: float = 0.3
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if self.suppress_below < 0 or self.round_to < 1:
            raise ValueError("A rule suppresses below 0 or more and rounds to 1 or more.")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("A rule ends on or after the day it begins.")
        if self.dominance and not (self.dominance[0] >= 1 and 0 < self.dominance[1] < 100):
            raise ValueError(
                "A dominance rule (n, k) needs n of 1 or more and k between 0 and 100."
            )
        if self.p_percent is not None and not self.p_percent > 0:
            raise ValueError("A p percent rule needs p above 0.")
        if self.fewest_contributors < 0 or not 0 < self.contributor_range <= 1:
            raise ValueError("Contributors number 0 or more; their range lies between 0 and 1.")

    @property
    def suppresses(self) -> bool:
        return self.suppress_below > (1 if self.zero_shown else 0)

    @property
    def looks_behind(self) -> bool:
        """Whether it asks who contributed to a figure."""
        return bool(self.fewest_contributors > 1 or self.dominance or self.p_percent)

    @property
    def protects(self) -> bool:
        return self.suppresses or self.round_to > 1 or self.looks_behind

    @property
    def floor(self) -> int:
        """The smallest count that a hidden cell can hold."""
        return 1 if self.zero_shown else 0

    def in_force(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )

    def rounded(self, count: int) -> int:
        """To the nearest multiple of `round_to`, halves up: 7 → 5 and 8 → 10 at base 5."""
        return (count + self.round_to // 2) // self.round_to * self.round_to

    @property
    def label(self) -> str:
        return f"{self.name}, version {self.version}"

    @property
    def sentence(self) -> str:
        """What was done, for readers of the table."""
        if not self.protects:
            return "No figure is suppressed or rounded."
        said = []
        if self.suppresses:
            highest = self.suppress_below - 1
            few = str(highest) if highest == self.floor else f"{self.floor} to {highest}"
            said.append(f"Counts of {few} are shown as [c].")
        if self.looks_behind:
            said.append("Figures that rest on few contributors are shown as [c].")
        if said and self.secondary:
            said.append("Other counts are hidden where one could be worked out from totals.")
        if self.round_to > 1:
            said.append(
                f"Counts and totals are rounded to the nearest {self.round_to}, "
                "so they may not add up."
            )
        return " ".join(said)


NONE = Rule(
    name="No disclosure control",
    version="1",
    suppress_below=0,
    secondary=False,
    audience="",
    source="For data that is published already, or an audience that no rule covers",
)

PARTNER_PUBLIC = Rule(
    name="Partner data for the public",
    version="1",
    suppress_below=5,
    round_to=5,
    source=(
        "After NHS Digital, disclosure control methodology for HES and ECDS from September 2018 "
        "(small counts as *, others to the nearest 5), with the threshold 5 of ONS 2006 guidance"
    ),
)

HOSPITAL_STATISTICS = Rule(
    name="Hospital statistics",
    version="2018-09",
    suppress_below=8,
    round_to=5,
    source=(
        "NHS Digital, disclosure control methodology for HES and ECDS from September 2018: 0 as 0, "
        "1 to 7 as *, others to the nearest 5. We also hide what totals would still give away"
    ),
)

FEW_BEHIND = Rule(
    name="Safe statistics of organisations",
    version="1",
    suppress_below=0,
    fewest_contributors=10,
    dominance=(2, 90.0),
    p_percent=10.0,
    source=(
        "The thresholds of the SACRO guidelines as the ACRO tool sets them: 10 contributors, "
        "(2, 90) dominance, 10 percent. The public has no such rule unless one is chosen"
    ),
)


def rule_on(rules: Iterable[Rule], *, audience: str, on: date) -> Rule:
    """The rule for an audience on a day; the one that began last if several are in force.

    Raises NoRuleInForce: no rule means no answer, never an unprotected one.
    """
    found = [rule for rule in rules if rule.audience == audience and rule.in_force(on)]
    if not found:
        raise NoRuleInForce(f"No disclosure rule says what “{audience}” may see on {on}.")
    return max(found, key=lambda rule: (rule.valid_from or date.min, rule.version))
