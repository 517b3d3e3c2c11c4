"""k-anonymity of a release of rows: how many people share what an outsider may know of them.

Sources: Sweeney (2002), "k-anonymity: a model for protecting privacy"; Machanavajjhala and others
(2007), "l-diversity: privacy beyond k-anonymity". Counts are of people, not rows: ten rows of one
person hide nobody.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_WORDS = 4
_LOOKED_AT = 1000


@dataclass(frozen=True)
class Diversity:
    """For a sensitive column, the fewest different values in any group of look-alikes."""

    column: str
    fewest: int
    groups_of_one_value: int


@dataclass(frozen=True)
class Anonymity:
    """`k` is the size of the smallest group of people who look alike, None where nothing counts.

    `below` says how many groups are smaller than asked, with `people_at_risk` people in them and
    `rows_at_risk`, the positions of their rows. `void` says why no k can be given at all.
    """

    k: int | None
    asked: int
    groups: int
    people: int
    below: int
    people_at_risk: int
    rows_at_risk: tuple[int, ...]
    diversity: tuple[Diversity, ...]
    notes: tuple[str, ...]
    void: str | None

    @property
    def holds(self) -> bool:
        return self.void is None and (self.k is None or self.k >= self.asked)


def anonymity(
    rows: Sequence[Mapping[str, Any]],
    *,
    k: int,
    person: str | None = None,
    sensitive: Sequence[str] = (),
    harmless: Sequence[str] = (),
    free_text: Sequence[str] = (),
) -> Anonymity:
    """Whether every row looks like those of at least `k` people.

    Every column that is not the `person`, `sensitive` or `harmless` may be known to an outsider and
    tells people apart; a missing value (None, NaN) is a value like others. `person` is a column
    with one code for each person: without it rows are counted, and the answer says so; a row
    without a person counts as nobody. A column of free text, named or found (mostly different texts
    of four words or more), voids the check. Raises ValueError for k below 2 or an unknown column.
    """
    if k < 2:
        raise ValueError("k is 2 or more: one person is never hidden by themselves.")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    named = [*([person] if person else []), *sensitive, *harmless, *free_text]
    unknown = [name for name in named if rows and name not in columns]
    if unknown:
        raise ValueError(f"No column {unknown[0]!r}; there are {', '.join(columns)}.")
    apart = {person, *sensitive, *harmless}
    told = [column for column in columns if column not in apart]
    texts = [c for c in columns if c in free_text or (c != person and _is_free_text(rows, c))]
    groups: dict[tuple[Hashable, ...], list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault(tuple(_value(row.get(c)) for c in told), []).append(place)
    people = {key: _people(rows, places, person) for key, places in groups.items()}
    small = [key for key, count in people.items() if count < k]
    void = (
        f"“{texts[0]}” is free text, which can name anybody: no k can be given while it is there."
        if texts
        else None
    )
    return Anonymity(
        k=None if void or not groups else min(people.values()),
        asked=k,
        groups=len(groups),
        people=_people(rows, range(len(rows)), person),
        below=len(small),
        people_at_risk=sum(people[key] for key in small),
        rows_at_risk=tuple(sorted(place for key in small for place in groups[key])),
        diversity=tuple(_diversity(rows, groups, column) for column in sensitive),
        notes=_notes(rows, groups, person, sensitive),
        void=void,
    )


def _people(rows: Sequence[Mapping[str, Any]], places: Sequence[int], person: str | None) -> int:
    if person is None:
        return len(places)
    return len({_value(rows[p].get(person)) for p in places} - {None, ""})


def _diversity(
    rows: Sequence[Mapping[str, Any]],
    groups: Mapping[tuple[Hashable, ...], list[int]],
    column: str,
) -> Diversity:
    values = [len({_value(rows[p].get(column)) for p in places}) for places in groups.values()]
    return Diversity(column, min(values, default=0), sum(v == 1 for v in values))


def _notes(
    rows: Sequence[Mapping[str, Any]],
    groups: Mapping[tuple[Hashable, ...], list[int]],
    person: str | None,
    sensitive: Sequence[str],
) -> tuple[str, ...]:
    said = []
    if person is None:
        said.append("No column says who a row is about, so rows were counted, not people.")
    for column in sensitive:
        alone = _diversity(rows, groups, column).groups_of_one_value
        if alone:
            said.append(
                f"In {alone} of {len(groups)} groups all have the same “{column}”: "
                "whoever knows that somebody is in the group knows it of them."
            )
    return tuple(said)


def _value(value: Any) -> Hashable:
    if value is None or (isinstance(value, float) and value != value):
        return None
    return value if isinstance(value, Hashable) else repr(value)


def _is_free_text(rows: Sequence[Mapping[str, Any]], column: str) -> bool:
    texts = [r[column] for r in rows[:_LOOKED_AT] if isinstance(r.get(column), str) and r[column]]
    long = [text for text in texts if len(text.split()) >= _WORDS]
    return bool(texts) and len(long) > len(texts) / 2 and len(set(long)) > len(long) / 2
