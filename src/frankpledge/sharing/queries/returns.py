"""What the pages of returns show: files sent, what became of them, what is held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, Min, Q, QuerySet, Sum

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import (
    Decision,
    decided,
    find,
    may,
    visible,
    with_decisions,
)
from frankpledge.access.enums import Capability
from frankpledge.contracts import Contract
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import Basis, VersionState
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import (
    Caveat,
    Dataset,
    SharingAgreement,
    Submission,
    SubmissionMonth,
    Term,
)
from frankpledge.sharing.queries.caveats import sentence
from frankpledge.sharing.queries.contracts import contract_of
from frankpledge.sharing.queries.permission import permission_to_send
from frankpledge.sharing.rules import Permission, gaps
from frankpledge.sharing.rules.typing_in import can_be_typed

COLOURS = {
    State.WAITING: "blue",
    State.WORKING: "light-blue",
    State.CHECKED: "purple",
    State.STORED: "green",
    State.REFUSED: "red",
    State.CANCELLED: "grey",
    State.UNDONE: "yellow",
}


def submissions(
    *,
    actor: Actor,
    organisation: Organisation | None = None,
    dataset: Dataset | None = None,
    state: Iterable[str] = (),
) -> QuerySet[Submission]:
    """Those the actor may see, each with its first and last month."""
    found = visible(actor, Capability.VIEW, Submission).select_related("dataset", "organisation")
    if organisation is not None:
        found = found.filter(organisation=organisation)
    if dataset is not None:
        found = found.filter(dataset=dataset)
    if state:
        found = found.filter(state__in=list(state))
    return found.annotate(first_month=Min("months__month"), last_month=Max("months__month"))


def senders(*, actor: Actor) -> QuerySet[Organisation]:
    """The organisations for which the actor may send data under some agreement in force."""
    terms = Term.objects.filter(version__state=VersionState.IN_FORCE)
    named = Q(pk__in=terms.filter(provider__isnull=False).values("provider"))
    parties = Q(pk__in=terms.filter(provider__isnull=True).values("version__agreement__parties"))
    return visible(actor, Capability.SUBMIT_DATA, Organisation).filter(named | parties)


NOBODY_TO_SEND_FOR = Decision(
    Capability.SUBMIT_DATA,
    False,
    "No information sharing agreement in force names data that you may send.",
    "Access rules, returns",
    "Ask the county team to add a term.",
)


def returning(*, actor: Actor) -> QuerySet[Organisation]:
    """The organisations whose returns the actor sees."""
    seen = visible(actor, Capability.VIEW, Submission)
    return Organisation.objects.filter(pk__in=seen.values("organisation"))


def covered(*, actor: Actor, organisations: Iterable[Organisation]) -> QuerySet[Dataset]:
    """The data that a term in force names from one of these organisations."""
    listed = list(organisations)
    terms = Term.objects.filter(version__state=VersionState.IN_FORCE).filter(
        Q(provider__in=listed) | Q(provider__isnull=True, version__agreement__parties__in=listed)
    )
    return visible(actor, Capability.VIEW, Dataset).filter(pk__in=terms.values("dataset"))


@dataclass(frozen=True)
class Prospect:
    """One dataset that may (or may not) be sent for an organisation today."""

    organisation: Organisation
    dataset: Dataset
    permission: Permission

    @property
    def can_be_typed(self) -> bool:
        return bool(self.permission) and can_be_typed(contract_of(self.dataset))

    @property
    def rests_on(self) -> str:
        basis = self.permission.basis
        return str(Basis(basis).label) if basis else "No agreement"


def prospects(*, actor: Actor, organisations: Iterable[Organisation]) -> list[Prospect]:
    return [
        Prospect(
            organisation,
            dataset,
            permission_to_send(organisation=organisation, dataset=dataset, on=actor.on),
        )
        for organisation in organisations
        for dataset in covered(actor=actor, organisations=[organisation])
    ]


NOT_KEPT = {"kept": False}  # among the choices, of a file that points to persons


def ended_and_kept(now: datetime) -> QuerySet[Submission]:
    """Files that ended without being stored and are still kept, so that nothing is lost.

    What an agreement refused is not kept: only an unreadable file has a remedy. Nor is what its
    sender withdrew (only that was cancelled with words), nor what points to persons.
    """
    ended = Q(state=State.CANCELLED, refusal="") | (Q(state=State.REFUSED) & ~Q(remedy=""))
    since = now - timedelta(days=settings.KEEP_ENDED_DAYS)
    found = Submission.objects.filter(ended, finished_at__gt=since).exclude(file_digest="")
    return found.exclude(choices=NOT_KEPT)


# What is held


@dataclass(frozen=True)
class Held:
    """The months of one organisation in one dataset."""

    organisation: Organisation
    months: list[SubmissionMonth]

    @property
    def first(self) -> date:
        return self.months[0].month

    @property
    def last(self) -> date:
        return self.months[-1].month

    @property
    def gaps(self) -> list[tuple[date, date]]:
        return gaps([each.month for each in self.months])

    @property
    def stored(self) -> int:
        return sum(each.stored for each in self.months)

    @property
    def incomplete(self) -> list[date]:
        return [each.month for each in self.months if each.incomplete]


@dataclass(frozen=True)
class DatasetLine:
    """A dataset in the list: how much of it is held, and whether the actor may ask of it."""

    dataset: Dataset
    first: date | None
    last: date | None
    rows: int
    may_ask: Decision


def dataset_lines(*, actor: Actor) -> list[DatasetLine]:
    counted = {
        row["dataset"]: row
        for row in SubmissionMonth.objects.filter(current=True)
        .values("dataset")
        .annotate(first=Min("month"), last=Max("month"), rows=Sum("stored"))
    }
    seen = with_decisions(
        visible(actor, Capability.VIEW, Dataset), actor, [Capability.ASK]
    ).order_by("name", "pk")
    lines = []
    for dataset in seen:
        held = counted.get(dataset.pk, {})
        lines.append(
            DatasetLine(
                dataset,
                held.get("first"),
                held.get("last"),
                held.get("rows", 0),
                decided(dataset, Capability.ASK),
            )
        )
    return lines


@dataclass(frozen=True)
class DatasetPage:
    dataset: Dataset
    contract: Contract
    held: list[Held]
    agreements: list[SharingAgreement]
    may_ask: Decision
    may_set_approvals: Decision
    caveats: tuple[str, ...]


def find_dataset(*, actor: Actor, slug: str) -> Dataset:
    found: Dataset = find(actor, Dataset, slug=slug)
    return found


def dataset_page(*, actor: Actor, slug: str) -> DatasetPage:
    dataset = find_dataset(actor=actor, slug=slug)
    months = (
        SubmissionMonth.objects.filter(dataset=dataset, current=True)
        .select_related("organisation")
        .order_by("organisation__name", "organisation", "month")
    )
    held: dict[Any, Held] = {}
    for month in months:
        line = held.setdefault(month.organisation_id, Held(month.organisation, []))
        line.months.append(month)
    return DatasetPage(
        dataset=dataset,
        contract=contract_of(dataset),
        held=list(held.values()),
        agreements=list(
            visible(actor, Capability.VIEW, SharingAgreement).filter(
                pk__in=Term.objects.filter(
                    dataset=dataset, version__state=VersionState.IN_FORCE
                ).values("version__agreement")
            )
        ),
        may_ask=may(actor, Capability.ASK, dataset),
        caveats=tuple(
            sentence(each) for each in Caveat.objects.on(actor.on).filter(dataset=dataset)
        ),
        may_set_approvals=may(actor, Capability.SET_APPROVALS, dataset),
    )
