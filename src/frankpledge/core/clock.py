"""The two clocks. Only the edges (views, commands, tasks) read them; the rest is told."""

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The moment something is done, for the audit trail and sessions."""
    moment: datetime = timezone.now()
    return moment


def today() -> date:
    """The business date; the example's world stands still on one day."""
    day: date = settings.TODAY or timezone.localdate()
    return day
