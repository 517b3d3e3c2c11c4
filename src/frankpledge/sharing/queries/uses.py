"""Who used whose data, as its owner reads it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import visible
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.models import Dataset, DataUse


def owners(*, actor: Actor) -> QuerySet[Organisation]:
    """The organisations of which the actor reads who used their data."""
    return visible(actor, Capability.SEE_DATA_USE, Organisation)


def datasets(*, actor: Actor) -> QuerySet[Dataset]:
    return Dataset.objects.filter(
        pk__in=visible(actor, Capability.VIEW, DataUse).order_by().values("dataset")
    )


def uses(
    *,
    actor: Actor,
    provider: Organisation | None = None,
    dataset: Dataset | None = None,
    how: Any = (),
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[DataUse]:
    """Days are inclusive."""
    found = visible(actor, Capability.VIEW, DataUse).select_related("user", "dataset", "provider")
    if provider is not None:
        found = found.filter(provider=provider)
    if dataset is not None:
        found = found.filter(dataset=dataset)
    if how:
        found = found.filter(how__in=list(how))
    if since is not None:
        found = found.filter(at__date__gte=since)
    if until is not None:
        found = found.filter(at__date__lte=until)
    return found
