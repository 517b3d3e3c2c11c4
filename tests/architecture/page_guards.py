"""What templates and addresses may not do. Each function returns what it found."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver

# Django looks these up by itself.
BY_NAME = {"400.html", "403.html", "404.html", "500.html", "403_csrf.html"}


def templates(package: Path) -> dict[str, Path]:
    """Every template by the name it is asked for."""
    return {
        path.relative_to(folder).as_posix(): path
        for folder in package.rglob("templates")
        if folder.is_dir()
        for path in folder.rglob("*")
        if path.is_file()
    }


def reaches_records(template: str) -> list[str]:
    tags = re.findall(r"\{[{%].*?[%}]\}", template, re.S)
    return [tag for tag in tags if re.search(r"\.(objects|_default_manager|_base_manager)\b", tag)]


def unused_templates(package: Path, overrides: Iterable[str] = ()) -> list[str]:
    """Templates no Python file and no other template names, and no library looks up."""
    ours = templates(package)
    named: set[str] = BY_NAME | set(overrides)
    patterns: list[re.Pattern[str]] = []
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                patterns.append(_pattern(node))
    for name, path in ours.items():
        asked_for = re.findall(r"""["']([\w./-]+)["']""", path.read_text(encoding="utf-8"))
        named |= {other for other in asked_for if other != name}
    return sorted(
        name
        for name in ours
        if name not in named and not any(pattern.fullmatch(name) for pattern in patterns)
    )


def _pattern(text: ast.JoinedStr) -> re.Pattern[str]:
    return re.compile(
        "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[^/]+"
            for part in text.values
        )
    )


@dataclass(frozen=True)
class Address:
    route: str
    name: str  # with its namespaces; empty where it has none
    ours: bool


def addresses(patterns: Iterable[Any], before: str = "", namespace: str = "") -> Iterator[Address]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = ":".join(part for part in (namespace, pattern.namespace) if part)
            yield from addresses(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern):
            name = ":".join(part for part in (namespace, pattern.name) if part)
            module = getattr(pattern.callback, "__module__", "")
            yield Address(route, name if pattern.name else "", module.startswith("frankpledge."))


def untidy(found: Iterable[Address]) -> list[str]:
    """Our addresses and their names are lower case with hyphens, and end in a slash."""
    wrong = []
    for address in found:
        fixed = re.sub(r"<[^>]+>", "x", address.route)
        standard = address.route.startswith("odata/")  # which sets $metadata and $count
        if not standard and not re.fullmatch(r"(?:[a-z0-9.-]+/)*(?:[a-z0-9-]+\.[a-z0-9]+)?", fixed):
            wrong.append(f"address {address.route}")
        if not re.fullmatch(r"(?:[a-z0-9-]+:)?[a-z0-9]+(?:-[a-z0-9]+)*", address.name):
            wrong.append(f"name {address.name or 'missing'} of {address.route}")
    return wrong


def undecided(found: Iterable[Address], routes: Mapping[str, Any]) -> list[str]:
    """Addresses nobody decides about, and decisions about no address.

    One without a name answers nobody: a library's may be left so, ours are found by `untidy`.
    """
    named = {address.name for address in found if address.name}
    return [
        *(f"{name} has no entry" for name in named - set(routes)),
        *(f"{name} is no address" for name in set(routes) - named),
    ]
