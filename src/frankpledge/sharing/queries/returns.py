"""What the pages of returns show: files sent, what became of them, what is held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet, Sum

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
    Dataset,
    SharingAgreement,
    Submission,
    SubmissionMonth,
    Term,
)
from frankpledge.sharing.queries.contracts import contract_of
from frankpledge.sharing.queries.permission import permission_to_send
from frankpledge.sharing.rules import Permission, UnableToMove, check_move, gaps
from frankpledge.sharing.rules.typing_in import can_be_typed
from frankpledge.sharing.store import Store
from frankpledge.sharing.working import is_worked_on

COLOURS = {
    State.WAITING: "blue",
    State.WORKING: "light-blue",
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


def ended_and_kept(now: datetime) -> QuerySet[Submission]:
    """Files that ended without being stored and are still kept, so that nothing is lost.

    What an agreement refused is not kept: only an unreadable file has a remedy.
    """
    ended = Q(state=State.CANCELLED) | (Q(state=State.REFUSED) & ~Q(remedy=""))
    since = now - timedelta(days=settings.KEEP_ENDED_DAYS)
    return Submission.objects.filter(ended, finished_at__gt=since).exclude(file_digest="")


@dataclass(frozen=True)
class SubmissionPage:
    submission: Submission
    contract: Contract
    months: list[SubmissionMonth]
    replaced: int
    may_read_rows: Decision
    may_undo: Decision
    is_worked_on: bool

    @property
    def kept_until(self) -> date | None:
        """The last day on which the file itself is there, where it was not stored."""
        sent = self.submission
        refused = sent.state == State.REFUSED and sent.remedy
        if not (refused or sent.state == State.CANCELLED) or sent.finished_at is None:
            return None
        return (sent.finished_at + timedelta(days=settings.KEEP_ENDED_DAYS)).date()

    @property
    def is_open(self) -> bool:
        return self.submission.state in (State.WAITING, State.WORKING)

    @property
    def was_interrupted(self) -> bool:
        """Its worker died: nothing of it is stored, and it can be started again."""
        return self.submission.state == State.WORKING and not self.is_worked_on

    @property
    def colour(self) -> str:
        return COLOURS[State(self.submission.state)]

    def can_become(self, state: State) -> bool:
        try:
            check_move(self.submission.state, state)
        except UnableToMove:
            return False
        return True

    @property
    def can_cancel(self) -> bool:
        return self.is_open and not self.submission.cancel_requested

    @property
    def can_undo(self) -> bool:
        return self.can_become(State.UNDONE)

    @property
    def can_redo(self) -> bool:
        return self.submission.state == State.UNDONE


def submission_page(*, actor: Actor, key: Any) -> SubmissionPage:
    submission = find_submission(actor=actor, key=key)
    months = list(
        submission.months.select_related("superseded_by__submission").annotate(
            replaces=Count("supersedes")
        )
    )
    return SubmissionPage(
        submission=submission,
        contract=contract_of(submission.dataset),
        months=months,
        replaced=sum(month.replaces for month in months),
        may_read_rows=may(actor, Capability.READ_RETURNED_ROWS, submission),
        may_undo=may(actor, Capability.UNDO_SUBMISSION, submission),
        is_worked_on=is_worked_on(settings.STORE, submission.pk),
    )


def find_submission(*, actor: Actor, key: Any) -> Submission:
    return find(
        actor,
        Submission,
        Submission.objects.select_related(
            "dataset", "organisation", "sent_by", "term__version__agreement", "term__clause"
        ),
        pk=key,
    )


def returned_rows(submission: Submission) -> list[dict[str, Any]]:
    """One line for each fault of a returned row, in the order of the file."""
    store = Store(settings.STORE)
    if not store.faults_path(str(submission.pk)).exists():
        return []
    return list(store.faults(str(submission.pk)).iter_rows(named=True))


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


def dataset_page(*, actor: Actor, slug: str) -> DatasetPage:
    dataset = find(actor, Dataset, slug=slug)
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
    )
