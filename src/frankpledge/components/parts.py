"""What a view hands to the parts of a page: plain values, no markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest


class Crumb(NamedTuple):
    label: str
    url: str


class Link(NamedTuple):
    """One entry of the service navigation."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class Fact:
    """One line of a summary list. `change` says what the change link changes."""

    label: str
    value: Any
    url: str = ""
    change_url: str = ""
    change: str = ""


@dataclass(frozen=True)
class Task:
    """One line of a task list; no address means that it cannot be started yet."""

    label: str
    status: str
    url: str = ""
    colour: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Event:
    """One entry of a timeline."""

    title: str
    by: str
    when: Any
    text: str = ""
    url: str = ""
    link: str = ""


@dataclass(frozen=True)
class Tab:
    """One tab: its template is drawn with the context of the page."""

    id: str
    label: str
    template: str


@dataclass(frozen=True)
class Download:
    label: str
    url: str


def done(request: HttpRequest, text: str, *, undo_url: str = "") -> None:
    """Tells on the next page what was done. `undo_url` is called by POST to take it back."""
    messages.success(request, text, extra_tags=f"undo={undo_url}" if undo_url else "")


def crumbs(*pairs: tuple[str, str]) -> Sequence[Crumb]:
    return [Crumb(*pair) for pair in pairs]
