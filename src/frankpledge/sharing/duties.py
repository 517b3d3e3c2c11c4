"""What is owed in the sharing room: signatures of the version in force, and rows to correct."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import visible
from frankpledge.access.enums import Capability, Role
from frankpledge.core import clock
from frankpledge.core.registries import Duty, register_duties
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import SubmissionState, VersionState
from frankpledge.sharing.models import (
    AgreementVersion,
    DataRequest,
    SharingAgreement,
    Signature,
    Submission,
    SubmissionMonth,
)
from frankpledge.sharing.queries.calendar import board, schedules
from frankpledge.sharing.queries.feeds import feeds
from frankpledge.sharing.queries.feeds import standing as feed_standing
from frankpledge.sharing.queries.keys import keys
from frankpledge.sharing.queries.questions import about, questions
from frankpledge.sharing.rules.approvals import DAYS_TO_AGREE
from frankpledge.sharing.rules.calendar import Standing
from frankpledge.sharing.rules.machines import WARN_BEFORE
from frankpledge.sharing.rules.questions import DAYS_TO_ANSWER

DAYS_TO_SIGN = 28
DAYS_TO_CORRECT = 14
DAYS_TO_DECIDE = 14
DAYS_BEFORE_A_REVIEW = 60
LOOKS_BACK, LOOKS_AHEAD = timedelta(days=730), timedelta(days=60)


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


@register_duties
def returns_owed(actor: Actor, today: date) -> Iterator[Duty]:
    """Each return that is late or falls due soon, for who sends it and for the county team."""
    everybody = actor.holds(Role.COUNTY_TEAM)
    mine = actor.organisations(Role.DATA_PROVIDER)
    if not everybody and not mine:
        return
    for line in board(
        actor=actor, today=today, schedules=schedules(actor=actor), since=today - LOOKS_BACK
    ):
        own = line.organisation.pk in mine
        late = line.standing == Standing.LATE
        if not line.is_owed or not (own or (everybody and late)) or line.due > today + LOOKS_AHEAD:
            continue
        reminded = line.request is not None and line.request.chased_at is not None
        yield Duty(
            what=f"{'Send' if own else f'Get {line.organisation} to send'} "
            f"{line.schedule.dataset}, {line.period.name}",
            due=line.due,
            url=reverse("return-period", args=[line.schedule.pk, line.organisation.slug, line.key]),
            owed_by=line.organisation.name,
            kind="Return",
            reason=f"{'You were reminded. ' if own and reminded else ''}"
            f"{line.schedule.source or line.schedule.name}",
            for_roles=frozenset({(str(Role.DATA_PROVIDER), line.organisation.pk)}),
        )


@register_duties
def reviews_owed(actor: Actor, today: date) -> Iterator[Duty]:
    """The yearly review of each agreement and the next look at its impact assessment, for those
    who keep it: the county team and the post's organisation."""
    everybody = actor.holds(Role.COUNTY_TEAM)
    mine = actor.organisations(Role.PARTNER)
    if not everybody and not mine:
        return
    versions = AgreementVersion.objects.filter(
        state=VersionState.IN_FORCE,
        agreement__in=visible(actor, Capability.VIEW, SharingAgreement).values("pk"),
    ).select_related("agreement__owner", "agreement__keeper__organisation")
    for version in versions:
        keeper = version.agreement.keeper
        if not everybody and (keeper is None or keeper.organisation_id not in mine):
            continue
        owed_by = str(keeper) if keeper else str(version.agreement.owner)
        roles = (
            frozenset({(str(Role.PARTNER), keeper.organisation_id)})
            if keeper
            else frozenset({(str(Role.COUNTY_TEAM), None)})
        )
        for what, due, reason in (
            (f"Review {version}", version.review_on, "An agreement is reviewed each year."),
            (
                f"Look again at the impact assessment of {version}",
                version.dpia_review_on,
                "The data protection impact assessment names this day.",
            ),
        ):
            if due is not None and due <= today + timedelta(days=DAYS_BEFORE_A_REVIEW):
                yield Duty(
                    what=what,
                    due=due,
                    url=reverse("sharing-version", args=[version.agreement.slug, version.pk]),
                    owed_by=owed_by,
                    kind="Review",
                    reason=reason,
                    for_roles=roles,
                )


@register_duties
def requests_to_decide(actor: Actor, today: date) -> Iterator[Duty]:
    """Each request for an organisation's data, for its own people."""
    mine = actor.organisations(Role.PARTNER)
    if not mine:
        return
    waiting = DataRequest.objects.filter(provider__in=mine, granted__isnull=True).select_related(
        "dataset", "provider", "recipient"
    )
    for asked in waiting:
        yield Duty(
            what=f"Decide whether {asked.recipient} gets {asked.dataset}",
            due=asked.asked_at.date() + timedelta(days=DAYS_TO_DECIDE),
            url=reverse("data-request", args=[asked.pk]),
            owed_by=asked.provider.name,
            kind="Request for data",
            reason=f"For {asked.purpose}, until {asked.expires_on:%-d %B %Y}.",
            for_roles=frozenset({(str(Role.PARTNER), asked.provider_id)}),
        )


@register_duties
def files_to_agree(actor: Actor, today: date) -> Iterator[Duty]:
    """Each checked file, for those who may agree to it now."""
    for sent in visible(actor, Capability.AGREE_TO_RETURN, Submission).select_related(
        "organisation", "dataset"
    ):
        own = sent.organisation_id in actor.organisations(Role.PARTNER, Role.DATA_PROVIDER)
        yield Duty(
            what=f"Agree to {sent.file_name} or send it back",
            due=(sent.finished_at or sent.sent_at).date() + timedelta(days=DAYS_TO_AGREE),
            url=reverse("submission", args=[sent.pk]),
            owed_by=sent.organisation.name if own else "County team",
            kind="Return to agree",
            reason=f"Nothing of it counts in {sent.dataset} before somebody agrees.",
            for_roles=frozenset({(str(Role.PARTNER), sent.organisation_id)})
            if own
            else frozenset({(str(Role.COUNTY_TEAM), None)}),
        )


@register_duties
def questions_to_answer(actor: Actor, today: date) -> Iterator[Duty]:
    """Each open question, for the side that did not speak last."""
    mine = actor.organisations(Role.PARTNER, Role.DATA_PROVIDER)
    everybody = actor.holds(Role.COUNTY_TEAM)
    if not everybody and not mine:
        return
    unsettled = questions(actor=actor).filter(resolved_at__isnull=True)
    for asked in unsettled.exclude(submission__state=SubmissionState.CANCELLED):
        sent = asked.submission
        own = sent.organisation_id in mine
        if not (everybody if asked.partner_spoke_last else own):
            continue
        yield Duty(
            what=f"Answer about {sent.file_name}: {about(asked).lower()}",
            due=asked.last_at.date() + timedelta(days=DAYS_TO_ANSWER),
            url=reverse("question", args=[asked.pk]),
            owed_by="County team" if asked.partner_spoke_last else sent.organisation.name,
            kind="Question",
            reason=f"It is about {sent.dataset} and is not settled.",
            for_roles=frozenset({(str(Role.COUNTY_TEAM), None)})
            if asked.partner_spoke_last
            else frozenset({(str(Role.PARTNER), sent.organisation_id)}),
        )


@register_duties
def machines_to_mend(actor: Actor, today: date) -> Iterator[Duty]:
    """Feeds that failed or stopped, and keys that end soon, for who keeps them."""
    everybody = actor.holds(Role.COUNTY_TEAM)
    mine = actor.organisations(Role.DATA_PROVIDER)
    if actor.is_machine or not (everybody or mine):
        return
    now = clock.now()
    for feed in feeds(actor=actor).filter(on=True):
        word, _ = feed_standing(feed, now)
        if word in {"Failed", "Has stopped"}:
            yield Duty(
                what=f"Mend the feed {feed}",
                due=today,
                url=reverse("feed", args=[feed.pk]),
                owed_by="The county team",
                kind="Feed",
                reason=feed.last_said if word == "Failed" else "Nothing has run it for a day.",
                for_roles=frozenset({(str(Role.COUNTY_TEAM), None)}),
            )
    ending = keys(actor=actor).filter(
        revoked_at__isnull=True,
        replaced_by__isnull=True,
        expires_on__gte=today,
        expires_on__lte=today + WARN_BEFORE,
    )
    for key in ending:
        yield Duty(
            what=f"Replace the key {key}",
            due=key.expires_on,
            url=reverse("key", args=[key.pk]),
            owed_by=key.organisation.name,
            kind="Key",
            reason="After this day its machine sends nothing.",
            for_roles=frozenset({(str(Role.DATA_PROVIDER), key.organisation_id)}),
        )
