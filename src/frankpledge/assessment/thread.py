"""Finding → assessment → issue: what an assessment rests on and what it names."""

from django.urls import reverse

from frankpledge.assessment.enums import NAMED
from frankpledge.assessment.models import Assessment, Issue
from frankpledge.core.kinds import register_kind
from frankpledge.core.registries import Edge, register_edge
from frankpledge.evidence.models import Finding

register_kind(
    "assessment",
    Assessment,
    "Strategic assessment",
    lambda record: reverse("assessment", args=[record.pk]),
)
register_kind("issue", Issue, "Issue", lambda record: reverse("assessment-roll-up"))

register_edge(
    Edge(
        model=Assessment,
        verb="rests on",
        target=Finding,
        inverse="is placed in",
        forward=lambda record: Finding.objects.filter(
            placings__section__assessment=record
        ).distinct(),
        backward=lambda finding: Assessment.objects.filter(
            sections__placings__finding=finding
        ).distinct(),
        missing="No Finding is placed in this assessment, so nothing shows what it rests on.",
    )
)
register_edge(
    Edge(
        model=Issue,
        verb="is named by",
        target=Assessment,
        inverse="names",
        forward=lambda record: Assessment.objects.filter(
            marks__issue=record, marks__mark__in=NAMED
        ).distinct(),
        backward=lambda found: Issue.objects.filter(
            marks__assessment=found, marks__mark__in=NAMED
        ).distinct(),
        missing="No assessment names this issue.",
    )
)
