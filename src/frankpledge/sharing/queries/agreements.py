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
from frankpledge.partnership.models import Body, Holding, Organisation, Post
from frankpledge.sharing.enums import Basis, VersionState
from frankpledge.sharing.models import (
    AgreementVersion,
    Clause,
    Dataset,
    SharingAgreement,
    Signature,
    Term,
)
from frankpledge.sharing.queries.permission import signature_states
from frankpledge.sharing.queries.wording import text_digest
from frankpledge.sharing.rules import SignatureState, TermKey, grouped


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
class BoardLine:
    """One party's standing on the version in force."""

    organisation: Organisation
    state: SignatureState
    signature: Signature | None
    may_sign: Decision | None

    @property
    def words(self) -> str:
        said = {
            SignatureState.CURRENT: "Signed",
            SignatureState.OLD: "Older version only",
            SignatureState.REVOKED: "Taken back",
            SignatureState.NEVER: "Not signed",
        }
        return said[self.state]

    @property
    def colour(self) -> str:
        colours = {
            SignatureState.CURRENT: "green",
            SignatureState.OLD: "yellow",
            SignatureState.REVOKED: "red",
            SignatureState.NEVER: "red",
        }
        return colours[self.state]


@dataclass(frozen=True)
class AgreementPage:
    agreement: SharingAgreement
    current: AgreementVersion | None
    clauses: list[Clause]
    terms: list[TermKey]
    board: list[BoardLine]
    versions: list[AgreementVersion]
    warnings: list[str]
    may_draft: Decision
    mine: list[BoardLine]


def agreement_page(*, actor: Actor, slug: str, today: date) -> AgreementPage:
    agreement = find(
        actor, SharingAgreement, SharingAgreement.objects.select_related("owner"), slug=slug
    )
    versions = list(agreement.versions.all())
    may_draft = may(actor, Capability.DRAFT_SHARING_AGREEMENT, agreement)
    if not may_draft:
        versions = [each for each in versions if each.state != VersionState.DRAFT]
    current = next((v for v in versions if v.state == VersionState.IN_FORCE), None)
    lines = board(actor=actor, agreement=agreement)
    terms = terms_of(current) if current else []
    return AgreementPage(
        agreement=agreement,
        current=current,
        clauses=list(current.clauses.all()) if current else [],
        terms=terms,
        board=lines,
        versions=versions,
        warnings=_warnings(lines, terms, current, today),
        may_draft=may_draft,
        mine=[each for each in lines if each.may_sign],
    )


def board(*, actor: Actor, agreement: SharingAgreement) -> list[BoardLine]:
    """Every party, those who have not signed first."""
    states = signature_states(agreement)
    latest: dict[Any, Signature] = {}
    signatures = (
        Signature.objects.filter(version__agreement=agreement)
        .select_related("post", "version")
        .order_by("signed_on", "created_at", "pk")
    )
    for signature in signatures:
        held = latest.get(signature.organisation_id)
        if held is None or signature.revoked_on is None or held.revoked_on is not None:
            latest[signature.organisation_id] = signature
    signers = actor.organisations(Role.PARTNER)
    lines = [
        BoardLine(
            organisation,
            states[organisation.pk],
            latest.get(organisation.pk),
            may(actor, Capability.SIGN_SHARING_AGREEMENT, organisation)
            if organisation.pk in signers
            else None,
        )
        for organisation in agreement.parties.all()
    ]
    return sorted(
        lines, key=lambda line: (line.state is SignatureState.CURRENT, line.organisation.name)
    )


def terms_of(version: AgreementVersion) -> list[TermKey]:
    """The terms as people read them: one line for all the recipients of the same data."""
    return grouped(
        (
            TermKey(
                clause=term.clause.number,
                dataset=term.dataset.name,
                provider=term.provider.name if term.provider else "Every party",
                fields=tuple(term.fields),
                purpose=term.purpose,
                detail=term.get_detail_display(),
                basis=term.get_basis_display(),
                expires_on=term.expires_on,
            ),
            _reader(term),
        )
        for term in _terms(version)
    )


def _terms(version: AgreementVersion) -> QuerySet[Term]:
    return version.terms.select_related("clause", "dataset", "provider", "recipient")


def _reader(term: Term) -> str:
    if term.recipient is not None:
        return str(term.recipient.name)
    role = term.recipient_role
    return Role(role).label if role in set(Role) else role.capitalize()


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
        own = {
            basis: sorted({t.dataset for t in terms if t.basis == basis and t.provider == name})
            for basis in (power, duty)
        }
        if own[power]:
            found.append(
                f"{name} has not signed version {current.number}, so this has stopped: "
                f"{', '.join(own[power])}."
            )
        if own[duty]:
            found.append(
                f"{name} has not signed version {current.number}. "
                f"This goes on because it is a duty: {', '.join(own[duty])}."
            )
    expired = sorted({t.dataset for t in terms if t.expires_on and t.expires_on < today})
    if expired:
        found.append(f"The terms for this data have expired: {', '.join(expired)}.")
    if current.review_on and current.review_on < today:
        found.append(f"The review was due on {current.review_on:%-d %B %Y}.")
    return found


# One version


@dataclass(frozen=True)
class Difference:
    """What is different from the version before it."""

    before: AgreementVersion
    added: list[Clause]
    removed: list[Clause]
    changed: list[tuple[Clause, Clause]]
    terms_added: list[TermKey]
    terms_removed: list[TermKey]

    def __bool__(self) -> bool:
        return bool(
            self.added or self.removed or self.changed or self.terms_added or self.terms_removed
        )


@dataclass(frozen=True)
class VersionPage:
    agreement: SharingAgreement
    version: AgreementVersion
    clauses: list[Clause]
    terms: list[TermKey]
    difference: Difference | None
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
        AgreementVersion.objects.select_related("agreement__owner"),
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
    return VersionPage(
        agreement=version.agreement,
        version=version,
        clauses=list(version.clauses.all()),
        terms=terms_of(version),
        difference=difference(before, version) if before else None,
        digest=text_digest(version),
        may_draft=may(actor, Capability.DRAFT_SHARING_AGREEMENT, version),
        single_terms=[(term, _reader(term)) for term in _terms(version)],
        signatures=list(
            version.signatures.select_related("organisation", "post").order_by(
                "organisation__name", "signed_on"
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


def difference(before: AgreementVersion, after: AgreementVersion) -> Difference:
    old = {clause.number: clause for clause in before.clauses.all()}
    new = {clause.number: clause for clause in after.clauses.all()}
    old_terms, new_terms = terms_of(before), terms_of(after)
    return Difference(
        before=before,
        added=[clause for number, clause in new.items() if number not in old],
        removed=[clause for number, clause in old.items() if number not in new],
        changed=[
            (old[number], clause)
            for number, clause in new.items()
            if number in old
            and (clause.heading, clause.text) != (old[number].heading, old[number].text)
        ],
        terms_added=[term for term in new_terms if term not in old_terms],
        terms_removed=[term for term in old_terms if term not in new_terms],
    )


# Signing


def own_posts(*, actor: Actor, organisation: Organisation) -> QuerySet[Post]:
    """The posts of an organisation that the actor holds today."""
    held = Holding.objects.on(actor.on).filter(
        holder=actor.user_id, post__organisation=organisation
    )
    return Post.objects.on(actor.on).filter(pk__in=held.values("post"))


def find_party(*, actor: Actor, version: AgreementVersion, slug: str) -> Organisation:
    """A party to the agreement, or 404."""
    return find(actor, Organisation, version.agreement.parties.all(), slug=slug)


def standing_signature(
    *, version: AgreementVersion, organisation: Organisation
) -> Signature | None:
    return (
        version.signatures.filter(organisation=organisation, revoked_on__isnull=True)
        .select_related("organisation", "version__agreement", "post")
        .first()
    )


# What the forms choose from


def owners(*, actor: Actor) -> QuerySet[Body]:
    return visible(actor, Capability.VIEW, Body).filter(in_force(actor.on))


def organisations(*, actor: Actor) -> QuerySet[Organisation]:
    return visible(actor, Capability.VIEW, Organisation).filter(in_force(actor.on))


def datasets(*, actor: Actor) -> QuerySet[Dataset]:
    return visible(actor, Capability.VIEW, Dataset)


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
