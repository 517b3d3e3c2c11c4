"""Examples of how good links are."""

import polars as pl

from frankpledge.analysis.linkage import evaluate


def linked(given, expected):
    pairs = pl.DataFrame(
        {
            "left": [row["left"] for row in given],
            "right": [row["right"] for row in given],
            "probability": [float(row["probability"]) for row in given],
        }
    )
    truth = {"1": "a", "2": "a", "3": "a", "4": "b", "5": "b"}
    found = evaluate(pairs, truth, thresholds=[float(row["threshold"]) for row in expected])
    return [
        [
            f"{each.threshold:g}",
            str(each.matches),
            *("no data" if x is None else f"{x:.2f}" for x in (each.precision, each.recall)),
        ]
        for each in found
    ]


WORKS = {"linked": linked}
