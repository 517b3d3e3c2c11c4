from enum import StrEnum

from django.db import models


class VersionState(models.TextChoices):
    DRAFT = "draft", "Draft"
    AGREED = "agreed", "Agreed"
    PUBLISHED = "published", "Published"


ALLOWED_MOVES = {
    VersionState.DRAFT: {VersionState.AGREED},
    VersionState.AGREED: {VersionState.DRAFT, VersionState.PUBLISHED},
    VersionState.PUBLISHED: set(),
}


class ChangeKind(models.TextChoices):
    ADDED = "added", "Added"
    RENAMED = "renamed", "Renamed"
    WIDENED = "widened", "Widened"
    PROMOTED = "promoted", "Moved from theme to priority"
    DEMOTED = "demoted", "Moved from priority to theme"
    REMOVED = "removed", "Removed"
    KEPT = "kept", "No change"


class Outcome(StrEnum):
    """What a change leaves of the priority or theme it is about."""

    STAYS = "stays"
    ENDS = "ends"
    PRIORITY = "priority"
    THEME = "theme"


class ProposalState(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    AGREED = "agreed", "Agreed"
    REFUSED = "refused", "Not agreed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class LandscapeGroup(models.TextChoices):
    NATIONAL = "national", "National and international"
    LEGISLATION = "legislation", "Legislation"
    PARTNERSHIP = "partnership", "Partnership changes"
