"""The contract of a dataset: shipped with the product, or made here and put in use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find, require, visible
from frankpledge.access.enums import Capability
from frankpledge.contracts import Contract, shipped
from frankpledge.contracts.drafting import Draft, Trial, draft_of
from frankpledge.contracts.model import SUFFIX, parse, shipped_text
from frankpledge.sharing.enums import ContractState
from frankpledge.sharing.models import Dataset, SavedContract


def contract_of(dataset: Dataset) -> Contract:
    """The contract that a dataset's files are checked against."""
    return contract_named(dataset.contract)


@dataclass(frozen=True)
class ContractFile:
    """A contract as the file it is."""

    contract: Contract
    text: str

    @property
    def name(self) -> str:
        return f"{self.contract.key}{SUFFIX}"


def contract_page(*, actor: Actor, slug: str) -> ContractFile:
    """The contract of a dataset that the actor may see, with its text."""
    dataset = find(actor, Dataset, slug=slug)
    contract = contract_of(dataset)
    text = shipped_text(contract.key)
    if text is None:
        text = SavedContract.objects.get(key=contract.key, state=ContractState.IN_USE).text
    return ContractFile(contract, text)


def contract_named(key: str) -> Contract:
    """A contract by its short name. Raises KeyError where there is none."""
    known = shipped().get(key)
    if known is not None:
        return known
    saved = SavedContract.objects.filter(key=key, state=ContractState.IN_USE).first()
    if saved is None:
        raise KeyError(key)
    return _parsed(saved.text, saved.key)


@lru_cache(maxsize=64)
def _parsed(text: str, key: str) -> Contract:
    return parse(text, name=key)


def permitted(contract: Contract, fields: tuple[str, ...]) -> Contract:
    """The contract without the columns that the term does not name; its roles always stay."""
    if not fields:
        return contract
    kept = {*fields, *contract.roles.values()}
    kept |= {each.defined_by for each in contract.fields if each.name in kept and each.defined_by}
    return replace(
        contract,
        fields=tuple(each for each in contract.fields if each.name in kept),
        rules=tuple(each for each in contract.rules if kept.issuperset(each.fields)),
    )


def made(*, actor: Actor) -> QuerySet[SavedContract]:
    """The contracts made here, newest version first."""
    return visible(actor, Capability.VIEW, SavedContract)


def not_taken() -> list[Contract]:
    """The shipped contracts of which there is no dataset yet."""
    used = set(Dataset.objects.values_list("contract", flat=True))
    listed = (each for key, each in shipped().items() if key not in used)
    return sorted(listed, key=lambda each: each.title)


def find_made(*, actor: Actor, key: Any) -> SavedContract:
    saved = find(actor, SavedContract, pk=key)
    require(actor, Capability.MAKE_CONTRACT, saved)
    return saved


def read_contract(saved: SavedContract) -> Contract:
    return _parsed(saved.text, saved.key)


def draft(saved: SavedContract) -> Draft:
    return draft_of(read_contract(saved))


@dataclass(frozen=True)
class FaultsOf:
    """Faults of one kind in one column, with the first of them."""

    column: str
    message: str
    remedy: str
    count: int
    first: tuple[tuple[int, str], ...]


def faults_of(trial: Trial, *, examples: int = 5) -> list[FaultsOf]:
    keys = ["column", "message", "remedy"]
    return [
        FaultsOf(
            str(column),
            str(message),
            str(remedy),
            group.height,
            tuple(group.select("row", "value").head(examples).iter_rows()),
        )
        for (column, message, remedy), group in trial.faults.group_by(keys, maintain_order=True)
    ]
