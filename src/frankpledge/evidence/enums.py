from django.db import models


class FindingKind(models.TextChoices):
    ASKED = "asked", "Answer to a question"
    EXTERNAL = "external", "Brought in from elsewhere"
