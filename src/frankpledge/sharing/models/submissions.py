"""What partners sent, what became of it, who agreed to it and what was said about it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from frankpledge.core.models import Record
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import ApprovalStage, Arrival, SubmissionState
from frankpledge.sharing.models.agreements import Term
from frankpledge.sharing.models.datasets import Caveat, Dataset


class Submission(Record):
    """A file somebody sent, and what became of it."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="submissions")
    contract_version = models.CharField(max_length=20)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="submissions"
    )
    term = models.ForeignKey(Term, null=True, blank=True, on_delete=models.PROTECT)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    sent_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(
        max_length=10, choices=SubmissionState, default=SubmissionState.WAITING
    )
    file_name = models.CharField(max_length=255)
    file_size = models.PositiveBigIntegerField()
    file_digest = models.CharField(max_length=64)
    synthetic = models.BooleanField(default=False)
    arrived = models.CharField("how it came", max_length=10, choices=Arrival, default=Arrival.PAGE)
    request = models.ForeignKey(
        "sharing.ReturnRequest",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="submissions",
    )
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    nil = models.BooleanField("nothing to report", default=False)
    embargo_until = models.DateField(null=True, blank=True)
    choices = models.JSONField(default=dict, help_text="Sheet, header row, columns and words")
    repairs = models.JSONField(default=list)
    idempotency_key = models.CharField(max_length=80, blank=True)
    received = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    warnings = models.JSONField(default=list)
    refusal = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    progress = models.PositiveSmallIntegerField("per cent done", default=0)
    progress_text = models.CharField(max_length=200, blank=True)
    cancel_requested = models.BooleanField(default=False)

    class Meta:
        ordering = ["-sent_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(received=F("stored") + F("rejected")),
                name="sharing_submission_every_row_accounted_for",
            ),
            models.UniqueConstraint(
                fields=["dataset", "organisation", "file_digest"],
                condition=Q(state__in=["waiting", "working", "checked", "stored"]),
                name="sharing_submission_same_file_once",
            ),
            models.UniqueConstraint(
                fields=["organisation", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="sharing_submission_idempotent",
            ),
            models.CheckConstraint(
                condition=Q(stored=0) | Q(state__in=["checked", "stored", "undone", "deleted"]),
                name="sharing_submission_stored_rows_only_when_stored",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} from {self.organisation}"


class SubmissionMonth(models.Model):
    """One month of a submission; the current one of a dataset and organisation is what is read."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="months")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    month = models.DateField(help_text="Its first day")
    received = models.PositiveIntegerField()
    stored = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    vintage = models.PositiveSmallIntegerField(null=True, blank=True)
    incomplete = models.BooleanField(default=False)
    current = models.BooleanField(default=True)
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="supersedes"
    )

    class Meta:
        ordering = ["dataset", "month", "submission__sent_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(received=F("stored") + F("rejected")),
                name="sharing_submissionmonth_every_row_accounted_for",
            ),
            models.UniqueConstraint(
                fields=["dataset", "organisation", "month"],
                condition=Q(current=True),
                name="sharing_submissionmonth_one_current",
            ),
            models.UniqueConstraint(
                fields=["submission", "month"], name="sharing_submissionmonth_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%B %Y} of {self.submission}"


class Approval(Record):
    """One person's yes or no to a checked file; never the person who sent it."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="approvals")
    stage = models.CharField(max_length=10, choices=ApprovalStage)
    agreed = models.BooleanField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["decided_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "stage"], name="sharing_approval_once_a_stage"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}: {'agreed' if self.agreed else 'sent back'}"


class Question(Record):
    """A question on a rule or a cell of what was sent; its answer may become a caveat."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="questions")
    rule = models.CharField(max_length=80, blank=True)
    row = models.PositiveIntegerField(null=True, blank=True)
    column = models.CharField(max_length=120, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.TextField(blank=True)
    caveat = models.ForeignKey(
        Caveat, null=True, blank=True, on_delete=models.PROTECT, related_name="questions"
    )

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"A question on {self.submission}"


class Remark(Record):
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="remarks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class LegalHold(Record):
    """While it stands, nothing of this dataset and organisation is deleted."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="holds")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField()
    placed_on = models.DateField()
    lifted_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-placed_on", "id"]

    def __str__(self) -> str:
        return f"Hold on {self.dataset}"


class Deletion(Record):
    """The certificate of a deletion: what went, how many rows, by which digest, and why."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="deletion")
    deleted_at = models.DateTimeField()
    reason = models.TextField()
    rows = models.PositiveIntegerField()
    files = models.JSONField(default=list, help_text="Name, bytes and digest of each file removed")
    findings = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, help_text="Over all of the above")

    class Meta:
        ordering = ["-deleted_at", "id"]

    def __str__(self) -> str:
        return f"Deletion of {self.submission}"
