"""Long work, done by the worker process."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Q
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from frankpledge.access.actors import Actor, actor_for, console
from frankpledge.core import clock
from frankpledge.sharing.actions import feeds as fetching
from frankpledge.sharing.actions import webhooks
from frankpledge.sharing.actions.importing import Busy, work
from frankpledge.sharing.models import Submission
from frankpledge.sharing.queries import feeds, keys
from frankpledge.sharing.store import StoreUnwritable

_BEGUN = timedelta(minutes=2)


@task()
def import_submission(key: str) -> str:
    """Import one submission as whoever sent it, with what they may do now."""
    submission = Submission.objects.select_related("sent_by").get(pk=key)
    try:
        done = work(
            actor=_sender(submission, clock.today()), submission=submission, clock=clock.now
        )
    except (Busy, StoreUnwritable) as problem:
        return str(problem)
    call = webhooks.note_result(submission=done, now=clock.now())
    if call is not None:
        tell_result.enqueue(call.pk)
    return f"{done}: {done.get_state_display()}"


@task()
def tell_result(key: int) -> str:
    """Tell a machine what became of what it sent; where it does not hear, a tick tries again."""
    heard = webhooks.tell(calls=[key], now=clock.now())
    return "Heard." if heard else "Not heard yet."


def _sender(submission: Submission, today: date) -> Actor:
    if submission.sent_by is not None:
        return actor_for(submission.sent_by, today)
    upload = submission.uploads.select_related("key__organisation").first()
    if upload is not None:
        return keys.actor_of(upload.key, today)
    run = submission.feed_runs.select_related("feed__organisation").first()
    return feeds.actor_of(run.feed, today) if run is not None else console(today)


@task()
def run_feed(key: str) -> str:
    """Fetch what a feed has for us."""
    run = fetching.run_feed(key=key, today=clock.today(), clock=clock.now, start=start)
    return "Not due." if run is None else run.get_state_display()


def start(submission: Submission) -> None:
    """Queue the import for the worker."""
    import_submission.enqueue(str(submission.pk))


def queued(now: datetime) -> set[str]:
    """The submissions whose import waits for the worker, or was begun just now. A task that runs
    for longer either holds its submission's lock or is dead."""
    begun = Q(status="RUNNING", started_at__gt=now - _BEGUN)
    waiting = DBTaskResult.objects.filter(
        Q(status="READY") | begun, task_path=import_submission.module_path
    )
    return {str(each["args"][0]) for each in waiting.values_list("args_kwargs", flat=True)}
