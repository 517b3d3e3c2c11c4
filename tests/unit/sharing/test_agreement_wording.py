"""What is different between two versions, what asks for a new assessment, and numbered text."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frankpledge.sharing.enums import Detail, DpiaState
from frankpledge.sharing.rules.numbered import follows, joined, split_numbered
from frankpledge.sharing.rules.register import (
    UnableToPutInForce,
    a_year_on,
    check_put_in_force,
    natural,
)
from frankpledge.sharing.rules.wording import (
    ClauseWords,
    TermKey,
    Wording,
    changes,
    new_risks,
    together,
)

TODAY = date(2026, 1, 22)
TERM = TermKey(
    clause="4.1",
    dataset="Abuse",
    provider="Police",
    fields=("month", "count"),
    purpose="Assessment",
    detail=str(Detail.DISTRICT.label),
    basis="A power to share",
    expires_on=None,
)
BEFORE = Wording(
    title="The agreement, version 1",
    facts=(("Purpose", "Safer places"), ("Retention", "")),
    dates=(("In force from", "1 April 2025"),),
    clauses=(ClauseWords("1", "Why", "To share."), ClauseWords("4.1", "Abuse", "Counts.")),
    terms=((TERM, "Analyst"), (TERM, "Partner")),
)


def _with(**new: object) -> Wording:
    changed = replace(TERM, **new)  # type: ignore[arg-type]
    return replace(BEFORE, terms=((changed, "Analyst"), (changed, "Partner")))


def test_the_same_words_are_no_change_whatever_the_dates_and_order():
    other = replace(
        BEFORE,
        title="The agreement, version 2",
        dates=(("In force from", "1 April 2026"),),
        terms=tuple(reversed(BEFORE.terms)),
    )
    assert changes(BEFORE, other) == [] == new_risks(BEFORE, other)
    assert replace(other, title=BEFORE.title, dates=BEFORE.dates).text() == BEFORE.text()


def test_every_kind_of_change_is_said_once_in_plain_words():
    after = replace(
        BEFORE,
        facts=(("Purpose", "Safer streets"), ("Retention", "Two years")),
        clauses=(
            ClauseWords("2", "Why", "To share."),
            ClauseWords("4.1", "Abuse", "Counts by month."),
            ClauseWords("5", "", "New words."),
        ),
        terms=tuple((replace(TERM, detail="Wards", expires_on=TODAY), who) for who in ("Analyst",)),
    )
    said = [change.sentence for change in changes(BEFORE, after)]
    assert said == [
        "Purpose has new words.",
        "Retention is now stated: Two years",
        "Clause 1 is now clause 2, Why; same words.",
        "Clause 4.1, Abuse, has new words.",
        "New clause 5",
        "Abuse from Police: finest detail was “Districts”, now “Wards”; "
        "last day was “none”, now “22 January 2026”. For: Analyst.",
        "Term no longer there: Abuse from Police, clause 4.1. For: Partner.",
    ]
    worded = next(change for change in changes(BEFORE, after) if change.before == "Safer places")
    assert worded.after == "Safer streets"


@pytest.mark.parametrize(
    ("after", "risk"),
    [
        (_with(fields=("month", "count", "age")), "Abuse from Police has a new column: age."),
        (_with(fields=()), "Abuse from Police has a new column: every column."),
        (_with(purpose="Research"), "Abuse from Police has a new purpose: Research."),
        (_with(dataset="Knives"), "Knives from Police is new."),
        (_with(detail="Wards"), "Abuse from Police is shared more finely: wards."),
        (
            replace(BEFORE, terms=(*BEFORE.terms, (TERM, "The public"))),
            "Abuse from Police has a new reader: The public.",
        ),
    ],
)
def test_what_is_new_to_the_assessment(after, risk):
    assert new_risks(BEFORE, after) == [risk]
    assert new_risks(together(BEFORE, after), after) == []


@pytest.mark.parametrize(
    "after", [_with(fields=("month",)), _with(detail="The county"), replace(BEFORE, terms=())]
)
def test_less_sharing_asks_for_no_new_assessment(after):
    assert new_risks(BEFORE, after) == []


@pytest.mark.parametrize("state", [each for each in DpiaState if each != DpiaState.DONE])
def test_a_version_waits_for_its_assessment(state):
    with pytest.raises(UnableToPutInForce, match="data protection impact assessment"):
        check_put_in_force(state, None, TODAY)


def test_a_version_waits_for_its_day():
    check_put_in_force(DpiaState.DONE, TODAY, TODAY)
    with pytest.raises(UnableToPutInForce, match="23 January 2026"):
        check_put_in_force(DpiaState.DONE, date(2026, 1, 23), TODAY)


def test_a_year_on_a_leap_day():
    assert a_year_on(date(2028, 2, 29)) == date(2029, 2, 28)
    assert a_year_on(TODAY) == date(2027, 1, 22)
    assert sorted(("4.10", "4.9", "A", "4"), key=natural) == ["4", "4.9", "4.10", "A"]


# Numbered text

TYPED = """1. Purpose
To make places safer.
1.1\tWho shares
The parties share counts
12 months after they agreed.
1.1.1 The police share counts of abuse by district and month, and nothing else.
2 Keeping
Files are kept for 7 years.
"""


def test_a_pasted_agreement_becomes_its_clauses():
    found = split_numbered(TYPED)
    assert not found.problems and not found.remarks
    assert [(c.number, c.heading, c.depth, c.parent) for c in found.clauses] == [
        ("1", "Purpose", 0, ""),
        ("1.1", "Who shares", 1, "1"),
        ("1.1.1", "", 2, "1.1"),
        ("2", "Keeping", 0, ""),
    ]
    assert found.clauses[1].text == "The parties share counts\n12 months after they agreed."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There is no text"),
        ("Purpose\n1 Why", "Line 1 has no number"),
        ("1 Why\n1. Why not", "Line 2: 1 is there already, on line 1"),
        ("1 Why\n2.", "Line 2: 2 has no words"),
    ],
)
def test_what_cannot_be_split_is_said_by_line(text, said):
    assert said in " ".join(split_numbered(text).problems)


def test_a_missing_number_is_remarked_upon():
    found = split_numbered("1 Why\n1.1 Who\n1.3 What")
    assert found.remarks == ("Line 3: 1.3 comes after 1.1. Is a clause missing?",)
    assert len(found.clauses) == 3 and not found.problems


@pytest.mark.parametrize(
    ("before", "number", "is_next"),
    [
        ("1", "2", True),
        ("1", "1.1", True),
        ("1.1", "1.2", True),
        ("1.1.4", "2", True),
        ("1.1.4", "1.2", True),
        ("1", "3", False),
        ("1", "2.1", False),
        ("1.2", "1.1", False),
        ("1.1", "1.1", False),
    ],
)
def test_which_number_follows(before, number, is_next):
    assert follows(before, number) is is_next


_line = st.text("abcdefghij ", min_size=1, max_size=40).map(str.strip).filter(bool)


@st.composite
def _agreements(draw):
    number, found = [1], []
    for _ in range(draw(st.integers(1, 15))):
        found.append((".".join(map(str, number)), draw(_line), draw(st.one_of(st.just(""), _line))))
        deeper = draw(st.integers(0, 2))
        if deeper == 0 and len(number) < 4:
            number = [*number, 1]
        else:
            keep = draw(st.integers(1, len(number)))
            number = [*number[: keep - 1], number[keep - 1] + 1]
    return found


@given(_agreements())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_joined_is_split_again(clauses):
    squeezed = [(n, " ".join(h.split()), " ".join(t.split())) for n, h, t in clauses]
    found = split_numbered(joined(squeezed))
    assert [(c.number, c.heading, c.text) for c in found.clauses] == squeezed
    assert not found.problems and not found.remarks


@given(st.text(max_size=400))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_split_without_losing_a_word(text):
    found = split_numbered(text)
    numbers = [clause.number for clause in found.clauses]
    assert len(set(numbers)) == len(numbers) or found.problems
    for first, second in itertools.pairwise(found.clauses):
        assert first.line < second.line
