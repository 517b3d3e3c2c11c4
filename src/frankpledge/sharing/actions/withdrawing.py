"""Taking a file back before it was stored, by who sent it."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.enums import Capability
from frankpledge.sharing.actions.keeping import remove
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Submission
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.queries.keeping import holds_on
from frankpledge.sharing.queries.returns import ended_and_kept
from frankpledge.sharing.rules.returns import UnableToWithdraw, check_withdrawal
from frankpledge.sharing.working import is_worked_on


def withdraw(*, actor: Actor, submission: Submission, reason: str, now: datetime) -> Submission:
    """End a file that waits, for an answer or for agreement, and delete all of it.

    The files go once the database has said so; what a crash leaves is an orphan that the next
    sweep removes. Raises UnableToWithdraw.
    """
    with change(
        actor=actor, capability=Capability.UNDO_SUBMISSION, record=submission, now=now
    ) as audit:
        locked = (
            Submission.objects.select_for_update(of=("self",))
            .select_related("dataset", "organisation")
            .get(pk=submission.pk)
        )
        check_withdrawal(
            locked.state, worked_on=is_worked_on(settings.STORE, locked.pk), reason=reason
        )
        for hold in holds_on(locked):
            raise UnableToWithdraw(
                f"{locked.file_name} is held since {hold.placed_on:%-d %B %Y}: {hold.reason}",
                "Ask the county team to lift the hold first.",
            )
        rows = f"{locked.received:,} rows" if locked.received else "not yet checked"
        locked.state, locked.finished_at = State.CANCELLED, now
        locked.received = locked.stored = locked.rejected = 0
        locked.warnings, locked.repairs, locked.embargo_until = [], [], None
        locked.refusal = f"{actor.name} withdrew it: {reason.strip()}"
        locked.remedy = "Send the right file when it is ready."
        locked.save()
        locked.months.all().delete()
        audit.note(
            f"Withdrew {locked.file_name} ({rows}): {reason.strip()}",
            record=locked,
            concerns=(locked.organisation,),
        )
        transaction.on_commit(partial(_delete, locked, now), robust=True)
    return locked


def _delete(submission: Submission, now: datetime) -> None:
    store = open_store()
    if ended_and_kept(now).filter(file_digest=submission.file_digest).exists():
        store.discard(str(submission.pk))  # the same bytes are promised to an earlier sender
    else:
        remove(store, submission)
