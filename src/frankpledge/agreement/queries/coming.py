"""What a version brings in when it is published: until then the records stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from frankpledge.agreement import rules
from frankpledge.agreement.enums import ChangeKind, Outcome, ProposalState, VersionState
from frankpledge.agreement.models import AgreementVersion, Priority, PriorityChange, Theme


def own_changes(version: AgreementVersion) -> QuerySet[PriorityChange]:
    """The agreed changes that come in with this very version, in the order of their decisions."""
    return (
        PriorityChange.objects.filter(version=version, state=ProposalState.AGREED)
        .select_related("priority", "theme")
        .order_by("decided_on", "created_at", "pk")
    )


def waiting(body: Any) -> QuerySet[PriorityChange]:
    """Agreed, but the draft that would have brought them in was discarded."""
    return PriorityChange.objects.filter(
        body=body, state=ProposalState.AGREED, version=None, effective_from=None
    ).order_by("decided_on", "created_at", "pk")


def _unpublished(version: AgreementVersion) -> list[AgreementVersion]:
    """This version and those it follows, back to the latest that is published; oldest first."""
    found: list[AgreementVersion] = []
    step: AgreementVersion | None = version
    while step is not None and step.state != VersionState.PUBLISHED:
        found.insert(0, step)
        step = step.previous
    return found


def check_free(proposal: PriorityChange, *, begins: date) -> None:
    """Raises UnableToDecide where an earlier decision stands against this one."""
    old = proposal.priority or proposal.theme
    if old is None:
        return
    rules.check_can_end(old.name, old.valid_from, old.valid_to, begins - timedelta(days=1))
    to_come = Q(version__isnull=False) & ~Q(version__state=VersionState.PUBLISHED)
    others = PriorityChange.objects.filter(
        to_come | Q(version=None, effective_from=None),
        state=ProposalState.AGREED,
        priority=proposal.priority_id,
        theme=proposal.theme_id,
    ).exclude(kind=ChangeKind.KEPT)
    if others.exclude(pk=proposal.pk).exists():
        raise rules.UnableToDecide(
            f"“{old.name}” is already changed by an earlier decision that is still to come in. "
            "Make a new proposal after that."
        )


def obstacles(version: AgreementVersion, today: date) -> tuple[str, ...]:
    """What stands against publishing, besides notes and chapters that disagree."""
    found: list[str] = []
    if version.cycle is not None:
        cycle = version.cycle
        found.extend(rules.cycle_problems(cycle.name, cycle.closed_on, today))
    before = version.previous
    if before is not None and before.state != VersionState.PUBLISHED:
        found.append(f"Version {before.number} comes before it. Publish that first.")
    for each in own_changes(version):
        try:
            check_free(each, begins=version.effective_from)
        except rules.UnableToDecide as error:
            found.append(str(error))
    return tuple(found)


@dataclass(frozen=True)
class Line:
    """A priority or theme as a version sets it out; `record` is the one it stands for."""

    name: str
    scope: str
    order: int
    lead: str
    record: Any


@dataclass(frozen=True)
class Standing:
    priorities: tuple[Line, ...]
    themes: tuple[Line, ...]


def last_order(body: Any) -> int:
    orders = Priority.objects.filter(body=body).values_list("order", flat=True)
    return max(orders, default=0)


def standing(version: AgreementVersion) -> Standing:
    """The priorities and themes on the day it takes effect, with what is still to come in."""
    on = version.effective_from
    found = Priority.objects.on(on).filter(body=version.body)
    priorities = {
        each.pk: Line(each.name, each.scope, each.order, _lead(each), each.pk)
        for each in found.prefetch_related("leads__organisation")
    }
    themes = {
        each.pk: Line(each.name, each.scope, each.order, "", each.pk)
        for each in Theme.objects.on(on).filter(body=version.body)
    }
    last = last_order(version.body_id)
    for step in _unpublished(version):
        for each in own_changes(step):
            last = _come_in(each, priorities, themes, last)
    return Standing(_in_order(priorities), _in_order(themes))


def _lead(priority: Priority) -> str:
    return priority.lead_note or " / ".join(str(post) for post in priority.leads.all())


def _in_order(lines: dict[Any, Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines.values(), key=lambda line: (line.order, line.name, str(line.record))))


def _come_in(
    change: PriorityChange, priorities: dict[Any, Line], themes: dict[Any, Line], last: int
) -> int:
    outcome = rules.outcome(change.kind, of_theme=change.theme_id is not None)
    if outcome == Outcome.STAYS:
        return last
    old = priorities.pop(change.priority_id, None) or themes.pop(change.theme_id, None)
    if outcome == Outcome.ENDS:
        return last
    goes_to = themes if outcome == Outcome.THEME else priorities
    stays_of_its_kind = outcome == Outcome.PRIORITY and change.priority_id is not None
    line = Line(
        name=change.new_name or change.name,
        scope=change.new_scope or (old.scope if old else ""),
        order=old.order if old else last + 1,
        lead=old.lead if old and stays_of_its_kind else "",
        record=old.record if old and stays_of_its_kind else change.pk,
    )
    goes_to[change.pk] = line
    return max(last, line.order) if goes_to is priorities else last
