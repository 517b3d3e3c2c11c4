"""Maps: classes, patterns, outlines, the outlines that ship with the example."""

import importlib.util
import json
import re
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from frankpledge import charts
from frankpledge.charts import palette
from tests.unit.charts.conftest import Hidden, make_table, squares
from tests.unit.charts.test_line import beyond, overlaps

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "src/frankpledge/example/facts/outlines_lsoa2011.json"
COLUMNS = [("code", "Code"), ("area", "Area"), ("rate", "Per 1,000", "rate")]
_spec = importlib.util.spec_from_file_location("outlines_tool", ROOT / "tools/outlines.py")
assert _spec
assert _spec.loader
tool: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def county(shipped: dict[str, Any]) -> charts.Outlines:
    return charts.outlines(shipped)


def draw(values: list[Any], **more: Any) -> charts.Chart:
    names = [f"Area {i}" for i in range(len(values))]
    table = make_table(COLUMNS, [(f"k{i}", names[i], v) for i, v in enumerate(values)])
    return charts.choropleth(
        table=table, title="t", id_prefix="a", outlines=more.pop("outlines", squares(names)),
        key="code", name="area", value="rate", **more,
    )  # fmt: skip


def groups(svg: str) -> dict[str, str]:
    """Area name → fill, from the groups of the map."""
    found = {}
    for fill, body in re.findall(r'<g fill="([^"]+)"[^>]*>(.*?)</g>', svg):
        for name in re.findall(r"<title>([^:<]+):", body):
            found[name] = fill
    return found


def test_a_figure_on_a_break_belongs_to_the_class_above() -> None:
    fills = groups(draw([9.999, 10.0, 19.999, 20.0], breaks=[10, 20]).svg)
    assert fills["Area 1"] == fills["Area 2"]
    assert len({fills["Area 0"], fills["Area 1"], fills["Area 3"]}) == 3


def test_withheld_and_missing_have_patterns_of_their_own() -> None:
    svg = draw([5.0, 50.0, Hidden(3), None, 12.0, 25.0]).svg
    fills = groups(svg)
    assert fills["Area 2"].startswith("url(")
    assert fills["Area 3"].startswith("url(")
    assert fills["Area 2"] != fills["Area 3"]
    assert ">Withheld [c] (1)</text>" in svg
    assert ">No data (1)</text>" in svg
    assert "<title>Area 2: withheld</title>" in svg


def test_an_area_without_a_row_has_no_data_unless_it_is_outside() -> None:
    outlines = squares(["A", "B", "C"])
    plain = draw([5.0, 6.0], outlines=outlines)
    assert "1 area with no data." in plain.description
    outside = draw([5.0, 6.0], outlines=outlines, outside=["k2"])
    assert "no data" not in outside.description
    assert "2 areas." in outside.description
    assert ">Outside the area (1)</text>" in outside.svg


def test_classes_differ_in_lightness_and_in_pattern_from_their_neighbours() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for fills in palette.SEQUENCES.values():
        grounds = [lightness(fill.ground) for fill in fills]
        assert grounds == sorted(grounds, reverse=True)
        assert all(a - b > 20 for a, b in pairwise(grounds))
        patterns = [fill.pattern for fill in fills]
        assert all(a != b for a, b in pairwise(patterns))


def test_too_many_breaks_are_refused() -> None:
    with pytest.raises(ValueError, match="classes"):
        draw([1.0, 2.0], breaks=range(10))


def test_the_map_says_that_roads_are_not_shown() -> None:
    assert ">Roads are not shown.</text>" in draw([1.0, 2.0]).svg


def test_the_county_is_drawn_small_and_fast(county: charts.Outlines) -> None:
    values = [Hidden(3) if i % 40 == 0 else (i * 37) % 101 / 3 for i in range(len(county.keys))]
    table = make_table(
        COLUMNS,
        [(k, county.names[k], v) for k, v in zip(county.keys, values, strict=True)],
    )

    def once() -> tuple[charts.Chart, float]:
        start = time.process_time()
        chart = charts.choropleth(
            table=table, title="t", id_prefix="a", outlines=county, key="code", name="area",
            value="rate",
        )  # fmt: skip
        return chart, time.process_time() - start

    chart, _ = once()
    assert max(len(chart.svg), len(chart.svg_narrow)) < 300_000
    assert chart.svg.count("<title>") == len(county.keys)
    assert min(once()[1] for _ in range(5)) < 0.2


def test_districts_come_from_small_areas_without_slivers(county: charts.Outlines) -> None:
    district = {key: county.names[key][:-5] for key in county.keys}
    joined = charts.dissolve(county, district)
    assert len(joined.keys) == 13
    before, after = sum(s.area for s in county.shapes), sum(s.area for s in joined.shapes)
    assert abs(before - after) < before * 1e-4
    assert all(one.is_valid for one in joined.shapes)
    rings = sum(
        shapely.get_num_interior_rings(part) for s in joined.shapes for part in shapely.get_parts(s)
    )
    assert rings == 0
    table = make_table(COLUMNS, [(k, k, 10.0 + i) for i, k in enumerate(joined.keys)])
    chart = charts.choropleth(
        table=table, title="t", id_prefix="a", outlines=joined, key="code", name="area",
        value="rate",
    )  # fmt: skip
    for svg in (chart.svg, chart.svg_narrow):
        assert overlaps(svg) == []
        assert beyond(svg) == []


def test_dissolve_needs_something_to_join() -> None:
    with pytest.raises(ValueError, match="larger"):
        charts.dissolve(squares(["A"]), {})


def test_outlines_need_outlines() -> None:
    with pytest.raises(ValueError, match="no outlines"):
        charts.outlines({"features": [{"properties": {"code": "a"}, "geometry": None}]})


def test_an_invalid_outline_is_repaired() -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    made = charts.outlines({"features": [{"properties": {"code": "a"}, "geometry": bow}]})
    assert all(one.is_valid for one in made.shapes)
    assert made.names["a"] == "a"


def test_tiles_stand_where_they_are_put() -> None:
    table = make_table(
        COLUMNS, [("n", "North", 5.0), ("s", "South", Hidden(2)), ("e", "East", 9.0)]
    )
    chart = charts.tile_map(
        table=table, title="t", id_prefix="a", key="code", name="area", value="rate",
        positions={"n": (3, 1), "s": (3, 2), "e": (4, 1)},
    )  # fmt: skip
    corners = {
        name: (float(x), float(y))
        for x, y, name in re.findall(
            r'<rect x="([\d.]+)" y="([\d.]+)"[^>]*><title>(\w+):', chart.svg
        )
    }
    assert corners["North"][0] == corners["South"][0] < corners["East"][0]
    assert corners["North"][1] == corners["East"][1] < corners["South"][1]
    assert ">[c]</text>" in chart.svg


def test_the_shipped_outlines_are_whole_and_small(shipped: dict[str, Any]) -> None:
    assert SHIPPED.stat().st_size < 900_000
    assert "Crown copyright" in shipped["attribution"]
    assert "OGL" in shipped["attribution"] or "Open Government Licence" in shipped["attribution"]
    shapes = [shape(feature["geometry"]) for feature in shipped["features"]]
    assert len({feature["properties"]["code"] for feature in shipped["features"]}) == len(shapes)
    assert all(one.is_valid and one.area > 0 for one in shapes)
    assert shapely.coverage_is_valid(shapes)


def test_the_tool_keeps_shared_borders_and_names_what_is_absent(tmp_path: Path) -> None:
    def box(code: str, west: float) -> dict[str, Any]:
        edge = [[west, 0], [west + 1.0000004, 0], [west + 1, 1], [west, 1], [west, 0]]
        return {
            "properties": {"LSOA11CD": code, "LSOA11NM": f"Area {code}"},
            "geometry": {"type": "Polygon", "coordinates": [edge]},
        }

    source, codes, out = tmp_path / "in.geojson", tmp_path / "codes.txt", tmp_path / "out.json"
    source.write_text(json.dumps({"features": [box("B", 1), box("A", 0), box("C", 2)]}))
    codes.write_text("A\nB\n")
    assert tool.main([str(source), str(codes), str(out)]) == 0
    made = json.loads(out.read_text())
    assert [f["properties"]["code"] for f in made["features"]] == ["A", "B"]
    assert shapely.coverage_is_valid([shape(f["geometry"]) for f in made["features"]])
    codes.write_text("A\nX\n")
    assert tool.main([str(source), str(codes), str(out)]) == 1


def test_the_tool_keeps_an_area_that_another_encloses() -> None:
    ring = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    hole = [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]
    features = [
        {
            "properties": {"k": "outer", "n": "Outer"},
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring], [hole]]},
        },
        {
            "properties": {"k": "inner", "n": "Inner"},
            "geometry": {"type": "Polygon", "coordinates": [hole]},
        },
    ]
    made = tool.derive(features, ["outer", "inner"], key="k", name="n", tolerance=0.0, decimals=5)
    areas = {f["properties"]["code"]: shape(f["geometry"]).area for f in made["features"]}
    assert areas == {"inner": 1.0, "outer": 15.0}


def test_tiles_lie_as_the_areas_do_one_to_a_place(county: charts.Outlines) -> None:
    keys = county.keys[::90]
    found = charts.tile_positions(county, keys)
    assert set(found) == set(keys)
    assert len(set(found.values())) == len(keys)
    assert charts.tile_positions(county, keys) == found
    at = {k: shapely.centroid(s) for k, s in zip(county.keys, county.shapes, strict=True)}
    west, east = min(keys, key=lambda k: at[k].x), max(keys, key=lambda k: at[k].x)
    north, south = min(keys, key=lambda k: at[k].y), max(keys, key=lambda k: at[k].y)
    assert found[west][0] == min(column for column, _ in found.values())
    assert found[east][0] == max(column for column, _ in found.values())
    assert found[north][1] <= found[south][1]


def test_tiles_of_one_area_in_a_line_or_of_none() -> None:
    assert charts.tile_positions(squares(["A"]), ["k0"]) == {"k0": (0, 0)}
    assert charts.tile_positions(squares(["A"]), ["no"]) == {}
    row = charts.tile_positions(squares(["A", "B", "C"]))
    assert len(set(row.values())) == 3
