"""Deleting what is past its time, so that it can be proved; holding what must stay."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from django.db import transaction

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE
from frankpledge.access.enums import Capability
from frankpledge.core.registries import tell_deleted
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Dataset, Deletion, LegalHold, Submission
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.queries.keeping import KEPT, digest_of, holds_on
from frankpledge.sharing.rules import UnableToDelete, UnableToMove, check_move
from frankpledge.sharing.store import Store, StoreUnwritable


def delete_return(*, actor: Actor, submission: Submission, reason: str, now: datetime) -> Deletion:
    """Delete a return for good: its original, its rows, its cubes, what came back.

    The certificate says what went. The files go once the database has said so; what a crash leaves
    is an orphan that the next sweep removes. Raises UnableToDelete.
    """
    store = open_store()
    with change(actor=actor, capability=Capability.KEEP_DATA, record=submission, now=now) as audit:
        locked = (
            Submission.objects.select_for_update(of=("self",))
            .select_related("dataset", "organisation")
            .get(pk=submission.pk)
        )
        _refuse(locked)
        files = _files(store, locked)
        locked.state = State.DELETED
        locked.save()
        locked.months.update(current=False)
        deletion = Deletion(
            submission=locked,
            deleted_at=now,
            reason=reason,
            rows=locked.stored,
            files=files,
            findings=tell_deleted(locked, actor.on),
        )
        deletion.digest = digest_of(deletion)
        deletion.save(force_insert=True)
        audit.note(
            f"Deleted {locked.file_name} of {locked.dataset}: {locked.stored:,} rows, "
            f"{len(files)} files. {reason} Certificate {deletion.digest[:16]}.",
            record=locked,
            concerns=(locked.organisation,),
        )
        # What cannot be removed at once a sweep removes later, and `store verify` names till then.
        transaction.on_commit(partial(remove, store, locked), robust=True)
    return deletion


def _refuse(submission: Submission) -> None:
    try:
        check_move(submission.state, State.DELETED)
    except UnableToMove as error:
        raise UnableToDelete(str(error)) from None
    for hold in holds_on(submission):
        raise UnableToDelete(
            f"{submission.file_name} is held since {hold.placed_on:%-d %B %Y}: {hold.reason} "
            "Lift the hold first."
        )


def _files(store: Store, submission: Submission) -> list[dict[str, object]]:
    shared = _shares_its_file(submission)
    try:
        files = store.files(str(submission.pk))
        versions = store.keeps_versions(str(submission.pk))
    except StoreUnwritable as problem:
        raise UnableToDelete(str(problem)) from None
    except (OSError, ValueError, KeyError):
        raise UnableToDelete(
            f"The store's list of {submission.file_name} is missing or broken, so a deletion could "
            "not be proved. Run ./run store verify, mend what it names, then delete again."
        ) from None
    if versions:
        raise UnableToDelete(
            f"The store's bucket keeps older versions of {submission.file_name}, so a deletion "
            "could not be proved. Move the store to a bucket that keeps no versions, then delete "
            "again."
        )
    return [each for each in files if not (shared and each["path"].startswith("originals/"))]


def _shares_its_file(submission: Submission) -> bool:
    return (
        Submission.objects.filter(
            file_digest=submission.file_digest, state__in=(*KEPT, State.WAITING, State.WORKING)
        )
        .exclude(pk=submission.pk)
        .exists()
    )


def remove(store: Store, submission: Submission) -> None:
    """The files of a submission, and what was sent unless another submission needs it."""
    store.discard(str(submission.pk))
    if not _shares_its_file(submission):
        store.forget(submission.file_digest)


def hold(
    *,
    actor: Actor,
    dataset: Dataset,
    organisation: Organisation | None,
    reason: str,
    on: date,
    now: datetime,
) -> LegalHold:
    with change(actor=actor, capability=Capability.KEEP_DATA, record=SITE, now=now) as audit:
        placed = LegalHold.objects.create(
            dataset=dataset, organisation=organisation, reason=reason, placed_on=on
        )
        audit.note(
            f"Put a hold on {dataset}{f' of {organisation}' if organisation else ''}: {reason}",
            record=placed,
            concerns=(organisation,) if organisation else (),
        )
    return placed


def lift(*, actor: Actor, hold: LegalHold, on: date, now: datetime) -> LegalHold:
    with change(actor=actor, capability=Capability.KEEP_DATA, record=SITE, now=now) as audit:
        locked = LegalHold.objects.select_for_update().select_related("dataset").get(pk=hold.pk)
        if locked.lifted_on is None:
            locked.lifted_on = on
            locked.save()
            audit.note(
                f"Lifted the hold on {locked.dataset}: {locked.reason}",
                record=locked,
                concerns=(locked.organisation,) if locked.organisation else (),
            )
    return locked
