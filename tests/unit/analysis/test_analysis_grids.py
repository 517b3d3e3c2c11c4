import numpy as np
import pytest
import shapely

from frankpledge.analysis import grids

KINDS = {
    "squares": (grids.square_cells, grids.square_centres, grids.square_outlines),
    "hexagons": (grids.hexagon_cells, grids.hexagon_centres, grids.hexagon_outlines),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("origin", grids.two_origins(size=500))
def test_outlines_hold_their_points_and_cover_the_ground_once(kind, origin):
    cells, centres, outlines = KINDS[kind]
    chance = np.random.default_rng(1)
    x, y = 546_000 + chance.uniform(0, 9_000, 4_000), 115_000 + chance.uniform(0, 7_000, 4_000)
    ids = cells(x, y, size=500, origin=origin)
    shapes = outlines(ids, size=500, origin=origin)
    assert shapely.intersects_xy(shapely.buffer(shapes, 1e-6), x, y).all()
    known, counts = grids.cell_counts(ids)
    assert counts.sum() == 4_000
    drawn = outlines(known, size=500, origin=origin)
    ground = 500**2 * (1 if kind == "squares" else 3**0.5 / 2)
    assert shapely.area(drawn) == pytest.approx(ground)
    assert shapely.union_all(drawn, grid_size=1e-3).area == pytest.approx(ground * len(known))
    np.testing.assert_array_equal(
        cells(*centres(known, size=500, origin=origin).T, size=500, origin=origin), known
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_point_in_a_run_of_its_own_has_the_same_cell(kind):
    cells = KINDS[kind][0]
    x, y = np.random.default_rng(2).uniform(0, 700_000, (2, 200_000))
    ids = cells(x, y, size=250)
    alone = [int(cells(x[i : i + 1], y[i : i + 1], size=250)[0]) for i in range(0, 200_000, 9_999)]
    assert alone == ids[::9_999].tolist()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("x", "y", "none"),
    [
        ([], [], 0),
        ([1.0], [1.0], 0),
        ([np.nan, 1.0], [1.0, np.nan], 2),
        ([np.inf, -np.inf], [0.0, 0.0], 2),
        ([1e12, 1e308, -1e308], [0.0, 0.0, 1e308], 3),
        ([None, 5], [5, 5], 1),
    ],
)
def test_points_without_a_cell(kind, x, y, none):
    ids = KINDS[kind][0](np.array(x, float), np.array(y, float), size=250)
    assert (ids == grids.NO_CELL).sum() == none
    assert grids.cell_counts(ids)[1].sum() == len(x) - none


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [0, -1, np.nan, np.inf])
def test_a_size_that_is_none_is_refused(kind, size):
    for job in KINDS[kind]:
        arguments = ([1], [1]) if job is KINDS[kind][0] else ([1],)
        with pytest.raises(ValueError, match="metres above zero"):
            job(*arguments, size=size)


def test_what_else_is_refused():
    with pytest.raises(ValueError, match="origin"):
        grids.square_cells([1], [1], size=1, origin=(np.nan, 0))
    with pytest.raises(ValueError, match="one x for each y"):
        grids.hexagon_cells([1, 2], [1], size=1)
    with pytest.raises(ValueError, match="below zero"):
        grids.cells_of([grids.NO_CELL])
    with pytest.raises(ValueError, match="one latitude"):
        grids.british_national_grid([1, 2], [51])


def test_degrees_become_metres_as_the_ordnance_survey_gives_them():
    """Test points of OSTN15; without its grid file pyproj is within 5 m of them."""
    found = grids.british_national_grid(
        [-6.29977752014, -0.11992557180, -4.10864563561],
        [49.92226393730, 51.48936564950, 50.43885825610],
    )
    expected = [91492.146, 530624.974, 250359.811], [11318.804, 178388.464, 62016.569]
    np.testing.assert_allclose(found, expected, atol=5)
    nowhere = grids.british_national_grid([np.nan, np.inf, 500.0], [51.0, 51.0, -91.0])
    assert not np.isfinite(nowhere).any()
    assert grids.british_national_grid([], [])[0].shape == (0,)
