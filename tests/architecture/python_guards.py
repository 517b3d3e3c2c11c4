"""What Python files of a room may not do, read from their syntax. Each returns what it found."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

MANAGERS = {"objects", "_default_manager", "_base_manager"}
SHORTCUTS = {"get_object_or_404", "get_list_or_404", "aget_object_or_404", "aget_list_or_404"}
CLOCKS = {
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
    "timezone": {"now", "localdate", "localtime"},
    "clock": {"now", "today"},
    "time": {"time", "localtime", "gmtime"},
}
SHAPELESS = {"utils", "helpers", "services", "common", "misc"}
MOST_LINES = 500
PLACES = (
    "Kent|Medway|Ashford|Canterbury|Dartford|Dover|Folkestone|Hythe|Gravesham|Maidstone"
    "|Sevenoaks|Shepway|Swale|Thanet|Tonbridge|Malling|Tunbridge"
)


def _said(node: ast.AST, what: str) -> str:
    return f"line {getattr(node, 'lineno', 0)}: {what}"


def _ours(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").startswith("frankpledge.")


def _names(source: str) -> Iterator[tuple[ast.AST, str, str]]:
    """Every `owner.name` and every `from owner import name`, by the last word of the owner."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            owner = node.value
            last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            yield node, last, node.attr
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node, (node.module or "").rpartition(".")[2], alias.name


def reaches_records(source: str) -> list[str]:
    """A view, form or address may not go to the records by itself: `find` and queries decide."""
    found = []
    for node, owner, name in _names(source):
        if name in MANAGERS or name in SHORTCUTS:
            found.append(_said(node, f"{owner}.{name} goes round the access decision"))
        elif owner == "models" and name.endswith(("Manager", "QuerySet")) and _ours(node):
            found.append(_said(node, f"imports {name}"))
    return found


def saves(source: str) -> list[str]:
    """A form or view leaves writing to actions."""
    return [
        _said(node, f".{node.func.attr}() writes")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"save", "delete", "bulk_create", "bulk_update"}
    ]


def reads_clock(source: str) -> list[str]:
    """Rules, queries, actions and models are told the time."""
    return [
        _said(node, f"{owner}.{name} reads the clock")
        for node, owner, name in _names(source)
        if name in CLOCKS.get(owner, set())
    ]


def shapeless(package: Path) -> list[str]:
    """Files too long to hold in mind, or named after nothing."""
    found = []
    for path in sorted(package.rglob("*.py")):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MOST_LINES and "migrations" not in path.parts:
            found.append(f"{path.relative_to(package)} has {lines} lines: make it a package")
        if path.stem in SHAPELESS or path.parent.name in SHAPELESS:
            found.append(f"{path.relative_to(package)} is named after nothing")
    return found


def knows_a_place(text: str) -> list[str]:
    """Names and official codes of places belong in data, never in code."""
    return re.findall(rf"\b(?:{PLACES})\b|\bE(?:06|07|10)\d{{6}}\b", text)
