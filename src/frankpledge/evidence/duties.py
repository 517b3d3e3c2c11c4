"""What the analyst owes: a look at what stands out."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Min
from django.urls import reverse

from frankpledge.access.actors import Actor
from frankpledge.access.enums import Role
from frankpledge.core.registries import Duty, register_duties
from frankpledge.evidence.queries.signals import open_signals

DAYS_TO_LOOK = 14


@register_duties
def signals_to_look_at(actor: Actor, today: date) -> Iterator[Duty]:
    """One for all that the analyst may see and nobody has settled."""
    if not actor.holds(Role.ANALYST):
        return
    waiting = open_signals(actor=actor)
    count = waiting.count()
    if not count:
        return
    since = waiting.aggregate(since=Min("watch__on"))["since"]
    yield Duty(
        what=f"Look at {count} emerging issue{'' if count == 1 else 's'}",
        due=since + timedelta(days=DAYS_TO_LOOK),
        url=reverse("emerging"),
        owed_by="Analyst",
        kind="Emerging issue",
        reason="Each is dismissed with a reason or brought in as a Finding.",
        for_roles=frozenset({(str(Role.ANALYST), None)}),
    )
