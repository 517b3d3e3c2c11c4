"""Trends, emerging issues, breaks, late returns, hours and drift, judged by slow references."""

import json
import math
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.analysis.series.changes import Break, change_points, comparable
from frankpledge.analysis.series.drift import cusum, ewma, u_limits
from frankpledge.analysis.series.ears import ears
from frankpledge.analysis.series.farrington import (
    MONTHLY,
    ORIGINAL,
    WEEKLY,
    Settings,
    blocks_of,
    watch,
)
from frankpledge.analysis.series.late import nowcast
from frankpledge.analysis.series.times import aoristic
from frankpledge.analysis.series.trend import mann_kendall, seasonal_mann_kendall
from frankpledge.analysis.testing import false_discovery
from tests.generative.analysis import reference_series as slow

few = settings(max_examples=40, deadline=None)
GAPPY = st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=24)


def known(values):
    return np.array([[np.nan if cell is None else cell for cell in row] for row in values], float)


@few
@given(GAPPY)
def test_a_trend_is_pair_by_pair(values):
    found = mann_kendall(values)
    score, variance, slope = slow.mann_kendall(values)
    if sum(value is not None for value in values) < 4:
        assert np.isnan(found.score).all() and np.isnan(found.p_value).all()
        return
    assert found.score[0] == score
    assert found.variance[0] == pytest.approx(variance)
    assert found.slope[0] == pytest.approx(slope)


@few
@given(st.lists(st.integers(0, 9), min_size=24, max_size=48))
def test_seasonal_trends_are_pymannkendalls(values):
    import pymannkendall

    found = seasonal_mann_kendall(values)
    theirs = pymannkendall.seasonal_test(values, period=12)
    assert found.score[0] == theirs.s
    assert found.variance[0] == pytest.approx(theirs.var_s)
    if theirs.var_s > 0:
        assert found.p_value[0] == pytest.approx(theirs.p, abs=1e-12)


def test_many_series_at_once_are_each_alone():
    table = np.random.default_rng(7).poisson(3, (36, 200)).astype(float)
    table[::5, 3] = np.nan
    whole = mann_kendall(table)
    for column in range(0, 200, 17):
        alone = mann_kendall(table[:, column])
        assert whole.z[column] == alone.z[0] and whole.slope[column] == alone.slope[0]


@few
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_discoveries_are_the_smallest_rate(p_values):
    assert false_discovery(p_values) == pytest.approx(slow.false_discovery(p_values), abs=1e-12)


@few
@given(st.lists(st.integers(0, 12), min_size=1, max_size=11), st.integers(1, 3))
def test_breaks_are_the_best_of_all_cuts(values, shortest):
    found = change_points(values, penalty=4.0, shortest=shortest)
    pieces = [values[each.periods.start : each.periods.stop] for each in found]
    made = sum(map(slow.cost, pieces)) + 4.0 * (len(pieces) - 1)
    if len(values) >= shortest:
        assert made == pytest.approx(slow.best_cuts(values, 4.0, shortest), abs=1e-9)
    assert [each for piece in pieces for each in piece] == values


@few
@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 12_000)), max_size=6))
def test_hours_are_minute_by_minute(events):
    monday = datetime.fromisoformat("2024-01-01")
    begins = [monday + timedelta(minutes=begin) for begin, _ in events]
    ends = [monday + timedelta(minutes=begin + length) for begin, length in events]
    found = aoristic(begins, ends, longest=timedelta(days=20))
    wanted = slow.hours([(begin, begin + length) for begin, length in events])
    assert found.weight.ravel() == pytest.approx(wanted, abs=1e-6)
    assert found.weight.sum() == pytest.approx(found.events)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**31), st.booleans())
def test_a_fit_is_newtons_on_the_whole_matrix(seed, gaps):
    chance = np.random.default_rng(seed)
    counts = chance.poisson(6, 60).astype(float)
    if gaps:
        counts[chance.choice(50, 6, replace=False)] = np.nan
    plain = replace(MONTHLY, outlier=math.inf, years=4)
    found = watch(counts, settings=plain)
    at, block = blocks_of(59, plain)
    there = [place for place in range(len(at)) if not np.isnan(counts[at[place]])]
    levels, _, mean = slow.poisson_fit(
        [counts[at[place]] for place in there],
        [int(block[place]) for place in there],
        [float(at[place] - 59) for place in there],
        [1.0] * len(there),
        bool(found.trend[0, 0]),
    )
    assert found.expected[0, 0] == pytest.approx(math.exp(levels[4]), rel=1e-6)
    pearson = sum((counts[at[place]] - mu) ** 2 / mu for place, mu in zip(there, mean, strict=True))
    free = len(there) - 5 - bool(found.trend[0, 0])
    assert found.dispersion[0, 0] == pytest.approx(max(1.0, pearson / free), rel=1e-6)


@pytest.mark.data
def test_watching_agrees_with_r(data_dir):
    """R's surveillance 1.20 to twelve digits where its slips are kept; alarms without them too."""
    oracles = json.loads((data_dir / "reference/oracles_R.json").read_text())
    weekly, monthly = oracles["farrington"], oracles["farrington_monthly"]
    cases = (
        (weekly["observed"], WEEKLY, weekly["noufaily"], 4),
        (weekly["observed"], ORIGINAL, weekly["original_2_3"], 4),
        (monthly["observed"], MONTHLY, monthly["res"], 3),
    )
    for observed, chosen, wanted, last in cases:
        found = watch(
            np.array(observed, float), settings=replace(chosen, compatible=True), last=last
        )
        for name, made in (
            ("expected", found.expected),
            ("phi", found.dispersion),
            ("p", found.p_value),
            ("upper", found.upper),
            ("trend", found.trend.astype(float)),
            ("alarm", found.alarm.astype(float)),
        ):
            reference = known(wanted[name])
            there = ~np.isnan(reference)
            assert made[there] == pytest.approx(reference[there], rel=1e-9, abs=1e-12), name
    default = watch(np.array(weekly["observed"], float), last=4)
    assert (default.alarm == known(weekly["noufaily"]["alarm"]).astype(bool)).all()


@pytest.mark.data
def test_short_memory_and_trend_agree_with_r(data_dir):
    oracles = json.loads((data_dir / "reference/oracles_R.json").read_text())
    observed = np.array(oracles["farrington"]["observed"], float)[:, :5]
    for kind in ("C1", "C2", "C3"):
        wanted = oracles["ears"][kind]
        first, last = wanted["range"]
        found = ears(observed, kind=kind, compatible=True)
        assert found.upper[first - 1 : last] == pytest.approx(known(wanted["upper"]), rel=1e-9)
        alarm = known(wanted["alarm"]).astype(bool)
        assert (found.alarm[first - 1 : last] == alarm).all()
    wanted = oracles["mann_kendall"]
    found = mann_kendall(wanted["y"])
    assert found.score[0] == wanted["S"]
    # R's Kendall works in single precision.
    assert found.tau[0] == pytest.approx(wanted["tau_b"], rel=1e-6)


@pytest.mark.data
def test_salmonella_agona_is_watched(data_dir):
    lines = (data_dir / "reference/salmonella_agona.csv").read_text().splitlines()[1:]
    counts = [float(line.split(",")[1]) for line in lines]
    found = watch(counts, last=30)
    assert np.isfinite(found.expected).any() and found.reason == ""


def test_noise_alarms_about_as_often_as_it_may_and_a_burst_is_seen():
    chance = np.random.default_rng(20_130_301)
    noise = chance.negative_binomial(8, 8 / (8 + 10.0), (300, 300)).astype(float)
    quiet = watch(noise, last=4)
    assert 0.002 < quiet.alarm.mean() < 0.02
    noise[-1] += 30
    assert watch(noise).alarm.mean() > 0.9


def test_gaps_and_breaks_take_no_part():
    counts = np.full(80, 10.0)
    counts[40:44] = 500
    plain = watch(counts, settings=MONTHLY)
    without = watch(counts, settings=MONTHLY, leave_out=range(40, 44))
    gaps = counts.copy()
    gaps[40:44] = np.nan
    assert without.expected[0, 0] == pytest.approx(10, rel=1e-6)
    assert watch(gaps, settings=MONTHLY).expected[0, 0] == without.expected[0, 0]
    assert plain.dispersion[0, 0] > without.dispersion[0, 0] == 1


def test_late_returns_lie_in_their_interval():
    chance = np.random.default_rng(1994)
    inside = []
    for _ in range(150):
        whole = chance.poisson(80, 14)
        rows = [
            [float(n) if delay < 14 - month else None for delay, n in enumerate(parts)]
            for month, parts in enumerate(
                chance.multinomial(each, [0.6, 0.3, 0.1]) for each in whole
            )
        ]
        found = nowcast(rows)
        inside += [found[at].low <= whole[at] <= found[at].high for at in (12, 13)]
    assert 0.9 < fmean(inside) <= 1


@few
@given(GAPPY)
def test_drift_is_followed_step_by_step(values):
    found, average = ewma(values), cusum(values)
    if found.centre is None:
        assert "usable month" in found.reason and not found.signals and average.centre is None
        return
    level, up = found.centre, 0.0
    for value, path, sums in zip(values, found.upper_path, average.upper_path, strict=True):
        if value is None:
            assert path is None and sums is None
            continue
        level = 0.2 * value + 0.8 * level
        up = max(0.0, up + value - found.centre - found.sigma / 2)
        assert (path, sums) == (pytest.approx(level), pytest.approx(up, abs=1e-9))


def test_stated_answers_to_nothing_and_to_too_much():
    assert mann_kendall([]).score.shape == (1,)
    assert mann_kendall([5.0] * 9).p_value[0] == 1
    assert mann_kendall([1, 2, math.inf, math.inf]).score[0] == 5
    assert false_discovery([]).size == 0 and np.isnan(false_discovery([None])).all()
    assert change_points([]) == () == change_points([None, None])
    assert [each.mean for each in change_points([0] * 20)] == [0]
    assert len(change_points([10**9] * 10 + [2 * 10**9] * 10)) == 2
    assert comparable(5, [Break(0, "x"), Break(9, "y")]) == (range(5),)
    assert nowcast([]) == ()
    assert nowcast([[None, None]])[0].reason.startswith("Nothing of this month")
    assert nowcast([[5.0, None]])[0].reason.startswith("Insufficient history: 0")
    assert aoristic([], []).weight.sum() == 0
    assert np.isnan(ears([1.0] * 3).upper).all()
    zeros = watch(np.zeros((80, 2)), settings=MONTHLY)
    assert not zeros.alarm.any() and (zeros.expected < 1e-6).all()
    assert watch([], settings=MONTHLY).reason.startswith("Insufficient history: 0")
    assert np.isnan(watch([math.nan] * 80, settings=MONTHLY).expected).all()
    huge = watch([1e12] * 80, settings=MONTHLY)
    assert huge.expected[0, 0] == pytest.approx(1e12, rel=1e-6) and not huge.alarm.any()
    part = watch(np.full((52, 1), 5.0), settings=MONTHLY, last=4)
    assert part.reason == "Insufficient history for the first 1 of 4 periods."
    assert np.isnan(part.expected[0]).all() and np.isfinite(part.expected[1:]).all()
    assert u_limits([1] * 9, [10] * 9).centre == 0.1
    assert u_limits([1] * 9, [0] * 9).centre is None
    for wrong in (
        lambda: false_discovery([1.5]),
        lambda: watch([-1.0] * 80, settings=MONTHLY),
        lambda: watch(np.zeros((2, 2, 2))),
        lambda: blocks_of(10, MONTHLY),
        lambda: blocks_of(60, Settings(period=12, years=1, half_window=1, blocks=12)),
        lambda: change_points([-1]),
        lambda: change_points([1], shortest=0),
        lambda: nowcast([[1.0], [1.0, 2.0]]),
        lambda: nowcast([[None, 2.0]]),
        lambda: nowcast([[-2.0]]),
        lambda: aoristic([None], []),
        lambda: aoristic([], [], longest=timedelta(days=400)),
        lambda: ears([1.0], baseline=1),
        lambda: ewma([1.0], weight=0),
        lambda: u_limits([1], []),
        lambda: seasonal_mann_kendall([1], period=0),
    ):
        with pytest.raises(ValueError):
            wrong()
