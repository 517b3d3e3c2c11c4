"""Limits: each rule fires where it should and only there; gaps take no part."""

import math

import pytest
from scipy import stats

from frankpledge.analysis.control import (
    OUTSIDE,
    RUN,
    TREND,
    TWO_OF_THREE,
    Standing,
    funnel,
    p_limits,
    xmr_limits,
)

QUIET = [10, 12, 9, 11, 10, 8, 11, 9, 10, 12]


def names(limits):
    return [signal.rule.name for signal in limits.signals]


def test_limits_by_hand():
    limits = xmr_limits([10, 12, 10, 12, 10, 12, 10, 12])
    assert limits.centre == 11
    assert limits.upper[0] == pytest.approx(11 + 2.66 * 2)
    assert limits.lower[0] == pytest.approx(11 - 2.66 * 2)
    assert not limits.signals


def test_a_point_on_the_limit_is_within_and_one_beyond_is_out():
    limits = xmr_limits(QUIET)
    assert limits.upper[0] is not None
    on = xmr_limits([*QUIET, limits.upper[0]], baseline=range(10), rules=[OUTSIDE])
    over = xmr_limits([*QUIET, limits.upper[0] + 0.001], baseline=range(10), rules=[OUTSIDE])
    assert not on.signals and on.side(10) == "within"
    assert names(over) == ["outside"] and over.side(10) == "above"
    assert over.signals[0].positions == (10,)


def test_limits_never_go_below_zero():
    limits = xmr_limits([0, 9, 0, 9, 0, 9, 0, 9])
    assert limits.lower == (0.0,) * 8


@pytest.mark.parametrize(("length", "fires"), [(7, False), (8, True), (9, True)])
def test_a_run_is_eight(length, fires):
    base = [12, 10] * 6
    limits = xmr_limits([*base, *[11.5] * length], baseline=range(12), rules=[RUN])
    assert bool(limits.signals) == fires
    if fires:
        assert limits.signals[0].positions == tuple(range(12, 12 + length))


@pytest.mark.parametrize(("length", "fires"), [(5, False), (6, True)])
def test_a_trend_is_six_points(length, fires):
    rising = [10 + 0.1 * step for step in range(length)]
    values = [12, 9] * 5 + [11, 10, *rising[1:]]
    limits = xmr_limits(values, rules=[TREND])
    assert bool(limits.signals) == fires


def test_a_level_step_ends_a_trend():
    assert not xmr_limits([12, 9] * 5 + [10, 11, 12, 12, 13, 14, 15], rules=[TREND]).signals


def test_two_of_three_near_the_same_limit():
    base = [10, 12] * 6
    reach = 2.66 * 2
    near = 11 + reach * 0.7
    values = [*base, near, 11, near]
    limits = xmr_limits(values, baseline=range(12), rules=[TWO_OF_THREE])
    assert [(s.positions, s.side) for s in limits.signals] == [((12, 14), "above")]
    apart = xmr_limits([*base, near, 11, 11, near], baseline=range(12), rules=[TWO_OF_THREE])
    across = xmr_limits([*base, near, 11, 22 - near], baseline=range(12), rules=[TWO_OF_THREE])
    assert not apart.signals and not across.signals


@pytest.mark.parametrize("hole", [None, math.nan, math.inf])
def test_gaps_and_incomplete_months_take_no_part(hole):
    values = [*QUIET[:5], hole, *QUIET[5:], 1]
    limits = xmr_limits(values, incomplete=[11])
    assert limits.centre == pytest.approx(sum(QUIET) / 10)
    assert limits.values[5] is None and limits.upper[5] is None and limits.side(5) is None
    assert limits.values[11] is None and limits.side(11) is None
    assert not limits.signals
    assert xmr_limits(values).signals


def test_no_run_reaches_across_a_gap():
    base = [12, 10] * 6
    split = [*base, 11.5, 11.5, 11.5, 11.5, None, 11.5, 11.5, 11.5, 11.5]
    limits = xmr_limits(split, baseline=range(12), rules=[RUN])
    assert not limits.signals


@pytest.mark.parametrize("values", [[], [5], [5] * 7, [None] * 20, [5, None] * 10])
def test_too_little_has_no_limits_and_says_so(values):
    limits = xmr_limits(values)
    assert limits.centre is None
    assert limits.upper == (None,) * len(values)
    assert "limits need 8" in limits.reason


def test_a_constant_series_is_within_its_own_mean():
    limits = xmr_limits([0.1] * 24)
    assert not limits.signals
    assert limits.side(3) == "within"
    assert xmr_limits([*[7] * 12, 8], baseline=range(12)).side(12) == "above"


def test_p_limits_by_hand():
    limits = p_limits([5] * 8, [100] * 7 + [400])
    pooled = 40 / 1100
    assert limits.centre == pytest.approx(pooled)
    assert limits.upper[0] == pytest.approx(pooled + 3 * math.sqrt(pooled * (1 - pooled) / 100))
    assert limits.upper[7] == pytest.approx(pooled + 3 * math.sqrt(pooled * (1 - pooled) / 400))
    assert limits.lower[0] == 0


def test_p_limits_at_the_edges():
    limits = p_limits([0, 2, None, *[1] * 8], [0, 2, 5, *[2] * 8])
    assert limits.values[0] is None and limits.values[2] is None
    assert limits.upper[1] == 1.0
    all_of_it = p_limits([4] * 9, [4] * 9)
    assert all_of_it.centre == 1 and not all_of_it.signals
    assert p_limits([], []).centre is None
    with pytest.raises(ValueError, match="larger"):
        p_limits([3], [2])
    with pytest.raises(ValueError, match="its whole"):
        p_limits([3], [])


def test_funnel_limits_enclose_the_exact_probability():
    counts, people = [30, 60, 90, 400], [1000, 2000, 3000, 4000]
    found = funnel(counts, people)
    average = 580 / 10_000
    assert found.average == pytest.approx(average * 1000)
    for point, size in zip(found.points, people, strict=True):
        law = stats.poisson(average * size)
        assert point.high95 is not None and point.low95 is not None
        high, low = round(point.high95 * size / 1000), round(point.low95 * size / 1000)
        assert law.cdf(high - 1) < 0.975 <= law.cdf(high)
        assert law.cdf(low - 1) < 0.025 <= law.cdf(low)
    assert [p.standing for p in found.points] == [
        Standing.FAR_BELOW,
        Standing.FAR_BELOW,
        Standing.FAR_BELOW,
        Standing.FAR_ABOVE,
    ]
    assert found.tests == 4


def test_funnel_at_the_edges():
    assert funnel([], []).average is None
    empty = funnel([None, 3], [100, 0])
    assert empty.tests == 0
    assert {p.standing for p in empty.points} == {Standing.MISSING}
    none = funnel([0, 0], [50, 80])
    assert none.average == 0
    assert [p.standing for p in none.points] == [Standing.WITHIN] * 2
    alone = funnel([7], [100])
    assert alone.points[0].standing is Standing.WITHIN
    enormous = funnel([10**12, 10**12], [10**12, 10**12])
    assert [p.standing for p in enormous.points] == [Standing.WITHIN] * 2
    everyone = funnel([10, 20], [10, 20], kind="proportion")
    assert [p.standing for p in everyone.points] == [Standing.WITHIN] * 2
    with pytest.raises(ValueError, match="larger"):
        funnel([3], [2], kind="proportion")
    with pytest.raises(ValueError, match="denominator"):
        funnel([3], [])


def test_a_binomial_funnel_has_narrower_limits_than_a_poisson_one():
    parts, wholes = [40, 50, 45], [100, 100, 100]
    narrow, wide = funnel(parts, wholes, kind="proportion"), funnel(parts, wholes, per=1)
    for one, other in zip(narrow.points, wide.points, strict=True):
        assert one.high95 is not None and other.high95 is not None
        assert one.high95 < other.high95
