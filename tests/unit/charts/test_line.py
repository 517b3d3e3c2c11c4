"""Lines over time: gaps, incomplete months, limits, breaks, labels that do not meet."""

import re
import xml.etree.ElementTree as ET
from datetime import date
from itertools import combinations
from typing import Any

import pytest

from frankpledge import charts
from frankpledge.charts.drawing import Box, text_box
from tests.unit.charts.conftest import Hidden, make_table

MONTHS = [f"{2024 + i // 12}-{i % 12 + 1:02d}" for i in range(24)]
SVG = "{http://www.w3.org/2000/svg}"


def monthly(values: list[Any], **more: Any) -> charts.Chart:
    table = make_table(
        [("m", "Month", "month"), ("n", "Offences", "count"), ("lo", "Usual range from", "number"),
         ("hi", "to", "number")],
        [(m, v, 50, 150) for m, v in zip(MONTHS, values, strict=False)],
    )  # fmt: skip
    return charts.line(table=table, title="t", id_prefix="a", x="m", y="n", **more)


def boxes(svg: str) -> list[tuple[str, Box]]:
    """Every text with the rectangle it fills."""
    root = ET.fromstring(svg)
    default = float(root.get("font-size", "0"))
    return [
        (
            t.text or "",
            text_box(
                float(t.get("x", 0)), float(t.get("y", 0)), t.text or "",
                float(t.get("font-size", default)), t.get("text-anchor", "start"),
                bold=t.get("font-weight") == "bold",
            ),
        )
        for t in root.iter(f"{SVG}text")
    ]  # fmt: skip


def overlaps(svg: str) -> list[tuple[str, str]]:
    met = []
    for (one, a), (other, b) in combinations(boxes(svg), 2):
        across = min(a[2], b[2]) - max(a[0], b[0])
        down = min(a[3], b[3]) - max(a[1], b[1])
        if across > 1 and down > 2:
            met.append((one, other))
    return met


def beyond(svg: str) -> list[str]:
    width = float(re.findall(r'width="([\d.]+)"', svg)[0])
    return [text for text, box in boxes(svg) if box[0] < -1 or box[2] > width + 1]


def strokes(svg: str) -> list[str]:
    return re.findall(r'<path d="(M[^"]+)" fill="none" stroke="#12436D" stroke-width="2.5"', svg)


def test_a_gap_stays_a_gap() -> None:
    whole = strokes(monthly([10, 20, 30, 40]).svg)[0]
    gap = strokes(monthly([10, 20, None, 40, 50]).svg)[0]
    assert whole.count("M") == 1
    assert gap.count("M") == 2


def test_a_month_without_a_row_is_a_gap() -> None:
    table = make_table(
        [("m", "Month", "month"), ("n", "Offences", "count")],
        [("2024-01", 1), ("2024-02", 2), ("2024-05", 3), ("2024-06", 4)],
    )
    chart = charts.line(table=table, title="t", id_prefix="a", x="m", y="n")
    assert strokes(chart.svg)[0].count("M") == 2
    assert "Gaps are months with no data." in chart.svg


def test_quarterly_figures_are_joined() -> None:
    table = make_table(
        [("m", "Month", "month"), ("n", "Offences", "count")],
        [("2024-01", 1), ("2024-04", 2), ("2024-07", 3)],
    )
    chart = charts.line(table=table, title="t", id_prefix="a", x="m", y="n")
    assert strokes(chart.svg)[0].count("M") == 1


def test_a_withheld_month_is_marked_on_the_axis() -> None:
    chart = monthly([10, Hidden(3), 30])
    assert ">[c]</text>" in chart.svg
    assert "1 figure withheld." in chart.description


def test_an_incomplete_month_is_hollow_labelled_and_no_low() -> None:
    chart = monthly([100, 110, 105, 20], incomplete=["2024-04"], lower="lo", upper="hi")
    assert ">incomplete</text>" in chart.svg
    assert "(incomplete)</title>" in chart.svg
    assert "lowest 100 in January 2024, latest 20 in April 2024 (incomplete)" in chart.description
    assert "Outside the limits" not in chart.description


def test_a_date_names_an_incomplete_month_too() -> None:
    assert "(incomplete)" in monthly([1, 2, 3], incomplete=[date(2024, 3, 1)]).description


def test_what_is_outside_the_limits_is_said_and_shaped() -> None:
    chart = monthly([100, 160, 150, 49], lower="lo", upper="hi")
    assert "Outside the limits: February 2024 (160) and April 2024 (49)." in chart.description
    assert chart.svg.count("(outside the limits)</title>") == 2
    assert ">Usual range</text>" in chart.svg


def test_limits_need_a_single_line() -> None:
    table = make_table(
        [("m", "Month", "month"), ("a", "A", "count"), ("b", "B", "count"), ("lo", "L", "number")],
        [("2024-01", 1, 2, 3)],
    )
    with pytest.raises(ValueError, match="single line"):
        charts.line(table=table, title="t", id_prefix="a", x="m", y=["a", "b"], lower="lo")


def test_breaks_are_told() -> None:
    chart = monthly(list(range(24)), breaks=[charts.Break("2024-06", "New <rules>")])
    assert "New &lt;rules&gt;" in chart.svg
    assert "Break at June 2024: New <rules>." in chart.description
    two = [charts.Break("2024-06", "First"), charts.Break(date(2024, 7, 1), "Second")]
    assert ">2: Dashed line at July 2024: Second</text>" in monthly(list(range(24)), breaks=two).svg


def test_a_break_outside_the_table_is_left_out() -> None:
    assert "Break" not in monthly([1, 2], breaks=[charts.Break("1999-01", "Old")]).description


def test_labels_of_many_lines_do_not_meet() -> None:
    names = ["Thanet", "Tonbridge and Malling", "Folkestone and Hythe", "Dover", "Ash", "Elm"]
    rows = [(m, name, 100 + i % 3) for m in MONTHS for i, name in enumerate(names)]
    table = make_table([("m", "Month", "month"), ("d", "District"), ("n", "Count", "count")], rows)
    chart = charts.line(table=table, title="t", id_prefix="a", x="m", y="n", by="d")
    for svg in (chart.svg, chart.svg_narrow):
        assert overlaps(svg) == []
        assert beyond(svg) == []


@pytest.mark.parametrize("length", [1, 2, 7, 13, 24])
def test_labels_of_one_line_do_not_meet(length: int) -> None:
    values = [100 + (i * 37) % 90 for i in range(length)]
    chart = monthly(values, lower="lo", upper="hi", breaks=[charts.Break("2024-01", "Change")])
    for svg in (chart.svg, chart.svg_narrow):
        assert overlaps(svg) == []
        assert beyond(svg) == []


def test_lines_differ_by_dashes_and_shape_not_by_colour_alone() -> None:
    rows = [(m, name, 100 + i * 10) for m in MONTHS for i, name in enumerate("ABCDEF")]
    table = make_table([("m", "Month", "month"), ("d", "District"), ("n", "Count", "count")], rows)
    svg = charts.line(table=table, title="t", id_prefix="a", x="m", y="n", by="d").svg
    styles = set(
        re.findall(r'stroke="(#\w+)" stroke-width="2.5"[^/]*?(?:dasharray="([^"]*)")?/>', svg)
    )
    assert len({dashes for _, dashes in styles}) == 6


def test_more_lines_than_colours_turn_grey() -> None:
    rows = [(m, f"Place {i}", 100 + i * 10) for m in MONTHS for i in range(9)]
    table = make_table([("m", "Month", "month"), ("d", "District"), ("n", "Count", "count")], rows)
    chart = charts.line(table=table, title="t", id_prefix="a", x="m", y="n", by="d")
    assert "3 more lines are in the table." in chart.description
    loud = charts.line(
        table=table, title="t", id_prefix="a", x="m", y="n", by="d", highlight=["Place 8"]
    )
    assert "Place 8: 180 throughout" in loud.description


def test_an_axis_that_leaves_out_zero_says_so() -> None:
    assert "The axis does not start at zero." in monthly([1000, 1010, 1020]).svg
    assert "does not start" not in monthly([10, 1000]).svg


def test_days_and_plain_order_work_too() -> None:
    days = make_table(
        [("d", "Day", "date"), ("n", "Count", "count")],
        [(date(2024, 1, day), day) for day in range(1, 20)],
    )
    chart = charts.line(table=days, title="t", id_prefix="a", x="d", y="n")
    assert "1 January 2024 to 19 January 2024" in chart.description
    years = make_table([("y", "Year"), ("n", "Count", "count")], [("2023-24", 5), ("2024-25", 6)])
    chart = charts.line(table=years, title="t", id_prefix="a", x="y", y="n")
    assert "2023-24 to 2024-25" in chart.description
