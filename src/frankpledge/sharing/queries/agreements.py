"""What the pages of information sharing agreements show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Decision, find, may, visible
from frankpledge.access.enums import Capability, Role
from frankpledge.core.models import in_force
from frankpledge.partnership.models import Body, Organisation, Post
from frankpledge.sharing.enums import Basis, VersionState
from frankpledge.sharing.models import (
    AgreementVersion,
    Clause,
    Dataset,
    Liaison,
    SharingAgreement,
    Signature,
    Term,
)
from frankpledge.sharing.queries.board import BoardLine, board
from frankpledge.sharing.queries.signing import signing_decision
from frankpledge.sharing.queries.wording import (
    EVERY,
    clause_tree,
    digest_of,
    reader_of,
    term_key,
    wording,
)
from frankpledge.sharing.rules import SignatureState, TermKey, grouped
from frankpledge.sharing.rules.wording import Change, changes, new_risks


def agreements(*, actor: Actor) -> QuerySet[SharingAgreement]:
    """Those the actor may see, with the version in force and how many parties signed it."""
    standing = Q(
        versions__state=VersionState.IN_FORCE,
        versions__signatures__revoked_on__isnull=True,
        versions__signatures__isnull=False,
    )
    current = AgreementVersion.objects.filter(state=VersionState.IN_FORCE)
    return (
        visible(actor, Capability.VIEW, SharingAgreement)
        .annotate(
            signed=Count("versions__signatures", filter=standing, distinct=True),
            party_count=Count("parties", distinct=True),
        )
        .select_related("owner")
        .prefetch_related(Prefetch("versions", queryset=current, to_attr="in_force"))
    )


@dataclass(frozen=True)
class AgreementPage:
    agreement: SharingAgreement
    current: AgreementVersion | None
    clauses: list[tuple[Clause, int]]
    terms: list[TermKey]
    board: list[BoardLine]
    versions: list[AgreementVersion]
    warnings: list[str]
    may_draft: Decision
    mine: list[tuple[BoardLine, Decision]]
    liaisons: list[Liaison]


def may_make(*, actor: Actor) -> Decision:
    return may(actor, Capability.DRAFT_SHARING_AGREEMENT)


def find_agreement(*, actor: Actor, slug: str) -> SharingAgreement:
    found: SharingAgreement = find(
        actor,
        SharingAgreement,
        SharingAgreement.objects.select_related("owner", "keeper__organisation"),
        slug=slug,
    )
    return found


def agreements_chosen_from(*, actor: Actor) -> QuerySet[SharingAgreement]:
    return visible(actor, Capability.VIEW, SharingAgreement)


def agreement_page(*, actor: Actor, slug: str, today: date) -> AgreementPage:
    agreement = find_agreement(actor=actor, slug=slug)
    versions = list(agreement.versions.all())
    may_draft = may(actor, Capability.DRAFT_SHARING_AGREEMENT, agreement)
    if not may_draft:
        versions = [each for each in versions if each.state != VersionState.DRAFT]
    current = next((v for v in versions if v.state == VersionState.IN_FORCE), None)
    lines = board([agreement])
    terms = terms_of(current) if current else []
    return AgreementPage(
        agreement=agreement,
        current=current,
        clauses=clause_tree(current) if current else [],
        terms=terms,
        board=lines,
        versions=versions,
        warnings=_warnings(lines, terms, current, today),
        may_draft=may_draft,
        mine=_mine(actor, agreement, lines),
        liaisons=list(
            agreement.liaisons.on(today)
            .select_related("organisation", "post__organisation")
            .order_by("organisation__name", "-may_sign", "post__title", "pk")
        ),
    )


def _mine(
    actor: Actor, agreement: SharingAgreement, lines: list[BoardLine]
) -> list[tuple[BoardLine, Decision]]:
    """The lines of the actor's own organisations, each with who may sign it."""
    own = actor.organisations(Role.PARTNER)
    return [
        (line, signing_decision(actor=actor, agreement=agreement, organisation=line.organisation))
        for line in lines
        if line.organisation.pk in own
    ]


def terms_of(version: AgreementVersion) -> list[TermKey]:
    """The terms as people read them: one line for all the recipients of the same data."""
    return grouped((term_key(term), reader_of(term)) for term in _terms(version))


def _terms(version: AgreementVersion) -> QuerySet[Term]:
    return version.terms.select_related("clause", "dataset", "provider", "recipient")


def _warnings(
    lines: list[BoardLine], terms: list[TermKey], current: AgreementVersion | None, today: date
) -> list[str]:
    """What stops or soon stops, in the words of the basis it rests on."""
    if current is None:
        return ["No version is in force, so nothing may be sent under this agreement."]
    found = []
    power, duty = str(Basis.POWER.label), str(Basis.DUTY.label)
    for line in lines:
        if line.state is SignatureState.CURRENT:
            continue
        name = line.organisation.name
        revoked = line.state is SignatureState.REVOKED
        done = "has taken back its signature of" if revoked else "has not signed"
        own = {
            basis: sorted(
                {t.dataset for t in terms if t.basis == basis and t.provider in (name, EVERY)}
            )
            for basis in (power, duty)
        }
        if own[power]:
            found.append(
                f"{name} {done} version {current.number}, so this has stopped: "
                f"{', '.join(own[power])}."
            )
        if own[duty]:
            found.append(
                f"{name} {done} version {current.number}. "
                f"This goes on because it is a duty: {', '.join(own[duty])}."
            )
    expired = sorted({t.dataset for t in terms if t.expires_on and t.expires_on < today})
    if expired:
        found.append(f"The terms for this data have expired: {', '.join(expired)}.")
    if current.review_on and current.review_on < today:
        found.append(f"The review was due on {current.review_on:%-d %B %Y}.")
    if current.dpia_review_on and current.dpia_review_on < today:
        found.append(
            "The data protection impact assessment was to be looked at again by "
            f"{current.dpia_review_on:%-d %B %Y}."
        )
    return found


# One version


@dataclass(frozen=True)
class VersionPage:
    agreement: SharingAgreement
    version: AgreementVersion
    clauses: list[tuple[Clause, int]]
    terms: list[TermKey]
    before: AgreementVersion | None
    changes: list[Change]
    risks: list[str]
    digest: str
    may_draft: Decision
    signatures: list[Signature]
    single_terms: list[tuple[Term, str]]


def find_version(*, actor: Actor, slug: str, key: Any) -> AgreementVersion:
    """The version of an agreement that the actor sees; a draft only for who may change it."""
    agreement = find(actor, SharingAgreement, slug=slug)
    version = find(
        actor,
        AgreementVersion,
        AgreementVersion.objects.select_related(
            "agreement__owner", "agreement__keeper__organisation"
        ),
        pk=key,
        agreement=agreement,
    )
    if version.state == VersionState.DRAFT and not may(
        actor, Capability.DRAFT_SHARING_AGREEMENT, version
    ):
        raise Http404
    return version


def version_page(*, actor: Actor, slug: str, key: Any) -> VersionPage:
    version = find_version(actor=actor, slug=slug, key=key)
    before = _before(version)
    words, old = wording(version), wording(before) if before else None
    is_draft = version.state == VersionState.DRAFT
    return VersionPage(
        agreement=version.agreement,
        version=version,
        clauses=clause_tree(version),
        terms=grouped(words.terms),
        before=before,
        changes=changes(old, words) if old else [],
        risks=new_risks(old, words) if old and is_draft else [],
        digest=digest_of(words.text()),
        may_draft=may(actor, Capability.DRAFT_SHARING_AGREEMENT, version),
        single_terms=[(term, reader_of(term)) for term in _terms(version)],
        signatures=list(
            version.signatures.select_related("organisation", "post", "on_behalf_of").order_by(
                "organisation__name", "signed_on", "pk"
            )
        ),
    )


def _before(version: AgreementVersion) -> AgreementVersion | None:
    others = version.agreement.versions.exclude(pk=version.pk).exclude(state=VersionState.DRAFT)
    if version.state == VersionState.DRAFT:
        return others.filter(state=VersionState.IN_FORCE).first()
    return (
        others.filter(effective_from__lt=version.effective_from)
        .order_by("-effective_from", "-created_at")
        .first()
    )


# Signing


def find_party(*, actor: Actor, version: AgreementVersion, slug: str) -> Organisation:
    """A party to the agreement, or 404."""
    return find(actor, Organisation, version.agreement.parties.all(), slug=slug)


def standing_signature(
    *, version: AgreementVersion, organisation: Organisation
) -> Signature | None:
    return (
        version.signatures.filter(organisation=organisation, revoked_on__isnull=True)
        .select_related("organisation", "version__agreement__keeper__organisation", "post")
        .first()
    )


# What the forms choose from


def owners(*, actor: Actor) -> QuerySet[Body]:
    return visible(actor, Capability.VIEW, Body).filter(in_force(actor.on))


def organisations(*, actor: Actor) -> QuerySet[Organisation]:
    return visible(actor, Capability.VIEW, Organisation).filter(in_force(actor.on))


def datasets(*, actor: Actor) -> QuerySet[Dataset]:
    return visible(actor, Capability.VIEW, Dataset)


def keepers(*, actor: Actor) -> QuerySet[Post]:
    return (
        Post.objects.on(actor.on)
        .filter(organisation__in=visible(actor, Capability.VIEW, Organisation))
        .select_related("organisation")
    )


def posts_of_parties(*, actor: Actor, agreement: SharingAgreement) -> QuerySet[Post]:
    return keepers(actor=actor).filter(organisation__in=agreement.parties.all())


def find_liaison(*, agreement: SharingAgreement, key: Any) -> Liaison:
    liaison = agreement.liaisons.filter(pk=key).first()
    if liaison is None:
        raise Http404
    return liaison


def find_clause(*, version: AgreementVersion, key: Any) -> Clause:
    clause = version.clauses.filter(pk=key).first()
    if clause is None:
        raise Http404
    return clause


def find_term(*, version: AgreementVersion, key: Any) -> Term:
    term = version.terms.filter(pk=key).first()
    if term is None:
        raise Http404
    return term
