"""What the evidence room does by itself: when data comes, and for what was missed since."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from frankpledge.core.registries import register_arrived, register_tick
from frankpledge.evidence import tasks
from frankpledge.evidence.actions import telling, watching
from frankpledge.evidence.queries.watching import datasets_held


@register_arrived
def data_is_watched(dataset: Any) -> None:
    tasks.watch_dataset.enqueue(str(dataset.pk))


@register_tick
def nothing_stays_unwatched(today: date, now: datetime) -> str:
    """A worker died, or terms changed since the data came."""
    made = watching.watch(datasets=datasets_held(), on=today)
    return f"Watched {len(made)} times." if made else ""


@register_tick
def readers_are_told(today: date, now: datetime) -> str:
    told = telling.tell(datasets=None, on=today, now=now)
    return f"Told {told} readers." if told else ""
