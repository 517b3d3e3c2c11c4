"""What an assessment needs before it can close, and how marks are counted: pure functions."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, product
from math import prod
from typing import Any

from frankpledge.assessment.enums import ALLOWED_MOVES, NAMED, AssessmentState, Mark, SectionKind


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
    marks = {issue: mark for issue, mark in marks.items() if mark}
    unmarked = [issue for issue in issues if issue not in marks]
    if unmarked:
        found.append("Say how you name each of these issues: " + ", ".join(unmarked) + ".")
    if marks and all(mark == Mark.NONE for mark in marks.values()):
        found.append("Name at least one issue as a main priority or a theme.")
    return tuple(found)


def check_open(cycle: str, closed_on: date | None, today: date) -> None:
    """Raises UnableToMove where the cycle's result stands."""
    if closed_on is not None and closed_on <= today:
        raise UnableToMove(
            f"The cycle {cycle} closed on {closed_on:%-d %B %Y} and its result stands."
        )


class UnableToLoad(Exception):
    """A pasted scoring matrix that cannot be used; the sentence names the line."""


@dataclass(frozen=True)
class Matrix:
    axes: list[dict[str, Any]]
    bands: list[dict[str, Any]]


def matrix(text: str) -> Matrix:
    """Axes and bands from cells: `level, axis, value, meaning, guidance` and
    `band, , from-to, meaning`, apart by commas, tabs or semicolons. Raises UnableToLoad."""
    axes: dict[str, list[dict[str, Any]]] = {}
    bands: list[dict[str, Any]] = []
    for number, cells in _rows(text):
        kind = cells[0].lower()
        if kind == "kind":
            continue
        cells += [""] * (5 - len(cells))
        if kind == "level":
            _add_level(axes, cells, number)
        elif kind == "band":
            bands.append(_band(cells, number))
        else:
            raise UnableToLoad(
                f"Line {number} begins with “{cells[0]}”. Begin it with level or band."
            )
    if not axes:
        raise UnableToLoad("There is no level. Copy the example, change it and paste all of it.")
    for axis, levels in axes.items():
        if len(levels) < 2:
            raise UnableToLoad(f"“{axis}” has one level only. Give it at least two.")
    found = [
        {"key": f"axis-{place}", "label": axis, "levels": sorted(levels, key=lambda e: e["value"])}
        for place, (axis, levels) in enumerate(axes.items(), 1)
    ]
    return Matrix(found, _covering(found, bands))


def _rows(text: str) -> Iterable[tuple[int, list[str]]]:
    """Each line that says anything, with its number. The first line tells what stands between."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max("\t;,", key=first.count))
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error:
        raise UnableToLoad(
            f"Line {reader.line_num} cannot be read. Save the file from your spreadsheet again."
        ) from None


@dataclass(frozen=True)
class Grid:
    """Two axes as a table: what each meeting of levels comes to."""

    down: str
    across: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def grid(found: Matrix) -> Grid | None:
    """None for any other number of axes than two."""
    if len(found.axes) != 2:
        return None
    down, across = found.axes
    return Grid(
        down=down["label"],
        across=across["label"],
        columns=tuple(_level(each) for each in across["levels"]),
        rows=tuple(
            (_level(row), tuple(_cell(found, row, each) for each in across["levels"]))
            for row in down["levels"]
        ),
    )


def _level(level: Mapping[str, Any]) -> str:
    return f"{level['value']}: {level['label']}"


def _cell(found: Matrix, row: Mapping[str, Any], column: Mapping[str, Any]) -> str:
    score = row["value"] * column["value"]
    return f"{score}: {band(found.bands, score)}"


def _add_level(axes: dict[str, list[dict[str, Any]]], cells: list[str], number: int) -> None:
    _, axis, value, label, guidance = cells[:5]
    if not axis or not label:
        raise UnableToLoad(f"Line {number} needs the name of the axis and what the level means.")
    if not re.fullmatch(r"[1-9][0-9]{0,2}", value):
        raise UnableToLoad(f"Line {number}: “{value}” is no level. Write a whole number from 1.")
    levels = axes.setdefault(axis, [])
    if any(level["value"] == int(value) for level in levels):
        raise UnableToLoad(f"Line {number}: “{axis}” has a level {value} already.")
    levels.append({"value": int(value), "label": label, "guidance": guidance})


def _band(cells: list[str], number: int) -> dict[str, Any]:
    found = re.fullmatch(r"([0-9]{1,6})\s*(?:-|–|to)\s*([0-9]{1,6})", cells[2])
    if not found or int(found[1]) > int(found[2]) or not cells[3]:
        raise UnableToLoad(
            f"Line {number}: write a band as two numbers and its meaning, such as 1-3 and Low."
        )
    return {"from": int(found[1]), "to": int(found[2]), "label": cells[3]}


def _covering(axes: list[dict[str, Any]], bands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The bands in order. Raises UnableToLoad where two overlap or a score has none."""
    ordered = sorted(bands, key=lambda each: each["from"])
    for before, after in pairwise(ordered):
        if after["from"] <= before["to"]:
            raise UnableToLoad(f"The bands {before['label']} and {after['label']} overlap.")
    values = [[level["value"] for level in axis["levels"]] for axis in axes]
    if prod(len(each) for each in values) > 10_000:
        raise UnableToLoad("That is more than 10,000 combinations. Use fewer levels or axes.")
    for combination in product(*values):
        if band(ordered, prod(combination)) == "Outside the bands":
            raise UnableToLoad(
                f"A score of {prod(combination)} is in no band. Add or widen a band."
            )
    return ordered


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
        if mark in NAMED:
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
