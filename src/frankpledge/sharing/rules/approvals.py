"""Who agrees to a checked file, in which order; and until when it may wait."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from frankpledge.sharing.enums import Approvals, ApprovalStage

DAYS_TO_AGREE = 7
LONGEST_EMBARGO_DAYS = 366


class UnableToAgree(Exception):
    """The file cannot be agreed to, sent back or held now; the sentence says why."""


def next_stage(approvals: int, agreed: Collection[str]) -> ApprovalStage | None:
    """Whose word is missing; None where the file counts."""
    if ApprovalStage.PARTNER not in agreed:
        return ApprovalStage.PARTNER
    if approvals == Approvals.PARTNER_AND_COUNTY and ApprovalStage.COUNTY not in agreed:
        return ApprovalStage.COUNTY
    return None


def check_embargo(until: date | None, *, today: date) -> None:
    if until is None:
        return
    if until <= today:
        raise UnableToAgree("Choose a day after today. From that day on the file counts.")
    if until > today + timedelta(days=LONGEST_EMBARGO_DAYS):
        raise UnableToAgree("A file waits for a year at most. Choose an earlier day.")
