"""Answers worth keeping, questions worth asking again, and what stood out when data came."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from frankpledge.core.models import Area, Record
from frankpledge.evidence.enums import FindingKind, SignalState, TellWhen
from frankpledge.partnership.models import Body, Organisation, Shown
from frankpledge.sharing.enums import Detail
from frankpledge.sharing.models import Dataset, DisclosureRule, SubmissionMonth


class Finding(Record, Shown):
    """A frozen answer. `table` is the publishable table as it was; charts are drawn from it."""

    kind = models.CharField(max_length=10, choices=FindingKind, default=FindingKind.ASKED)
    sentence = models.CharField("what was found", max_length=500)
    caveats = models.JSONField(default=list)
    dataset = models.ForeignKey(
        Dataset, null=True, blank=True, on_delete=models.PROTECT, related_name="findings"
    )
    question = models.JSONField(default=dict, help_text="The explorer's four choices")
    data_version = models.CharField(max_length=64, blank=True)
    disclosure = models.CharField(max_length=250, blank=True)
    table = models.JSONField(default=dict)
    figure = models.JSONField(default=dict, help_text="Which chart shows it, and how")
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT)
    period_from = models.DateField()
    period_to = models.DateField()
    source = models.CharField(max_length=250, blank=True)
    owner = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    attachment = models.CharField(max_length=64, blank=True, help_text="Digest of the kept file")
    attachment_name = models.CharField(max_length=255, blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    synthetic = models.BooleanField(default=False)
    read_months = models.ManyToManyField(SubmissionMonth, blank=True, related_name="findings")

    class Meta(Shown.Meta):
        ordering = ["-created_at", "id"]
        constraints = [
            *Shown.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind=FindingKind.ASKED, dataset__isnull=False)
                | (Q(kind=FindingKind.EXTERNAL, owner__isnull=False) & ~Q(source="")),
                name="evidence_finding_says_where_it_comes_from",
            ),
            models.CheckConstraint(
                condition=Q(period_to__gte=models.F("period_from")),
                name="evidence_finding_period_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.sentence


class HarmWeights(Record):
    """A table of weights that somebody loaded: one measure, one edition, never blended."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="harm_weights")
    measure = models.CharField(max_length=120)
    edition = models.CharField(max_length=60)
    since = models.DateField("in force from")
    unit = models.CharField(max_length=60)
    weights = models.JSONField(help_text="Category to weight")

    class Meta:
        ordering = ["measure", "-since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "measure", "edition"], name="evidence_harmweights_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure}, {self.edition}"


class Watch(models.Model):
    """One look at every series of a dataset, as finely as `detail`, from the months it read.

    Without history: when data goes, what was worked out from it goes too.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="watches")
    detail = models.CharField(max_length=20, choices=Detail)
    month = models.DateField("month watched")
    data_version = models.CharField(max_length=64)
    method = models.CharField(max_length=200)
    series = models.PositiveIntegerField()
    tested = models.PositiveIntegerField(help_text="Those with enough history")
    published = models.BooleanField(help_text="No rule covered the dataset")
    rule = models.ForeignKey(
        DisclosureRule, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    on = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)
    read_months = models.ManyToManyField(SubmissionMonth, related_name="watches")

    class Meta:
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.dataset}, {self.month:%B %Y}"


class Signal(models.Model):
    """A series that stood above what its own past leads one to expect."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="signals")
    area = models.CharField(max_length=16, blank=True, help_text="Empty for the county")
    where = models.CharField(max_length=120)
    category = models.CharField(max_length=120)
    what = models.CharField(max_length=200)
    observed = models.PositiveIntegerField()
    expected = models.FloatField()
    upper = models.FloatField("limit")
    p_value = models.FloatField("chance of as many or more")
    q_value = models.FloatField("false discovery rate at which it still stands")
    state = models.CharField(max_length=10, choices=SignalState, default=SignalState.OPEN)
    reason = models.CharField(max_length=300, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    finding = models.ForeignKey(
        Finding, null=True, blank=True, on_delete=models.SET_NULL, related_name="signals"
    )

    class Meta:
        ordering = ["p_value", "what", "where", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["watch", "area", "category"], name="evidence_signal_once"
            ),
            models.CheckConstraint(
                condition=~Q(state=SignalState.DISMISSED) | ~Q(reason=""),
                name="evidence_signal_dismissed_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} in {self.where}, {self.watch.month:%B %Y}"


class SavedQuestion(Record):
    """A question somebody asks again. It holds no figure: each reader gets their own answer."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_questions"
    )
    name = models.CharField(max_length=120)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="saved_questions")
    question = models.JSONField(help_text="The explorer's choices")
    moves = models.BooleanField(default=True, help_text="Always ends with the last month held")
    body = models.ForeignKey(
        Body,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="saved_questions",
        help_text="Those with a seat here see it too",
    )

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="evidence_savedquestion_once")
        ]

    def __str__(self) -> str:
        return self.name


class Subscription(Record):
    """When somebody wants an e-mail about a saved question, and what they last knew of it."""

    question = models.ForeignKey(
        SavedQuestion, on_delete=models.CASCADE, related_name="subscriptions"
    )
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscriptions"
    )
    when = models.CharField(max_length=10, choices=TellWhen)
    number = models.PositiveIntegerField(null=True, blank=True)
    known = models.CharField(max_length=64, blank=True, help_text="Version of the data last read")
    told_on = models.DateField(null=True, blank=True)
    site = models.CharField(max_length=250, help_text="Where it was asked for, for the links")

    class Meta:
        ordering = ["question__name", "when", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "reader", "when"], name="evidence_subscription_once"
            ),
            models.CheckConstraint(
                condition=~Q(when=TellWhen.ABOVE) | Q(number__isnull=False),
                name="evidence_subscription_has_its_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.get_when_display().lower()}"
