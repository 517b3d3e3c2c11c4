"""Keeping feeds, and running one: fetch, receive, remember; a failure is tried again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from frankpledge.access.actors import Actor, console
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE, Refused
from frankpledge.access.enums import Capability
from frankpledge.contracts import Unreadable
from frankpledge.core.areas import NotAreas
from frankpledge.partnership.actions import load_areas
from frankpledge.sharing.actions.submissions import receive
from frankpledge.sharing.enums import Arrival, FeedKind, RunState, SubmissionState
from frankpledge.sharing.fetching import folder, ons, police, sftp, web
from frankpledge.sharing.fetching.asked import Asked, CannotFetch, Connector, Fetched
from frankpledge.sharing.fetching.secrets import secret_named
from frankpledge.sharing.models import Feed, FeedRun, Submission
from frankpledge.sharing.queries.choosing import asked_of
from frankpledge.sharing.queries.feeds import actor_of
from frankpledge.sharing.queries.permission import permission_to_send
from frankpledge.sharing.rules.feeds import UnableToFeed, next_run
from frankpledge.sharing.store import StoreUnwritable
from frankpledge.sharing.working import is_worked_on, working_on

CONNECTORS: dict[str, Connector] = {
    FeedKind.FOLDER: folder.fetch,
    FeedKind.HTTPS: web.fetch,
    FeedKind.SFTP: sftp.fetch,
    FeedKind.POLICE: police.fetch,
    FeedKind.ONS: ons.fetch,
}
_FIELDS = ("name", "organisation", "dataset", "kind", "address", "secret_name", "host_key")
_log = logging.getLogger(__name__)


def add_feed(*, actor: Actor, once: Any, now: datetime, **fields: Any) -> Feed:
    with change(actor=actor, capability=Capability.MANAGE_FEEDS, record=SITE, now=now) as audit:
        if Feed.objects.filter(pk=once).exists():
            raise UnableToFeed("This feed was added already.")
        feed = Feed.objects.create(pk=once, next_run_at=now, **fields)
        audit.note(
            f"Added the feed {feed}: {feed.get_kind_display()}, {feed.address}.",
            record=feed,
            concerns=(feed.organisation,),
        )
    return feed


def seen(feed: Feed) -> tuple[str, ...]:
    """What a page shows of a feed, for the next save to compare with."""
    return tuple(str(getattr(feed, field) or "") for field in (*_FIELDS, "rhythm"))


def change_feed(
    *, actor: Actor, feed: Feed, was: tuple[str, ...], now: datetime, **fields: Any
) -> Feed:
    with change(actor=actor, capability=Capability.MANAGE_FEEDS, record=feed, now=now) as audit:
        locked = _locked(feed)
        if seen(locked) != was:
            raise UnableToFeed("Somebody else changed this feed meanwhile. Open it again.")
        moved = locked.address != fields["address"] or locked.kind != fields["kind"]
        for name, value in fields.items():
            setattr(locked, name, value)
        if moved:
            locked.remembered = {}
        locked.next_run_at = now
        locked.save()
        audit.note(f"Changed the feed {locked}.", record=locked, concerns=(locked.organisation,))
    return locked


def switch(*, actor: Actor, feed: Feed, on: bool, now: datetime) -> None:
    with change(actor=actor, capability=Capability.MANAGE_FEEDS, record=feed, now=now) as audit:
        locked = _locked(feed)
        locked.on = on
        locked.next_run_at = now if on else None
        locked.save()
        audit.note(
            f"Switched the feed {locked} {'on' if on else 'off'}.",
            record=locked,
            concerns=(locked.organisation,),
        )


def ask_to_run(*, actor: Actor, feed: Feed, now: datetime) -> None:
    """Makes it due; the worker or the next tick runs it."""
    with change(actor=actor, capability=Capability.MANAGE_FEEDS, record=feed, now=now) as audit:
        locked = _locked(feed)
        if not locked.on:
            raise UnableToFeed("This feed is switched off. Switch it on first.")
        locked.next_run_at = now
        locked.save()
        audit.note(
            f"Asked the feed {locked} to run.", record=locked, concerns=(locked.organisation,)
        )


def _locked(feed: Feed) -> Feed:
    return (
        Feed.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=feed.pk)
    )


def lock_of(key: Any) -> str:
    return f"feed-{key}"


def end_killed(*, now: datetime) -> int:
    """Runs whose process is gone are failures, and are tried again."""
    running = FeedRun.objects.filter(state=RunState.RUNNING).select_related("feed")
    return sum(
        _end(run, RunState.FAILED, "It was stopped before its end. It is tried again.", now)
        for run in running
        if not is_worked_on(settings.STORE, lock_of(run.feed_id))
    )


def run_feed(
    *, key: Any, today: date, clock: Callable[[], datetime], start: Callable[[Submission], None]
) -> FeedRun | None:
    """Runs a feed that is due; nothing where another process runs it or has just run it.

    `start` queues the import of what came.
    """
    with working_on(settings.STORE, lock_of(key)) as mine:
        if not mine:
            return None
        for dead in FeedRun.objects.filter(feed=key, state=RunState.RUNNING):
            _end(dead, RunState.FAILED, "It was stopped before its end.", clock())
        feed = Feed.objects.select_related("organisation", "dataset").get(pk=key)
        now = clock()
        if not feed.on or feed.next_run_at is None or feed.next_run_at > now:
            return None
        before = feed.runs.first()
        failed = before.tried if before and before.state == RunState.FAILED else 0
        run = FeedRun.objects.create(feed=feed, started_at=now, tried=failed + 1)
        state, said = _tried(feed, run, today, now, start)
        _end(run, state, said, clock())
    return run


def _end(run: FeedRun, state: RunState, said: str, now: datetime) -> bool:
    """Ends a run and says when the next is due."""
    run.state, run.said, run.finished_at = state, said, now
    run.save()
    failures = run.tried if state == RunState.FAILED else 0
    feed = run.feed
    due = next_run(kind=feed.kind, rhythm=feed.rhythm, failures=failures, now=now)
    Feed.objects.filter(pk=feed.pk, on=True).update(next_run_at=due)
    return True


def _tried(
    feed: Feed, run: FeedRun, today: date, now: datetime, start: Callable[[Submission], None]
) -> tuple[RunState, str]:
    try:
        if feed.kind == FeedKind.ONS:
            said = _areas(feed, today, now)
        else:
            said = _returns(feed, run, today, now, start)
    except (CannotFetch, NotAreas, StoreUnwritable) as problem:
        return RunState.FAILED, str(problem)
    except Unreadable as problem:
        return RunState.FAILED, f"{problem.sentence} {problem.remedy}"
    except Refused as problem:
        return RunState.FAILED, problem.sentence
    except Exception:
        _log.exception("The feed %s broke", feed)
        return RunState.FAILED, "It broke here. The server's log says more. It is tried again."
    if not said:
        return RunState.NOTHING_NEW, ""
    return RunState.FETCHED, "\n".join(said)


def _asked(feed: Feed, now: datetime) -> Asked:
    return Asked(
        address=feed.address,
        contract=feed.dataset.contract if feed.dataset else "",
        remembered=feed.remembered,
        secret=secret_named(feed.secret_name) if feed.secret_name else "",
        host_key=feed.host_key,
        now=now,
        limit=settings.UPLOAD_LIMIT,
        private=settings.PRIVATE_HOSTS,
        plain=settings.DEBUG,
        folder=settings.FEED_FOLDER,
        work=Path(settings.FILE_UPLOAD_TEMP_DIR),
    )


def _remember(feed: Feed, fetched: Fetched) -> None:
    feed.remembered = {**feed.remembered, **fetched.remember}
    Feed.objects.filter(pk=feed.pk).update(remembered=feed.remembered)


def _returns(
    feed: Feed, run: FeedRun, today: date, now: datetime, start: Callable[[Submission], None]
) -> list[str]:
    """Nothing is even asked for that no agreement lets in."""
    if feed.dataset is None:
        raise CannotFetch("The feed does not say which data it fetches. Change it.")
    permission = permission_to_send(organisation=feed.organisation, dataset=feed.dataset, on=today)
    if not permission:
        raise CannotFetch(permission.sentence)
    said = []
    for fetched in CONNECTORS[feed.kind](_asked(feed, now)):
        received = receive(
            actor=actor_of(feed, today),
            dataset=feed.dataset,
            organisation=feed.organisation,
            source=fetched.source,
            file_name=fetched.name,
            arrived=Arrival.FEED,
            now=now,
        )
        sent = received.submission
        if sent.state == SubmissionState.REFUSED and not received.already:
            raise CannotFetch(sent.refusal)
        run.submissions.add(sent)
        _remember(feed, fetched)
        asked = asked_of(sent)
        if not received.already:
            if asked is None:
                start(sent)
            said.append(
                f"{sent.file_name} came."
                + (f" It waits for an answer: {asked.sentence}" if asked else "")
            )
    return said


def _areas(feed: Feed, today: date, now: datetime) -> list[str]:
    said: list[str] = []
    asked = _asked(feed, now)
    for fetched in CONNECTORS[feed.kind](asked):
        within = [each.strip() for each in asked.part.split(",") if each.strip()]
        report = load_areas(
            actor=console(today), paths=[Path(str(fetched.source))], within=within, now=now
        )
        said += report.lines
        _remember(feed, fetched)
    return said
