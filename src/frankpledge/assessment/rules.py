"""What an assessment needs before it can close, and how marks are counted: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from frankpledge.assessment.enums import ALLOWED_MOVES, AssessmentState, Mark, SectionKind


class UnableToMove(Exception):
    """The assessment cannot go from its state to the one asked for."""


class UnableToSignOff(Exception):
    """Something is missing; `problems` names each with its remedy."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class UnableToScore(Exception):
    """A score that the scoring model does not know."""


def check_move(old: str, new: AssessmentState) -> None:
    if new not in ALLOWED_MOVES[AssessmentState(old)]:
        raise UnableToMove(
            f"An assessment that is {AssessmentState(old).label.lower()} "
            f"cannot become {new.label.lower()}."
        )


@dataclass(frozen=True)
class SectionView:
    kind: SectionKind
    text: str
    reason_empty: str
    findings: int

    @property
    def is_empty(self) -> bool:
        return not self.text.strip() and not self.findings

    @property
    def is_settled(self) -> bool:
        return not self.is_empty or bool(self.reason_empty.strip())


def problems_before_sign_off(
    sections: Iterable[SectionView], marks: Mapping[str, str], issues: Iterable[str]
) -> tuple[str, ...]:
    """Each reason why an assessment cannot close yet; `marks` are by name of issue."""
    by_kind = {section.kind: section for section in sections}
    found = []
    for kind in SectionKind:
        section = by_kind.get(kind)
        if section is None or not section.is_settled:
            found.append(
                f"“{kind.label}” is empty. Write it, place a Finding in it, "
                "or say why there is nothing."
            )
    unmarked = [issue for issue in issues if issue not in marks]
    if unmarked:
        found.append("Say how you name each of these issues: " + ", ".join(unmarked) + ".")
    if marks and all(mark == Mark.NONE for mark in marks.values()):
        found.append("Name at least one issue as a main priority or a theme.")
    return tuple(found)


def check_scores(axes: list[dict[str, Any]], scores: Mapping[str, int]) -> None:
    """Raises UnableToScore for a missing axis, an unknown one or a level the axis lacks."""
    known = {axis["key"]: {level["value"] for level in axis["levels"]} for axis in axes}
    labels = {axis["key"]: axis["label"] for axis in axes}
    for key in scores:
        if key not in known:
            raise UnableToScore(f"The scoring model has no axis called {key}.")
    for key, levels in known.items():
        if key not in scores:
            raise UnableToScore(f"Choose a level for {labels[key].lower()}.")
        if scores[key] not in levels:
            raise UnableToScore(f"{scores[key]} is not a level of {labels[key].lower()}.")


def total(scores: Mapping[str, int]) -> int | None:
    """The product of the levels, the form of a likelihood and impact grid; None when unscored."""
    if not scores:
        return None
    product = 1
    for value in scores.values():
        product *= value
    return product


def band(bands: list[dict[str, Any]], value: int | None) -> str:
    if value is None:
        return "Not scored"
    for each in bands:
        if each["from"] <= value <= each["to"]:
            return str(each["label"])
    return "Outside the bands"


@dataclass(frozen=True)
class RollUpRow:
    """How many CSPs name an issue, and how; never above the number of CSPs."""

    issue: str
    includes: str
    order: int
    main: tuple[str, ...]
    theme: tuple[str, ...]
    part: tuple[str, ...]

    @property
    def count(self) -> int:
        return len({*self.main, *self.theme, *self.part})


def roll_up(
    issues: Iterable[tuple[str, str, int]], marks: Iterable[tuple[str, str, str]]
) -> tuple[RollUpRow, ...]:
    """Rows sorted by count, ties in the stated order. `marks` are (csp, issue, mark)."""
    by_issue: dict[str, dict[str, set[str]]] = {}
    for csp, issue, mark in marks:
        if mark != Mark.NONE:
            by_issue.setdefault(issue, {}).setdefault(mark, set()).add(csp)
    rows = [
        RollUpRow(
            issue=name,
            includes=includes,
            order=order,
            main=tuple(sorted(by_issue.get(name, {}).get(Mark.MAIN, ()))),
            theme=tuple(sorted(by_issue.get(name, {}).get(Mark.THEME, ()))),
            part=tuple(sorted(by_issue.get(name, {}).get(Mark.PART, ()))),
        )
        for name, includes, order in issues
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.order, row.issue)))
