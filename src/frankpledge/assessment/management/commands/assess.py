from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from frankpledge.access.actors import console
from frankpledge.assessment.queries.drafting import UnableToAssess, district_document
from frankpledge.components.serving import write_files
from frankpledge.core import clock


class Command(BaseCommand):
    help = "Write a district's strategic assessment from the data held: html, pdf and docx."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--csp", required=True, help="the partnership, as in its address")
        parser.add_argument("--from", dest="start", required=True, help="first month, as 2025-01")
        parser.add_argument("--to", dest="end", required=True, help="last month, as 2025-12")
        parser.add_argument("--out", type=Path, required=True, help="the folder to write into")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            document = district_document(
                actor=console(clock.today()),
                csp=options["csp"],
                start=options["start"],
                end=options["end"],
                on=clock.today(),
            )
        except UnableToAssess as error:
            raise CommandError(str(error)) from None
        stem = f"{options['csp']}-strategic-assessment-{options['start']}-{options['end']}"
        for path in write_files(document, options["out"], stem):
            self.stdout.write(str(path))
