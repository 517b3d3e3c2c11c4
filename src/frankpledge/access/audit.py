"""The trail: written in the transaction of the change, chained by hashes, its head exported."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import may, require
from frankpledge.access.enums import Capability
from frankpledge.access.models import AuditEntry, ChainHead

_RESTRICTED = "restricted"


class ActorNeeded(Exception):
    """Nobody in particular may not change anything."""


@dataclass
class Trail:
    """What one change will leave in the trail when it succeeds."""

    actor: Actor
    capability: Capability
    now: datetime
    lines: list[dict[str, Any]] = field(default_factory=list)

    def note(
        self,
        text: str,
        *,
        record: Any = None,
        concerns: tuple[Any, ...] = (),
        restricted: bool = False,
    ) -> None:
        """Say in plain words what was done; `concerns` are organisations and bodies to be told.

        A restricted line is for those it concerns alone: not even the county team reads it.
        """
        self.lines.append(
            {
                "at": self.now.astimezone(UTC),
                "actor_id": self.actor.user_id,
                "actor_name": self.actor.name,
                "actor_via": self.actor.via,
                "capability": str(self.capability.value),
                "record_type": record._meta.label if record is not None else "",
                "record_id": str(record.pk) if record is not None else "",
                "record_name": str(record)[:200] if record is not None else "",
                "text": text,
                "concerns": " ".join(
                    [_RESTRICTED] * restricted + sorted(f"{c._meta.label}:{c.pk}" for c in concerns)
                ),
            }
        )


_open: ContextVar[Trail | None] = ContextVar("open_trail", default=None)


@contextmanager
def change(*, actor: Actor, capability: Capability, record: Any, now: datetime) -> Iterator[Trail]:
    """Decide, then let the caller write, then leave the trail: all or nothing.

    Raises Http404, Refused, ActorNeeded. A change inside a change joins the outer trail, so that
    the chain's lock is the last thing the transaction takes.
    """
    if actor.is_public:
        raise ActorNeeded("Sign in to change anything.")
    with transaction.atomic():
        require(actor, capability, record)
        outer = _open.get()
        trail = Trail(actor=actor, capability=capability, now=now)
        token = _open.set(trail)
        try:
            yield trail
        finally:
            _open.reset(token)
        if not trail.lines:
            trail.note(f"{actor.name} could {capability.label}.", record=record)
        if outer is not None:
            outer.lines[:0] = trail.lines
        else:
            _append(trail.lines)


def looked(*, actor: Actor, record: Any, reason: str, now: datetime, body: Any = None) -> None:
    """Record that somebody looked at a restricted thing, and why they said they did.

    Where the thing belongs to one body (a case's panel), that body alone reads of the look.
    """
    if actor.is_public:
        raise ActorNeeded("Sign in to look at this.")
    trail = Trail(actor=actor, capability=Capability.VIEW, now=now)
    concerns = () if body is None else (body,)
    trail.note(f"Looked: {reason}", record=record, concerns=concerns, restricted=bool(concerns))
    with transaction.atomic():
        _append(trail.lines)


def _append(lines: list[dict[str, Any]]) -> None:
    ChainHead.objects.get_or_create(id=1)
    head = ChainHead.objects.select_for_update().get(id=1)
    for line in lines:
        number, previous = head.number + 1, head.digest
        digest = link(number=number, previous=previous, line=line)
        AuditEntry.objects.create(number=number, previous=previous, digest=digest, **line)
        head.number, head.digest = number, digest
    head.save()
    number, digest = head.number, head.digest
    transaction.on_commit(lambda: export_head(number, digest))


def link(*, number: int, previous: str, line: dict[str, Any]) -> str:
    """The hash of one line and the hash before it (SHA-256 over canonical JSON)."""
    content = {
        **line,
        "at": line["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        "number": number,
        "previous": previous,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def head_file() -> Path:
    return Path(settings.HOME) / "audit-head.txt"


def export_head(number: int, digest: str) -> None:
    """Write the head where a backup of the database cannot rewind it."""
    with head_file().open("a", encoding="utf-8") as file:
        file.write(f"{number} {digest}\n")


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found; `broken_at` is the first number that is wrong."""

    checked: int
    broken_at: int | None
    sentence: str


def verify() -> Verdict:
    """Walk the chain and compare its end with the exported heads."""
    previous, expected = "", 1
    digests: dict[int, str] = {}
    fields = [f.name for f in AuditEntry._meta.fields]
    for row in AuditEntry.objects.order_by("number").values(*fields).iterator():
        number, digest = row.pop("number"), row.pop("digest")
        if number != expected:
            return Verdict(expected - 1, expected, f"Entry {expected} is missing.")
        if (
            row.pop("previous") != previous
            or link(number=number, previous=previous, line=row) != digest
        ):
            return Verdict(
                expected - 1, number, f"Entry {number} was changed after it was written."
            )
        digests[number] = digest
        previous, expected = digest, expected + 1
    return _compare_with_exported(digests, expected - 1)


def _compare_with_exported(digests: dict[int, str], last: int) -> Verdict:
    head = ChainHead.objects.filter(id=1).first()
    if head is not None and head.number > last:
        return Verdict(last, last + 1, f"The trail was cut after entry {last}.")
    file = head_file()
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        number_text, _, digest = line.partition(" ")
        number = int(number_text) if number_text.isdecimal() else 0
        if number > last:
            return Verdict(last, last + 1, f"The trail was cut after entry {last}.")
        if digests.get(number) != digest:
            return Verdict(last, number, f"Entry {number} is not the one that was exported.")
    return Verdict(last, None, f"{last:,} entries, each in its place.")


def readable_by(actor: Actor) -> models.QuerySet[AuditEntry]:
    """The lines an actor may read: all but restricted ones for those who keep the trail, and for
    everybody what they did and what concerns their organisations and bodies."""
    if actor.is_public:
        return AuditEntry.objects.none()
    wanted = models.Q(actor_id=actor.user_id)
    for organisation in actor.organisations():
        mine = models.Q(concerns__contains=f"partnership.Organisation:{organisation}")
        wanted |= mine & ~models.Q(concerns__startswith=_RESTRICTED)
    for body in actor.bodies():
        wanted |= models.Q(concerns__contains=f"partnership.Body:{body}")
    if may(actor, Capability.READ_AUDIT):
        wanted |= ~models.Q(concerns__startswith=_RESTRICTED)
    return AuditEntry.objects.filter(wanted)
