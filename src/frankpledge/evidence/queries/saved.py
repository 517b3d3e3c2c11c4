"""Questions that people ask again: theirs, and those that a seat of theirs shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet

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
from frankpledge.sharing.models import Dataset, SubmissionMonth
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
    reader = _Reader(actor)
    return [reader.says(each) for each in seen.order_by("name", "pk")]


def saved_question(*, actor: Actor, pk: Any) -> Saved:
    """Raises Http404 for what is neither the actor's nor shared with a seat of theirs."""
    queryset = SavedQuestion.objects.select_related("dataset", "owner", "body")
    return _Reader(actor).says(find(actor, SavedQuestion, queryset=queryset, pk=pk))


class _Reader:
    """What is read once for all the questions of a list."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        may_ask = visible(actor, Capability.ASK, Dataset)
        self.asked = set(may_ask.values_list("pk", flat=True))
        held = SubmissionMonth.objects.filter(current=True, dataset__in=self.asked)
        self.last = dict(held.values_list("dataset").annotate(last=Max("month")).order_by())
        self.places = places()
        self.labels: dict[Any, dict[str, str]] = {}

    def says(self, record: SavedQuestion) -> Saved:
        mine = str(record.owner_id) == self.actor.user_id
        if record.dataset_id not in self.asked:
            return Saved(record, "Data that no agreement gives you today", "", mine)
        question = _moved(record, self.last.get(record.dataset_id))
        if record.dataset_id not in self.labels:
            self.labels[record.dataset_id] = labels(record.dataset)
        kind = self.labels[record.dataset_id].get(question.category, "")
        where = self.places.name(question.area)
        asks = _words(record.dataset.name, kind, where, question, moves=record.moves)
        return Saved(record, asks, question.address(), mine)


def question_of(record: SavedQuestion) -> Question:
    """The question as it is asked today: one that moves ends with the last month held."""
    ends = extent(record.dataset) if record.moves else None
    return _moved(record, ends[1] if ends else None)


def _moved(record: SavedQuestion, last: date | None) -> Question:
    kept = rules.read(record.question, default=Question(record.dataset.slug, "2000-01", "2000-01"))
    return rules.moved(kept, month_text(last)) if record.moves and last else kept


def words(question: Question, dataset: Dataset) -> str:
    """What a question asks, with its months as they are."""
    kind, where = labels(dataset).get(question.category, ""), places().name(question.area)
    return _words(dataset.name, kind, where, question, moves=False)


def _words(dataset: str, kind: str, where: str, question: Question, *, moves: bool) -> str:
    span = len(question.months)
    latest = f"the last {span} months" if span > 1 else "the last month"
    when = latest if moves else question.period
    parts = (dataset, kind, where, when, rules.BREAKDOWNS[question.by].lower())
    return ", ".join(part for part in parts if part)


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
