"""The fast way judged by the slow one, and hidden figures by an attacker."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from frankpledge.analysis.control import xmr_limits
from frankpledge.analysis.counts import areas_holding, compare, count_interval, rolling_sum
from frankpledge.analysis.cubes import Cube
from frankpledge.analysis.disclosure import PARTNER_PUBLIC, Rule, protect
from frankpledge.analysis.months import month_range
from frankpledge.analysis.vintage import Bridge
from tests.generative.analysis import reference

MONTHS = month_range("2024-11", "2025-03")
some = settings(max_examples=60, deadline=None)
few = settings(max_examples=40, deadline=None)
counted = st.one_of(st.none(), st.integers(0, 60))


@some
@given(
    accepted=st.sets(st.sampled_from(MONTHS), min_size=1),
    data=st.data(),
    by=st.sampled_from([(), ("month",), ("area",), ("category", "month"), ("area", "month")]),
    places=st.one_of(st.none(), st.just({"A": "north", "B": "north", "C": "south"})),
)
def test_cubes_add_up_as_loops_do(accepted, data, by, places):
    rows = data.draw(
        st.lists(
            st.tuples(
                st.sampled_from([None, "A", "B", "C", "D"]),
                st.sampled_from(sorted(accepted)),
                st.sampled_from("xyz"),
                st.integers(0, 10**9),
            ),
            max_size=30,
        )
    )
    months = data.draw(st.lists(st.sampled_from(MONTHS), unique=True, min_size=1).map(sorted))
    cube = Cube.from_rows(rows, accepted=accepted)
    found = cube.sum(by=by, months=months, places=places)
    expected = reference.summed(
        rows, by=by, months=months, accepted=sorted(accepted), places=places
    )
    assert found.counts == expected
    assert set(found.gaps) == set(months) - accepted


@some
@given(
    st.lists(
        st.tuples(st.sampled_from("ABCDEF"), st.sampled_from("uvwxyz"), st.just("X")), min_size=1
    )
)
def test_units_are_what_the_look_up_links(links):
    bridge = Bridge.build(links)
    found = {frozenset((*u.areas_2011, *u.areas_2021)) for u in bridge.members.values()}
    assert found == reference.units(links)


@some
@given(st.lists(st.one_of(st.none(), st.integers(0, 10**15)), max_size=40), st.integers(1, 13))
def test_rolling_sums(values, months):
    assert rolling_sum(values, months=months) == reference.rolling(values, months)


@some
@given(st.lists(counted, max_size=40))
def test_xmr_limits(values):
    limits = xmr_limits(values)
    expected = reference.xmr(values)
    if expected is None:
        assert limits.centre is None and limits.reason
        return
    mean, reach, *rules = expected
    assert limits.centre is not None
    assert abs(limits.centre - mean) < 1e-9
    for value, low, high in zip(limits.values, limits.lower, limits.upper, strict=True):
        if value is not None:
            assert low is not None and high is not None
            assert abs(high - mean - reach) < 1e-9 and abs(low - max(0, mean - reach)) < 1e-9
    for name, positions in zip(("outside", "run", "trend"), rules, strict=True):
        found = {p for s in limits.signals if s.rule.name == name for p in s.positions}
        assert found == positions, name


@some
@given(st.lists(st.integers(0, 50), max_size=20))
def test_areas_holding_half(counts):
    found = areas_holding(counts)
    if sum(counts) == 0:
        assert found is None
    else:
        assert found is not None and found.areas == reference.fewest_areas(counts)


@some
@given(st.integers(0, 10**9))
def test_an_interval_holds_its_count_and_grows_with_confidence(count):
    narrow, wide = count_interval(count), count_interval(count, confidence=0.998)
    assert narrow is not None and wide is not None
    assert wide.low <= narrow.low <= count <= narrow.high < wide.high


@some
@given(st.integers(0, 400), st.integers(0, 400))
def test_comparing_the_other_way_round_says_the_same(now, before):
    one, other = compare(now, before), compare(before, now)
    assert one is not None and other is not None
    assert abs(one.p_value - other.p_value) < 1e-9
    if now and before:
        assert one.ratio is not None and other.ratio is not None
        assert abs(one.ratio * other.ratio - 1) < 1e-12
        assert one.low <= one.ratio <= one.high


# An attacker of its own, who shares no code with the one inside the room.


def interval_of(shown, rule):
    """The whole counts that would read like this, by trying them."""
    return [
        n
        for n in range(max(0, shown - rule.round_to), shown + rule.round_to + 1)
        if rule.rounded(n) == shown and (n == 0 or n >= rule.suppress_below)
    ]


def attacked(table, found, rule, cell):
    """The feasible interval of one hidden figure by linear programming over all cells."""
    rows, columns = table.shape
    size = rows * columns

    def weights(i, j):
        picked = np.zeros((rows, columns))
        picked[
            slice(None) if i == rows else slice(i, i + 1),
            slice(None) if j == columns else slice(j, j + 1),
        ] = 1
        return picked.ravel()

    above, limits = [], []
    bounds = [(0, None)] * size
    for i in range(rows + 1):
        for j in range(columns + 1):
            if found.hidden[i, j]:
                low, high = 1, None
            else:
                fits = interval_of(int(found.counts[i, j]), rule)
                low, high = min(fits), max(fits)
            if i < rows and j < columns:
                bounds[i * columns + j] = (low, high)
                continue
            above.append(-weights(i, j))
            limits.append(-low)
            if high is not None:
                above.append(weights(i, j))
                limits.append(high)
    aim = weights(*cell)
    ends = []
    for sign in (1, -1):
        solved = linprog(sign * aim, A_ub=np.array(above), b_ub=np.array(limits), bounds=bounds)
        ends.append(-np.inf * sign if solved.status == 3 else sign * solved.fun)
    return ends


@few
@given(
    st.integers(1, 4).flatmap(
        lambda columns: st.lists(
            st.lists(
                st.one_of(st.integers(0, 6), st.integers(0, 40)),
                min_size=columns,
                max_size=columns,
            ),
            min_size=1,
            max_size=4,
        )
    ),
    st.sampled_from([PARTNER_PUBLIC, Rule(name="r", version="1", suppress_below=5)]),
)
def test_no_hidden_figure_can_be_worked_out(given_rows, rule):
    table = np.array(given_rows, dtype=object)
    groups = [[list(range(size))] for size in table.shape]
    found = protect(table, groups=groups, rule=rule)
    again = protect(table, groups=groups, rule=rule)
    assert (found.counts == again.counts).all()
    filled = np.zeros((table.shape[0] + 1, table.shape[1] + 1), dtype=int)
    filled[:-1, :-1] = table > 0
    filled[-1, :-1], filled[:-1, -1] = filled[:-1, :-1].sum(0), filled[:-1, :-1].sum(1)
    filled[-1, -1] = filled[:-1, :-1].sum()
    for cell in zip(*np.nonzero(found.primary), strict=True):
        low, high = attacked(table, found, rule, cell)
        # A hidden total is at least as large as it has hidden parts.
        assert low <= max(1, filled[cell]) + 1e-6
        assert high >= rule.suppress_below - 1 - 1e-6


@few
@given(st.lists(st.lists(st.integers(0, 3000), min_size=3, max_size=3), min_size=1, max_size=5))
def test_totals_are_rounded_not_added_up_from_rounded(given_rows):
    table = np.array(given_rows, dtype=object)
    found = protect(table, groups=[[list(range(s))] for s in table.shape], rule=PARTNER_PUBLIC)
    if not found.hidden[-1, -1]:
        true = sum(sum(row) for row in given_rows)
        assert abs(Fraction(int(found.counts[-1, -1])) - true) <= 2
        assert found.counts[-1, -1] % 5 == 0
