"""Reading a question from an address that anybody may have typed."""

import pytest

from frankpledge.evidence.rules import (
    Question,
    UnableToAsk,
    beside_of,
    last_year_of,
    other_months,
    read,
)
from frankpledge.sharing.enums import Detail

DEFAULT = Question(dataset="street", start="2025-01", end="2025-12")


def test_nothing_given_asks_the_default():
    assert read({}, default=DEFAULT) == DEFAULT


def test_a_question_survives_its_own_address():
    asked = Question("street", "2024-03", "2025-02", area="E07000901", by="area", category="x")
    assert read(asked.as_dict(), default=DEFAULT) == asked
    assert asked.address().count("=") == 6


def test_a_chart_that_does_not_fit_the_next_question_gives_way():
    funnel = read({"by": "area", "chart": "funnel"}, default=DEFAULT)
    assert funnel.with_(start="2024-01").chart == "funnel"
    assert funnel.with_(area="E07000901").chart == ""
    assert funnel.with_(by="month").chart == ""
    assert read(funnel.as_dict(), default=DEFAULT) == funnel


def test_a_line_for_each_district_tells_of_districts():
    plain = read({"by": "month"}, default=DEFAULT)
    assert plain.detail is Detail.COUNTY
    assert plain.with_(chart="districts").detail is Detail.DISTRICT


@pytest.mark.parametrize(
    "given",
    [
        {"chart": "pie"},
        {"by": "month", "chart": "funnel"},
        {"by": "category", "chart": "districts"},
        {"by": "area", "area": "E07000901", "chart": "tiles"},
        {"by": "person"},
        {"by": "__class__"},
        {"from": "2025-13"},
        {"from": "2025-1"},
        {"from": "last year"},
        {"from": "２０２５-01"},
        {"from": "²025-01"},
        {"from": "2025-01\x00"},
        {"from": "-2025-01"},
        {"from": "2025-12", "to": "2025-01"},
        {"from": "1900-01", "to": "2025-12"},
        {"from": "0000-01", "to": "0000-02"},
        {"from": "0001-01", "to": "0001-01"},
        {"from": "9999-12", "to": "9999-12"},
    ],
    ids=str,
)
def test_a_wrong_choice_is_said_in_words(given: dict[str, str]):
    with pytest.raises(UnableToAsk) as said:
        read(given, default=DEFAULT)
    assert str(said.value).strip().endswith(".")


def test_the_last_year_is_shorter_where_less_is_held():
    assert last_year_of("2020-01", "2025-06") == ("2024-07", "2025-06")
    assert last_year_of("2025-03", "2025-06") == ("2025-03", "2025-06")


@pytest.mark.parametrize("chart", ["hot", "emerging"])
def test_hot_spots_tell_of_small_areas_whatever_the_place(chart: str):
    asked = read({"by": "area", "chart": chart}, default=DEFAULT)
    assert asked.detail is Detail.LSOA
    assert asked.with_(area="E07000901").chart == chart


def test_another_place_tells_of_districts_and_stands_in_the_address():
    asked = read({"against": "E07000901", "beside": "fires"}, default=DEFAULT)
    assert asked.detail is Detail.DISTRICT and asked.compares
    assert read(asked.as_dict(), default=DEFAULT) == asked
    assert "against=E07000901&beside=fires" in asked.address()
    assert beside_of(asked) == Question("fires", "2025-01", "2025-12")


def test_another_period_stands_in_the_address_and_has_one_chart():
    asked = read({"with": "2024-03..2024-06", "by": "category"}, default=DEFAULT)
    assert other_months(asked) == ("2024-03", "2024-04", "2024-05", "2024-06")
    assert read(asked.as_dict(), default=DEFAULT) == asked
    assert list(asked.charts) == [""]
    assert asked.with_(chart="slope").chart == ""
