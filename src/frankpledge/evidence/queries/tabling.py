"""The tables of an answer: by month, by kind, by place, and the one a map is coloured from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from frankpledge.analysis import control
from frankpledge.analysis.disclosure import (
    Column,
    Derived,
    PublishableTable,
    Refused,
    percent_change_of,
    publish,
    rate_of,
)
from frankpledge.analysis.months import month_range, shifted, year_before
from frankpledge.analysis.rates import rate
from frankpledge.evidence.queries.asked import Asked
from frankpledge.evidence.queries.hot import emerging_table, hot_table
from frankpledge.evidence.queries.places import (
    ELSEWHERE,
    NEIGHBOURING,
    REMAINDER_LABELS,
    UNLOCATED,
)
from frankpledge.evidence.queries.ranking import factor_of, funnel_of, smoothed, widened
from frankpledge.evidence.queries.sources import (
    COUNTY,
    ProtectedFigures,
    adds_up,
    period_code,
)
from frankpledge.evidence.queries.weighing import weighed
from frankpledge.evidence.rules import OF_SMALL_AREAS
from frankpledge.sharing.enums import Detail

_HEADINGS = {"month": "Month", "category": "Kind", "area": "Place"}


def table_of(asked: Asked) -> PublishableTable:
    """The figures of the breakdown that was asked for."""
    return {"month": _by_month, "category": _by_category, "area": _by_area}[asked.question.by](
        asked
    )


def _by_month(asked: Asked) -> PublishableTable:
    months = asked.question.months
    before = year_before(months)
    earlier = dict(zip(before, asked.series(before), strict=True))
    limits = _limits(asked)
    derived = [
        Derived(
            Column("before", "A year before", "number"),
            ("month",),
            lambda row: earlier.get(shifted(row["month"], -12)),
        ),
        Derived(
            Column("lower", "Usual range from", "number"),
            ("month",),
            lambda row: limits["lower"].get(row["month"]),
        ),
        Derived(
            Column("upper", "to", "number"),
            ("month",),
            lambda row: limits["upper"].get(row["month"]),
        ),
        Derived(
            Column("centre", "Mean", "number"),
            ("month",),
            lambda row: limits["centre"].get(row["month"]),
        ),
    ]
    if not limits["centre"]:
        derived = derived[:1]
    return _rows(asked, "month", months, derived)


def _limits(asked: Asked) -> dict[str, dict[str, int]]:
    """XmR limits over the months shown and up to four years with them."""
    months = month_range(asked.baseline, asked.question.end)
    found = control.xmr_limits(asked.series(months), incomplete=asked.left_out(months))
    if found.centre is None:
        return {"lower": {}, "upper": {}, "centre": {}}
    pairs = list(zip(months, found.lower, found.upper, strict=True))
    return {
        "lower": {m: round(low) for m, low, _ in pairs if low is not None},
        "upper": {m: round(high) for m, _, high in pairs if high is not None},
        "centre": {m: round(found.centre) for m, low, _ in pairs if low is not None},
    }


def _by_category(asked: Asked) -> PublishableTable:
    months = asked.question.months
    before_months = year_before(months)
    whole = asked.whole(before_months)
    codes = [code for code in asked.labels if code in asked.cube.categories]
    if asked.question.category:
        codes = [asked.question.category]
    earlier = {
        asked.labels[code]: asked.cell(before_months, category=code).value if whole else None
        for code in codes
    }
    derived = [
        Derived(
            Column("before", "A year before", "number"),
            ("category",),
            lambda row: earlier.get(row["category"]),
        ),
        percent_change_of(Column("change", "Change", "percent"), now="count", before="before"),
    ]
    return _rows(asked, "category", codes, derived)


def _by_area(asked: Asked) -> PublishableTable:
    if asked.question.chart in OF_SMALL_AREAS:
        return hot_table(asked) if asked.question.chart == "hot" else emerging_table(asked)
    table = _small_areas(asked) if asked.question.area else _districts(asked)
    if asked.question.chart == "harm":
        return weighed(asked, table)
    return smoothed(table) if asked.question.chart == "smoothed" else table


def _districts(asked: Asked) -> PublishableTable:
    months = asked.question.months
    codes = list(asked.places.districts)
    counts = [asked.cell(months, area=code).value for code in codes]
    known = [c if isinstance(c, int) else None for c in counts]
    people = [asked.places.residents.get(code) for code in codes]
    funnel = funnel_of(known, people)
    by_name = dict(zip(asked.places.districts.values(), funnel.points, strict=True))
    standing = Derived(
        Column("standing", "Against the county"),
        ("area", "rate"),
        lambda row: str(by_name[row["area"]].standing.value) if row["area"] in by_name else None,
    )
    derived = [*_rates(asked), standing]
    if asked.question.chart == "harm":
        derived = derived[:1]  # ranks with their intervals take the place of the rest
    table = _rows(asked, "area", codes, derived, remainder=True)
    said = "" if len(derived) == 1 or asked.question.compares else widened(factor_of(known, people))
    return table.noting([said] if said else [])


def _rates(asked: Asked) -> list[Derived]:
    """Rate per 1,000 residents with its 95% interval, from figures as shown."""

    def end(which: str) -> Any:
        def work(row: Mapping[str, Any]) -> float | None:
            found = rate(row["count"], row["residents"])
            return None if found is None else float(getattr(found, which))

        return work

    needs = ("count", "residents")
    return [
        rate_of(Column("rate", "Per 1,000", "rate"), count="count", population="residents"),
        Derived(Column("low", "95% interval from", "rate"), needs, end("low")),
        Derived(Column("high", "to", "rate"), needs, end("high")),
    ]


def _small_areas(asked: Asked) -> PublishableTable:
    units = asked.places.within(asked.question.area)
    return _unit_table(asked, units)


def _unit_table(asked: Asked, units: Sequence[str]) -> PublishableTable:
    counts = asked.by_unit(units)
    names = asked.places.unit_names
    rows = [
        {
            "code": unit,
            "area": names.get(unit, unit),
            "count": count,
            "residents": asked.places.unit_residents.get(unit),
        }
        for unit, count in zip(units, counts, strict=True)
    ]
    rows.sort(key=lambda row: (-(row["count"] or 0), row["area"]))
    return publish(
        title=asked.title("area"),
        columns=(
            Column("code", "Code"),
            Column("area", "Small area"),
            Column("count", "Count", "count"),
            Column("residents", "Residents", "number"),
        ),
        rows=rows,
        derived=_rates(asked)[:1],
        rule=asked.rule,
        audience=asked.audience,
        notes=("Areas of 2011 and 2021 are joined where one became several.",),
        synthetic=asked.is_synthetic(),
        sources=asked.sources(),
    )


def map_of(asked: Asked, table: PublishableTable) -> tuple[PublishableTable | None, str]:
    """A table of places to colour: small areas of a district, else districts.

    `table` is the answer's own, which by place is the map's too."""
    if asked.question.compares:
        return None, ""
    if asked.question.chart in OF_SMALL_AREAS:
        return table, "small areas"
    if asked.question.area and asked.small_areas:
        if asked.question.by == "area":
            return (table, "small areas") if table.rows else (None, "")
        units = asked.places.within(asked.question.area)
        return (_unit_table(asked, units), "small areas") if units else (None, "")
    if asked.question.area or (not asked.question.category and not adds_up(asked.dataset)):
        return None, ""
    if asked.question.by == "area":
        return table, "districts"
    if not asked.reading.covers(Detail.DISTRICT):
        return None, ""
    try:
        return _districts(asked), "districts"
    except Refused:
        return None, ""


def _rows(
    asked: Asked,
    by: str,
    codes: Sequence[str],
    derived: Sequence[Derived],
    *,
    remainder: bool = False,
) -> PublishableTable:
    if isinstance(asked.figures, ProtectedFigures):
        return _protected_rows(asked, asked.figures, by, codes, derived)
    return _open_rows(asked, by, codes, derived, remainder=remainder)


def _open_rows(
    asked: Asked, by: str, codes: Sequence[str], derived: Sequence[Derived], *, remainder: bool
) -> PublishableTable:
    months = asked.question.months
    rows: list[dict[str, Any]] = []
    for code in codes:
        if by == "month":
            cell = asked.cell([code])
        elif by == "category":
            cell = asked.cell(months, category=code)
        else:
            cell = asked.cell(months, area=code)
        rows.append({by: asked.label(by, code), "count": cell.value, "code": code})
        if by == "area":
            rows[-1]["residents"] = asked.places.residents.get(code)
    if remainder:
        rows += _remainder(asked)
    columns = [Column(by, _HEADINGS[by], "month" if by == "month" else "text")]
    if by == "area":
        columns.insert(0, Column("code", "Code"))
    columns.append(Column("count", "Count", "count"))
    if by == "area":
        columns.append(Column("residents", "Residents", "number"))
    return publish(
        title=asked.title(by),
        columns=columns,
        rows=rows,
        rule=asked.rule,
        audience=asked.audience,
        derived=derived,
        synthetic=asked.is_synthetic(),
        sources=asked.sources(),
    )


def _remainder(asked: Asked) -> list[dict[str, Any]]:
    """What lies outside the county, so that everything adds up to what was stored."""
    counts = asked.by_district()
    rows = []
    for code in (NEIGHBOURING, ELSEWHERE, UNLOCATED):
        label = REMAINDER_LABELS[code]
        if code == NEIGHBOURING and len(asked.places.neighbours) == 1:
            label = f"Neighbouring: {next(iter(asked.places.neighbours.values()))}"
        rows.append(
            {
                "code": code or "unlocated",
                "area": label,
                "count": counts.get(code, 0),
                "residents": None,
            }
        )
    return rows


def _protected_rows(
    asked: Asked,
    found: ProtectedFigures,
    by: str,
    codes: Sequence[str],
    derived: Sequence[Derived],
) -> PublishableTable:
    where = {}
    if by != "area":
        where["area"] = asked.question.area or COUNTY
    if by != "month":
        period = period_code(asked.question.months)
        if period is None:
            raise Refused(
                "Figures that are protected are published for single months and calendar "
                "years. Choose one month, or January to December of a year."
            )
        where["month"] = period
    if by != "category":
        where["category"] = asked.question.category or "all"
    facts = {}
    if by == "area":
        facts = {Column("residents", "Residents", "number"): dict(asked.places.residents)}
        codes_of = {name: code for code, name in asked.places.districts.items()}
        derived = [
            *derived,
            Derived(Column("code", "Code"), ("area",), lambda row: codes_of.get(row["area"])),
        ]
    known = found.release.dimensions[1].positions
    kept = [code for code in codes if by != "month" or code in known]
    return found.release.table(
        title=asked.title(by),
        by=[by],
        where=where,
        only={by: kept},
        facts=facts,
        derived=derived,
    )
