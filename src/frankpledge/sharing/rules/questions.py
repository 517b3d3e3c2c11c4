"""What may be said of a question, and the months of a caveat."""

from __future__ import annotations

from datetime import date

DAYS_TO_ANSWER = 7


class UnableToDiscuss(Exception):
    """The question cannot be asked, answered or resolved as it stands."""


def check_months(first: date | None, last: date | None) -> None:
    if first and last and last < first:
        raise UnableToDiscuss("The last month is before the first.")
