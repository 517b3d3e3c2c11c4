"""What is owed in the sharing room: signatures of the version in force, and rows to correct."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import visible
from frankpledge.access.enums import Capability, Role
from frankpledge.core.registries import Duty, register_duties
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import SubmissionState, VersionState
from frankpledge.sharing.models import (
    AgreementVersion,
    SharingAgreement,
    Signature,
    Submission,
    SubmissionMonth,
)

DAYS_TO_SIGN = 28
DAYS_TO_CORRECT = 14


@register_duties
def signatures_owed(actor: Actor, today: date) -> Iterator[Duty]:
    """Every party that has not signed the version in force, for its own people and the county
    team."""
    everybody = actor.holds(Role.COUNTY_TEAM)
    mine = actor.organisations(Role.PARTNER)
    if not everybody and not mine:
        return
    versions = AgreementVersion.objects.filter(
        state=VersionState.IN_FORCE,
        agreement__in=visible(actor, Capability.VIEW, SharingAgreement).values("pk"),
    ).select_related("agreement")
    for version in versions:
        standing = Signature.objects.filter(
            version=version, organisation=OuterRef("pk"), revoked_on__isnull=True
        )
        unsigned = Organisation.objects.filter(
            ~Exists(standing), sharing_agreements=version.agreement_id
        )
        if not everybody:
            unsigned = unsigned.filter(pk__in=mine)
        for organisation in unsigned:
            own = organisation.pk in mine
            yield Duty(
                what=f"{'Sign' if own else f'Get {organisation} to sign'} {version}",
                due=(version.effective_from or today) + timedelta(days=DAYS_TO_SIGN),
                url=reverse("sharing-agreement", args=[version.agreement.slug]),
                owed_by=organisation.name,
                kind="Signature",
                reason="Data shared under a power stops without the signature of this version.",
                for_roles=frozenset({(str(Role.PARTNER), organisation.pk)}),
            )


@register_duties
def rows_to_correct(actor: Actor, today: date) -> Iterator[Duty]:
    """Stored files of which rows came back and no newer file has taken the place."""
    mine = actor.organisations(Role.DATA_PROVIDER)
    if not mine:
        return
    newer = SubmissionMonth.objects.filter(submission=OuterRef("pk"), superseded_by__isnull=False)
    waiting = Submission.objects.filter(
        ~Exists(newer), organisation__in=mine, state=SubmissionState.STORED, rejected__gt=0
    ).select_related("organisation", "dataset")
    for sent in waiting:
        rows = "1 row" if sent.rejected == 1 else f"{sent.rejected:,} rows"
        yield Duty(
            what=f"Correct {rows} of {sent.file_name}",
            due=sent.sent_at.date() + timedelta(days=DAYS_TO_CORRECT),
            url=reverse("submission", args=[sent.pk]),
            owed_by=sent.organisation.name,
            kind="Returned rows",
            reason=f"They came back from {sent.dataset} and are missing from every figure.",
            for_roles=frozenset({(str(Role.DATA_PROVIDER), sent.organisation_id)}),
        )
