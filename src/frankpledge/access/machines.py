"""Machines that ask with a key. The room that keeps the keys says whose each is."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from datetime import date, datetime

from frankpledge.access.actors import Actor, public
from frankpledge.access.problems import Problem

# Gives the actor a key stands for, to send or to read. Raises Problem where it may not be used
# (now, or for this).
KeySource = Callable[[str, date, datetime, bool], Actor]
_sources: list[KeySource] = []
SAY_BASIC = {"WWW-Authenticate": 'Basic realm="Frankpledge", charset="UTF-8"'}
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
    return _sources[0](token.strip(), on, now, False)


def reader_for(authorization: str, on: date, now: datetime) -> Actor:
    """The actor that reads answers: the public without a key, which a spreadsheet sends as the
    password of Basic authentication. Raises Problem."""
    scheme, _, given = authorization.partition(" ")
    if not authorization:
        return public(on)
    token = given.strip() if scheme.lower() == "bearer" else ""
    if scheme.lower() == "basic":
        token = _password(given)
    try:
        if not token or not _sources:
            raise no_key()
        return _sources[0](token, on, now, True)
    except Problem as problem:
        if problem.status == 401:
            problem.headers = dict(SAY_BASIC)
        raise


def _password(given: str) -> str:
    try:
        user, _, password = b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        return ""
    return (password or user).strip()
