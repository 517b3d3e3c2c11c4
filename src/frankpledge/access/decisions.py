"""One decision: may this person do this, and why (not). Lists and pages ask the same rules.

A policy is an ordered list of rules; the first whose condition holds decides. Conditions are `Q`
objects (or plain True/False), whose relations use `Exists`, so the database answers for one record
and for a thousand alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When
from django.http import Http404

from frankpledge.access.actors import Actor
from frankpledge.access.enums import Capability, Role

Condition = Callable[[Actor], Q | bool]


@dataclass(frozen=True)
class Rule:
    """Who it speaks of (`when`), what it answers, why, and the clause it rests on."""

    when: Condition
    reason: str
    clause: str = ""
    allow: bool = True


@dataclass(frozen=True)
class Policy:
    """The rules in order, what is said when none holds, and who can change that."""

    rules: tuple[Rule, ...]
    otherwise: str
    ask: str = "Ask the county team."


@dataclass(frozen=True)
class Decision:
    capability: Capability
    allowed: bool
    reason: str
    clause: str = ""
    ask: str = ""

    def __bool__(self) -> bool:
        return self.allowed


class Refused(Exception):
    """Seen but not allowed: the page answers 403 with this sentence."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.reason)
        self.decision = decision

    @property
    def sentence(self) -> str:
        return " ".join(part for part in (self.decision.reason, self.decision.ask) if part)


SITE = None
_policies: dict[tuple[type[Model] | None, Capability], Policy] = {}


def register_policy(model: type[Model] | None, capability: Capability, policy: Policy) -> None:
    key = (model, capability)
    if key in _policies:
        raise RuntimeError(f"A second policy for {key}")
    _policies[key] = policy


def policies() -> dict[tuple[type[Model] | None, Capability], Policy]:
    return dict(_policies)


def policy_for(model: type[Model] | None, capability: Capability) -> Policy:
    try:
        return _policies[(model, capability)]
    except KeyError:
        name = model.__name__ if model else "the whole site"
        raise LookupError(f"No policy says who may {capability.label} ({name})") from None


def _answer(policy: Policy, capability: Capability, index: int | None) -> Decision:
    if index is None or index < 0:
        return Decision(capability, False, policy.otherwise, "", policy.ask)
    rule = policy.rules[index]
    ask = "" if rule.allow else policy.ask
    return Decision(capability, rule.allow, rule.reason, rule.clause, ask)


def _which_rule(policy: Policy, actor: Actor) -> Case:
    """The index of the first rule that holds, as SQL; -1 when none does."""
    whens: list[When] = []
    for index, rule in enumerate(policy.rules):
        condition = rule.when(actor)
        if condition is False:
            continue
        if condition is True:
            return Case(*whens, default=Value(index), output_field=IntegerField())
        whens.append(When(condition, then=Value(index)))
    return Case(*whens, default=Value(-1), output_field=IntegerField())


def _annotation(capability: Capability) -> str:
    return f"decided_{capability.value}"


def with_decisions(
    queryset: QuerySet[Any], actor: Actor, capabilities: Iterable[Capability]
) -> QuerySet[Any]:
    """The same rows, each carrying the answer to each capability: read it with `decided`."""
    return queryset.annotate(
        **{
            _annotation(capability): _which_rule(policy_for(queryset.model, capability), actor)
            for capability in capabilities
        }
    )


def decided(record: Any, capability: Capability) -> Decision:
    """The answer that `with_decisions` put on a row."""
    return _answer(
        policy_for(type(record), capability), capability, getattr(record, _annotation(capability))
    )


def visible(actor: Actor, capability: Capability, model: type[Model]) -> QuerySet[Any]:
    """The records for which `may` says yes."""
    policy = policy_for(model, capability)
    allowed = [index for index, rule in enumerate(policy.rules) if rule.allow]
    name = f"allowed_{capability.value}"
    return model._default_manager.alias(**{name: _which_rule(policy, actor)}).filter(
        **{f"{name}__in": allowed}
    )


def may(actor: Actor, capability: Capability, record: Any = SITE) -> Decision:
    """May this person do this to this record (or, without one, at all)?"""
    if record is SITE:
        return _may_at_all(actor, capability)
    model = type(record)
    policy = policy_for(model, capability)
    found = (
        model._base_manager.filter(pk=record.pk)
        .order_by()
        .annotate(which=_which_rule(policy, actor))
        .values_list("which", flat=True)
    )
    return _answer(policy, capability, next(iter(found), None))


def _may_at_all(actor: Actor, capability: Capability) -> Decision:
    policy = policy_for(SITE, capability)
    for index, rule in enumerate(policy.rules):
        if rule.when(actor) is True:
            return _answer(policy, capability, index)
    return _answer(policy, capability, None)


def find(
    actor: Actor, model: type[Model], queryset: QuerySet[Any] | None = None, **lookup: Any
) -> Any:
    """The record, or 404 exactly as if it did not exist."""
    if any(isinstance(value, str) and "\x00" in value for value in lookup.values()):
        raise Http404  # no database keeps it, and PostgreSQL would not even look
    seen = visible(actor, Capability.VIEW, model)
    if queryset is not None:
        seen = queryset.filter(pk__in=seen.values("pk"))
    try:
        return seen.get(**lookup)
    except (model.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None


def require(actor: Actor, capability: Capability, record: Any = SITE) -> Decision:
    """The decision, if it is yes. Raises Http404 for what is not visible, Refused otherwise."""
    viewing = capability == Capability.VIEW
    if record is not SITE and not viewing and not may(actor, Capability.VIEW, record):
        raise Http404
    decision = may(actor, capability, record)
    if not decision:
        if viewing:
            raise Http404
        raise Refused(decision)
    return decision


def holds(*roles: Role) -> Condition:
    """The condition that the actor holds one of these roles anywhere."""
    return lambda actor: actor.holds(*roles)


def everyone(actor: Actor) -> bool:
    return True


def in_partnership(actor: Actor) -> bool:
    return actor.in_partnership
