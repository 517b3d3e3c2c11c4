"""Feeds: where files are fetched from, how each stands, and whom it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Decision, find, may, visible
from frankpledge.access.enums import Capability, Role
from frankpledge.core.registries import Grant
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import RunState
from frankpledge.sharing.models import Dataset, Feed, FeedRun
from frankpledge.sharing.queries.returns import covered, senders
from frankpledge.sharing.rules.feeds import STOPPED_AFTER

COLOURS = {
    RunState.RUNNING: "light-blue",
    RunState.NOTHING_NEW: "green",
    RunState.FETCHED: "green",
    RunState.FAILED: "red",
}


def actor_of(feed: Feed, on: date) -> Actor:
    """Whom a feed stands for: its organisation's sender, of its dataset alone."""
    grant = Grant(
        role=Role.DATA_PROVIDER, organisation_id=feed.organisation_id, via=f"Feed: {feed.name}"
    )
    return Actor(
        user_id=str(feed.pk),
        name=f"Feed of {feed.organisation}"[:150],
        on=on,
        grants=frozenset({grant} if feed.organisation.is_in_force(on) else ()),
        only=frozenset({feed.dataset_id} if feed.dataset_id else ()),
    )


def feeds(*, actor: Actor) -> QuerySet[Feed]:
    """Those the actor may see, each with how its last run ended."""
    last = FeedRun.objects.filter(feed=OuterRef("pk")).order_by("-started_at", "-pk")
    return (
        visible(actor, Capability.VIEW, Feed)
        .select_related("organisation", "dataset")
        .annotate(
            last_state=Subquery(last.values("state")[:1]),
            last_run_at=Subquery(last.values("started_at")[:1]),
            last_said=Subquery(last.values("said")[:1]),
        )
    )


def find_feed(*, actor: Actor, key: Any) -> Feed:
    whole = Feed.objects.select_related("organisation", "dataset")
    found: Feed = find(actor, Feed, whole, pk=key)
    return found


@dataclass(frozen=True)
class FeedPage:
    feed: Feed
    runs: list[FeedRun]
    may_manage: Decision


def feed_page(*, actor: Actor, key: Any) -> FeedPage:
    feed = find_feed(actor=actor, key=key)
    runs = feed.runs.prefetch_related("submissions")[:30]
    return FeedPage(feed, list(runs), may(actor, Capability.MANAGE_FEEDS, feed))


def standing(feed: Any, now: datetime) -> tuple[str, str]:
    """In a word, and its colour; of a feed that `feeds` gave."""
    if not feed.on:
        return "Switched off", "grey"
    if feed.last_state == RunState.FAILED:
        return "Failed", "red"
    if has_stopped(feed, now):
        return "Has stopped", "red"
    if feed.last_state is None:
        return "Not run yet", "blue"
    return RunState(feed.last_state).label, COLOURS[RunState(feed.last_state)]


def has_stopped(feed: Feed, now: datetime) -> bool:
    """It was due long ago and nothing ran it."""
    return feed.next_run_at is not None and feed.next_run_at < now - STOPPED_AFTER


def due(now: datetime) -> QuerySet[Feed]:
    found = Feed.objects.filter(on=True, next_run_at__lte=now)
    return found.select_related("organisation", "dataset").order_by("next_run_at", "pk")


def organisations(*, actor: Actor) -> QuerySet[Organisation]:
    return senders(actor=actor).order_by("name", "pk")


def datasets(*, actor: Actor) -> QuerySet[Dataset]:
    return covered(actor=actor, organisations=senders(actor=actor)).order_by("name", "pk")
