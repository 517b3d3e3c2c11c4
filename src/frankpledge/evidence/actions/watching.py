"""Watching what came, and settling what stood out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE
from frankpledge.access.enums import Capability
from frankpledge.analysis.disclosure import Refused
from frankpledge.analysis.harm import WeightTable
from frankpledge.evidence.actions.findings import first_day, save_finding
from frankpledge.evidence.enums import SignalState
from frankpledge.evidence.models import Finding, HarmWeights, Signal, Watch
from frankpledge.evidence.queries.asking import Answer
from frankpledge.evidence.queries.watching import (
    Looked,
    Readership,
    look,
    readers,
    readerships,
    unwatched,
)
from frankpledge.sharing.models import Dataset, SubmissionMonth


class UnableToSettle(Exception):
    """The signal has been settled already."""


def watch(*, datasets: Iterable[Dataset], on: date) -> list[Watch]:
    """Watch what of these datasets is not watched as it stands; calling it again does nothing."""
    actors = readers(on)
    made = []
    for dataset in datasets:
        for readership in readerships(dataset=dataset, actors=actors, on=on):
            for detail in unwatched(readership=readership, on=on):
                try:
                    looked = look(readership=readership, detail=detail, on=on)
                except Refused:
                    continue
                with transaction.atomic():
                    Dataset.objects.select_for_update().get(pk=dataset.pk)
                    if detail in unwatched(readership=readership, on=on):
                        made.append(_store(readership, looked, on))
    return made


def _store(readership: Readership, looked: Looked, on: date) -> Watch:
    stored = Watch.objects.create(
        dataset=readership.dataset,
        detail=looked.detail,
        month=first_day(looked.month),
        data_version=looked.version,
        method=looked.method,
        series=looked.series,
        tested=looked.tested,
        published=readership.dataset.published_already,
        rule=looked.rule,
        on=on,
    )
    stored.read_months.set(
        SubmissionMonth.objects.filter(
            dataset=readership.dataset,
            submission__in={each.submission_id for each in looked.held},
            organisation__in=readership.reading.organisations,
            current=True,
        )
    )
    settled = _settled_before(stored)
    Signal.objects.bulk_create(
        Signal(
            watch=stored,
            area=each.series.area,
            where=each.series.where,
            category=each.series.category,
            what=each.series.what,
            observed=each.observed,
            expected=each.expected,
            upper=each.upper,
            p_value=each.p_value,
            q_value=each.q_value,
            **settled.get((each.series.area, each.series.category, each.observed), {}),
        )
        for each in looked.found
    )
    return stored


def _settled_before(stored: Watch) -> dict[Any, dict[str, Any]]:
    """What was settled of the same month stays settled while the count is the same."""
    kept = ("state", "reason", "settled_by_id", "settled_at", "finding_id")
    earlier = (
        Signal.objects.filter(
            watch__dataset=stored.dataset, watch__month=stored.month, watch__detail=stored.detail
        )
        .exclude(state=SignalState.OPEN)
        .order_by("settled_at", "pk")
    )
    return {
        (each.area, each.category, each.observed): {name: getattr(each, name) for name in kept}
        for each in earlier
    }


def dismiss(*, actor: Actor, signal: Signal, reason: str, now: datetime) -> None:
    with change(actor=actor, capability=Capability.SETTLE_SIGNAL, record=signal, now=now) as audit:
        locked = _open(signal)
        locked.state, locked.reason = SignalState.DISMISSED, reason
        _by(locked, actor, now)
        audit.note(f"Dismissed “{locked}”: {reason}", record=locked)


def restore(*, actor: Actor, signal: Signal, now: datetime) -> None:
    """Take a dismissal back."""
    with change(actor=actor, capability=Capability.SETTLE_SIGNAL, record=signal, now=now) as audit:
        locked = Signal.objects.select_for_update(of=("self",)).get(pk=signal.pk)
        if locked.state != SignalState.DISMISSED:
            raise UnableToSettle("It is not dismissed. Open the list again.")
        locked.state, locked.reason = SignalState.OPEN, ""
        locked.settled_by, locked.settled_at = None, None
        locked.save()
        audit.note(f"Took back the dismissal of “{locked}”.", record=locked)


def keep(
    *, actor: Actor, signal: Signal, answer: Answer, words: dict[str, Any], now: datetime
) -> Finding:
    """Bring a signal in as a Finding: the explorer's own answer, with these words."""
    with change(actor=actor, capability=Capability.SETTLE_SIGNAL, record=signal, now=now) as audit:
        locked = _open(signal)
        finding = save_finding(actor=actor, answer=answer, words=words, now=now)
        locked.state, locked.finding = SignalState.KEPT, finding
        _by(locked, actor, now)
        audit.note(f"Brought in “{locked}” as a Finding.", record=locked)
    return finding


def load_weights(
    *, actor: Actor, dataset: Dataset, table: WeightTable, now: datetime
) -> HarmWeights:
    """Keep one edition of one measure; the same edition again takes its place."""
    with change(actor=actor, capability=Capability.LOAD_WEIGHTS, record=SITE, now=now) as audit:
        kept, _ = HarmWeights.objects.update_or_create(
            dataset=dataset,
            measure=table.measure,
            edition=table.edition,
            defaults={
                "since": table.since,
                "unit": table.unit,
                "weights": dict(table.weights),
            },
        )
        audit.note(f"Loaded {len(table.weights)} weights of {kept} for {dataset}.", record=kept)
    return kept


def _open(signal: Signal) -> Signal:
    locked: Signal = Signal.objects.select_for_update(of=("self",)).get(pk=signal.pk)
    if locked.state != SignalState.OPEN:
        raise UnableToSettle(
            f"It is {locked.get_state_display().lower()} already. Open the list again."
        )
    return locked


def _by(signal: Signal, actor: Actor, now: datetime) -> None:
    signal.settled_by_id = actor.user_id if actor.user_id != "console" else None
    signal.settled_at = now
    signal.save()
