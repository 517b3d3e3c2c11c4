"""Long work, done by the worker process."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone
from django_tasks import task

from frankpledge.access.actors import actor_for, console
from frankpledge.core import clock
from frankpledge.sharing.actions import approvals
from frankpledge.sharing.actions.importing import Busy, work
from frankpledge.sharing.models import Submission


@task()
def import_submission(key: str) -> str:
    """Import one submission as whoever sent it, with what they may do now."""
    submission = Submission.objects.select_related("sent_by").get(pk=key)
    today = clock.today()
    sender = submission.sent_by
    actor = actor_for(sender, today) if sender is not None else console(today)
    try:
        done = work(actor=actor, submission=submission, clock=clock.now)
    except Busy as busy:
        return str(busy)
    return f"{done}: {done.get_state_display()}"


@task()
def end_embargoes() -> str:
    """Let files count whose day has come. Until it runs they are in no answer."""
    ended = approvals.end_embargoes(actor=console(clock.today()), now=clock.now())
    return f"{ended} files count now"


def end_on(day: date) -> None:
    """Queue the end of a wait for the first minute of a day."""
    midnight = datetime.combine(day, time(0, 1), tzinfo=timezone.get_current_timezone())
    end_embargoes.using(run_after=midnight).enqueue()


def start(submission: Submission) -> None:
    """Queue the import for the worker."""
    import_submission.enqueue(str(submission.pk))
