"""What every record of every room is made of."""

import uuid
from datetime import date

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords


class Record(models.Model):
    """A thing people keep: an id nobody can guess, and its history."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    history = HistoricalRecords(inherit=True)

    class Meta:
        abstract = True


def in_force(on: date, prefix: str = "") -> Q:
    """The condition that a dated row (or one reached by `prefix__`) is in force on a day."""
    return (Q(**{f"{prefix}valid_from__isnull": True}) | Q(**{f"{prefix}valid_from__lte": on})) & (
        Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gte": on})
    )


class DatedQuerySet(models.QuerySet):
    def on(self, day: date) -> "DatedQuerySet":
        return self.filter(in_force(day))


class Dated(models.Model):
    """True from one day to another, both inclusive; empty means not known to begin or end."""

    valid_from = models.DateField("from", null=True, blank=True)
    valid_to = models.DateField("to", null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
                name="%(app_label)s_%(class)s_ends_after_it_begins",
            )
        ]

    def is_in_force(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or self.valid_to >= on
        )


class AreaKind(models.TextChoices):
    COUNTY = "county", "County"
    UNITARY = "unitary", "Unitary authority"
    DISTRICT = "district", "District or borough"
    WARD = "ward", "Ward"
    MSOA = "msoa", "Middle layer super output area"
    LSOA = "lsoa", "Lower layer super output area"


class AreaChangeKind(models.TextChoices):
    UNCHANGED = "U", "Unchanged"
    SPLIT = "S", "Split"
    MERGED = "M", "Merged"
    IRREGULAR = "X", "Irregular"


class Area(models.Model):
    """A place as one generation of the official geography knows it."""

    code = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=AreaKind)
    vintage = models.PositiveSmallIntegerField("generation", help_text="The year it was drawn for")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    valid_to_vintage = models.PositiveSmallIntegerField(
        "last generation", null=True, blank=True, help_text="Empty while it still exists"
    )
    residents = models.PositiveIntegerField(null=True, blank=True)
    outline = models.JSONField("outline (GeoJSON geometry)", null=True, blank=True)

    class Meta:
        ordering = ["kind", "name", "code", "vintage"]
        constraints = [
            models.UniqueConstraint(fields=["code", "vintage"], name="core_area_once_a_vintage")
        ]
        indexes = [models.Index(fields=["kind", "vintage"]), models.Index(fields=["code"])]

    def __str__(self) -> str:
        return self.name


class AreaChange(models.Model):
    """How an area of one generation became areas of the next."""

    before = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="became")
    after = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="came_from")
    kind = models.CharField(max_length=1, choices=AreaChangeKind)

    class Meta:
        ordering = ["before__code", "after__code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["before", "after"], name="core_areachange_once")
        ]

    def __str__(self) -> str:
        return f"{self.before.code} {self.get_kind_display().lower()} {self.after.code}"
