"""Examples of hotspots, whole maps and classes over time."""

import numpy as np

from frankpledge.analysis.hotspots.emerging import Pattern, classify, emerging_among
from frankpledge.analysis.hotspots.local import gi_star
from frankpledge.analysis.hotspots.neighbours import from_lists, within
from frankpledge.analysis.hotspots.overall import geary, general_g, moran


def beside(given):
    return within([(float(row["x"]), float(row["y"])) for row in given], 15)


def hot(given, expected):
    values = [float(row["value"]) for row in given]
    star, without = (gi_star(values, beside(given), itself=each).z for each in (True, False))
    return [[str(at + 1), f"{star[at]:.8f}", f"{without[at]:.8f}"] for at in range(len(values))]


def whole_map(given, expected):
    values = [float(row["value"]) for row in given]
    constant = [float(row["constant"]) for row in given]
    near = beside(given)
    answer = []
    for name, found in (
        ("Moran's I", moran(values, near)),
        ("Geary's C", geary(values, near)),
        ("general G", general_g(values, near)),
    ):
        figures = (found.statistic, found.expected, found.z, found.p_value)
        answer.append([name, *(f"{each:.4f}" for each in figures)])
    return [*answer, ["Moran's I, constant", moran(constant, near).reason, "", "", ""]]


def classes(given, expected):
    answer = []
    for row in given:
        steps = np.array([list(row["steps"])]).T
        rising, falling = (np.array([row["trend"] == each]) for each in ("up", "down"))
        found = classify(steps == "H", steps == "C", rising=rising, falling=falling)
        pattern = Pattern(int(found[0]))
        answer.append([row["steps"], pattern.sentence.split(":")[0]])
    return answer


def classes_of_places(given, expected):
    counts = np.array(
        [[int(each) for each in row["counts of twelve months"].split()] for row in given]
    )
    beside = from_lists(
        [[b for b in (at - 1, at + 1) if 0 <= b < len(given)] for at in range(len(given))]
    )
    found = emerging_among(counts.T, beside)
    return [
        [row["area"], str(hot), Pattern(int(pattern)).sentence.split(":")[0]]
        for row, hot, pattern in zip(given, found.hot.sum(axis=0), found.pattern, strict=True)
    ]


WORKS = {
    "hot": hot,
    "whole-map": whole_map,
    "classes": classes,
    "classes-of-places": classes_of_places,
}
