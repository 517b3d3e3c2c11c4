from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from frankpledge.core import clock
from frankpledge.evidence.actions.watching import watch
from frankpledge.evidence.queries.watching import datasets_held


class Command(BaseCommand):
    help = "Watch every series of the data for what stands out; what was watched is left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dataset", default="", help="one dataset only, as police-street")

    def handle(self, *args: Any, **options: Any) -> None:
        datasets = datasets_held()
        if options["dataset"]:
            datasets = datasets.filter(slug=options["dataset"])
            if not datasets:
                raise CommandError(f"Nothing is held of {options['dataset']}.")
        made = watch(datasets=datasets, on=clock.today())
        for each in made:
            self.stdout.write(
                f"{each}, {each.get_detail_display().lower()}: {each.tested} of {each.series} "
                f"series tested, {each.signals.count()} stand out. {each.method}."
            )
        if not made:
            self.stdout.write("Everything is watched already.")
