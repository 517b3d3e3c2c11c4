"""Examples of standardised and smoothed rates, ranks, harm, effects and shares."""

from datetime import date

from frankpledge.analysis.apportionment import Method, apportion
from frankpledge.analysis.effects import (
    difference_in_differences,
    displacement,
    most_similar,
    similar_patterns,
)
from frankpledge.analysis.harm import WeightTable, weighted
from frankpledge.analysis.small_areas import empirical_bayes, overdispersion, rank_intervals
from frankpledge.analysis.standardised import direct, ratio_to_expected

NO_DATA = "no data"


def number(text):
    return None if text == NO_DATA else float(text)


def says(value, form):
    return NO_DATA if value is None else format(value, form)


def column(given, name):
    return [number(row[name]) for row in given]


def rate_says(found, form):
    if found.rate is None:
        return [NO_DATA] * 3 + [found.reason]
    return [format(x, form) for x in (found.rate.value, found.rate.low, found.rate.high)] + [""]


def standardised(given, expected):
    answer = []
    for row in expected:
        times = float(row["counts times"])
        counts = [count * times for count in column(given, "count")]
        found = direct(counts, column(given, "population"), column(given, "standard"), per=1000)
        answer.append([row["counts times"], *rate_says(found, ".2f")])
    return answer


def expected_(given, expected):
    return [
        rate_says(
            ratio_to_expected(
                float(row["observed"]), float(row["expected"]), reference=float(row["reference"])
            ),
            ".4f",
        )
        for row in given
    ]


def by_place(given, found, expected):
    named = dict(zip((row["place"] for row in given), found, strict=True))
    return [(row["place"], named[row["place"]]) for row in expected]


def smoothed(given, expected):
    found = empirical_bayes(column(given, "count"), column(given, "population"))
    return [
        [place, says(each and each.own, ".3f"), says(each and each.smoothed, ".3f")]
        for place, each in by_place(given, found, expected)
    ]


def ranks(given, expected):
    found = rank_intervals(column(given, "count"), column(given, "population"))
    return [
        [place, f"{each.rank:g}", str(each.low), str(each.high), "yes" if each.certain else "no"]
        if each
        else [place] + [NO_DATA] * 4
        for place, each in by_place(given, found, expected)
    ]


def overdispersion_(given, expected):
    counts, wanted = column(given, "count"), column(given, "expected")
    return [
        ["as given", f"{overdispersion(counts, wanted):.2f}"],
        ["as expected", f"{overdispersion(wanted, wanted):.2f}"],
    ]


def harm(given, expected):
    weights = {row["category"]: float(row["weight"]) for row in given if row["weight"] != "none"}
    table = WeightTable("Made up", "first", date(2026, 1, 1), "days", weights)
    found = weighted({row["category"]: float(row["count"]) for row in given}, table)
    left = ", ".join(f"{category}: {count:g}" for category, count in found.unweighted)
    return [[f"{found.harm:g}", f"{found.count:g}", found.largest, f"{found.without_it:g}", left]]


def shared_out(given, expected):
    demands = [int(row["demand"]) for row in given]
    return [
        [method.value, ", ".join(map(str, apportion(demands, 25, method=method).units))]
        for method in Method
    ]


def effects(given, expected):
    answer = []
    for row in given:
        found = difference_in_differences(
            before=number(row["before"]),
            after=number(row["after"]),
            comparison_before=number(row["comparison before"]),
            comparison_after=number(row["comparison after"]),
        )
        ratio = says(found.ratio, ".2f")
        answer.append([ratio, f"{found.low:.2f}", f"{found.high:.2f}", found.verdict])
    return answer


def displacement_(given, expected):
    pairs = {
        row[""].replace(" ", "_"): (float(row["before"]), float(row["after"])) for row in given
    }
    found = displacement(**pairs)
    return [
        [
            f"{found.quotient:.2f}",
            f"{found.difference:g}",
            f"{found.low:.1f}",
            f"{found.high:.1f}",
            found.verdict,
        ]
    ]


def alike(given, expected):
    facts = {row["place"]: [number(row["density"]), number(row["age"])] for row in given}
    near = ", ".join(f"{each.code} {each.distance:.2f}" for each in most_similar(facts, "A"))
    found = similar_patterns(
        [int(row["events last year"]) for row in given],
        [int(row["events this year"]) for row in given],
    )
    return [["most like A", near], ["S", f"{found.share:.3f}"]]


WORKS = {
    "standardised": standardised,
    "expected": expected_,
    "smoothed": smoothed,
    "ranks": ranks,
    "overdispersion": overdispersion_,
    "harm": harm,
    "shared-out": shared_out,
    "effects": effects,
    "displacement": displacement_,
    "alike": alike,
}
