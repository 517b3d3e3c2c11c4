"""Figures along time: where each stands, what it is called, and where time has a gap."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import gcd, inf

from frankpledge.analysis.disclosure import Cell, Column, PublishableTable, Status
from frankpledge.charts.figures import Figure, column, figures, name, names, where
from frankpledge.charts.scales import MONTHS, month_name, month_number, month_ticks

_DAYS_IN_SHORT_SPAN = 60


@dataclass(frozen=True, slots=True)
class Break:
    """A day or month from which figures may not be compared with those before, and why."""

    at: date | str
    label: str


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    points: tuple[tuple[int, Figure], ...]

    @property
    def shown(self) -> list[tuple[int, float, Figure]]:
        return [(at, f.value, f) for at, f in self.points if f.value is not None]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The positions of a table's time column; kind is month, day or order."""

    kind: str
    of_row: tuple[int, ...]
    labels: dict[int, str]
    first: int
    last: int
    step: int

    def label(self, at: int) -> str:
        return self.labels.get(at) or (month_name(at) if self.kind == "month" else "")

    def place(self, value: date | str) -> int | None:
        """The position of a time given by the caller; None if it is outside the table."""
        at: int | None
        if self.kind == "month":
            at = month_number(value)
        elif self.kind == "day":
            at = _day(value)
        else:
            at = next((p for p, label in self.labels.items() if label == str(value)), None)
        return at if at is not None and self.first <= at <= self.last else None

    def ticks(self, room: float, each: float) -> list[tuple[int, str, str]]:
        """(position, label, second line) for as many as the room holds."""
        if self.kind == "month":
            return month_ticks(self.first, self.last, room=room, each=each)
        if self.kind == "day":
            return self._day_ticks(room, each)
        every = max(1, -(-(self.last - self.first + 1) // max(1, int(room // (each * 2)))))
        return [(at, self.labels.get(at, ""), "") for at in range(0, self.last + 1, every)]

    def _day_ticks(self, room: float, each: float) -> list[tuple[int, str, str]]:
        start, end = date.fromordinal(self.first), date.fromordinal(self.last)
        if self.last - self.first > _DAYS_IN_SHORT_SPAN:
            named = month_ticks(
                month_number(start) or 0, month_number(end) or 0, room=room, each=each
            )
            placed = [(date(m // 12, m % 12 + 1, 1).toordinal(), a, b) for m, a, b in named]
            return [tick for tick in placed if tick[0] >= self.first]
        fits = max(1, int(room // (each * 1.7)))
        every = max(1, -(-(self.last - self.first + 1) // fits))
        return [
            (day.toordinal(), f"{day.day} {MONTHS[day.month - 1][:3]}", "" if i else str(day.year))
            for i, day in enumerate(map(date.fromordinal, range(self.first, self.last + 1, every)))
        ]


def _day(value: object) -> int | None:
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, str):
        try:
            return date.fromisoformat(value).toordinal()
        except ValueError:
            return None
    return None


def _stated(cell: Cell) -> object:
    return cell.value if cell.status is Status.SHOWN else None


def timeline(table: PublishableTable, x: str) -> Timeline:
    shown, place = column(table, x), where(table, x)
    cells = [row[place] for row in table.rows]
    kind, positions = _positions(cells, shown)
    labels: dict[int, str] = {}
    for at, cell in zip(positions, cells, strict=True):
        labels.setdefault(at, month_name(at) if kind == "month" else name(cell))
    ordered = sorted(set(positions)) or [0]
    step = gcd(*(b - a for a, b in pairwise(ordered))) or 1
    return Timeline(kind, tuple(positions), labels, ordered[0], ordered[-1], step)


def _positions(cells: Sequence[Cell], shown: Column) -> tuple[str, list[int]]:
    if cells and shown.kind in ("month", "date"):
        reader = month_number if shown.kind == "month" else _day
        read = [reader(_stated(cell)) for cell in cells]
        positions = [at for at in read if at is not None]
        if len(positions) == len(cells):
            return ("month" if shown.kind == "month" else "day"), positions
    order: dict[str, int] = {}
    return "order", [order.setdefault(name(cell), len(order)) for cell in cells]


def series(
    table: PublishableTable, times: Timeline, y: Sequence[str], by: str | None
) -> tuple[Series, ...]:
    """One series a column of `y`, or one a category of `by`, in the order of the table."""
    if by is None:
        return tuple(
            Series(column(table, key).label, _sorted(times.of_row, figures(table, key)))
            for key in y
        )
    if len(y) != 1:
        raise ValueError("With `by`, name one column of figures.")
    grouped: dict[str, tuple[list[int], list[Figure]]] = {}
    for at, called, found in zip(times.of_row, names(table, by), figures(table, y[0]), strict=True):
        places, values = grouped.setdefault(called, ([], []))
        places.append(at)
        values.append(found)
    return tuple(Series(called, _sorted(*both)) for called, both in grouped.items())


def _sorted(places: Sequence[int], values: Sequence[Figure]) -> tuple[tuple[int, Figure], ...]:
    return tuple(sorted(zip(places, values, strict=True), key=lambda pair: pair[0]))


def runs(
    shown: Sequence[tuple[int, float, Figure]], step: int
) -> Iterator[list[tuple[int, float]]]:
    """Stretches without a gap: a missing or withheld time ends one."""
    stretch: list[tuple[int, float]] = []
    for at, value, _ in shown:
        if stretch and at - stretch[-1][0] > step:
            yield stretch
            stretch = []
        stretch.append((at, value))
    if stretch:
        yield stretch


def reach(all_series: Collection[Series]) -> tuple[float, float] | None:
    """Lowest and highest shown figure; None if nothing is shown."""
    low, high = inf, -inf
    for one in all_series:
        for _, value, _ in one.shown:
            low, high = min(low, value), max(high, value)
    return None if low > high else (low, high)
