"""Synthetic incidents and agency counts: seeded, calibrated, and marked as synthetic.

Monthly totals by district and category come from `facts/police_monthly.csv`: where a published
figure is known the generated month meets it, elsewhere it scatters around the estimate. Which
small area, map point, outcome and ID a record gets is made up. Up to 2023-12 the small areas are
those of 2011 and from 2024-01 those of 2021, as in the published files, names included. The
stories of `facts/stories.yaml` come on top; where one touches a published month, that month
departs from the published figure by the size of the story.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frankpledge.example.facts import read, table

MARK = "Synthetic data"
FIRST, LAST = "2022-01", "2025-12"
FIRST_MONTH_OF_2021_AREAS = "2024-01"
ELSEWHERE, UNLOCATED = "elsewhere", "unlocated"
ASB = "Anti-social behaviour"
COLUMNS = (
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
)
POINTS = 12  # made-up map points in a small area
# Of a district's records, the share that falls in its few busy small areas, and how evenly
# (gamma shape) the rest spreads. Our own choice, set so that the share of small areas holding
# half of a category is about what published data shows.
SPREAD: dict[str, tuple[float, float]] = {
    ASB: (0.22, 4),
    "Bicycle theft": (0.40, 2),
    "Burglary": (0.05, 10),
    "Criminal damage and arson": (0.10, 8),
    "Drugs": (0.20, 4),
    "Other crime": (0.10, 8),
    "Other theft": (0.15, 8),
    "Possession of weapons": (0.22, 4),
    "Public order": (0.22, 5),
    "Robbery": (0.35, 2),
    "Shoplifting": (0.62, 0.3),
    "Theft from the person": (0.50, 1),
    "Vehicle crime": (0.04, 10),
    "Violence and sexual offences": (0.13, 10),
}
# Six places of the published look-ups just outside the police area: points "within" a force's
# file that lie elsewhere are one of the traps of published data.
OUTSIDE = pl.DataFrame(
    [
        ("E01000375", "Bexley 019B", 0.1867, 51.4476),
        ("E01000680", "Bromley 037A", 0.1185, 51.3442),
        ("E01021230", "Wealden 005D", 0.3527, 51.0837),
        ("E01030821", "Tandridge 010A", 0.0383, 51.1944),
        ("E01021102", "Rother 004B", 0.7232, 50.9162),
        ("E01021171", "Wealden 002A", 0.2985, 51.1164),
    ],
    schema=["code", "name", "longitude", "latitude"],
    orient="row",
)
SETTLED = (
    ("Investigation complete; no suspect identified", 0.42),
    ("Unable to prosecute suspect", 0.37),
    ("Court result unavailable", 0.06),
    ("Local resolution", 0.05),
    ("Action to be taken by another organisation", 0.04),
    ("Awaiting court outcome", 0.03),
    ("Offender given a caution", 0.02),
    ("Status update unavailable", 0.01),
)
UNSETTLED = "Under investigation"
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def month_range(start: str, end: str) -> list[str]:
    """Months from `start` to `end`, both included, as YYYY-MM."""
    first, last = (int(m[:4]) * 12 + int(m[5:7]) - 1 for m in (start, end))
    return [f"{n // 12}-{n % 12 + 1:02}" for n in range(first, last + 1)]


@cache
def stories(about: str) -> tuple[dict[str, Any], ...]:
    """The planted stories about a police `category` or about an agency `indicator`."""
    return tuple(story for story in read("stories")["stories"] if about in story)


def story_factor(story: dict[str, Any], month: str) -> float:
    """What a story multiplies an expected count by in a month; 1 where it does not speak."""
    start, end, size = story["from"], story.get("to", LAST), story.get("size", 1.0)
    if story["effect"] == "scale_before":
        return size if month < start else 1.0
    if not start <= month <= end:
        return 1.0
    if story["effect"] == "grow":
        steps = month_range(start, end)
        return float(1 + (size - 1) * (steps.index(month) + 1) / len(steps))
    if story["effect"] == "multiply":
        return size if int(month[5:]) in story.get("months_of_year", range(1, 13)) else 1.0
    return 1.0


@dataclass(frozen=True)
class County:
    """A county's police incidents. `scale` thins or thickens every count, stories included."""

    seed: int = 1998
    scale: float = 1.0
    with_stories: bool = True

    @cached_property
    def areas(self) -> pl.DataFrame:
        """One row for each 2021 area, with the 2011 area it came from."""
        links = table("areas_lsoa").sort("code_2021", "code_2011")
        return links.unique("code_2021", keep="first", maintain_order=True)

    @cached_property
    def totals(self) -> pl.DataFrame:
        return table("police_monthly")

    @cached_property
    def categories(self) -> list[str]:
        return self.totals.columns[3:]

    @cached_property
    def force(self) -> str:
        organisations = read("organisations")["organisations"]
        return str(next(o["name"] for o in organisations if o["kind"] == "police"))

    @cached_property
    def members(self) -> dict[str, Ints]:
        """Row numbers in `areas` of each district's small areas."""
        codes = self.areas["district_code"].to_numpy()
        return {str(code): np.flatnonzero(codes == code) for code in np.unique(codes)}

    @cached_property
    def weights(self) -> Floats:
        """Category × small area: each district's shares add up to one."""
        rng = np.random.default_rng([self.seed, 1])
        residents = self.areas["residents_2021"].to_numpy().astype(float)
        quiet = [s["lsoa_2021"] for s in stories("category") if "lsoa_2021" in s]
        may_be_busy = ~self.areas["code_2021"].is_in(quiet).to_numpy()
        found = np.zeros((len(self.categories), self.areas.height))
        for rows in self.members.values():
            candidates = rows[may_be_busy[rows]]
            busy = rng.choice(candidates, size=max(3, len(rows) // 22), replace=False)
            pull = rng.dirichlet(np.full(len(busy), 2.0))
            lively = residents[rows] * rng.gamma(5, 1 / 5, len(rows))
            for c, category in enumerate(self.categories):
                share, shape = SPREAD[category]
                rest = lively * rng.gamma(shape, 1 / shape, len(rows))
                found[c, rows] = (1 - share) * rest / rest.sum()
                found[c, busy] += share * pull
        return found

    @cached_property
    def points(self) -> tuple[list[str], list[str], list[str], Floats]:
        """Longitude, latitude and location text of every map point, and their pull, by area."""
        rng = np.random.default_rng([self.seed, 2])
        count = self.areas.height
        turn = rng.uniform(0, 2 * np.pi, (count, POINTS))
        reach = self.areas["radius_m"].to_numpy()[:, None] * np.sqrt(rng.random((count, POINTS)))
        latitude = self.areas["latitude"].to_numpy()[:, None]
        east = reach * np.cos(turn) / (111_320 * np.cos(np.radians(latitude)))
        longitude = self.areas["longitude"].to_numpy()[:, None] + east
        latitude = latitude + reach * np.sin(turn) / 111_320
        pull = rng.dirichlet(np.full(POINTS, 0.8), count).cumsum(axis=1)
        numbers = range(1, count * POINTS + 1)
        return (
            [f"{x:.6f}" for x in longitude.ravel()],
            [f"{y:.6f}" for y in latitude.ravel()],
            [f"On or near Synthetic Road {n}" for n in numbers],
            pull,
        )

    @cached_property
    def _places(self) -> dict[str, pl.DataFrame]:
        """Per vintage, one row a map point with the five place columns; the outside ones last."""
        longitude, latitude, location, _ = self.points
        numbers = range(len(location) + 1, len(location) + OUTSIDE.height + 1)
        found = {}
        for vintage in ("2011", "2021"):
            code, name = (
                self.areas[f"{what}_{vintage}"].repeat_by(POINTS).explode().to_list()
                for what in ("code", "name")
            )
            found[vintage] = pl.DataFrame(
                {
                    "Longitude": longitude + [f"{x:.6f}" for x in OUTSIDE["longitude"]],
                    "Latitude": latitude + [f"{y:.6f}" for y in OUTSIDE["latitude"]],
                    "Location": location + [f"On or near Synthetic Road {n}" for n in numbers],
                    "LSOA code": code + OUTSIDE["code"].to_list(),
                    "LSOA name": name + OUTSIDE["name"].to_list(),
                }
            )
        return found

    def expected(self, month: str) -> tuple[list[str], Floats, bool]:
        """Area × category expected counts with the stories, and whether they were published."""
        rows = self.totals.filter(pl.col("month") == month)
        if rows.is_empty():
            raise ValueError(f"There are no totals for {month}: choose {FIRST} to {LAST}.")
        places = rows["area"].to_list()
        counts = rows.select(self.categories).to_numpy().astype(float) * self.scale
        for story in stories("category") if self.with_stories else []:
            factor = story_factor(story, month)
            wanted = [i for i, place in enumerate(places) if story["area"] in ("", place)]
            counts[wanted, self.categories.index(story["category"])] *= factor
        return places, counts, rows["basis"][0] == "published"

    def month(self, month: str) -> pl.DataFrame:
        """One month as the published file has it: twelve text columns, nulls where empty."""
        rng = np.random.default_rng([self.seed, *map(int, month.split("-"))])
        places, counts, published = self.expected(month)
        if not published:
            # A month of ours scatters as real months do: by category everywhere, then by place.
            counts = counts * rng.gamma(600, 1 / 600, (1, counts.shape[1]))
            counts = rng.poisson(counts).astype(float)
        whole = np.floor(counts + rng.random(counts.shape)).astype(int)
        point, category = self._located(rng, month, places, whole)
        vintage = "2021" if month >= FIRST_MONTH_OF_2021_AREAS else "2011"
        located = self._places[vintage][point].with_columns(
            pl.Series("Crime type", self.categories)[category]
        )
        missing = np.repeat(np.arange(len(self.categories)), whole[places.index(UNLOCATED)])
        nowhere = pl.DataFrame(
            {
                "Location": ["No Location"] * len(missing),
                "Crime type": pl.Series(self.categories)[missing],
            },
            schema={"Location": pl.String, "Crime type": pl.String},
        )
        rows = pl.concat([located, nowhere], how="diagonal")
        return self._finished(rng, month, rows)

    def _located(
        self, rng: np.random.Generator, month: str, places: list[str], whole: NDArray[np.int_]
    ) -> tuple[Ints, Ints]:
        """Map point and category of every record that has a place, in order of small area."""
        by_area = np.zeros((self.areas.height, len(self.categories)), dtype=np.int64)
        for place, rows in self.members.items():
            for c, total in enumerate(whole[places.index(place)]):
                lumpy = self.weights[c, rows] * rng.gamma(8, 1 / 8, len(rows))
                by_area[rows, c] = rng.multinomial(total, lumpy / lumpy.sum())
        self._add_hotspots(rng, month, by_area)
        cells = np.repeat(np.arange(by_area.size), by_area.ravel())
        area, category = np.divmod(cells, len(self.categories))
        chosen = (rng.random(len(area))[:, None] > self.points[3][area]).sum(axis=1)
        point = area * POINTS + np.minimum(chosen, POINTS - 1)
        outside = np.repeat(np.arange(len(self.categories)), whole[places.index(ELSEWHERE)])
        far = self.areas.height * POINTS + rng.integers(0, OUTSIDE.height, len(outside))
        return np.concatenate([point, far]), np.concatenate([category, outside])

    def _add_hotspots(self, rng: np.random.Generator, month: str, by_area: Ints) -> None:
        for story in stories("category") if self.with_stories else []:
            if story["effect"] != "add" or not story["from"] <= month <= story["to"]:
                continue
            size = story["sizes"][month_range(story["from"], story["to"]).index(month)]
            row = self.areas["code_2021"].to_list().index(story["lsoa_2021"])
            more = rng.poisson(size * self.scale)
            by_area[row, self.categories.index(story["category"])] += more

    def _finished(self, rng: np.random.Generator, month: str, rows: pl.DataFrame) -> pl.DataFrame:
        """IDs, outcomes and the constant columns, in the published order."""
        digits = rng.bytes(32 * rows.height).hex()
        identity = [digits[i : i + 64] for i in range(0, len(digits), 64)]
        names, shares = zip(*SETTLED, strict=True)
        age = len(month_range(month, LAST)) - 1
        open_share = max(0.02, 0.62 - 0.12 * age)
        odds = np.array([open_share, *(np.array(shares) * (1 - open_share))])
        drawn = rng.choice(len(odds), rows.height, p=odds)
        outcome = pl.Series([UNSETTLED, *names])[drawn]
        is_crime = pl.col("Crime type") != ASB
        return rows.with_columns(
            pl.Series("Crime ID", identity, dtype=pl.String),
            pl.Series("Last outcome category", outcome, dtype=pl.String),
        ).select(
            pl.when(is_crime).then("Crime ID").alias("Crime ID"),
            pl.lit(month).alias("Month"),
            pl.lit(self.force).alias("Reported by"),
            pl.lit(self.force).alias("Falls within"),
            "Longitude",
            "Latitude",
            "Location",
            "LSOA code",
            "LSOA name",
            "Crime type",
            pl.when(is_crime).then("Last outcome category").alias("Last outcome category"),
            pl.lit(MARK).alias("Context"),
        )

    def months(self, start: str = FIRST, end: str = LAST) -> Iterator[tuple[str, pl.DataFrame]]:
        """Each month from `start` to `end` with its rows; the same in any range."""
        for month in month_range(start, end):
            yield month, self.month(month)


AGENCY_COLUMNS = ("area_code", "area_name", "month", "indicator", "count")


@dataclass(frozen=True)
class Agencies:
    """What partners send besides street files: counts by district, month and indicator."""

    seed: int = 1998
    with_stories: bool = True

    @cached_property
    def returns(self) -> list[dict[str, Any]]:
        """The returns of `facts/indicators.yaml`: key, organisation, basis, file, indicators."""
        found: list[dict[str, Any]] = read("indicators")["returns"]
        return found

    @cached_property
    def _indicators(self) -> dict[str, dict[str, Any]]:
        return {each["key"]: each for each in read("indicators")["indicators"]}

    @cached_property
    def _levels(self) -> dict[str, float]:
        levels: dict[str, float] = read("indicators")["levels"]
        return levels

    def expected(self, indicator: str, district: str, residents: int, month: str) -> float:
        facts = self._indicators[indicator]
        years = (len(month_range(FIRST, month)) - 1) / 12
        turn = 2 * np.pi * (int(month[5:]) - facts["season"]["month"]) / 12
        mean = (
            facts["base"]
            * residents
            / 10_000
            * np.exp(facts["uneven"] * self._levels[district])
            * (1 + facts["trend"]) ** years
            * (1 + facts["season"]["size"] * np.cos(turn))
        )
        for story in stories("indicator") if self.with_stories else []:
            if story["indicator"] == indicator and story["area"] in ("", district):
                mean *= story_factor(story, month)
        return float(mean)

    def month(self, key: str, month: str) -> pl.DataFrame:
        """One month of one return as text columns, one row a district and indicator."""
        position = [each["key"] for each in self.returns].index(key)
        rng = np.random.default_rng([self.seed, 100 + position, *map(int, month.split("-"))])
        districts = table("areas_districts").filter(pl.col("kind") == "district")
        rows = []
        for indicator in self.returns[position]["indicators"]:
            lumpy = self._indicators[indicator]["lumpy"]
            for code, name, residents in districts.select(
                "code", "name", "residents_2021"
            ).iter_rows():
                mean = self.expected(indicator, code, residents, month)
                count = rng.poisson(mean * rng.gamma(lumpy, 1 / lumpy))
                rows.append((code, name, month, indicator, str(count)))
        return pl.DataFrame(rows, schema=dict.fromkeys(AGENCY_COLUMNS, pl.String), orient="row")

    def files(
        self, start: str = FIRST, end: str = LAST
    ) -> Iterator[tuple[dict[str, Any], pl.DataFrame]]:
        """Each return with all its months from `start` to `end`: one file of one partner."""
        for each in self.returns:
            months = [self.month(each["key"], month) for month in month_range(start, end)]
            yield each, pl.concat(months)
