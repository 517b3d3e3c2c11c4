"""Periods of a return, when each is due, and how it stands: pure functions of dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from frankpledge.sharing.enums import Rhythm
from frankpledge.sharing.rules.returns import following

MONTHS = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3, Rhythm.YEARLY: 12}


class Standing(StrEnum):
    NOT_YET = "Not due yet"
    IN_PART = "In part"
    RECEIVED = "Received"
    RECEIVED_LATE = "Received late"
    NIL = "Nothing to report"
    LATE = "Late"


COLOURS = {
    Standing.NOT_YET: "grey",
    Standing.IN_PART: "yellow",
    Standing.RECEIVED: "green",
    Standing.RECEIVED_LATE: "turquoise",
    Standing.NIL: "green",
    Standing.LATE: "red",
}


class UnableToAskFor(Exception):
    """A period or an extension that cannot be; the sentence says why."""


@dataclass(frozen=True)
class Period:
    """Whole months, both ends inclusive."""

    start: date
    end: date

    @property
    def months(self) -> tuple[date, ...]:
        found, month = [], self.start
        while month <= self.end:
            found.append(month)
            month = following(month)
        return tuple(found)

    @property
    def name(self) -> str:
        if self.start.year == self.end.year and self.start.month == self.end.month:
            return f"{self.start:%B %Y}"
        if self.start.year == self.end.year:
            return f"{self.start:%B} to {self.end:%B %Y}"
        return f"{self.start:%B %Y} to {self.end:%B %Y}"


def _months_on(day: date, months: int) -> date:
    for _ in range(months):
        day = following(day)
    return day


def periods(rhythm: str, first: date, *, until: date) -> Iterator[Period]:
    """The periods from `first` on that have ended by a day.

    Raises UnableToAskFor where `first` is not the first day of a month, or returns are not counted
    in whole months at that rhythm.
    """
    if first.day != 1:
        raise UnableToAskFor("A period begins on the first day of a month.")
    try:
        length = MONTHS[Rhythm(rhythm)]
    except (KeyError, ValueError):
        raise UnableToAskFor("Returns are asked for by month, quarter or year.") from None
    start = first
    while (after := _months_on(start, length)) <= until + timedelta(days=1):
        yield Period(start, after - timedelta(days=1))
        start = after


def due_on(rhythm: str, period: Period, due_days: int) -> date:
    """So many days after the period; 0 is the last day of the period that follows it, as the
    Crime and Disorder (Prescribed Information) Regulations 2007 have it for quarters."""
    if due_days:
        return period.end + timedelta(days=due_days)
    after = period.end + timedelta(days=1)
    return _months_on(after, MONTHS[Rhythm(rhythm)]) - timedelta(days=1)


def standing(
    *,
    months: int,
    held: int,
    whole_on: date | None,
    due: date,
    nil: bool,
    today: date,
) -> Standing:
    """How a period stands: `held` of its `months` came, the last of them on `whole_on`."""
    if held >= months and whole_on is not None:
        return Standing.RECEIVED if whole_on <= due else Standing.RECEIVED_LATE
    if nil:
        return Standing.NIL
    if today > due:
        return Standing.LATE
    return Standing.IN_PART if held else Standing.NOT_YET


def check_extension(*, due: date, extended_to: date, because: str) -> None:
    if extended_to <= due:
        raise UnableToAskFor(f"It is due on {due:%-d %B %Y} already. Choose a later day.")
    if not because.strip():
        raise UnableToAskFor("Say why it may come later.")
