"""Answering what is unclear in a file that was sent, and forgetting what was remembered."""

from __future__ import annotations

from datetime import datetime

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.enums import Capability
from frankpledge.contracts import Choice
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import ColumnMapping, Submission
from frankpledge.sharing.queries.choosing import (
    ChoosingPage,
    asked_of,
    contract_to_read,
    source_of,
    unanswered,
)
from frankpledge.sharing.rules import UnableToMove
from frankpledge.sharing.rules.choosing import WORDS, first_question, to_remember

NOBODY_ANSWERED = "Nobody said how this file is to be read, so it was deleted. Send it again."


def answer(
    *, actor: Actor, page: ChoosingPage, choice: Choice, seen: str, now: datetime
) -> Submission:
    """Keep one answer and find the next question; the last one makes the file ready to check.

    Raises UnableToMove where the question was answered in the meantime.
    """
    submission = page.submission
    contract = contract_to_read(submission, actor.on)
    worded = page.asked.about == WORDS or submission.choices.get("worded", False)
    asked = first_question(
        source_of(submission), contract, name=submission.file_name, choice=choice, worded=worded
    )
    with change(
        actor=actor, capability=Capability.UNDO_SUBMISSION, record=submission, now=now
    ) as audit:
        locked = Submission.objects.select_for_update().get(pk=submission.pk)
        if seen != page.mark or locked.choices != submission.choices or asked_of(locked) is None:
            raise UnableToMove("This was answered in the meantime. Read the question again.")
        locked.choices = {
            "answers": choice.as_dict(),
            "asked": asked.as_dict() if asked else None,
            "worded": worded,
        }
        locked.save()
        audit.note(
            f"Said how {locked.file_name} is to be read: {page.asked.about}.",
            record=locked,
            concerns=(locked.organisation,),
        )
        if asked is None:
            _remember(locked, choice)
    return locked


def start_again(*, actor: Actor, submission: Submission, now: datetime) -> None:
    """Ask everything again from the beginning."""
    contract = contract_to_read(submission, actor.on)
    asked = first_question(
        source_of(submission), contract, name=submission.file_name, choice=Choice(), worded=False
    )
    with change(
        actor=actor, capability=Capability.UNDO_SUBMISSION, record=submission, now=now
    ) as audit:
        locked = Submission.objects.select_for_update().get(pk=submission.pk)
        if asked_of(locked) is None:
            raise UnableToMove("This file is being checked already.")
        locked.choices = {
            "answers": Choice().as_dict(),
            "asked": asked.as_dict() if asked else None,
        }
        locked.save()
        audit.note(f"Began again with the questions about {locked.file_name}.", record=locked)


def _remember(submission: Submission, choice: Choice) -> None:
    ColumnMapping.objects.update_or_create(
        dataset_id=submission.dataset_id,
        organisation_id=submission.organisation_id,
        defaults={"choices": to_remember(choice)},
    )


def remember(*, actor: Actor, submission: Submission, choice: Choice, now: datetime) -> None:
    """Keep for the next file how this one was read."""
    with change(
        actor=actor, capability=Capability.SUBMIT_DATA, record=submission.organisation, now=now
    ) as audit:
        _remember(submission, choice)
        audit.note(
            f"Remembered how {submission.organisation} sends {submission.dataset}.",
            record=submission,
            concerns=(submission.organisation,),
        )


def forget(*, actor: Actor, mapping: ColumnMapping, now: datetime) -> None:
    """Ask everything again at the next file."""
    with change(
        actor=actor, capability=Capability.SUBMIT_DATA, record=mapping.organisation, now=now
    ) as audit:
        said = f"Forgot how {mapping.organisation} sends {mapping.dataset}."
        ColumnMapping.objects.filter(pk=mapping.pk).delete()
        audit.note(said, record=mapping.organisation)


def end_unanswered(now: datetime) -> int:
    """End the files that waited too long for an answer; the next sweep removes what was kept."""
    ended = 0
    for each in unanswered(now):
        ended += Submission.objects.filter(pk=each.pk, state=State.WAITING).update(
            state=State.REFUSED, finished_at=now, refusal=NOBODY_ANSWERED, updated_at=now
        )
    return ended
