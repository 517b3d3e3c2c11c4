"""One question in hand: what is read once and used by every part of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find, require
from frankpledge.access.enums import Capability
from frankpledge.analysis.cubes import Cube
from frankpledge.analysis.disclosure import (
    Refused,
)
from frankpledge.analysis.disclosure.tables import Cell
from frankpledge.analysis.months import shifted
from frankpledge.evidence import rules
from frankpledge.evidence.queries.breaks import KnownBreak, breaks_of, inside
from frankpledge.evidence.queries.places import (
    Places,
    places,
)
from frankpledge.evidence.queries.sources import (
    OpenFigures,
    adds_up,
    audience_of,
    by_units,
    cube_of,
    figures,
    labels,
    month_text,
    rule_for,
    source_of,
)
from frankpledge.evidence.rules import Question, UnableToAsk
from frankpledge.sharing.enums import Detail
from frankpledge.sharing.models import Dataset
from frankpledge.sharing.queries.data import held_months, version_of
from frankpledge.sharing.queries.permission import reading

YEARS_OF_LIMITS = 4


def dataset_named(*, actor: Actor, slug: str) -> Dataset:
    """Raises Http404 for what the actor may not know of, Refused for what it may not ask."""
    found: Dataset = find(actor, Dataset, slug=slug)
    require(actor, Capability.ASK, found)
    return found


class Asked:
    """One question in hand: what is read once and used by every part of the answer."""

    def __init__(self, actor: Actor, question: Question, dataset: Dataset, on: date) -> None:
        self.dataset, self.on = dataset, on
        self.places: Places = places()
        self.reading = reading(actor=actor, dataset=dataset, on=on)
        if not self.reading:
            said = " ".join(self.reading.refusals) or "Nothing is held of it yet."
            raise Refused(f"“{dataset.name}” cannot be read. {said}")
        self.audience = audience_of(actor)
        self.rule = rule_for(dataset, actor=actor, on=on)
        everything = held_months(dataset=dataset, organisations=self.reading.organisations)
        self.held = tuple(everything)
        self.version = version_of(everything)
        self.cube: Cube = cube_of(dataset, everything)
        self.question = self._settled(question)
        self.figures = figures(
            dataset=dataset,
            cube=self.cube,
            places=self.places,
            rule=self.rule,
            version=self.version,
            audience=self.audience,
            providers=self.reading.organisations,
            held=everything,
        )
        self.incomplete = tuple(
            sorted({month_text(each.month) for each in everything if each.incomplete})
        )
        self.labels = labels(dataset)
        self._monthly: dict[str, int | None] = {}
        self._check()

    def _settled(self, question: Question) -> Question:
        area = self.places.find(question.area)
        if area is None:
            known = ", ".join(self.places.districts.values())
            raise UnableToAsk(f"“{question.area}” is no place here. Choose one of: {known}.")
        known_labels = labels(self.dataset)
        category = question.category
        if category and category not in known_labels:
            raise UnableToAsk(f"“{category}” is not a kind that {self.dataset.name} holds.")
        if not category and not adds_up(self.dataset) and question.by != "category":
            category = next(iter(self._held_categories()), "")
        return question.with_(area=area, category=category)

    def _held_categories(self) -> list[str]:
        return [code for code in labels(self.dataset) if code in self.cube.categories]

    def _check(self) -> None:
        if not self.reading.covers(self.question.detail):
            raise Refused(
                f"The agreement shares “{self.dataset.name}” by "
                f"{Detail(self.reading.detail).label.lower()} and no finer "
                f"({', '.join(self.reading.clauses)}). Ask for a coarser place."
            )
        if self.question.of_small_areas and self.rule.protects:
            raise Refused(
                "Small areas of protected data are not published. Ask for districts instead."
            )

    @property
    def small_areas(self) -> bool:
        """Whether small areas may be told apart."""
        return not self.rule.protects and self.reading.covers(Detail.LSOA)

    @property
    def where(self) -> str:
        return self.places.name(self.question.area)

    @property
    def what(self) -> str:
        if self.question.category:
            return self.labels.get(self.question.category, self.question.category)
        return self.dataset.name

    def cell(self, months: Sequence[str], *, area: str | None = None, category: str = "") -> Cell:
        return self.figures.cell(
            area=self.question.area if area is None else area,
            months=months,
            category=category or self.question.category,
        )

    def total(self, months: Sequence[str]) -> Cell | None:
        """The count of the period, or None where it was not published or does not add up."""
        if not self.question.category and not adds_up(self.dataset):
            return None
        try:
            return self.cell(months)
        except Refused:
            return None

    def whole(self, months: Sequence[str]) -> bool:
        held = {month_text(each.month) for each in self.held}
        return all(month in held and month not in self.incomplete for month in months)

    def series(self, months: Sequence[str]) -> list[int | None]:
        """Month by month as it may be shown, asked once each: gaps and hidden figures are None."""
        for month in months:
            if month not in self._monthly:
                value = self.cell([month]).value
                self._monthly[month] = value if isinstance(value, int) else None
        return [self._monthly[month] for month in months]

    @property
    def baseline(self) -> str:
        """The month in which the control chart begins."""
        return min(self.question.start, shifted(self.question.end, 1 - 12 * YEARS_OF_LIMITS))

    @cached_property
    def breaks(self) -> tuple[KnownBreak, ...]:
        return breaks_of(self.dataset.slug, self.question.category)

    def left_out(self, months: Sequence[str]) -> list[int]:
        """Positions that belong in no baseline: incomplete releases and known breaks."""
        partial = {at for at, month in enumerate(months) if month in self.incomplete}
        return sorted(partial | set(inside(self.breaks, months)))

    def by_unit(self, units: Sequence[str]) -> list[int | None]:
        """Counts of small areas over the months that are held; None where none is."""
        question = self.question
        held = [month for month in question.months if month in self.cube.months]
        if not held:
            return [None for _ in units]
        counts = by_units(self.cube, self.places, units, held, question.category)
        return [int(count) for count in counts.sum(axis=0)]

    def by_district(self) -> dict[str, int | None]:
        """Counts of open data by district, and of what lies outside them."""
        assert isinstance(self.figures, OpenFigures)
        category = self.question.category
        summed = self.figures.cube.sum(
            by=("area",),
            months=self.question.months,
            categories=[category] if category else None,
        )
        return dict(zip((str(row[0]) for row in summed.rows), summed.values, strict=True))

    def label(self, by: str, code: str) -> str:
        if by == "category":
            return self.labels.get(code, code)
        return self.places.name(code) if by == "area" else code

    def title(self, by: str = "") -> str:
        broken = rules.BREAKDOWNS[by or self.question.by].lower()
        return f"{self.what}, {self.where}, {self.question.period}, {broken}"

    def is_synthetic(self) -> bool:
        return any(each.synthetic for each in self.held)

    def sources(self) -> tuple[str, ...]:
        return (source_of(self.dataset, self.reading.organisations),)
