"""Each example in figures/ is worked out and must come out as it says.

A `worked_NAME.py` beside this file has ways of its own in WORKS: the name of an example, and a
function from its given and expected rows to the rows that come out.
"""

import importlib
from pathlib import Path

import pytest

from frankpledge.analysis import counts, cubes, rates, sentences
from frankpledge.analysis.control import funnel, p_limits, xmr_limits
from frankpledge.analysis.disclosure import (
    NONE,
    PARTNER_PUBLIC,
    Column,
    Dimension,
    ProtectedRelease,
    Refused,
    Rule,
    publish,
    rate_of,
)
from frankpledge.analysis.months import month_range
from frankpledge.analysis.vintage import Bridge
from tools import how_figures

NO_DATA = "no data"


def read(path: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The given and the expected table of an example."""
    tables: dict[str, list[list[str]]] = {}
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("|") and not line.startswith("|-"):
            tables.setdefault(section, []).append([c.strip() for c in line[1:-1].split("|")])
    made = [
        [dict(zip(table[0], row, strict=True)) for row in table[1:]]
        for table in (tables["Given"], tables["Then"])
    ]
    return made[0], made[1]


def number(text: str) -> int | None:
    return None if text == NO_DATA else int(text)


def says(value: float | None, form: str) -> str:
    return NO_DATA if value is None else format(value, form)


def cube_of(given, accepted):
    rows = [(r["area"], r["month"], r["category"], int(r["count"])) for r in given]
    return cubes.Cube.from_rows(rows, accepted=accepted)


def months(given, expected):
    found = cube_of(given, ["2025-01", "2025-03"]).sum(
        by=["category", "month"], months=month_range("2025-01", "2025-03")
    )
    return [[c, m, says(n, "d")] for c, m, n in found.rows]


def places(given, expected):
    known = {"A": "North", "B": "North", "C": "South"}
    found = cube_of(given, ["2025-01"]).sum(by=["area"], places=known)
    return [[place, str(n)] for place, n in found.rows]


def vintages(given, expected):
    bridge = Bridge.build(tuple(row.values()) for row in given)
    return [list(pair) for pair in sorted(bridge.units.items())]


def intervals(given, expected):
    answer = []
    for row in given:
        found = counts.count_interval(number(row["count"]))
        ends = (found.low, found.high) if found else (None, None)
        answer.append([row["count"], *(says(end, ".4f") for end in ends)])
    return answer


def rates_(given, expected):
    answer = []
    for row in given:
        found = rates.rate(int(row["count"]), int(row["population"]))
        values = (found.value, found.low, found.high) if found else (None,) * 3
        answer.append([row["place"], *(says(value, ".2f") for value in values)])
    return answer


def change(given, expected):
    answer = []
    for row in given:
        now, before = number(row["now"]), number(row["year before"])
        found, test = counts.percent_change(now, before), counts.compare(now, before)
        percent = f"none: {found.reason}" if found.percent is None else f"{found.percent:.1f}%"
        chance = says(test.p_value if test else None, ".4f")
        answer.append([says(found.difference, "d"), percent, chance])
    return answer


def rolling(given, expected):
    sums = counts.rolling_sum([number(row["count"]) for row in given])
    by_month = {row["month"]: total for row, total in zip(given, sums, strict=True)}
    return [[row["month"], says(by_month[row["month"]], "d")] for row in expected]


def half(given, expected):
    found = counts.areas_holding(int(row["count"]) for row in given)
    return [[str(n) for n in (found.areas, found.of, found.held, found.total)]]


def limits(given, expected):
    at = {row["month"]: place for place, row in enumerate(given)}
    found = xmr_limits([number(row["count"]) for row in given], incomplete=[at["2024-05"]])
    answer = []
    for row in expected:
        place = at[row["month"]]
        fired = [s.rule.name for s in found.signals if place in s.positions]
        bounds = (found.lower[place], found.centre, found.upper[place])
        figures = [says(bound, ".2f") for bound in bounds]
        answer.append([row["month"], *figures, found.side(place) or NO_DATA, ", ".join(fired)])
    return answer


def proportions(given, expected):
    at = {row["month"]: place for place, row in enumerate(given)}
    found = p_limits([int(r["part"]) for r in given], [int(r["whole"]) for r in given])
    answer = []
    for row in expected:
        i = at[row["month"]]
        values = (found.values[i], found.lower[i], found.centre, found.upper[i])
        answer.append([row["month"], *(says(v, ".3f") for v in values), found.side(i) or NO_DATA])
    return answer


def funnel_(given, expected):
    found = funnel([int(r["count"]) for r in given], [int(r["population"]) for r in given])
    return [
        [
            row["place"],
            *(says(value, ".1f") for value in (point.rate, point.low95, point.high95)),
            point.standing.value,
        ]
        for row, point in zip(given, found.points, strict=True)
    ]


def sentence(given, expected):
    return [
        [
            sentences.finding(
                what=row["what"],
                where=row["where"],
                period="2025",
                now=number(row["now"]),
                before=number(row["year before"]),
            ).sentence
        ]
        for row in given
    ]


def small_numbers(given, expected):
    columns = [Column("count", "Count", "count"), Column("population", "Population", "number")]
    rows = [[number(row["count"]), int(row["population"])] for row in given]
    rate = rate_of(Column("rate", "Rate", "rate"))
    open_ = publish(title="t", columns=columns, rows=rows, rule=NONE)
    public = publish(title="t", columns=columns, rows=rows, rule=PARTNER_PUBLIC, derived=[rate])
    shown = (open_.column("count"), public.column("count"), public.column("rate"))
    return [[cell.text for cell in row] for row in zip(*shown, strict=True)]


def totals(given, expected):
    kinds = [key for key in given[0] if key != "place"]
    table = publish(
        title="t",
        columns=[Column("place", "Place"), *(Column(kind, kind, "count") for kind in kinds)],
        rows=[[row["place"], *(int(row[kind]) for kind in kinds)] for row in given],
        rule=Rule(name="Suppress only", version="1", suppress_below=5),
        total_row="All",
        total_column=Column("All", "All"),
    )
    return [[cell.text for cell in row] for row in table.rows]


def cuts(given, expected):
    periods = tuple(key for key in given[0] if key != "district")
    release = ProtectedRelease.build(
        dimensions=[
            Dimension(
                key="district",
                label="District",
                codes=tuple(row["district"] for row in given),
                groups={"coast": ("East", "North")},
            ),
            Dimension(key="month", label="Month", codes=periods, kind="month"),
        ],
        counts={(row["district"], month): int(row[month]) for row in given for month in periods},
        rule=PARTNER_PUBLIC,
        audience="public",
        version="1",
    )
    answer = []
    for row in expected:
        try:
            text = release.cell(district=row["district"], month=row["month"]).text
        except Refused:
            text = "refused"
        answer.append([row["district"], row["month"], text])
    return answer


WORKS = {
    "months": months,
    "places": places,
    "vintages": vintages,
    "intervals": intervals,
    "rates": rates_,
    "change": change,
    "rolling": rolling,
    "half": half,
    "limits": limits,
    "proportions": proportions,
    "funnel": funnel_,
    "sentence": sentence,
    "small-numbers": small_numbers,
    "totals": totals,
    "cuts": cuts,
}
for part in sorted(Path(__file__).parent.glob("worked_*.py")):
    WORKS |= importlib.import_module(f"tests.spec.analysis.{part.stem}").WORKS
EXAMPLES = sorted(how_figures.FIGURES.glob("*.md"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_figure(path: Path):
    given, expected = read(path)
    assert WORKS[path.stem[3:]](given, expected) == [list(row.values()) for row in expected]


def test_every_example_is_worked_and_every_way_has_one():
    assert sorted(path.stem[3:] for path in EXAMPLES) == sorted(WORKS)


def test_the_page_is_what_the_examples_say():
    written = how_figures.PAGE.read_text(encoding="utf-8")
    assert written == how_figures.page(), "Run: python tools/how_figures.py"
