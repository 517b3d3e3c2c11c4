"""Which moves a return may make, and the months it holds and is kept for."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import date, timedelta

from frankpledge.sharing.enums import ALLOWED_MOVES, SubmissionState


class UnableToMove(Exception):
    """A submission cannot go from one state to another."""


def check_move(old: SubmissionState | str, new: SubmissionState) -> None:
    if new not in ALLOWED_MOVES[SubmissionState(old)]:
        raise UnableToMove(
            f"A submission that is {SubmissionState(old).label.lower()} "
            f"cannot become {new.label.lower()}."
        )


def following(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def preceding(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def gaps(months: Iterable[date]) -> list[tuple[date, date]]:
    """The spans of months missing between those given, each from its first to its last."""
    listed = sorted(months)
    return [
        (following(before), preceding(after))
        for before, after in itertools.pairwise(listed)
        if following(before) != after
    ]


class UnableToDelete(Exception):
    """Data that may not be deleted now; the sentence says why."""


def kept_until(last_month: date, months: int | None) -> date | None:
    """The last day that data is kept: so many months after its last one; None for ever."""
    if months is None:
        return None
    day = following(last_month)
    for _ in range(months):
        day = following(day)
    return day - timedelta(days=1)
