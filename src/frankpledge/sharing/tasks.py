"""Long work, done by the worker process."""

from __future__ import annotations

from django_tasks import task

from frankpledge.access.actors import actor_for, console
from frankpledge.core import clock
from frankpledge.sharing.actions.importing import Busy, work
from frankpledge.sharing.models import Submission
from frankpledge.sharing.store import StoreUnwritable


@task()
def import_submission(key: str) -> str:
    """Import one submission as whoever sent it, with what they may do now."""
    submission = Submission.objects.select_related("sent_by").get(pk=key)
    today = clock.today()
    sender = submission.sent_by
    actor = actor_for(sender, today) if sender is not None else console(today)
    try:
        done = work(actor=actor, submission=submission, clock=clock.now)
    except (Busy, StoreUnwritable) as problem:
        return str(problem)
    return f"{done}: {done.get_state_display()}"


def start(submission: Submission) -> None:
    """Queue the import for the worker."""
    import_submission.enqueue(str(submission.pk))
