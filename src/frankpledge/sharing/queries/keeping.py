"""What is kept and for how long, what is held, what was deleted, and whether the store is whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet
from django.shortcuts import get_object_or_404

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import SITE, Decision, find, may, require, visible
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Dataset, Deletion, LegalHold, Submission
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.rules import kept_until
from frankpledge.sharing.store import Store

KEPT = (State.STORED, State.UNDONE, State.CHECKED)


@dataclass(frozen=True)
class Kept:
    """A return, until when it is kept, and what holds it."""

    submission: Submission
    last_month: date | None
    until: date | None
    holds: tuple[LegalHold, ...]

    def is_due(self, today: date) -> bool:
        return self.until is not None and self.until < today and not self.holds


def retain_months(submission: Submission) -> int | None:
    """The dataset's own rule, else that of the agreement it came in under."""
    if submission.dataset.retain_months is not None:
        return submission.dataset.retain_months
    return submission.term.version.retain_months if submission.term else None


def kept(submissions: QuerySet[Submission]) -> list[Kept]:
    rows = (
        submissions.filter(state__in=(State.STORED, State.UNDONE))
        .select_related("dataset", "organisation", "term__version")
        .annotate(last=Max("months__month"))
        .order_by("last", "pk")
    )
    holds = list(LegalHold.objects.filter(lifted_on__isnull=True))
    return [
        Kept(
            submission=row,
            last_month=row.last,
            until=kept_until(row.last, retain_months(row)) if row.last else None,
            holds=tuple(_on(row, holds)),
        )
        for row in rows
    ]


def _on(submission: Submission, holds: Iterable[LegalHold]) -> Iterator[LegalHold]:
    for hold in holds:
        if hold.dataset_id == submission.dataset_id and hold.organisation_id in (
            None,
            submission.organisation_id,
        ):
            yield hold


def holds_on(submission: Submission) -> list[LegalHold]:
    standing = LegalHold.objects.filter(dataset=submission.dataset, lifted_on__isnull=True)
    return list(_on(submission, standing))


@dataclass(frozen=True)
class KeepingPage:
    due: tuple[Kept, ...]
    held_back: tuple[Kept, ...]
    without_end: int
    holds: tuple[LegalHold, ...]
    deletions: tuple[Deletion, ...]
    may_keep: Decision


def keeping_page(*, actor: Actor, today: date) -> KeepingPage:
    require(actor, Capability.KEEP_DATA, SITE)
    everything = kept(visible(actor, Capability.VIEW, Submission))
    past = [each for each in everything if each.until is not None and each.until < today]
    deletions = Deletion.objects.select_related("submission__dataset", "submission__organisation")
    return KeepingPage(
        due=tuple(each for each in past if not each.holds),
        held_back=tuple(each for each in past if each.holds),
        without_end=sum(each.until is None for each in everything),
        holds=tuple(
            LegalHold.objects.select_related("dataset", "organisation").order_by(
                "lifted_on", "-placed_on", "pk"
            )
        ),
        deletions=tuple(deletions[:50]),
        may_keep=may(actor, Capability.KEEP_DATA, SITE),
    )


@dataclass(frozen=True)
class HoldChoices:
    datasets: QuerySet[Dataset]
    organisations: QuerySet[Organisation]


def hold_choices(*, actor: Actor) -> HoldChoices:
    return HoldChoices(
        visible(actor, Capability.VIEW, Dataset).order_by("name", "pk"),
        visible(actor, Capability.VIEW, Organisation)
        .filter(submissions__isnull=False)
        .distinct()
        .order_by("name", "pk"),
    )


def find_hold(*, actor: Actor, key: Any) -> LegalHold:
    """A hold is part of the page of what is kept, so the same decision is asked."""
    require(actor, Capability.KEEP_DATA, SITE)
    return get_object_or_404(LegalHold.objects.select_related("dataset"), pk=key)


def find_deletion(*, actor: Actor, key: Any) -> Deletion:
    """The certificate of a deleted return that the actor may see."""
    sent = find(actor, Submission, pk=key, deletion__isnull=False)
    return Deletion.objects.select_related("submission__dataset", "submission__organisation").get(
        submission=sent
    )


def digest_of(deletion: Deletion) -> str:
    """Over everything that a certificate says, so that a changed one shows."""
    said = {
        "submission": str(deletion.submission_id),
        "deleted_at": deletion.deleted_at.isoformat(),
        "reason": deletion.reason,
        "rows": deletion.rows,
        "files": deletion.files,
        "findings": deletion.findings,
    }
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Problem:
    """Something that is not as it should be, and what to do."""

    submission: str
    what: str
    remedy: str


@dataclass(frozen=True)
class Verdict:
    submissions: int
    files: int
    problems: tuple[Problem, ...]

    @property
    def sentence(self) -> str:
        if not self.problems:
            return f"The store is whole: {self.submissions:,} returns, {self.files:,} files."
        count = len(self.problems)
        return f"The store is not whole: {count:,} {'problem' if count == 1 else 'problems'}."


_VERSIONS = "No deletion could be proved there. Move the store to a bucket that keeps none."
_COPY = "Delete it from {folder}: the bucket has it and it is fetched when it is read."
_RESTORE = "Restore the file from a backup, or undo the return and send its file again."


def verify() -> Verdict:
    """Every file of every return against its hash and its counts; deleted ones must be gone."""
    store, problems, files = open_store(), [], 0
    submissions = Submission.objects.filter(state__in=KEPT).order_by("sent_at", "pk")
    for sent in submissions.iterator():
        found = list(_wrong_with(store, sent))
        problems += found
        if not any("manifest" in each.what for each in found):
            files += len(store.files(str(sent.pk)))
    for deletion in Deletion.objects.select_related("submission").iterator():
        problems += _wrong_with_deletion(store, deletion)
    first = submissions.first()
    if first is not None and store.keeps_versions(str(first.pk)):
        problems.append(Problem("", f"{store.bucket} keeps older versions.", _VERSIONS))
    return Verdict(len(submissions), files, tuple(problems))


def _wrong_with(store: Store, sent: Submission) -> Iterator[Problem]:
    key = str(sent.pk)
    try:
        manifest = store.manifest(key)
        damage = store.damage(key)
    except (OSError, ValueError, KeyError):
        yield Problem(key, f"The manifest of {sent.file_name} is missing or broken.", _RESTORE)
        return
    for path in damage:
        copy = store.bucket is not None and not path.startswith(str(store.bucket))
        remedy = _COPY.format(folder=store.root) if copy else _RESTORE
        yield Problem(key, f"{path} of {sent.file_name} is missing or was changed.", remedy)
    for what in ("received", "stored", "rejected"):
        if manifest[what] != getattr(sent, what):
            yield Problem(
                key,
                f"{sent.file_name}: the store says {manifest[what]:,} rows {what}, "
                f"the database {getattr(sent, what):,}.",
                "Restore the database and the store from the same backup.",
            )


def _wrong_with_deletion(store: Store, deletion: Deletion) -> Iterator[Problem]:
    key, name = str(deletion.submission_id), deletion.submission.file_name
    for path in store.left_of(key):
        yield Problem(
            key,
            f"{path} of {name} is still there, though it was deleted.",
            "Run ./run store sweep, then verify again.",
        )
    if digest_of(deletion) != deletion.digest:
        yield Problem(
            key,
            f"The certificate of the deletion of {name} was changed.",
            "Compare it with the audit trail, and restore it from a backup.",
        )
