"""Agreeing to a checked file, sending it back, and letting it wait until a day."""

from __future__ import annotations

from datetime import date, datetime

from frankpledge.access.actors import Actor
from frankpledge.access.audit import Trail, change
from frankpledge.access.enums import Capability
from frankpledge.sharing.actions.submissions import let_count
from frankpledge.sharing.enums import Approvals, ApprovalStage
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Approval, Dataset, Submission
from frankpledge.sharing.queries.permission import permission_to_send
from frankpledge.sharing.rules import check_move
from frankpledge.sharing.rules.approvals import UnableToAgree, check_embargo, next_stage


def _locked(submission: Submission) -> Submission:
    return (
        Submission.objects.select_for_update(of=("self",))
        .select_related("dataset", "organisation")
        .get(pk=submission.pk)
    )


def _stage(submission: Submission) -> ApprovalStage:
    """The stage that is decided now; what a chain was shortened to does not leave it stuck."""
    agreed = submission.approvals.filter(agreed=True).values_list("stage", flat=True)
    return next_stage(submission.dataset.approvals, set(agreed)) or ApprovalStage.COUNTY


def _record(
    actor: Actor, submission: Submission, now: datetime, *, agreed: bool, note: str
) -> ApprovalStage:
    stage = _stage(submission)
    Approval.objects.create(
        submission=submission,
        stage=stage,
        agreed=agreed,
        decided_by_id=actor.user_id,
        decided_at=now,
        note=note,
    )
    return stage


def agree(*, actor: Actor, submission: Submission, note: str, now: datetime) -> Submission:
    """One yes; with the last one the file counts, unless it waits for a day."""
    with change(
        actor=actor, capability=Capability.AGREE_TO_RETURN, record=submission, now=now
    ) as audit:
        locked = _locked(submission)
        _refuse_a_second_time(locked, actor)
        permission = permission_to_send(
            organisation=locked.organisation, dataset=locked.dataset, on=actor.on
        )
        if not permission:
            raise UnableToAgree(permission.sentence)
        stage = _record(actor, locked, now, agreed=True, note=note)
        left = next_stage(
            locked.dataset.approvals,
            set(locked.approvals.filter(agreed=True).values_list("stage", flat=True)),
        )
        audit.note(
            f"Agreed to {locked.file_name} for the {stage.label.lower()}"
            + (f": {note}" if note else "."),
            record=locked,
            concerns=(locked.organisation,),
        )
        if left is None:
            _let_in(locked, actor, audit)
    return locked


def _refuse_a_second_time(submission: Submission, actor: Actor) -> None:
    """Two people may press the button at once; the lock lets one of them through."""
    if submission.state != State.CHECKED:
        raise UnableToAgree("Somebody has decided it already. Open the file again.")
    if submission.approvals.filter(decided_by=actor.user_id).exists():
        raise UnableToAgree("You have decided it already. Open the file again.")


def _let_in(submission: Submission, actor: Actor, audit: Trail) -> None:
    check_move(submission.state, State.STORED)
    submission.state = State.STORED
    if submission.embargo_until and submission.embargo_until <= actor.on:
        submission.embargo_until = None
    submission.save()
    if submission.embargo_until:
        said = f"It waits until {submission.embargo_until:%-d %B %Y}."
    else:
        replaced = let_count(submission)
        said = f"It counts, in place of {replaced} earlier months." if replaced else "It counts."
    audit.note(
        f"{submission.file_name}: everybody has agreed. {said}",
        record=submission,
        concerns=(submission.organisation,),
    )


def send_back(*, actor: Actor, submission: Submission, reason: str, now: datetime) -> Submission:
    """No: the file ends as refused with the reason; its rows were never counted."""
    with change(
        actor=actor, capability=Capability.AGREE_TO_RETURN, record=submission, now=now
    ) as audit:
        locked = _locked(submission)
        _refuse_a_second_time(locked, actor)
        check_move(locked.state, State.REFUSED)
        stage = _record(actor, locked, now, agreed=False, note=reason)
        rows = f"{locked.received:,} rows, {locked.rejected:,} returned"
        locked.state, locked.finished_at = State.REFUSED, now
        locked.received = locked.stored = locked.rejected = 0
        locked.refusal = f"{actor.name} sent it back for the {stage.label.lower()}: {reason}"
        locked.remedy = "Correct the file and send it again."
        locked.save()
        locked.months.all().delete()
        audit.note(
            f"Sent {locked.file_name} back ({rows}): {reason}",
            record=locked,
            concerns=(locked.organisation,),
        )
    return locked


def set_approvals(*, actor: Actor, dataset: Dataset, approvals: int, now: datetime) -> Dataset:
    """Who agrees to the files of a dataset; those that wait already go on to wait."""
    with change(actor=actor, capability=Capability.SET_APPROVALS, record=dataset, now=now) as audit:
        locked = Dataset.objects.select_for_update().get(pk=dataset.pk)
        locked.approvals = approvals
        locked.save()
        audit.note(f"{locked}: {Approvals(approvals).label}.", record=locked)
    return locked


# Waiting until a day


def set_embargo(
    *, actor: Actor, submission: Submission, until: date | None, now: datetime
) -> Submission:
    """Let a file wait until a day, from which it counts; None ends the wait today."""
    check_embargo(until, today=actor.on)
    with change(
        actor=actor, capability=Capability.UNDO_SUBMISSION, record=submission, now=now
    ) as audit:
        locked = _locked(submission)
        if locked.state == State.STORED and locked.embargo_until is None:
            raise UnableToAgree("It counts already. Undo it to take it out of the answers.")
        if locked.state not in (State.WAITING, State.WORKING, State.CHECKED, State.STORED):
            raise UnableToAgree("It is not stored, so it cannot wait for a day.")
        locked.embargo_until = until
        locked.save()
        said = f"waits until {until:%-d %B %Y}" if until else "waits no longer"
        if until is None and locked.state == State.STORED:
            let_count(locked)
        audit.note(f"{locked.file_name} {said}.", record=locked, concerns=(locked.organisation,))
    return locked


def end_embargoes(*, actor: Actor, now: datetime) -> int:
    """Let every file count whose day has come; gives how many. Nothing counts before this ran."""
    ended = 0
    due = Submission.objects.filter(state=State.STORED, embargo_until__lte=actor.on)
    for each in due.order_by("sent_at", "pk"):
        ended += _end(actor, each, now)
    return ended


def _end(actor: Actor, submission: Submission, now: datetime) -> bool:
    with change(
        actor=actor, capability=Capability.UNDO_SUBMISSION, record=submission, now=now
    ) as audit:
        locked = _locked(submission)
        if locked.embargo_until is None or locked.state != State.STORED:
            return False
        day, locked.embargo_until = locked.embargo_until, None
        locked.save()
        let_count(locked)
        audit.note(
            f"{locked.file_name} counts since {day:%-d %B %Y}.",
            record=locked,
            concerns=(locked.organisation,),
        )
    return True
