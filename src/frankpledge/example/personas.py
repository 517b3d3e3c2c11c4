"""The eyes through which a newcomer may see the example."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from frankpledge.example.facts import read


@dataclass(frozen=True)
class Persona:
    key: str
    name: str
    says: str
    email: str
    first: bool


@cache
def personas() -> tuple[Persona, ...]:
    return tuple(
        Persona(
            row["key"], row["name"], row["says"], row.get("email") or "", row.get("first", False)
        )
        for row in read("personas")["personas"]
    )
