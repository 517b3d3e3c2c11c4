"""Audience, classification and purpose: three different things."""

from django.db import models

# What every row of a made-up file says, so that no store takes it for a real one.
SYNTHETIC_MARK = "Synthetic data"


class Audience(models.TextChoices):
    PUBLIC = "public", "Public"
    PARTNERSHIP = "partnership", "Partnership"
    BODY = "body", "One body"
    CASE = "case", "One case"


class Classification(models.TextChoices):
    OFFICIAL = "OFFICIAL", "OFFICIAL"
    OFFICIAL_SENSITIVE = "OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE"


class Purpose(models.TextChoices):
    DECISION = "decision", "For decision"
    INFORMATION = "information", "For information"


def marking_text(audience: str, classification: str) -> str:
    """The line printed on page, PDF and Word: `OFFICIAL · for the partnership`."""
    readers = {
        Audience.PUBLIC: "public",
        Audience.PARTNERSHIP: "for the partnership",
        Audience.BODY: "for members of the body",
        Audience.CASE: "for named people of the case",
    }
    return f"{classification} · {readers[Audience(audience)]}"


def download_name(stem: str, classification: str, suffix: str) -> str:
    return f"{classification} {stem}.{suffix}"
