"""Files that machines send: whole, or in pieces that are put together on disk."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability
from frankpledge.sharing.actions.submissions import KeyUsed, Received, plain_name, receive
from frankpledge.sharing.enums import Arrival, SubmissionState
from frankpledge.sharing.models import ApiKey, Dataset, Submission, Upload
from frankpledge.sharing.rules.machines import Piece, UnableToUpload, check_idempotency_key
from frankpledge.sharing.store import writing
from frankpledge.sharing.working import working_on

MOST_OPEN = 20
ABANDONED_AFTER = timedelta(days=3)
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Started:
    upload: Upload
    already: bool


def send_whole(
    *,
    actor: Actor,
    key: ApiKey,
    dataset: Dataset,
    file_name: str,
    idempotency_key: str,
    pieces: Iterable[bytes],
    now: datetime,
) -> Received:
    """A file in one piece. Raises Unreadable, KeyUsed, UnableToUpload."""
    check_idempotency_key(idempotency_key)
    received = receive(
        actor=actor,
        dataset=dataset,
        organisation=key.organisation,
        source=pieces,
        file_name=file_name,
        arrived=Arrival.API,
        idempotency_key=idempotency_key,
        now=now,
    )
    sent = received.submission
    refused = sent.state == SubmissionState.REFUSED and not received.already
    if not refused and not sent.uploads.exists():
        _remember(key, sent, idempotency_key)
    return received


def _remember(key: ApiKey, sent: Submission, idempotency_key: str) -> None:
    """By which key it came: its importer acts as that key, and its webhook hears the result."""
    try:
        with transaction.atomic():
            Upload.objects.create(
                key=key,
                dataset_id=sent.dataset_id,
                file_name=sent.file_name,
                size=sent.file_size,
                received=sent.file_size,
                digest=sent.file_digest,
                idempotency_key=idempotency_key,
                submission=sent,
            )
    except IntegrityError:
        _same(key, idempotency_key, sent.dataset_id, sent.file_digest, sent.file_size)


def _same(
    key: ApiKey, idempotency_key: str, dataset: object, digest: str, size: int
) -> Upload | None:
    """The upload this idempotency key began. Raises KeyUsed where it was of another file."""
    found = (
        Upload.objects.filter(key=key, idempotency_key=idempotency_key)
        .select_related("dataset", "key__organisation", "submission")
        .first()
    )
    if found is not None and (found.dataset_id, found.digest, found.size) != (
        dataset,
        digest,
        size,
    ):
        raise KeyUsed("This Idempotency-Key was used for another file.")
    return found


def start_upload(
    *,
    actor: Actor,
    key: ApiKey,
    dataset: Dataset,
    file_name: str,
    size: int,
    digest: str,
    idempotency_key: str,
) -> Started:
    check_idempotency_key(idempotency_key)
    require(actor, Capability.SUBMIT_DATA, key.organisation)
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise UnableToUpload(
            "sha256 is not a digest of 64 hexadecimal digits.",
            "Send the SHA-256 of the whole file, in lower case.",
            status=422,
        )
    if not 0 < size <= settings.UPLOAD_LIMIT:
        most = settings.UPLOAD_LIMIT // (1024 * 1024)
        raise UnableToUpload(
            f"A file has at least 1 byte and at most {most:,} MB.",
            "Send it in parts, a few months each.",
            status=413,
        )
    if found := _same(key, idempotency_key, dataset.pk, digest, size):
        return Started(found, True)
    if key.uploads.filter(submission__isnull=True).count() >= MOST_OPEN:
        raise UnableToUpload(
            f"This key has {MOST_OPEN} uploads under way.",
            "Finish or abandon one of them first.",
            status=429,
        )
    try:
        with transaction.atomic():
            upload = Upload.objects.create(
                key=key,
                dataset=dataset,
                file_name=plain_name(file_name),
                size=size,
                digest=digest,
                idempotency_key=idempotency_key,
            )
    except IntegrityError:  # the same request, twice at once
        found = _same(key, idempotency_key, dataset.pk, digest, size)
        if found is None:
            raise
        return Started(found, True)
    return Started(upload, False)


def place(upload: Upload) -> Path:
    return settings.STORE / "uploads" / str(upload.pk)


@contextmanager
def _mine(upload: Upload) -> Iterator[Upload]:
    """The upload as it is now, while no other request touches it."""
    with working_on(settings.STORE, upload.pk) as mine:
        fresh = Upload.objects.filter(pk=upload.pk).select_related(
            "dataset", "key__organisation", "submission__dataset", "submission__organisation"
        )
        now = fresh.first() if mine else None
        if now is None:
            raise UnableToUpload(
                "Another request is sending this upload.", "Wait for it, then ask how far it is."
            )
        yield now


def add_piece(*, actor: Actor, upload: Upload, piece: Piece, pieces: Iterable[bytes]) -> Upload:
    """Puts a piece where it belongs. What comes of a piece that breaks off is kept."""
    require(actor, Capability.SUBMIT_DATA, upload.key.organisation)
    with _mine(upload) as locked:
        if locked.submission_id is not None:
            raise UnableToUpload("This upload is finished.", "Read its submission instead.")
        if piece.start != locked.received:
            raise UnableToUpload(
                f"The next byte wanted is {locked.received}, this piece begins at {piece.start}.",
                "Ask how far the upload is and go on from there.",
            )
        written = 0
        try:
            for came in _put(place(locked), piece, pieces):
                written += came
        finally:
            locked.received = piece.start + written
            Upload.objects.filter(pk=locked.pk).update(received=locked.received)
    return locked


def _put(path: Path, piece: Piece, pieces: Iterable[bytes]) -> Iterator[int]:
    """Writes without a buffer, so that what is counted has been given to the disk."""
    with writing():
        path.parent.mkdir(parents=True, exist_ok=True)
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    end = piece.start
    try:
        for each in pieces:
            left = memoryview(each)[: piece.start + piece.length - end]
            while left:
                with writing():
                    came = os.pwrite(number, left, end)
                end, left = end + came, left[came:]
                yield came
        with writing():
            os.ftruncate(number, end)
            os.fsync(number)
    finally:
        os.close(number)


def finish_upload(*, actor: Actor, upload: Upload, now: datetime) -> Received:
    """The whole file, held against its digest, becomes a submission. Twice is the same one."""
    require(actor, Capability.SUBMIT_DATA, upload.key.organisation)
    with _mine(upload) as locked:
        if locked.submission is not None:
            return Received(locked.submission, "This upload was finished already.")
        if locked.received < locked.size:
            raise UnableToUpload(
                f"{locked.size - locked.received} bytes are still to come.",
                f"Go on from byte {locked.received}, then finish it.",
            )
        path = place(locked)
        if _digest(path) != locked.digest:
            Upload.objects.filter(pk=locked.pk).update(received=0)
            raise UnableToUpload(
                "What arrived is not the file whose sha256 was announced.",
                "Send it again from byte 0, or abandon it and announce the right digest.",
                status=422,
            )
        received = receive(
            actor=actor,
            dataset=locked.dataset,
            organisation=locked.key.organisation,
            source=path,
            file_name=locked.file_name,
            arrived=Arrival.API,
            idempotency_key=locked.idempotency_key,
            now=now,
        )
        if received.submission.state != SubmissionState.REFUSED or received.already:
            Upload.objects.filter(pk=locked.pk).update(submission=received.submission)
            path.unlink(missing_ok=True)
    return received


def abandon(*, actor: Actor, upload: Upload) -> None:
    require(actor, Capability.SUBMIT_DATA, upload.key.organisation)
    with _mine(upload) as locked:
        if locked.submission_id is not None:
            raise UnableToUpload("This upload is finished.", "Undo its submission on its page.")
        _forget(locked)


def forget_abandoned(*, now: datetime) -> int:
    """Uploads that nobody went on with, and files that belong to none."""
    old = Upload.objects.filter(submission__isnull=True, created_at__lt=now - ABANDONED_AFTER)
    gone = 0
    for upload in old:
        with working_on(settings.STORE, upload.pk) as mine:
            if mine:
                _forget(upload)
                gone += 1
    return gone


def _forget(upload: Upload) -> None:
    place(upload).unlink(missing_ok=True)
    upload.delete()


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    if path.exists():
        with path.open("rb") as opened:
            while piece := opened.read(_PIECE):
                found.update(piece)
    return found.hexdigest()
