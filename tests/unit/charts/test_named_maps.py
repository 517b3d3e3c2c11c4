"""Maps of named classes, and one small map a month."""

from __future__ import annotations

import re
from typing import Any

import pytest

from frankpledge import charts
from frankpledge.analysis.disclosure import Column, PublishableTable, Rule, publish
from tests.unit.charts.conftest import squares
from tests.unit.charts.test_every_chart import both, check

NAMES = ["Ash", "Beech", "Cedar", "Dogwood"]
ORDER = ("Not hot", "90% confident", "99% confident")
HIDING = Rule(name="r", version="1", audience="public", suppress_below=5)


def _classed(classes: list[str | None]) -> PublishableTable:
    columns = (Column("key", "Key"), Column("name", "Area"), Column("class", "Hot spot"))
    rows = [
        {"key": f"k{at}", "name": name, "class": label}
        for at, (name, label) in enumerate(zip(NAMES, classes, strict=True))
    ]
    return publish(title="Hot", columns=columns, rows=rows)


def _map(classes: list[str | None], **more: Any) -> charts.Chart:
    return charts.class_map(
        table=_classed(classes),
        title="A finding",
        id_prefix="t",
        outlines=squares(NAMES),
        key="key",
        name="name",
        value="class",
        order=ORDER,
        **more,
    )


def test_each_class_has_a_pattern_or_lightness_of_its_own_and_is_said():
    chart = _map(["Not hot", "99% confident", "90% confident", None])
    check(chart)
    assert "99% confident: 1: Beech." in chart.description
    assert "1 area with no data" in chart.description
    for svg in both(chart):
        assert "Beech: 99% confident" in svg and "Dogwood: no data" in svg
        assert "<pattern" in svg
        fills = re.findall(r'<g fill="([^"]+)"', svg)
        assert len(fills) == len(set(fills)) == 4


def test_a_class_without_a_place_is_not_in_the_key():
    chart = _map(["Not hot"] * 4)
    assert "99% confident" not in chart.svg


def test_a_class_that_is_not_named_is_refused():
    with pytest.raises(ValueError, match="none of the classes"):
        _map(["Not hot", "Tepid", "Not hot", "Not hot"])
    with pytest.raises(ValueError, match="named classes apart"):
        charts.class_map(
            table=_classed(["Not hot"] * 4),
            title="",
            id_prefix="t",
            outlines=squares(NAMES),
            key="key",
            value="class",
            order=[str(at) for at in range(20)],
        )


def _monthly(months: int, *, first: int = 8) -> PublishableTable:
    columns = (
        Column("key", "Key"),
        Column("name", "Area"),
        Column("month", "Month", "month"),
        Column("count", "Count", "count"),
    )
    rows = [
        {
            "key": f"k{at}",
            "name": name,
            "month": f"{2024 + month // 12}-{month % 12 + 1:02d}",
            "count": first if (at, month) == (0, 0) else 10 + at * 3 + month,
        }
        for month in range(months)
        for at, name in enumerate(NAMES)
    ]
    return publish(title="Monthly", columns=columns, rows=rows, rule=HIDING)


def _small(table: PublishableTable) -> charts.Chart:
    return charts.small_maps(
        table=table,
        title="A finding",
        id_prefix="t",
        outlines=squares(NAMES),
        key="key",
        place="name",
        value="count",
        by="month",
    )


@pytest.mark.parametrize("months", [1, 5, 24])
def test_every_month_has_its_map_on_one_scale(months: int):
    chart = _small(_monthly(months))
    check(chart)
    assert f"{months} small maps" in chart.description
    for svg in both(chart):
        assert svg.count("Ash, ") == months and "Ash, January 2024: 8" in svg


def test_a_hidden_month_is_hatched_and_not_told():
    chart = _small(_monthly(3, first=2))
    for svg in both(chart):
        assert "Ash, January 2024: withheld" in svg and "Withheld [c]" in svg
        assert "Ash, January 2024: 2" not in svg
    assert "withheld" in chart.description


def test_no_row_and_too_many_months():
    empty = _monthly(1).pick(keep=lambda row: False)
    check(_small(empty))
    with pytest.raises(ValueError, match="24"):
        _small(_monthly(25))
