"""Requests for data: what may be asked of whom, and on which clause a grant may rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find, visible
from frankpledge.access.enums import Capability, Role
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import VersionState
from frankpledge.sharing.models import Clause, DataRequest, Dataset, Term


@dataclass(frozen=True)
class Choices:
    datasets: QuerySet[Dataset]
    providers: QuerySet[Organisation]
    recipients: QuerySet[Organisation]


def requests(*, actor: Actor) -> QuerySet[DataRequest]:
    return visible(actor, Capability.VIEW, DataRequest).select_related(
        "dataset", "provider", "recipient", "asked_by", "term"
    )


def find_request(*, actor: Actor, key: Any) -> DataRequest:
    whole = DataRequest.objects.select_related(
        "dataset",
        "provider",
        "recipient",
        "asked_by",
        "decided_by",
        "term__clause",
        "term__version__agreement",
    )
    found: DataRequest = find(actor, DataRequest, queryset=whole, pk=key)
    return found


def provides(dataset: Dataset) -> QuerySet[Organisation]:
    """Those who give a dataset by a term in force, or have sent it."""
    terms = Term.objects.filter(dataset=dataset, version__state=VersionState.IN_FORCE)
    return Organisation.objects.filter(
        Q(pk__in=terms.filter(provider__isnull=False).values("provider"))
        | Q(submissions__dataset=dataset, submissions__months__current=True)
    ).distinct()


def choices(*, actor: Actor) -> Choices:
    protected = visible(actor, Capability.VIEW, Dataset).filter(published_already=False)
    terms = Term.objects.filter(version__state=VersionState.IN_FORCE, dataset__in=protected)
    given = Q(pk__in=terms.filter(provider__isnull=False).values("provider"))
    sent = Q(submissions__dataset__in=protected, submissions__months__current=True)
    mine = actor.organisations(Role.PARTNER)
    return Choices(
        datasets=protected,
        providers=Organisation.objects.filter(given | sent).exclude(pk__in=mine).distinct(),
        recipients=Organisation.objects.filter(pk__in=mine),
    )


def clauses(request: DataRequest) -> QuerySet[Clause]:
    """The clauses in force that bind both: of agreements to which each is a party."""
    return (
        Clause.objects.filter(
            version__state=VersionState.IN_FORCE,
            version__agreement__in=request.provider.sharing_agreements.all(),
        )
        .filter(version__agreement__in=request.recipient.sharing_agreements.all())
        .select_related("version__agreement")
        .order_by("version__agreement__title", "order", "pk")
    )


def standing(request: DataRequest, on: date) -> tuple[str, str]:
    """In a word, and its colour."""
    if request.granted is None:
        return "To be decided", "yellow"
    if not request.granted:
        return "Refused", "red"
    if request.expires_on < on:
        return "Ended", "grey"
    return "Granted", "green"
