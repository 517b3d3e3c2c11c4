"""Signing a version, on the screen or on paper, and taking a signature back."""

from __future__ import annotations

from datetime import date, datetime

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import find
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Organisation, Post
from frankpledge.sharing.enums import VersionState
from frankpledge.sharing.models import AgreementVersion, Signature
from frankpledge.sharing.queries.signing import ways_to_sign, who_signs
from frankpledge.sharing.queries.wording import digest_of, wording


class UnableToSign(Exception):
    """The version cannot be signed, or a signature taken back, in this way now."""


def sign(
    *,
    actor: Actor,
    version: AgreementVersion,
    organisation: Organisation,
    post: Post,
    seen_digest: str,
    today: date,
    now: datetime,
    on_behalf_of: Post | None = None,
) -> Signature:
    """Sign the words that were on the screen. Raises UnableToSign when they are not those now."""
    with change(
        actor=actor,
        capability=Capability.SIGN_SHARING_AGREEMENT,
        record=organisation,
        now=now,
    ) as audit:
        find(actor, AgreementVersion, pk=version.pk)
        locked = _locked(version)
        _check_signable(locked, organisation)
        _check_way(actor, locked, organisation, post, on_behalf_of)
        text = wording(locked).text()
        if seen_digest != digest_of(text):
            raise UnableToSign("The agreement changed while you read it. Read it again, then sign.")
        signature = Signature.objects.create(
            version=locked,
            organisation=organisation,
            post=post,
            on_behalf_of=on_behalf_of,
            signed_on=today,
            text=text,
            text_digest=seen_digest,
        )
        behalf = f", on behalf of {on_behalf_of.title}" if on_behalf_of else ""
        audit.note(
            f"Signed {locked} for {organisation} as {post.title}{behalf}.",
            record=locked.agreement,
            concerns=(organisation,),
        )
    return signature


def _locked(version: AgreementVersion) -> AgreementVersion:
    return (
        AgreementVersion.objects.select_for_update(of=("self",))
        .select_related("agreement")
        .get(pk=version.pk)
    )


def _check_signable(version: AgreementVersion, organisation: Organisation) -> None:
    if version.state != VersionState.IN_FORCE:
        raise UnableToSign("Only the version in force is signed. Ask the county team which it is.")
    _check_party(version, organisation)


def _check_party(version: AgreementVersion, organisation: Organisation) -> None:
    if not version.agreement.parties.filter(pk=organisation.pk).exists():
        raise UnableToSign(f"{organisation} is not a party to this agreement.")
    if version.signatures.filter(organisation=organisation, revoked_on__isnull=True).exists():
        raise UnableToSign(f"{organisation} has already signed this version.")


def _check_way(
    actor: Actor,
    version: AgreementVersion,
    organisation: Organisation,
    post: Post,
    on_behalf_of: Post | None,
) -> None:
    ways = ways_to_sign(actor=actor, agreement=version.agreement, organisation=organisation)
    wanted = (post.pk, on_behalf_of.pk if on_behalf_of else None)
    if wanted not in [way.keys for way in ways]:
        raise UnableToSign(
            who_signs(agreement=version.agreement, organisation=organisation, on=actor.on)
        )


def revoke(
    *, actor: Actor, signature: Signature, because: str, today: date, now: datetime
) -> Signature:
    """Take a signature back: data that rests on a power stops the same day."""
    organisation = signature.organisation
    with change(
        actor=actor,
        capability=Capability.SIGN_SHARING_AGREEMENT,
        record=organisation,
        now=now,
    ) as audit:
        agreement = signature.version.agreement
        if not ways_to_sign(actor=actor, agreement=agreement, organisation=organisation):
            raise UnableToSign(
                who_signs(agreement=agreement, organisation=organisation, on=actor.on)
            )
        signature.revoked_on, signature.revoked_because = today, because
        signature.save()
        audit.note(
            f"Took back the signature of {organisation} on {signature.version}.",
            record=agreement,
            concerns=tuple(agreement.parties.all()),
        )
    return signature


def note_paper_signature(
    *,
    actor: Actor,
    version: AgreementVersion,
    post: Post,
    signed_on: date,
    today: date,
    now: datetime,
) -> Signature:
    """The keeper holds a copy signed on paper. On a draft that is being typed in it waits until
    the version is put in force, and then stands for the words typed."""
    with change(
        actor=actor, capability=Capability.DRAFT_SHARING_AGREEMENT, record=version, now=now
    ) as audit:
        locked = _locked(version)
        if locked.state == VersionState.SUPERSEDED:
            raise UnableToSign("A newer version is in force, so a signature here counts no more.")
        if signed_on > today:
            raise UnableToSign("The day of the signature has not come yet.")
        _check_party(locked, post.organisation)
        is_draft = locked.state == VersionState.DRAFT
        text = "" if is_draft else wording(locked).text()
        signature = Signature.objects.create(
            version=locked,
            organisation=post.organisation,
            post=post,
            signed_on=signed_on,
            text=text,
            text_digest="" if is_draft else digest_of(text),
        )
        audit.note(
            f"{post} signed {locked} on paper on {signed_on:%-d %B %Y}.",
            record=locked.agreement,
            concerns=(post.organisation,),
        )
    return signature
