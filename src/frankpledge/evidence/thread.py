"""Submission → Finding: what a Finding read."""

from django.urls import reverse

from frankpledge.core.kinds import register_kind
from frankpledge.core.registries import Edge, register_edge
from frankpledge.evidence.enums import FindingKind
from frankpledge.evidence.models import Finding
from frankpledge.sharing.models import Submission

register_kind("finding", Finding, "Finding", lambda record: reverse("finding", args=[record.pk]))


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
