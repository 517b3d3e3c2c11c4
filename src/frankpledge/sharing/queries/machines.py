"""What a machine is told: the data it may send, with what is asked of it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find, visible
from frankpledge.access.enums import Capability
from frankpledge.contracts import Contract
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import Arrival, SubmissionState
from frankpledge.sharing.models import ApiKey, Dataset, Submission
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.queries.calendar import Line, board, schedules
from frankpledge.sharing.queries.choosing import asked_of
from frankpledge.sharing.queries.contracts import contract_of
from frankpledge.sharing.queries.permission import permission_to_send
from frankpledge.sharing.queries.returns import covered
from frankpledge.sharing.rules import Permission
from frankpledge.sharing.working import is_worked_on

_LOOKS_BACK = timedelta(days=400)
_STARTS_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True)
class Sendable:
    dataset: Dataset
    contract: Contract
    permission: Permission
    lines: list[Line]


def sendable(*, actor: Actor, key: ApiKey) -> list[Sendable]:
    datasets = list(covered(actor=actor, organisations=[key.organisation]).order_by("slug"))
    lines = _owed(actor, datasets)
    return [
        Sendable(
            dataset=dataset,
            contract=contract_of(dataset),
            permission=permission_to_send(
                organisation=key.organisation, dataset=dataset, on=actor.on
            ),
            lines=[line for line in lines if line.schedule.dataset_id == dataset.pk],
        )
        for dataset in datasets
    ]


def _owed(actor: Actor, datasets: list[Dataset]) -> list[Line]:
    """The returns of the key's organisation for these datasets that are not whole yet."""
    mine = actor.organisations()
    chosen = schedules(actor=actor).filter(dataset__in=datasets, organisations__in=mine).distinct()
    found = board(actor=actor, today=actor.on, schedules=chosen, since=actor.on - _LOOKS_BACK)
    return [line for line in found if line.is_owed and line.organisation.pk in mine]


def find_dataset(*, actor: Actor, organisation: Organisation, slug: str) -> Dataset:
    found: Dataset = find(
        actor, Dataset, covered(actor=actor, organisations=[organisation]), slug=slug
    )
    return found


def submissions(*, actor: Actor) -> QuerySet[Submission]:
    return (
        visible(actor, Capability.VIEW, Submission)
        .select_related("dataset", "organisation")
        .order_by("-sent_at", "pk")
    )


def interrupted(*, queued: set[str], now: datetime) -> list[Submission]:
    """Files from machines that wait although no task is to import them."""
    found = Submission.objects.filter(
        arrived__in=(Arrival.API, Arrival.FEED),
        state__in=(SubmissionState.WAITING, SubmissionState.WORKING),
        sent_at__lt=now - _STARTS_WITHIN,
    )
    return [
        each
        for each in found
        if str(each.pk) not in queued
        and asked_of(each) is None
        and not is_worked_on(settings.STORE, each.pk)
    ]


@dataclass(frozen=True)
class Page:
    number: int
    pages: int
    count: int
    items: list[Any]


def page_of(queryset: QuerySet[Any], *, page: int, size: int) -> Page:
    count = queryset.count()
    start = (page - 1) * size
    return Page(page, max(1, -(-count // size)), count, list(queryset[start : start + size]))


def faults_page(submission: Submission, *, page: int, size: int) -> Page:
    """Some of the faults of returned rows, in the order of the file."""
    frame = open_store().faults(str(submission.pk))
    found = frame.slice((page - 1) * size, size)
    return Page(page, max(1, -(-frame.height // size)), frame.height, found.to_dicts())
