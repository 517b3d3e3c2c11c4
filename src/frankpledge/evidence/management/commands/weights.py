from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from frankpledge.access.actors import console
from frankpledge.analysis.harm import UnusableWeights, read_weights
from frankpledge.core import clock
from frankpledge.evidence.actions.watching import load_weights
from frankpledge.evidence.queries.sources import labels
from frankpledge.evidence.queries.watching import dataset_called


class Command(BaseCommand):
    help = "Load a table of harm weights: a CSV file with the columns category and weight."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", help="the dataset, as police-street")
        parser.add_argument("path", type=Path, help="the CSV file")
        parser.add_argument("--measure", required=True, help="the name of the index")
        parser.add_argument("--edition", required=True, help="which edition of it")
        parser.add_argument("--since", required=True, help="first day it holds for, as 2025-04-01")
        parser.add_argument("--unit", default="harm", help="what one unit is, as days of sentence")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = dataset_called(options["dataset"])
        if dataset is None:
            raise CommandError(f"There is no dataset {options['dataset']}.")
        try:
            table = read_weights(
                options["path"].read_text(encoding="utf-8"),
                measure=options["measure"],
                edition=options["edition"],
                since=date.fromisoformat(options["since"]),
                unit=options["unit"],
            )
        except (UnusableWeights, OSError, ValueError) as error:
            raise CommandError(str(error)) from None
        strangers = sorted(set(table.weights) - set(labels(dataset)))
        if strangers:
            raise CommandError(
                f"“{strangers[0]}” is no category of {dataset}. Write one of its codes: "
                f"{', '.join(labels(dataset))}."
            )
        kept = load_weights(
            actor=console(clock.today()), dataset=dataset, table=table, now=clock.now()
        )
        self.stdout.write(f"{kept}: {len(table.weights)} weights for {dataset}.")
