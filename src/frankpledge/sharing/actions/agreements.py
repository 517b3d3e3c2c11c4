"""Drafting, signing and revoking an information sharing agreement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE, find
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Organisation, Post
from frankpledge.sharing.enums import VersionState
from frankpledge.sharing.models import AgreementVersion, Clause, SharingAgreement, Signature, Term
from frankpledge.sharing.queries.wording import text_digest


class UnableToSign(Exception):
    """The version cannot be signed for this organisation now."""


class AlreadyThere(Exception):
    """Another agreement has this short name."""


class UnableToChangeVersion(Exception):
    """Only a draft changes; what has been in force stays as it was signed."""


def create_agreement(
    *,
    actor: Actor,
    fields: Mapping[str, Any],
    parties: Iterable[Organisation],
    now: datetime,
) -> SharingAgreement:
    with change(
        actor=actor, capability=Capability.DRAFT_SHARING_AGREEMENT, record=SITE, now=now
    ) as audit:
        if SharingAgreement.objects.filter(slug=fields["slug"]).exists():
            raise AlreadyThere("Another agreement has this short name. Choose another.")
        agreement = SharingAgreement.objects.create(**fields)
        agreement.parties.set(parties)
        audit.note(f"Made the agreement “{agreement}”.", record=agreement)
    return agreement


def draft_version(
    *, actor: Actor, agreement: SharingAgreement, number: str, what_changed: str, now: datetime
) -> AgreementVersion:
    """A new draft that begins as a copy of the version in force."""
    with change(
        actor=actor, capability=Capability.DRAFT_SHARING_AGREEMENT, record=agreement, now=now
    ) as audit:
        before = agreement.versions.filter(state=VersionState.IN_FORCE).first()
        version = AgreementVersion.objects.create(
            agreement=agreement, number=number, what_changed=what_changed
        )
        if before is not None:
            _copy(before, version)
        audit.note(f"Drafted version {number} of “{agreement}”.", record=agreement)
    return version


def _copy(before: AgreementVersion, after: AgreementVersion) -> None:
    copies = {}
    for clause in before.clauses.all():
        copies[clause.pk] = Clause.objects.create(
            version=after,
            number=clause.number,
            order=clause.order,
            heading=clause.heading,
            text=clause.text,
        )
    for term in before.terms.all():
        Term.objects.create(
            version=after,
            clause=copies[term.clause_id],
            dataset_id=term.dataset_id,
            provider_id=term.provider_id,
            fields=term.fields,
            recipient_role=term.recipient_role,
            recipient_id=term.recipient_id,
            purpose=term.purpose,
            detail=term.detail,
            basis=term.basis,
            expires_on=term.expires_on,
        )


def _draft(version: AgreementVersion) -> AgreementVersion:
    locked = AgreementVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != VersionState.DRAFT:
        raise UnableToChangeVersion(
            f"Version {locked.number} is {locked.get_state_display().lower()} and stays as it was "
            "signed. Draft a new version to change it."
        )
    return locked


def write_clause(
    *,
    actor: Actor,
    version: AgreementVersion,
    fields: Mapping[str, Any],
    now: datetime,
    clause: Clause | None = None,
) -> Clause:
    """Write a clause of a draft: a new one, or one of its own again."""
    with change(
        actor=actor, capability=Capability.DRAFT_SHARING_AGREEMENT, record=version, now=now
    ) as audit:
        locked = _draft(version)
        written = locked.clauses.get(pk=clause.pk) if clause else Clause(version=locked)
        for name, value in fields.items():
            setattr(written, name, value)
        with transaction.atomic():
            written.save()
        audit.note(f"Wrote clause {written.number} of {version}.", record=version.agreement)
    return written


def write_term(
    *, actor: Actor, version: AgreementVersion, fields: Mapping[str, Any], now: datetime
) -> Term:
    with change(
        actor=actor, capability=Capability.DRAFT_SHARING_AGREEMENT, record=version, now=now
    ) as audit:
        term = Term.objects.create(version=_draft(version), **fields)
        audit.note(f"Added a term on {term.dataset} to {version}.", record=version.agreement)
    return term


def put_in_force(
    *, actor: Actor, version: AgreementVersion, today: date, now: datetime
) -> AgreementVersion:
    """The draft takes the place of the version before it; every party's signature is owed anew."""
    with change(
        actor=actor, capability=Capability.DRAFT_SHARING_AGREEMENT, record=version, now=now
    ) as audit:
        locked = _draft(version)
        for before in locked.agreement.versions.filter(state=VersionState.IN_FORCE):
            before.state = VersionState.SUPERSEDED
            before.save()
        locked.state = VersionState.IN_FORCE
        locked.effective_from = locked.effective_from or today
        locked.save()
        audit.note(
            f"{locked} came into force.",
            record=locked.agreement,
            concerns=tuple(locked.agreement.parties.all()),
        )
    return locked


def sign(
    *,
    actor: Actor,
    version: AgreementVersion,
    organisation: Organisation,
    post: Post,
    seen_digest: str,
    today: date,
    now: datetime,
) -> Signature:
    """Sign the words that were on the screen. Raises UnableToSign when they are not those now."""
    with change(
        actor=actor,
        capability=Capability.SIGN_SHARING_AGREEMENT,
        record=organisation,
        now=now,
    ) as audit:
        find(actor, AgreementVersion, pk=version.pk)
        locked = AgreementVersion.objects.select_for_update().get(pk=version.pk)
        _check_signable(locked, organisation, post, seen_digest)
        signature = Signature.objects.create(
            version=locked,
            organisation=organisation,
            post=post,
            signed_on=today,
            text_digest=seen_digest,
        )
        audit.note(
            f"Signed {locked} for {organisation} as {post.title}.",
            record=locked.agreement,
            concerns=(organisation,),
        )
    return signature


def _check_signable(
    version: AgreementVersion, organisation: Organisation, post: Post, seen_digest: str
) -> None:
    if version.state != VersionState.IN_FORCE:
        raise UnableToSign("Only the version in force is signed. Ask the county team which it is.")
    if not version.agreement.parties.filter(pk=organisation.pk).exists():
        raise UnableToSign(f"{organisation} is not a party to this agreement.")
    if post.organisation_id != organisation.pk:
        raise UnableToSign(f"{post} is not a post of {organisation}.")
    if version.signatures.filter(organisation=organisation, revoked_on__isnull=True).exists():
        raise UnableToSign(f"{organisation} has already signed this version.")
    if seen_digest != text_digest(version):
        raise UnableToSign("The agreement changed while you read it. Read it again, then sign.")


def revoke(
    *, actor: Actor, signature: Signature, because: str, today: date, now: datetime
) -> Signature:
    """Take a signature back: data that rests on a power stops the same day."""
    with change(
        actor=actor,
        capability=Capability.SIGN_SHARING_AGREEMENT,
        record=signature.organisation,
        now=now,
    ) as audit:
        signature.revoked_on, signature.revoked_because = today, because
        signature.save()
        audit.note(
            f"Took back the signature of {signature.organisation} on {signature.version}.",
            record=signature.version.agreement,
            concerns=(signature.organisation,),
        )
    return signature


def remove_term(*, actor: Actor, version: AgreementVersion, term: Term, now: datetime) -> None:
    with change(
        actor=actor, capability=Capability.DRAFT_SHARING_AGREEMENT, record=version, now=now
    ) as audit:
        _draft(version).terms.get(pk=term.pk).delete()
        audit.note(f"Took the term on {term.dataset} out of {version}.", record=version.agreement)


def remove_clause(
    *, actor: Actor, version: AgreementVersion, clause: Clause, now: datetime
) -> None:
    """Raises UnableToChangeVersion where a term rests on the clause."""
    with change(
        actor=actor, capability=Capability.DRAFT_SHARING_AGREEMENT, record=version, now=now
    ) as audit:
        locked = _draft(version)
        if locked.terms.filter(clause=clause).exists():
            raise UnableToChangeVersion("Terms rest on this clause. Remove them first.")
        locked.clauses.get(pk=clause.pk).delete()
        audit.note(f"Took clause {clause.number} out of {version}.", record=version.agreement)
