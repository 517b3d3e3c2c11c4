"""Telling the owners of protected data that somebody read theirs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from frankpledge.access.actors import Actor
from frankpledge.evidence.models import Signal
from frankpledge.evidence.queries.asking import Answer
from frankpledge.sharing.actions.uses import Used, note_use
from frankpledge.sharing.enums import UseKind
from frankpledge.sharing.models import Dataset
from frankpledge.sharing.queries.contracts import contract_of
from frankpledge.sharing.queries.data import HeldMonth, held_months
from frankpledge.sharing.queries.permission import Reading, reading


def note_answer(*, actor: Actor, answer: Answer, how: str, now: datetime) -> None:
    question = answer.question
    parts = {question.by}
    parts |= {name for name in ("area", "category") if getattr(question, name)}
    note(
        actor=actor,
        dataset=answer.dataset,
        reading=answer.rests_on,
        held=dict.fromkeys((*answer.held, *answer.also_held)),
        parts=parts,
        how=how,
        now=now,
    )


def note_signals(*, actor: Actor, signals: Iterable[Signal], now: datetime) -> None:
    """Who looks at what stood out reads those series' figures."""
    datasets = {each.watch.dataset_id: each.watch.dataset for each in signals}
    for dataset in datasets.values():
        if dataset.published_already:
            continue
        allowed = reading(actor=actor, dataset=dataset, on=actor.on)
        note(
            actor=actor,
            dataset=dataset,
            reading=allowed,
            held=held_months(dataset=dataset, organisations=allowed.organisations),
            parts=("area", "category"),
            how=UseKind.ASKED,
            now=now,
        )


def note(
    *,
    actor: Actor,
    dataset: Dataset,
    reading: Reading,
    held: Iterable[HeldMonth],
    parts: Iterable[str],
    how: str,
    now: datetime,
) -> None:
    """A line for each provider of the months asked about. What everybody can download elsewhere is
    not noted."""
    if dataset.published_already:
        return
    months: dict[Any, list[HeldMonth]] = {}
    for each in held:
        months.setdefault(each.organisation_id, []).append(each)
    contract = contract_of(dataset)
    played = {"month", "count", *parts}
    note_use(
        actor=actor,
        dataset=dataset,
        how=how,
        columns=sorted({contract.role(part) for part in played} - {""}),
        used=[
            Used(
                provider_id=provider.pk,
                clause=permission.clause,
                purpose=permission.purpose,
                rows=sum(each.stored for each in months[provider.pk]),
                first_month=min(each.month for each in months[provider.pk]),
                last_month=max(each.month for each in months[provider.pk]),
            )
            for provider, permission in zip(reading.organisations, reading.permissions, strict=True)
            if provider.pk in months
        ],
        now=now,
    )
