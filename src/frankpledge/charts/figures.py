"""Reads a publishable table. What is not shown has no value from here on: it cannot be drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from frankpledge.analysis.disclosure import Cell, Column, PublishableTable, Status
from frankpledge.charts.drawing import WITHHELD, clean
from frankpledge.charts.lettering import MINUS, figure

NO_DATA = "no data"
_LARGEST = 1e100
_LONGEST = 16  # a longer figure is drawn rounded; the table beside the chart has it in full


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell as it may be drawn: `value` is None unless it is shown and is a number."""

    value: float | None
    text: str
    withheld: bool = False

    @property
    def spoken(self) -> str:
        """How it reads in a tooltip or description."""
        return "withheld" if self.withheld else self.text


_WITHHELD = Figure(None, WITHHELD, withheld=True)
_NO_DATA = Figure(None, NO_DATA)


def read(cell: Cell) -> Figure:
    if cell.status is Status.SUPPRESSED:
        return _WITHHELD
    value = cell.value
    if cell.status is not Status.SHOWN or not isinstance(value, int | float):
        return _NO_DATA
    try:
        number = float(value)
    except OverflowError:
        return _NO_DATA
    if not math.isfinite(number) or abs(number) > _LARGEST:
        return _NO_DATA
    text = clean(cell.text)
    if not text or len(text) > _LONGEST:
        text = figure(number)
    return Figure(number, MINUS + text[1:] if text[0] == "-" else text)


def name(cell: Cell) -> str:
    """A category as text; one that is withheld or missing says so."""
    if cell.status is Status.SUPPRESSED:
        return "Withheld"
    if cell.status is not Status.SHOWN:
        return "Not stated"
    return clean(cell.text if cell.text else str(cell.value)) or "Not stated"


def where(table: PublishableTable, key: str) -> int:
    """The place of a column; KeyError with the keys there are."""
    for index, column in enumerate(table.columns):
        if column.key == key:
            return index
    raise KeyError(f"No column {key!r}; there are {[column.key for column in table.columns]}")


def column(table: PublishableTable, key: str) -> Column:
    return table.columns[where(table, key)]


def figures(table: PublishableTable, key: str) -> list[Figure]:
    place = where(table, key)
    return [read(row[place]) for row in table.rows]


def names(table: PublishableTable, key: str) -> list[str]:
    place = where(table, key)
    return [name(row[place]) for row in table.rows]


def unit_sign(shown: Column) -> str:
    """What to write at each figure of an axis; a longer unit belongs in the heading."""
    if shown.kind == "percent":
        return "%"
    return shown.unit if shown.unit in {"%", "£", "€", "$"} else ""


def heading(shown: Column) -> str:
    """What an axis or legend is headed with: label, and the unit if it is words."""
    unit = clean(shown.unit)
    label = clean(shown.label)
    if not unit or unit in {"%", "£", "€", "$"} or unit.lower() in label.lower():
        return label
    return f"{label} ({unit})"


def whole(shown: Column) -> bool:
    return shown.kind == "count"


def missing_sentences(found: Sequence[Figure], *, what: str = "figure") -> list[str]:
    """How many are withheld and how many have no data, as sentences."""
    said = []
    withheld = sum(1 for f in found if f.withheld)
    absent = sum(1 for f in found if f.value is None and not f.withheld)
    if withheld:
        said.append(f"{withheld:,} {what}{'' if withheld == 1 else 's'} withheld.")
    if absent:
        said.append(f"{absent:,} {what}{'' if absent == 1 else 's'} with no data.")
    return said
