"""Counts and rates against published numbers, R and statsmodels."""

import json
import math
from pathlib import Path

import pytest
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import test_poisson_2indep as poisson_two_samples

from frankpledge.analysis.counts import (
    areas_holding,
    compare,
    count_interval,
    percent_change,
    rolling_sum,
)
from frankpledge.analysis.rates import proportion, rate


def test_the_published_numbers_of_phe_indicator_methods():
    interval = count_interval(65)
    assert interval is not None
    assert interval.low == pytest.approx(50.163187710459454, rel=1e-13)
    assert interval.high == pytest.approx(82.84913854593984, rel=1e-13)
    one = rate(1, 100, per=100_000)
    five = rate(5, 100, per=100_000)
    assert one is not None and five is not None
    assert (one.low, one.high) == pytest.approx((25.317807984289896, 5571.643390938898))
    assert (five.low, five.high) == pytest.approx((1623.4863901, 11668.3320790))
    wilson = proportion(65, 100)
    assert wilson is not None
    assert (wilson.low, wilson.high) == pytest.approx((0.5525444329688797, 0.7363575175690247))


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.6888794541139363), (9, 4.115373, 17.08480), (10, 4.787, 18.39)],
)
def test_the_method_changes_at_ten(count, low, high):
    interval = count_interval(count)
    assert interval is not None
    assert interval.low == pytest.approx(low, rel=1e-3)
    assert interval.high == pytest.approx(high, rel=1e-3)


@pytest.mark.parametrize(
    "count", [None, math.nan, math.inf], ids=["missing", "not a number", "infinite"]
)
def test_what_is_not_a_figure_has_no_interval(count):
    assert count_interval(count) is None
    assert rate(count, 1000) is None
    assert proportion(count, 10) is None


def test_enormous_counts_keep_their_digits():
    interval = count_interval(10**15)
    assert interval is not None
    assert interval.low < 10**15 < interval.high
    assert interval.high - interval.low == pytest.approx(2 * 1.959964 * math.sqrt(10**15), rel=1e-6)


@pytest.mark.parametrize("population", [0, None, math.nan, math.inf])
def test_no_population_no_rate(population):
    assert rate(5, population) is None


def test_below_zero_is_refused():
    with pytest.raises(ValueError, match="below zero"):
        count_interval(-1)
    with pytest.raises(ValueError, match="larger than its whole"):
        proportion(3, 2)
    with pytest.raises(ValueError, match="confidence"):
        count_interval(3, confidence=1)


def test_more_events_than_residents_is_a_rate_all_the_same():
    found = rate(300, 100)
    assert found is not None
    assert found.value == 3000


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.998])
@pytest.mark.parametrize(("part", "whole"), [(0, 5), (5, 5), (1, 3), (250, 1000)])
def test_wilson_agrees_with_statsmodels(part, whole, confidence):
    found = proportion(part, whole, confidence=confidence)
    expected = proportion_confint(part, whole, alpha=1 - confidence, method="wilson")
    assert found is not None
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-12)


def test_the_example_of_r_poisson_test():
    """R's help page: 11 and 21 events in 800 and 3,011 person-years."""
    found = compare(11, 21, exposure_now=800, exposure_before=3011)
    assert found is not None
    assert found.p_value == pytest.approx(0.07967, abs=5e-6)
    assert found.ratio == pytest.approx(1.971488, abs=5e-7)
    assert (found.low, found.high) == pytest.approx((0.8584264, 4.2772659), abs=5e-8)


@pytest.mark.data
def test_two_counts_as_r_compares_them(data_dir: Path):
    oracle = json.loads((data_dir / "reference" / "oracles_R.json").read_text())["rate_ratio"]
    for x1, x2, t1, t2, p, ratio, (low, high) in zip(*oracle.values(), strict=True):
        found = compare(x1, x2, exposure_now=t1, exposure_before=t2)
        assert found is not None
        assert (found.p_value, found.ratio) == pytest.approx((p, ratio), rel=1e-9)
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.data
def test_small_counts_as_r_gives_them(data_dir: Path):
    oracle = json.loads((data_dir / "reference" / "oracles_R.json").read_text())["poisson"]
    compared = 0
    for count, exact in zip(oracle["x"], oracle["exact95"], strict=True):
        found = count_interval(count)
        assert found is not None
        # From ten Byar's method stands in for the exact one: within 2%.
        assert (found.low, found.high) == pytest.approx(exact, rel=1e-9 if count < 10 else 0.02)
        compared += count < 10
    assert compared


@pytest.mark.parametrize(("now", "before"), [(3, 9), (120, 80), (0, 4), (5, 5)])
def test_two_counts_as_statsmodels_compares_them(now, before):
    found = compare(now, before)
    expected = poisson_two_samples(now, 1, before, 1, method="exact-cond")
    assert found is not None
    assert found.p_value == pytest.approx(min(1, expected.pvalue), rel=1e-9)


def test_comparisons_at_the_edges():
    nothing = compare(0, 0)
    assert nothing is not None
    assert (nothing.ratio, nothing.low, nothing.high, nothing.p_value) == (None, 0, math.inf, 1)
    from_zero = compare(7, 0)
    assert from_zero is not None
    assert from_zero.ratio is None and from_zero.high == math.inf and from_zero.low > 1
    assert compare(None, 4) is None and compare(4, None) is None
    enormous = compare(10**9 + 10**6, 10**9)
    assert enormous is not None
    assert enormous.p_value < 1e-6
    with pytest.raises(ValueError, match="exposure"):
        compare(1, 1, exposure_now=0)


@pytest.mark.parametrize(
    ("now", "before", "percent", "reason"),
    [
        (12, 10, 20.0, ""),
        (10, 9, None, "small base"),
        (0, 10, -100.0, ""),
        (5, 0, None, "zero base"),
        (0, 0, None, "zero base"),
        (None, 10, None, "missing"),
        (10, None, None, "missing"),
    ],
)
def test_percent_change_says_when_there_is_none(now, before, percent, reason):
    change = percent_change(now, before)
    assert (change.percent, change.reason) == (percent, reason)
    assert bool(change.sentence) == bool(reason)


def test_rolling_sums_need_every_month():
    assert rolling_sum([1, 2, None, 4, 5, 6], months=2) == (None, 3, None, None, 9, 11)
    assert rolling_sum([]) == ()
    assert rolling_sum([1] * 13)[-2:] == (12, 12)
    assert rolling_sum([10**15] * 12)[-1] == 12 * 10**15
    with pytest.raises(ValueError, match="one month"):
        rolling_sum([1], months=0)


def test_half_is_held_by_the_fewest_areas():
    found = areas_holding([50, 30, 10, 10, 0])
    assert found is not None
    assert (found.areas, found.of, found.held, found.total) == (1, 5, 50, 100)
    equal = areas_holding([1, 1, 1])
    assert equal is not None and equal.areas == 2
    assert areas_holding([]) is None
    assert areas_holding([0, 0]) is None
    assert areas_holding([5, None]) is None
    alone = areas_holding([3], of=90)
    assert alone is not None and (alone.areas, alone.of) == (1, 90)
    with pytest.raises(ValueError, match="share"):
        areas_holding([1], share=0)
