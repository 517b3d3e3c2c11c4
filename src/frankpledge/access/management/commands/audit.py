import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from frankpledge.access import audit


class Command(BaseCommand):
    help = "Check that the audit trail is whole. Ends with 1 when it is not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_subparsers(dest="task", required=True).add_parser(
            "verify", help="walk the chain and find the first entry that was changed or cut off"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = audit.verify()
        self.stdout.write(verdict.sentence)
        if verdict.broken_at is not None:
            sys.exit(1)
