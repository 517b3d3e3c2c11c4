"""Findings of the example, asked of its own data and placed in its assessments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from frankpledge.access.actors import Actor
from frankpledge.assessment.enums import AssessmentState
from frankpledge.assessment.models import Assessment, Placing, Section
from frankpledge.core import clock
from frankpledge.evidence.actions import bring_in_finding, save_finding
from frankpledge.evidence.models import Finding
from frankpledge.evidence.queries.asking import answer
from frankpledge.evidence.rules import Question
from frankpledge.example.facts import read
from frankpledge.partnership.models import Organisation


def load(*, actor: Actor, now: datetime) -> None:
    facts = read("cycle_2025_26")
    survey = _survey(actor, facts["external_findings"][0], now)
    current = Assessment.objects.filter(cycle__name=facts["key"]).select_related("csp", "cycle")
    for assessment in current.order_by("csp__name", "pk"):
        if assessment.state == AssessmentState.NOT_STARTED:
            continue
        _place(assessment, "community", survey)
        if assessment.state == AssessmentState.SIGNED_OFF:
            for row in facts["finding_questions"][:3]:
                _place(assessment, row["section"], _asked(actor, assessment, row, now))
    for row in facts["proposal"]["evidence"]:
        if row["rests_on"] == "finding":
            _county(actor, row, now)


def _survey(actor: Actor, row: dict[str, Any], now: datetime) -> Finding:
    return bring_in_finding(
        actor=actor,
        fields={
            "sentence": row["sentence"],
            "source": row["source"],
            "owner": Organisation.objects.get(slug=row["owner"]),
            "period_from": row["period"]["from"],
            "period_to": row["period"]["to"],
            "caveats": [row["caveat"]],
            "synthetic": True,
            "audience": "partnership",
        },
        columns=row["columns"],
        rows=[[str(cell) for cell in line] for line in row["rows"]],
        now=now,
    )


def _asked(actor: Actor, assessment: Assessment, row: dict[str, Any], now: datetime) -> Finding:
    area = assessment.csp.areas.first()
    question = Question(
        dataset=row["dataset"],
        start=f"{assessment.window_from:%Y-%m}",
        end=f"{assessment.window_to:%Y-%m}",
        area=area.code if area else "",
        by=row["by"][0],
        category=row.get("category", row.get("indicator", "")),
    )
    return _save(actor, question, now)


def _county(actor: Actor, row: dict[str, Any], now: datetime) -> Finding:
    question = Question(
        dataset=row["dataset"],
        start=row["from"],
        end=row["to"],
        by="month",
        category=row.get("category", ""),
    )
    return _save(actor, question, now)


def _save(actor: Actor, question: Question, now: datetime) -> Finding:
    found = answer(actor=actor, question=question, on=clock.today())
    words = {"sentence": found.sentence.sentence, "audience": "partnership"}
    return save_finding(actor=actor, answer=found, words=words, now=now)


def _place(assessment: Assessment, kind: str, finding: Finding) -> None:
    section, _ = Section.objects.get_or_create(assessment=assessment, kind=kind)
    Placing.objects.create(section=section, finding=finding, order=section.placings.count())
