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


class UnableToWithdraw(Exception):
    """A file that cannot be withdrawn now: the sentence, and what to do instead."""

    def __init__(self, sentence: str, remedy: str, *, status: int = 409) -> None:
        super().__init__(f"{sentence} {remedy}")
        self.sentence, self.remedy, self.status = sentence, remedy, status


LONGEST_REASON = 500


def check_withdrawal(state: SubmissionState | str, *, worked_on: bool, reason: str) -> None:
    """Only what was never stored is withdrawn, and not while it is being checked."""
    if state in (SubmissionState.STORED, SubmissionState.UNDONE):
        raise UnableToWithdraw(
            "It was stored.", "Undo it, or send a newer file, which takes its place."
        )
    if state == SubmissionState.WORKING or worked_on:
        raise UnableToWithdraw("It is being checked.", "Stop the import, or wait for its end.")
    if state not in (SubmissionState.WAITING, SubmissionState.CHECKED):
        label = SubmissionState(state).label.lower()
        raise UnableToWithdraw(f"It is {label}.", "There is nothing left to withdraw.")
    if not reason.strip():
        raise UnableToWithdraw("The reason is missing.", "Say why it is withdrawn.", status=422)
    if len(reason.strip()) > LONGEST_REASON:
        raise UnableToWithdraw(
            "The reason is too long.", f"Use {LONGEST_REASON} characters at most.", status=422
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
