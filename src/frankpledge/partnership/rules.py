"""What may be, whoever asks: dates in order, no seat twice, roles where they belong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from frankpledge.access.enums import Role


class UnableTo(Exception):
    """The change cannot be made as the records stand; the text says what to do."""


class Span(Protocol):
    valid_from: date | None
    valid_to: date | None


RESERVED_ROLES = frozenset({Role.COUNTY_TEAM.value, Role.ADMINISTRATOR.value})
POST_ROLES = (Role.PARTNER, Role.DATA_PROVIDER, Role.POLICING_BODY, Role.ADMINISTRATOR)
SEAT_ROLES = (
    Role.BODY_MEMBER,
    Role.ANALYST,
    Role.DISTRICT_OFFICER,
    Role.COUNTY_TEAM,
    Role.SCRUTINY,
)


def overlaps(one: Span, begins: date | None, ends: date | None) -> bool:
    """Two spans share a day; an empty end is open."""
    starts_before_end = ends is None or one.valid_from is None or one.valid_from <= ends
    ends_after_start = begins is None or one.valid_to is None or one.valid_to >= begins
    return starts_before_end and ends_after_start


def check_in_order(begins: date | None, ends: date | None) -> None:
    if begins and ends and ends < begins:
        raise UnableTo("The end date must be the same as or after the start date.")


def check_free(others: Iterable[Span], begins: date | None, ends: date | None, what: str) -> None:
    """Nobody else is there on any of these days. Raises UnableTo."""
    if any(overlaps(other, begins, ends) for other in others):
        raise UnableTo(f"{what} Choose other dates, or end that one first.")


def check_can_end(span: Span, on: date) -> None:
    if span.valid_to is not None and span.valid_to <= on:
        raise UnableTo(f"It has already ended, on {span.valid_to.day} {span.valid_to:%B %Y}.")
    if span.valid_from is not None and on < span.valid_from:
        raise UnableTo(
            f"It begins on {span.valid_from.day} {span.valid_from:%B %Y} and cannot end earlier."
        )
