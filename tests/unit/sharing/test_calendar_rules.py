"""Periods, due days and standings, as tables; the statutory quarters first."""

from datetime import date

import pytest

from frankpledge.sharing.rules.calendar import (
    Period,
    Standing,
    UnableToAskFor,
    check_extension,
    due_on,
    periods,
    standing,
)

DUE = date(2025, 12, 31)


@pytest.mark.parametrize(
    ("rhythm", "first", "until", "count", "last"),
    [
        ("quarterly", date(2007, 7, 1), date(2007, 9, 29), 0, None),
        ("quarterly", date(2007, 7, 1), date(2007, 9, 30), 1, date(2007, 9, 30)),
        ("quarterly", date(2007, 7, 1), date(2026, 1, 22), 74, date(2025, 12, 31)),
        ("monthly", date(2025, 1, 1), date(2025, 3, 31), 3, date(2025, 3, 31)),
        ("yearly", date(2024, 10, 1), date(2025, 12, 1), 1, date(2025, 9, 30)),
    ],
)
def test_periods(rhythm, first, until, count, last):
    found = list(periods(rhythm, first, until=until))
    assert len(found) == count
    if last:
        assert found[-1].end == last


@pytest.mark.parametrize("first", [date(2025, 1, 2), date(2025, 12, 31)])
def test_a_period_begins_on_the_first(first):
    with pytest.raises(UnableToAskFor, match="first day"):
        list(periods("monthly", first, until=date(2026, 1, 1)))


@pytest.mark.parametrize("rhythm", ["daily", "weekly", "fortnightly", ""])
def test_returns_are_of_whole_months(rhythm):
    with pytest.raises(UnableToAskFor, match="month, quarter or year"):
        list(periods(rhythm, date(2025, 1, 1), until=date(2026, 1, 1)))


@pytest.mark.parametrize(
    ("rhythm", "start", "end", "days", "due"),
    [
        # Prescribed information: by the end of the information period that follows.
        ("quarterly", date(2025, 1, 1), date(2025, 3, 31), 0, date(2025, 6, 30)),
        ("quarterly", date(2025, 10, 1), date(2025, 12, 31), 0, date(2026, 3, 31)),
        ("quarterly", date(2025, 10, 1), date(2025, 12, 31), 14, date(2026, 1, 14)),
        ("yearly", date(2024, 10, 1), date(2025, 9, 30), 31, date(2025, 10, 31)),
        ("monthly", date(2024, 1, 1), date(2024, 1, 31), 0, date(2024, 2, 29)),
    ],
)
def test_when_it_is_due(rhythm, start, end, days, due):
    assert due_on(rhythm, Period(start, end), days) == due


@pytest.mark.parametrize(
    ("held", "whole_on", "nil", "today", "expected"),
    [
        (0, None, False, date(2025, 12, 31), Standing.NOT_YET),
        (1, None, False, date(2025, 12, 31), Standing.IN_PART),
        (1, None, False, date(2026, 1, 1), Standing.LATE),
        (0, None, False, date(2026, 1, 1), Standing.LATE),
        (0, None, True, date(2026, 1, 1), Standing.NIL),
        (3, date(2025, 12, 31), False, date(2026, 1, 1), Standing.RECEIVED),
        (3, date(2026, 1, 1), False, date(2026, 1, 1), Standing.RECEIVED_LATE),
        (3, date(2025, 12, 1), True, date(2026, 1, 1), Standing.RECEIVED),
    ],
)
def test_how_it_stands(held, whole_on, nil, today, expected):
    found = standing(months=3, held=held, whole_on=whole_on, due=DUE, nil=nil, today=today)
    assert found == expected


def test_names_of_periods():
    assert Period(date(2025, 3, 1), date(2025, 3, 31)).name == "March 2025"
    assert Period(date(2025, 10, 1), date(2025, 12, 31)).name == "October to December 2025"
    assert Period(date(2024, 10, 1), date(2025, 9, 30)).name == "October 2024 to September 2025"


def test_an_extension_is_later_and_has_a_reason():
    with pytest.raises(UnableToAskFor, match="31 December 2025 already"):
        check_extension(due=DUE, extended_to=DUE, because="Ill")
    with pytest.raises(UnableToAskFor, match="Say why"):
        check_extension(due=DUE, extended_to=date(2026, 1, 1), because="  ")
