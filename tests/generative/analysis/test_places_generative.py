"""Density, concentration, accuracy and repeats, judged by slow references and by R."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.analysis.places.concentration import accuracy, curve, snapped_share
from frankpledge.analysis.places.density import Extent, binned, density, usual_bandwidth
from frankpledge.analysis.places.repeats import near_repeats

few = settings(max_examples=40, deadline=None)
KERNELS = ("quartic", "gaussian", "triweight", "epanechnikov", "uniform")
POINTS = st.lists(st.tuples(st.floats(-300, 1300), st.floats(-300, 1300)), min_size=1, max_size=8)
EXTENT = Extent.around(0, 0, 1000, 800, cell=100)


def height(apart, bandwidth, kernel):
    u = (apart / bandwidth) ** 2
    if kernel == "gaussian":
        return math.exp(-u / 2) / (2 * math.pi * bandwidth**2) if u <= 36 else 0.0
    power, volume = {
        "quartic": (2, 3),
        "triweight": (3, 4),
        "epanechnikov": (1, 2),
        "uniform": (0, 1),
    }[kernel]
    return volume / math.pi / bandwidth**2 * (1 - u) ** power if u <= 1 else 0.0


@few
@given(POINTS, st.sampled_from(KERNELS), st.sampled_from([60.0, 150.0, 333.0]))
def test_exact_density_is_kernel_by_kernel(points, kernel, bandwidth):
    x, y = zip(*points, strict=True)
    found = density(x, y, EXTENT, bandwidth=bandwidth, kernel=kernel, exact=True)
    across, up = EXTENT.centres
    for row in range(0, EXTENT.rows, 3):
        for column in range(0, EXTENT.columns, 3):
            wanted = sum(
                height(math.hypot(across[column] - a, up[row] - b), bandwidth, kernel)
                for a, b in points
            )
            assert found.values[row, column] == pytest.approx(wanted * 1e6, abs=1e-6)


@few
@given(POINTS)
def test_every_point_is_in_one_cell_outside_or_missing(points):
    x, y = (np.array(each) for each in zip(*points, strict=True))
    x[0] = math.nan
    counts, outside, missing = binned(x, y, EXTENT)
    assert counts.sum() + outside + missing == len(points) and missing == 1
    for row, column in np.argwhere(counts):
        held = (np.floor(x / 100) == column) & (np.floor(y / 100) == row)
        assert held.sum() == counts[row, column]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("exact", [False, True])
def test_a_surface_adds_up_to_its_events(kernel, exact):
    chance = np.random.default_rng(4)
    inside = chance.uniform(2000, 4000, (2, 300))
    wide = Extent.around(0, 0, 6000, 6000, cell=50)
    found = density(*inside, wide, bandwidth=200, kernel=kernel, exact=exact)
    assert found.total == pytest.approx(300, rel=0.02 if kernel == "uniform" and exact else 1e-3)
    assert (found.values >= 0).all()


def test_binned_and_exact_differ_as_said():
    chance = np.random.default_rng(9)
    x, y = chance.normal(3000, 500, (2, 4000))
    wide = Extent.around(0, 0, 6000, 6000, cell=100)
    quick, exact = (density(x, y, wide, bandwidth=500, exact=each) for each in (False, True))
    peak = exact.values.max()
    assert np.abs(quick.values - exact.values).max() < 0.02 * peak
    threads = density(np.tile(x, 200), np.tile(y, 200), wide, bandwidth=500)
    assert np.allclose(threads.values, 200 * quick.values, rtol=1e-9, atol=1e-9)


@pytest.mark.data
def test_kernels_agree_with_r(data_dir):
    oracles = json.loads((data_dir / "reference/oracles_R.json").read_text())
    wanted = oracles["kde_gauss"]
    x, y = np.array(wanted["points"]).T

    def at(a, b, **how):
        spot = Extent(a - 25, b - 25, 1, 1, 50)
        return density(x, y, spot, exact=True, **how).values[0, 0] / 1e6

    for column in range(0, 11, 2):
        for row in range(0, 11, 3):
            made = at(
                wanted["grid_x"][column],
                wanted["grid_y"][row],
                bandwidth=wanted["sd"],
                kernel="gaussian",
            )
            theirs = wanted["density_xy"][column][row] * len(x)
            # Beyond six standard deviations ours is nothing.
            assert made == pytest.approx(theirs, rel=1e-9, abs=1e-10)
    scale = {"quartic": 3, "triweight": 4, "epanechnikov": 2, "uniform": 1}
    compact = oracles["kde_compact"]
    for kernel, volume in scale.items():
        made = [at(*spot, bandwidth=250, kernel=kernel) for spot in compact["grid"]]
        unit = math.pi * 250**2 / volume
        assert [each * unit for each in made] == pytest.approx(
            compact[kernel]["unscaled"], rel=1e-9
        )


@few
@given(st.lists(st.integers(0, 30), min_size=2, max_size=12))
def test_a_curve_rises_and_its_gini_lies_between(counts):
    found = curve(counts)
    if sum(counts) < 2:  # one event lies in one place, however even
        assert found.gini is None
        return
    assert list(found.events) == sorted(found.events) and found.events[-1] == pytest.approx(1)
    assert 0 <= found.gini <= 1
    moved = sorted(counts)
    moved[-1] += moved[0]
    moved[0] = 0
    assert curve(moved).gini >= found.gini - 1e-9


@few
@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 20), st.sampled_from([1.0, 2.0, 5.0])),
        min_size=1,
        max_size=8,
    )
)
def test_no_map_beats_the_best_one(places):
    marked, later, areas = zip(*places, strict=True)
    found = accuracy(marked, later, areas)
    if found.reason:
        assert not any(marked) or not sum(later)
        return
    assert found.pai <= found.best_pai * (1 + 1e-9) and 0 <= found.pei <= 1 + 1e-9


def test_planted_repeats_are_found_and_chance_is_not():
    chance = np.random.default_rng(1)
    x, y = chance.uniform(0, 20_000, (2, 400))
    days = chance.uniform(0, 365, 400)
    bands = {"distances": [200, 400], "times": [7, 14], "deals": 199}
    assert (near_repeats(x, y, days, **bands).raised > 0.01).all()
    near = np.concatenate([x, x[:60] + 30]), np.concatenate([y, y[:60] + 20])
    found = near_repeats(*near, np.concatenate([days, days[:60] + 3]), **bands)
    assert found.observed[0, 0] >= 60 and found.raised[0, 0] < 0.05 and found.ratio[0, 0] > 5


@pytest.mark.data
def test_published_points_are_seen_to_be_snapped(data_dir):
    import io
    import zipfile

    import polars as pl

    with zipfile.ZipFile(data_dir / "police/kent-street-2025.zip") as opened:
        name = sorted(opened.namelist())[0]
        rows = pl.read_csv(io.BytesIO(opened.read(name)), infer_schema_length=0)
    place = rows.select(pl.col("Longitude", "Latitude").cast(pl.Float64, strict=False)).to_numpy()
    assert snapped_share(place[:, 0], place[:, 1]) > 0.7
    found = near_repeats(
        place[:, 0] * 1e5, place[:, 1] * 1e5, np.zeros(len(place)), distances=[1], times=[1]
    )
    assert "snapped" in found.reason


def test_stated_answers_to_nothing_and_to_too_much():
    empty = density([], [], EXTENT, bandwidth=200)
    assert empty.total == 0 and empty.points == 0
    far = density([1e9, math.nan, 500], [0, 5, 400], EXTENT, bandwidth=200)
    assert (far.points, far.outside, far.missing) == (1, 1, 1)
    weighed = density([500, 500], [400, 400], EXTENT, bandwidth=200, weights=[1, 3])
    assert weighed.total == pytest.approx(4)
    assert usual_bandwidth([1], [1]) is None and usual_bandwidth([1, 1], [2, 2]) is None
    assert usual_bandwidth(range(100), range(100)) == pytest.approx(48.97, abs=0.01)
    assert snapped_share([], []) is None and snapped_share([1, 1, 2], [1, 1, 2]) == 2 / 3
    assert curve([]).gini is None and curve([5]).gini is None
    assert accuracy([], []).reason == "No place was marked."
    for wrong in (
        lambda: Extent.around(0, 0, 1e9, 1e9, cell=1),
        lambda: Extent.around(5, 0, 1, 1, cell=1),
        lambda: Extent.around(0, 0, math.nan, 1, cell=1),
        lambda: density([1], [1, 2], EXTENT, bandwidth=200),
        lambda: density([1], [1], EXTENT, bandwidth=10),
        lambda: density([1], [1], EXTENT, bandwidth=200, weights=[1, 2]),
        lambda: curve([1, None]),
        lambda: accuracy([True], [1, 2]),
        lambda: accuracy([True], [-1]),
        lambda: accuracy([True], [1], [0]),
        lambda: near_repeats([1], [1], [1, 2], distances=[1], times=[1]),
        lambda: near_repeats([1], [1], [1], distances=[2, 1], times=[1]),
        lambda: near_repeats([1], [1], [1], distances=[], times=[1]),
        lambda: near_repeats(
            np.arange(7000.0), np.zeros(7000), np.zeros(7000), distances=[1e6], times=[1]
        ),
    ):
        with pytest.raises(ValueError):
            wrong()
