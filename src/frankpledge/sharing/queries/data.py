"""What the store holds now: the current month of each provider, and where its files are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Min

from frankpledge.partnership.models import Organisation
from frankpledge.sharing.models import Dataset, SubmissionMonth


@dataclass(frozen=True)
class HeldMonth:
    """One current month of one provider."""

    month: date
    submission_id: str
    organisation_id: object
    stored: int
    incomplete: bool
    vintage: int | None
    synthetic: bool


def held_months(
    *,
    dataset: Dataset,
    organisations: Iterable[Organisation],
    start: date | None = None,
    end: date | None = None,
) -> list[HeldMonth]:
    """Every current month within a period (both ends are first days of months, inclusive)."""
    found = SubmissionMonth.objects.filter(
        dataset=dataset, organisation__in=list(organisations), current=True
    ).select_related("submission")
    if start is not None:
        found = found.filter(month__gte=start)
    if end is not None:
        found = found.filter(month__lte=end)
    return [
        HeldMonth(
            month=row.month,
            submission_id=str(row.submission_id),
            organisation_id=row.organisation_id,
            stored=row.stored,
            incomplete=row.incomplete,
            vintage=row.vintage,
            synthetic=row.submission.synthetic,
        )
        for row in found.order_by("month", "organisation_id", "pk")
    ]


def extent(dataset: Dataset) -> tuple[date, date] | None:
    """The first and last month held of a dataset."""
    ends = SubmissionMonth.objects.filter(dataset=dataset, current=True).aggregate(
        first=Min("month"), last=Max("month")
    )
    return (ends["first"], ends["last"]) if ends["first"] else None


def version_of(months: Iterable[HeldMonth]) -> str:
    """A digest that changes when any month read changes: what a Finding rested on."""
    lines = sorted(f"{held.month} {held.organisation_id} {held.submission_id}" for held in months)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
