"""Bars, dots, slopes, funnels, small multiples."""

import re

from frankpledge import charts
from tests.unit.charts.conftest import Hidden, make_table
from tests.unit.charts.test_line import beyond, overlaps

COLUMNS = [("d", "District"), ("n", "This year", "count"), ("b", "Last year", "number")]
ROWS = [
    ("Ash", 5, 6), ("The rest", 900, 3), ("Cedar", Hidden(7), 3), ("Beech", Hidden(1), 3),
    ("Elm", None, 4), ("Fir", 30, Hidden(2)), ("Tonbridge and Malling on the Weald", 12, 13),
]  # fmt: skip


def names_in_order(svg: str, names: list[str]) -> list[str]:
    found = re.findall(r">([^<>]+)</text>", svg)
    return [text for text in found if text in names]


def test_bars_are_sorted_and_the_hidden_stand_by_name() -> None:
    chart = charts.bars(
        table=make_table(COLUMNS, ROWS), title="t", id_prefix="a", label="d", value="n",
        last=["The rest"],
    )  # fmt: skip
    names = ["Fir", "Ash", "Beech", "Cedar", "Elm", "The rest"]
    assert names_in_order(chart.svg, names) == names
    assert chart.svg.count(">[c]</text>") == 2
    assert ">no data</text>" in chart.svg


def test_figures_share_one_right_edge() -> None:
    chart = charts.bars(
        table=make_table(COLUMNS, ROWS), title="t", id_prefix="a", label="d", value="n", compare="b"
    )
    edges = {
        x
        for x, text in re.findall(
            r'<text x="([\d.]+)"[^>]*text-anchor="end"[^>]*>([^<]*)<', chart.svg
        )
        if re.fullmatch(r"[\d,]+|\[c\]|no data", text)
    }
    assert len(edges) == 2


def test_bar_lengths_are_in_proportion() -> None:
    table = make_table([("d", "D"), ("n", "N", "count")], [("A", 100), ("B", 50), ("C", 0)])
    svg = charts.bars(table=table, title="t", id_prefix="a", label="d", value="n").svg
    long, half, none = [
        float(w) for w in re.findall(r'<rect [^>]*?width="([\d.]+)"[^>]*fill="#12436D"', svg)
    ]
    assert abs(long - 2 * half) < 0.2
    assert none == 0


def test_negative_figures_go_the_other_way_and_have_a_real_minus() -> None:
    table = make_table([("d", "D"), ("n", "N", "percent")], [("A", 10.0), ("B", -10.0)])
    svg = charts.bars(table=table, title="t", id_prefix="a", label="d", value="n").svg
    (up, _), (down, _) = re.findall(r'<rect x="([\d.]+)"[^>]*width="([\d.]+)"[^>]*#12436D', svg)
    assert float(down) < float(up)
    assert ">−10.0%</text>" in svg


def test_an_interval_is_not_drawn_beside_a_hidden_figure() -> None:
    columns = [("d", "D"), ("n", "N", "rate"), ("l", "from", "rate"), ("u", "to", "rate")]
    table = make_table(columns, [("A", 5.0, 4.0, 6.0), ("B", Hidden(7.5), 7.0, 8.0)])
    chart = charts.dots(
        table=table, title="t", id_prefix="a", label="d", value="n", lower="l", upper="u"
    )
    assert chart.svg.count("<circle") == 1
    assert len(re.findall(r"H[\d.]+M[\d.]+ [\d.]+v10", chart.svg)) == 1


def test_dots_against_a_reference_row() -> None:
    table = make_table(
        [("d", "D"), ("n", "Per 1,000", "rate")], [("A", 5.0), ("County", 6.0), ("B", 8.0)]
    )
    chart = charts.dots(
        table=table, title="t", id_prefix="a", label="d", value="n", reference="County"
    )
    assert ">County: 6.00</text>" in chart.svg
    assert chart.svg.count("<circle") == 2
    assert chart.description.endswith("County: 6.00.")


def test_slope_tells_rise_from_fall_without_colour() -> None:
    table = make_table(COLUMNS, ROWS)
    chart = charts.slope(table=table, title="t", id_prefix="a", label="d", before="b", after="n")
    assert "Rose: The rest from 3 to 900." in chart.description
    assert "Not drawn, as a figure is withheld or missing: Cedar, Beech, Elm and Fir." in chart.svg
    assert 'stroke-dasharray="7 4"><title>Ash' in chart.svg
    for svg in (chart.svg, chart.svg_narrow):
        assert overlaps(svg) == []
        assert beyond(svg) == []


def test_slope_labels_of_equal_figures_do_not_meet() -> None:
    rows = [(f"Place number {i}", 100, 100 + i % 2) for i in range(14)]
    table = make_table(COLUMNS, rows)
    chart = charts.slope(table=table, title="t", id_prefix="a", label="d", before="b", after="n")
    for svg in (chart.svg, chart.svg_narrow):
        assert overlaps(svg) == []
        assert beyond(svg) == []


def test_rows_of_labels_do_not_meet() -> None:
    table = make_table(COLUMNS, ROWS)
    for chart in (
        charts.bars(table=table, title="t", id_prefix="a", label="d", value="n", compare="b"),
        charts.dots(table=table, title="t", id_prefix="a", label="d", value="n"),
    ):
        for svg in (chart.svg, chart.svg_narrow):
            assert overlaps(svg) == []
            assert beyond(svg) == []


def test_funnel_names_those_outside() -> None:
    columns = [
        ("d", "D"), ("s", "Residents", "number"), ("r", "Rate", "rate"),
        ("l", "95% limits", "rate"), ("u", "to", "rate"),
    ]  # fmt: skip
    rows = [("A", 1000, 9.0, 4.0, 8.0), ("B", 2000, 6.0, 5.0, 7.0), ("C", 3000, Hidden(1), 5, 7)]
    chart = charts.funnel(
        table=make_table(columns, rows), title="t", id_prefix="a", label="d", size="s", value="r",
        limits=[("l", "u")],
    )  # fmt: skip
    assert "Outside the limits: A 9.00." in chart.description
    assert "1 figure withheld." in chart.description
    assert "C:" not in chart.svg


def test_small_multiples_share_one_scale() -> None:
    months = ["2024-01", "2024-02", "2024-03"]
    rows = [(m, d, n * (i + 1)) for d, n in (("A", 10), ("B", 1)) for i, m in enumerate(months)]
    table = make_table([("m", "Month", "month"), ("d", "D"), ("n", "N", "count")], rows)
    chart = charts.small_multiples(table=table, title="t", id_prefix="a", x="m", y="n", by="d")
    assert "Latest, highest first: A 30 and B 3." in chart.description
    ends = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', chart.svg)
    assert float(ends[0][1]) < float(ends[1][1])
    assert overlaps(chart.svg) == []
