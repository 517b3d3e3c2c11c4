"""What the access pages show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import SITE, Decision, Policy, may, policies, visible
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
    try:
        pk = kind.model._meta.pk.to_python(key)
        record = visible(actor, Capability.VIEW, kind.model).filter(pk=pk).first()
    except (ValidationError, ValueError, OverflowError):
        record = None
    if record is None:
        return Why(kind, None, (), rules)
    return Why(kind, record, tuple(may(actor, c, record) for c, _ in rules), rules)


def allowed_anywhere(*, actor: Actor) -> list[Decision]:
    """What is decided without a record, and allowed."""
    asked = (may(actor, capability) for model, capability in policies() if model is SITE)
    return sorted((d for d in asked if d.allowed), key=lambda decision: decision.capability.label)
