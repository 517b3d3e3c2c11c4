"""Answers worth keeping: a question, what it read, the figures, the sentence, the caveats."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from frankpledge.core.models import Area, Record
from frankpledge.evidence.enums import FindingKind
from frankpledge.partnership.models import Organisation, Shown
from frankpledge.sharing.models import Dataset, SubmissionMonth


class Finding(Record, Shown):
    """A frozen answer. `table` is the publishable table as it was; charts are drawn from it."""

    kind = models.CharField(max_length=10, choices=FindingKind, default=FindingKind.ASKED)
    sentence = models.CharField("what was found", max_length=500)
    caveats = models.JSONField(default=list)
    dataset = models.ForeignKey(
        Dataset, null=True, blank=True, on_delete=models.PROTECT, related_name="findings"
    )
    question = models.JSONField(default=dict, help_text="The explorer's four choices")
    data_version = models.CharField(max_length=64, blank=True)
    disclosure = models.CharField(max_length=250, blank=True)
    table = models.JSONField(default=dict)
    figure = models.JSONField(default=dict, help_text="Which chart shows it, and how")
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT)
    period_from = models.DateField()
    period_to = models.DateField()
    source = models.CharField(max_length=250, blank=True)
    owner = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    attachment = models.CharField(max_length=64, blank=True, help_text="Digest of the kept file")
    attachment_name = models.CharField(max_length=255, blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    synthetic = models.BooleanField(default=False)
    read_months = models.ManyToManyField(SubmissionMonth, blank=True, related_name="findings")

    class Meta(Shown.Meta):
        ordering = ["-created_at", "id"]
        constraints = [
            *Shown.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind=FindingKind.ASKED, dataset__isnull=False)
                | (Q(kind=FindingKind.EXTERNAL, owner__isnull=False) & ~Q(source="")),
                name="evidence_finding_says_where_it_comes_from",
            ),
            models.CheckConstraint(
                condition=Q(period_to__gte=models.F("period_from")),
                name="evidence_finding_period_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.sentence
