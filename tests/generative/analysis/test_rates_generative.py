"""Standardised rates, smoothing, harm, effects and shares, judged by slow references."""

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.analysis.apportionment import Method, apportion, sensitivity
from frankpledge.analysis.control import funnel
from frankpledge.analysis.effects import (
    difference_in_differences,
    displacement,
    most_similar,
    similar_patterns,
)
from frankpledge.analysis.harm import (
    UnusableWeights,
    WeightTable,
    read_weights,
    side_by_side,
    weighted,
)
from frankpledge.analysis.small_areas import empirical_bayes, overdispersion, rank_intervals
from frankpledge.analysis.standardised import EUROPEAN_2013, direct, expected, ratio_to_expected
from tests.generative.analysis import reference_rates as slow

few = settings(max_examples=50, deadline=None)
PLACES = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 100_000)), min_size=1, max_size=12)
DEMANDS = st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any)
MADE_UP = WeightTable("Made up", "first", date(2026, 1, 1), "days", {"a": 3.0, "b": 0.5})


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@few
@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 900), st.integers(1, 50)), min_size=1))
def test_a_direct_rate_is_the_weighted_mean_of_rates(groups):
    counts, people, standard = zip(*groups, strict=True)
    found = direct(counts, people, standard, per=1)
    if sum(counts) < 10:
        assert found.rate is None and "fewer than 10" in found.reason
    else:
        assert found.rate.value == near(float(slow.direct(counts, people, standard)))
        assert 0 <= found.rate.low <= found.rate.value <= found.rate.high


@few
@given(PLACES)
def test_smoothed_rates_are_marshalls(places):
    counts, people = zip(*places, strict=True)
    found = empirical_bayes(counts, people, per=1)
    for each, wanted in zip(found, slow.empirical_bayes(counts, people), strict=True):
        assert each.smoothed == near(float(wanted))
        low, high = sorted((each.own, sum(counts) / sum(people)))
        assert low - 1e-12 <= each.smoothed <= high + 1e-12


@few
@given(DEMANDS, st.integers(0, 60), st.integers(0, 2), st.sampled_from(sorted(slow.DIVISORS)))
def test_units_go_one_after_the_other(demands, units, floor, method):
    if units < floor * len(demands):
        with pytest.raises(ValueError, match="too few"):
            apportion(demands, units, method=Method(method), floor=floor)
        return
    found = apportion(demands, units, method=Method(method), floor=floor)
    assert list(found.units) == slow.one_after_the_other(demands, units, method, floor)


@few
@given(DEMANDS, st.integers(0, 60), st.sampled_from(list(Method)))
def test_all_units_are_shared_and_none_twice(demands, units, method):
    found = apportion(demands, units, method=method)
    assert sum(found.units) == units
    assert all(not got for got, wanted in zip(found.units, demands, strict=True) if not wanted)
    if method in (Method.LARGEST_REMAINDER, Method.QUOTA):
        quotas = [demand * units / sum(demands) for demand in demands]
        assert all(abs(got - quota) < 1 for got, quota in zip(found.units, quotas, strict=True))
    else:
        more = apportion(demands, units + 1, method=method)
        assert all(a <= b for a, b in zip(found.units, more.units, strict=True))


def test_the_largest_remainder_has_the_alabama_paradox():
    shares = [apportion((6, 6, 2), n, method=Method.LARGEST_REMAINDER).units for n in (10, 11)]
    assert shares == [(4, 4, 2), (5, 5, 1)]


def test_ties_are_said_and_floors_kept():
    assert apportion((1, 1), 1).tied == (0, 1)
    assert apportion((1, 1, 1), 2, method=Method.LARGEST_REMAINDER).tied == (0, 1, 2)
    assert apportion((100, 1, 1), 10, floor=2, method=Method.LARGEST_REMAINDER).units == (6, 2, 2)
    assert apportion((), 0).units == ()
    assert sensitivity((2, 1), [(1, 2)], 3)[0].fewest == 1
    for wrong, said in (((math.nan,), "missing"), ((-1,), "below zero"), ((0, 0), "any demand")):
        with pytest.raises(ValueError, match=said):
            apportion(wrong, 5)


@few
@given(*[st.integers(0, 25)] * 4)
def test_an_effect_is_fishers(before, after, other_before, other_after):
    found = difference_in_differences(
        before=before,
        after=after,
        comparison_before=other_before,
        comparison_after=other_after,
    )
    if 0 in (
        before + after,
        other_before + other_after,
        before + other_before,
        after + other_after,
    ):
        assert (found.ratio, found.verdict) == (None, "too small to tell")
        return
    wanted = slow.fisher_p(after, before, other_after, other_before)
    assert found.p_value == pytest.approx(float(wanted), rel=1e-6)
    if found.ratio is not None:
        assert found.low <= found.ratio * (1 + 1e-9) and found.ratio <= found.high * (1 + 1e-9)
    assert (found.verdict in ("fell", "rose")) == (found.high < 1 or found.low > 1)


@few
@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 10**6)))
def test_harm_is_linear_and_names_what_has_no_weight(counts):
    found = weighted(counts, MADE_UP)
    assert found.harm == near(slow.weighted(counts, MADE_UP.weights))
    double = weighted({key: 2 * value for key, value in counts.items()}, MADE_UP)
    assert double.harm == near(2 * found.harm)
    assert [name for name, _ in found.unweighted] == (["c"] if counts.get("c") else [])


def test_equal_weights_reproduce_counts_and_tables_are_never_blended():
    ones = WeightTable("Ones", "first", date(2026, 1, 1), "events", {"a": 1.0, "b": 1.0})
    both = side_by_side({"a": 4, "b": 6}, [ones, MADE_UP])
    assert [(each.table, each.harm) for each in both] == [
        ("Ones, first", 10.0),
        ("Made up, first", 15.0),
    ]
    assert weighted({"a": None, "b": 1}, ones).harm is None
    assert weighted({}, ones).harm == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Line 1"),
        ("offence,days\na,1\n", "category and weight"),
        ("category,weight\na,1\na,2\n", "Line 3: “a” stands there twice"),
        ("category,weight\na,many\n", "Line 2: “many” is no weight"),
        ("category,weight\na,-1\n", "Line 2"),
        ("category,weight\na,inf\n", "Line 2"),
        ("category,weight\n,1\n", "the category is missing"),
        ("category,weight\na,1,2\n", "one category and one weight"),
        ("category,weight\n", "no weight in it"),
        ("category,weight\n" + "x,1\n" * 20_001, "more than 20,000"),
    ],
)
def test_a_file_of_weights_says_what_is_wrong(text, said):
    with pytest.raises(UnusableWeights, match=said):
        read_weights(text, measure="m", edition="e", since=date(2026, 1, 1))


def test_a_file_of_weights_is_read():
    text = '\ufeffCategory,Weight\r\n"Theft, other","1,460"\r\n\r\nRobbery,365\r\n'
    table = read_weights(text, measure="m", edition="e", since=date(2026, 1, 1))
    assert table.weights == {"Theft, other": 1460.0, "Robbery": 365.0}


def test_stated_answers_to_nothing_and_to_too_much():
    assert sum(EUROPEAN_2013) == 100_000
    assert empirical_bayes([], []) == rank_intervals([], []) == ()
    assert empirical_bayes([3, None], [0, 5]) == (None, None)
    assert empirical_bayes([0, 0], [5, 9])[0].smoothed == 0
    assert overdispersion([], []) == overdispersion([5], [5]) == 1
    assert direct([None], [5], [1]).reason == "A group has no figure or no people."
    assert direct([20, None], [5, 5], [1, 0]).rate is not None
    assert expected([1000, 2000], [0.01, 0.02]) == 50
    assert expected([1000, None], [0.01, 0.02]) is None and expected([], []) is None
    assert ratio_to_expected(math.nan, 5).rate is None
    huge = ratio_to_expected(10**12, 10**12)
    assert huge.rate.low < 1 < huge.rate.high and huge.rate.high - huge.rate.low < 1e-5
    assert most_similar({"A": [1.0], "B": [1.0]}, "A")[0].distance == 0
    assert most_similar({"A": [1.0, 2.0], "B": [None, 1.0]}, "A") == ()
    assert similar_patterns([], []).share is None
    assert similar_patterns([1, 2], [0, 0]).share is None
    assert similar_patterns([90, 10, 0], [91, 9, 0]).share == 1
    lone = difference_in_differences(before=0, after=9, comparison_before=5, comparison_after=5)
    assert lone.ratio is None and lone.verdict in ("rose", "too small to tell")
    for wrong in (
        lambda: direct([1], [1, 2], [1]),
        lambda: direct([1], [1], [0]),
        lambda: empirical_bayes([1], []),
        lambda: similar_patterns([1], [1, 2]),
        lambda: similar_patterns([-1], [1]),
        lambda: displacement(place=(1, 2), around=(1, math.nan), comparison=(5, 5)),
        lambda: displacement(place=(1, 2), around=(1, 1), comparison=(0, 5)),
        lambda: most_similar({"A": [None], "B": [1.0]}, "A"),
        lambda: funnel([1], [1], overdispersion=0.5),
    ):
        with pytest.raises(ValueError):
            wrong()


def test_overdispersion_widens_a_funnel_by_its_root():
    tight, wide = (funnel([50], [1000], overdispersion=each).points[0] for each in (1, 4))
    half_tight = math.sqrt(tight.high95) - math.sqrt(tight.rate)
    assert math.sqrt(wide.high95) - math.sqrt(wide.rate) == pytest.approx(2 * half_tight)
    share = funnel([999], [1000], kind="proportion", overdispersion=100).points[0]
    assert share.low998 >= 0 and share.high998 <= 1


@pytest.mark.data
def test_smoothing_agrees_with_r(data_dir):
    import json

    found = json.loads((data_dir / "reference/oracles_R.json").read_text())["eb"]
    made = empirical_bayes(found["x"], found["pop"], per=1)
    assert [each.smoothed for each in made] == pytest.approx(found["global_EB"], rel=1e-12)


def test_the_same_seed_gives_the_same_ranks():
    first, again = (rank_intervals([5, 9, 30], [100, 100, 100]) for _ in range(2))
    assert first == again
    assert [each.rank for each in first] == [3, 2, 1]
