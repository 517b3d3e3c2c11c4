"""What a record said on a day, and when it was changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

_KEPT_BY_MACHINE = {"id", "created_at", "updated_at"}


@dataclass(frozen=True)
class Version:
    """One saving of a record: when, by whom, and the names of the fields that changed."""

    at: datetime
    by: str
    changed: tuple[str, ...]
    first: bool


def as_of(record: Any, day: date) -> Any:
    """The record as it stood at the end of a day, or None where it did not stand yet."""
    midnight = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    row = (
        record.history.filter(history_date__lt=midnight)
        .order_by("-history_date", "-history_id")
        .first()
    )
    return None if row is None or row.history_type == "-" else row.instance


def versions(record: Any, *, seen: Callable[[Any], bool], most: int = 20) -> list[Version]:
    """The latest savings, newest first, of those that `seen` lets through."""
    rows = list(
        record.history.select_related("history_user").order_by("-history_date", "-history_id")[
            : most + 1
        ]
    )
    found = []
    for row, before in zip(rows, [*rows[1:], None], strict=True):
        if not seen(row) or (before is not None and not seen(before)):
            continue
        by = str(row.history_user) if row.history_user else ""
        changed = _changed(before, row) if before is not None else ()
        if changed or before is None:
            found.append(Version(row.history_date, by, changed, row.history_type == "+"))
    return found[:most]


def _changed(before: Any, after: Any) -> tuple[str, ...]:
    return tuple(
        str(field.verbose_name)
        for field in after.tracked_fields
        if field.name not in _KEPT_BY_MACHINE
        and getattr(before, field.attname) != getattr(after, field.attname)
    )


class ChangedMeanwhile(Exception):
    """Somebody else saved it since the page was opened."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Somebody else saved {what} after you opened this page. Their words are shown below. "
            "Put the two together here, then save again."
        )


def seen_as(*texts: str) -> str:
    """A short mark of what a page showed, to be sent back with what is typed on it."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def check_unchanged(what: str, seen: str, *texts: str) -> None:
    """Raises ChangedMeanwhile where the page showed something else; an empty mark asks nothing."""
    if seen and seen != seen_as(*texts):
        raise ChangedMeanwhile(what)
