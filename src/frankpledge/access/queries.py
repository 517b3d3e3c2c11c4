"""What the access pages show."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Decision, Policy, may, policies, visible
from frankpledge.access.enums import Capability
from frankpledge.core.kinds import Kind


@dataclass(frozen=True)
class Why:
    """What can be said of one record to one actor; without a record, the rules of its kind."""

    kind: Kind
    record: Any
    decisions: tuple[Decision, ...]
    rules: tuple[tuple[Capability, Policy], ...]


def why(*, actor: Actor, kind: Kind, key: str) -> Why:
    mine = [
        (capability, policy)
        for (model, capability), policy in policies().items()
        if model is kind.model
    ]
    rules = tuple(sorted(mine, key=lambda pair: (pair[0] != Capability.VIEW, pair[0].label)))
    record = None
    try:
        record = visible(actor, Capability.VIEW, kind.model).filter(pk=uuid.UUID(key)).first()
    except ValueError:
        record = None
    if record is None:
        return Why(kind, None, (), rules)
    return Why(kind, record, tuple(may(actor, c, record) for c, _ in rules), rules)
