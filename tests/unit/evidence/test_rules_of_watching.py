"""What is said of a signal, where a question that moves ends, and what is worth an e-mail."""

from __future__ import annotations

from datetime import date

import pytest

from frankpledge.evidence import rules
from frankpledge.evidence.rules import Question


def test_a_signal_is_one_sentence():
    said = rules.signal_sentence(
        what="Vehicle crime",
        where="Ash",
        month=date(2025, 12, 1),
        observed=1430,
        expected=96.4,
        upper=128.0,
    )
    assert said == "Vehicle crime in Ash: 1,430 in December 2025 against 96 expected, limit 128."


@pytest.mark.parametrize(
    ("p_value", "said"),
    [
        (0.01, "About 1 in 100"),
        (0.000149951, "About 1 in 6,700"),
        (1e-6, "Rarer than 1 in 1,000,000"),
        (0.0, "Rarer than 1 in 1,000,000"),
    ],
)
def test_surprise_is_said_as_one_in_so_many(p_value: float, said: str):
    assert rules.surprise(p_value) == said


def test_harm_is_that_of_what_was_not_expected():
    assert rules.excess_harm(143, 96.0, 10.0) == 470.0


@pytest.mark.parametrize(
    ("start", "end", "last", "expected"),
    [
        ("2025-01", "2025-12", "2026-02", ("2025-03", "2026-02")),
        ("2025-12", "2025-12", "2026-01", ("2026-01", "2026-01")),
        ("2025-01", "2025-12", "2025-11", ("2024-12", "2025-11")),
    ],
)
def test_a_question_that_moves_keeps_its_length(
    start: str, end: str, last: str, expected: tuple[str, str]
):
    asked = rules.moved(Question("fires", start, end, area="E1", chart="districts"), last)
    assert (asked.start, asked.end, asked.area) == (*expected, "E1")


LIMITS = {"lower": 40.0, "upper": 60.0}


@pytest.mark.parametrize(
    ("when", "number", "last", "told"),
    [
        ("new data", None, {}, True),
        ("above", 50, {"count": 51.0}, True),
        ("above", 50, {"count": 50.0}, False),
        ("above", 0, {"count": 0.0}, False),
        ("above", 50, {}, False),
        ("outside", None, {"count": 61.0, **LIMITS}, True),
        ("outside", None, {"count": 39.0, **LIMITS}, True),
        ("outside", None, {"count": 60.0, **LIMITS}, False),
        ("outside", None, {"count": 61.0}, False),
        ("outside", None, LIMITS, False),
    ],
)
def test_only_what_is_published_is_told(
    when: str, number: int | None, last: dict[str, float], told: bool
):
    assert rules.tells(when, number=number, last=last) is told
