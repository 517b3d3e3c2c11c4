"""The kinds of data that partners send, and what must be done before a figure leaves."""

from django.db import models
from django.db.models import Q

from frankpledge.core.models import Dated, DatedQuerySet, Record
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import Approvals, ContractState


class Dataset(Record):
    """A kind of data that partners send: one contract, known by its short name."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    contract = models.SlugField(max_length=60)
    published_already = models.BooleanField(
        default=False, help_text="Anybody can download it elsewhere, so no figure is hidden"
    )
    about = models.TextField(blank=True)
    approvals = models.PositiveSmallIntegerField(
        choices=Approvals, default=Approvals.NONE, help_text="Who agrees to a file before it counts"
    )
    retain_months = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Months a return is kept; empty leaves it to the agreement"
    )

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


class SavedContract(Record):
    """A contract that was made here from a sample, as the file it would be."""

    key = models.SlugField(max_length=60)
    version = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=ContractState, default=ContractState.DRAFT)
    text = models.TextField(help_text="Open Data Contract Standard, as YAML")
    sample_name = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["key", "-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "version"], name="sharing_savedcontract_version_once"
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state=ContractState.IN_USE),
                name="sharing_savedcontract_one_in_use",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class ColumnMapping(Record):
    """How one organisation's columns and words become a contract's, kept for its next file."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="mappings")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="mappings"
    )
    choices = models.JSONField(default=dict, help_text="Sheet, header row, columns and words")

    class Meta:
        ordering = ["dataset__name", "organisation__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "organisation"], name="sharing_columnmapping_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dataset} as {self.organisation} sends it"


class Caveat(Record, Dated):
    """Something everybody must know who reads these figures; every answer repeats it."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="caveats")
    text = models.CharField(max_length=300)
    first_month = models.DateField(null=True, blank=True)
    last_month = models.DateField(null=True, blank=True)
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["dataset__name", "first_month", "id"]

    def __str__(self) -> str:
        return self.text
