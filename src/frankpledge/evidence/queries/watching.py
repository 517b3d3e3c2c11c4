"""Every series of a dataset against its own past, from figures as their readers may see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from django.db.models import QuerySet

from frankpledge.access.actors import Actor, actor_for, console
from frankpledge.access.models import User
from frankpledge.analysis.disclosure import Refused
from frankpledge.analysis.months import month_range
from frankpledge.analysis.series.farrington import MONTHLY, Surveillance, watch
from frankpledge.analysis.testing import false_discovery
from frankpledge.core.markings import Audience
from frankpledge.evidence.models import Watch
from frankpledge.evidence.queries.places import ELSEWHERE, Places, places
from frankpledge.evidence.queries.sources import (
    ProtectedFigures,
    cube_of,
    figures,
    labels,
    month_text,
    rule_for,
)
from frankpledge.sharing.enums import Detail
from frankpledge.sharing.models import Dataset, DisclosureRule, Term
from frankpledge.sharing.queries.data import HeldMonth, held_months, version_of
from frankpledge.sharing.queries.permission import Reading, reading

FALSE_DISCOVERY = 0.05
YEARS = (4, 3)  # looked back, where there are so many
DETAILS = (Detail.COUNTY, Detail.DISTRICT)
_FULL_ENOUGH = 0.75  # of a series' months must be published
_USUAL_OVER = 12


@dataclass(frozen=True)
class Readership:
    """Whose data of a dataset some readers may read; `actor` is one of them."""

    dataset: Dataset
    actor: Actor
    reading: Reading


@dataclass(frozen=True)
class Series:
    area: str
    where: str
    category: str
    what: str


@dataclass(frozen=True)
class Found:
    """One series that stands out in the month watched."""

    series: Series
    observed: int
    expected: float
    upper: float
    p_value: float
    q_value: float


@dataclass(frozen=True)
class Looked:
    """What one look at a dataset saw, and from what."""

    detail: Detail
    month: str
    method: str
    series: int
    tested: int
    held: tuple[HeldMonth, ...]
    version: str
    rule: DisclosureRule | None
    found: tuple[Found, ...]


def readers(on: date) -> list[Actor]:
    """The partnership's people of a day, one of each kind that terms could tell apart."""
    named = set(Term.objects.filter(recipient__isnull=False).values_list("recipient_id", flat=True))
    kinds: dict[Any, Actor] = {}
    people = User.objects.filter(is_active=True).order_by("pk")
    for actor in (console(on), *(actor_for(user, on) for user in people)):
        if actor.in_partnership:
            roles = frozenset(grant.role for grant in actor.grants)
            kinds.setdefault((roles, actor.organisations() & named), actor)
    return list(kinds.values())


def readerships(*, dataset: Dataset, actors: Iterable[Actor], on: date) -> list[Readership]:
    """One for each set of providers and detail that somebody may read."""
    found: dict[Any, Readership] = {}
    for actor in actors:
        read = reading(actor=actor, dataset=dataset, on=on)
        if read:
            key = frozenset(each.pk for each in read.organisations), read.detail
            found.setdefault(key, Readership(dataset, actor, read))
    return list(found.values())


def rule_in_force(dataset: Dataset, on: date) -> DisclosureRule | None:
    """The row of the rule that the partnership's figures of a dataset go through."""
    if dataset.published_already:
        return None
    rows = DisclosureRule.objects.filter(dataset=dataset, audience=Audience.PARTNERSHIP).on(on)
    # As `rule_on` chooses: the one that began last.
    return max(rows, key=lambda row: row.valid_from or date.min, default=None)


def unwatched(*, readership: Readership, on: date) -> list[Detail]:
    """How finely these readers' figures have still to be watched as they stand today."""
    held = held_months(dataset=readership.dataset, organisations=readership.reading.organisations)
    if not held:
        return []
    rule = rule_in_force(readership.dataset, on)
    seen = Watch.objects.filter(
        dataset=readership.dataset,
        data_version=version_of(held),
        rule=rule,
        published=readership.dataset.published_already,
    )
    if rule is not None:
        seen = seen.filter(created_at__gte=rule.updated_at)
    done = set(seen.values_list("detail", flat=True))
    return [d for d in DETAILS if readership.reading.covers(d) and d not in done]


def look(*, readership: Readership, detail: Detail, on: date) -> Looked:
    """Watch the last whole month of every series. Raises Refused where nothing may be read."""
    dataset, read = readership.dataset, readership.reading
    held = tuple(held_months(dataset=dataset, organisations=read.organisations))
    months, counted = _months(held)
    series, table = _table(readership, detail, held, months, on)
    table[[at for at, month in enumerate(months) if month not in counted]] = np.nan
    method, seen = _watched(table)
    found = _standing_out(series, table, seen) if seen is not None else ()
    return Looked(
        detail=detail,
        month=months[-1],
        method=method,
        series=len(series),
        tested=int(np.isfinite(seen.p_value).sum()) if seen is not None else 0,
        held=held,
        version=version_of(held),
        rule=rule_in_force(dataset, on),
        found=tuple(found),
    )


def _months(held: Sequence[HeldMonth]) -> tuple[tuple[str, ...], set[str]]:
    """Up to the last month to watch; and those that count: complete, from the usual senders."""
    senders: dict[str, set[Any]] = {}
    for each in held:
        senders.setdefault(month_text(each.month), set()).add(each.organisation_id)
    incomplete = {month_text(each.month) for each in held if each.incomplete}
    ordered = sorted(senders)
    usual = Counter(frozenset(senders[m]) for m in ordered[-_USUAL_OVER:]).most_common(1)[0][0]
    counted = {m for m in ordered if senders[m] == usual and m not in incomplete}
    return month_range(ordered[0], max(counted, default=ordered[-1])), counted


def _table(
    readership: Readership,
    detail: Detail,
    held: Sequence[HeldMonth],
    months: Sequence[str],
    on: date,
) -> tuple[list[Series], Any]:
    """The series, and their figures: a row a month, a column a series, NaN what is not shown."""
    dataset = readership.dataset
    known, where = labels(dataset), places()
    cube = cube_of(dataset, held)
    codes = [""] if detail == Detail.COUNTY else list(where.districts)
    all_series = [
        Series(code, where.name(code), category, known[category])
        for code in codes
        for category in known
        if category in cube.categories
    ]
    rule = rule_for(dataset, actor=readership.actor, on=on)
    if rule.protects:
        shown = figures(
            dataset=dataset,
            cube=cube,
            places=where,
            rule=rule,
            version=version_of(held),
            audience=Audience.PARTNERSHIP,
        )
        assert isinstance(shown, ProtectedFigures)
        rows = [[_published(shown, each, month) for each in all_series] for month in months]
    else:
        rows = _open(cube, where, all_series, months)
    table = np.array(rows, dtype=np.float64).reshape(len(months), len(all_series))
    lives = np.nansum(table, axis=0) > 0
    return [s for s, alive in zip(all_series, lives, strict=True) if alive], table[:, lives]


def _published(shown: ProtectedFigures, series: Series, month: str) -> float:
    try:
        value = shown.cell(area=series.area, months=[month], category=series.category).value
    except Refused:
        return np.nan
    return float(value) if isinstance(value, int | float) else np.nan


def _open(
    cube: Any, where: Places, series: Sequence[Series], months: Sequence[str]
) -> list[list[float]]:
    summed = cube.sum(
        by=("area", "month", "category"),
        months=months,
        places=where.by_district(),
        within=list(where.districts),
        elsewhere=ELSEWHERE,
    ).counts
    found: Counter[tuple[str, str, str]] = Counter()
    for (area, month, category), count in summed.items():
        for code in (area, ""):
            found[code, month, category] += count or 0
    return [[float(found[s.area, month, s.category]) for s in series] for month in months]


def _watched(table: Any) -> tuple[str, Surveillance | None]:
    """Farrington's flexible method over as many years as there are; or the sentence why not."""
    for years in YEARS:
        settings = replace(MONTHLY, years=years)
        needed = 12 * years + settings.half_window + 1
        if len(table) >= needed and table.shape[1]:
            full = np.isfinite(table[-needed:]).mean(axis=0) >= _FULL_ENOUGH
            fitted = np.where(full, table, np.nan)
            said = f"Farrington flexible (Noufaily and others, 2013), months, {years} years back"
            return said, watch(fitted, settings=settings)
    return f"Insufficient history: {len(table)} months are held and {needed} are needed", None


def _standing_out(series: Sequence[Series], table: Any, seen: Surveillance) -> Iterator[Found]:
    q = false_discovery(seen.p_value)[0]
    for at in np.flatnonzero(seen.alarm[0] & (q <= FALSE_DISCOVERY)):
        yield Found(
            series=series[at],
            observed=int(table[-1, at]),
            expected=float(seen.expected[0, at]),
            upper=float(seen.upper[0, at]),
            p_value=float(seen.p_value[0, at]),
            q_value=float(q[at]),
        )


def datasets_held() -> QuerySet[Dataset]:
    """Every dataset of which something counts."""
    return Dataset.objects.filter(submissions__months__current=True).distinct().order_by("pk")


def dataset_called(slug: str) -> Dataset | None:
    return Dataset.objects.filter(slug=slug).first()
