"""Data by machine: keys, uploads in pieces, and files fetched on a schedule."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from frankpledge.core.models import Record
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import FeedKind, Rhythm, RunState, SubmissionState
from frankpledge.sharing.models.datasets import Dataset
from frankpledge.sharing.models.submissions import Submission


class ApiKey(Record):
    """A key of an organisation's machine: what it may send, or read, until when. Only its digest is
    kept."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="api_keys"
    )
    label = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    datasets = models.ManyToManyField(Dataset, related_name="api_keys")
    reads = models.BooleanField(default=False)  # answers of its datasets; it sends nothing then
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    replaces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by"
    )
    webhook_url = models.URLField(blank=True)

    class Meta:
        ordering = ["organisation__name", "-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix}…)"


class Upload(models.Model):
    """A file that arrives in pieces; it becomes a submission once it is whole."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="uploads")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    idempotency_key = models.CharField(max_length=80)
    submission = models.ForeignKey(
        Submission, null=True, blank=True, on_delete=models.SET_NULL, related_name="uploads"
    )

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "idempotency_key"], name="sharing_upload_idempotent"
            ),
            models.CheckConstraint(
                condition=Q(received__lte=F("size")), name="sharing_upload_not_past_its_end"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class WebhookCall(models.Model):
    """A result that is told to a partner's machine, tried again until it is heard."""

    created_at = models.DateTimeField(auto_now_add=True)
    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="calls")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="calls")
    state = models.CharField(max_length=10, choices=SubmissionState)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    answered = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "submission", "state"], name="sharing_webhookcall_once"
            )
        ]

    def __str__(self) -> str:
        return f"Result of {self.submission}"


class Feed(Record):
    """Where files of an organisation are fetched from, and how often."""

    name = models.CharField(max_length=120)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="feeds")
    dataset = models.ForeignKey(
        Dataset,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="feeds",
        help_text="Empty for official geography, which is not data of a partner",
    )
    kind = models.CharField(max_length=10, choices=FeedKind)
    address = models.CharField(max_length=500, help_text="A folder, or an address with its host")
    secret_name = models.CharField(
        max_length=80, blank=True, help_text="The setting that holds its password or key"
    )
    host_key = models.CharField(max_length=1000, blank=True)
    rhythm = models.CharField(max_length=10, choices=Rhythm, default=Rhythm.MONTHLY)
    on = models.BooleanField("switched on", default=True)
    next_run_at = models.DateTimeField(null=True, blank=True)
    remembered = models.JSONField(default=dict, help_text="What conditional requests need")

    class Meta:
        ordering = ["organisation__name", "name", "id"]

    def __str__(self) -> str:
        return self.name


class FeedRun(models.Model):
    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="runs")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.RUNNING)
    tried = models.PositiveSmallIntegerField(default=1)
    said = models.TextField(blank=True)
    submissions = models.ManyToManyField(Submission, related_name="feed_runs")

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.feed}, {self.started_at:%d %b %Y %H:%M}"
