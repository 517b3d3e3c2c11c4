"""Proposals to decide and drafts to publish before they take effect."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse

from frankpledge.access.actors import Actor
from frankpledge.access.enums import Role
from frankpledge.agreement.enums import ProposalState, VersionState
from frankpledge.agreement.models import AgreementVersion, PriorityChange
from frankpledge.core.registries import Duty, register_duties


@register_duties
def agreement_owed(actor: Actor, today: date) -> Iterator[Duty]:
    if not actor.holds(Role.COUNTY_TEAM):
        return
    for version in AgreementVersion.objects.exclude(state=VersionState.PUBLISHED).select_related(
        "body"
    ):
        yield Duty(
            what=f"Publish {version}",
            due=version.effective_from,
            url=reverse("agreement-version", args=[version.number]),
            owed_by=f"Owed by {version.body.name}",
            kind="agreement",
            reason=f"It is {version.get_state_display().lower()}.",
        )
    proposed = PriorityChange.objects.filter(state=ProposalState.PROPOSED)
    drafts = AgreementVersion.objects.filter(state=VersionState.DRAFT).order_by("effective_from")
    draft = drafts.first()
    for proposal in proposed:
        due = draft.effective_from if draft else proposal.proposed_on + timedelta(days=90)
        yield Duty(
            what=f"Decide: {proposal}",
            due=due,
            url=reverse("proposal", args=[proposal.pk]),
            owed_by="Owed by the partnership",
            kind="proposal",
        )
