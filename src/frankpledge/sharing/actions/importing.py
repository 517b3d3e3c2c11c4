"""The import itself: permission, check by month, files written, then one transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import Refused
from frankpledge.access.enums import Capability
from frankpledge.contracts import (
    Cancelled,
    Choice,
    Contract,
    Limits,
    OfPersons,
    Unclear,
    Unreadable,
)
from frankpledge.sharing.actions.choosing import end_unanswered
from frankpledge.sharing.actions.submissions import take_place
from frankpledge.sharing.enums import Arrival
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Submission, SubmissionMonth
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.queries.choosing import asked_of, said_of
from frankpledge.sharing.queries.contracts import contract_of, permitted
from frankpledge.sharing.queries.permission import permission_to_send
from frankpledge.sharing.queries.reference import reference_for
from frankpledge.sharing.queries.returns import NOT_KEPT, ended_and_kept
from frankpledge.sharing.rules import Permission
from frankpledge.sharing.rules.choosing import Asked
from frankpledge.sharing.store import (
    Original,
    Prepared,
    Store,
    StoreMixing,
    StoreUnwritable,
    Swept,
    prepare,
    writing,
)
from frankpledge.sharing.working import working_on

Clock = Callable[[], datetime]
_HELD = (State.WAITING, State.WORKING, State.CHECKED, State.STORED, State.UNDONE)
_UPLOADS_LAST = timedelta(hours=1)
_SIGNATURE_REMEDY = "Sign the version in force. The county team can say who signs."


class Busy(Exception):
    """Another process is importing this very file."""


class NotPermitted(Exception):
    """No agreement lets the data in; the sentence quotes the clause."""


def work(*, actor: Actor, submission: Submission, clock: Clock) -> Submission:
    """Import a waiting submission, or one whose worker died; gives it as it ended.

    Raises Busy where another process works on it, and StoreUnwritable where the disk takes no more:
    the submission then waits. What is wrong with the file or the agreement ends in the submission
    itself, as a refusal with a remedy.
    """
    store = open_store()
    with writing(), working_on(settings.STORE, submission.pk) as mine:
        if not mine:
            raise Busy(f"{submission.file_name} is being imported already.")
        claimed = _claim(submission)
        if claimed is not None:
            _try(actor, claimed, store, clock)
    return Submission.objects.select_related("dataset", "organisation").get(pk=submission.pk)


def _try(actor: Actor, submission: Submission, store: Store, clock: Clock) -> None:
    try:
        _import(actor, submission, store, clock)
    except Cancelled:
        _end(actor, submission, State.CANCELLED, clock())
    except Unclear as unclear:
        _ask_or_end(submission, unclear, actor, clock())
    except OfPersons as problem:
        _end(actor, submission, State.REFUSED, clock(), problem.sentence, problem.remedy)
        _forget(submission, store, clock())
    except Unreadable as problem:
        _end(actor, submission, State.REFUSED, clock(), problem.sentence, problem.remedy)
    except (StoreMixing, NotPermitted) as problem:
        _end(actor, submission, State.REFUSED, clock(), str(problem))
    except Refused as problem:
        _end(actor, submission, State.REFUSED, clock(), problem.sentence)
    except Exception as problem:
        # Whatever broke, nothing of it is half there and the file waits to be tried again.
        said = str(problem) if isinstance(problem, StoreUnwritable) else ""
        with suppress(OSError, StoreUnwritable):  # what cannot be removed either, a sweep will
            store.discard(str(submission.pk))
        Submission.objects.filter(pk=submission.pk, state=State.WORKING).update(
            state=State.WAITING, progress=0, progress_text=said[:200]
        )
        raise
    with suppress(StoreUnwritable):  # the submission has ended, and the next sweep is soon
        sweep(store, clock())


def _claim(submission: Submission) -> Submission | None:
    """Take the submission on; who holds its lock may also take over from a dead worker."""
    with transaction.atomic():
        locked = (
            Submission.objects.select_for_update(of=("self",))
            .select_related("dataset", "organisation")
            .get(pk=submission.pk)
        )
        if locked.state not in (State.WAITING, State.WORKING) or asked_of(locked):
            return None
        locked.state, locked.progress, locked.progress_text = State.WORKING, 0, "Opening the file"
        locked.save()
    return locked


def _import(actor: Actor, submission: Submission, store: Store, clock: Clock) -> None:
    permission = permission_to_send(
        organisation=submission.organisation, dataset=submission.dataset, on=actor.on
    )
    if not permission:
        raise NotPermitted(permission.sentence)
    contract = permitted(contract_of(submission.dataset), permission.fields)
    prepared = prepare(
        store,
        original=Original(submission.file_digest, submission.file_size, submission.file_name),
        submission=str(submission.pk),
        dataset=submission.dataset.slug,
        organisation=submission.organisation.slug,
        contract=contract,
        choice=said_of(submission),
        synthetic=submission.synthetic,
        published=submission.dataset.published_already,
        now=clock(),
        reference=reference_for(
            submission, contract=contract, finest=str(permission.detail or ""), today=actor.on
        ),
        limits=Limits(packed=settings.UPLOAD_LIMIT),
        progress=lambda done, total, said: _tell(submission, done, total, said),
        cancelled=lambda: _is_cancelled(submission),
    )
    try:
        _commit(actor, submission, permission, contract, prepared, clock())
    except BaseException:
        store.discard(prepared.submission)
        raise


def _ask_or_end(submission: Submission, unclear: Unclear, actor: Actor, now: datetime) -> None:
    """What only the whole file shows to be unclear is asked too, where somebody can answer."""
    asked = Asked.of(unclear)
    if submission.arrived == Arrival.COMMAND or not asked.can_be_answered:
        _end(actor, submission, State.REFUSED, now, unclear.sentence, unclear.remedy)
        return
    answers = (said_of(submission) or Choice()).as_dict()
    Submission.objects.filter(pk=submission.pk, state=State.WORKING).update(
        state=State.WAITING,
        choices={**submission.choices, "answers": answers, "asked": asked.as_dict()},
        progress=0,
        progress_text="",
    )


def _tell(submission: Submission, done: int, total: int, said: str) -> None:
    Submission.objects.filter(pk=submission.pk).update(
        progress=min(99, done * 100 // max(total, 1)), progress_text=said[:200]
    )


def _is_cancelled(submission: Submission) -> bool:
    return Submission.objects.filter(pk=submission.pk, cancel_requested=True).exists()


def _commit(
    actor: Actor,
    submission: Submission,
    permission: Permission,
    contract: Contract,
    prepared: Prepared,
    now: datetime,
) -> None:
    """The one commit point: counts, months, what they take the place of, and the trail."""
    with change(
        actor=actor, capability=Capability.SUBMIT_DATA, record=submission.organisation, now=now
    ) as audit:
        locked = (
            Submission.objects.select_for_update(of=("self",))
            .select_related("dataset")
            .get(pk=submission.pk)
        )
        if locked.cancel_requested:
            raise Cancelled(f"The import of {locked.file_name} was stopped.")
        waits = bool(locked.dataset.approvals)
        locked.state, locked.finished_at = State.CHECKED if waits else State.STORED, now
        if locked.embargo_until and locked.embargo_until <= actor.on:
            locked.embargo_until = None
        locked.term_id = permission.term_id
        locked.contract_version = contract.version
        locked.received, locked.stored = prepared.received, prepared.stored
        locked.rejected = prepared.rejected
        locked.warnings = _warnings(permission, prepared)
        locked.repairs = [asdict(each) for each in prepared.repairs]
        locked.progress, locked.progress_text = 100, ""
        locked.save()
        months = _months(locked, prepared)
        replaced = 0 if waits or locked.embargo_until else take_place(months)
        audit.note(
            f"{'Checked' if waits else 'Stored'} {prepared.stored:,} of {prepared.received:,} rows "
            f"of {locked.file_name} as "
            f"{submission.dataset}, returned {prepared.rejected:,}"
            + (f", in place of {replaced} earlier months." if replaced else "."),
            record=locked,
            concerns=(submission.organisation,),
        )


def _warnings(permission: Permission, prepared: Prepared) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [each.as_dict() for each in prepared.warnings]
    if permission.warning:
        agreement = {
            "rule": "agreement",
            "message": permission.warning,
            "remedy": _SIGNATURE_REMEDY,
            "count": 0,
        }
        found.insert(0, agreement)
    return found


def _months(submission: Submission, prepared: Prepared) -> list[SubmissionMonth]:
    return SubmissionMonth.objects.bulk_create(
        SubmissionMonth(
            submission=submission,
            dataset_id=submission.dataset_id,
            organisation_id=submission.organisation_id,
            month=date.fromisoformat(f"{each.month}-01"),
            received=each.received,
            stored=each.stored,
            rejected=each.rejected,
            vintage=each.vintage,
            incomplete=each.incomplete,
            current=False,
        )
        for each in prepared.months
    )


def _end(
    actor: Actor,
    submission: Submission,
    state: State,
    now: datetime,
    refusal: str = "",
    remedy: str = "",
) -> None:
    """Refused or stopped: the submission says so, and nothing of the file is kept."""
    with transaction.atomic():
        locked = Submission.objects.select_for_update().get(pk=submission.pk)
        locked.state, locked.finished_at = state, now
        locked.refusal, locked.remedy = refusal, remedy
        locked.progress_text = ""
        locked.save()


def _forget(submission: Submission, store: Store, now: datetime) -> None:
    """What points to persons is not kept for mending, unless the same bytes came elsewhere too."""
    Submission.objects.filter(pk=submission.pk).update(choices=NOT_KEPT)
    same = Submission.objects.filter(file_digest=submission.file_digest)
    kept = ended_and_kept(now).filter(file_digest=submission.file_digest)
    if not same.filter(state__in=_HELD).exists() and not kept.exists():
        store.forget(submission.file_digest)


def copy_to_bucket(store: Store) -> int:
    """Every return that only the folder has, put in the bucket; how many there were."""
    held = Submission.objects.filter(state__in=_HELD).values_list("pk", "file_digest")
    return sum(store.copy_to_bucket(str(pk), digest) for pk, digest in held.iterator())


def sweep(store: Store, now: datetime) -> Swept:
    """Remove files that no submission of the database knows, unless they have just arrived."""
    end_unanswered(now)
    held = Submission.objects.filter(state__in=_HELD)
    return store.sweep(
        (str(pk) for pk in held.values_list("pk", flat=True)),
        [
            *held.values_list("file_digest", flat=True),
            *ended_and_kept(now).values_list("file_digest", flat=True),
        ],
        before=now - _UPLOADS_LAST,
        ended=map(str, Submission.objects.exclude(state__in=_HELD).values_list("pk", flat=True))
        if store.bucket is not None
        else (),
    )
