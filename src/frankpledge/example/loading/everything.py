"""The whole example in its order, in one transaction; incidents follow through the front door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from frankpledge.access.actors import console
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE
from frankpledge.access.enums import Capability
from frankpledge.access.models import User
from frankpledge.core import clock
from frankpledge.example.loading import agreement, areas, cycles, partnership, sharing
from frankpledge.example.personas import personas
from frankpledge.partnership.models import Body, Organisation

Say = Callable[[str], Any]


class UnableToLoad(Exception):
    """The example may not go where something else is."""


def is_loaded() -> bool:
    first = next(persona for persona in personas() if persona.first)
    return User.objects.filter(email=first.email).exists() and Body.objects.exists()


def load(*, say: Say, now: datetime) -> None:
    """Raises UnableToLoad when the database holds a partnership that is not the example."""
    if Organisation.objects.exists() or Body.objects.exists():
        raise UnableToLoad(
            "This database already holds a partnership. The example only goes into an empty one: "
            "set FRANKPLEDGE_HOME to a new folder."
        )
    actor = console(clock.today())
    with (
        transaction.atomic(),
        change(actor=actor, capability=Capability.DRAFT_AGREEMENT, record=SITE, now=now) as audit,
    ):
        say("Areas …")
        places = areas.load()
        say("Organisations, bodies, posts and plans …")
        loaded = partnership.load(places)
        say("The information sharing agreement …")
        sharing.load(loaded)
        say("Assessments of two cycles …")
        made = cycles.load(loaded)
        say("The Community Safety Agreement and its six versions …")
        agreement.load(loaded, made["issues"], made["closed"], made["current"])
        audit.note("Loaded the example: posts and organisations only, synthetic data.")
