"""What people do with a file of data: send it, stop it, take it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import find, require
from frankpledge.access.enums import Capability
from frankpledge.access.models import User
from frankpledge.contracts import Choice, Limits, Unreadable
from frankpledge.core.markings import SYNTHETIC_MARK
from frankpledge.core.registries import tell_arrived
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import Arrival
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Dataset, Submission, SubmissionMonth
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.queries.choosing import understood
from frankpledge.sharing.queries.contracts import contract_of
from frankpledge.sharing.queries.permission import permission_to_send
from frankpledge.sharing.rules import UnableToMove, check_move
from frankpledge.sharing.working import is_worked_on

OPEN = (State.WAITING, State.WORKING, State.CHECKED, State.STORED)


class KeyUsed(Exception):
    """An idempotency key that stands for another file already."""


@dataclass(frozen=True)
class Received:
    """The submission of a file; `already` says where the same file came before."""

    submission: Submission
    already: str = ""


def receive(
    *,
    actor: Actor,
    dataset: Dataset,
    organisation: Organisation,
    source: Path | Iterable[bytes],
    now: datetime,
    file_name: str = "",
    synthetic: bool = False,
    arrived: Arrival = Arrival.PAGE,
    idempotency_key: str = "",
    choice: Choice | None = None,
    corrects: Submission | None = None,
) -> Received:
    """Keep a file, folder or upload byte for byte and queue it.

    `choice` says how it is to be read. Without one, a file that can be read in more than one way
    waits for somebody to say it, unless it arrived by command. The same file again is the earlier
    submission, and so is the same idempotency key. Where no agreement lets the data in, nothing of
    it is kept and the submission says why. Raises Unreadable for a file that cannot be found or is
    too large, KeyUsed where the idempotency key was given to another file.
    """
    find(actor, Dataset, pk=dataset.pk)
    require(actor, Capability.SUBMIT_DATA, organisation)
    submission = Submission(
        dataset=dataset,
        organisation=organisation,
        contract_version=contract_of(dataset).version,
        sent_by=User.objects.filter(pk=actor.user_id).first() if _is_account(actor) else None,
        sent_at=now,
        file_name=plain_name(file_name or (source.name if isinstance(source, Path) else "")),
        file_size=0,
        synthetic=synthetic,
        arrived=arrived,
        corrects=corrects,
        request=corrects.request if corrects else None,
        embargo_until=corrects.embargo_until if corrects else None,
    )
    permission = permission_to_send(organisation=organisation, dataset=dataset, on=actor.on)
    if permission:
        submission.term_id = permission.term_id
        _keep(source, submission)
        submission.synthetic = synthetic or _is_marked(submission) or _is_tried_out(submission)
        submission.idempotency_key = idempotency_key
        if earlier := _same_key(submission) or _same_file(submission):
            return Received(earlier, same_file_sentence(earlier))
        submission.choices = understood(submission, said=choice, on=actor.on)
    else:
        submission.state, submission.finished_at = State.REFUSED, now
        submission.refusal = permission.sentence
    try:
        _record(actor, submission, now)
    except IntegrityError:
        # Another tab or process sent the same file in the meantime.
        earlier = _same_key(submission) or _same_file(submission)
        if earlier is None:
            raise
        return Received(earlier, same_file_sentence(earlier))
    return Received(submission)


def _keep(source: Path | Iterable[bytes], submission: Submission) -> None:
    if isinstance(source, Path) and not source.exists():
        raise Unreadable(
            f"{submission.file_name} cannot be found or opened.", "Check the name and the folder."
        )
    kept = open_store().keep(
        source, name=submission.file_name, limits=Limits(packed=settings.UPLOAD_LIMIT)
    )
    submission.file_name, submission.file_size = kept.name, kept.size
    submission.file_digest = kept.digest


def _is_marked(submission: Submission) -> bool:
    """Whether every row of the file's beginning says that it is synthetic."""
    with open_store().original(submission.file_digest).open("rb") as file:
        beginning = file.read(65_536).decode("utf-8", errors="replace")
    rows = beginning.splitlines()[1:-1]
    return bool(rows) and all(SYNTHETIC_MARK in row for row in rows)


def _is_tried_out(submission: Submission) -> bool:
    """Whether it came by hand into the example, whose pages say that all in it is made up."""
    by_hand = submission.arrived in {Arrival.PAGE, Arrival.GRID, Arrival.API}
    return settings.EXAMPLE and by_hand and bool(open_store().synthetic())


def _is_account(actor: Actor) -> bool:
    return bool(actor.user_id) and actor.user_id != "console"


def plain_name(name: str) -> str:
    """The last part of a file's name, without what could break a line or a page."""
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:200] or "file"


def _same_key(submission: Submission) -> Submission | None:
    """What the organisation sent with this idempotency key; whatever became of it."""
    if not submission.idempotency_key:
        return None
    earlier = (
        Submission.objects.filter(
            organisation=submission.organisation, idempotency_key=submission.idempotency_key
        )
        .select_related("dataset", "organisation")
        .first()
    )
    if earlier is not None and (earlier.dataset_id, earlier.file_digest) != (
        submission.dataset_id,
        submission.file_digest,
    ):
        raise KeyUsed("This Idempotency-Key was used for another file.")
    return earlier


def _same_file(submission: Submission) -> Submission | None:
    return (
        Submission.objects.filter(
            dataset=submission.dataset,
            organisation=submission.organisation,
            file_digest=submission.file_digest,
            state__in=OPEN,
        )
        .select_related("dataset", "organisation")
        .first()
    )


def same_file_sentence(earlier: Submission) -> str:
    when = f"{earlier.sent_at:%-d %B %Y}"
    said = {
        State.STORED: f"This file was already stored. It was sent on {when}. Nothing has changed.",
        State.WAITING: f"This file was already sent on {when} and waits to be checked.",
        State.WORKING: f"This file was already sent on {when} and is being checked now.",
        State.CHECKED: f"This file was already sent on {when} and waits to be agreed.",
    }
    return said.get(State(earlier.state), f"This file was already sent on {when}.")


def _record(actor: Actor, submission: Submission, now: datetime) -> None:
    with change(
        actor=actor,
        capability=Capability.SUBMIT_DATA,
        record=submission.organisation,
        now=now,
    ) as audit:
        with transaction.atomic():
            submission.save(force_insert=True)
        refused = submission.state == State.REFUSED
        audit.note(
            f"Sent {submission.file_name} as {submission.dataset}"
            + (f"; it was refused: {submission.refusal}" if refused else "."),
            record=submission,
            concerns=(submission.organisation,),
        )


def _locked(submission: Submission) -> Submission:
    return Submission.objects.select_for_update().get(pk=submission.pk)


def cancel(*, actor: Actor, submission: Submission, now: datetime) -> Submission:
    """Stop a file that waits, or ask the worker to stop at the next month.

    Raises UnableToMove where it has ended already.
    """
    with change(
        actor=actor, capability=Capability.UNDO_SUBMISSION, record=submission, now=now
    ) as audit:
        locked = _locked(submission)
        if locked.state == State.WORKING and is_worked_on(settings.STORE, locked.pk):
            locked.cancel_requested = True
        elif locked.state == State.CHECKED:
            raise UnableToMove("It has been checked. Withdraw it, and say why.")
        else:
            check_move(locked.state, State.CANCELLED)
            locked.state, locked.finished_at = State.CANCELLED, now
        locked.save()
        audit.note(
            f"Stopped the import of {locked.file_name}.",
            record=locked,
            concerns=(locked.organisation,),
        )
    return locked


def undo(*, actor: Actor, submission: Submission, now: datetime) -> Submission:
    """Take a stored submission back: the months it took the place of count again."""
    with change(
        actor=actor, capability=Capability.UNDO_SUBMISSION, record=submission, now=now
    ) as audit:
        locked = _locked(submission)
        check_move(locked.state, State.UNDONE)
        locked.state = State.UNDONE
        locked.save()
        back = sum(_hand_back(month) for month in locked.months.all())
        tell_arrived(locked.dataset)
        audit.note(
            f"Undid {locked.file_name}; earlier months that count again: {back}.",
            record=locked,
            concerns=(locked.organisation,),
        )
    return locked


def _hand_back(month: SubmissionMonth) -> bool:
    """Leave the place of one month to the newest stored month it had superseded."""
    if not month.current:
        month.supersedes.update(superseded_by=month.superseded_by)
        return False
    month.current = False
    month.save()
    before = month.supersedes.filter(submission__state=State.STORED).order_by(
        "-submission__sent_at", "-pk"
    )
    heir = before.first()
    if heir is None:
        return False
    month.supersedes.exclude(pk=heir.pk).update(superseded_by=heir)
    heir.current, heir.superseded_by = True, None
    heir.save()
    return True


def redo(*, actor: Actor, submission: Submission, now: datetime) -> Submission:
    """Bring an undone submission back; its months take the place of those that count now."""
    with change(
        actor=actor, capability=Capability.UNDO_SUBMISSION, record=submission, now=now
    ) as audit:
        locked = _locked(submission)
        check_move(locked.state, State.STORED)
        if _same_file(locked) is not None:
            raise UnableToMove("The same file has been stored since, so nothing is left to do.")
        locked.state = State.STORED
        locked.save()
        if locked.embargo_until is None:
            take_place(locked.months.all())
        audit.note(
            f"Brought back {locked.file_name}.", record=locked, concerns=(locked.organisation,)
        )
    return locked


def take_place(months: Iterable[SubmissionMonth]) -> int:
    """Make these months the ones that are read; gives how many earlier ones stepped back.

    A month of which nothing could be stored takes nobody's place.
    """
    stepped_back, arrived = 0, {}
    for month in months:
        if month.stored == 0:
            continue
        arrived[month.dataset_id] = month.dataset
        before = SubmissionMonth.objects.filter(
            dataset=month.dataset,
            organisation=month.organisation,
            month=month.month,
            current=True,
        ).exclude(pk=month.pk)
        stepped_back += before.update(current=False, superseded_by=month)
        month.current, month.superseded_by = True, None
        month.save()
    for dataset in arrived.values():
        tell_arrived(dataset)
    return stepped_back


def let_count(submission: Submission) -> int:
    """Months that waited take their place now, but never that of a file sent after them."""
    later = {
        month.month: month
        for month in SubmissionMonth.objects.filter(
            dataset=submission.dataset_id,
            organisation=submission.organisation_id,
            current=True,
            submission__sent_at__gt=submission.sent_at,
        )
    }
    ready = []
    for month in submission.months.all():
        if month.month in later:
            month.superseded_by = later[month.month]
            month.save()
        else:
            ready.append(month)
    return take_place(ready)
