"""Findings as an actor may see them, and whether newer data has overtaken them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find, visible
from frankpledge.access.enums import Capability, Role
from frankpledge.evidence.models import Finding
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.models import SubmissionMonth


def _with_staleness(found: QuerySet[Finding]) -> QuerySet[Finding]:
    """Marks each Finding that read a month since superseded, or misses one that came since."""
    overtaken = SubmissionMonth.objects.filter(findings=OuterRef("pk"), current=False)
    newer = SubmissionMonth.objects.filter(
        dataset=OuterRef("dataset"),
        month__gte=OuterRef("period_from"),
        month__lte=OuterRef("period_to"),
        current=True,
    ).exclude(findings=OuterRef("pk"))
    return found.annotate(is_stale=Q(Exists(overtaken)) | Q(Exists(newer)))


def findings(*, actor: Actor) -> QuerySet[Finding]:
    seen = visible(actor, Capability.VIEW, Finding)
    return _with_staleness(seen).select_related("dataset", "owner", "area")


def finding(*, actor: Actor, pk: Any) -> Finding:
    queryset = _with_staleness(Finding.objects.select_related("dataset", "owner", "area"))
    return find(actor, Finding, queryset=queryset, pk=pk)


def owners(*, actor: Actor) -> QuerySet[Organisation]:
    """The organisations whose evidence this actor may bring in: all for the county team."""
    if actor.holds(Role.COUNTY_TEAM, Role.ANALYST):
        return Organisation.objects.all()
    return Organisation.objects.filter(pk__in=actor.organisations())
