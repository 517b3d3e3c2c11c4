"""Synthetic data sent in through the front door, as partners would: nothing skips the checks."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings

from frankpledge.access.actors import Actor, console
from frankpledge.analysis.months import shifted
from frankpledge.core import clock
from frankpledge.evidence.actions.watching import watch
from frankpledge.evidence.queries.watching import datasets_held
from frankpledge.example.facts import read
from frankpledge.example.loading import findings
from frankpledge.example.synthetic import FIRST, LAST, Agencies, County
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.actions.importing import work
from frankpledge.sharing.actions.submissions import receive
from frankpledge.sharing.enums import SubmissionState
from frankpledge.sharing.models import Dataset, Submission

Say = Callable[[str], Any]
STREET = "police-street"


def load(*, say: Say, now: datetime) -> None:
    """Everything but the last month of street data, which is written out to be imported by hand."""
    actor = console(clock.today())
    if Dataset.objects.filter(submissions__isnull=False).exists():
        say("Data is held already.")
        return
    with TemporaryDirectory(dir=settings.HOME) as folder:
        _street(actor, Path(folder), say)
        _agencies(actor, Path(folder), say)
    say(f"The last month waits to be imported: {held_back()}")
    say("Findings, placed in the assessments …")
    findings.load(actor=actor, now=now)
    say("Watching every series for what stands out …")
    watch(datasets=datasets_held(), on=actor.on)


def held_back() -> Path:
    """The marked file of the last month, written where a newcomer finds it."""
    folder = Path(settings.HOME) / "to-import"
    folder.mkdir(exist_ok=True)
    path = folder / read("stories")["held_back"]["file"]
    if not path.exists():
        County().month(LAST).write_csv(path)
    return path


def _street(actor: Actor, folder: Path, say: Say) -> None:
    path = folder / "synthetic-street.zip"
    say("Synthetic street data, month by month …")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for month, frame in County().months(FIRST, shifted(LAST, -1)):
            name = f"{month}/{month}-kent-synthetic-street.csv"
            archive.writestr(name, frame.write_csv())
    force = Organisation.objects.get(kind="police")
    _send(actor, STREET, force, path, say)


def _agencies(actor: Actor, folder: Path, say: Say) -> None:
    for row, frame in Agencies().files():
        if row.get("hold_back"):
            continue
        path = folder / f"{row['file']}-synthetic.csv"
        frame.write_csv(path)
        _send(actor, row["key"], Organisation.objects.get(slug=row["organisation"]), path, say)


def _send(actor: Actor, slug: str, organisation: Organisation, path: Path, say: Say) -> None:
    received = receive(
        actor=actor,
        dataset=Dataset.objects.get(slug=slug),
        organisation=organisation,
        source=path,
        now=clock.now(),
        synthetic=True,
    )
    submission = work(actor=actor, submission=received.submission, clock=clock.now)
    if submission.state != SubmissionState.STORED:
        raise RuntimeError(f"The example's own file was refused: {submission.refusal}")
    came = datetime.combine(read("sharing")["files_came_on"], time(10, 30), tzinfo=UTC)
    Submission.objects.filter(pk=submission.pk).update(sent_at=came)
    say(f"  {submission.dataset.name}: {submission.stored:,} rows stored")
