"""Lists and single assessments, as an actor may see them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Decision, decided, find, may, visible, with_decisions
from frankpledge.access.enums import Capability
from frankpledge.assessment import rules
from frankpledge.assessment.enums import AssessmentState, Mark, SectionKind
from frankpledge.assessment.models import Assessment, Cycle, Issue, IssueMark, Placing, ScoringModel
from frankpledge.evidence.models import Finding
from frankpledge.partnership.enums import BodyKind
from frankpledge.partnership.models import Body


def cycles(*, actor: Actor) -> QuerySet[Cycle]:
    return visible(actor, Capability.VIEW, Cycle).select_related("body")


def cycle_named(*, actor: Actor, name: str) -> Cycle | None:
    """The cycle of that name; without a name, the latest this actor may see."""
    if "\x00" in name:
        return None
    found = cycles(actor=actor)
    return found.filter(name=name).first() if name else found.order_by("-due_on", "pk").first()


@dataclass(frozen=True)
class Line:
    """One row of the list of a cycle."""

    assessment: Assessment
    late: bool
    may_chase: Decision

    @property
    def status(self) -> str:
        if self.late:
            return f"Late: {self.assessment.get_state_display().lower()}"
        return str(self.assessment.get_state_display())


def assessments(*, actor: Actor, cycle: Cycle, today: date) -> list[Line]:
    seen = visible(actor, Capability.VIEW, Assessment).filter(cycle=cycle)
    rows = with_decisions(seen, actor, (Capability.CHASE,)).select_related("csp", "cycle")
    return [
        Line(row, is_late(row, today), decided(row, Capability.CHASE))
        for row in rows.order_by("csp__name", "pk")
    ]


def is_late(assessment: Assessment, today: date) -> bool:
    open_still = assessment.state != AssessmentState.SIGNED_OFF
    return open_still and assessment.cycle.due_on < today


@dataclass(frozen=True)
class SectionPage:
    kind: SectionKind
    text: str
    reason_empty: str
    placings: tuple[Any, ...]

    @property
    def status(self) -> tuple[str, str]:
        if self.text.strip() or self.placings:
            return "Written", ""
        if self.reason_empty.strip():
            return "Nothing, with a reason", "grey"
        return "Not written", "blue"


@dataclass(frozen=True)
class Page:
    """Everything the record page of an assessment shows."""

    assessment: Assessment
    sections: tuple[SectionPage, ...]
    marks: tuple[IssueMark, ...]
    unmarked: tuple[Issue, ...]
    problems: tuple[str, ...]
    late: bool
    may_write: Decision
    may_sign: Decision
    may_chase: Decision


def assessment(*, actor: Actor, pk: Any) -> Assessment:
    return find(
        actor,
        Assessment,
        queryset=Assessment.objects.select_related("csp", "cycle__body"),
        pk=pk,
    )


def sections_of(found: Assessment, actor: Actor) -> tuple[SectionPage, ...]:
    """The six sections in their order, with the Findings this actor may see."""
    seen = visible(actor, Capability.VIEW, Finding).values("pk")
    kept = {section.kind: section for section in found.sections.all()}
    placings: dict[Any, list[Any]] = {}
    rows = [
        placing
        for section in kept.values()
        for placing in section.placings.filter(finding__in=seen).select_related("finding")
    ]
    for placing in rows:
        placings.setdefault(placing.section_id, []).append(placing)
    return tuple(
        SectionPage(
            kind=kind,
            text=kept[kind].text if kind in kept else "",
            reason_empty=kept[kind].reason_empty if kind in kept else "",
            placings=tuple(placings.get(kept[kind].pk, ())) if kind in kept else (),
        )
        for kind in SectionKind
    )


def page(*, actor: Actor, pk: Any, today: date) -> Page:
    found = assessment(actor=actor, pk=pk)
    marks = tuple(found.marks.select_related("issue", "scoring_model").order_by("issue__order"))
    marked = {mark.issue_id for mark in marks}
    issues = issues_on(found.window_to)
    return Page(
        assessment=found,
        sections=sections_of(found, actor),
        marks=marks,
        unmarked=tuple(issue for issue in issues if issue.pk not in marked),
        problems=problems(found, on=found.window_to),
        late=is_late(found, today),
        may_write=may(actor, Capability.WRITE_ASSESSMENT, found),
        may_sign=may(actor, Capability.SIGN_OFF_ASSESSMENT, found),
        may_chase=may(actor, Capability.CHASE, found),
    )


def issues_on(day: date) -> list[Issue]:
    return list(Issue.objects.on(day))


def scoring_models() -> QuerySet[ScoringModel]:
    return ScoringModel.objects.order_by("name", "-version", "pk")


def section_views(found: Assessment) -> list[rules.SectionView]:
    return [
        rules.SectionView(
            kind=SectionKind(section.kind),
            text=section.text,
            reason_empty=section.reason_empty,
            findings=len(section.placings.all()),
        )
        for section in found.sections.prefetch_related("placings")
    ]


def problems(found: Assessment, *, on: date) -> tuple[str, ...]:
    """What stands between this assessment and its chair's signature."""
    marks = dict(found.marks.values_list("issue__name", "mark"))
    issues = Issue.objects.on(on).values_list("name", flat=True)
    return rules.problems_before_sign_off(section_views(found), marks, issues)


def placeable(*, actor: Actor, found: Assessment) -> QuerySet[Finding]:
    """Findings this actor may see, the newest first."""
    return visible(actor, Capability.VIEW, Finding).order_by("-created_at", "pk")


def named(marks: tuple[IssueMark, ...], how: Mark) -> list[IssueMark]:
    return [mark for mark in marks if mark.mark == how]


def placing(found: Assessment, pk: Any) -> Placing:
    """A placing of this very assessment, or 404."""
    try:
        return Placing.objects.select_related("section__assessment").get(
            pk=pk, section__assessment=found
        )
    except Placing.DoesNotExist:
        raise Http404 from None


@dataclass(frozen=True)
class ScoreRow:
    issue: Issue
    scores: str
    total: int | None
    band: str


def score_rows(page: Page) -> list[ScoreRow]:
    """Each issue with its score, the highest first, those without one last."""
    marks = {mark.issue_id: mark for mark in page.marks}
    rows = []
    for issue in issues_on(page.assessment.window_to):
        mark = marks.get(issue.pk)
        scores = mark.scores if mark else {}
        value = rules.total(scores)
        bands = mark.scoring_model.bands if mark and mark.scoring_model else []
        rows.append(
            ScoreRow(
                issue=issue,
                scores=" × ".join(str(each) for each in scores.values()),
                total=value,
                band=rules.band(bands, value),
            )
        )
    return sorted(rows, key=lambda row: (-(row.total or 0), row.issue.order))


def to_score(
    found: Assessment, issue_pk: Any, model_pk: str
) -> tuple[Issue, ScoringModel, dict[str, str]]:
    """The issue, the scoring model to use and what was scored before with it."""
    issue = next((each for each in issues_on(found.window_to) if each.pk == issue_pk), None)
    mark = found.marks.filter(issue=issue).select_related("scoring_model").first()
    models = {str(model.pk): model for model in scoring_models()}
    model = models.get(model_pk) or (mark.scoring_model if mark else None)
    model = model or next(iter(models.values()), None)
    if issue is None or model is None:
        raise Http404
    same = mark is not None and mark.scoring_model_id == model.pk
    return issue, model, {k: str(v) for k, v in mark.scores.items()} if same else {}


def cycle(*, actor: Actor, pk: Any) -> Cycle:
    found: Cycle = find(actor, Cycle, pk=pk)
    return found


def unsigned(cycle: Cycle) -> int:
    return cycle.assessments.exclude(state=AssessmentState.SIGNED_OFF).count()


def county_bodies(*, on: date) -> QuerySet[Body]:
    """The bodies that district partnerships answer to."""
    asked = Body.objects.on(on).filter(kind=BodyKind.CSP, parent=OuterRef("pk"))
    return Body.objects.on(on).filter(Exists(asked)).order_by("name", "pk")


def matrix_example() -> str:
    """The newest scoring model as a CSV file, as `rules.matrix` reads it."""
    model = scoring_models().exclude(axes=[]).order_by("-created_at", "pk").first()
    rows: list[tuple[Any, ...]] = [("kind", "axis", "value", "meaning", "guidance")]
    for axis in model.axes if model else ():
        rows += [
            ("level", axis["label"], level["value"], level["label"], level.get("guidance", ""))
            for level in axis["levels"]
        ]
    for each in model.bands if model else ():
        rows.append(("band", "", f"{each['from']} to {each['to']}", each["label"], ""))
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
