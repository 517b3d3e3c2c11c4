"""What closes an assessment, what a score may be, and how marks are counted."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.assessment import rules
from frankpledge.assessment.enums import ALLOWED_MOVES, AssessmentState, Mark, SectionKind
from frankpledge.assessment.rules import (
    SectionView,
    UnableToLoad,
    UnableToMove,
    check_open,
    grid,
    matrix,
    problems_before_sign_off,
    roll_up,
)

AXES = [
    {"key": "likelihood", "label": "Likelihood", "levels": [{"value": 1}, {"value": 2}]},
    {"key": "impact", "label": "Impact", "levels": [{"value": 1}, {"value": 5}]},
]
BANDS = [{"from": 1, "to": 4, "label": "Low"}, {"from": 5, "to": 10, "label": "High"}]
MARKED = {"Burglary": Mark.MAIN}


def _sections(**different: SectionView) -> list[SectionView]:
    return [
        different.get(kind.value, SectionView(kind, "Words.", "", findings=0))
        for kind in SectionKind
    ]


def _section(kind: SectionKind, *, text: str = "", reason: str = "", findings: int = 0):
    return {kind.value: SectionView(kind, text, reason, findings)}


def test_six_written_sections_and_marked_issues_can_close():
    assert problems_before_sign_off(_sections(), MARKED, ["Burglary"]) == ()


@pytest.mark.parametrize(
    ("filled", "settled"),
    [
        ({}, False),
        ({"text": " \n", "reason": "  "}, False),
        ({"reason": "Nobody answered the survey."}, True),
        ({"findings": 1}, True),
        ({"text": "Words."}, True),
    ],
)
def test_an_empty_section_closes_only_with_a_reason(filled: dict, settled: bool):
    section = _section(SectionKind.COMMUNITY, **filled)
    problems = problems_before_sign_off(_sections(**section), MARKED, ["Burglary"])
    assert (problems == ()) is settled
    assert settled or SectionKind.COMMUNITY.label in problems[0]


def test_a_section_nobody_opened_is_named_too():
    problems = problems_before_sign_off([], MARKED, ["Burglary"])
    assert [kind.label in line for kind, line in zip(SectionKind, problems, strict=True)] == (
        [True] * 6
    )


def test_every_issue_is_marked_and_one_at_least_is_named():
    unmarked = problems_before_sign_off(_sections(), MARKED, ["Burglary", "Fraud", "Arson"])
    assert unmarked == ("Say how you name each of these issues: Fraud, Arson.",)
    none = problems_before_sign_off(_sections(), {"Burglary": Mark.NONE}, ["Burglary"])
    assert none == ("Name at least one issue as a main priority or a theme.",)


@pytest.mark.parametrize("old", AssessmentState)
@pytest.mark.parametrize("new", AssessmentState)
def test_moves_are_those_of_the_table(old: AssessmentState, new: AssessmentState):
    if new in ALLOWED_MOVES[old]:
        rules.check_move(old, new)
    else:
        with pytest.raises(rules.UnableToMove):
            rules.check_move(old, new)


def test_scores_are_levels_of_the_model():
    rules.check_scores(AXES, {"likelihood": 2, "impact": 5})
    for wrong, said in (
        ({"likelihood": 2}, "Choose a level for impact."),
        ({"likelihood": 3, "impact": 5}, "3 is not a level of likelihood."),
        ({"likelihood": 2, "impact": 5, "luck": 1}, "no axis called luck"),
        ({}, "Choose a level for likelihood."),
    ):
        with pytest.raises(rules.UnableToScore, match=said):
            rules.check_scores(AXES, wrong)


def test_a_score_is_the_product_and_falls_in_a_band():
    assert rules.total({"likelihood": 2, "impact": 5}) == 10
    assert rules.total({}) is None
    assert [rules.band(BANDS, value) for value in (None, 4, 5, 11)] == [
        "Not scored",
        "Low",
        "High",
        "Outside the bands",
    ]


def test_ties_stand_in_the_stated_order():
    issues = [("Zinc", "", 1), ("Arson", "", 2), ("Brawls", "", 3)]
    marks = [("Ash", "Arson", Mark.MAIN), ("Ash", "Zinc", Mark.PART)]
    marks += [("Ash", "Brawls", Mark.MAIN), ("Birch", "Brawls", Mark.THEME)]
    rows = roll_up(issues, marks)
    assert [(row.issue, row.count) for row in rows] == [("Brawls", 2), ("Zinc", 1), ("Arson", 1)]
    assert rows[0].main == ("Ash",) and rows[0].theme == ("Birch",)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Ash", "Birch", "Cedar"]),
            st.sampled_from(["Arson", "Fraud", "Gone"]),
            st.sampled_from(list(Mark)),
        )
    )
)
def test_no_issue_is_named_by_more_than_there_are(marks: list[tuple[str, str, Mark]]):
    rows = roll_up([("Arson", "", 1), ("Fraud", "", 2)], marks)
    assert {row.issue for row in rows} == {"Arson", "Fraud"}
    for row in rows:
        named = {csp for csp, issue, mark in marks if issue == row.issue and mark != Mark.NONE}
        assert row.count == len(named) <= 3


EXAMPLE = """kind;axis;value;meaning;guidance
level;Impact;1;Low;Annoyance
level;Impact;2;High;Harm
level;Likelihood;1;Rare;
level;Likelihood;3;Often;
band;;1 to 2;Low;
band;;3-6;High;
"""


def test_a_pasted_matrix_becomes_axes_and_bands():
    found = matrix(EXAMPLE)
    assert [axis["label"] for axis in found.axes] == ["Impact", "Likelihood"]
    assert found.axes[0]["levels"][1] == {"value": 2, "label": "High", "guidance": "Harm"}
    assert found.bands == [
        {"from": 1, "to": 2, "label": "Low"},
        {"from": 3, "to": 6, "label": "High"},
    ]
    assert matrix(EXAMPLE.replace(";", "\t")) == found
    assert matrix(EXAMPLE.replace(";", ",")) == found
    quoted = EXAMPLE.replace(";", ",").replace("Annoyance", '"Noise, litter; or both"')
    assert matrix(quoted).axes[0]["levels"][0]["guidance"] == "Noise, litter; or both"


def test_a_matrix_of_two_axes_is_shown_as_a_grid():
    shown = grid(matrix(EXAMPLE))
    assert shown is not None and (shown.down, shown.across) == ("Impact", "Likelihood")
    assert shown.columns == ("1: Rare", "3: Often")
    assert shown.rows == (
        ("1: Low", ("1: Low", "3: High")),
        ("2: High", ("2: Low", "6: High")),
    )
    assert grid(matrix("level;Harm;1;Low\nlevel;Harm;2;High\nband;;1-2;All")) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind;axis", "grid;axis", "Line 1 begins with “grid”"),
        ("level;Impact;2;", "level;Impact;two;", "Line 3: “two” is no level"),
        ("level;Impact;2;", "level;Impact;1;", "Line 3: “Impact” has a level 1 already"),
        ("level;Impact;2;High;Harm\n", "", "“Impact” has one level only"),
        ("level;Impact;1;Low", "level;;1;Low", "Line 2 needs the name of the axis"),
        ("band;;3-6;High;\n", "", "A score of 3 is in no band"),
        ("1 to 2", "1 to 3", "Low and High overlap"),
        ("3-6", "6-3", "Line 7: write a band as two numbers"),
        (EXAMPLE, "", "There is no level"),
    ],
)
def test_a_wrong_matrix_names_the_line(old, new, said):
    with pytest.raises(UnableToLoad, match=re.escape(said)):
        matrix(EXAMPLE.replace(old, new))


def test_an_issue_that_waits_for_a_mark_is_not_marked():
    waiting = problems_before_sign_off(_sections(), {"Burglary": ""}, ["Burglary"])
    assert waiting == ("Say how you name each of these issues: Burglary.",)


def test_a_closed_cycle_stands():
    check_open("2025-26", None, date(2026, 4, 1))
    check_open("2025-26", date(2026, 4, 2), date(2026, 4, 1))
    with pytest.raises(UnableToMove, match="closed on 1 April 2026 and its result stands"):
        check_open("2025-26", date(2026, 4, 1), date(2026, 4, 1))
