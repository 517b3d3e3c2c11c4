"""Counts typed into a grid of places and months, one table for each indicator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from frankpledge.components.drawing import FieldView, draw
from frankpledge.components.fields import Checkboxes, Choice, Look, Month, Text
from frankpledge.components.forms import Form
from frankpledge.components.tables import Filter
from frankpledge.sharing.queries.grid import MOST_CELLS, Cell, GridOf, Typed, months_between


class WhatForm(Filter):
    """Which months and indicators are typed in; part of the address, so that it can be kept."""

    first = Month(label="First month", hint="For example, 10 2025")
    last = Month(label="Last month", hint="For example, 12 2025")
    indicator = Checkboxes(label="What is counted?", look=Look(width="small"))

    def __init__(self, data: Any, *, grid: GridOf, **rest: Any) -> None:
        super().__init__(data, **rest)
        self.grid = grid
        self.fields["indicator"].set_choices(
            [Choice(each.value, each.label, each.definition) for each in grid.indicators]
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", "The last month must not come before the first")
        elif first and last:
            months = len(months_between(first, last))
            cells = months * len(cleaned.get("indicator", [])) * len(self.grid.areas)
            if cells > MOST_CELLS:
                self.add_error(
                    "indicator",
                    f"That would be more than {MOST_CELLS} cells. Choose fewer months or "
                    "indicators, or send a workbook",
                )
        return cleaned


@dataclass(frozen=True)
class TypedTable:
    """The cells of one indicator: months across, places down."""

    label: str
    months: tuple[date, ...]
    rows: tuple[tuple[str, tuple[FieldView, ...]], ...]


class GridForm(Form):
    """One box a cell; an empty one is not sent."""

    says_optional = False

    def __init__(
        self, *args: Any, grid: GridOf, months: tuple[date, ...], indicators: list[str], **rest: Any
    ) -> None:
        super().__init__(*args, **rest)
        self.grid, self.months = grid, months
        self.indicators = [each for each in grid.indicators if each.value in indicators]
        self.names: dict[Cell, str] = {}
        for i, each in enumerate(self.indicators):
            for a, (code, area) in enumerate(grid.areas):
                for m, month in enumerate(months):
                    name = f"n-{i}-{a}-{m}"
                    self.names[code, month, each.value] = name
                    self.fields[name] = Text(
                        label=f"{each.label}, {area}, {month:%B %Y}",
                        required=False,
                        max_length=20,
                        look=Look(width="4", inputmode="numeric", spellcheck=False),
                    )

    @property
    def cells(self) -> dict[Cell, str]:
        return {cell: self.cleaned_data[name] for cell, name in self.names.items()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(cleaned[name] for name in self.names.values()):
            self.add_error(None, "Type at least one count. Leave a cell empty if it is not known.")
        return cleaned

    def say(self, typed: Typed) -> None:
        """Each fault at the cell it is about."""
        for cell, sentence in typed.faults:
            if cell is None:
                self.add_error(None, sentence)
            else:
                name = self.names[cell]
                self.add_error(name, f"{self.fields[name].label}: {sentence}")

    def tables(self) -> Iterable[TypedTable]:
        for each in self.indicators:
            yield TypedTable(
                each.label,
                self.months,
                tuple(
                    (
                        area,
                        tuple(
                            draw(self[self.names[code, month, each.value]]) for month in self.months
                        ),
                    )
                    for code, area in self.grid.areas
                ),
            )
