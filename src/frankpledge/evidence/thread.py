"""Submission → Finding → emerging issue: what a Finding read, and what became one."""

from django.urls import reverse

from frankpledge.core.kinds import register_kind
from frankpledge.core.registries import Edge, register_edge
from frankpledge.evidence.enums import FindingKind
from frankpledge.evidence.models import Finding, SavedQuestion, Signal
from frankpledge.sharing.models import Submission

register_kind("finding", Finding, "Finding", lambda record: reverse("finding", args=[record.pk]))
register_kind(
    "signal", Signal, "Emerging issue", lambda record: reverse("signal", args=[record.pk])
)
register_kind(
    "saved-question",
    SavedQuestion,
    "Saved question",
    lambda record: reverse("saved-question", args=[record.pk]),
)


def _read(finding: Finding):
    return Submission.objects.filter(months__findings=finding).distinct()


register_edge(
    Edge(
        model=Finding,
        verb="rests on",
        target=Submission,
        inverse="is read by",
        forward=lambda record: (
            _read(record)
            if record.kind == FindingKind.ASKED
            else Submission.objects.filter(pk__in=[])
        ),
        backward=lambda sent: Finding.objects.filter(read_months__submission=sent).distinct(),
    )
)

register_edge(
    Edge(
        model=Finding,
        verb="began as",
        target=Signal,
        inverse="became",
        forward=lambda record: record.signals.all(),
        backward=lambda signal: Finding.objects.filter(signals=signal),
    )
)
