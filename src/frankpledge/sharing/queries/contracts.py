"""The contract of a dataset: shipped with the product, or made here and put in use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find
from frankpledge.contracts import Contract, shipped
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
