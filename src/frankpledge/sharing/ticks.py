"""What the sharing room does by itself every few minutes."""

from __future__ import annotations

from datetime import date, datetime

from frankpledge.access.actors import console
from frankpledge.core import clock
from frankpledge.core.registries import register_tick
from frankpledge.sharing import tasks
from frankpledge.sharing.actions import approvals, feeds, uploads, webhooks
from frankpledge.sharing.actions.importing import sweep
from frankpledge.sharing.enums import RunState
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.queries import feeds as queries
from frankpledge.sharing.queries.machines import interrupted


@register_tick
def feeds_are_fetched(today: date, now: datetime) -> str:
    killed = feeds.end_killed(now=now)
    runs = [
        feeds.run_feed(key=key, today=today, clock=clock.now, start=tasks.start)
        for key in queries.due(now).values_list("pk", flat=True)
    ]
    ended = [run for run in runs if run is not None]
    failed = sum(run.state == RunState.FAILED for run in ended)
    if not ended and not killed:
        return ""
    return f"Ran {len(ended)} feeds, {failed} failed; {killed} had been stopped before their end."


@register_tick
def imports_start_again(today: date, now: datetime) -> str:
    """Files from machines that nobody watches a page of: their worker died, or never heard."""
    found = interrupted(queued=tasks.queued(now), now=now)
    for submission in found:
        tasks.start(submission)
    return f"Started {len(found)} imports again." if found else ""


@register_tick
def results_are_told(today: date, now: datetime) -> str:
    webhooks.note_missed(now=now)
    calls = webhooks.due(now=now)
    heard = webhooks.tell(calls=calls, now=now)
    return f"Told {heard} of {len(calls)} results." if calls else ""


@register_tick
def uploads_are_forgotten(today: date, now: datetime) -> str:
    gone = uploads.forget_abandoned(now=now)
    return f"Deleted {gone} uploads that nobody finished." if gone else ""


@register_tick
def waiting_files_count(today: date, now: datetime) -> str:
    """Until this has run, a file whose day has come is still in no answer."""
    ended = approvals.end_embargoes(actor=console(today), now=now)
    return f"{ended} files that waited for their day count now." if ended else ""


@register_tick
def store_is_swept(today: date, now: datetime) -> str:
    """What a deletion could not reach in a bucket goes as soon as the bucket answers."""
    store = open_store()
    if store.bucket is None:
        return ""
    swept = sweep(store, now)
    removed = len(swept.submissions) + len(swept.originals)
    return f"Removed what was left of {removed:,} returns." if removed else ""
