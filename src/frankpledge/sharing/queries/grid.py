"""Small returns that are typed in: which data, which places, and the check before they are sent."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import Http404

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find, require
from frankpledge.access.enums import Capability
from frankpledge.contracts import Checking, Code, Contract, Notice, Unreadable, read
from frankpledge.core.models import Area, AreaKind
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.models import Dataset, Submission
from frankpledge.sharing.queries.contracts import contract_of, permitted
from frankpledge.sharing.queries.permission import permission_to_send
from frankpledge.sharing.queries.reference import reference_for
from frankpledge.sharing.queries.returns import covered
from frankpledge.sharing.rules import following
from frankpledge.sharing.rules.typing_in import can_be_typed

MOST_CELLS = 900


@dataclass(frozen=True)
class GridOf:
    """Whose data is typed in, of which contract, and its places and indicators."""

    organisation: Organisation
    dataset: Dataset
    contract: Contract
    finest: str
    areas: tuple[tuple[str, str], ...]

    @property
    def indicators(self) -> tuple[Code, ...]:
        return self.contract.field(self.contract.role("category")).codes


def grid_of(*, actor: Actor, organisation: str, dataset: str) -> GridOf:
    """What may be typed in. What is not covered by an agreement, or no counts, is not there."""
    whose = find(actor, Organisation, slug=organisation)
    require(actor, Capability.SUBMIT_DATA, whose)
    found = covered(actor=actor, organisations=[whose]).filter(slug=dataset).first()
    if found is None:
        raise Http404
    contract = contract_of(found)
    if not can_be_typed(contract):
        raise Http404
    term = permission_to_send(organisation=whose, dataset=found, on=actor.on)
    return GridOf(
        whose, found, permitted(contract, term.fields), str(term.detail or ""), _districts()
    )


def _districts() -> tuple[tuple[str, str], ...]:
    areas = Area.objects.filter(
        Q(kind__in=(AreaKind.DISTRICT, AreaKind.UNITARY)), valid_to_vintage__isnull=True
    )
    return tuple(areas.order_by("name", "code").values_list("code", "name").distinct())


def months_between(first: date, last: date) -> tuple[date, ...]:
    found, month = [], first
    while month <= last and len(found) < MOST_CELLS:
        found.append(month)
        month = following(month)
    return tuple(found)


Cell = tuple[str, date, str]  # area, month, indicator


@dataclass(frozen=True)
class Typed:
    """What was typed as the file it becomes, and what the check says of it."""

    content: bytes
    name: str
    rows: int
    accepted: int
    faults: tuple[tuple[Cell | None, str], ...]
    notices: tuple[Notice, ...]


def typed(*, actor: Actor, grid: GridOf, cells: Mapping[Cell, str]) -> Typed:
    """The file of the cells that are filled, and every fault of each, found by the usual check."""
    filled = [(cell, text) for cell, text in cells.items() if text]
    content, name = _content(grid, filled), _name(grid, cells)
    checking = Checking(grid.contract, reference=_reference(actor, grid))
    try:
        parts = list(read(content, grid.contract, name=name))
        checked = [checking.add(each) for each in parts]
    except Unreadable as problem:
        return Typed(content, name, len(filled), 0, ((None, str(problem)),), ())
    faults: list[tuple[Cell | None, str]] = [
        (_cell(filled, each["row"]), f"{each['message']} {each['remedy']}".strip())
        for one in checked
        for each in one.faults.iter_rows(named=True)
    ]
    if stopped := checking.stopped(name):
        faults.append((None, str(stopped)))
    accepted = sum(each.stored for each in checked)
    return Typed(content, name, len(filled), accepted, tuple(faults), checking.close())


def _cell(filled: list[tuple[Cell, str]], row: int) -> Cell | None:
    return filled[row - 2][0] if 2 <= row < len(filled) + 2 else None


def _reference(actor: Actor, grid: GridOf) -> Any:
    unsaved = Submission(dataset=grid.dataset, organisation=grid.organisation)
    return reference_for(unsaved, contract=grid.contract, finest=grid.finest, today=actor.on)


def _content(grid: GridOf, filled: Iterable[tuple[Cell, str]]) -> bytes:
    contract = grid.contract
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    parts = ("area", "month", "category", "count")
    writer.writerow(contract.field(contract.role(each)).header for each in parts)
    for (area, month, indicator), text in filled:
        writer.writerow([area, f"{month:%Y-%m}", indicator, text])
    return made.getvalue().encode()


def _name(grid: GridOf, cells: Mapping[Cell, str]) -> str:
    months = sorted({month for _, month, _ in cells})
    return f"{grid.dataset.slug}-{months[0]:%Y-%m}-to-{months[-1]:%Y-%m}-typed-in.csv"
