"""What a signed agreement permits, and which moves a submission may make."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.sharing.enums import ALLOWED_MOVES, Basis, Detail, SubmissionState
from frankpledge.sharing.rules import (
    FINENESS,
    SignatureState,
    TermKey,
    TermView,
    UnableToMove,
    best,
    check_move,
    covers,
    following,
    gaps,
    grouped,
    preceding,
    weigh,
)

TODAY = date(2026, 1, 22)
TEXT = "The police may provide counts while they have signed."


def term(
    *, basis: Basis = Basis.POWER, detail: Detail = Detail.DISTRICT, until: date | None = None
) -> TermView:
    return TermView(
        id=1,
        dataset="Abuse",
        clause="clause 4.1",
        clause_text=TEXT,
        agreement="The agreement, version 2.0",
        basis=basis,
        detail=detail,
        fields=(),
        purpose="Assessment",
        expires_on=until,
    )


def test_a_signed_power_permits_without_a_warning():
    found = weigh(term(), provider="Police", signature=SignatureState.CURRENT, on=TODAY)
    assert found and not found.warning and TEXT in found.sentence


@pytest.mark.parametrize(
    "state", [SignatureState.OLD, SignatureState.REVOKED, SignatureState.NEVER]
)
def test_without_a_signature_a_power_stops_with_its_clause_and_a_duty_warns(state):
    refused = weigh(term(), provider="Police", signature=state, on=TODAY)
    assert not refused
    assert "clause 4.1" in refused.sentence and TEXT in refused.sentence
    duty = weigh(term(basis=Basis.DUTY), provider="Police", signature=state, on=TODAY)
    assert duty and "Police" in duty.warning and "duty" in duty.warning


@pytest.mark.parametrize("basis", list(Basis))
def test_a_term_works_on_its_last_day_and_no_longer(basis):
    last = weigh(
        term(basis=basis, until=TODAY), provider="P", signature=SignatureState.CURRENT, on=TODAY
    )
    assert last and not last.warning
    after = weigh(
        term(basis=basis, until=date(2026, 1, 21)),
        provider="P",
        signature=SignatureState.CURRENT,
        on=TODAY,
    )
    assert bool(after) is (basis == Basis.DUTY)
    assert "21 January 2026" in (after.warning or after.sentence)


def test_the_best_is_without_a_warning_then_the_finest():
    current, never = SignatureState.CURRENT, SignatureState.NEVER
    coarse = weigh(term(detail=Detail.COUNTY), provider="P", signature=current, on=TODAY)
    fine = weigh(term(detail=Detail.LSOA), provider="P", signature=current, on=TODAY)
    warned = weigh(
        term(detail=Detail.ROW, basis=Basis.DUTY), provider="P", signature=never, on=TODAY
    )
    assert best([coarse, warned, fine], dataset="A", provider="P") is fine
    assert best([coarse, warned], dataset="A", provider="P") is coarse


def test_nothing_is_permitted_that_no_term_names():
    found = best([], dataset="Abuse", provider="Police")
    assert not found and "Abuse from Police" in found.sentence


def test_finer_covers_coarser_and_never_the_other_way():
    for first, second in product(FINENESS, FINENESS):
        assert covers(first, second) is (FINENESS.index(first) <= FINENESS.index(second))
    assert set(FINENESS) == set(Detail)


@pytest.mark.parametrize(("old", "new"), list(product(SubmissionState, SubmissionState)))
def test_only_listed_moves_are_made(old, new):
    if new in ALLOWED_MOVES[old]:
        check_move(old, new)
    else:
        with pytest.raises(UnableToMove, match=r"cannot become .+\."):
            check_move(old, new)


def test_recipients_of_the_same_terms_stand_on_one_line():
    key = TermKey("4.1", "Abuse", "Police", (), "Assessment", "Districts", "A power", None)
    other = TermKey("4.2", "Visits", "Fire", (), "Assessment", "Districts", "A power", None)
    lines = grouped([(key, "Public"), (other, "Analyst"), (key, "Analyst"), (key, "Public")])
    assert [line.recipients for line in lines] == [("Analyst", "Public"), ("Analyst",)]


months = st.dates(date(2000, 1, 1), date(2040, 12, 31)).map(lambda day: day.replace(day=1))


@given(months)
@settings(max_examples=60)
def test_following_and_preceding_undo_each_other(month):
    assert preceding(following(month)) == month == following(preceding(month))
    assert following(month).day == 1 and following(month) > month


@given(st.sets(months, max_size=30))
@settings(max_examples=60)
def test_gaps_and_months_make_a_whole(held):
    listed = list(held)
    missing = set()
    for first, last in gaps(listed):
        assert first <= last
        while first <= last:
            missing.add(first)
            first = following(first)
    assert not missing & held
    if held:
        month, every = min(held), set()
        while month <= max(held):
            every.add(month)
            month = following(month)
        assert every == held | missing
