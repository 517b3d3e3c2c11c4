"""Who the partnership is: organisations, bodies, seats, plans and the law they work under."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from frankpledge.access.enums import Role
from frankpledge.core.markings import Audience, Classification, Purpose, marking_text
from frankpledge.core.models import Area, Dated, DatedQuerySet, Record
from frankpledge.partnership.enums import (
    AccessRegime,
    BodyKind,
    LegislationKind,
    LegislationStatus,
    OfficeKind,
    OrganisationKind,
)


class Organisation(Record, Dated):
    name = models.CharField(max_length=150)
    short_name = models.CharField(max_length=40, blank=True)
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=OrganisationKind)
    is_responsible_authority = models.BooleanField(
        "responsible authority",
        default=False,
        help_text="Named by law as answering for community safety in the area",
    )
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT)
    notes = models.TextField(blank=True)
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Succession(Record):
    """One organisation took over from another on a day."""

    before = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="successors")
    after = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="predecessors")
    on = models.DateField()
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["on", "before__name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(before=models.F("after")),
                name="partnership_succession_two_organisations",
            ),
            models.UniqueConstraint(fields=["before", "after"], name="partnership_succession_once"),
        ]

    def __str__(self) -> str:
        return f"{self.before} became {self.after}"


class Body(Record, Dated):
    """A partnership, board, committee, team or group: anything that has seats."""

    name = models.CharField(max_length=150)
    short_name = models.CharField(max_length=40, blank=True)
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=BodyKind)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    remit = models.TextField(blank=True)
    access_regime = models.CharField(
        max_length=12, choices=AccessRegime, default=AccessRegime.PARTNERSHIP
    )
    areas = models.ManyToManyField(
        Area, blank=True, related_name="bodies", help_text="A CSP may cover one or more districts"
    )
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.PUBLIC)
    contact = models.CharField(max_length=150, blank=True)
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["name", "id"]
        verbose_name_plural = "bodies"

    def __str__(self) -> str:
        return self.name


class Post(Record, Dated):
    """A job in an organisation; people come and go, the post stays."""

    title = models.CharField(max_length=150)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(
        max_length=20,
        choices=Role.choices(),
        default=Role.PARTNER,
        help_text="What holding the post lets somebody do for the organisation",
    )
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["organisation__name", "title", "id"]

    def __str__(self) -> str:
        return f"{self.title}, {self.organisation.name}"


class Holding(Record, Dated):
    """Who holds a post, from a day to a day."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="holdings")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="holdings"
    )
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["post__title", "valid_from", "id"]

    def __str__(self) -> str:
        return f"{self.holder} as {self.post}"


class Seat(Record, Dated):
    """A post's place on a body, and the role it carries there."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="seats")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="seats")
    role = models.CharField(max_length=20, choices=Role.choices(), default=Role.BODY_MEMBER)
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["body__name", "post__title", "id"]

    def __str__(self) -> str:
        return f"{self.post} on {self.body}"


class Office(Record, Dated):
    """Chair, vice-chair or clerk of a body; empty while vacant."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="offices")
    kind = models.CharField(max_length=12, choices=OfficeKind)
    post = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="offices"
    )
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["body__name", "kind", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.body}"


class Shown(models.Model):
    """Audience, classification and purpose of anything that can be shown."""

    audience = models.CharField(
        max_length=12, choices=Audience, default=Audience.PARTNERSHIP, help_text="Who sees it"
    )
    audience_body = models.ForeignKey(
        Body, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    classification = models.CharField(
        max_length=20,
        choices=Classification,
        default=Classification.OFFICIAL,
        help_text="What is printed on it",
    )
    purpose = models.CharField(
        max_length=12, choices=Purpose, default=Purpose.INFORMATION, help_text="What it asks"
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(audience=Audience.BODY) | Q(audience_body__isnull=False),
                name="%(app_label)s_%(class)s_names_its_body",
            )
        ]

    @property
    def marking(self) -> str:
        return marking_text(self.audience, self.classification)


class LinkedPlan(Record, Dated):
    """A plan or strategy of somebody else's that the partnership's work serves."""

    title = models.CharField(max_length=200)
    owner = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT)
    link = models.URLField(blank=True)
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.PUBLIC)
    notes = models.TextField(blank=True)
    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title


class Legislation(Record):
    """An Act, a Bill, regulations or guidance that puts a duty on somebody."""

    title = models.CharField(max_length=250)
    kind = models.CharField(max_length=12, choices=LegislationKind)
    status = models.CharField(max_length=12, choices=LegislationStatus)
    status_as_of = models.DateField("status as of", null=True, blank=True)
    assent = models.DateField("date of Assent or made", null=True, blank=True)
    commencement = models.DateField(null=True, blank=True)
    duty = models.TextField(blank=True)
    duty_on = models.CharField("who the duty is on", max_length=250, blank=True)
    review_on = models.DateField("review date", null=True, blank=True)
    source = models.URLField(blank=True)
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.PUBLIC)

    class Meta:
        ordering = ["title", "id"]
        verbose_name_plural = "legislation"
        constraints = [
            models.CheckConstraint(
                condition=Q(assent__isnull=True)
                | Q(commencement__isnull=True)
                | Q(commencement__gte=models.F("assent")),
                name="partnership_legislation_commences_after_assent",
            )
        ]

    def __str__(self) -> str:
        return self.title
