"""Questions that people ask again: theirs, and those that a seat of theirs shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find, visible
from frankpledge.access.enums import Capability, Role
from frankpledge.core.markings import Audience
from frankpledge.evidence import rules
from frankpledge.evidence.models import SavedQuestion, Subscription
from frankpledge.evidence.queries.places import places
from frankpledge.evidence.queries.sources import labels, month_text
from frankpledge.evidence.rules import Question
from frankpledge.partnership.models import Body
from frankpledge.sharing.models import Dataset
from frankpledge.sharing.queries.data import extent


@dataclass(frozen=True)
class Saved:
    """A saved question in the words of a reader; none of what the reader may not ask about."""

    record: SavedQuestion
    asks: str
    address: str
    mine: bool


def saved_questions(*, actor: Actor) -> list[Saved]:
    seen = visible(actor, Capability.VIEW, SavedQuestion).select_related("dataset", "owner", "body")
    asked = _may_ask(actor)
    return [_said(actor, each, asked) for each in seen.order_by("name", "pk")]


def saved_question(*, actor: Actor, pk: Any) -> Saved:
    """Raises Http404 for what is neither the actor's nor shared with a seat of theirs."""
    queryset = SavedQuestion.objects.select_related("dataset", "owner", "body")
    found = find(actor, SavedQuestion, queryset=queryset, pk=pk)
    return _said(actor, found, _may_ask(actor))


def _may_ask(actor: Actor) -> set[Any]:
    return set(visible(actor, Capability.ASK, Dataset).values_list("pk", flat=True))


def _said(actor: Actor, record: SavedQuestion, asked: set[Any]) -> Saved:
    mine = str(record.owner_id) == actor.user_id
    if record.dataset_id not in asked:
        return Saved(record, "Data that no agreement gives you today", "", mine)
    question = question_of(record)
    return Saved(
        record, words(question, record.dataset, moves=record.moves), question.address(), mine
    )


def question_of(record: SavedQuestion) -> Question:
    """The question as it is asked today: one that moves ends with the last month held."""
    kept = rules.read(record.question, default=Question(record.dataset.slug, "2000-01", "2000-01"))
    ends = extent(record.dataset) if record.moves else None
    return rules.moved(kept, month_text(ends[1])) if ends else kept


def words(question: Question, dataset: Dataset, *, moves: bool) -> str:
    kind = labels(dataset).get(question.category, "")
    span = len(question.months)
    when = f"the last {span} months" if moves and span > 1 else "the last month"
    return ", ".join(
        part
        for part in (
            dataset.name,
            kind,
            places().name(question.area),
            when if moves else question.period,
            rules.BREAKDOWNS[question.by].lower(),
        )
        if part
    )


def bodies_to_share_with(*, actor: Actor) -> QuerySet[Body]:
    """Where the actor sits; the county team may choose any body but a case's panel."""
    if actor.holds(Role.COUNTY_TEAM):
        seen = visible(actor, Capability.VIEW, Body).exclude(audience=Audience.CASE)
    else:
        seen = Body.objects.filter(pk__in=actor.bodies())
    return seen.order_by("name", "pk")


def subscriptions(*, actor: Actor, record: SavedQuestion) -> QuerySet[Subscription]:
    """What the actor is told of this question."""
    mine = visible(actor, Capability.VIEW, Subscription)
    return mine.filter(question=record).order_by("when", "pk")


def subscription(*, actor: Actor, pk: Any) -> Subscription:
    """Raises Http404 for somebody else's."""
    found: Subscription = find(
        actor, Subscription, queryset=Subscription.objects.select_related("question"), pk=pk
    )
    return found
