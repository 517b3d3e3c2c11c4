"""Answers as OData 4: what spreadsheets ask for, the schema, rows chosen from published cells.

Every option works on cells that passed disclosure: a hidden one is null to a filter too, and its
status says that it is hidden. Source: OASIS, "OData Version 4.0" (2014), parts 1 to 3, and its
"JSON Format" and "Common Schema Definition Language".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.sax.saxutils import quoteattr

from frankpledge.analysis.disclosure import PublishableTable
from frankpledge.evidence.queries.formats.geography import attributes

NAMESPACE = "Frankpledge"
PAGE = 500
_EMPTY = "Here a figure that is not shown is empty, and its status says why."
_LONGEST, _MOST = 2000, 1_000_000_000
_OPTIONS = ("$top", "$skip", "$skiptoken", "$select", "$filter", "$orderby", "$count", "$format")


class BadOption(Exception):
    """An option that cannot be read or is not offered; the text says which and what to do."""

    def __init__(self, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


def _kind(*fields: tuple[str, str]) -> dict[str, str]:
    """Properties and their types: a key, the fields with a status of each figure, what to know."""
    found = {"row": "Edm.Int32"}
    for name, kind in fields:
        found[name] = kind
        if kind in ("Edm.Int64", "Edm.Double"):
            found[f"{name}_status"] = "Edm.String"
    return {**found, "what_to_know": "Edm.String"}


TYPES: dict[str, dict[str, str]] = {
    "month": _kind(
        ("month", "Edm.Date"),
        ("count", "Edm.Int64"),
        ("before", "Edm.Double"),
        ("lower", "Edm.Double"),
        ("upper", "Edm.Double"),
        ("centre", "Edm.Double"),
    ),
    "category": _kind(
        ("category", "Edm.String"),
        ("count", "Edm.Int64"),
        ("before", "Edm.Double"),
        ("change", "Edm.Double"),
    ),
    "area": _kind(
        ("code", "Edm.String"),
        ("area", "Edm.String"),
        ("count", "Edm.Int64"),
        ("residents", "Edm.Double"),
        ("rate", "Edm.Double"),
        ("low", "Edm.Double"),
        ("high", "Edm.Double"),
        ("standing", "Edm.String"),
    ),
}
ANSWERS = {
    "answer_by_month": "month",
    "answer_by_kind": "category",
    "answer_by_place": "area",
}


def metadata(sets: Mapping[str, str]) -> str:
    """The schema of these entity sets, named with the breakdown of each."""
    types = []
    for by, fields in TYPES.items():
        lines = [
            f"<Property Name={quoteattr(name)} Type={quoteattr(kind)}"
            + (' Nullable="false"/>' if name == "row" else "/>")
            for name, kind in fields.items()
        ]
        types.append(
            f'<EntityType Name="{by}"><Key><PropertyRef Name="row"/></Key>{"".join(lines)}'
            "</EntityType>"
        )
    named = [
        f'<EntitySet Name={quoteattr(name)} EntityType="{NAMESPACE}.{by}"/>'
        for name, by in sets.items()
    ]
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
        f'<edmx:DataServices><Schema Namespace="{NAMESPACE}" '
        'xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f'{"".join(types)}<EntityContainer Name="Figures">{"".join(named)}</EntityContainer>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )


def entities(table: PublishableTable, by: str) -> list[dict[str, Any]]:
    """A row for each line of the table, of the fields that the schema knows."""
    fields, said = TYPES[by], " ".join((*table.notes, _EMPTY))
    found = []
    for number, row in enumerate(table.rows, start=1):
        told = attributes(table, row)
        if by == "month":
            told["month"] = f"{told['month']}-01"
        known = {"row": number, **told, "what_to_know": said}
        entity = {name: known.get(name) for name in fields}
        for name in fields:
            if name.endswith("_status") and entity[name] is None:
                entity[name] = "missing"  # the answer has no such column
        found.append(entity)
    return found


@dataclass(frozen=True)
class Page:
    """Some rows, how many there are in all, and where the next page begins."""

    rows: list[dict[str, Any]]
    count: int
    next: int | None
    counted: bool
    selected: tuple[str, ...]


def page_of(rows: Sequence[Mapping[str, Any]], by: str, options: Mapping[str, str]) -> Page:
    """The rows that the options choose. Raises BadOption."""
    for name in options:
        if name.startswith("$") and name not in _OPTIONS:
            raise BadOption(f"{name[:40]} is not offered here. Leave it out.", status=501)
    if options.get("$format", "json").lower() not in ("json", "application/json"):
        raise BadOption("Only $format=json is offered.", status=501)
    fields = TYPES[by]
    kept = list(rows)
    if wanted := options.get("$filter"):
        test = _Filter(wanted, fields).test
        kept = [row for row in kept if test(row)]
    for name, down in reversed(_order(options.get("$orderby", ""), fields)):
        told = [row for row in kept if row[name] is not None]
        silent = [row for row in kept if row[name] is None]
        told.sort(key=lambda row, name=name: row[name], reverse=down)
        kept = [*told, *silent] if down else [*silent, *told]
    count = len(kept)
    kept = kept[_number(options, "$skip", 0) :][: _number(options, "$top", _MOST)]
    start = _number(options, "$skiptoken", 0)
    selected = _selected(options.get("$select", ""), fields)
    shown = [{name: row[name] for name in selected or fields} for row in kept[start:][:PAGE]]
    after = start + PAGE if start + PAGE < len(kept) else None
    return Page(shown, count, after, _yes(options.get("$count", "false")), selected)


def _number(options: Mapping[str, str], name: str, otherwise: int) -> int:
    given = options.get(name, "")
    if not given:
        return otherwise
    if not re.fullmatch(r"[0-9]{1,9}", given):
        raise BadOption(f"{name} is a whole number from 0. Write {name}=10.")
    return int(given)


def _yes(given: str) -> bool:
    if given not in ("true", "false"):
        raise BadOption("$count is true or false.")
    return given == "true"


def _selected(given: str, fields: Mapping[str, str]) -> tuple[str, ...]:
    names = [name.strip() for name in given.split(",")] if given.strip() else []
    if "*" in names:
        return ()
    return tuple(dict.fromkeys(_field(name, fields) for name in names))


def _order(given: str, fields: Mapping[str, str]) -> list[tuple[str, bool]]:
    found = []
    for part in given.split(",") if given.strip() else []:
        words = part.split()
        if not words or len(words) > 2 or words[1:] not in ([], ["asc"], ["desc"]):
            raise BadOption("$orderby names columns, each with asc or desc.")
        found.append((_field(words[0], fields), words[1:] == ["desc"]))
    return found


def _field(name: str, fields: Mapping[str, str]) -> str:
    if name not in fields:
        raise BadOption(f"There is no column “{name[:40]}”. Choose from: {', '.join(fields)}.")
    return name


_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9T]))"
    r"|(?P<number>-?[0-9]{1,15}(?:\.[0-9]{1,10})?(?![\w.]))|(?P<word>[A-Za-z_]\w{0,60})"
    r"|(?P<mark>[()]))"
)
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_Test = Callable[[Mapping[str, Any]], bool]


class _Filter:
    """Comparisons of a column with a value, joined by and, or, not and brackets."""

    def __init__(self, text: str, fields: Mapping[str, str]) -> None:
        if len(text) > _LONGEST:
            raise BadOption(f"$filter is longer than {_LONGEST:,} characters. Ask for less.")
        self._fields, self._tokens, self._at, self._deep = fields, _tokens(text), 0, 0
        self.test = self._either()
        if self._at < len(self._tokens):
            raise _unread(self._tokens[self._at][1])

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise BadOption("$filter ends too early. Write a column, eq and a value.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _either(self) -> _Test:
        return self._joined("or", self._both, any)

    def _both(self) -> _Test:
        return self._joined("and", self._one, all)

    def _joined(self, word: str, part: Callable[[], _Test], how: Callable[..., bool]) -> _Test:
        parts = [part()]
        while self._peek() == word:
            self._take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else lambda row: how(test(row) for test in parts)

    def _one(self) -> _Test:
        kind, word = self._take()
        if word == "not" or (kind, word) == ("mark", "("):
            self._deep += 1
            if self._deep > 40:
                raise BadOption("$filter has too many brackets. Ask for less.")
            if word == "not":
                test = self._one()
                return lambda row: not test(row)
            test = self._either()
            if self._take()[1] != ")":
                raise BadOption("$filter leaves a bracket open.")
            return test
        if kind != "word":
            raise _unread(word)
        return self._comparison(_field(word, self._fields))

    def _comparison(self, name: str) -> _Test:
        _, sign = self._take()
        compare = _COMPARED.get(sign)
        if compare is None:
            raise _unread(sign)
        value = self._value(name)
        if sign in ("eq", "ne"):
            return lambda row: compare(row[name], value)
        if value is None:
            return lambda row: False
        return lambda row: row[name] is not None and compare(row[name], value)

    def _value(self, name: str) -> Any:
        kind, text = self._take()
        if (kind, text) == ("word", "null"):
            return None
        wanted = self._fields[name]
        if kind == "text" and wanted == "Edm.String":
            return text[1:-1].replace("''", "'")
        if kind == "date" and wanted == "Edm.Date" and _is_date(text):
            return text
        if kind == "number" and wanted in ("Edm.Int64", "Edm.Int32", "Edm.Double"):
            return float(text) if "." in text else int(text)
        of = {"Edm.String": "text in single quotes", "Edm.Date": "a date such as 2025-01-01"}
        raise BadOption(f"“{name}” is compared with {of.get(wanted, 'a number')}.")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise _unread(text[at:].strip())
        at = token.end()
        found.append((str(token.lastgroup), token.group(str(token.lastgroup))))
    return found


def _unread(what: str) -> BadOption:
    return BadOption(
        f"$filter cannot be read at “{what[:40]}”. Write such as: area eq 'Ash' and count gt 10."
    )


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
