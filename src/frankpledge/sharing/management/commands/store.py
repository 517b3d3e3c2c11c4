import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from frankpledge.core import clock
from frankpledge.sharing.actions.importing import copy_to_bucket, sweep
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.queries import keeping


class Command(BaseCommand):
    help = "Check every file of the store against its hash. Ends with 1 where one is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        tasks = parser.add_subparsers(dest="task", required=True)
        verify = tasks.add_parser("verify", help="read every file and compare its hash and counts")
        verify.add_argument("--json", action="store_true", help="print the verdict as JSON")
        tasks.add_parser("sweep", help="remove files that no return of the database knows")

        tasks.add_parser("copy", help="put in the bucket what only this machine's folder has")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["task"] == "sweep":
            swept = sweep(open_store(), clock.now())
            removed = len(swept.submissions) + len(swept.originals)
            self.stdout.write(f"Removed what was left of {removed:,} unfinished returns.")
            return
        if options["task"] == "copy":
            store = open_store()
            if store.bucket is None:
                raise CommandError(
                    "The store is a folder. Set FRANKPLEDGE_STORE to a bucket first."
                )
            try:
                copied = copy_to_bucket(store)
            except FileNotFoundError as missing:
                raise CommandError(
                    f"{missing.filename} is missing. Restore it from a backup, then run this again."
                ) from None
            self.stdout.write(f"Put {copied:,} returns in {store.bucket}.")
            return
        verdict = keeping.verify()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(verdict), indent=1))
        else:
            self.stdout.write(verdict.sentence)
            for problem in verdict.problems:
                self.stdout.write(f"- {problem.what} {problem.remedy}")
        if verdict.problems:
            sys.exit(1)
