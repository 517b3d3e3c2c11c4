"""Requests that the API did not expect, made from its own OpenAPI document by schemathesis.

Half are as the document wants them, half are not; of either, half ask about things that are there.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

Ask = Callable[[requests.PreparedRequest], None]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
_WORDS = (b"bytes 0-9/100", b"\xff", b"0", b"-1", b"9" * 30, b"bytes */*", b"a,b", b"%00", b"'\"<>")


def operations(document: dict[str, Any]) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(document)
    for found in schema.get_all_operations():
        yield found.ok()


def fuzz(
    document: dict[str, Any],
    *,
    base: str,
    token: str,
    known: Callable[[str], Mapping[str, str]],
    each: int,
    seed: int,
    ask: Ask,
) -> None:
    """Asks `each` requests of each operation and mode; `known` gives what is there for a path."""
    for operation in operations(document):
        for mode in MODES:
            chance = random.Random(f"{seed} {operation.label} {mode}")
            there = known(operation.path)

            def one(case: Any, there: Any, chance: Any) -> None:
                if there and chance.random() < 0.5:
                    case.path_parameters = {**(case.path_parameters or {}), **there}
                ask(_prepared(case, base, token, chance))

            strategy = operation.as_strategy(generation_mode=mode)
            try:
                _each(strategy, each, seed, partial(one, there=there, chance=chance))
            except Unsatisfiable:  # nothing that is wrong can be made of it
                continue


def _each(strategy: Any, each: int, seed: int, ask: Callable[[Any], None]) -> None:
    @seeded(seed)
    @settings(
        max_examples=each,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def one(case: Any) -> None:
        ask(case)

    one()


def _prepared(case: Any, base: str, token: str, chance: random.Random) -> requests.PreparedRequest:
    given = case.as_transport_kwargs(base_url=base)
    for other in ("cookies", "timeout", "verify", "cert", "proxies", "allow_redirects", "stream"):
        given.pop(other, None)
    headers = {**(given.pop("headers", None) or {})}
    if chance.random() < 0.95:
        headers["Authorization"] = f"Bearer {token}"
    if chance.random() < 0.3:
        name = chance.choice(("Content-Range", "Idempotency-Key", "Content-Type", "Accept"))
        headers[name] = chance.choice(_WORDS)
    asked = requests.Request(headers=headers, **given)
    try:
        return asked.prepare()
    except (ValueError, requests.RequestException):  # no client could send such a header
        asked.headers = {"Authorization": f"Bearer {token}"}
        return asked.prepare()
