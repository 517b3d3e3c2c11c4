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
from frankpledge.agreement.enums import Outcome, ProposalState, VersionState
from frankpledge.agreement.models import (
    AgreementVersion,
    ChangeNote,
    Chapter,
    LandscapeEntry,
    Priority,
    PriorityChange,
    Theme,
)
from frankpledge.agreement.queries import coming, reading
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
        agreed = locked.state == VersionState.AGREED
        remedy = "Send it back to draft" if agreed else "Draft a new version"
        raise UnableToChangeVersion(
            f"Version {locked.number} is {locked.get_state_display().lower()} and stays as it is. "
            f"{remedy} to change it."
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
        _bring_in_waiting(version)
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


def discard_draft(*, actor: Actor, version: AgreementVersion, now: datetime) -> None:
    """Take a draft away. What was agreed for it waits for the next draft."""
    with change(
        actor=actor, capability=Capability.DRAFT_AGREEMENT, record=version, now=now
    ) as audit:
        locked = _draft(version)
        after = AgreementVersion.objects.filter(previous=locked).first()
        if after is not None:
            raise UnableToChangeVersion(
                f"Version {after.number} follows it. Discard version {after.number} first."
            )
        for agreed in locked.priority_changes.all():
            agreed.version, agreed.effective_from = None, None
            agreed.save()
        audit.note(f"Discarded the draft of {locked}.", record=locked, concerns=(locked.body,))
        locked.delete()


def _bring_in_waiting(version: AgreementVersion) -> None:
    """Changes that were agreed for a draft that was discarded."""
    for agreed in coming.waiting(version.body_id):
        agreed.version, agreed.effective_from = version, version.effective_from
        agreed.save()


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
    seen: str = "",
) -> None:
    """Replace the notes: (chapter key or nothing, words).

    Raises ChangedMeanwhile where the notes are no more as the page showed them."""
    with change(
        actor=actor, capability=Capability.DRAFT_AGREEMENT, record=version, now=now
    ) as audit:
        locked = _draft(version)
        check_unchanged("the change notes", seen, *reading.texts_of_notes(locked))
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
    """Bring its changes of priority in and freeze the document, or neither.

    Raises UnableToPublish naming what stands against it."""
    with change(
        actor=actor, capability=Capability.PUBLISH_AGREEMENT, record=version, now=now
    ) as audit:
        locked = AgreementVersion.objects.select_for_update().get(pk=version.pk)
        rules.check_move(locked.state, VersionState.PUBLISHED)
        problems = difference(locked).problems + coming.obstacles(locked, today)
        if problems:
            raise rules.UnableToPublish(problems)
        for agreed in coming.own_changes(locked):
            _apply(agreed)
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
    """Record the decision; an agreed change takes effect when its version is published."""
    with change(actor=actor, capability=Capability.DRAFT_AGREEMENT, record=SITE, now=now) as audit:
        find(actor, PriorityChange, pk=proposal.pk)
        locked = PriorityChange.objects.select_for_update().get(pk=proposal.pk)
        rules.check_undecided(locked.state)
        locked.state = ProposalState.AGREED if agreed else ProposalState.REFUSED
        locked.decided_on, locked.decided_by = today, decided_by
        if agreed and version is not None:
            if _draft(version).body_id != locked.body_id:
                raise rules.UnableToDecide("Choose a draft of the body the change was put to.")
            coming.check_free(locked, begins=version.effective_from)
            locked.version, locked.effective_from = version, version.effective_from
        locked.save()
        audit.note(
            f"{locked.get_state_display()}: {locked}.", record=locked, concerns=(locked.body,)
        )
    return locked


def _apply(proposal: PriorityChange) -> None:
    """End what stood before and begin what stands after, on the day the version takes effect."""
    begins = proposal.effective_from
    name = proposal.new_name or proposal.name
    outcome = rules.outcome(proposal.kind, of_theme=proposal.theme_id is not None)
    old: Priority | Theme | None = proposal.priority or proposal.theme
    order = old.order if old is not None else 1 + coming.last_order(proposal.body_id)
    if outcome == Outcome.STAYS:
        return
    if old is not None:
        old.valid_to = begins - timedelta(days=1)
        old.save()
    if outcome == Outcome.ENDS:
        return
    model = Theme if outcome == Outcome.THEME else Priority
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


def withdraw_change(*, actor: Actor, proposal: PriorityChange, now: datetime) -> None:
    with change(
        actor=actor, capability=Capability.PROPOSE_CHANGE, record=proposal, now=now
    ) as audit:
        locked = PriorityChange.objects.select_for_update().get(pk=proposal.pk)
        rules.check_undecided(locked.state)
        locked.state = ProposalState.WITHDRAWN
        locked.save()
        audit.note(f"Withdrew: {locked}.", record=locked, concerns=(locked.body,))
