"""Which small areas are hot, and which become so: Gi* over the small areas of a place.

Counts of events cannot be lower than none, so no place is ever called cold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from frankpledge.analysis.disclosure import Column, PublishableTable, publish
from frankpledge.analysis.hotspots.emerging import Pattern, emerging_among
from frankpledge.analysis.hotspots.local import gi_star
from frankpledge.analysis.hotspots.neighbours import Neighbours, touching
from frankpledge.analysis.sentences import Finding as Sentence
from frankpledge.charts.shapes import Outlines
from frankpledge.evidence.queries.asked import Asked
from frankpledge.evidence.queries.places import shapes
from frankpledge.evidence.queries.sources import by_units
from frankpledge.evidence.rules import UnableToAsk

LEVELS = ((0.01, "99% confident"), (0.05, "95% confident"), (0.1, "90% confident"))
COLD = "Not a hot spot"
CLASSES = (COLD, *(label for _, label in reversed(LEVELS)))
FEWEST_MONTHS = 12
NO_PATTERN = "No pattern"
# The plainest first; what is hot now and lasts comes last.
_ORDER = (
    Pattern.NONE,
    Pattern.HISTORICAL,
    Pattern.DIMINISHING,
    Pattern.OSCILLATING,
    Pattern.SPORADIC,
    Pattern.CONSECUTIVE,
    Pattern.NEW,
    Pattern.PERSISTENT,
    Pattern.INTENSIFYING,
)
PATTERNS = tuple(each.sentence.split(":")[0] for each in _ORDER)
_NAMES = dict(zip(_ORDER, PATTERNS, strict=True))
_PARTED = 0.0003  # degrees: simplified outlines may part by some thirty metres
SNAPPED = (
    "Incidents are counted in small areas, not at points: published points are snapped to the "
    "middle of a street or to another map point."
)


def hot_table(asked: Asked) -> PublishableTable:
    """Raises UnableToAsk where there are no outlines to tell neighbours by."""
    outlines = _outlines(asked)
    counts = _counts(asked, outlines.keys, _whole(asked)).sum(axis=0)
    found = gi_star(counts, _touching(outlines.shapes))
    classes = [_level(z, p) for z, p in zip(found.z, found.raised, strict=True)]
    columns = (
        Column("z", "Gi* score", "rate"),
        Column("p", "Chance, raised for all tests"),
        Column("class", "Hot spot"),
    )
    facts = [
        {"z": float(z), "p": None if np.isnan(p) else _chance(p), "class": level}
        for z, p, level in zip(found.z, found.raised, classes, strict=True)
    ]
    return _table(asked, outlines, counts, columns, facts, found.z)


def emerging_table(asked: Asked) -> PublishableTable:
    """Without twelve whole months there is no class. Raises UnableToAsk as `hot_table`."""
    outlines, months = _outlines(asked), _comparable(asked)
    cube = _counts(asked, outlines.keys, months)
    enough = len(months) >= FEWEST_MONTHS
    found = emerging_among(cube if enough else cube[:0], _touching(outlines.shapes))
    columns = (
        Column("hot", "Months hot", "number"),
        Column("trend", "Trend of its scores", "rate"),
        Column("class", "Pattern"),
    )
    known = enough and not found.reason
    facts = [
        {
            "hot": int(hot) if known else None,
            "trend": float(trend) if known else None,
            "class": _NAMES[Pattern(int(pattern))] if known else None,
        }
        for hot, trend, pattern in zip(
            found.hot.sum(axis=0), found.trend, found.pattern, strict=True
        )
    ]
    order = found.hot.sum(axis=0) + 100.0 * np.array([_ORDER.index(p) for p in found.pattern])
    return _table(asked, outlines, cube.sum(axis=0), columns, facts, order)


def hot_sentence(asked: Asked, table: PublishableTable, plain: Sentence) -> Sentence:
    """What was found, before what the count itself did."""
    found = Counter(str(cell.value) for cell in table.column("class") if cell.value is not None)
    tests, where = sum(found.values()), f"{asked.what} in {asked.where}"
    if asked.question.chart == "hot":
        return Sentence(
            f"{where}: {_hot_found(found, tests)}", "unknown", (plain.sentence, _tested(tests))
        )
    months = len(_comparable(asked))
    if not found:
        text = (
            f"insufficient history, {months} whole {'month' if months == 1 else 'months'} of the "
            f"{FEWEST_MONTHS} that emerging hot spots need."
        )
        return Sentence(f"{where}: {text}", "unknown", (plain.sentence,))
    named = [(name, found[name]) for name in reversed(PATTERNS[1:]) if found[name]]
    count = sum(number for _, number in named)
    if not named:
        text = f"none of {tests:,} small areas shows a pattern of hot spots."
    else:
        said = ", ".join(f"{number:,} {name.lower()}" for name, number in named)
        verb = "shows" if count == 1 else "show"
        text = f"{count:,} of {tests:,} small areas {verb} a pattern of hot spots: {said}."
    meant = [each.sentence for each in _ORDER[1:] if found[_NAMES[each]]]
    tested = _tested(tests * months)
    return Sentence(f"{where}: {text}", "unknown", (plain.sentence, *meant, tested))


def _hot_found(found: Counter[str], tests: int) -> str:
    if not tests:
        return "no small area can be told from the others."
    hot = sum(number for name, number in found.items() if name != COLD)
    if not hot:
        return f"none of {tests:,} small areas is a hot spot."
    chance = round(hot * LEVELS[-1][0])
    verb = "is a hot spot" if hot == 1 else "are hot spots"
    doubt = f"about {chance:,}" if chance else "less than one"
    return f"{hot:,} of {tests:,} small areas {verb}; {doubt} could be by chance."


def _tested(tests: int) -> str:
    return (
        f"{tests:,} tests were made. P-values are raised for all of them (false discovery rate). "
        "A place is judged with its neighbours; none is called cold."
    )


def _whole(asked: Asked) -> tuple[str, ...]:
    return tuple(month for month in asked.question.months if asked.whole([month]))


def _comparable(asked: Asked) -> tuple[str, ...]:
    months = asked.question.months
    left_out = set(asked.left_out(months))
    return tuple(m for at, m in enumerate(months) if at not in left_out and asked.whole([m]))


def _outlines(asked: Asked) -> Outlines:
    found = shapes("small areas", asked.question.area)
    if found is None:
        raise UnableToAsk(
            "Hot spots need outlines of small areas, and none are loaded. Choose another chart."
        )
    return found


@lru_cache(maxsize=64)
def _touching(shapes: tuple[Any, ...]) -> Neighbours:
    return touching(shapes, within=_PARTED)


def _counts(asked: Asked, units: Sequence[str], months: Sequence[str]) -> Any:
    """(months, units) of counts."""
    category = asked.question.category
    return by_units(asked.cube, asked.places, units, months, category)


def _level(z: float, raised: float) -> str | None:
    if np.isnan(z):
        return None
    if z > 0:
        for alpha, label in LEVELS:
            if raised < alpha:
                return label
    return COLD


def _chance(p: float) -> str:
    return "less than 0.0001" if p < 0.0001 else f"{p:.4f}"


def _table(
    asked: Asked,
    outlines: Outlines,
    counts: Any,
    columns: Sequence[Column],
    facts: Sequence[dict[str, Any]],
    order: Any,
) -> PublishableTable:
    places, names = asked.places, asked.places.unit_names
    district = {u: places.district_of.get(code, "") for code, u in places.units.items()}
    rows = [
        {
            "code": unit,
            "area": names.get(unit, unit),
            "district": places.name(district.get(unit, "")),
            "count": int(count),
            **fact,
        }
        for unit, count, fact in zip(outlines.keys, counts, facts, strict=True)
    ]
    ranked = sorted(
        zip(np.nan_to_num(order, nan=-1e9).tolist(), rows, strict=True),
        key=lambda pair: (-pair[0], pair[1]["area"]),
    )
    return publish(
        title=asked.title("area"),
        columns=(
            Column("code", "Code"),
            Column("area", "Small area"),
            Column("district", "District"),
            Column("count", "Count", "count"),
            *columns,
        ),
        rows=[row for _, row in ranked],
        rule=asked.rule,
        audience=asked.audience,
        notes=(SNAPPED, "Areas of 2011 and 2021 are joined where one became several."),
        synthetic=asked.is_synthetic(),
        sources=asked.sources(),
    )
