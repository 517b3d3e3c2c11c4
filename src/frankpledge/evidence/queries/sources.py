"""Where an answer's figures come from: the open cube, or a release protected as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt
from django.conf import settings

from frankpledge.access.actors import Actor
from frankpledge.analysis import engine
from frankpledge.analysis.cubes import Cube, read_cube
from frankpledge.analysis.disclosure import (
    NONE,
    Cell,
    Dimension,
    NoRuleInForce,
    ProtectedRelease,
    Refused,
    Rule,
    Status,
    rule_on,
)
from frankpledge.analysis.disclosure.tables import MISSING, shown
from frankpledge.analysis.months import month_range
from frankpledge.core.markings import Audience
from frankpledge.evidence.queries.places import ELSEWHERE, Places
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.models import Dataset, DisclosureRule
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.queries.contracts import contract_of
from frankpledge.sharing.queries.data import HeldMonth

COUNTY = "county"


class Figures(Protocol):
    """One count at a time: a place, months and a category; each as it may be shown."""

    rule: Rule

    def cell(self, *, area: str, months: Sequence[str], category: str) -> Cell: ...


def adds_up(dataset: Dataset) -> bool:
    """Whether its categories are parts of one whole; indicators with definitions are not."""
    return not contract_of(dataset).role("count")


def labels(dataset: Dataset) -> dict[str, str]:
    contract = contract_of(dataset)
    codes = contract.field(contract.role("category")).codes
    return {code.value: code.label or code.value for code in codes}


def month_text(day: date) -> str:
    return f"{day:%Y-%m}"


def cube_of(dataset: Dataset, held: Iterable[HeldMonth]) -> Cube:
    """The cube over these months, kept in memory while its files stay the same."""
    months = [(month_text(each.month), each.submission_id) for each in held]
    return _cube(str(settings.STORE), dataset.slug, tuple(sorted(months)))


@lru_cache(maxsize=32)
def _cube(store: str, slug: str, months: tuple[tuple[str, str], ...]) -> Cube:
    backend = engine.connect(settings.ENGINE)
    present = open_store().paths(slug, months, cube=True)
    return read_cube(backend, present, accepted={month for month, _ in months})


@dataclass(frozen=True)
class OpenFigures:
    """Counts straight from the cube, for data that no rule covers."""

    cube: Cube  # by district
    places: Places
    rule: Rule = NONE

    def cell(self, *, area: str, months: Sequence[str], category: str) -> Cell:
        found = self.cube.sum(
            months=months,
            categories=[category] if category else None,
            within=list(self.places.districts) if not area else [area],
        )
        return shown(found.rows[0][-1] if not found.gaps else None, "count")


@dataclass(frozen=True)
class ProtectedFigures:
    """Pieces of the one table that was protected for an audience."""

    release: ProtectedRelease

    @property
    def rule(self) -> Rule:
        return self.release.rule

    def cell(self, *, area: str, months: Sequence[str], category: str) -> Cell:
        code = period_code(months)
        if code is None:
            raise Refused(
                "Figures that are protected are published for single months and calendar years. "
                "Choose one month, or January to December of a year."
            )
        known = self.release.dimensions[1].positions
        if code not in known:
            return MISSING
        found = self.release.cell(area=area or COUNTY, month=code, category=category or "all")
        return found if found.status is not Status.MISSING else MISSING


def period_code(months: Sequence[str]) -> str | None:
    """The code of a published period: a month, or a calendar year; else None."""
    if len(months) == 1:
        return months[0]
    first = months[0] if months else ""
    if len(months) == 12 and first.endswith("-01"):
        return first[:4]
    return None


def audience_of(actor: Actor) -> Audience:
    return Audience.PARTNERSHIP if actor.in_partnership else Audience.PUBLIC


def rule_for(dataset: Dataset, *, actor: Actor, on: date) -> Rule:
    """What must be done to this dataset before this actor sees it.

    Raises Refused when the public asks for protected data that no rule speaks of.
    """
    if dataset.published_already:
        return NONE
    audience = audience_of(actor)
    rules = [
        Rule(
            name=row.source,
            version=str(row.valid_from or "1"),
            audience=row.audience,
            suppress_below=row.suppress_below,
            round_to=row.round_to,
            secondary=row.secondary,
            source=row.source,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in DisclosureRule.objects.filter(dataset=dataset, audience=audience)
    ]
    try:
        return rule_on(rules, audience=audience, on=on)
    except NoRuleInForce as error:
        if audience is Audience.PUBLIC:
            raise Refused(str(error)) from None
        return NONE


def figures(
    *,
    dataset: Dataset,
    cube: Cube,
    places: Places,
    rule: Rule,
    version: str,
    audience: str,
    providers: Sequence[Organisation],
    held: Sequence[HeldMonth],
) -> OpenFigures | ProtectedFigures:
    if not rule.protects:
        return OpenFigures(_by_district(cube, places), places)
    return ProtectedFigures(
        release_of(dataset, cube, places, rule, version, audience, providers, held)
    )


_coarse: dict[tuple[int, int], tuple[Cube, Places, Cube]] = {}


def _by_district(cube: Cube, places: Places) -> Cube:
    """The cube by district, added up once: an answer asks it some eighty times."""
    key = id(cube), id(places)
    found = _coarse.get(key)
    if found is None:
        if len(_coarse) > 32:
            _coarse.clear()
        # Kept beside what it was made from, so that an id cannot come to mean another cube.
        found = cube, places, cube.placed(places.by_district(), elsewhere=ELSEWHERE)
        _coarse[key] = found
    return found[2]


_small: dict[tuple[int, int], tuple[Cube, Places, Cube]] = {}


def by_units(
    cube: Cube, places: Places, units: Sequence[str], months: Sequence[str], category: str
) -> npt.NDArray[np.int64]:
    """Counts of small areas month by month, (months, units); months are held ones."""
    key = id(cube), id(places)
    found = _small.get(key)
    if found is None:
        if len(_small) > 8:
            _small.clear()
        found = cube, places, cube.placed(places.units, elsewhere=ELSEWHERE)
        _small[key] = found
    placed = found[2]
    row = _positions(placed.months, months)[placed.month_at]
    column = _positions(placed.areas, units)[placed.area_at]
    kind = np.array([not category or each == category for each in placed.categories], dtype=bool)
    inside = (row >= 0) & (column >= 0) & kind[placed.category_at]
    counts = np.zeros((len(months), len(units)), dtype=np.int64)
    np.add.at(counts, (row[inside], column[inside]), placed.counts[inside])
    return counts


def _positions(codes: Sequence[str], wanted: Sequence[str]) -> npt.NDArray[np.int64]:
    at = {code: place for place, code in enumerate(wanted)}
    return np.array([at.get(code, -1) for code in codes], dtype=np.int64)


_releases: dict[tuple[str, str, Rule, str], ProtectedRelease] = {}


def source_of(dataset: Dataset, providers: Sequence[Organisation]) -> str:
    return f"{dataset.name}, from {', '.join(each.name for each in providers)}"


def release_of(
    dataset: Dataset,
    cube: Cube,
    places: Places,
    rule: Rule,
    version: str,
    audience: str,
    providers: Sequence[Organisation],
    held: Sequence[HeldMonth],
) -> ProtectedRelease:
    """The one table of this dataset version for this audience, protected once and kept."""
    key = (dataset.slug, version, rule, audience)
    if key not in _releases:
        if len(_releases) > 32:
            _releases.clear()
        _releases[key] = _build(
            dataset,
            cube,
            places,
            rule,
            version,
            audience,
            synthetic=any(each.synthetic for each in held),
            source=source_of(dataset, providers),
        )
    return _releases[key]


def _build(
    dataset: Dataset,
    cube: Cube,
    places: Places,
    rule: Rule,
    version: str,
    audience: str,
    *,
    synthetic: bool,
    source: str,
) -> ProtectedRelease:
    months = month_range(cube.months[0], cube.months[-1]) if cube.months else ("0001-01",)
    held = set(cube.months)
    years: dict[str, tuple[str, ...]] = {}
    for month in months:
        years[month[:4]] = (*years.get(month[:4], ()), month)
    whole = {year: inside for year, inside in years.items() if len(inside) == 12}
    known = labels(dataset)
    categories = cube.categories or ("none",)
    dimensions = (
        Dimension(
            key="area",
            label="Place",
            codes=tuple(places.districts),
            labels={**places.districts, COUNTY: places.county_name},
            groups={COUNTY: tuple(places.districts)},
            total=False,
        ),
        Dimension(
            key="month", label="Month", codes=months, groups=whole, total=False, kind="month"
        ),
        Dimension(
            key="category",
            label="Kind",
            codes=categories,
            labels=known,
            total=adds_up(dataset),
        ),
    )
    summed = cube.sum(
        by=("area", "month", "category"),
        months=months,
        places=places.by_district(),
        within=list(places.districts),
        elsewhere=ELSEWHERE,
    )
    return ProtectedRelease.build(
        dimensions=dimensions,
        counts=summed.counts,
        rule=rule,
        audience=audience,
        version=version,
        missing=[{"month": month} for month in months if month not in held],
        synthetic=synthetic,
        sources=[source],
    )
