from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import Http404

from frankpledge.access.actors import console
from frankpledge.agreement.queries import reading
from frankpledge.agreement.queries.document import document_of
from frankpledge.components.serving import write_files
from frankpledge.core import clock


class Command(BaseCommand):
    help = "Write the Community Safety Agreement: html, pdf and docx."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Django's own --version would be in the way of the agreement's.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--version", dest="number", default="", help="as 6.0; the current one without it"
        )
        parser.add_argument("--out", type=Path, required=True, help="the folder to write into")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = console(clock.today())
        number = options["number"]
        versions = reading.versions(actor=actor)
        found = versions.filter(number=number).first() if number else reading.current(actor=actor)
        if found is None:
            known = ", ".join(versions.values_list("number", flat=True)) or "none"
            raise CommandError(f"There is no version {number or 'published yet'}. Held: {known}.")
        try:
            document = document_of(found) if found.chapters.exists() else None
        except Http404:
            document = None
        if document is None:
            raise CommandError(
                f"The text of version {found.number} is not held; only its change notes are."
            )
        stem = f"community-safety-agreement-{found.number}"
        for path in write_files(document, options["out"], stem):
            self.stdout.write(str(path))
