"""Examples of density, concentration, accuracy and repeats."""

import numpy as np

from frankpledge.analysis.places.concentration import accuracy, curve
from frankpledge.analysis.places.density import Extent, density
from frankpledge.analysis.places.repeats import near_repeats


def density_(given, expected):
    extent = Extent.around(0, 0, 5000, 5000, cell=100)
    x, y = ([float(row[axis]) for row in given] for axis in "xy")
    found = density(x, y, extent, bandwidth=500)
    across = found.values[25]
    return [
        ["at the event", f"{across[25]:.2f}"],
        *([f"{away} m away", f"{across[25 + away // 100]:.2f}"] for away in (200, 400, 600)),
        ["the surface adds up to", f"{found.total:.2f}"],
    ]


def few_places(given, expected):
    answer = []
    for row in given:
        found = curve([float(each) for each in row["events in each of ten places"].split(", ")])
        gini = "no data" if found.gini is None else f"{found.gini:.2f}"
        answer.append([row["pattern"], f"{found.events[0]:.0%}", gini])
    return answer


def would_it_have_helped(given, expected):
    found = accuracy(
        [row["marked"] == "yes" for row in given],
        [float(row["later events"]) for row in given],
        [float(row["area"]) for row in given],
    )
    return [
        ["share of events found", f"{found.hit_rate:.0%}"],
        ["share of the area", f"{found.area:.0%}"],
        ["accuracy index", f"{found.pai:.2f}"],
        ["the best map's", f"{found.best_pai:.2f}"],
        ["efficiency index", f"{found.pei:.2f}"],
    ]


def repeats(given, expected):
    answer = []
    for row in given:
        pairs = 10 if row["events"] == "twenty" else 5
        first = np.arange(pairs) * 1000.0
        away = 0.0 if row["snapped"] == "yes" else 50.0
        days = np.arange(pairs) * 30.0
        found = near_repeats(
            np.concatenate([first, first + away]),
            np.zeros(2 * pairs),
            np.concatenate([days, days + 2]),
            distances=[100],
            times=[7],
        )
        said = ""
        if not found.reason:
            more = "more than chance" if found.raised[0, 0] < 0.05 else "no more than chance"
            said = f"{found.observed[0, 0]}, {more}"
        answer.append([row["events"], row["snapped"], said, found.reason])
    return answer


WORKS = {
    "density": density_,
    "few-places": few_places,
    "would-it-have-helped": would_it_have_helped,
    "repeats": repeats,
}
