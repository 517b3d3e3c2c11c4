"""Figures in British style, ticks, months, classes, labels pushed apart."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from frankpledge.charts.drawing import clean, spread
from frankpledge.charts.lettering import and_list, figure, width, wrap
from frankpledge.charts.scales import classes, month_number, month_ticks, tick_labels, ticks


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "", "0"),
        (1234, "", "1,234"),
        (-5, "", "−5"),
        (0.5, "", "0.5"),
        (-0.0, "", "0"),
        (1_200_000, "", "1.2 million"),
        (3_000_000_000, "£", "£3 billion"),
        (-1500, "£", "−£1,500"),
        (12.5, "%", "12.5%"),
        (0.0025, "", "0.0025"),
        (2e30, "", "2.0 × 10^30"),
    ],
)
def test_figures_read_as_the_british_write_them(value: float, unit: str, text: str) -> None:
    assert figure(value, unit=unit) == text


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (950, 1010, [940, 960, 980, 1000, 1020]),
        (-30, 50, [-40, -20, 0, 20, 40, 60]),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def test_whole_things_have_whole_ticks() -> None:
    assert ticks(0, 2, whole=True) == [0, 1, 2]


@settings(max_examples=60)
@given(st.floats(-1e99, 1e99), st.floats(-1e99, 1e99))
def test_ticks_enclose_the_figures(a: float, b: float) -> None:
    low, high = sorted((a, b))
    marks = ticks(low, high)
    slack = max(abs(marks[0]), abs(marks[-1])) * 1e-6
    assert marks[0] <= low + slack
    assert marks[-1] >= high - slack
    assert len(marks) <= 15
    assert len(tick_labels(marks)) == len(marks)


@pytest.mark.parametrize(
    ("text", "number"),
    [("2025-01", 2025 * 12), ("2025-12-31", 2025 * 12 + 11), ("2025-13", None), ("2024-25", None),
     ("2025", None), ("x", None), (None, None), ("٢٠٢٥-01", None)],
)  # fmt: skip
def test_months_are_read(text: object, number: int | None) -> None:
    assert month_number(text) == number


def test_months_are_named_at_even_steps_from_january() -> None:
    first = 2024 * 12
    named = month_ticks(first, first + 23, room=330, each=34)
    assert [label for _, label, _ in named] == ["Jan", "Apr", "Jul", "Oct"] * 2
    assert [year for _, _, year in named if year] == ["2024", "2025"]
    years = month_ticks(first, first + 119, room=200, each=34)
    assert [label for _, label, _ in years] == ["2024", "2026", "2028", "2030", "2032"]


def test_classes_of_counts_are_read_without_a_gap() -> None:
    found = classes([1, 4, 5, 9, 10, 40], breaks=[5, 10])
    assert found.labels == ("1 to 4", "5 to 9", "10 or more")
    assert [found.of(v) for v in (4, 5, 9, 10)] == [0, 1, 1, 2]


def test_classes_of_rates_say_where_the_break_belongs() -> None:
    found = classes([1.5, 4.2, 7.9], breaks=[5, 7.5])
    assert found.labels == ("Under 5.0", "5.0 to under 7.5", "7.5 or more")


@settings(max_examples=60)
@example([0.0, 1.0, 6.474791887478746e-205, 4.590336876471061e-112], 4)
@given(st.lists(st.floats(-1e9, 1e9), max_size=60), st.integers(2, 6))
def test_every_figure_has_a_class_with_a_label(values: list[float], wanted: int) -> None:
    found = classes(values, wanted=wanted)
    assert len(found.labels) == len(found.breaks) + 1 <= 6
    assert list(found.breaks) == sorted(set(found.breaks))
    assert all(0 <= found.of(v) < len(found.labels) for v in values)
    assert len(set(found.labels)) == len(found.labels)


def test_classes_of_many_figures_hold_about_as_many_each() -> None:
    values = [float(i * i) for i in range(200)]
    found = classes(values)
    sizes = [sum(found.of(v) == c for v in values) for c in range(5)]
    assert min(sizes) > 20


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-50, 500), st.floats(10, 30)), max_size=12))
def test_labels_are_pushed_apart_and_kept_in_order(labels: list[tuple[float, float]]) -> None:
    wanted, heights = [w for w, _ in labels], [h for _, h in labels]
    tops = spread(wanted, heights, 0, 450)
    placed = sorted(zip(tops, heights, strict=True))
    for (top, height), (following, _) in pairwise(placed):
        assert top + height <= following + 1e-6
    assert all(top >= -1e-6 and top + h <= 450 + 1e-6 for top, h in placed)


@settings(max_examples=60)
@given(st.text(max_size=200), st.floats(30, 300), st.integers(1, 4))
def test_wrapped_text_fits(text: str, room: float, lines: int) -> None:
    rows = wrap(clean(text), room, 14, lines=lines)
    assert 1 <= len(rows) <= lines
    assert all(width(row, 14) <= room + 0.01 for row in rows)


def test_lists_are_cut_with_their_number() -> None:
    assert and_list([]) == ""
    assert and_list(["a"]) == "a"
    assert and_list(["a", "b", "c"]) == "a, b and c"
    assert and_list(list("abcdefgh")) == "a, b, c, d, e, f and 2 more"
