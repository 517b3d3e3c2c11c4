"""What each district found and chose, and the vocabulary they choose from."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from frankpledge.assessment.enums import AssessmentState, Mark, SectionKind
from frankpledge.core.models import Dated, DatedQuerySet, Record
from frankpledge.evidence.models import Finding
from frankpledge.partnership.models import Body, Shown


class Cycle(Record):
    """One year's round of assessments under one county body."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="cycles")
    name = models.CharField(max_length=20, help_text="As 2025-26")
    due_on = models.DateField("assessments due")
    closed_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True, help_text="What a reader must know, as: illustrative")

    class Meta:
        ordering = ["-due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["body", "name"], name="assessment_cycle_once")
        ]

    def __str__(self) -> str:
        return self.name


class Issue(Record, Dated):
    """One of the issues that assessments name, with what it includes and its printed order."""

    name = models.CharField(max_length=120)
    includes = models.CharField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField()
    synonyms = models.JSONField(default=list)
    sources = models.JSONField(
        default=list, help_text="Contracts that speak of it, each with its categories"
    )
    gap = models.TextField("what no source says", blank=True)
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["order", "name", "id"]

    def __str__(self) -> str:
        return self.name


class Assessment(Record, Shown):
    """One CSP's strategic assessment for one cycle, over its own data window."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="assessments")
    csp = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="assessments")
    window_from = models.DateField("data window from")
    window_to = models.DateField("data window to")
    state = models.CharField(
        max_length=12, choices=AssessmentState, default=AssessmentState.NOT_STARTED
    )
    signed_off_on = models.DateField(null=True, blank=True)
    signed_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_off_as = models.CharField(max_length=200, blank=True)
    chased_on = models.DateField(null=True, blank=True)

    class Meta(Shown.Meta):
        ordering = ["-cycle__due_on", "csp__name", "id"]
        constraints = [
            *Shown.Meta.constraints,
            models.UniqueConstraint(fields=["cycle", "csp"], name="assessment_one_per_csp"),
            models.CheckConstraint(
                condition=Q(window_to__gte=F("window_from")),
                name="assessment_assessment_window_in_order",
            ),
            models.CheckConstraint(
                condition=Q(state=AssessmentState.SIGNED_OFF, signed_off_on__isnull=False)
                | (~Q(state=AssessmentState.SIGNED_OFF) & Q(signed_off_on__isnull=True)),
                name="assessment_signed_off_and_dated_together",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.csp}, strategic assessment {self.cycle}"


class Section(Record):
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="sections")
    kind = models.CharField(max_length=12, choices=SectionKind)
    text = models.TextField("commentary", blank=True)
    reason_empty = models.TextField("why there is nothing here", blank=True)

    class Meta:
        ordering = ["assessment", "kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "kind"], name="assessment_section_each_once"
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Placing(Record):
    """A Finding put in a section, with what it means here."""

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="placings")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="placings")
    commentary = models.TextField(blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["section", "order", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "finding"], name="assessment_placing_once_a_section"
            )
        ]

    def __str__(self) -> str:
        return f"{self.finding} in {self.section}"


class ScoringModel(Record):
    """How issues are scored: axes with levels, and bands of the product, as data."""

    name = models.CharField(max_length=120)
    version = models.CharField(max_length=20)
    source = models.CharField(max_length=300)
    axes = models.JSONField(help_text="[{key, label, levels: [{value, label}]}]")
    bands = models.JSONField(help_text="[{from, to, label}] over the product")

    class Meta:
        ordering = ["name", "version", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "version"], name="assessment_scoringmodel_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class IssueMark(Record):
    """How one assessment names one issue, its score and the Findings behind it."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="marks")
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="marks")
    mark = models.CharField(
        max_length=6, choices=Mark, blank=True, help_text="Empty until somebody says"
    )
    reason = models.TextField(blank=True)
    scoring_model = models.ForeignKey(
        ScoringModel, null=True, blank=True, on_delete=models.PROTECT, related_name="marks"
    )
    scores = models.JSONField(default=dict)
    findings = models.ManyToManyField(Finding, blank=True, related_name="marks")

    class Meta:
        ordering = ["assessment", "issue__order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "issue"], name="assessment_issuemark_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.issue}: {self.get_mark_display().lower() or 'not marked yet'}"
