from django.db import models


class FindingKind(models.TextChoices):
    ASKED = "asked", "Answer to a question"
    EXTERNAL = "external", "Brought in from elsewhere"


class SignalState(models.TextChoices):
    OPEN = "open", "Open"
    DISMISSED = "dismissed", "Dismissed"
    KEPT = "kept", "Brought in as a Finding"


class TellWhen(models.TextChoices):
    NEW_DATA = "new data", "New data comes for it"
    OUTSIDE = "outside", "Its last month lies outside its usual limits"
    ABOVE = "above", "Its last month lies above a number"
