"""Counts by any of month, category and area, for files and the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from frankpledge.access.actors import Actor
from frankpledge.analysis.disclosure import (
    Column,
    ProtectedRelease,
    PublishableTable,
    Refused,
    publish,
)
from frankpledge.analysis.months import InvalidMonth, month_range
from frankpledge.evidence.queries.asking import dataset_named
from frankpledge.evidence.queries.places import (
    ELSEWHERE,
    NEIGHBOURING,
    REMAINDER_LABELS,
    UNLOCATED,
    Places,
    places,
)
from frankpledge.evidence.queries.sources import (
    COUNTY,
    audience_of,
    cube_of,
    labels,
    month_text,
    period_code,
    release_of,
    rule_for,
)
from frankpledge.evidence.rules import UnableToAsk
from frankpledge.sharing.models import Dataset
from frankpledge.sharing.queries.caveats import standing_caveats
from frankpledge.sharing.queries.data import HeldMonth, held_months, version_of
from frankpledge.sharing.queries.permission import Reading, reading

KEYS = ("month", "category", "area")
_LABELS = {"month": "Month", "category": "Kind", "area": "Place"}


@dataclass(frozen=True)
class Counted:
    """The table, and what was read for it."""

    table: PublishableTable
    dataset: Dataset
    reading: Reading
    held: tuple[HeldMonth, ...]


def counts(
    *,
    actor: Actor,
    slug: str,
    start: str,
    end: str,
    area: str,
    category: str,
    by: Sequence[str],
    on: date,
) -> Counted:
    """One row a combination. By area, the rows beside the county's are there too, so that all
    rows together are what was stored. Raises Refused, UnableToAsk, Http404."""
    unknown = [key for key in by if key not in KEYS]
    if unknown:
        raise UnableToAsk(f"“{unknown[0]}” is no breakdown. Choose of month, category and area.")
    dataset = dataset_named(actor=actor, slug=slug)
    allowed = reading(actor=actor, dataset=dataset, on=on)
    if not allowed:
        said = " ".join(allowed.refusals) or "Nothing is held of it yet."
        raise Refused(f"“{dataset.name}” cannot be read. {said}")
    held = held_months(dataset=dataset, organisations=allowed.organisations)
    known = places()
    code = known.find(area)
    if code is None:
        raise UnableToAsk(f"“{area}” is no place here.")
    if category and category not in labels(dataset):
        raise UnableToAsk(f"“{category}” is not a kind that {dataset.name} holds.")
    months = _months(start, end, [month_text(each.month) for each in held])
    rule = rule_for(dataset, actor=actor, on=on)
    cube = cube_of(dataset, held)
    said = standing_caveats(
        dataset,
        start=date.fromisoformat(f"{months[0]}-01"),
        end=date.fromisoformat(f"{months[-1]}-01"),
        on=on,
    )
    read = tuple(each for each in held if month_text(each.month) in months)
    if rule.protects:
        release = release_of(
            dataset,
            cube,
            known,
            rule,
            version_of(held),
            audience_of(actor),
            allowed.organisations,
            held,
        )
        table = _protected(release, dataset, known, code, category, months, by)
        return Counted(table.noting(said), dataset, allowed, read)
    summed = cube.sum(
        by=tuple(by),  # type: ignore[arg-type]
        months=months,
        categories=[category] if category else None,
        places=known.by_district(),
        within=_within(known, code, by),
        elsewhere=ELSEWHERE,
    )
    names = {**known.districts, **known.neighbours, **REMAINDER_LABELS}
    rows = [
        {
            **{key: _word(key, value, dataset, names) for key, value in zip(by, row, strict=False)},
            "count": row[-1],
        }
        for row in summed.rows
    ]
    table = publish(
        title=_title(dataset, known.name(code), months),
        columns=[
            *(Column(key, _LABELS[key], "month" if key == "month" else "text") for key in by),
            Column("count", "Count", "count"),
        ],
        rows=rows,
        rule=rule,
        audience=audience_of(actor),
        notes=[f"Missing months, not zero: {', '.join(summed.gaps)}."] if summed.gaps else [],
        synthetic=any(each.synthetic for each in held),
        sources=[dataset.name],
    )
    return Counted(table.noting(said), dataset, allowed, read)


def _months(start: str, end: str, held: Sequence[str]) -> tuple[str, ...]:
    if not held:
        raise UnableToAsk("Nothing is held of it yet.")
    try:
        months = month_range(start or min(held), end or max(held))
    except InvalidMonth as error:
        raise UnableToAsk(str(error)) from None
    if not months:
        raise UnableToAsk("The last month is before the first.")
    return months


def _within(known: Places, code: str, by: Sequence[str]) -> list[str]:
    """The county's districts; by area also what lies beside it, so that everything adds up."""
    if code:
        return [NEIGHBOURING if code in known.neighbours else code]
    districts = list(known.districts)
    return [*districts, NEIGHBOURING, ELSEWHERE, UNLOCATED] if "area" in by else districts


def _word(key: str, value: object, dataset: Dataset, names: Mapping[str, str]) -> object:
    if key == "category":
        return labels(dataset).get(str(value), value)
    return names.get(str(value), value) if key == "area" else value


def _title(dataset: Dataset, where: str, months: Sequence[str]) -> str:
    return f"{dataset.name}, {where}, {months[0]} to {months[-1]}"


def _protected(
    release: ProtectedRelease,
    dataset: Dataset,
    known: Places,
    code: str,
    category: str,
    months: Sequence[str],
    by: Sequence[str],
) -> PublishableTable:
    where: dict[str, str] = {}
    only: dict[str, Sequence[str]] = {}
    if "area" in by:
        only["area"] = [code] if code else list(known.districts)
    else:
        where["area"] = code or COUNTY
    if "month" in by:
        only["month"] = months
    else:
        period = period_code(months)
        if period is None:
            raise Refused(
                "Figures that are protected are published for single months and calendar years. "
                "Choose one month, or January to December of a year."
            )
        where["month"] = period
    if "category" in by:
        if category:
            only["category"] = [category]
    else:
        where["category"] = category or "all"
    return release.table(
        title=_title(dataset, known.name(code), months), by=tuple(by), where=where, only=only
    )
