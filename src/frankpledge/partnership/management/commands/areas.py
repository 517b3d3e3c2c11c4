from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from frankpledge.access.actors import console
from frankpledge.core import clock
from frankpledge.core.areas import NotAreas
from frankpledge.partnership.actions import load_areas


class Command(BaseCommand):
    help = "Load areas from the files that the Office for National Statistics publishes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        load = parser.add_subparsers(dest="task", required=True).add_parser(
            "load",
            help="boundaries (GeoJSON), look-ups and census residents (CSV), any year",
        )
        load.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        load.add_argument(
            "--within",
            nargs="+",
            default=[],
            metavar="AREA",
            help="only what lies in these counties, unitaries or districts (codes or names)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_areas(
                actor=console(clock.today()),
                paths=options["paths"],
                within=options["within"],
                now=clock.now(),
            )
        except NotAreas as error:
            raise CommandError(str(error)) from None
        for line in report.lines:
            self.stdout.write(line)
