"""Points into areas and cells: the fast ways judged by fractions, by shapely and by loops."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from frankpledge.analysis.areas import AreaIndex
from frankpledge.analysis.dense import dense_counts
from frankpledge.analysis.grids import cells_of, hexagon_cells, hexagon_centres, square_cells
from tests.generative.analysis import areas_reference as reference

some = settings(max_examples=40, deadline=None)
# Few values, so that corners, edges and points coincide; thirds, so that they just miss.
lattice = st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0, 1 / 3, 2.1, 3.7])
corner = st.tuples(lattice, lattice)
offsets = st.sampled_from([(0.0, 0.0), (546_000.1, 115_000.3), (-0.7, 51.2), (1e-9, -1e9)])


def rings_of(shape):
    return [
        list(ring.coords)
        for part in shapely.get_parts(shape)
        for ring in (part.exterior, *part.interiors)
        if not part.is_empty
    ]


@st.composite
def outlines(draw):
    """Valid polygons that touch, overlap and have holes, somewhere on the plane."""
    east, north = draw(offsets)
    shapes = []
    for corners in draw(st.lists(st.lists(corner, min_size=3, max_size=7), min_size=1, max_size=4)):
        shape = shapely.Polygon([(x + east, y + north) for x, y in corners])
        if not shape.is_valid:
            shape = shape.convex_hull
        if isinstance(shape, shapely.Polygon) and shape.is_valid and shape.area:
            shapes.append(shape)
    assume(shapes)
    if len(shapes) > 1 and draw(st.booleans()):
        holed = shapes[0].difference(shapes[1])
        if holed.is_valid and holed.geom_type in ("Polygon", "MultiPolygon"):
            shapes[0] = holed
    return shapes


def tricky(shapes):
    """Corners, middles and thirds of edges, and the numbers next to them."""
    points = [np.zeros((1, 2))]
    for shape in shapes:
        for ring in rings_of(shape):
            corners = np.array(ring)
            points += [corners, (corners[1:] + corners[:-1]) / 2]
            points += [corners[1:] + (corners[:-1] - corners[1:]) / 3]
    around = np.vstack(points)
    beside = [np.nextafter(around, way) for way in (-np.inf, np.inf)]
    mixed = np.column_stack([beside[0][:, 0], beside[1][:, 1]])
    near = around + np.array([1e-9, -1e-9])
    return np.vstack([around, *beside, mixed, near])


def first_by_shapely(shapes, x, y):
    held = np.array([shapely.intersects_xy(shape, x, y) for shape in shapes])
    return np.where(held.any(axis=0), held.argmax(axis=0), -1)


@some
@given(shapes=outlines(), cell=st.sampled_from([None, 0.1, 0.5, 0.7, 1.0, 50.0]))
def test_every_point_has_the_area_that_fractions_and_shapely_give(shapes, cell):
    codes = [f"A{i}" for i in range(len(shapes))]
    index = AreaIndex.build(shapes, codes, cell=cell)
    x, y = tricky(shapes).T
    by_numba = index.assign(x, y, engine="numba")
    np.testing.assert_array_equal(by_numba, index.assign(x, y, engine="shapely"))
    np.testing.assert_array_equal(by_numba, first_by_shapely(shapes, x, y))
    areas = [rings_of(shape) for shape in shapes]
    few = range(0, len(x), max(1, len(x) // 60))
    expected = [reference.area_of(areas, (x[i], y[i])) for i in few]
    assert by_numba[list(few)].tolist() == expected


metres = st.floats(-700_000, 1_300_000)


@some
@given(
    points=st.lists(st.tuples(metres, metres), min_size=1, max_size=40),
    size=st.sampled_from([1.0, 250.0, 333.3, 5000.0]),
    origin=st.sampled_from([(0.0, 0.0), (125.0, 125.0), (-0.1, 7.3)]),
)
def test_a_hexagon_is_the_one_with_the_nearest_centre(points, size, origin):
    x, y = np.array(points).T
    ids = hexagon_cells(x, y, size=size, origin=origin)
    centres = hexagon_centres(ids, size=size, origin=origin)
    for i, (column, row) in enumerate(zip(*cells_of(ids), strict=True)):
        best, *expected = reference.nearest_hexagon(x[i], y[i], size, origin)
        distance = ((x[i] - centres[i, 0]) ** 2 + (y[i] - centres[i, 1]) ** 2) / size**2
        # Two centres at one distance differ by the last digits only.
        assert [column, row] == expected or abs(distance - best) < 1e-7


@some
@given(
    points=st.lists(st.tuples(metres, metres), min_size=1, max_size=40),
    size=st.sampled_from([1.0, 250.0, 333.3]),
)
def test_squares_are_whole_parts(points, size):
    x, y = np.array(points).T
    column, row = cells_of(square_cells(x, y, size=size))
    expected = [(a / size // 1, b / size // 1) for a, b in points]
    assert list(zip(column, row, strict=True)) == expected


@settings(max_examples=15, deadline=None)
@given(
    rows=st.lists(
        st.tuples(*[st.one_of(st.none(), st.integers(-2, 5))] * 2, st.integers(-2, 5)), max_size=40
    ),
    group=st.integers(1, 50),
    kind=st.sampled_from([pa.int8(), pa.int16(), pa.int64()]),
)
def test_dense_counts_are_counted_one_by_one(tmp_path_factory, rows, group, kind):
    path = tmp_path_factory.mktemp("dense") / "rows.parquet"
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    keys = {"month": 3, "area": 4, "category": 2}
    table = pa.table({n: pa.array(c, kind) for n, c in zip(keys, columns, strict=True)})
    pq.write_table(table, path, row_group_size=group)
    counts, left_out = reference.counted(rows, keys.values())
    for engine in ("numba", "numpy"):
        found = dense_counts([path], keys=keys, engine=engine)
        assert found.left_out == left_out
        assert {k: n for k, n in np.ndenumerate(found.counts) if n} == counts
