"""Reads of the assessment room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from frankpledge.assessment import rules
from frankpledge.assessment.enums import AssessmentState
from frankpledge.assessment.models import Assessment, Cycle, Issue, IssueMark


@dataclass(frozen=True)
class RollUp:
    """The county's table of a cycle: only signed-off assessments count."""

    cycle: Cycle
    rows: tuple[rules.RollUpRow, ...]
    csps: int
    signed_off: int

    @property
    def total(self) -> int:
        return sum(row.count for row in self.rows)


def cycle_roll_up(*, cycle: Cycle, on: date) -> RollUp:
    """How many CSPs name each issue and how, drawn from what their chairs signed off."""
    signed = Assessment.objects.filter(cycle=cycle, state=AssessmentState.SIGNED_OFF)
    marks = IssueMark.objects.filter(assessment__in=signed).values_list(
        "assessment__csp__name", "issue__name", "mark"
    )
    issues = Issue.objects.on(on).values_list("name", "includes", "order")
    return RollUp(
        cycle=cycle,
        rows=rules.roll_up(issues, marks),
        csps=Assessment.objects.filter(cycle=cycle).count(),
        signed_off=signed.count(),
    )
