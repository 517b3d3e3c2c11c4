import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError

from frankpledge.access.actors import console
from frankpledge.contracts import Choice, Contract, Unreadable
from frankpledge.core import clock
from frankpledge.sharing.actions.choosing import remember
from frankpledge.sharing.actions.importing import Busy, work
from frankpledge.sharing.actions.submissions import receive
from frankpledge.sharing.enums import Arrival
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Submission
from frankpledge.sharing.queries.contracts import contract_of
from frankpledge.sharing.queries.naming import NoSuchName, dataset_named, organisation_named
from frankpledge.sharing.rules.choosing import choice_written
from frankpledge.sharing.store import StoreUnwritable

SOME_REJECTED, REFUSED = 3, 2
DATABASE_LOST = (
    "The database stopped answering, so the file may not have been stored. "
    "Run the same command again: nothing is ever stored twice."
)


class Command(BaseCommand):
    help = "Import a partner's file: checked row by row, stored, or returned with what to correct."
    requires_system_checks = []  # they load every room's pages, which an import does not need

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("contract", metavar="CONTRACT", help="the dataset, or its contract")
        parser.add_argument(
            "path",
            metavar="PATH",
            type=Path,
            help="a workbook, CSV, JSON, Parquet file, zip or folder",
        )
        parser.add_argument(
            "--from",
            dest="organisation",
            metavar="ORGANISATION",
            required=True,
            help="the organisation whose data it is, by its short name",
        )
        parser.add_argument(
            "--choices",
            metavar="FILE",
            type=Path,
            help="which sheet, row, columns and words are meant, as JSON; kept for the next file",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = console(clock.today())
        try:
            organisation = organisation_named(actor=actor, name=options["organisation"])
            dataset = dataset_named(
                actor=actor, name=options["contract"], organisation=organisation
            )
            choice = _choices(options["choices"], contract_of(dataset))
            received = receive(
                actor=actor,
                dataset=dataset,
                organisation=organisation,
                source=options["path"],
                now=clock.now(),
                arrived=Arrival.COMMAND,
                choice=choice,
            )
            submission = received.submission
            if submission.state in (State.WAITING, State.WORKING):
                submission = work(actor=actor, submission=submission, clock=clock.now)
            if choice is not None and submission.state == State.STORED:
                remember(actor=actor, submission=submission, choice=choice, now=clock.now())
        except (NoSuchName, Unreadable, Busy, StoreUnwritable) as problem:
            self._refuse(str(problem), as_json=options["json"])
            return
        except OperationalError:
            self._refuse(DATABASE_LOST, as_json=options["json"])
            return
        already = received.already if received.submission.state == State.STORED else ""
        self._tell(submission, already, as_json=options["json"])

    def _refuse(self, sentence: str, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"state": "refused", "refusal": sentence}))
        else:
            self.stderr.write(sentence)
        sys.exit(REFUSED)

    def _tell(self, submission: Submission, already: str, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(_as_dict(submission, already), ensure_ascii=False))
        elif submission.state == State.STORED:
            self._say(submission, already)
        else:
            ended = [submission.refusal, submission.remedy]
            said = " ".join(part for part in ended if part)
            self.stderr.write(said or f"{submission.get_state_display()}. Nothing was stored.")
        if submission.state != State.STORED:
            sys.exit(REFUSED)
        if submission.rejected:
            sys.exit(SOME_REJECTED)

    def _say(self, submission: Submission, already: str) -> None:
        if already:
            self.stdout.write(already)
        self.stdout.write(f"Received  {submission.received:>12,}")
        self.stdout.write(f"Stored    {submission.stored:>12,}")
        self.stdout.write(f"Rejected  {submission.rejected:>12,}")
        self.stdout.write(f"Warnings  {len(submission.warnings):>12,}")
        for warning in submission.warnings:
            rows = f" {warning['count']:,} rows." if warning["count"] else ""
            self.stdout.write(f"  {warning['message']}{rows} {warning['remedy']}".rstrip())
        self.stdout.write(f"Repairs   {sum(each['count'] for each in submission.repairs):>12,}")
        for repair in submission.repairs:
            column = f" {repair['column']}." if repair["column"] else ""
            times = f" {repair['count']:,} times." if repair["count"] > 1 else ""
            self.stdout.write(f"  {repair['what']}{column}{times}")
        if submission.rejected:
            self.stdout.write("The rejected rows are on the page of the submission, under Returns.")


def _choices(path: Path | None, contract: Contract) -> Choice | None:
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Unreadable(f"{path.name} cannot be read.", "Check the name and the folder.") from None
    return choice_written(text, contract)


def _as_dict(submission: Submission, already: str) -> dict[str, Any]:
    return {
        "submission": str(submission.pk),
        "state": submission.state,
        "dataset": submission.dataset.slug,
        "organisation": submission.organisation.slug,
        "received": submission.received,
        "stored": submission.stored,
        "rejected": submission.rejected,
        "warnings": submission.warnings,
        "repairs": submission.repairs,
        "refusal": submission.refusal,
        "remedy": submission.remedy,
        "already": bool(already),
        "months": [
            {
                "month": f"{each.month:%Y-%m}",
                "received": each.received,
                "stored": each.stored,
                "rejected": each.rejected,
            }
            for each in submission.months.all()
        ],
    }
