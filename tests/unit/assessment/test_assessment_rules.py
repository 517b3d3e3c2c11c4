"""What closes an assessment, what a score may be, and how marks are counted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.assessment import rules
from frankpledge.assessment.enums import ALLOWED_MOVES, AssessmentState, Mark, SectionKind
from frankpledge.assessment.rules import SectionView, problems_before_sign_off, roll_up

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
