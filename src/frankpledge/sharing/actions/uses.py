"""Keeping note of who used whose data, for its owner to read."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction

from frankpledge.access.actors import Actor
from frankpledge.sharing.enums import UseKind
from frankpledge.sharing.models import Dataset, DataUse, Submission

AGAIN = timedelta(hours=1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Used:
    """What was read of one provider: under which clause, for which purpose, how many rows."""

    provider_id: Any
    clause: str
    purpose: str
    rows: int
    first_month: date | None = None
    last_month: date | None = None


def note_use(
    *,
    actor: Actor,
    dataset: Dataset,
    how: str,
    columns: Iterable[str],
    used: Iterable[Used],
    now: datetime,
) -> None:
    """One line for each provider whose data somebody else read.

    The same look by the same person within the hour is one line. A line that cannot be written is
    told to the server's log and stops nobody: reading has been decided elsewhere.
    """
    own = actor.organisations()
    nobody = actor.is_machine or actor.user_id in ("", "console")
    account = None if nobody else actor.user_id
    lines = [
        DataUse(
            at=now,
            user_id=account,
            acting_as=(actor.posts or actor.name)[:200],
            dataset=dataset,
            provider_id=each.provider_id,
            clause=each.clause[:40],
            purpose=each.purpose[:200],
            how=how,
            columns=list(columns),
            first_month=each.first_month,
            last_month=each.last_month,
            rows=each.rows,
        )
        for each in used
        if each.provider_id not in own
    ]
    if not lines:
        return
    try:
        with transaction.atomic():
            noted = DataUse.objects.filter(
                user=account, dataset=dataset, how=how, at__gt=now - AGAIN
            ).order_by("-at")[:200]
            known = {_look(line) for line in noted}
            DataUse.objects.bulk_create([line for line in lines if _look(line) not in known])
    except DatabaseError:
        _log.exception("A use of %s could not be noted", dataset.slug)


def _look(line: DataUse) -> tuple[Any, ...]:
    return (
        str(line.user_id or ""),
        line.acting_as,
        line.provider_id,
        line.clause,
        line.purpose,
        tuple(line.columns),
        line.first_month,
        line.last_month,
        line.rows,
    )


def note_returned_rows(*, actor: Actor, submission: Submission, now: datetime) -> None:
    """Rows that came back hold what the sender wrote, whole."""
    _note_rows(actor, submission, "Correcting a return", submission.rejected, now)


def note_changed_rows(*, actor: Actor, submission: Submission, rows: int, now: datetime) -> None:
    _note_rows(actor, submission, "Comparing two versions of a return", rows, now)


def _note_rows(
    actor: Actor, submission: Submission, purpose: str, rows: int, now: datetime
) -> None:
    term = submission.term
    note_use(
        actor=actor,
        dataset=submission.dataset,
        how=UseKind.ROWS,
        columns=(),
        used=[
            Used(
                provider_id=submission.organisation_id,
                clause=f"clause {term.clause.number}" if term else "",
                purpose=purpose,
                rows=rows,
            )
        ],
        now=now,
    )
