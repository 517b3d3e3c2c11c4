"""Versions and their change notes: pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from frankpledge.agreement.enums import (
    ALLOWED_MOVES,
    ChangeKind,
    Outcome,
    ProposalState,
    VersionState,
)

PART = re.compile(r"^\s*\[\[([a-z-]+)\]\]\s*$")
NUMBER = re.compile(r"\d+(\.\d+)*", re.ASCII)
TYPED_NUMBER = re.compile(r"^\s*\d+\.\d+\.?\s+")


class UnableToMove(Exception):
    """The version cannot go from its state to the one asked for."""


class UnableToPublish(Exception):
    """Notes and chapters disagree, or something is missing; `problems` names each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class UnableToDecide(Exception):
    """The proposal has been decided already."""


def check_move(old: str, new: VersionState) -> None:
    if new not in ALLOWED_MOVES[VersionState(old)]:
        raise UnableToMove(
            f"A version that is {VersionState(old).label.lower()} "
            f"cannot become {new.label.lower()}."
        )


def outcome(kind: ChangeKind | str, *, of_theme: bool) -> Outcome:
    """What becomes of a priority or theme when an agreed change takes effect."""
    kind = ChangeKind(kind)
    if kind == ChangeKind.KEPT:
        return Outcome.STAYS
    if kind == ChangeKind.REMOVED:
        return Outcome.ENDS
    stays_a_theme = of_theme and kind in (ChangeKind.RENAMED, ChangeKind.WIDENED)
    return Outcome.THEME if kind == ChangeKind.DEMOTED or stays_a_theme else Outcome.PRIORITY


def check_undecided(state: str) -> None:
    if state != ProposalState.PROPOSED:
        raise UnableToDecide(
            f"This proposal is already {ProposalState(state).label.lower()}. Make a new one."
        )


def check_can_end(name: str, begins: date | None, ended: date | None, ends: date) -> None:
    """Raises UnableToDecide where an earlier decision or a later beginning stands against it."""
    if ended is not None:
        raise UnableToDecide(
            f"“{name}” ends on {ended:%-d %B %Y} by an earlier decision. Make a new proposal."
        )
    if begins is not None and ends < begins:
        raise UnableToDecide(
            f"“{name}” begins on {begins:%-d %B %Y}. Choose a draft that takes effect later."
        )


def changed_chapters(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Each chapter that differs: added, removed or changed. The values are digests of content."""
    changes = {}
    for key in after:
        if key not in before:
            changes[key] = "added"
        elif before[key] != after[key]:
            changes[key] = "changed"
    changes.update({key: "removed" for key in before if key not in after})
    return changes


def note_problems(
    changed: Mapping[str, str], noted: set[str], labels: Mapping[str, str]
) -> tuple[str, ...]:
    """A changed chapter without a note, or a note on a chapter that did not change."""
    silent = [
        f"{labels.get(key, key)} was {what} and has no change note. Write one."
        for key, what in changed.items()
        if key not in noted
    ]
    idle = [
        f"A note speaks of {labels.get(key, key)}, which did not change. Take the note out."
        for key in sorted(noted - set(changed))
    ]
    return tuple(silent + idle)


def cycle_problems(cycle: str, closed_on: date | None, today: date) -> tuple[str, ...]:
    """What an open cycle of assessments stands in the way of: its table may still change."""
    if cycle and (closed_on is None or closed_on > today):
        return (
            f"The cycle {cycle} is still open, so its county table may change. "
            "Close the cycle, or choose another for this version.",
        )
    return ()


def parts_in(text: str) -> list[str]:
    return [match[1] for line in text.splitlines() if (match := PART.match(line))]


def pieces(text: str) -> list[tuple[str, str]]:
    """The text in order: ("text", words) and ("part", name)."""
    found: list[tuple[str, str]] = []
    words: list[str] = []
    for line in text.splitlines():
        match = PART.match(line)
        if match is None:
            words.append(line)
            continue
        if any(word.strip() for word in words):
            found.append(("text", "\n".join(words)))
        words = []
        found.append(("part", match[1]))
    if any(word.strip() for word in words):
        found.append(("text", "\n".join(words)))
    return found


def suggested_note(kind: ChangeKind | str, name: str, new_name: str) -> str:
    """The words a decided change of priority gives to the change note."""
    return {
        ChangeKind.ADDED: f"“{new_name or name}” added as a priority",
        ChangeKind.RENAMED: f"“{name}” renamed “{new_name}”",
        ChangeKind.WIDENED: f"“{name}” widened"
        + (f" to “{new_name}”" if new_name and new_name != name else ""),
        ChangeKind.PROMOTED: f"“{name}” moved from theme to priority",
        ChangeKind.DEMOTED: f"“{name}” moved from priority to theme",
        ChangeKind.REMOVED: f"“{name}” removed",
        ChangeKind.KEPT: f"“{name}” reviewed, no change",
    }[ChangeKind(kind)]
