"""What I owe, and what a record rests on and what rests on it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404

from frankpledge.access.actors import Actor
from frankpledge.access.audit import readable_by
from frankpledge.access.decisions import find, visible
from frankpledge.access.enums import Capability
from frankpledge.access.models import AuditEntry
from frankpledge.core.kinds import Kind, kind_of, kinds
from frankpledge.core.registries import Duty, duties_of, edges


@dataclass(frozen=True)
class Inbox:
    """Duties, oldest first, in two lists."""

    late: tuple[Duty, ...]
    coming: tuple[Duty, ...]

    @property
    def total(self) -> int:
        return len(self.late) + len(self.coming)


def inbox(*, actor: Actor, today: date) -> Inbox:
    duties = duties_of(actor, today)
    return Inbox(
        late=tuple(duty for duty in duties if duty.overdue(today)),
        coming=tuple(duty for duty in duties if not duty.overdue(today)),
    )


def recent_changes(*, actor: Actor, most: int = 6) -> list[AuditEntry]:
    """The latest changes this actor may read, looks left out."""
    return list(readable_by(actor).exclude(capability=Capability.VIEW)[:most])


@dataclass(frozen=True)
class Linked:
    record: Any
    kind: Kind | None
    url: str


@dataclass(frozen=True)
class Strand:
    """All the records one edge leads to, in one direction."""

    verb: str
    links: tuple[Linked, ...]
    missing: str = ""


@dataclass(frozen=True)
class Thread:
    record: Any
    kind: Kind
    url: str
    rests_on: tuple[Strand, ...]
    carries: tuple[Strand, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        return tuple(strand.missing for strand in self.rests_on if strand.missing)


def thread(*, actor: Actor, kind_slug: str, key: str) -> Thread:
    """Raises Http404 for an unknown kind and for a record the actor may not see."""
    kind = kinds().get(kind_slug)
    if kind is None:
        raise Http404
    try:
        record = find(actor, kind.model, pk=uuid.UUID(key))
    except ValueError:
        raise Http404 from None
    down, up = [], []
    for edge in edges():
        if edge.model is kind.model:
            links = _links(actor, edge.target, edge.forward(record))
            # Said of what the reader may see: a silence would tell of a hidden record.
            missing = edge.missing if not links else ""
            if links or missing:
                down.append(Strand(edge.verb, links, missing))
        if edge.target is kind.model:
            links = _links(actor, edge.model, edge.backward(record))
            if links:
                up.append(Strand(edge.inverse, links))
    return Thread(record, kind, kind.url(record), tuple(down), tuple(up))


def _links(actor: Actor, model: type, found: Any) -> tuple[Linked, ...]:
    seen = visible(actor, Capability.VIEW, model).filter(pk__in=found.values("pk"))
    linked = []
    for record in seen[:200]:
        kind = kind_of(record)
        linked.append(Linked(record, kind, kind.url(record)))
    return tuple(linked)
