"""A question is four plain choices: dataset, period, place, breakdown. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from urllib.parse import urlencode

from frankpledge.analysis.months import InvalidMonth, month_range, period_name, shifted
from frankpledge.evidence.enums import TellWhen
from frankpledge.sharing.enums import Detail

By = Literal["month", "category", "area"]
BREAKDOWNS: dict[By, str] = {"month": "By month", "category": "By kind", "area": "By place"}
CHARTS: dict[By, dict[str, str]] = {
    "month": {"": "Line", "districts": "A line for each district"},
    "category": {
        "": "Bars",
        "change": "Change since a year before",
        "slope": "Then and now, joined",
    },
    "area": {
        "": "Bars and map",
        "bars": "Bars",
        "dots": "Dots with intervals",
        "map": "Outline map",
        "tiles": "Tile map",
        "funnel": "Funnel: rates against residents",
        "smoothed": "Smoothed rates and ranks",
        "harm": "Demand and harm",
        "months": "A small map for each month",
        "hot": "Hot spots (Gi*)",
        "emerging": "Emerging hot spots",
    },
}
OF_DISTRICTS = frozenset({"districts", "dots", "tiles", "funnel", "months"})
OF_SMALL_AREAS = frozenset({"hot", "emerging"})
LONGEST = 240
MOST_MAPS = 24
_MOST_SURPRISING = 1_000_000


class UnableToAsk(Exception):
    """The question cannot be read; the text says which choice is wrong and what to choose."""


@dataclass(frozen=True)
class Question:
    """Months are `2025-01`; `area` is a code, empty for the whole county; so is `category`."""

    dataset: str
    start: str
    end: str
    area: str = ""
    by: By = "month"
    category: str = ""
    chart: str = ""  # one of `charts`, empty for the usual one
    other: str = ""  # another period to compare with, `2024-01..2024-12`
    against: str = ""  # another place to compare with
    beside: str = ""  # another dataset to show below, on a scale of its own

    @property
    def compares(self) -> bool:
        return bool(self.other or self.against)

    @property
    def charts(self) -> dict[str, str]:
        """The charts that fit this breakdown of this place; the usual one first."""
        if self.compares:
            return {"": "Side by side"}
        fitting = CHARTS[self.by].items()
        return {key: label for key, label in fitting if not (self.area and key in OF_DISTRICTS)}

    @property
    def months(self) -> tuple[str, ...]:
        return month_range(self.start, self.end)

    @property
    def period(self) -> str:
        return period_name(self.start, self.end)

    @property
    def of_small_areas(self) -> bool:
        return self.by == "area" and (bool(self.area) or self.chart in OF_SMALL_AREAS)

    @property
    def detail(self) -> Detail:
        """How finely its answer tells of places."""
        if self.of_small_areas:
            return Detail.LSOA
        of_places = self.by == "area" or self.area or self.against or self.chart == "districts"
        return Detail.DISTRICT if of_places else Detail.COUNTY

    def with_(self, **changes: str) -> Question:
        """Another question; a chart that does not fit it gives way to the usual one."""
        changed: Question = replace(self, **changes)  # type: ignore[arg-type]
        return changed if changed.chart in changed.charts else replace(changed, chart="")

    def as_dict(self) -> dict[str, str]:
        kept = {
            "dataset": self.dataset,
            "from": self.start,
            "to": self.end,
            "area": self.area,
            "by": self.by,
            "category": self.category,
            "chart": self.chart,
            "with": self.other,
            "against": self.against,
            "beside": self.beside,
        }
        return {key: value for key, value in kept.items() if value}

    def address(self) -> str:
        return urlencode(self.as_dict())


def read(given: Mapping[str, str], *, default: Question) -> Question:
    """The question of an address or a kept one. Raises UnableToAsk."""
    by = given.get("by") or default.by
    if by not in BREAKDOWNS:
        raise UnableToAsk(f"“{by}” is no breakdown. Choose month, category or area.")
    start = given.get("from") or default.start
    end = given.get("to") or default.end
    try:
        span = len(month_range(start, end))
        shifted(start, -2 * LONGEST)  # what is compared with lies before
        shifted(end, 12)
    except InvalidMonth as error:
        raise UnableToAsk(str(error)) from None
    if span == 0:
        raise UnableToAsk("The last month is before the first. Choose a later last month.")
    if span > LONGEST:
        raise UnableToAsk(f"Choose at most {LONGEST} months.")
    question = Question(
        dataset=given.get("dataset") or default.dataset,
        start=start,
        end=end,
        area=given.get("area", default.area),
        by=by,
        category=given.get("category", ""),
        chart=given.get("chart", ""),
        other=given.get("with", ""),
        against=given.get("against", ""),
        beside=given.get("beside", ""),
    )
    _check_comparison(question)
    if question.chart not in question.charts:
        known = ", ".join(f"{key} ({label})" for key, label in question.charts.items() if key)
        choose = f"Choose {known}, or none." if known else "Leave it out."
        raise UnableToAsk(f"“{question.chart}” is no chart of this breakdown. {choose}")
    if question.chart == "months" and span > MOST_MAPS:
        raise UnableToAsk(f"Choose at most {MOST_MAPS} months for a map of each.")
    return question


def other_months(question: Question) -> tuple[str, ...]:
    """The months of the other period. Raises UnableToAsk."""
    first, dots, last = question.other.partition("..")
    try:
        months = month_range(first, last) if dots else ()
    except InvalidMonth:
        months = ()
    if not 0 < len(months) <= LONGEST:
        raise UnableToAsk(
            f"“{question.other}” is no period to compare with. Write it as 2024-01..2024-12, "
            f"with at most {LONGEST} months."
        )
    return months


def beside_of(question: Question) -> Question:
    """The same months and place of the data that is shown beside."""
    return Question(question.beside, question.start, question.end, area=question.area)


def _check_comparison(question: Question) -> None:
    if question.other and question.against:
        raise UnableToAsk("Choose another period or another place to compare with, not both.")
    if question.other and set(other_months(question)) & set(question.months):
        raise UnableToAsk("The two periods share months. Choose a period apart to compare with.")
    if question.beside and question.beside == question.dataset:
        raise UnableToAsk("The data beside is the same. Choose other data.")


def last_year_of(first: str, last: str) -> tuple[str, str]:
    """The twelve months that end with the last one held, fewer where fewer are held."""
    return max(first, shifted(last, -11)), last


# What stands out


def signal_sentence(
    *, what: str, where: str, month: date, observed: int, expected: float, upper: float
) -> str:
    return (
        f"{what} in {where}: {observed:,} in {month:%B %Y} against {expected:,.0f} expected, "
        f"limit {upper:,.0f}."
    )


def surprise(p_value: float) -> str:
    """How rarely a series that had not changed would show as many."""
    if p_value <= 1 / _MOST_SURPRISING:
        return f"Rarer than 1 in {_MOST_SURPRISING:,}"
    return f"About 1 in {float(f'{1 / p_value:.2g}'):,.0f}"


def excess_harm(observed: int, expected: float, weight: float) -> float:
    """The harm, in units of the table of weights, of what came beyond what was expected."""
    return (observed - expected) * weight


# Questions that are asked again


def moved(question: Question, last: str) -> Question:
    """The same number of months, ending with the last one held."""
    return question.with_(start=shifted(last, 1 - len(question.months)), end=last)


def tells(when: str, *, number: int | None, last: Mapping[str, float]) -> bool:
    """Whether what is published of the last month is what somebody wants to hear of.

    `last` holds its count and usual limits; what is not published is not in it, and then neither
    the figure nor its absence is told.
    """
    if when == TellWhen.NEW_DATA:
        return True
    count = last.get("count")
    if count is None:
        return False
    if when == TellWhen.ABOVE:
        return number is not None and count > number
    lower, upper = last.get("lower"), last.get("upper")
    return (upper is not None and count > upper) or (lower is not None and count < lower)
