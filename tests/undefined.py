"""A page that names a variable nobody gave it fails, in every test that draws one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

OURS = str(Path(__file__).resolve().parent.parent / "src")


class UndefinedVariable(Exception):
    """A template of ours printed something that was never defined."""


class Undefined(str):
    """What Django prints instead of a missing variable; a library's templates may, ours may not."""

    def __contains__(self, text: object) -> bool:
        return text == "%s"

    def __mod__(self, variable: object) -> str:
        where = _template()
        if where and not where.startswith((OURS, "<")):
            return ""
        raise UndefinedVariable(f"{variable} is not defined in {where or 'a template'}")


def _template() -> str:
    """The file of the innermost template node that is being drawn."""
    from django.template.base import Node

    frame = sys._getframe(1)
    while frame is not None:
        node = frame.f_locals.get("self")
        if isinstance(node, Node) and getattr(node, "origin", None):
            return str(node.origin.name)
        frame = frame.f_back  # type: ignore[assignment]
    return ""


@pytest.fixture(autouse=True)
def undefined_variables_fail(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from django.template import engines

    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", Undefined("undefined"))
    yield
