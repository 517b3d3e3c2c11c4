"""Who may see what of whose and why, today; and what would stop if a clause lapsed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import visible
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import Detail, VersionState
from frankpledge.sharing.models import Clause, Dataset, SharingAgreement, Term
from frankpledge.sharing.queries.permission import (
    standings,
    terms_in_force,
    view_of,
    weighed,
)
from frankpledge.sharing.queries.wording import reader_of
from frankpledge.sharing.rules import FINENESS, Permission, best


@dataclass(frozen=True)
class Cell:
    """One provider's data for one reader: what permits it today, or what stands in the way."""

    provider: Organisation
    dataset: Dataset
    reader: str
    term: Term
    permission: Permission

    @property
    def state(self) -> str:
        if not self.permission:
            return "Stopped"
        return "Goes on, with a warning" if self.permission.warning else "Flows"

    @property
    def colour(self) -> str:
        return {"Stopped": "red", "Flows": "green"}.get(self.state, "yellow")

    @property
    def detail(self) -> str:
        return str(Detail(self.term.detail).label)

    @property
    def clause(self) -> str:
        return f"{self.term.clause.number} {self.term.clause.heading}".strip()

    @property
    def why(self) -> str:
        return self.permission.warning or self.permission.sentence


@dataclass(frozen=True)
class Loss:
    """What would happen to one cell if a clause lapsed."""

    now: Cell
    then: Cell

    @property
    def stops(self) -> bool:
        return bool(self.now.permission) and not self.then.permission

    @property
    def said(self) -> str:
        if self.stops:
            return "Would stop"
        if self.then.term.pk == self.now.term.pk:
            return "Would go on, with a warning"
        coarser = FINENESS.index(self.then.term.detail) > FINENESS.index(self.now.term.detail)
        still = f"Would go on under clause {self.then.term.clause.number}"
        return f"{still}, less finely: {self.then.detail.lower()}" if coarser else still

    @property
    def colour(self) -> str:
        return "red" if self.stops else "yellow"


def matrix(
    *,
    actor: Actor,
    on: date,
    lapsed: frozenset[Any] = frozenset(),
) -> list[Cell]:
    """Every provider × data × reader that a term in force names, with the term that counts.

    `lapsed` are clauses taken as having ended the day before. The number of queries does not grow
    with the terms.
    """
    terms = list(_seen(actor))
    states = standings({term.version.agreement_id for term in terms})
    organisations = Organisation.objects.in_bulk(
        {party for each in states.values() for party in each}
        | {term.provider_id for term in terms if term.provider_id}
    )
    found: dict[tuple[Any, Any, str], list[tuple[Term, Permission]]] = {}
    for term in terms:
        view = view_of(term)
        if term.clause_id in lapsed:
            view = replace(view, expires_on=on - timedelta(days=1), starts_on=None)
        standing = states[term.version.agreement_id]
        for key in [term.provider_id] if term.provider_id else standing:
            said = weighed(term, view=view, provider=organisations[key], states=standing, on=on)
            found.setdefault((key, term.dataset_id, reader_of(term)), []).append((term, said))
    cells = [_cell(organisations[key], name, each) for (key, _, name), each in found.items()]
    return sorted(
        cells,
        key=lambda c: (c.provider.name, c.dataset.name, c.reader, str(c.provider.pk)),
    )


def chosen(
    cells: Iterable[Cell],
    *,
    provider: Organisation | None = None,
    dataset: Dataset | None = None,
    reader: str = "",
) -> list[Cell]:
    return [
        cell
        for cell in cells
        if (provider is None or cell.provider.pk == provider.pk)
        and (dataset is None or cell.dataset.pk == dataset.pk)
        and (not reader or cell.reader == reader)
    ]


def _cell(provider: Organisation, reader: str, said: list[tuple[Term, Permission]]) -> Cell:
    dataset = said[0][0].dataset
    counts = best([each for _, each in said], dataset=dataset.name, provider=provider.name)
    term = next(term for term, each in said if each is counts)
    return Cell(provider, dataset, reader, term, counts)


def _seen(actor: Actor) -> QuerySet[Term]:
    agreements = visible(actor, Capability.VIEW, SharingAgreement).values("pk")
    return terms_in_force().filter(version__agreement__in=agreements)


def losses(*, actor: Actor, on: date, clause: Clause) -> list[Loss]:
    """What would change today without a clause and those under it, what stops first."""
    now = matrix(actor=actor, on=on)
    then = {
        _place(cell): cell for cell in matrix(actor=actor, on=on, lapsed=with_those_under(clause))
    }
    found = [
        Loss(cell, then[_place(cell)])
        for cell in now
        if cell.permission
        and (then[_place(cell)].state, then[_place(cell)].term.pk) != (cell.state, cell.term.pk)
    ]
    return sorted(found, key=lambda loss: not loss.stops)


def _place(cell: Cell) -> tuple[Any, Any, str]:
    return (cell.provider.pk, cell.dataset.pk, cell.reader)


def with_those_under(clause: Clause) -> frozenset[Any]:
    """The clause and every one that stands under it, however deep."""
    pairs = list(Clause.objects.filter(version=clause.version_id).values_list("pk", "parent"))
    found = {clause.pk}
    grew = True
    while grew:
        more = {key for key, parent in pairs if parent in found} - found
        found |= more
        grew = bool(more)
    return frozenset(found)


# What the page chooses from


def clauses_in_force(*, actor: Actor) -> QuerySet[Clause]:
    """Clauses of the versions in force that the actor sees."""
    agreements = visible(actor, Capability.VIEW, SharingAgreement).values("pk")
    return (
        Clause.objects.filter(
            version__state=VersionState.IN_FORCE, version__agreement__in=agreements
        )
        .select_related("version__agreement")
        .order_by("version__agreement__title", "order", "number", "pk")
    )


def readers(cells: Iterable[Cell]) -> list[str]:
    return sorted({cell.reader for cell in cells})


def standing_of(cells: Iterable[Cell]) -> dict[str, int]:
    """How many cells flow, go on with a warning, and have stopped."""
    counted = dict.fromkeys(("Flows", "Goes on, with a warning", "Stopped"), 0)
    for cell in cells:
        counted[cell.state] += 1
    return counted
