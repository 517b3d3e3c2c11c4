"""Monthly cubes: area × month × category → count, and what is added up from them.

A gap stays a gap: a month without an accepted submission is missing, never zero. In a month that
was accepted, a combination without rows is zero.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from frankpledge.analysis import engine

UNLOCATED = ""
By = Literal["month", "category", "area"]
_KEYS = ("area", "month", "category")


def monthly_cube(
    rows: Any,
    *,
    area: str = "area",
    month: str = "month",
    category: str = "category",
    count: str | None = None,
) -> Any:
    """The cube of incident rows as an Ibis expression: area, month, category, count, sorted.

    Names say which columns of `rows` hold what; `count` names a column to add up where rows are
    counts already. A row without an area keeps its place under the empty code.
    """
    keys = {
        "area": rows[area].cast("string").fill_null(UNLOCATED),
        "month": rows[month].cast("string"),
        "category": rows[category].cast("string"),
    }
    amount = rows.count() if count is None else rows[count].sum()
    return rows.group_by(**keys).agg(count=amount.cast("int64")).order_by(list(_KEYS))


def save_cube(backend: Any, cube: Any, path: str | Path) -> None:
    """Writes a cube expression to one Parquet file (zstd)."""
    backend.to_parquet(cube, str(path), compression="zstd")


def read_cube(backend: Any, paths: Sequence[str | Path], *, accepted: Iterable[str]) -> "Cube":
    """Cube files added up into memory; a cube is bounded by areas × months × categories.

    `accepted` are the months with an accepted submission, whether or not they have rows. Raises
    ValueError when the files hold a month that was not accepted.
    """
    months = sorted(set(accepted))
    if not paths:
        return Cube.from_rows([], accepted=months)
    table = engine.read_parquet(backend, paths)
    summed = table.group_by(list(_KEYS)).agg(count=table["count"].sum().cast("int64"))
    found = backend.to_pyarrow(summed.order_by(list(_KEYS)))
    # Codes are compared once each, not once a row.
    area, month, category = (found[key].combine_chunks().dictionary_encode() for key in _KEYS)
    return _cube(
        (area.dictionary.to_pylist(), area.indices.to_numpy()),
        (month.dictionary.to_pylist(), month.indices.to_numpy()),
        (category.dictionary.to_pylist(), category.indices.to_numpy()),
        found["count"].to_numpy(),
        months,
    )


Encoded = tuple[Sequence[str], npt.NDArray[np.integer[Any]]]


def _cube(
    areas: Encoded, months: Encoded, kinds: Encoded, counts: Any, accepted: list[str]
) -> "Cube":
    place = {month: index for index, month in enumerate(accepted)}
    strangers = sorted(month for month in months[0] if month not in place)
    if strangers:
        raise ValueError(f"These months were not accepted: {', '.join(strangers)}")
    area_codes, area_at = _sorted(areas)
    kind_codes, kind_at = _sorted(kinds)
    return Cube(
        months=tuple(accepted),
        areas=area_codes,
        categories=kind_codes,
        month_at=np.array([place[month] for month in months[0]], dtype=np.int64)[months[1]],
        area_at=area_at,
        category_at=kind_at,
        counts=np.asarray(counts, dtype=np.int64),
    )


def _sorted(encoded: Encoded) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    codes, at = encoded
    order = {code: index for index, code in enumerate(sorted(codes))}
    return tuple(order), np.array([order[code] for code in codes], dtype=np.int64)[at]


def _encoded(values: Iterable[str]) -> Encoded:
    place: dict[str, int] = {}
    at = [place.setdefault(value, len(place)) for value in values]
    return list(place), np.array(at, dtype=np.int64)


@dataclass(frozen=True)
class Summed:
    """Counts by the keys asked for, in the order asked for.

    `rows` hold one code a key, then the count: None in a month that is a gap. `gaps` are the months
    asked for that were not accepted: a sum over months leaves them out, and says so here.
    """

    by: tuple[By, ...]
    rows: tuple[tuple[str | int | None, ...], ...]
    months: tuple[str, ...]
    gaps: tuple[str, ...]

    @property
    def total(self) -> int:
        return sum(int(row[-1]) for row in self.rows if row[-1] is not None)

    @property
    def counts(self) -> dict[tuple[str, ...], int | None]:
        return {
            tuple(str(code) for code in row[:-1]): None if row[-1] is None else int(row[-1])
            for row in self.rows
        }

    @property
    def values(self) -> tuple[int | None, ...]:
        return tuple(None if row[-1] is None else int(row[-1]) for row in self.rows)


@dataclass(frozen=True)
class Cube:
    """A cube in memory. `months` are the accepted ones; `*_at` point into the tuples of codes."""

    months: tuple[str, ...]
    areas: tuple[str, ...]
    categories: tuple[str, ...]
    month_at: npt.NDArray[np.int64]
    area_at: npt.NDArray[np.int64]
    category_at: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]

    @classmethod
    def from_rows(
        cls, rows: Iterable[tuple[str | None, str, str, int]], *, accepted: Iterable[str]
    ) -> "Cube":
        """A cube of (area, month, category, count) in memory."""
        found = list(rows)
        return _cube(
            _encoded(UNLOCATED if row[0] is None else row[0] for row in found),
            _encoded(row[1] for row in found),
            _encoded(row[2] for row in found),
            [row[3] for row in found],
            sorted(set(accepted)),
        )

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    def sum(
        self,
        *,
        by: Sequence[By] = (),
        months: Sequence[str] | None = None,
        categories: Collection[str] | None = None,
        places: Mapping[str, str] | None = None,
        within: Collection[str] | None = None,
        elsewhere: str = "elsewhere",
    ) -> Summed:
        """Adds the cube up by any of month, category and area.

        `months` are those asked for, gaps included (default: the accepted ones). `places` maps area
        codes to the places wanted (districts, a county, a common geography); codes it does not know
        count under `elsewhere`, rows without an area under the empty code, so that everything adds
        up. `within` keeps these places only. `categories` keeps these only, in this order. Every
        code of `within` or `categories` has a row, if only of zeros.
        """
        wanted = list(self.months if months is None else months)
        asked = "area" in by or within is not None
        place_codes, place_at = self._placed(places if asked else None, elsewhere)
        axes: dict[By, tuple[list[str], npt.NDArray[np.int64]]] = {
            "month": _chosen(self.months, wanted),
            "category": _chosen(self.categories, categories),
            "area": _chosen(place_codes, within),
        }
        at = {
            "month": axes["month"][1][self.month_at],
            "category": axes["category"][1][self.category_at],
            "area": axes["area"][1][place_at[self.area_at]],
        }
        inside = (at["month"] >= 0) & (at["category"] >= 0) & (at["area"] >= 0)
        cell = np.zeros(int(inside.sum()), dtype=np.int64)
        size = 1
        for key in by:
            codes = axes[key][0]
            cell = cell * len(codes) + at[key][inside]
            size *= len(codes)
        summed = np.zeros(size, dtype=np.int64)
        np.add.at(summed, cell, self.counts[inside])
        gaps = tuple(month for month in wanted if month not in set(self.months))
        rows: list[tuple[str | int | None, ...]] = []
        for combination, count in zip(product(*(axes[key][0] for key in by)), summed, strict=True):
            gap = "month" in by and combination[list(by).index("month")] in gaps
            rows.append((*combination, None if gap else int(count)))
        if "month" not in by and len(gaps) == len(wanted):
            rows = [(*row[:-1], None) for row in rows]
        return Summed(tuple(by), tuple(rows), tuple(wanted), gaps)

    def placed(self, places: Mapping[str, str], *, elsewhere: str = "elsewhere") -> "Cube":
        """The same counts by the places that `places` maps areas to, as `sum` does: a small cube
        to ask often."""
        codes, at = self._placed(places, elsewhere)
        size = len(codes), len(self.months), len(self.categories)
        key = (at[self.area_at] * size[1] + self.month_at) * size[2] + self.category_at
        counts = np.zeros(size[0] * size[1] * size[2], dtype=np.int64)
        np.add.at(counts, key, self.counts)
        held = np.flatnonzero(counts)
        return Cube(
            months=self.months,
            areas=tuple(codes),
            categories=self.categories,
            month_at=held // size[2] % size[1],
            area_at=held // (size[1] * size[2]),
            category_at=held % size[2],
            counts=counts[held],
        )

    def _placed(
        self, places: Mapping[str, str] | None, elsewhere: str
    ) -> tuple[list[str], npt.NDArray[np.int64]]:
        if places is None:
            return list(self.areas), np.arange(len(self.areas), dtype=np.int64)
        named = [UNLOCATED if a == UNLOCATED else places.get(a, elsewhere) for a in self.areas]
        codes = sorted(set(named))
        position = {code: index for index, code in enumerate(codes)}
        return codes, np.array([position[name] for name in named], dtype=np.int64)


def _chosen(
    codes: Sequence[str], wanted: Collection[str] | None
) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The codes to show, and for each known code its place among them or -1."""
    shown = list(codes) if wanted is None else list(dict.fromkeys(wanted))
    position = {code: index for index, code in enumerate(shown)}
    return shown, np.array([position.get(code, -1) for code in codes], dtype=np.int64)
