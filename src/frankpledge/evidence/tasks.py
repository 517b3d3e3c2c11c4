"""What happens when data has come, done by the worker process."""

from __future__ import annotations

from django_tasks import task

from frankpledge.core import clock
from frankpledge.evidence.actions import telling, watching
from frankpledge.evidence.queries.watching import datasets_held


@task()
def watch_dataset(key: str) -> str:
    """Watch every series of a dataset, then write to those who asked about it."""
    today = clock.today()
    found = datasets_held().filter(pk=key)
    made = watching.watch(datasets=found, on=today)
    told = telling.tell(datasets=[key], on=today, now=clock.now())
    return f"Watched {len(made)} times, told {told}."
