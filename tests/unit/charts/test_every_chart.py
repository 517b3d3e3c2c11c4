"""What holds for every chart and map, whatever it is given."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
import typst
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frankpledge import charts
from frankpledge.documents.settle import check_svg
from tests.unit.charts.conftest import EVERY, Draw, Hidden, table_of
from tests.unit.charts.test_line import beyond, overlaps

NAMES = ["Ash", "Beech", "Cedar", "Dogwood", "Elm", "Fir"]
VALUES = [120, 45, 300, 8, 77, 51]
SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "g", "defs", "path", "rect", "circle", "text", "title", "desc", "pattern"}


def both(chart: charts.Chart) -> list[str]:
    return [chart.svg, chart.svg_narrow]


def check(chart: charts.Chart) -> None:
    """Parses, names itself, holds nothing active, and its ids are its own."""
    seen: set[str] = set()
    for svg in both(chart):
        root = ET.fromstring(svg)
        assert root.get("role") == "img"
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        assert not seen & set(ids)
        seen |= set(ids)
        title, desc = root[0], root[1]
        assert (title.tag, desc.tag) == (f"{SVG}title", f"{SVG}desc")
        assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
        assert title.text == chart.title or not chart.title
        assert desc.text == chart.description
        for element in root.iter():
            assert element.tag.removeprefix(SVG) in ALLOWED
            for name, value in element.attrib.items():
                assert name not in {"style", "class", "href"}
                assert not name.startswith("on")
                assert "nan" not in value.lower() or name == "id"
        for used in re.findall(r"url\(#([^)]+)\)", svg):
            assert used in ids
        check_svg(svg, "chart")


def test_is_well_formed_and_inert(draw: Draw) -> None:
    chart = draw(table_of(NAMES, VALUES))
    check(chart)
    assert chart.title == "A finding"
    assert chart.table.title == "Table"
    assert 'viewBox="0 0 680.0' in chart.svg
    assert 'viewBox="0 0 343.0' in chart.svg_narrow


def test_the_narrow_drawing_is_laid_out_not_shrunk(draw: Draw) -> None:
    chart = draw(table_of(NAMES, VALUES))
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', chart.svg_narrow)]
    assert min(sizes) >= 13
    assert "scale(.5" not in chart.svg_narrow


def test_a_suppressed_value_leaves_no_trace(draw: Draw) -> None:
    def with_secret(secret: float) -> charts.Chart:
        values: list[Any] = [120, Hidden(secret), 300, 8, Hidden(secret * 2), 51]
        return draw(table_of(NAMES, values))

    one, other = with_secret(4321.5), with_secret(2.25)
    assert one.svg == other.svg
    assert one.svg_narrow == other.svg_narrow
    assert one.description == other.description
    for text in (*both(one), one.description):
        assert "4,321" not in text
        assert "4321" not in text
        assert "8643" not in text
    assert "withheld" in one.description
    assert "[c] withheld so that nobody can be identified." in one.svg


def test_one_hidden_side_hides_what_would_tell_it(draw: Draw) -> None:
    """A hidden figure beside shown limits: the chart of one secret is that of any other."""

    def with_secret(secret: float) -> charts.Chart:
        table = table_of(NAMES, VALUES)
        rows = [list(row) for row in table.rows]
        hidden = table_of(["x"], [Hidden(secret)]).rows[0][3]
        rows[2][3] = hidden
        changed = table_of(NAMES, VALUES)
        object.__setattr__(changed, "rows", tuple(tuple(row) for row in rows))
        return draw(changed)

    assert both(with_secret(300.0)) == both(with_secret(4.0))


@pytest.mark.parametrize(
    "values",
    [
        [],
        [7],
        [0, 0, 0],
        [None, None, None],
        [Hidden(3), Hidden(4)],
        [-5, -50, 12],
        [-5, -5],
        [1e99, 3, -1e99],
        [10**400, 5],
        [0.00001, 0.00002, 0.5],
        [float("inf"), float("nan"), 4],
        [5, 5, 5, 5],
        list(range(60)),
    ],
    ids=lambda values: f"{len(values)} values from {str(values[:1])[:20]}",
)
def test_odd_figures_are_drawn(draw: Draw, values: list[Any]) -> None:
    values = [v if not isinstance(v, int) or abs(v) < 10**300 else float("inf") for v in values]
    check(draw(table_of([f"Place {i}" for i in range(len(values))], values)))


def test_enormous_whole_numbers_do_not_overflow(draw: Draw) -> None:
    table = table_of(NAMES, VALUES)
    rows = [list(row) for row in table.rows]
    big = table_of(["x"], [3]).rows[0][3]
    rows[0][3] = type(big)(10**400, big.status, "1" + "0" * 400)
    object.__setattr__(table, "rows", tuple(tuple(row) for row in rows))
    check(draw(table))


@pytest.mark.parametrize("kind", sorted(set(EVERY) - {"map"}))
def test_nothing_to_show_is_said(kind: str) -> None:
    empty = EVERY[kind](table_of([], []), title="t", id_prefix="a")
    assert "There are no figures to show." in empty.svg


def test_a_map_of_nothing_still_shows_the_areas() -> None:
    empty = EVERY["map"](table_of([], []), title="t", id_prefix="a")
    assert ">No data (1)</text>" in empty.svg


def test_synthetic_data_is_marked_in_picture_and_words(draw: Draw) -> None:
    chart = draw(table_of(NAMES, VALUES, synthetic=True))
    assert chart.description.startswith("Synthetic data.")
    for svg in both(chart):
        assert ">Synthetic data: made up" in svg
    assert "Synthetic" not in draw(table_of(NAMES, VALUES)).svg


def test_alone_it_carries_title_and_source(draw: Draw) -> None:
    chart = draw(table_of(NAMES, VALUES), standalone=True)
    check(chart)
    assert ">A finding</text>" in chart.svg
    assert ">Source: A source</text>" in chart.svg


def test_many_charts_on_a_page_share_no_id(draw: Draw) -> None:
    one = draw(table_of(NAMES, VALUES), id_prefix="a")
    two = draw(table_of(NAMES, VALUES), id_prefix="b")
    ids = [re.findall(r'id="([^"]+)"', "".join(both(chart))) for chart in (one, two)]
    assert not set(ids[0]) & set(ids[1])


@pytest.mark.parametrize("prefix", ["", "1a", 'a"b', "a b", "a\n", "é"])
def test_a_prefix_that_is_no_id_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="id_prefix"):
        EVERY["bars"](table_of(NAMES, VALUES), title="t", id_prefix=prefix)


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(KeyError, match="nothing"):
        charts.bars(
            table=table_of(NAMES, VALUES), title="t", id_prefix="a", label="name", value="nothing"
        )


HOSTILE = st.text(max_size=80) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><g onload="x()">',
        "]]>",
        "&lt;&amp;&#x0;",
        "\x00\x0b\ufffe\x7f",
        "\u202eevil\u202c",
        "W" * 500,
        "Long words that go on " * 30,
        "漢字" * 40,
        "a\nb\tc",
    ]
)
FIGURE = (
    st.none()
    | st.integers(-(10**6), 10**6)
    | st.floats(-1e12, 1e12)
    | st.floats(1, 4).map(Hidden)
    | st.sampled_from([1e90, -1e90, 1e-12, 0.0])
)


@pytest.mark.parametrize("kind", sorted(EVERY))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(HOSTILE, FIGURE), max_size=16),
    title=HOSTILE | st.just("half \ud800 a character"),
)
def test_hostile_names_and_figures(kind: str, rows: list[tuple[str, Any]], title: str) -> None:
    names, values = [name for name, _ in rows], [value for _, value in rows]
    chart = EVERY[kind](table_of(names, values), title=title, id_prefix="t")
    check(chart)
    for svg in both(chart):
        assert "<script" not in svg
        assert "\u202e" not in svg
        # No label is wider than the page it stands on.
        assert max(map(len, re.findall(r"<text[^>]*>([^<]*)</text>", svg)), default=0) < 900


NAMED = st.sampled_from(
    [
        "Thanet",
        "Tonbridge and Malling",
        "Folkestone and Hythe with a long addition about the area",
        "Supercalifragilisticexpialidociousness",
        "Violence and sexual offences",
        "A",
    ]
)
SIZED = st.none() | st.just(Hidden(3)) | st.integers(0, 10**7) | st.floats(-500, 9e5)


@pytest.mark.parametrize("kind", sorted(EVERY))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.tuples(NAMED, SIZED), min_size=1, max_size=24))
def test_labels_neither_meet_nor_leave_the_page(kind: str, rows: list[tuple[str, Any]]) -> None:
    table = table_of([f"{name} {i}" for i, (name, _) in enumerate(rows)], [v for _, v in rows])
    chart = EVERY[kind](table, title="A finding", id_prefix="t", standalone=True)
    for svg in both(chart):
        assert overlaps(svg) == []
        assert beyond(svg) == []


def test_typst_compiles_every_chart(draw: Draw) -> None:
    chart = draw(table_of(NAMES, [120, Hidden(3), 300, None, 77, 51]))
    for svg in both(chart):
        made = typst.compile(
            b'#set page(width: auto, height: auto)\n#image(bytes(sys.inputs.svg), format: "svg")',
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"svg": svg},
        )
        assert isinstance(made, bytes)
        assert made.startswith(b"%PDF")


def test_png_has_the_width_asked_for() -> None:
    chart = EVERY["bars"](table_of(NAMES, VALUES), title="t", id_prefix="a")
    made = charts.png(chart.svg, width_px=1000)
    assert made.startswith(b"\x89PNG")
    assert abs(int.from_bytes(made[16:20], "big") - 1000) <= 1


@pytest.mark.parametrize("width", [0, 20_000])
def test_png_of_no_size_is_refused(width: int) -> None:
    chart = EVERY["bars"](table_of(NAMES, VALUES), title="t", id_prefix="a")
    with pytest.raises(ValueError, match="pixels"):
        charts.png(chart.svg, width_px=width)


def test_png_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="not a chart"):
        charts.png("<html/>", width_px=100)
