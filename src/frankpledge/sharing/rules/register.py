"""When a version may come into force, and the days of its register entry."""

from __future__ import annotations

from datetime import date

from frankpledge.sharing.enums import DpiaState


class UnableToPutInForce(Exception):
    """Something must be done before the version binds anybody; the sentence says what."""


_DPIA_WORDS = {
    DpiaState.NEEDED: "is still needed",
    DpiaState.UNDER_WAY: "is under way",
    DpiaState.REOPENED: "must be looked at again, because more is shared than it covered",
}


def check_put_in_force(dpia: str, effective_from: date | None, today: date) -> None:
    if dpia != DpiaState.DONE:
        raise UnableToPutInForce(
            f"The data protection impact assessment {_DPIA_WORDS[DpiaState(dpia)]}. "
            "Record it as done in the register entry, then put the version in force."
        )
    if effective_from is not None and effective_from > today:
        raise UnableToPutInForce(
            f"This version takes effect on {effective_from:%-d %B %Y}. "
            "Put it in force on that day, or change the date in the register entry."
        )


def a_year_on(day: date) -> date:
    """The same day of the next year; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def natural(number: str) -> tuple[tuple[int, str], ...]:
    """Clause numbers in the order people count: 4.9 before 4.10."""
    return tuple(
        (int(part), "") if part.isdigit() and part.isascii() else (10**6, part)
        for part in number.split(".")
    )
