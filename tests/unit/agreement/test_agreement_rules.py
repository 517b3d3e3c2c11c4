"""Versions, change notes and the pieces of a chapter."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.agreement import rules
from frankpledge.agreement.enums import ALLOWED_MOVES, ChangeKind, ProposalState, VersionState


@pytest.mark.parametrize("old", VersionState)
@pytest.mark.parametrize("new", VersionState)
def test_moves_are_those_of_the_table(old: VersionState, new: VersionState):
    if new in ALLOWED_MOVES[old]:
        rules.check_move(old, new)
    else:
        with pytest.raises(rules.UnableToMove):
            rules.check_move(old, new)


def test_nothing_moves_what_is_published():
    assert ALLOWED_MOVES[VersionState.PUBLISHED] == set()


@pytest.mark.parametrize("state", [s for s in ProposalState if s != ProposalState.PROPOSED])
def test_what_is_decided_stays_decided(state: ProposalState):
    rules.check_undecided(ProposalState.PROPOSED)
    with pytest.raises(rules.UnableToDecide, match="Make a new one"):
        rules.check_undecided(state)


def test_chapters_are_added_changed_and_removed():
    before = {"foreword": "a", "vision": "b", "risks": "c"}
    after = {"foreword": "a", "vision": "x", "horizon": "d"}
    assert rules.changed_chapters(before, after) == {
        "vision": "changed",
        "horizon": "added",
        "risks": "removed",
    }
    assert rules.changed_chapters(after, after) == {}


def test_notes_and_chapters_agree():
    changed = {"vision": "changed", "risks": "removed"}
    labels = {"vision": "2 Vision", "foreword": "Foreword"}
    assert rules.note_problems(changed, {"vision", "risks"}, labels) == ()
    assert rules.note_problems(changed, {"foreword", "risks"}, labels) == (
        "2 Vision was changed and has no change note. Write one.",
        "A note speaks of Foreword, which did not change. Take the note out.",
    )


def test_pieces_keep_words_and_parts_in_order():
    text = "1.1 First\nline\n  [[priorities]]  \n\n[[leads]]\nLast [[plans]] word"
    assert rules.pieces(text) == [
        ("text", "1.1 First\nline"),
        ("part", "priorities"),
        ("part", "leads"),
        ("text", "Last [[plans]] word"),
    ]
    assert rules.parts_in(text) == ["priorities", "leads"]
    assert rules.pieces("\n \n") == []


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["[[plans]]", "words", "", " [[a-b]] ", "[[No]]", "[[x]] y"])))
def test_no_line_is_lost_between_the_pieces(lines: list[str]):
    pieces = rules.pieces("\n".join(lines))
    kept = [line for kind, words in pieces if kind == "text" for line in words.splitlines()]
    parts = [name for kind, name in pieces if kind == "part"]
    assert [line for line in kept if line.strip()] == [
        line for line in lines if line.strip() and not rules.PART.match(line)
    ]
    assert parts == [match[1] for line in lines if (match := rules.PART.match(line))]


def test_every_kind_of_change_suggests_its_note():
    for kind in ChangeKind:
        assert "Retail" in rules.suggested_note(kind, "Retail", "Retail crime")
    assert rules.suggested_note("widened", "Retail", "Retail") == "“Retail” widened"


def test_a_priority_ends_once_and_not_before_it_begins():
    ends = date(2026, 3, 31)
    rules.check_can_end("Retail", None, None, ends)
    rules.check_can_end("Retail", date(2026, 3, 31), None, ends)
    with pytest.raises(rules.UnableToDecide, match="earlier decision"):
        rules.check_can_end("Retail", None, date(2026, 6, 1), ends)
    with pytest.raises(rules.UnableToDecide, match="begins on 1 April 2026"):
        rules.check_can_end("Retail", date(2026, 4, 1), None, ends)


@pytest.mark.parametrize("number", ["7", "7.0", "10.2.1"])
def test_a_number_is_digits_and_points(number: str):
    assert rules.NUMBER.fullmatch(number)


@pytest.mark.parametrize("number", ["7/0", "7.", "../7", "７.0", "7.0\n", "", "draft"])
def test_anything_else_is_no_number(number: str):
    assert not rules.NUMBER.fullmatch(number)
