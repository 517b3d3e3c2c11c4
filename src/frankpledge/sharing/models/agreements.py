"""Information sharing agreements: versions, clauses, terms, and who put their name to them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from frankpledge.access.enums import Role
from frankpledge.core.models import Dated, DatedQuerySet, Record
from frankpledge.partnership.models import Body, Organisation, Post, Shown
from frankpledge.sharing.enums import Basis, Detail, DpiaState, UseKind, VersionState
from frankpledge.sharing.models.datasets import Dataset


class SharingAgreement(Record, Shown):
    """An information sharing agreement; its words live in its versions."""

    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    purpose_text = models.TextField(blank=True)
    owner = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="sharing_agreements")
    parties = models.ManyToManyField(Organisation, related_name="sharing_agreements")
    keeper = models.ForeignKey(
        Post,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="post that keeps it",
    )

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
    legal_gateway = models.TextField(blank=True)
    general_basis = models.TextField("lawful basis, general processing", blank=True)
    law_enforcement_basis = models.TextField("lawful basis, law-enforcement processing", blank=True)
    special_category = models.TextField("special category and criminal-offence data", blank=True)
    retention = models.TextField(blank=True)
    retain_months = models.PositiveSmallIntegerField(
        "months data is kept", null=True, blank=True, help_text="Empty: nothing is deleted by age"
    )
    access_and_rights = models.TextField(blank=True)
    security = models.TextField("security arrangements", blank=True)
    dpia_reference = models.CharField(
        "data protection impact assessment", max_length=120, blank=True
    )
    dpia_state = models.CharField(max_length=10, choices=DpiaState, default=DpiaState.NEEDED)
    dpia_review_on = models.DateField(null=True, blank=True)

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
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    heading = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        ordering = ["version", "order", "number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="sharing_clause_once")
        ]

    def __str__(self) -> str:
        return f"Clause {self.number}, {self.heading}" if self.heading else f"Clause {self.number}"


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
    starts_on = models.DateField(null=True, blank=True)
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
    text = models.TextField(blank=True, help_text="The exact words that were signed")
    on_behalf_of = models.ForeignKey(
        Post,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="post that delegated it",
    )
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


class Liaison(Record, Dated):
    """The post that answers for an organisation in the matter of an agreement."""

    agreement = models.ForeignKey(
        SharingAgreement, on_delete=models.CASCADE, related_name="liaisons"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    may_sign = models.BooleanField(default=False, help_text="Signs, or delegates signing")
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["organisation__name", "id"]

    def __str__(self) -> str:
        return f"{self.post} for {self.organisation}"


class DataRequest(Record):
    """Somebody asks an owner for a dataset, for a purpose and a time; the owner's post decides."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="requests")
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    purpose = models.CharField(max_length=200)
    reason = models.TextField()
    detail = models.CharField(max_length=20, choices=Detail)
    starts_on = models.DateField()
    expires_on = models.DateField()
    granted = models.BooleanField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField("why", blank=True)
    term = models.ForeignKey(
        Term, null=True, blank=True, on_delete=models.PROTECT, related_name="requests"
    )

    class Meta:
        ordering = ["-asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__gte=F("starts_on")),
                name="sharing_datarequest_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(granted__isnull=True, decided_at__isnull=True)
                | Q(granted__isnull=False, decided_at__isnull=False),
                name="sharing_datarequest_decided_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} asks {self.provider} for {self.dataset}"


class DataUse(models.Model):
    """A look at somebody's data: who, what, how much, for which purpose, under which clause."""

    at = models.DateTimeField(db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    acting_as = models.CharField(max_length=200)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="uses")
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="uses")
    clause = models.CharField(max_length=40)
    purpose = models.CharField(max_length=200)
    how = models.CharField(max_length=20, choices=UseKind)
    columns = models.JSONField(default=list)
    first_month = models.DateField(null=True, blank=True)
    last_month = models.DateField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["provider", "at"])]

    def __str__(self) -> str:
        return f"{self.acting_as} used {self.dataset}"
