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
    CHECKED = "checked", "Checked, to be agreed"
    STORED = "stored", "Stored"
    REFUSED = "refused", "Refused"
    CANCELLED = "cancelled", "Cancelled"
    UNDONE = "undone", "Undone"
    DELETED = "deleted", "Deleted"


ALLOWED_MOVES = {
    SubmissionState.WAITING: {
        SubmissionState.WORKING,
        SubmissionState.CANCELLED,
        SubmissionState.REFUSED,
    },
    SubmissionState.WORKING: {
        SubmissionState.CHECKED,
        SubmissionState.STORED,
        SubmissionState.REFUSED,
        SubmissionState.CANCELLED,
        SubmissionState.WAITING,
    },
    SubmissionState.CHECKED: {
        SubmissionState.STORED,
        SubmissionState.REFUSED,
        SubmissionState.CANCELLED,
    },
    SubmissionState.STORED: {SubmissionState.UNDONE, SubmissionState.DELETED},
    SubmissionState.UNDONE: {SubmissionState.STORED, SubmissionState.DELETED},
    SubmissionState.DELETED: set(),
    SubmissionState.REFUSED: set(),
    SubmissionState.CANCELLED: set(),
}


class DpiaState(models.TextChoices):
    NEEDED = "needed", "Needed"
    UNDER_WAY = "under_way", "Under way"
    DONE = "done", "Done"
    REOPENED = "reopened", "To be looked at again"


class Approvals(models.IntegerChoices):
    NONE = 0, "Nobody: a file that passes counts at once"
    PARTNER = 1, "Somebody else of the organisation"
    PARTNER_AND_COUNTY = 2, "Somebody else of the organisation, then the county team"


class ApprovalStage(models.TextChoices):
    PARTNER = "partner", "Organisation"
    COUNTY = "county", "County team"


class Arrival(models.TextChoices):
    PAGE = "page", "By page"
    GRID = "grid", "Typed in"
    COMMAND = "command", "By command"
    API = "api", "By API"
    FEED = "feed", "Fetched"


class ContractState(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_USE = "in_use", "In use"
    REPLACED = "replaced", "Replaced"


class UseKind(models.TextChoices):
    ASKED = "asked", "A question"
    EXPORTED = "exported", "A file"
    FINDING = "finding", "A Finding"
    ROWS = "rows", "Single rows"


class Rhythm(models.TextChoices):
    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every week"
    MONTHLY = "monthly", "Every month"
    QUARTERLY = "quarterly", "Every quarter"
    YEARLY = "yearly", "Every year"


class FeedKind(models.TextChoices):
    FOLDER = "folder", "A folder that is watched"
    HTTPS = "https", "An HTTPS address"
    SFTP = "sftp", "An SFTP address"
    POLICE = "police", "data.police.uk"
    ONS = "ons", "Official geography"


class RunState(models.TextChoices):
    RUNNING = "running", "Running"
    NOTHING_NEW = "nothing", "Nothing new"
    FETCHED = "fetched", "Fetched"
    FAILED = "failed", "Failed"
