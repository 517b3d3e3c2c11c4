from django.db import models


class SectionKind(models.TextChoices):
    """The six matters a strategic assessment covers."""

    LEVELS = "levels", "Levels and patterns of crime, disorder and substance misuse"
    CHANGES = "changes", "Changes since the previous assessment"
    CAUSES = "causes", "Why the changes occurred"
    PRIORITIES = "priorities", "Matters the responsible authorities should prioritise"
    COMMUNITY = "community", "Matters people living and working here think should be prioritised"
    PREVIOUS = "previous", "How far last year's plan was carried out"


class AssessmentState(models.TextChoices):
    NOT_STARTED = "not_started", "Not started"
    IN_PROGRESS = "in_progress", "In progress"
    SIGNED_OFF = "signed_off", "Signed off"


ALLOWED_MOVES = {
    AssessmentState.NOT_STARTED: {AssessmentState.IN_PROGRESS},
    AssessmentState.IN_PROGRESS: {AssessmentState.SIGNED_OFF},
    AssessmentState.SIGNED_OFF: {AssessmentState.IN_PROGRESS},
}


class Mark(models.TextChoices):
    MAIN = "main", "Main priority"
    THEME = "theme", "Cross-cutting theme"
    PART = "part", "Part of a broader theme"
    NONE = "none", "Not named"


NAMED = (Mark.MAIN, Mark.THEME, Mark.PART)
