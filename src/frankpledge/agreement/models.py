"""The Community Safety Agreement: priorities, themes, leads, and the document's versions."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from frankpledge.agreement.enums import ChangeKind, LandscapeGroup, ProposalState, VersionState
from frankpledge.assessment.models import Cycle, Issue
from frankpledge.core.models import Dated, DatedQuerySet, Record
from frankpledge.evidence.models import Finding
from frankpledge.partnership.models import Body, Legislation, LinkedPlan, Organisation, Post, Shown


class Priority(Record, Dated):
    """What the county partnership has chosen; the order is stated and carries no rank."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="priorities")
    name = models.CharField(max_length=150)
    scope = models.CharField("includes", max_length=500, blank=True)
    order = models.PositiveSmallIntegerField()
    leads = models.ManyToManyField(Post, blank=True, related_name="leads_priorities")
    lead_note = models.CharField(max_length=250, blank=True)
    issues = models.ManyToManyField(Issue, blank=True, related_name="priorities")
    plans = models.ManyToManyField(LinkedPlan, blank=True, related_name="priorities")
    legislation = models.ManyToManyField(Legislation, blank=True, related_name="priorities")
    delegated_to = models.ForeignKey(
        Body, null=True, blank=True, on_delete=models.PROTECT, related_name="delegated_priorities"
    )
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["order", "name", "id"]
        verbose_name_plural = "priorities"

    def __str__(self) -> str:
        return self.name


class Theme(Record, Dated):
    """A cross-cutting theme."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="themes")
    name = models.CharField(max_length=150)
    scope = models.CharField("includes", max_length=500, blank=True)
    order = models.PositiveSmallIntegerField()
    issues = models.ManyToManyField(Issue, blank=True, related_name="themes")
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["order", "name", "id"]

    def __str__(self) -> str:
        return self.name


class Objective(Record, Dated):
    """A priority of the policing body's own plan, to which due regard is had."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="objectives"
    )
    plan = models.ForeignKey(LinkedPlan, on_delete=models.PROTECT, related_name="objectives")
    name = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField()
    priorities = models.ManyToManyField(Priority, blank=True, related_name="objectives")
    crosswalk_note = models.CharField(max_length=250, blank=True)
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["order", "name", "id"]

    def __str__(self) -> str:
        return self.name


class AgreementVersion(Record, Shown):
    """One version of the agreement. Once published it never changes: `content` is the document."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="agreement_versions")
    number = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    effective_from = models.DateField()
    state = models.CharField(max_length=10, choices=VersionState, default=VersionState.DRAFT)
    published_on = models.DateField(null=True, blank=True)
    previous = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="next"
    )
    cycle = models.ForeignKey(
        Cycle, null=True, blank=True, on_delete=models.PROTECT, related_name="agreement_versions"
    )
    content = models.JSONField(null=True, blank=True)
    content_digest = models.CharField(max_length=64, blank=True)

    class Meta(Shown.Meta):
        ordering = ["-effective_from", "-number", "id"]
        constraints = [
            *Shown.Meta.constraints,
            # Its address is its number, so no two bodies number alike.
            models.UniqueConstraint(fields=["number"], name="agreement_version_number_once"),
            models.CheckConstraint(
                condition=Q(state=VersionState.PUBLISHED, published_on__isnull=False)
                | (~Q(state=VersionState.PUBLISHED) & Q(published_on__isnull=True)),
                name="agreement_version_published_and_dated_together",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"


class Chapter(Record):
    """A chapter or appendix; a line such as [[priorities]] brings in what the records say."""

    version = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="chapters")
    key = models.SlugField(max_length=40, help_text="The same chapter in every version")
    label = models.CharField(max_length=20, blank=True, help_text="As 6, or Appendix A")
    title = models.CharField(max_length=150)
    order = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["version", "order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="agreement_chapter_key_once")
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}".strip()


class ChangeNote(Record):
    """What the version control table says of one chapter in one version."""

    version = models.ForeignKey(
        AgreementVersion, on_delete=models.CASCADE, related_name="change_notes"
    )
    chapter_key = models.SlugField(max_length=40, blank=True)
    label = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=400)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["version", "order", "id"]

    def __str__(self) -> str:
        return f"{self.label} - {self.text}" if self.label else self.text


class LandscapeEntry(Record):
    """A change around the partnership that a version reports."""

    version = models.ForeignKey(
        AgreementVersion, on_delete=models.CASCADE, related_name="landscape"
    )
    group = models.CharField(max_length=12, choices=LandscapeGroup)
    number = models.CharField(max_length=8)
    title = models.CharField(max_length=200)
    text = models.TextField()
    order = models.PositiveSmallIntegerField()
    legislation = models.ForeignKey(
        Legislation, null=True, blank=True, on_delete=models.PROTECT, related_name="landscape"
    )

    class Meta:
        ordering = ["version", "order", "id"]
        verbose_name_plural = "landscape entries"

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class PriorityChange(Record, Shown):
    """A change of priority or theme: proposed with its evidence, then decided."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="priority_changes")
    kind = models.CharField(max_length=10, choices=ChangeKind)
    name = models.CharField("priority or theme", max_length=150)
    new_name = models.CharField(max_length=150, blank=True)
    new_scope = models.CharField(max_length=500, blank=True)
    priority = models.ForeignKey(
        Priority, null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    theme = models.ForeignKey(
        Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.PROPOSED)
    proposed_on = models.DateField()
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.CharField("decided by", max_length=200, blank=True)
    effective_from = models.DateField(null=True, blank=True)
    version = models.ForeignKey(
        AgreementVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="priority_changes",
    )
    findings = models.ManyToManyField(Finding, blank=True, related_name="priority_changes")
    issues = models.ManyToManyField(Issue, blank=True, related_name="priority_changes")

    class Meta(Shown.Meta):
        ordering = ["-proposed_on", "name", "id"]
        constraints = [
            *Shown.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "withdrawn"], decided_on__isnull=True)
                | Q(state__in=["agreed", "refused"], decided_on__isnull=False),
                name="agreement_prioritychange_decided_and_dated_together",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"
