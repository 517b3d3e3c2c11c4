"""The audit trail, as far as somebody may read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from frankpledge.access.actors import Actor
from frankpledge.access.audit import readable_by
from frankpledge.access.decisions import Decision, may
from frankpledge.access.enums import Capability
from frankpledge.access.models import AuditEntry
from frankpledge.partnership.queries.records import containing


@dataclass(frozen=True)
class TrailPage:
    """Entries somebody may read; `whole` is the decision when those are all."""

    entries: QuerySet[AuditEntry]
    whole: Decision


def trail(
    *,
    actor: Actor,
    words: str = "",
    who: str = "",
    what: Iterable[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> TrailPage:
    rows = containing(readable_by(actor), words, "text", "record_name")
    rows = containing(rows, who, "actor_name", "actor_via")
    kinds = set(what)
    if kinds == {"looks"}:
        rows = rows.filter(capability=Capability.VIEW)
    elif kinds == {"changes"}:
        rows = rows.exclude(capability=Capability.VIEW)
    if since is not None:
        rows = rows.filter(at__gte=_midnight(since))
    if until is not None:
        rows = rows.filter(at__lt=_midnight(until + timedelta(days=1)))
    return TrailPage(rows, may(actor, Capability.READ_AUDIT))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
