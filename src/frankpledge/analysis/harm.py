"""Counts weighted by harm, with a table of weights that the user loads.

No table ships: weights belong to their makers, change with each edition and are dated. The
Cambridge Crime Harm Index (Sherman, Neyroud and Neyroud 2016, Policing 10) and the Crime Severity
Score of the Office for National Statistics give different results on the same figures (Ashby 2017,
Policing 11), so they are shown side by side and never blended.
"""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from frankpledge.analysis.counts import checked

HEADER = ("category", "weight")
LONGEST = 20_000


class UnusableWeights(ValueError):
    """The file of weights cannot be read; the message names the line and the remedy."""


@dataclass(frozen=True)
class WeightTable:
    """Weights by category, of one named measure and edition, in force from a day; `unit` is what
    one unit of harm is, such as days of sentence."""

    measure: str
    edition: str
    since: date
    unit: str
    weights: Mapping[str, float]

    @property
    def name(self) -> str:
        return f"{self.measure}, {self.edition}"


def read_weights(
    text: str, *, measure: str, edition: str, since: date, unit: str = "harm"
) -> WeightTable:
    """A table of weights from CSV with the columns category and weight.

    Raises UnusableWeights for another header, a category twice, a weight that is no number from 0,
    a table without rows or of more than 20,000.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    header = tuple(cell.strip().casefold() for cell in rows[0]) if rows else ()
    if header != HEADER:
        raise UnusableWeights("Line 1: the columns must be category and weight. Name them so.")
    if len(rows) > LONGEST:
        raise UnusableWeights(f"There are more than {LONGEST:,} lines. Is this the right file?")
    weights: dict[str, float] = {}
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(HEADER):
            raise UnusableWeights(f"Line {line}: write one category and one weight.")
        category, written = row[0].strip(), row[1].strip().replace(",", "")
        if not category:
            raise UnusableWeights(f"Line {line}: the category is missing. Write it in.")
        if category in weights:
            raise UnusableWeights(f"Line {line}: “{category}” stands there twice. Keep one.")
        weights[category] = _weight(written, line)
    if not weights:
        raise UnusableWeights("There is no weight in it. Add a line for each category.")
    return WeightTable(measure, edition, since, unit, weights)


def _weight(written: str, line: int) -> float:
    try:
        weight = float(written)
    except ValueError:
        weight = math.nan
    if not math.isfinite(weight) or weight < 0:
        raise UnusableWeights(f"Line {line}: “{written}” is no weight. Write a number from 0.")
    return weight


@dataclass(frozen=True, slots=True)
class Harm:
    """The harm of counts under one table, beside the count it weighs.

    `count` is what was weighed; `unweighted` are the categories without a weight, with their
    counts: they are in neither figure. `largest` is the category with most harm and `without_it`
    the harm of all others, since one homicide can outweigh a district. None is missing.
    """

    table: str
    unit: str
    harm: float | None
    count: float | None
    unweighted: tuple[tuple[str, float], ...]
    largest: str
    without_it: float | None


def weighted(counts: Mapping[str, float | None], table: WeightTable) -> Harm:
    """The harm of one place and period: the sum of count × weight over categories.

    A category with a weight and a missing count makes the whole missing, never zero.
    """
    read = {category: checked(count) for category, count in counts.items()}
    held = {category: count for category, count in read.items() if category in table.weights}
    unweighted = tuple(
        (category, count)
        for category, count in sorted(read.items())
        if category not in table.weights and count
    )
    if any(count is None for count in held.values()):
        return Harm(table.name, table.unit, None, None, unweighted, "", None)
    harms = {category: (count or 0) * table.weights[category] for category, count in held.items()}
    total = math.fsum(harms.values())
    largest = max(sorted(harms), key=lambda category: harms[category]) if total else ""
    return Harm(
        table=table.name,
        unit=table.unit,
        harm=total,
        count=math.fsum(count or 0 for count in held.values()),
        unweighted=unweighted,
        largest=largest,
        without_it=total - harms[largest] if largest else total,
    )


def side_by_side(
    counts: Mapping[str, float | None], tables: Sequence[WeightTable]
) -> tuple[Harm, ...]:
    """The same counts under each table, in the order given; nothing is added or averaged."""
    return tuple(weighted(counts, table) for table in tables)
