"""Hotspots, judged by slow references, by R and by PySAL's esda."""

import csv
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.analysis.hotspots.draws import grid_permuted_gi_star, permuted_gi_star
from frankpledge.analysis.hotspots.emerging import Pattern, classify, emerging, emerging_among
from frankpledge.analysis.hotspots.grid import grid_gi_star
from frankpledge.analysis.hotspots.local import gi_star, local_moran
from frankpledge.analysis.hotspots.neighbours import from_lists, touching, within
from frankpledge.analysis.hotspots.overall import geary, general_g, moran
from frankpledge.analysis.testing import critical_p, false_discovery
from tests.generative.analysis import reference_hotspots as slow

few = settings(max_examples=40, deadline=None)
GRIDS = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 2)).flatmap(
    lambda size: st.tuples(
        st.lists(
            st.lists(st.integers(0, 6), min_size=size[1], max_size=size[1]),
            min_size=size[0],
            max_size=size[0],
        ),
        st.just(size[2]),
        st.lists(st.booleans(), min_size=size[0] * size[1], max_size=size[0] * size[1]),
    )
)


@few
@given(GRIDS)
def test_a_grid_is_place_by_place(grid):
    counts, reach, inside = grid
    footprint = np.array(inside).reshape(np.array(counts).shape)
    found = grid_gi_star(counts, reach=reach, footprint=footprint)
    values = {
        (r, c): counts[r][c]
        for r in range(len(counts))
        for c in range(len(counts[0]))
        if footprint[r, c]
    }
    near = slow.neighbours_on_grid(len(counts), len(counts[0]), reach)
    wanted = slow.gi_star(values, near) if values else {}
    for place in np.ndindex(footprint.shape):
        if wanted.get(place) is None:
            assert np.isnan(found.z[place])
        else:
            assert found.z[place] == pytest.approx(wanted[place], abs=1e-9)


@few
@given(GRIDS)
def test_a_grid_and_its_list_of_neighbours_agree(grid):
    counts, reach, _ = grid
    rows, columns = len(counts), len(counts[0])
    near = slow.neighbours_on_grid(rows, columns, reach)
    lists = [[r * columns + c for r, c in near[place]] for place in np.ndindex(rows, columns)]
    by_list = gi_star(np.ravel(counts), from_lists(lists))
    by_grid = grid_gi_star(counts, reach=reach)
    assert np.allclose(by_list.z, by_grid.z.ravel(), atol=1e-9, equal_nan=True)


@few
@given(st.lists(st.integers(0, 9), min_size=3, max_size=9), st.data())
def test_one_draw_serves_every_place(values, data):
    from frankpledge.analysis.hotspots.draws import sums_for_each

    size = data.draw(st.integers(1, len(values) - 1))
    drawn = data.draw(st.permutations(range(len(values) - 1)))[:size]
    at = np.arange(len(values))
    made = sums_for_each(np.array(values, float), np.array(drawn), at)
    assert made.tolist() == slow.drawn_sums(values, drawn)


@few
@given(st.lists(st.sampled_from("HC."), min_size=10, max_size=36), st.sampled_from([-1, 0, 1]))
def test_classes_are_as_worded(steps, trend):
    hot, cold = (np.array([[step == kind] for step in steps]) for kind in "HC")
    found = classify(hot, cold, rising=np.array([trend > 0]), falling=np.array([trend < 0]))
    assert Pattern(int(found[0])).name == slow.classify("".join(steps), trend)


@few
@given(st.lists(st.floats(0, 1), max_size=30))
def test_the_critical_p_keeps_what_raising_keeps(p_values):
    critical = critical_p(p_values, alpha=0.2)
    kept = false_discovery(p_values) <= 0.2 + 1e-12
    assert [p <= critical and p <= 0.2 for p in p_values if critical or p] == [
        bool(each) for each, p in zip(kept, p_values, strict=True) if critical or p
    ]


@pytest.mark.data
def test_columbus_is_as_in_r(data_dir):
    folder = data_dir / "reference"
    wanted = json.loads((folder / "columbus_expected.json").read_text())
    near = json.loads((folder / "columbus_gal_neighbours.json").read_text())
    with (folder / "columbus.csv").open(newline="") as opened:
        crime = [float(row["CRIME"]) for row in csv.DictReader(opened)]
    beside = from_lists([[each - 1 for each in row] for row in near])
    for found, name in (
        (moran(crime, beside), "moran_W"),
        (geary(crime, beside), "geary_W"),
        (general_g(crime, beside), "globalG_B"),
    ):
        says = wanted[name]
        assert found.statistic == pytest.approx(says.get("I", says.get("C", says.get("G"))), 1e-12)
        assert found.z == pytest.approx(np.ravel(says["z"])[0], rel=1e-9)
    local = local_moran(crime, beside)
    assert local.statistic == pytest.approx(wanted["localMoran_W"]["Ii"], abs=1e-12)
    assert local.z == pytest.approx(wanted["localMoran_W"]["Z"], abs=1e-12)
    assert local.raised == pytest.approx(wanted["p_adjust_fdr_localmoran"], abs=1e-12)
    assert gi_star(crime, beside).z == pytest.approx(wanted["localGstar_B_selfincluded"], abs=1e-12)
    assert gi_star(crime, beside, itself=False).z == pytest.approx(wanted["localG_B"], abs=1e-12)


@pytest.mark.data
def test_grid_and_islands_are_as_in_r(data_dir):
    oracles = json.loads((data_dir / "reference/oracles_R.json").read_text())
    wanted = oracles["grid"]
    counts = np.array(wanted["values"], float).reshape(wanted["nrow"], wanted["ncol"])
    found = grid_gi_star(counts)
    assert found.z.ravel() == pytest.approx(wanted["gi_star_z"], abs=1e-12)
    assert found.raised.ravel() == pytest.approx(wanted["p_BH"], abs=1e-12)
    by_pairs = false_discovery(found.p_value, method="BY").ravel()
    assert by_pairs == pytest.approx(wanted["p_BY"], abs=1e-12)
    beside = within([(c, r) for r, c in np.ndindex(counts.shape)], 1.5)
    flat = counts.ravel()
    assert gi_star(flat, beside, itself=False).z == pytest.approx(wanted["gi_z"], abs=1e-12)
    assert local_moran(flat, beside).z == pytest.approx(wanted["local_moran_z"], abs=1e-12)
    assert moran(flat, beside).z == pytest.approx(wanted["moran_z"], rel=1e-9)
    wanted = oracles["irregular"]
    beside = within(wanted["xy"], wanted["threshold"])
    assert [each + 1 for each in beside.alone] == wanted["islands"]
    assert gi_star(wanted["values"], beside).z == pytest.approx(wanted["gi_star_z_B"], abs=1e-12)
    without = gi_star(wanted["values"], beside, itself=False).z
    theirs = np.array([np.nan if each is None else each for each in wanted["gi_z_B"]], float)
    theirs[list(beside.alone)] = np.nan
    assert np.allclose(without, theirs, atol=1e-12, equal_nan=True)


def test_permutations_are_as_if_drawn_for_each_place_alone():
    chance = np.random.default_rng(11)
    counts = chance.normal(np.where(np.indices((8, 8)).sum(axis=0) < 5, 4, 1)).round(3)
    ours = grid_permuted_gi_star(counts, draws=1999)
    near = slow.neighbours_on_grid(8, 8, 1)
    slowly = slow.permuted({place: counts[place] for place in near}, near, draws=600, seed=1)
    apart = [abs(ours.p_value[place] - slowly[place]) for place in near]
    assert np.median(apart) < 0.01 and max(apart) < 0.07
    lists = [[r * 8 + c for r, c in near[place]] for place in np.ndindex(8, 8)]
    listed = permuted_gi_star(counts.ravel(), from_lists(lists), draws=1999)
    assert np.array_equal(listed.p_value, ours.p_value.ravel())
    assert (ours.raised[:3, :3] < 0.1).any() and ours.high[0, 0]


def test_noise_shows_next_to_nothing():
    chance = np.random.default_rng(3)
    noise = chance.poisson(1.0, (24, 40, 40)).astype(float)
    assert (emerging(noise).pattern != 0).mean() <= 0.01
    assert (grid_gi_star(noise[0]).raised < 0.05).mean() <= 0.01
    assert (grid_gi_star(noise[0]).p_value < 0.05).mean() > 0.02


def test_what_is_put_in_comes_out_and_a_multiple_changes_nothing():
    chance = np.random.default_rng(5)
    cube = chance.poisson(1.0, (20, 30, 30)).astype(float)
    cube[:, 4:7, 4:7] += 20
    cube[-1, 20:23, 20:23] += 30
    cube[:, 12:15, 12:15] += np.arange(20)[:, None, None] * 2 + 10
    found = emerging(cube)
    assert found.pattern[5, 5] == Pattern.PERSISTENT
    assert found.pattern[21, 21] == Pattern.NEW
    assert found.pattern[13, 13] == Pattern.INTENSIFYING
    assert (found.pattern >= 0).all()
    assert np.array_equal(emerging(cube * 7).pattern, found.pattern)
    same = emerging(np.repeat(cube[:1], 12, axis=0))
    # From the second step on each has its neighbour in time, and nothing changes.
    assert np.ptp(same.z[1:], axis=0) == pytest.approx(0, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(10, 16), st.integers(2, 5), st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_places_that_lie_as_a_grid_are_classed_as_a_grid(steps, rows, columns, seed):
    cube = np.random.default_rng(seed).poisson(0.8, (steps, rows, columns)).astype(float)
    cube[:, 0, 0] += seed % 30
    cube[-1, -1, -1] += seed % 50
    near = slow.neighbours_on_grid(rows, columns, 1)
    lists = [[r * columns + c for r, c in near[place]] for place in np.ndindex(rows, columns)]
    on_grid = emerging(cube)
    placed = emerging_among(cube.reshape(steps, -1), from_lists(lists))
    assert np.array_equal(placed.pattern, on_grid.pattern.ravel())
    assert placed.z.ravel() == pytest.approx(on_grid.z.ravel(), abs=1e-9, nan_ok=True)
    assert (placed.tests, placed.reason) == (on_grid.tests, on_grid.reason)


def test_places_out_of_step_are_refused_or_take_no_part():
    line = from_lists([[1], [0, 2], [1]])
    for wrong in (np.zeros((12, 4)), np.zeros(3), np.zeros((12, 3, 1))):
        with pytest.raises(ValueError, match="3 places a row"):
            emerging_among(wrong, line)
    assert emerging_among(np.zeros((9, 3)), line).reason.startswith("Insufficient history")
    counts = np.tile([1.0, 9.0, np.nan], (12, 1))
    found = emerging_among(counts, line)
    assert np.isnan(found.z[:, 2]).all() and found.pattern[2] == 0 and found.tests == 24


def test_cold_is_said_only_where_asked():
    rates = np.full((12, 12, 12), 50.0) + np.random.default_rng(2).normal(0, 1, (12, 12, 12))
    rates[:, 3:6, 3:6] = 10
    assert (emerging(rates).pattern >= 0).all()
    assert emerging(rates, cold=True).pattern[4, 4] == -Pattern.PERSISTENT


@pytest.mark.data
def test_small_areas_touch_their_neighbours(data_dir):
    import shapely

    read = json.loads((data_dir / "geo/kent_medway_lsoa2021.geojson").read_text())
    outlines = [shapely.geometry.shape(each["geometry"]) for each in read["features"]]
    beside = touching(outlines)
    each = np.diff(beside.weights.indptr)
    assert len(beside) == 1107 and 4 < each.mean() < 8
    assert (beside.weights != beside.weights.T).nnz == 0


def test_stated_answers_to_nothing_and_to_too_much():
    nothing = from_lists([])
    assert len(nothing) == 0 and gi_star([], nothing).tests == 0
    assert touching([]).alone == () and len(within([], 5)) == 0
    one = from_lists([[]])
    assert one.alone == (0,) and np.isnan(gi_star([5.0], one).z).all()
    ring = from_lists([[1, 3], [0, 2], [1, 3], [2, 0]])
    for constant in (0.0, 7.0, 0.1, 1e15):
        assert np.isnan(gi_star([constant] * 4, ring).z).all()
        assert np.isnan(local_moran([constant] * 4, ring).z).all()
        assert moran([constant] * 4, ring).reason == "All places have the same value."
        assert np.isnan(grid_gi_star([[constant] * 4] * 4).z).all()
    gap = gi_star([1, None, 3, 4], ring)
    # The place beside both others has everything around it, and nothing to stand out from.
    assert np.isnan(gap.z[[1, 3]]).all() and gap.tests == 2
    assert gi_star([1, math.inf, 3, 4], ring).tests == 2
    assert moran([1, 2, 3], from_lists([[1], [0], []])).reason.startswith("There are 3 places")
    assert moran([1, 2, 3, 4], from_lists([[], [], [], []])).reason == "No place has a neighbour."
    assert general_g([-1, 2, 3, 4], ring).reason == "A value lies below zero."
    assert grid_gi_star(np.zeros((0, 5))).tests == 0
    assert emerging(np.zeros((5, 3, 3))).reason.startswith("Insufficient history")
    assert emerging(np.full((12, 3, 3), np.nan)).reason.startswith("Fewer than two cells")
    assert (emerging(np.zeros((12, 3, 3))).pattern == 0).all()
    assert np.isnan(grid_permuted_gi_star([[5.0]]).p_value).all()
    for wrong in (
        lambda: from_lists([[3]]),
        lambda: within([(0, 0)], 0),
        lambda: within([(0, math.nan)], 5),
        lambda: gi_star([1.0], ring),
        lambda: grid_gi_star([1.0, 2.0]),
        lambda: grid_gi_star([[1.0]], reach=0),
        lambda: emerging(np.zeros((3, 3))),
        lambda: permuted_gi_star([1.0] * 4, ring, draws=0),
        lambda: grid_permuted_gi_star([[math.nan, 1.0]]),
    ):
        with pytest.raises(ValueError):
            wrong()
