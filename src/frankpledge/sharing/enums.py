from django.db import models


class VersionState(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_FORCE = "in_force", "In force"
    SUPERSEDED = "superseded", "Superseded"


class Basis(models.TextChoices):
    DUTY = "duty", "A duty to share"
    POWER = "power", "A power to share"


class Detail(models.TextChoices):
    ROW = "row", "Single rows"
    LSOA = "lsoa", "Small areas (LSOA)"
    WARD = "ward", "Wards"
    OUTWARD_POSTCODE = "outward_postcode", "First half of the postcode"
    DISTRICT = "district", "Districts"
    COUNTY = "county", "The county"


class SubmissionState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    WORKING = "working", "Being checked"
    STORED = "stored", "Stored"
    REFUSED = "refused", "Refused"
    CANCELLED = "cancelled", "Cancelled"
    UNDONE = "undone", "Undone"


ALLOWED_MOVES = {
    SubmissionState.WAITING: {
        SubmissionState.WORKING,
        SubmissionState.CANCELLED,
        SubmissionState.REFUSED,
    },
    SubmissionState.WORKING: {
        SubmissionState.STORED,
        SubmissionState.REFUSED,
        SubmissionState.CANCELLED,
        SubmissionState.WAITING,
    },
    SubmissionState.STORED: {SubmissionState.UNDONE},
    SubmissionState.UNDONE: {SubmissionState.STORED},
    SubmissionState.REFUSED: set(),
    SubmissionState.CANCELLED: set(),
}
