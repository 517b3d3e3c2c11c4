"""Caveats: what every answer says that uses these months, and the page that lists them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.shortcuts import get_object_or_404

from frankpledge.sharing.models import Caveat, Dataset


def caveats(dataset: Dataset) -> QuerySet[Caveat]:
    """All that ever stood, those that still stand first."""
    return Caveat.objects.filter(dataset=dataset).order_by(
        F("valid_to").desc(nulls_first=True), F("first_month").asc(nulls_first=True), "pk"
    )


def find_caveat(dataset: Dataset, key: Any) -> Caveat:
    """A caveat is part of its dataset, about which the caller has asked."""
    return get_object_or_404(Caveat.objects.select_related("dataset"), dataset=dataset, pk=key)


def standing_caveats(dataset: Dataset, *, start: date, end: date, on: date) -> tuple[str, ...]:
    """The sentences in force on a day that touch a period, as every answer repeats them."""
    touching = Caveat.objects.on(on).filter(
        Q(first_month__isnull=True) | Q(first_month__lte=end),
        Q(last_month__isnull=True) | Q(last_month__gte=start),
        dataset=dataset,
    )
    ordered = touching.order_by(F("first_month").asc(nulls_first=True), "created_at", "pk")
    return tuple(dict.fromkeys(sentence(each) for each in ordered))


def sentence(caveat: Caveat) -> str:
    """The words and the months they are about."""
    text = caveat.text.rstrip(" .")
    return f"{text} ({span(caveat)})." if span(caveat) else f"{text}."


def span(caveat: Caveat) -> str:
    first, last = caveat.first_month, caveat.last_month
    if first and last:
        return f"{first:%B %Y}" if first == last else f"{first:%B %Y} to {last:%B %Y}"
    if first:
        return f"from {first:%B %Y}"
    return f"to {last:%B %Y}" if last else ""
