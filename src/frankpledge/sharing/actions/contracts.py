"""Making a contract from a sample, changing it, and putting it in use."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE, require
from frankpledge.access.enums import Capability
from frankpledge.contracts import BadContract, Unreadable, shipped
from frankpledge.contracts.drafting import Draft, Trial, draft_of, guessed, tried, written
from frankpledge.contracts.model import parse
from frankpledge.sharing.enums import ContractState
from frankpledge.sharing.models import Dataset, SavedContract


class UnableToMake(Exception):
    """A contract that cannot be made or changed so; the sentence says why."""


def make(
    *, actor: Actor, raw: bytes, name: str, key: str, title: str, now: datetime
) -> SavedContract:
    """A draft from a sample, of which nothing is kept.

    Raises Unreadable where the sample cannot be read or points to persons.
    """
    require(actor, Capability.MAKE_CONTRACT, SITE)
    if key in shipped() or SavedContract.objects.filter(key=key).exists():
        raise UnableToMake("A contract has this short name already. Choose another.")
    draft = guessed(raw, name=name, key=key, title=title)
    text = written(_filled(draft))
    try:
        tried(raw, text, name=name)
    except BadContract as problem:
        raise UnableToMake(str(problem)) from None
    with change(actor=actor, capability=Capability.MAKE_CONTRACT, record=SITE, now=now) as audit:
        saved = SavedContract.objects.create(
            key=key, version=draft.version, title=title, text=text, sample_name=name[:255]
        )
        audit.note(f"Made a draft contract, {title}, from a sample.", record=saved)
    return saved


def _filled(draft: Draft) -> Draft:
    """A draft needs a month or a date; without one nothing could be counted."""
    if "month" not in draft.roles and "date" not in draft.roles:
        raise UnableToMake(
            "No column of the sample holds dates or months. Every row needs one: add it."
        )
    return draft


def change_draft(
    *, actor: Actor, saved: SavedContract, draft: Draft, now: datetime
) -> SavedContract:
    """Keep what was edited; of a contract in use this makes the next version as a draft."""
    text = _checked(draft)
    with change(actor=actor, capability=Capability.MAKE_CONTRACT, record=saved, now=now) as audit:
        if saved.state == ContractState.DRAFT:
            saved.text, saved.title = text, draft.title
            saved.save()
        else:
            draft = replace(draft, version=_next(saved.key))
            saved = SavedContract.objects.create(
                key=saved.key,
                version=draft.version,
                title=draft.title,
                text=_checked(draft),
                sample_name=saved.sample_name,
            )
        audit.note(f"Changed the draft of {saved}.", record=saved)
    return saved


def _checked(draft: Draft) -> str:
    text = written(draft)
    try:
        parse(text, name=draft.key)
    except BadContract as problem:
        raise UnableToMake(str(problem)) from None
    return text


def _next(key: str) -> str:
    versions = SavedContract.objects.filter(key=key).values_list("version", flat=True)
    return f"1.{max(int(each.split('.')[1]) for each in versions) + 1}.0"


def put_in_use(*, actor: Actor, saved: SavedContract, now: datetime) -> Dataset:
    """From now on files of its dataset are checked against it."""
    with change(actor=actor, capability=Capability.MAKE_CONTRACT, record=saved, now=now) as audit:
        locked = SavedContract.objects.select_for_update().get(pk=saved.pk)
        if locked.state != ContractState.DRAFT:
            raise UnableToMake("Only a draft is put in use.")
        roles = draft_of(parse(locked.text, name=locked.key)).roles
        if "area" not in roles or "category" not in roles:
            raise UnableToMake(
                "Say first which column is the area and which is the category: "
                "without them nothing can be counted."
            )
        before = SavedContract.objects.filter(key=locked.key, state=ContractState.IN_USE)
        before.update(state=ContractState.REPLACED, updated_at=now)
        locked.state = ContractState.IN_USE
        locked.save()
        dataset, _ = Dataset.objects.get_or_create(
            slug=locked.key,
            defaults={
                "name": locked.title,
                "contract": locked.key,
                "about": parse(locked.text, name=locked.key).description,
            },
        )
        audit.note(f"Put {locked} in use.", record=locked)
    return dataset


def take(*, actor: Actor, key: str, now: datetime) -> Dataset:
    """A dataset of a shipped contract, so that an agreement can name it."""
    contract = shipped().get(key)
    if contract is None or Dataset.objects.filter(contract=key).exists():
        raise UnableToMake("This contract has its dataset already.")
    with change(actor=actor, capability=Capability.MAKE_CONTRACT, record=SITE, now=now) as audit:
        dataset = Dataset.objects.create(
            slug=key, name=contract.title, contract=key, about=contract.description
        )
        audit.note(f"Made a dataset of the contract {contract.title}.", record=dataset)
    return dataset


def try_on(*, actor: Actor, saved: SavedContract, raw: bytes, name: str) -> Trial:
    """What the check says of a sample; nothing of it is kept."""
    require(actor, Capability.MAKE_CONTRACT, saved)
    return tried(raw, saved.text, name=name)


__all__ = ["UnableToMake", "Unreadable", "change_draft", "make", "put_in_use", "take", "try_on"]
