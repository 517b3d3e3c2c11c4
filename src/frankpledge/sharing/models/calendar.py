"""The return calendar: what is asked of whom, for which period, by when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from frankpledge.core.models import Dated, DatedQuerySet, Record
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import Rhythm
from frankpledge.sharing.models.datasets import Dataset


class Schedule(Record, Dated):
    """A dataset asked of organisations again and again; the law or the usual practice says why."""

    name = models.CharField(max_length=120)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="schedules")
    organisations = models.ManyToManyField(Organisation, related_name="schedules")
    rhythm = models.CharField(max_length=10, choices=Rhythm)
    first_period = models.DateField(help_text="The first day of the first period asked for")
    due_days = models.PositiveSmallIntegerField(
        default=0,
        help_text="Days after the period that it is due; 0 for the end of the period following",
    )
    statutory = models.BooleanField(default=False)
    source = models.CharField("where it is laid down", max_length=250, blank=True)
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class ReturnRequest(Record):
    """One period asked of one organisation."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="requests")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="return_requests"
    )
    period_start = models.DateField()
    period_end = models.DateField()
    due_on = models.DateField()
    extended_to = models.DateField(null=True, blank=True)
    extended_because = models.TextField(blank=True)
    nil_on = models.DateField("said that there is nothing to report", null=True, blank=True)
    nil_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    chased_at = models.DateTimeField(null=True, blank=True)
    chased_times = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["due_on", "organisation__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "organisation", "period_start"],
                name="sharing_returnrequest_once",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")),
                name="sharing_returnrequest_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(extended_to__isnull=True) | ~Q(extended_because=""),
                name="sharing_returnrequest_extended_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.schedule}, {self.organisation}, {self.period_start:%B %Y}"
