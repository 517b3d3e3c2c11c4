"""Loads the example partnership, and with it (unless told not to) its synthetic data."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from frankpledge.core import clock
from frankpledge.example.loading import everything


class Command(BaseCommand):
    help = "Load the example partnership with synthetic data (once; again does nothing)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-incidents",
            action="store_true",
            help="load the partnership alone, for real files to be imported",
        )
        parser.add_argument(
            "--reset", action="store_true", help="empty this home first; asks before it does"
        )
        parser.add_argument("--yes", action="store_true", help="answer yes to the question")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The example cannot be loaded in production.")
        if options["reset"]:
            self._reset(sure=options["yes"])
        if everything.is_loaded():
            self.stdout.write("The example is loaded already.")
        else:
            try:
                everything.load(say=self.stdout.write, now=clock.now())
            except everything.UnableToLoad as error:
                raise CommandError(str(error)) from None
        if not options["no_incidents"]:
            self._incidents()

    def _incidents(self) -> None:
        from frankpledge.example.loading import incidents

        incidents.load(say=self.stdout.write, now=clock.now())

    def _reset(self, *, sure: bool) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("Make a new, empty database and point DATABASE_URL at it.")
        home = Path(settings.HOME)
        if not sure:
            answer = input(f"Everything in {home} will be deleted. Type reset to go on: ")
            if answer.strip() != "reset":
                raise CommandError("Nothing was deleted.")
        connection.close()
        for file in home.glob("frankpledge.sqlite3*"):
            file.unlink()
        shutil.rmtree(home / "store", ignore_errors=True)
        (home / "audit-head.txt").unlink(missing_ok=True)
        call_command("migrate", verbosity=0)
        self.stdout.write("Emptied.")
