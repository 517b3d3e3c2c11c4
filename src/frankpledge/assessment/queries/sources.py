"""What each issue can be known by: contracts, the data held under them, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import visible
from frankpledge.access.enums import Capability
from frankpledge.assessment.models import Issue
from frankpledge.contracts import Code, Contract, shipped
from frankpledge.sharing.models import Dataset, SubmissionMonth


@dataclass(frozen=True)
class Source:
    """One contract that speaks of an issue; `datasets` are those the reader sees.

    Where several datasets share a contract, only their rows tell which of them speaks of it.
    """

    contract: Contract
    categories: tuple[str, ...]
    datasets: tuple[Dataset, ...]
    held: bool


@dataclass(frozen=True)
class IssueSources:
    issue: Issue
    sources: tuple[Source, ...]

    @property
    def held(self) -> bool:
        return any(each.held for each in self.sources)


def issue_sources(*, actor: Actor) -> list[IssueSources]:
    """Every issue in force with what it rests on, in its printed order."""
    by_contract: dict[str, list[Dataset]] = {}
    for dataset in visible(actor, Capability.VIEW, Dataset).order_by("name", "pk"):
        by_contract.setdefault(dataset.contract, []).append(dataset)
    held = set(
        SubmissionMonth.objects.filter(current=True).values_list("dataset_id", flat=True).distinct()
    )
    issues = visible(actor, Capability.VIEW, Issue).filter(pk__in=_in_force(actor.on))
    return [
        IssueSources(
            issue,
            tuple(
                _source(each, tuple(by_contract.get(each["contract"], ())), held)
                for each in issue.sources
                if each["contract"] in shipped()
            ),
        )
        for issue in issues.order_by("order", "name", "pk")
    ]


def _in_force(on: date) -> list[object]:
    return list(Issue.objects.on(on).values_list("pk", flat=True))


def _source(told: dict[str, object], datasets: tuple[Dataset, ...], held: set[object]) -> Source:
    contract = shipped()[str(told["contract"])]
    labels = {code.value: code.label for code in _codes(contract)}
    listed = told.get("categories") or []
    assert isinstance(listed, list)
    return Source(
        contract,
        tuple(labels.get(each, each) for each in listed),
        datasets,
        len(datasets) == 1 and datasets[0].pk in held,
    )


def _codes(contract: Contract) -> tuple[Code, ...]:
    category = contract.role("category")
    return contract.field(category).codes if category else ()
