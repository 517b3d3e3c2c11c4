"""What later rooms fill when the application is ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Grant:
    """A role somebody holds, for an organisation or on a body, and how they came by it."""

    role: str
    organisation_id: Any = None
    body_id: Any = None
    via: str = ""
    since: date | None = None
    until: date | None = None


GrantSource = Callable[[Any, date], Iterable[Grant]]
_grant_sources: list[GrantSource] = []


def register_grants(source: GrantSource) -> GrantSource:
    _grant_sources.append(source)
    return source


def grants_of(user: Any, on: date) -> frozenset[Grant]:
    return frozenset(grant for source in _grant_sources for grant in source(user, on))


@dataclass(frozen=True)
class Duty:
    """Something somebody owes by a date."""

    what: str
    due: date
    url: str
    owed_by: str
    kind: str
    reason: str = ""
    for_roles: frozenset[tuple[str, Any]] = field(default_factory=frozenset)

    def overdue(self, on: date) -> bool:
        return self.due < on


DutySource = Callable[[Any, date], Iterable[Duty]]
_duty_sources: list[DutySource] = []


def register_duties(source: DutySource) -> DutySource:
    """A function (actor, today) that yields what this actor owes or watches."""
    _duty_sources.append(source)
    return source


def duties_of(actor: Any, on: date) -> list[Duty]:
    found = [duty for source in _duty_sources for duty in source(actor, on)]
    return sorted(found, key=lambda duty: (duty.due, duty.what, duty.url))


@dataclass(frozen=True)
class Edge:
    """A typed link over a real relation, walked both ways; `missing` is said when it leads nowhere.

    `forward` gives the targets of a record as a queryset, `backward` the records of a target.
    """

    model: type
    verb: str
    target: type
    inverse: str
    forward: Callable[[Any], Any]
    backward: Callable[[Any], Any]
    missing: str = ""


_edges: list[Edge] = []


def register_edge(edge: Edge) -> None:
    _edges.append(edge)


def edges() -> tuple[Edge, ...]:
    return tuple(_edges)


DeletionListener = Callable[[Any, date], int]
_deletion_listeners: list[DeletionListener] = []


def register_deleted(listener: DeletionListener) -> DeletionListener:
    """A function (submission, day) by which a room lets go of what rested on deleted data; gives
    how many of its records it changed. Called in the transaction of the deletion."""
    _deletion_listeners.append(listener)
    return listener


def tell_deleted(submission: Any, on: date) -> int:
    return sum(listener(submission, on) for listener in _deletion_listeners)


ArrivalListener = Callable[[Any], None]
_arrival_listeners: list[ArrivalListener] = []


def register_arrived(listener: ArrivalListener) -> ArrivalListener:
    """A function (dataset) by which a room hears that other months of a dataset count now. Called
    in the transaction of the change: it may queue work, and nothing more."""
    _arrival_listeners.append(listener)
    return listener


def tell_arrived(dataset: Any) -> None:
    for listener in _arrival_listeners:
        listener(dataset)


TickJob = Callable[[date, datetime], str]
_tick_jobs: list[TickJob] = []


def register_tick(job: TickJob) -> TickJob:
    """A function (business date, moment) that does what is due by itself and says what it did,
    or nothing. `./run tick` calls it every few minutes; calling it twice must not do it twice."""
    _tick_jobs.append(job)
    return job


def tick_jobs() -> tuple[TickJob, ...]:
    return tuple(_tick_jobs)
