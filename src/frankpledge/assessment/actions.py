"""What people do with a strategic assessment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE, find
from frankpledge.access.enums import Capability
from frankpledge.assessment import rules
from frankpledge.assessment.enums import AssessmentState, Mark, SectionKind
from frankpledge.assessment.models import (
    Assessment,
    Cycle,
    Issue,
    IssueMark,
    Placing,
    ScoringModel,
    Section,
)
from frankpledge.assessment.queries.reading import problems
from frankpledge.core.history import check_unchanged
from frankpledge.evidence.models import Finding
from frankpledge.partnership.enums import BodyKind
from frankpledge.partnership.models import Body


class UnableToOpen(Exception):
    """A cycle that cannot be opened; the sentence says why."""


class UnableToChange(Exception):
    """A signed-off assessment stands as it is until it is reopened."""


def _open(assessment: Assessment) -> Assessment:
    """The assessment, locked and ready to be written in."""
    locked = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if locked.state == AssessmentState.SIGNED_OFF:
        raise UnableToChange("This assessment is signed off. Its chair can reopen it.")
    if locked.state == AssessmentState.NOT_STARTED:
        locked.state = AssessmentState.IN_PROGRESS
        locked.save()
    return locked


def write_section(
    *,
    actor: Actor,
    assessment: Assessment,
    kind: SectionKind,
    text: str,
    reason_empty: str,
    now: datetime,
    seen: str = "",
) -> Section:
    """Raises ChangedMeanwhile where the section is no more as the page showed it."""
    with change(
        actor=actor, capability=Capability.WRITE_ASSESSMENT, record=assessment, now=now
    ) as audit:
        locked = _open(assessment)
        section, _ = Section.objects.get_or_create(assessment=locked, kind=kind)
        check_unchanged(f"“{kind.label}”", seen, section.text, section.reason_empty)
        section.text, section.reason_empty = text, reason_empty
        section.save()
        audit.note(f"Wrote “{kind.label}” of {locked}.", record=locked, concerns=(locked.csp,))
    return section


def set_window(
    *, actor: Actor, assessment: Assessment, start: date, end: date, now: datetime
) -> None:
    with change(
        actor=actor, capability=Capability.WRITE_ASSESSMENT, record=assessment, now=now
    ) as audit:
        locked = _open(assessment)
        locked.window_from, locked.window_to = start, end
        locked.save()
        audit.note(
            f"Set the data window of {locked} to {start:%-d %B %Y} to {end:%-d %B %Y}.",
            record=locked,
            concerns=(locked.csp,),
        )


def place_finding(
    *,
    actor: Actor,
    assessment: Assessment,
    kind: SectionKind,
    finding: Finding,
    commentary: str,
    now: datetime,
) -> Placing:
    """Put a Finding the actor can see into a section; placing it again changes the commentary."""
    with change(
        actor=actor, capability=Capability.WRITE_ASSESSMENT, record=assessment, now=now
    ) as audit:
        find(actor, Finding, pk=finding.pk)
        locked = _open(assessment)
        section, _ = Section.objects.get_or_create(assessment=locked, kind=kind)
        placing, _ = Placing.objects.update_or_create(
            section=section,
            finding=finding,
            defaults={"commentary": commentary},
            create_defaults={"commentary": commentary, "order": section.placings.count()},
        )
        audit.note(
            f"Placed a Finding in “{kind.label}” of {locked}.",
            record=locked,
            concerns=(locked.csp,),
        )
    return placing


def take_out_finding(*, actor: Actor, placing: Placing, now: datetime) -> None:
    assessment = placing.section.assessment
    with change(
        actor=actor, capability=Capability.WRITE_ASSESSMENT, record=assessment, now=now
    ) as audit:
        locked = _open(assessment)
        placing.delete()
        audit.note(f"Took a Finding out of {locked}.", record=locked, concerns=(locked.csp,))


def move_finding(*, actor: Actor, placing: Placing, up: bool, now: datetime) -> None:
    """Change places with the neighbour above or below."""
    assessment = placing.section.assessment
    with change(
        actor=actor, capability=Capability.WRITE_ASSESSMENT, record=assessment, now=now
    ) as audit:
        locked = _open(assessment)
        order = list(placing.section.placings.order_by("order", "created_at", "pk"))
        here = order.index(placing)
        there = max(0, here - 1) if up else min(len(order) - 1, here + 1)
        order[here], order[there] = order[there], order[here]
        for position, each in enumerate(order):
            each.order = position
            each.save()
        audit.note(f"Reordered Findings in {locked}.", record=locked, concerns=(locked.csp,))


def mark_issues(
    *,
    actor: Actor,
    assessment: Assessment,
    marks: Mapping[Issue, tuple[Mark, str]],
    now: datetime,
) -> None:
    """Say how the assessment names each issue, with a reason where one is given."""
    with change(
        actor=actor, capability=Capability.WRITE_ASSESSMENT, record=assessment, now=now
    ) as audit:
        locked = _open(assessment)
        for issue, (mark, reason) in marks.items():
            IssueMark.objects.update_or_create(
                assessment=locked, issue=issue, defaults={"mark": mark, "reason": reason}
            )
        audit.note(
            f"Marked {len(marks)} issues in {locked}.", record=locked, concerns=(locked.csp,)
        )


def score_issue(
    *,
    actor: Actor,
    assessment: Assessment,
    issue: Issue,
    model: ScoringModel,
    scores: Mapping[str, int],
    now: datetime,
) -> IssueMark:
    """Raises UnableToScore when the scoring model does not know a level."""
    with change(
        actor=actor, capability=Capability.WRITE_ASSESSMENT, record=assessment, now=now
    ) as audit:
        rules.check_scores(model.axes, scores)
        locked = _open(assessment)
        marked, _ = IssueMark.objects.update_or_create(
            assessment=locked,
            issue=issue,
            defaults={"scoring_model": model, "scores": dict(scores)},
        )
        audit.note(f"Scored {issue} in {locked}.", record=locked, concerns=(locked.csp,))
    return marked


def sign_off(*, actor: Actor, assessment: Assessment, today: date, now: datetime) -> None:
    """Raises UnableToSignOff naming what is missing, UnableToMove when it is signed already."""
    with change(
        actor=actor, capability=Capability.SIGN_OFF_ASSESSMENT, record=assessment, now=now
    ) as audit:
        locked = Assessment.objects.select_for_update().get(pk=assessment.pk)
        rules.check_move(locked.state, AssessmentState.SIGNED_OFF)
        missing = problems(locked, on=locked.window_to)
        if missing:
            raise rules.UnableToSignOff(missing)
        locked.state = AssessmentState.SIGNED_OFF
        locked.signed_off_on = today
        locked.signed_off_by_id = actor.user_id
        locked.signed_off_as = actor.name
        locked.save()
        audit.note(f"Signed off {locked}.", record=locked, concerns=(locked.csp, locked.cycle.body))


def reopen(
    *, actor: Actor, assessment: Assessment, reason: str, today: date, now: datetime
) -> None:
    """Raises UnableToMove once the cycle is closed: what rests on its result stands."""
    with change(
        actor=actor, capability=Capability.SIGN_OFF_ASSESSMENT, record=assessment, now=now
    ) as audit:
        locked = Assessment.objects.select_for_update().get(pk=assessment.pk)
        rules.check_move(locked.state, AssessmentState.IN_PROGRESS)
        rules.check_open(locked.cycle.name, locked.cycle.closed_on, today)
        locked.state = AssessmentState.IN_PROGRESS
        locked.signed_off_on = locked.signed_off_by = None
        locked.signed_off_as = ""
        locked.save()
        audit.note(
            f"Reopened {locked}: {reason}", record=locked, concerns=(locked.csp, locked.cycle.body)
        )


def chase(*, actor: Actor, assessment: Assessment, today: date, now: datetime) -> None:
    """Remind a district that its assessment is owed; it shows in the district's inbox at once."""
    with change(actor=actor, capability=Capability.CHASE, record=assessment, now=now) as audit:
        locked = Assessment.objects.select_for_update().get(pk=assessment.pk)
        locked.chased_on = today
        locked.save()
        audit.note(f"Chased {locked}.", record=locked, concerns=(locked.csp,))


def chase_all(
    *, actor: Actor, assessments: Iterable[Assessment], today: date, now: datetime
) -> None:
    """Remind every one of these districts, all or none."""
    with transaction.atomic():
        for assessment in assessments:
            chase(actor=actor, assessment=assessment, today=today, now=now)


def load_scoring_model(
    *,
    actor: Actor,
    assessment: Assessment,
    name: str,
    version: str,
    source: str,
    matrix: str,
    now: datetime,
) -> ScoringModel:
    """A district may bring its own scoring matrix; it is a new version, never a change of one.

    Raises UnableToLoad for cells that make no matrix, and for a version that is there already.
    """
    with change(
        actor=actor, capability=Capability.WRITE_ASSESSMENT, record=assessment, now=now
    ) as audit:
        found = rules.matrix(matrix)
        if ScoringModel.objects.filter(name=name, version=version).exists():
            raise rules.UnableToLoad(f"There is a version {version} of “{name}” already.")
        model = ScoringModel.objects.create(
            name=name, version=version, source=source, axes=found.axes, bands=found.bands
        )
        audit.note(f"Loaded the scoring model {model}.", record=assessment)
    return model


def open_cycle(
    *,
    actor: Actor,
    body: Body,
    name: str,
    due_on: date,
    window_from: date,
    window_to: date,
    today: date,
    now: datetime,
) -> Cycle:
    """Ask every district partnership of today for its assessment. Raises UnableToOpen."""
    with change(actor=actor, capability=Capability.RUN_CYCLES, record=SITE, now=now) as audit:
        csps = Body.objects.on(today).filter(parent=body, kind=BodyKind.CSP)
        if not csps:
            raise UnableToOpen(f"{body} has no district partnership in force to ask.")
        if Cycle.objects.filter(body=body, name=name).exists():
            raise UnableToOpen(f"There is a cycle {name} already.")
        cycle = Cycle.objects.create(body=body, name=name, due_on=due_on)
        for csp in csps:
            Assessment.objects.create(
                cycle=cycle, csp=csp, window_from=window_from, window_to=window_to
            )
        audit.note(
            f"Opened the cycle {cycle}: asked {len(csps)} partnerships for their assessments.",
            record=cycle,
            concerns=(body, *csps),
        )
    return cycle


def close_cycle(*, actor: Actor, cycle: Cycle, today: date, now: datetime) -> Cycle:
    """The result stands from now on. Raises UnableToMove where it is closed already."""
    with change(actor=actor, capability=Capability.RUN_CYCLES, record=cycle, now=now) as audit:
        locked = Cycle.objects.select_for_update().get(pk=cycle.pk)
        rules.check_open(locked.name, locked.closed_on, today)
        locked.closed_on = today
        locked.save()
        audit.note(f"Closed the cycle {locked}.", record=locked, concerns=(locked.body,))
    return locked
