"""What has to be asked of a file before it is read, and how an answer changes its reading."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from frankpledge.contracts import (
    About,
    Choice,
    Column,
    ColumnMapping,
    Contract,
    Part,
    Unclear,
    Unreadable,
    look,
    read,
    suggested,
)

WORDS = "words"
LEAVE_OUT, NOTHING = "#leave-out", "#nothing"
_MOST_WORDS = 60
_SHARE = 0.1  # fewer strange words than this come back row by row
_ANSWERABLE = (About.COLUMNS, About.HEADER)


@dataclass(frozen=True)
class Asked:
    """One thing to be asked; `words` are those of each column that the contract does not know."""

    about: str
    sentence: str
    remedy: str
    options: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, held: Mapping[str, Any]) -> Asked:
        words = {name: tuple(listed) for name, listed in held["words"].items()}
        return cls(**{**held, "options": tuple(held["options"]), "words": words})

    @classmethod
    def of(cls, unclear: Unclear) -> Asked:
        return cls(unclear.about, unclear.sentence, unclear.remedy, unclear.options)

    @property
    def can_be_answered(self) -> bool:
        return bool(self.options) or self.about in (*_ANSWERABLE, WORDS)


def first_question(
    source: Path, contract: Contract, *, name: str, choice: Choice, worded: bool
) -> Asked | None:
    """The next thing to ask. What cannot be answered is left to the check, which refuses it."""
    try:
        seen = look(source, contract, name=name, choice=choice)
    except Unreadable:
        return None
    if seen.questions:
        first = seen.questions[0]
        asked = Asked(first.about, first.sentence, first.remedy, first.options)
        return asked if asked.can_be_answered else None
    if seen.refusal or worded:
        return None
    return _words(source, contract, name, choice)


def is_clear(source: Path, contract: Contract, *, name: str, choice: Choice) -> bool:
    """Whether a file can be read so without asking anything."""
    try:
        seen = look(source, contract, name=name, choice=choice)
    except Unreadable:
        return False
    if seen.questions or seen.refusal:
        return False
    return _words(source, contract, name, choice) is None


def _words(source: Path, contract: Contract, name: str, choice: Choice) -> Asked | None:
    """Words of the beginning that stand where a code of the contract is wanted."""
    part = first_part(source, contract, name, choice)
    if part is None:
        return None
    by_hand = choice.mapping is not None
    found: dict[str, tuple[str, ...]] = {}
    for each in contract.fields:
        if not each.codes or each.defined_by:
            continue
        given = part.table.frame[each.name].drop_nulls()
        strange = given.filter(~given.is_in([code.value for code in each.codes]))
        words = strange.value_counts(sort=True)[each.name].to_list()
        if not words or len(words) > _MOST_WORDS:
            continue
        if by_hand or strange.len() > _SHARE * given.len():
            found[each.name] = tuple(words)
    if not found:
        return None
    labels = ", ".join(contract.field(each).label for each in found)
    return Asked(
        WORDS,
        f"These columns hold words that the contract does not know: {labels}.",
        "Say what each word means.",
        words=found,
    )


def first_part(source: Path, contract: Contract, name: str, choice: Choice) -> Part | None:
    parts = read(source, contract, name=name, choice=choice)
    try:
        return next(parts, None)
    except Unreadable:
        return None
    finally:
        _close(parts)


def _close(parts: Iterator[Part]) -> None:
    close = getattr(parts, "close", None)
    if close:
        close()


def answered(choice: Choice, asked: Asked, answer: str) -> Choice:
    """The reading once one of the options was taken."""
    match asked.about:
        case About.SHEET:
            return replace(choice, sheet=answer)
        case About.TABLE | About.HEADER:
            return replace(choice, header_row=int(answer))
        case About.HIDDEN:
            return replace(choice, hidden="read" if answer == "read" else "leave")
        case About.DAY_FIRST:
            return replace(choice, day_first=answer == "day")
        case About.DATES:
            return replace(choice, dates_are_right=True)
    return choice


def with_columns(
    choice: Choice, contract: Contract, headers: Mapping[str, str], constants: Mapping[str, str]
) -> Choice:
    """Which column is which, as a person said; a field that has neither stays empty."""
    columns = [Column(name, (header,)) for name, header in headers.items() if header]
    columns += [
        Column(name, constant=text)
        for name, text in constants.items()
        if text and not headers.get(name)
    ]
    return replace(choice, mapping=ColumnMapping(contract.key, tuple(columns)))


def with_words(
    choice: Choice,
    contract: Contract,
    meant: Mapping[str, Mapping[str, str]],
    *,
    headers: tuple[str, ...],
) -> Choice:
    """What the words mean. A word without a meaning stays as it is, so that its rows come back."""
    mapping = choice.mapping or suggested([each for each in headers if each], contract)
    columns, kept = [], dict(mapping.kept)
    for column in mapping.columns:
        said = meant.get(column.field, {})
        values = {
            word: "" if means == NOTHING else means
            for word, means in said.items()
            if means and means != LEAVE_OUT
        }
        if column.headers and LEAVE_OUT in said.values():
            stay = [word for word, means in said.items() if means != LEAVE_OUT]
            codes = [code.value for code in contract.field(column.field).codes]
            kept[column.headers[0]] = tuple(dict.fromkeys([*stay, *codes]))
        columns.append(replace(column, values={**column.values, **values}) if values else column)
    return replace(choice, mapping=replace(mapping, columns=tuple(columns), kept=kept))


def to_remember(choice: Choice) -> dict[str, Any]:
    """What holds of the next file too: not its hidden rows, nor dates looked at one by one."""
    return replace(choice, hidden="", dates_are_right=False).as_dict()


def recalled(held: Mapping[str, Any]) -> tuple[Choice, ...]:
    """Ways to read the next file, from the columns alone to all that was said of the last one."""
    whole = Choice.from_dict(held)
    bare = replace(whole, sheet="", header_row=None)
    ways: list[Choice] = []
    for each in (bare, replace(whole, header_row=None), whole):
        if each not in ways:
            ways.append(each)
    return tuple(ways)


def within(choice: Choice, contract: Contract) -> Choice:
    """The same reading of a contract of which an agreement lets only some columns in."""
    if choice.mapping is None:
        return choice
    names = {each.name for each in contract.fields}
    columns = tuple(each for each in choice.mapping.columns if each.field in names)
    return replace(choice, mapping=replace(choice.mapping, columns=columns))


def choice_written(text: str, contract: Contract) -> Choice:
    """What a file of choices says. Raises Unreadable where it cannot be understood."""
    try:
        held = json.loads(text)
        if mapping := held.get("mapping"):
            mapping.setdefault("contract", contract.key)
            for each in mapping["columns"]:
                each.setdefault("headers", [])
        if unknown := sorted(set(held) - set(Choice.__dataclass_fields__)):
            raise ValueError(f"nobody knows {', '.join(unknown)}")
        choice = Choice.from_dict(held)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Unreadable(
            f"The choices cannot be understood: {problem}.",
            "Write them as the how-to on choices shows.",
        ) from None
    fields = {each.name for each in contract.fields}
    named = choice.mapping.fields if choice.mapping else frozenset()
    if strange := sorted(named - fields):
        raise Unreadable(
            f"The choices speak of columns that {contract.title} does not have: "
            f"{', '.join(strange)}.",
            f"Use these names: {', '.join(each.name for each in contract.fields)}.",
        )
    return choice
