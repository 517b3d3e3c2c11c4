"""Correcting returned rows: in the browser or in a workbook, as a new file that joins the old."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability
from frankpledge.contracts import Limits
from frankpledge.sharing.actions.submissions import receive
from frankpledge.sharing.enums import Arrival
from frankpledge.sharing.models import Submission
from frankpledge.sharing.queries.corrections import (
    fault_frame,
    refuse_what_cannot_be_corrected,
    returned_places,
    source,
)
from frankpledge.sharing.rules.results import UnableToCorrect
from frankpledge.sharing.store.correcting import Place, changes_of, corrected, plain_value

WORKBOOK_LIMIT = 20 * 1024 * 1024


def correct(
    *,
    actor: Actor,
    submission: Submission,
    changes: Mapping[Place, Mapping[str, str]],
    arrived: Arrival,
    now: datetime,
) -> Submission:
    """Join corrected rows with those that were stored and send the whole again.

    The new submission is checked like any other and takes the place of the first when it counts.
    """
    require(actor, Capability.READ_RETURNED_ROWS, submission)
    refuse_what_cannot_be_corrected(submission)
    returned = set(returned_places(fault_frame(submission)))
    plain = {
        place: {column: plain_value(value) for column, value in cells.items()}
        for place, cells in changes.items()
        if place in returned
    }
    if not plain:
        raise UnableToCorrect("No cell was changed. Change one and send again.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corrected.zip"
        corrected(source(submission, actor.on), plain, path)
        received = receive(
            actor=actor,
            dataset=submission.dataset,
            organisation=submission.organisation,
            source=path,
            file_name=_named(submission),
            synthetic=submission.synthetic,
            arrived=arrived,
            corrects=submission,
            now=now,
        )
    if received.already:
        raise UnableToCorrect(received.already)
    return received.submission


def _named(submission: Submission) -> str:
    stem = submission.file_name.rsplit(".", 1)[0].removesuffix(" corrected")
    return f"{stem[:150]} corrected.zip"


def correct_by_workbook(
    *, actor: Actor, submission: Submission, raw: bytes, name: str, now: datetime
) -> Submission:
    """Raises Unreadable for what is not the workbook, UnableToCorrect where it changes nothing."""
    require(actor, Capability.READ_RETURNED_ROWS, submission)
    read = source(submission, actor.on)
    changes = changes_of(
        raw,
        name,
        contract=read.contract,
        returned=returned_places(fault_frame(submission)),
        limits=Limits(packed=min(WORKBOOK_LIMIT, settings.UPLOAD_LIMIT)),
    )
    return correct(
        actor=actor, submission=submission, changes=changes, arrived=Arrival.PAGE, now=now
    )
