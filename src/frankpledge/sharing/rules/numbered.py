"""Numbered text, as pasted from a document, split into clauses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

LONGEST_NUMBER = 12
LONGEST_HEADING = 120
_LINE = re.compile(r"^(?:clause\s+)?(\d{1,3}(?:\.\d{1,3}){0,5})(\.|\)|:)?(?:\s+(.*))?$", re.I)
_SENTENCE_ENDS = (".", ";", ":", ",", "?", "!")


@dataclass(frozen=True)
class TypedClause:
    number: str
    heading: str
    text: str
    line: int

    @property
    def depth(self) -> int:
        return self.number.count(".")

    @property
    def parent(self) -> str:
        return self.number.rpartition(".")[0]


@dataclass(frozen=True)
class Split:
    """The clauses found, what must be put right, and what is worth a look."""

    clauses: tuple[TypedClause, ...]
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass
class _Open:
    number: str
    line: int
    rows: list[str] = field(default_factory=list)


def split_numbered(text: str) -> Split:
    """Split at lines that begin with a number: 1, 1.1, 1.1.1; lines without one go on.

    A lone number that does not follow the one before it (“12 months after …”) is taken as words.
    The first line of a clause is its heading where it is short and does not end as a sentence.
    """
    found: list[_Open] = []
    loose: list[int] = []
    remarks: list[str] = []
    for at, raw in enumerate(_lines(text), start=1):
        number, words = _numbered(raw, found[-1].number if found else "")
        if number:
            if found and not follows(found[-1].number, number):
                remarks.append(
                    f"Line {at}: {number} comes after {found[-1].number}. Is a clause missing?"
                )
            found.append(_Open(number, at, [words] if words else []))
        elif not raw:
            continue
        elif found:
            found[-1].rows.append(raw)
        else:
            loose.append(at)
    problems = []
    if loose:
        problems.append(
            f"Line {loose[0]} has no number. Begin with a numbered line, such as 1 Purpose."
        )
    if not found and not loose:
        problems.append("There is no text. Paste the numbered clauses.")
    clauses = tuple(_closed(each) for each in found)
    problems += _doubles(clauses)
    return Split(clauses, tuple(problems), tuple(remarks))


def _lines(text: str) -> list[str]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n")
    return [re.sub(r"[ \t\u00a0\u2007\u202f]+", " ", line).strip() for line in plain.split("\n")]


def _numbered(line: str, before: str) -> tuple[str, str]:
    match = _LINE.match(line)
    if match is None:
        return "", ""
    number, mark, words = match.group(1), match.group(2), match.group(3) or ""
    number = ".".join(str(int(part)) for part in number.split("."))
    plain = "." not in number and not mark and not line[:1].isalpha()
    if plain and (not words or (before and not follows(before, number))):
        return "", ""
    if "." in number and not words and not mark and before and not follows(before, number):
        return "", ""
    return (number, words) if len(number) <= LONGEST_NUMBER else ("", "")


def follows(before: str, number: str) -> bool:
    """Is this the next number: 1.2 after 1.1, 1.1.1 after 1.1, 2 after 1.1.1?"""
    old = [int(part) for part in before.split(".")]
    new = [int(part) for part in number.split(".")]
    if len(new) > len(old):
        return new[:-1] == old and new[-1] == 1
    return new[:-1] == old[: len(new) - 1] and new[-1] == old[len(new) - 1] + 1


def _closed(clause: _Open) -> TypedClause:
    rows = clause.rows
    first = rows[0] if rows else ""
    is_heading = bool(first) and len(first) <= LONGEST_HEADING and first[-1] not in _SENTENCE_ENDS
    if is_heading:
        return TypedClause(clause.number, first, "\n".join(rows[1:]), clause.line)
    return TypedClause(clause.number, "", "\n".join(rows), clause.line)


def _doubles(clauses: tuple[TypedClause, ...]) -> list[str]:
    seen: dict[str, int] = {}
    problems = []
    for clause in clauses:
        if clause.number in seen:
            problems.append(
                f"Line {clause.line}: {clause.number} is there already, on line "
                f"{seen[clause.number]}. Give each clause its own number."
            )
        seen.setdefault(clause.number, clause.line)
        if not clause.heading and not clause.text:
            problems.append(f"Line {clause.line}: {clause.number} has no words.")
    return problems


def joined(clauses: Iterable[tuple[str, str, str]]) -> str:
    """Number, heading and text of each clause as numbered text again."""
    lines = []
    for number, heading, text in clauses:
        lines.append(f"{number} {heading or text}")
        if heading and text:
            lines.append(text)
    return "\n".join(lines)
