"""Versions, priorities and proposals, as an actor may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Decision, find, may, visible
from frankpledge.access.enums import Capability
from frankpledge.agreement.enums import VersionState
from frankpledge.agreement.models import (
    AgreementVersion,
    Chapter,
    Priority,
    PriorityChange,
    Theme,
)
from frankpledge.agreement.queries.coming import obstacles
from frankpledge.agreement.queries.document import Difference, difference
from frankpledge.assessment.models import Cycle, Issue
from frankpledge.core.models import in_force
from frankpledge.evidence.models import Finding
from frankpledge.partnership.models import Body


def versions(*, actor: Actor) -> QuerySet[AgreementVersion]:
    return (
        visible(actor, Capability.VIEW, AgreementVersion)
        .select_related("body", "cycle", "previous")
        .order_by("-effective_from", "-number", "pk")
    )


def current(*, actor: Actor) -> AgreementVersion | None:
    """The latest published version this actor may see."""
    return versions(actor=actor).filter(state=VersionState.PUBLISHED).first()


def version(*, actor: Actor, number: str) -> AgreementVersion:
    return find(
        actor,
        AgreementVersion,
        queryset=AgreementVersion.objects.select_related("body", "cycle", "previous"),
        number=number,
    )


@dataclass(frozen=True)
class VersionPage:
    version: AgreementVersion
    notes: tuple[Any, ...]
    chapters: tuple[Chapter, ...]
    difference: Difference | None
    may_draft: Decision
    may_publish: Decision
    problems: tuple[str, ...]

    @property
    def has_text(self) -> bool:
        if self.version.state == VersionState.PUBLISHED:
            return bool(self.version.content)
        return bool(self.chapters)


def texts_of_notes(version: AgreementVersion) -> list[str]:
    """The notes as a page shows them, so that two showings compare."""
    notes = version.change_notes.order_by("chapter_key", "order", "pk")
    return [part for note in notes for part in (note.chapter_key, note.text)]


def version_page(*, actor: Actor, number: str, today: date) -> VersionPage:
    found = version(actor=actor, number=number)
    drafting = may(actor, Capability.DRAFT_AGREEMENT, found)
    compared = difference(found) if drafting and found.state != VersionState.PUBLISHED else None
    return VersionPage(
        version=found,
        notes=tuple(found.change_notes.all()),
        chapters=tuple(found.chapters.all()),
        difference=compared,
        may_draft=drafting,
        may_publish=may(actor, Capability.PUBLISH_AGREEMENT, found),
        problems=compared.problems + obstacles(found, today) if compared else (),
    )


def chapter(found: AgreementVersion, key: str) -> Chapter:
    try:
        return found.chapters.select_related("version").get(key=key)
    except Chapter.DoesNotExist:
        raise Http404 from None


def priorities(*, actor: Actor, on: date) -> QuerySet[Priority]:
    return visible(actor, Capability.VIEW, Priority).filter(in_force(on))


def themes(*, actor: Actor, on: date) -> QuerySet[Theme]:
    return visible(actor, Capability.VIEW, Theme).filter(in_force(on))


def priority(*, actor: Actor, pk: Any) -> Priority:
    return find(actor, Priority, pk=pk)


def proposals(*, actor: Actor) -> QuerySet[PriorityChange]:
    return visible(actor, Capability.VIEW, PriorityChange).select_related("version", "body")


def proposal(*, actor: Actor, pk: Any) -> PriorityChange:
    return find(actor, PriorityChange, pk=pk)


def cited(*, actor: Actor, proposal: PriorityChange) -> QuerySet[Finding]:
    """The evidence of a proposal that this actor may see."""
    return visible(actor, Capability.VIEW, Finding).filter(priority_changes=proposal)


def citable(*, actor: Actor) -> QuerySet[Finding]:
    return visible(actor, Capability.VIEW, Finding).order_by("-created_at", "pk")


def issues(*, on: date) -> QuerySet[Issue]:
    return Issue.objects.on(on)


def makers(*, actor: Actor) -> QuerySet[Body]:
    """The bodies that make an agreement: those that have a version."""
    return Body.objects.filter(agreement_versions__isnull=False).distinct()


def cycles_of(found: AgreementVersion) -> QuerySet[Cycle]:
    """The cycles of assessments a version may rest on, the newest first."""
    return Cycle.objects.filter(body=found.body).order_by("-due_on", "pk")


def drafts(*, actor: Actor) -> QuerySet[AgreementVersion]:
    return versions(actor=actor).filter(state=VersionState.DRAFT)
