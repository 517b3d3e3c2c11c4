import csv
import io
import json
import sys
import zipfile

import numpy as np
import pytest
import shapely

from frankpledge.analysis.areas import AreaIndex

BOX = shapely.box


def built(*shapes, **options):
    return AreaIndex.build(shapes, [f"A{i}" for i in range(len(shapes))], **options)


@pytest.mark.parametrize("engine", ["numba", "shapely"])
@pytest.mark.parametrize(
    ("shapes", "points", "expected"),
    [
        ([], [(1, 1)], [-1]),
        ([shapely.Polygon()], [(1, 1)], [-1]),
        ([BOX(0, 0, 1, 1)], [(1, 1), (0.5, 0.5), (1.5, 0.5), (0.5, 2)], [0, 0, -1, -1]),
        ([BOX(0, 0, 1, 1)], [(np.nan, 1), (0, np.inf), (1e308, -1e308)], [-1, -1, -1]),
        (
            [BOX(0, 0, 2, 2), BOX(1, 1, 3, 3), BOX(0, 0, 9, 9)],
            [(2, 2), (2.5, 2), (5, 5)],
            [0, 1, 2],
        ),
        ([BOX(-1e200, -1, 1e200, 1), BOX(0, 0, 3e200, 9)], [(1e199, 0.5), (2e200, 5)], [0, 1]),
        ([BOX(0, 0, 1e-200, 1e-200)], [(5e-201, 5e-201), (1e-199, 0)], [0, -1]),
        ([BOX(5e5, 5e5, 5e5 + 1e-9, 5e5 + 1e-9)], [(5e5, 5e5), (5e5, 500000.1)], [0, -1]),
        (
            # Cut in two at the antimeridian.
            [shapely.union(BOX(179, -1, 180, 1), BOX(-180, -1, -179, 1)), BOX(170, -1, 179, 1)],
            [(179.5, 0), (-179.5, 0), (180, 0), (179, 0), (175, 0), (0, 0)],
            [0, 0, 0, 0, 1, -1],
        ),
    ],
)
def test_points_of_every_kind(shapes, points, expected, engine):
    index = built(*shapes)
    assert index.assign(*np.array(points, float).T, engine=engine).tolist() == expected


def test_no_points():
    assert built(BOX(0, 0, 1, 1)).assign([], []).dtype == np.int32


def test_points_without_an_area_are_counted():
    found = built(BOX(0, 0, 1, 1)).locate([0.5, 5, np.nan, np.inf, 0.5], [0.5, 5, 1, 1, -np.inf])
    assert found.positions.tolist() == [0, -1, -1, -1, -1]
    assert (found.nowhere, found.unreadable) == (1, 3)


def test_positions_are_those_of_the_codes_sorted():
    index = AreaIndex.build([BOX(0, 0, 1, 1), BOX(1, 0, 2, 1)], ["Z", "B"])
    assert index.codes == ("B", "Z")
    assert index.assign([0.5, 1, 1.5], [0.5, 0.5, 0.5]).tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("shapes", "codes", "said"),
    [
        ([BOX(0, 0, 1, 1)], [], "one each"),
        ([BOX(0, 0, 1, 1)] * 2, ["A", "A"], "A comes twice"),
        ([None], ["A"], "A is nothing"),
        ([shapely.Point(0, 0)], ["A"], "A is Point"),
        ([shapely.Polygon([(0, 0), (1, np.nan), (1, 1)])], ["A"], "no number"),
        ([shapely.Polygon([(0, 0), (1, np.inf), (1, 1)])], ["A"], "no number"),
    ],
)
def test_areas_that_are_refused(shapes, codes, said):
    with pytest.raises(ValueError, match=said):
        AreaIndex.build(shapes, codes)


@pytest.mark.parametrize("cell", [0, -1, np.nan, np.inf, 1e-9])
def test_a_cell_that_is_refused(cell):
    with pytest.raises(ValueError, match=r"[Cc]ell"):
        built(BOX(0, 0, 1, 1), cell=cell)


def test_points_that_are_refused():
    with pytest.raises(ValueError, match="one x for each y"):
        built(BOX(0, 0, 1, 1)).assign([1, 2], [1])


def test_without_the_extra_shapely_answers(monkeypatch):
    monkeypatch.setitem(sys.modules, "frankpledge.analysis.areas.fast", None)
    monkeypatch.delattr("frankpledge.analysis.areas.fast", raising=False)
    index = built(BOX(0, 0, 1, 1))
    assert index.assign([0.5], [0.5]).tolist() == [0]
    with pytest.raises(ImportError):
        index.assign([0.5], [0.5], engine="numba")


def test_ten_thousand_areas():
    west, south = (a.ravel() for a in np.meshgrid(np.arange(100.0), np.arange(100.0)))
    index = AreaIndex.build(
        shapely.box(west, south, west + 1, south + 1), [f"{i:05}" for i in range(10_000)]
    )
    found = index.assign(west + 0.5, south + 0.5)
    assert found.tolist() == list(range(10_000))
    corners = index.assign(west + 1, south + 1)
    np.testing.assert_array_equal(corners, found)
    assert index.bytes < 150e6


def outlines(path, code):
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    shapes = [shapely.geometry.shape(f["geometry"]) for f in features]
    return shapes, [f["properties"][code] for f in features]


def finer(data_dir):
    """The LSOAs of 2011 on their finer boundaries."""
    shapes, codes = [], []
    for path in sorted((data_dir / "geo/uk_geojson_2011").glob("lsoa_by_lad_*.json")):
        more, names = outlines(path, "LSOA11CD")
        shapes += more
        codes += names
    return AreaIndex.build(shapes, codes)


def simplified(data_dir):
    return AreaIndex.build(*outlines(data_dir / "geo/kent_medway_lsoa2011.geojson", "lsoa11_code"))


def street(data_dir, name):
    """Longitude, latitude and LSOA of the rows that have all three."""
    rows = []
    with zipfile.ZipFile(data_dir / "police" / name) as archive:
        for member in archive.namelist():
            if member.endswith("-street.csv"):
                with archive.open(member) as file:
                    rows += [
                        (row["Longitude"], row["Latitude"], row["LSOA code"])
                        for row in csv.DictReader(io.TextIOWrapper(file, "utf-8"))
                        if row["Longitude"] and row["LSOA code"]
                    ]
    longitude, latitude, code = zip(*rows, strict=True)
    return np.array(longitude, float), np.array(latitude, float), np.array(code)


@pytest.mark.data
@pytest.mark.parametrize(("areas", "share"), [(finer, 0.96), (simplified, 0.87)])
def test_a_force_s_own_rows_agree_as_far_as_the_outlines_do(data_dir, areas, share):
    index = areas(data_dir)
    x, y, own = street(data_dir, "kent-street-2018-10_2019-02.zip")
    found = index.assign(x, y)
    np.testing.assert_array_equal(found, index.assign(x, y, engine="shapely"))
    codes = np.append(index.codes, "")
    assert (codes[found] == own).mean() == pytest.approx(share, abs=0.01)


@pytest.mark.data
def test_two_outlines_that_cross_themselves_are_repaired_and_named(data_dir):
    index = finer(data_dir)
    assert len(index.repaired) == 2
    assert all("Self-intersection" in reason for _, reason in index.repaired)


@pytest.mark.data
@pytest.mark.parametrize("areas", [finer, simplified])
def test_corners_and_edges_of_real_outlines_are_shapely_s(data_dir, areas):
    index = areas(data_dir)
    corners = shapely.get_coordinates(index.polygons)
    middles = (corners[1:] + corners[:-1]) / 2
    aside = np.random.default_rng(3).uniform(-1e-9, 1e-9, corners.shape)
    x, y = np.vstack([corners, middles, corners + aside, middles + aside[1:]])[::3].T
    pairs = shapely.STRtree(index.polygons).query(shapely.points(x, y), predicate="intersects")
    first = np.full(len(x), len(index.codes))
    np.minimum.at(first, *pairs)
    expected = np.where(first < len(index.codes), first, -1)
    np.testing.assert_array_equal(index.assign(x, y, engine="numba"), expected)
    np.testing.assert_array_equal(index.assign(x, y, engine="shapely"), expected)
