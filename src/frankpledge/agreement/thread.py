"""Issue → priority → agreement, with the proposals that change priorities."""

from django.urls import reverse

from frankpledge.agreement.models import AgreementVersion, Priority, PriorityChange
from frankpledge.assessment.models import Assessment, Issue
from frankpledge.core.kinds import register_kind
from frankpledge.core.models import in_force
from frankpledge.core.registries import Edge, register_edge
from frankpledge.evidence.models import Finding

register_kind(
    "priority", Priority, "Priority", lambda record: reverse("priority", args=[record.pk])
)
register_kind(
    "agreement",
    AgreementVersion,
    "Version of the agreement",
    lambda record: reverse("agreement-version", args=[record.number]),
)
register_kind(
    "priority-change",
    PriorityChange,
    "Change of priority",
    lambda record: reverse("proposal", args=[record.pk]),
)


def _priorities_of(version: AgreementVersion):
    return Priority.objects.filter(in_force(version.effective_from), body=version.body)


def _versions_with(priority: Priority):
    found = AgreementVersion.objects.filter(body=priority.body)
    if priority.valid_from:
        found = found.filter(effective_from__gte=priority.valid_from)
    if priority.valid_to:
        found = found.filter(effective_from__lte=priority.valid_to)
    return found


register_edge(
    Edge(
        model=Priority,
        verb="answers",
        target=Issue,
        inverse="is answered by",
        forward=lambda record: record.issues.all(),
        backward=lambda issue: issue.priorities.all(),
        missing="No issue of the assessments is linked to this priority.",
    )
)
register_edge(
    Edge(
        model=AgreementVersion,
        verb="sets out",
        target=Priority,
        inverse="is set out in",
        forward=_priorities_of,
        backward=_versions_with,
        missing="No priority was in force when this version took effect.",
    )
)
register_edge(
    Edge(
        model=AgreementVersion,
        verb="draws on",
        target=Assessment,
        inverse="feeds",
        forward=lambda record: Assessment.objects.filter(cycle__agreement_versions=record),
        backward=lambda found: AgreementVersion.objects.filter(cycle__assessments=found),
    )
)
register_edge(
    Edge(
        model=PriorityChange,
        verb="rests on",
        target=Finding,
        inverse="supports",
        forward=lambda record: record.findings.all(),
        backward=lambda finding: finding.priority_changes.all(),
        missing="No Finding supports this change.",
    )
)
register_edge(
    Edge(
        model=PriorityChange,
        verb="answers",
        target=Issue,
        inverse="led to",
        forward=lambda record: record.issues.all(),
        backward=lambda issue: issue.priority_changes.all(),
    )
)
