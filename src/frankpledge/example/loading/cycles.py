"""Issues, the scoring model, the closed cycle and the current one."""

from __future__ import annotations

from datetime import date
from typing import Any

from frankpledge.access.models import User
from frankpledge.assessment.enums import AssessmentState, Mark, SectionKind
from frankpledge.assessment.models import (
    Assessment,
    Cycle,
    Issue,
    IssueMark,
    ScoringModel,
    Section,
)
from frankpledge.core.markings import Audience
from frankpledge.example.facts import read
from frankpledge.example.loading.partnership import Partnership
from frankpledge.partnership.models import Body


def load(partnership: Partnership) -> dict[str, Any]:
    issues = _issues()
    model = _scoring_model()
    closed = _closed(partnership, issues)
    current = _current(partnership, issues, model)
    return {"issues": issues, "closed": closed, "current": current}


def _issues() -> dict[str, Issue]:
    found, told = {}, read("issue_sources")["sources"]
    for order, row in enumerate(read("issues")["issues"], start=1):
        found[row["key"]] = Issue.objects.create(
            name=row.get("printed_name", row["name"]),
            includes=", ".join(row["includes"]),
            order=order,
            sources=told[row["key"]]["from"],
            gap=told[row["key"]]["gap"],
            valid_from=date(2021, 4, 1),
        )
    return found


def _scoring_model() -> ScoringModel:
    row = read("scoring")["models"][0]
    axes = [
        {"key": criterion["key"], "label": criterion["name"], "levels": criterion["levels"]}
        for section in row["sections"]
        for criterion in section["criteria"]
    ]
    return ScoringModel.objects.create(
        name=row["name"],
        version=row["version"],
        source=f"{row['source']}. {row['sourced']}",
        axes=axes,
        bands=row["bands"],
    )


def _chair(body: Body) -> tuple[User | None, str]:
    office = body.offices.filter(kind="chair", post__isnull=False).first()
    if office is None:
        return None, ""
    held = office.post.holdings.first()
    return (held.holder if held else None), office.post.title


def _assessment(
    cycle: Cycle, body: Body, facts: dict[str, Any], state: AssessmentState, signed: date | None
) -> Assessment:
    window = facts["windows"].get(body.slug, facts["window"])
    by, title = _chair(body) if signed else (None, "")
    return Assessment.objects.create(
        cycle=cycle,
        csp=body,
        window_from=window["from"],
        window_to=window["to"],
        state=state,
        signed_off_on=signed,
        signed_off_by=by,
        signed_off_as=title,
        audience=Audience.PARTNERSHIP,
    )


def _words(text: str, body: Body) -> str:
    place = body.short_name.removesuffix(" CSP")
    return text.replace("{csp}", body.name).replace("{place}", place)


def _write(assessment: Assessment, texts: dict[str, str]) -> None:
    for kind in SectionKind:
        if kind.value in texts:
            Section.objects.create(
                assessment=assessment, kind=kind, text=_words(texts[kind.value], assessment.csp)
            )


def _closed(partnership: Partnership, issues: dict[str, Issue]) -> Cycle:
    facts = read("cycle_2021_22")
    cycle = Cycle.objects.create(
        body=partnership.county,
        name=facts["key"],
        due_on=facts["due"],
        closed_on=facts["closed"],
        note=facts["note"],
    )
    texts = {row["key"]: row["text"] for row in facts["sections"]}
    named = read("issues")["issues"]
    for body in partnership.csps:
        assessment = _assessment(
            cycle, body, facts, AssessmentState.SIGNED_OFF, facts["signed_on"][body.slug]
        )
        _write(assessment, texts)
        _mark(assessment, issues, named, {}, None)
    return cycle


def _mark(
    assessment: Assessment,
    issues: dict[str, Issue],
    named: list[dict[str, Any]],
    scores: dict[str, list[int]],
    model: ScoringModel | None,
) -> None:
    slug = assessment.csp.slug
    for row in named:
        how = next((m for m in (Mark.MAIN, Mark.THEME, Mark.PART) if slug in row[m.value]), None)
        _mark_one(assessment, issues[row["key"]], how or Mark.NONE, scores.get(row["key"]), model)


def _mark_one(
    assessment: Assessment,
    issue: Issue,
    mark: Mark,
    scores: list[int] | None,
    model: ScoringModel | None,
) -> None:
    scored = dict(zip(("impact", "likelihood"), scores, strict=True)) if scores else {}
    IssueMark.objects.create(
        assessment=assessment,
        issue=issue,
        mark=mark,
        scores=scored,
        scoring_model=model if scored else None,
    )


def _current(partnership: Partnership, issues: dict[str, Issue], model: ScoringModel) -> Cycle:
    facts = read("cycle_2025_26")
    cycle = Cycle.objects.create(
        body=partnership.county, name=facts["key"], due_on=facts["due"], note=facts["note"]
    )
    states = {
        "signed": AssessmentState.SIGNED_OFF,
        "in_progress": AssessmentState.IN_PROGRESS,
        "not_started": AssessmentState.NOT_STARTED,
    }
    for row in facts["assessments"]:
        body = partnership.bodies[row["csp"]]
        assessment = _assessment(cycle, body, facts, states[row["state"]], row.get("signed_on"))
        if row["state"] == "signed":
            _write(assessment, facts["section_texts"])
            _mark(assessment, issues, facts["issues"], facts["scores"].get(body.slug, {}), model)
        elif body.slug in facts:
            _half_done(assessment, facts[body.slug], issues, model)
    return cycle


def _half_done(
    assessment: Assessment, row: dict[str, Any], issues: dict[str, Issue], model: ScoringModel
) -> None:
    _write(assessment, row["sections"])
    for key, mark in row["marks"].items():
        _mark_one(assessment, issues[key], Mark(mark), row["scores"].get(key), model)
