"""Examples of trends, emerging issues, breaks, late returns, hours and drift."""

from dataclasses import replace
from datetime import datetime

import numpy as np

from frankpledge.analysis.control import OUTSIDE, xmr_limits
from frankpledge.analysis.series.changes import Break, change_points
from frankpledge.analysis.series.drift import cusum, ewma
from frankpledge.analysis.series.ears import ears
from frankpledge.analysis.series.farrington import (
    MONTHLY,
    Settings,
    blocks_of,
    limit_of,
    past_of,
    watch,
)
from frankpledge.analysis.series.late import nowcast
from frankpledge.analysis.series.times import aoristic
from frankpledge.analysis.series.trend import mann_kendall
from frankpledge.analysis.testing import false_discovery

NO_DATA = "no data"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def numbers(text):
    return [None if each == NO_DATA else float(each) for each in text.split(", ")]


def says(value, form):
    return NO_DATA if value is None or np.isnan(value) else format(float(value), form)


def trend(given, expected):
    answer = []
    for row in given:
        found = mann_kendall(numbers(row["figures"]))
        figures = (found.score, found.variance, found.z, found.p_value, found.tau, found.slope)
        forms = (".0f", ".2f", ".4f", ".4f", ".3f", ".4f")
        said = [says(each[0], form) for each, form in zip(figures, forms, strict=True)]
        answer.append([row["series"], *said])
    return answer


def discoveries(given, expected):
    p_values = [numbers(row["p"])[0] for row in given]
    raised = false_discovery(p_values)
    kept = [p for p in p_values if p is not None]
    return [
        ["tests made", str(int((~np.isnan(raised)).sum()))],
        ["below 0.05 as they are", str(sum(p < 0.05 for p in kept))],
        ["kept at 0.05", str(int((raised < 0.05).sum()))],
        ["fourth, raised", f"{raised[3]:.4f}"],
        ["fifth, raised", f"{raised[4]:.4f}"],
    ]


def past(given, expected):
    row = given[0]
    settings = Settings(
        period=12,
        years=int(row["years"]),
        half_window=int(row["around"]),
        blocks=int(row["blocks"]),
        left_out=int(row["left out"]),
    )
    month = int(row["month"])
    used, _ = blocks_of(month - 1, settings)
    return [
        ["same time of the year", ", ".join(map(str, past_of(month, settings)))],
        ["taken part", ", ".join(str(each + 1) for each in used)],
    ]


def limit(given, expected):
    answer = []
    for row in given:
        upper, chance = limit_of(
            expected=np.array([float(row["expected"])]),
            error=np.array([float(row["standard error"])]),
            dispersion=np.array([float(row["dispersion"])]),
            seen=np.array([float(row["counted"])]),
            alpha=float(row["alpha"]),
            threshold=row["law"],
        )
        answer.append([row["law"], f"{upper[0]:.7f}", f"{chance[0]:.7f}"])
    return answer


def too_short(given, expected):
    answer = []
    for row in given:
        months = int(row["months there"])
        counts = [1.0 if int(row["count now"]) < 5 else 10.0] * (months - 1)
        if int(row["count now"]) < 5:
            counts = [0.0] * (months - 1)
        found = watch([*counts, float(row["count now"])], settings=replace(MONTHLY, years=4))
        answer.append([str(months), "yes" if found.alarm[0, 0] else "no", found.reason])
    return answer


def short_memory(given, expected):
    counts = [float(row["count"]) for row in given]
    first, second = ears(counts, kind="C1"), ears(counts, kind="C2")
    answer = []
    for row in expected:
        at = int(row["period"]) - 1
        said = [row["period"]]
        for each in (first, second):
            said += [says(each.upper[at, 0], ".2f"), "yes" if each.alarm[at, 0] else "no"]
        answer.append(said)
    return answer


def breaks(given, expected):
    answer = []
    for row in given:
        known = [Break(int(row["known break"]), "lockdown")] if row["known break"] else []
        found = change_points(numbers(row["counts"]), breaks=known)
        said = "; ".join(
            f"{each.periods.start + 1} to {each.periods.stop}: {each.mean:.1f}" for each in found
        )
        answer.append([row["series"], said])
    return answer


def late(given, expected):
    columns = ("at once", "a month later", "two months later")
    found = nowcast([[float(row[c]) if row[c] else None for c in columns] for row in given])
    return [
        [row["month"]]
        + [f"{each:.0f}" for each in (made.known, made.expected, made.low, made.high)]
        for row in expected
        for made in [found[int(row["month"]) - 1]]
    ]


def hours(given, expected):
    def times(column):
        return [datetime.fromisoformat(row[column]) if row[column] else None for row in given]

    found = aoristic(times("from"), times("to"))
    answer = []
    for row in expected[:-2]:
        day, hour = row["asked"].split()
        answer.append([row["asked"], f"{found.weight[DAYS.index(day), int(hour)]:.2f}"])
    left = f"{found.missing} missing, {found.backwards} backwards, {found.too_long} too long"
    return [*answer, ["all", f"{found.weight.sum():.2f}"], ["left out", left]]


def drift(given, expected):
    counts = [float(row["count"]) for row in given]
    first = range(10)

    def says_first(signals):
        return str(min(signals) + 1) if signals else "none"

    single = xmr_limits(counts, baseline=first, rules=[OUTSIDE]).signals
    return [
        ["single months", says_first([each.positions[0] for each in single])],
        ["EWMA", says_first([at for at, _ in ewma(counts, baseline=first).signals])],
        ["cusum", says_first([at for at, _ in cusum(counts, baseline=first).signals])],
    ]


WORKS = {
    "trend": trend,
    "discoveries": discoveries,
    "past": past,
    "limit": limit,
    "too-short": too_short,
    "short-memory": short_memory,
    "breaks": breaks,
    "late": late,
    "hours": hours,
    "drift": drift,
}
