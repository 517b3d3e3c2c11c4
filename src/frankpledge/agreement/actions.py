"""What people do with the agreement, its versions and proposals to change priorities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE, find
from frankpledge.access.enums import Capability
from frankpledge.agreement import rules
from frankpledge.agreement.enums import ChangeKind, ProposalState, VersionState
from frankpledge.agreement.models import (
    AgreementVersion,
    ChangeNote,
    Chapter,
    LandscapeEntry,
    Priority,
    PriorityChange,
    Theme,
)
from frankpledge.agreement.queries.document import compose, difference
from frankpledge.assessment.models import Cycle, Issue
from frankpledge.core.history import check_unchanged
from frankpledge.documents.frozen import digest
from frankpledge.evidence.models import Finding


class UnableToChangeVersion(Exception):
    """What is published never changes."""


def _draft(version: AgreementVersion) -> AgreementVersion:
    locked = AgreementVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != VersionState.DRAFT:
        raise UnableToChangeVersion(
            f"Version {locked.number} is {locked.get_state_display().lower()} and stays as it is. "
            "Draft a new version to change it."
        )
    return locked


def _check_next(previous: AgreementVersion, fields: Mapping[str, Any]) -> None:
    after = AgreementVersion.objects.filter(previous=previous).first()
    if after is not None:
        raise UnableToChangeVersion(f"Version {after.number} already follows {previous.number}.")
    same = AgreementVersion.objects.filter(number=fields["number"]).first()
    if same is not None:
        raise UnableToChangeVersion(f"There is a version {same.number} already, of {same.body}.")
    _check_cycle(fields.get("cycle"), previous)
    if fields["effective_from"] <= previous.effective_from:
        raise UnableToChangeVersion(
            f"It must take effect after version {previous.number}, "
            f"which did on {previous.effective_from:%-d %B %Y}."
        )


def _check_cycle(cycle: Cycle | None, version: AgreementVersion) -> None:
    if cycle is not None and cycle.body_id != version.body_id:
        raise UnableToChangeVersion(f"Choose a cycle of {version.body}.")


def rest_on_cycle(
    *, actor: Actor, version: AgreementVersion, cycle: Cycle | None, now: datetime
) -> AgreementVersion:
    """Say which cycle of assessments a draft brings together."""
    with change(
        actor=actor, capability=Capability.DRAFT_AGREEMENT, record=version, now=now
    ) as audit:
        locked = _draft(version)
        _check_cycle(cycle, locked)
        locked.cycle = cycle
        locked.save()
        audit.note(f"{locked} rests on {cycle or 'no cycle of assessments'}.", record=locked)
    return locked


def draft_next(
    *, actor: Actor, previous: AgreementVersion, fields: Mapping[str, Any], now: datetime
) -> AgreementVersion:
    """A new draft with the chapters and landscape of the version before.

    Raises UnableToChangeVersion where a version follows already, or number or date do not."""
    with change(
        actor=actor, capability=Capability.DRAFT_AGREEMENT, record=previous, now=now
    ) as audit:
        _check_next(previous, fields)
        version = AgreementVersion.objects.create(
            body=previous.body,
            previous=previous,
            title=previous.title,
            audience=previous.audience,
            classification=previous.classification,
            purpose=previous.purpose,
            **fields,
        )
        for chapter in previous.chapters.all():
            Chapter.objects.create(
                version=version,
                key=chapter.key,
                label=chapter.label,
                title=chapter.title,
                order=chapter.order,
                text=chapter.text,
            )
        for entry in previous.landscape.all():
            LandscapeEntry.objects.create(
                version=version,
                group=entry.group,
                number=entry.number,
                title=entry.title,
                text=entry.text,
                order=entry.order,
                legislation_id=entry.legislation_id,
            )
        audit.note(f"Drafted {version}.", record=version, concerns=(version.body,))
    return version


def write_chapter(
    *, actor: Actor, chapter: Chapter, title: str, text: str, now: datetime, seen: str = ""
) -> Chapter:
    """Raises ChangedMeanwhile where the chapter is no more as the page showed it."""
    with change(
        actor=actor, capability=Capability.DRAFT_AGREEMENT, record=chapter.version, now=now
    ) as audit:
        _draft(chapter.version)
        stored = Chapter.objects.select_for_update().get(pk=chapter.pk)
        check_unchanged(f"“{stored.title}”", seen, stored.title, stored.text)
        chapter.title, chapter.text = title, text
        chapter.save()
        audit.note(f"Wrote {chapter} of {chapter.version}.", record=chapter.version)
    return chapter


def write_change_notes(
    *,
    actor: Actor,
    version: AgreementVersion,
    notes: Iterable[tuple[str, str]],
    now: datetime,
) -> None:
    """Replace the notes: (chapter key or nothing, words)."""
    with change(
        actor=actor, capability=Capability.DRAFT_AGREEMENT, record=version, now=now
    ) as audit:
        locked = _draft(version)
        labels = {chapter.key: chapter.label or chapter.title for chapter in locked.chapters.all()}
        locked.change_notes.all().delete()
        for order, (key, text) in enumerate(notes):
            ChangeNote.objects.create(
                version=locked,
                chapter_key=key,
                label=_note_label(labels.get(key, "")),
                text=text,
                order=order,
            )
        audit.note(f"Wrote the change notes of {locked}.", record=locked)


def _note_label(label: str) -> str:
    return f"Ch.{label}" if label.isdigit() else label


def agree(*, actor: Actor, version: AgreementVersion, now: datetime) -> None:
    """The partnership agreed the draft; it is ready to publish."""
    with change(
        actor=actor, capability=Capability.PUBLISH_AGREEMENT, record=version, now=now
    ) as audit:
        locked = AgreementVersion.objects.select_for_update().get(pk=version.pk)
        rules.check_move(locked.state, VersionState.AGREED)
        locked.state = VersionState.AGREED
        locked.save()
        audit.note(f"{locked} was agreed.", record=locked, concerns=(locked.body,))


def back_to_draft(*, actor: Actor, version: AgreementVersion, now: datetime) -> None:
    with change(
        actor=actor, capability=Capability.PUBLISH_AGREEMENT, record=version, now=now
    ) as audit:
        locked = AgreementVersion.objects.select_for_update().get(pk=version.pk)
        rules.check_move(locked.state, VersionState.DRAFT)
        locked.state = VersionState.DRAFT
        locked.save()
        audit.note(f"{locked} went back to draft.", record=locked, concerns=(locked.body,))


def publish(*, actor: Actor, version: AgreementVersion, today: date, now: datetime) -> None:
    """Freeze the document. Raises UnableToPublish when notes and chapters disagree."""
    with change(
        actor=actor, capability=Capability.PUBLISH_AGREEMENT, record=version, now=now
    ) as audit:
        locked = AgreementVersion.objects.select_for_update().get(pk=version.pk)
        rules.check_move(locked.state, VersionState.PUBLISHED)
        problems = difference(locked).problems + rules.cycle_problems(
            locked.cycle.name if locked.cycle else "",
            locked.cycle.closed_on if locked.cycle else None,
            today,
        )
        if problems:
            raise rules.UnableToPublish(problems)
        locked.state, locked.published_on = VersionState.PUBLISHED, today
        composed = compose(locked)
        locked.content = composed.kept()
        locked.content_digest = digest(composed.document)
        locked.save()
        audit.note(f"Published {locked}.", record=locked, concerns=(locked.body,))


def propose_change(
    *,
    actor: Actor,
    fields: Mapping[str, Any],
    findings: Iterable[Finding],
    issues: Iterable[Issue],
    today: date,
    now: datetime,
) -> PriorityChange:
    """Propose with evidence: only Findings the proposer can see may be cited."""
    with change(actor=actor, capability=Capability.PROPOSE_CHANGE, record=SITE, now=now) as audit:
        cited = [find(actor, Finding, pk=finding.pk) for finding in findings]
        proposal = PriorityChange.objects.create(
            proposed_on=today,
            proposed_by_id=actor.user_id if actor.user_id != "console" else None,
            **fields,
        )
        proposal.findings.set(cited)
        proposal.issues.set(issues)
        audit.note(f"Proposed: {proposal}.", record=proposal, concerns=(proposal.body,))
    return proposal


def decide_change(
    *,
    actor: Actor,
    proposal: PriorityChange,
    agreed: bool,
    decided_by: str,
    version: AgreementVersion | None,
    today: date,
    now: datetime,
) -> PriorityChange:
    """Record the decision; an agreed change takes effect with the version that brings it in."""
    with change(actor=actor, capability=Capability.DRAFT_AGREEMENT, record=SITE, now=now) as audit:
        find(actor, PriorityChange, pk=proposal.pk)
        locked = PriorityChange.objects.select_for_update().get(pk=proposal.pk)
        rules.check_undecided(locked.state)
        locked.state = ProposalState.AGREED if agreed else ProposalState.REFUSED
        locked.decided_on, locked.decided_by = today, decided_by
        if agreed and version is not None:
            if _draft(version).body_id != locked.body_id:
                raise rules.UnableToDecide("Choose a draft of the body the change was put to.")
            locked.version, locked.effective_from = version, version.effective_from
            _apply(locked)
        locked.save()
        audit.note(
            f"{locked.get_state_display()}: {locked}.", record=locked, concerns=(locked.body,)
        )
    return locked


def _apply(proposal: PriorityChange) -> None:
    """End what stood before and begin what stands after, on the day the version takes effect."""
    begins = proposal.effective_from
    ends = begins - timedelta(days=1)
    name = proposal.new_name or proposal.name
    kind = ChangeKind(proposal.kind)
    old: Priority | Theme | None = proposal.priority or proposal.theme
    if old is not None:
        rules.check_can_end(old.name, old.valid_from, old.valid_to, ends)
    order = old.order if old is not None else 1 + _last_order(proposal)
    if kind == ChangeKind.KEPT:
        return
    if old is not None:
        old.valid_to = ends
        old.save()
    if kind == ChangeKind.REMOVED:
        return
    model = Theme if kind == ChangeKind.DEMOTED or _stays_a_theme(proposal, kind) else Priority
    new = model.objects.create(
        body=proposal.body,
        name=name,
        scope=proposal.new_scope or (old.scope if old is not None else ""),
        order=order,
        valid_from=begins,
    )
    new.issues.set([*proposal.issues.all(), *(old.issues.all() if old is not None else ())])
    if isinstance(new, Priority) and isinstance(old, Priority):
        new.leads.set(old.leads.all())
        new.plans.set(old.plans.all())
        new.legislation.set(old.legislation.all())
        new.lead_note, new.delegated_to = old.lead_note, old.delegated_to
        new.save()
        for objective in old.objectives.all():
            objective.priorities.add(new)


def _stays_a_theme(proposal: PriorityChange, kind: ChangeKind) -> bool:
    return proposal.theme is not None and kind in (ChangeKind.RENAMED, ChangeKind.WIDENED)


def _last_order(proposal: PriorityChange) -> int:
    orders = Priority.objects.filter(body=proposal.body).values_list("order", flat=True)
    return max(orders, default=0)


def withdraw_change(*, actor: Actor, proposal: PriorityChange, now: datetime) -> None:
    with change(
        actor=actor, capability=Capability.PROPOSE_CHANGE, record=proposal, now=now
    ) as audit:
        locked = PriorityChange.objects.select_for_update().get(pk=proposal.pk)
        rules.check_undecided(locked.state)
        locked.state = ProposalState.WITHDRAWN
        locked.save()
        audit.note(f"Withdrew: {locked}.", record=locked, concerns=(locked.body,))
