"""Machines that ask with a key. The room that keeps the keys says whose each is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from frankpledge.access.actors import Actor
from frankpledge.access.problems import Problem

# Gives the actor a key stands for. Raises Problem where it may not be used (now).
KeySource = Callable[[str, date, datetime], Actor]
_sources: list[KeySource] = []
_SAY_IT = {"WWW-Authenticate": 'Bearer realm="Frankpledge"'}


def register_keys(source: KeySource) -> KeySource:
    _sources.append(source)
    return source


def no_key(
    title: str = "This key is not known.",
    remedy: str = "Send a key that is in use, as Authorization: Bearer and the key.",
) -> Problem:
    return Problem(401, title, remedy, headers=_SAY_IT)


def machine_for(authorization: str, on: date, now: datetime) -> Actor:
    """The actor that an Authorization header stands for. Raises Problem."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip() or not _sources:
        raise no_key("This address answers a key alone.")
    return _sources[0](token.strip(), on, now)
