"""What may be asked of an owner, and granted."""

from __future__ import annotations

from datetime import date


class UnableToRequest(Exception):
    """The request cannot be made or decided as it stands."""


LONGEST_DAYS = 731


def check_period(*, starts_on: date, expires_on: date, today: date) -> None:
    if expires_on < starts_on:
        raise UnableToRequest("The last day is before the first.")
    if expires_on < today:
        raise UnableToRequest("The last day has passed. Choose a later one.")
    if (expires_on - starts_on).days > LONGEST_DAYS:
        raise UnableToRequest("Ask for two years at most. Ask again when they end.")
