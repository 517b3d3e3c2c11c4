"""Agreements that are enforced, and what partners sent under them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from frankpledge.access.enums import Role
from frankpledge.core.models import Dated, DatedQuerySet, Record
from frankpledge.partnership.models import Body, Organisation, Post, Shown
from frankpledge.sharing.enums import Basis, Detail, SubmissionState, VersionState


class Dataset(Record):
    """A kind of data that partners send: one contract, known by its short name."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    contract = models.SlugField(max_length=60)
    published_already = models.BooleanField(
        default=False, help_text="Anybody can download it elsewhere, so no figure is hidden"
    )
    about = models.TextField(blank=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class DisclosureRule(Record, Dated):
    """What is done to a dataset's figures before an audience sees them."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="disclosure_rules")
    audience = models.CharField(max_length=12)
    suppress_below = models.PositiveSmallIntegerField(
        default=5, help_text="Counts from 1 to one less than this are hidden; 0 hides none"
    )
    round_to = models.PositiveSmallIntegerField(default=5, help_text="1 leaves figures as they are")
    secondary = models.BooleanField(default=True)
    source = models.CharField(max_length=250)
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["dataset__name", "audience", "valid_from", "id"]

    def __str__(self) -> str:
        return f"{self.dataset} for {self.audience}"


class SharingAgreement(Record, Shown):
    """An information sharing agreement; its words live in its versions."""

    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    purpose_text = models.TextField(blank=True)
    owner = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="sharing_agreements")
    parties = models.ManyToManyField(Organisation, related_name="sharing_agreements")

    class Meta(Shown.Meta):
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title


class AgreementVersion(Record):
    agreement = models.ForeignKey(
        SharingAgreement, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.CharField(max_length=12)
    state = models.CharField(max_length=12, choices=VersionState, default=VersionState.DRAFT)
    effective_from = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    what_changed = models.TextField(blank=True)

    class Meta:
        ordering = ["agreement__title", "-effective_from", "-number", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "number"], name="sharing_agreementversion_number_once"
            ),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(state=VersionState.IN_FORCE),
                name="sharing_agreementversion_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(state=VersionState.DRAFT) | Q(effective_from__isnull=False),
                name="sharing_agreementversion_in_force_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}, version {self.number}"


class Clause(Record):
    version = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="clauses")
    number = models.CharField(max_length=12)
    order = models.PositiveSmallIntegerField(default=0)
    heading = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        ordering = ["version", "order", "number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="sharing_clause_once")
        ]

    def __str__(self) -> str:
        return f"Clause {self.number}, {self.heading}"


class Term(Record):
    """Dataset × fields × recipient × purpose × detail × expiry, resting on a clause.

    The provider is empty where every party provides; the recipient is a role, or an organisation.
    """

    version = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="terms")
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="terms")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="terms")
    provider = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="provides"
    )
    fields = models.JSONField(default=list, help_text="Empty means every field of the contract")
    recipient_role = models.CharField(max_length=20, choices=Role.choices(), blank=True)
    recipient = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="receives"
    )
    purpose = models.CharField(max_length=200)
    detail = models.CharField(max_length=20, choices=Detail)
    basis = models.CharField(max_length=8, choices=Basis)
    expires_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["version", "dataset__name", "clause__order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(~Q(recipient_role="") & Q(recipient__isnull=True))
                | (Q(recipient_role="") & Q(recipient__isnull=False)),
                name="sharing_term_one_kind_of_recipient",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dataset} under {self.clause}"


class Signature(Record):
    """An organisation put its name to the exact words of a version."""

    version = models.ForeignKey(
        AgreementVersion, on_delete=models.PROTECT, related_name="signatures"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="signatures"
    )
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    signed_on = models.DateField()
    text_digest = models.CharField(max_length=64)
    revoked_on = models.DateField(null=True, blank=True)
    revoked_because = models.TextField(blank=True)

    class Meta:
        ordering = ["-signed_on", "organisation__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "organisation"],
                condition=Q(revoked_on__isnull=True),
                name="sharing_signature_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(revoked_on__isnull=True) | Q(revoked_on__gte=F("signed_on")),
                name="sharing_signature_revoked_after_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} signed {self.version}"


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
                condition=Q(state__in=["waiting", "working", "stored"]),
                name="sharing_submission_same_file_once",
            ),
            models.CheckConstraint(
                condition=Q(stored=0) | Q(state__in=["stored", "undone"]),
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
