import csv
import io
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import Http404

from frankpledge.access.decisions import Refused as NotAllowed
from frankpledge.analysis.disclosure import PublishableTable, Refused, Status
from frankpledge.core import clock
from frankpledge.evidence import uses
from frankpledge.evidence.queries import tabulating
from frankpledge.evidence.queries.actors import NoSuchActor, actor_named
from frankpledge.evidence.rules import UnableToAsk
from frankpledge.sharing.enums import UseKind

FORMATS = ("table", "csv", "json")


class Command(BaseCommand):
    help = "Ask the data: counts by month, category and area, through access and disclosure."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dataset", required=True, help="the dataset, as police-street")
        parser.add_argument("--from", dest="start", default="", help="first month, as 2025-01")
        parser.add_argument("--to", dest="end", default="", help="last month, as 2025-12")
        parser.add_argument("--area", default="", help="a district; the whole county without it")
        parser.add_argument("--category", default="", help="one kind only")
        parser.add_argument(
            "--by", default="month", help="month, category, area, with commas between"
        )
        parser.add_argument("--format", choices=FORMATS, default="table", help="how it is printed")
        parser.add_argument(
            "--as", dest="who", default="", help="the account that asks (its e-mail), or public"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            actor = actor_named(options["who"], on=clock.today())
            by = tuple(part.strip() for part in options["by"].split(",") if part.strip())
            counted = tabulating.counts(
                actor=actor,
                slug=options["dataset"],
                start=options["start"],
                end=options["end"],
                area=options["area"],
                category=options["category"],
                by=by,
                on=clock.today(),
            )
        except Http404:
            raise CommandError(f"There is no dataset {options['dataset']} to ask about.") from None
        except (NotAllowed, NoSuchActor, Refused, UnableToAsk) as error:
            raise CommandError(getattr(error, "sentence", str(error))) from None
        uses.note(
            actor=actor,
            dataset=counted.dataset,
            reading=counted.reading,
            held=counted.held,
            parts={
                *by,
                *(["area"] if options["area"] else []),
                *(["category"] if options["category"] else []),
            },
            how=UseKind.ASKED,
            now=clock.now(),
        )
        table = counted.table
        self.stdout.write({"json": _json, "csv": _csv, "table": _plain}[options["format"]](table))


def _json(table: PublishableTable) -> str:
    found = {
        "title": table.title,
        "rule": table.rule,
        "synthetic": table.synthetic,
        "notes": list(table.notes),
        "rows": table.records(),
    }
    return json.dumps(found, ensure_ascii=False, indent=1)


def _csv(table: PublishableTable) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.key for column in table.columns])
    writer.writerows(
        [cell.text if cell.status is Status.SUPPRESSED else cell.value for cell in row]
        for row in table.rows
    )
    return text.getvalue().rstrip("\n")


def _plain(table: PublishableTable) -> str:
    rows = [[c.label for c in table.columns], *[[cell.text for cell in row] for row in table.rows]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(table.columns))]
    right = [column.kind == "count" for column in table.columns]
    lines = [
        "  ".join(
            cell.rjust(width) if numeric else cell.ljust(width)
            for cell, width, numeric in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([table.title, "", *lines, *(["", *table.notes] if table.notes else [])])
