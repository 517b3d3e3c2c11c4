"""Writing and ending a caveat that every answer repeats."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.enums import Capability
from frankpledge.sharing.models import Caveat, Dataset
from frankpledge.sharing.queries.caveats import sentence
from frankpledge.sharing.rules.questions import UnableToDiscuss, check_months


def write_caveat(
    *,
    actor: Actor,
    dataset: Dataset,
    text: str,
    first_month: date | None,
    last_month: date | None,
    now: datetime,
) -> Caveat:
    check_months(first_month, last_month)
    with change(actor=actor, capability=Capability.WRITE_CAVEAT, record=dataset, now=now) as audit:
        made = Caveat.objects.create(
            dataset=dataset,
            text=text,
            first_month=first_month,
            last_month=last_month,
            valid_from=actor.on,
        )
        audit.note(f"Every answer of {dataset} says: {sentence(made)}", record=made)
    return made


def end_caveat(*, actor: Actor, caveat: Caveat, now: datetime) -> Caveat:
    """No answer says it from today; what was said of it before stays."""
    with change(
        actor=actor, capability=Capability.WRITE_CAVEAT, record=caveat.dataset, now=now
    ) as audit:
        locked = Caveat.objects.select_for_update().get(pk=caveat.pk)
        if locked.valid_to is not None:
            raise UnableToDiscuss("It has ended already. Open the list again.")
        if locked.valid_from == actor.on:
            locked.valid_from = actor.on - timedelta(days=1)
        locked.valid_to = actor.on - timedelta(days=1)
        locked.save()
        audit.note(
            f"No answer of {caveat.dataset} says any more: {sentence(locked)}", record=locked
        )
    return locked
