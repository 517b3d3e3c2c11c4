"""Terms compiled to permission: who may send what, who may read whose, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from frankpledge.access.actors import Actor
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import Basis, Detail, VersionState
from frankpledge.sharing.models import DataRequest, Dataset, SharingAgreement, Signature, Term
from frankpledge.sharing.rules import (
    FINENESS,
    Permission,
    SignatureState,
    Signer,
    TermView,
    best,
    covers,
    standing,
    weigh,
)


def standings(agreements: Iterable[Any]) -> dict[Any, dict[Any, SignatureState]]:
    """By agreement (its key), each party's standing on the version in force."""
    wanted = list(agreements)
    signed: dict[tuple[Any, Any], list[tuple[str, date | None]]] = {}
    for agreement, organisation, state, revoked in Signature.objects.filter(
        version__agreement__in=wanted
    ).values_list("version__agreement", "organisation", "version__state", "revoked_on"):
        signed.setdefault((agreement, organisation), []).append((state, revoked))
    found: dict[Any, dict[Any, SignatureState]] = {each: {} for each in wanted}
    parties = SharingAgreement.parties.through.objects.filter(sharingagreement__in=wanted)
    for agreement, organisation in parties.values_list("sharingagreement", "organisation"):
        found[agreement][organisation] = SignatureState.NEVER
    for (agreement, organisation), each in signed.items():
        found[agreement][organisation] = standing(each)
    return found


def signature_states(agreement: SharingAgreement) -> dict[Any, SignatureState]:
    """Each party's standing on the version in force."""
    return standings([agreement.pk])[agreement.pk]


def terms_in_force() -> QuerySet[Term]:
    """Every term of a version in force, with all that `view_of` reads."""
    return (
        Term.objects.filter(version__state=VersionState.IN_FORCE)
        .select_related(
            "clause", "version__agreement__keeper__organisation", "dataset", "provider", "recipient"
        )
        .order_by("clause__order", "pk")
    )


def view_of(term: Term) -> TermView:
    keeper = term.version.agreement.keeper
    return TermView(
        id=term.pk,
        dataset=term.dataset.name,
        clause=f"clause {term.clause.number}",
        clause_text=term.clause.text or term.clause.heading,
        agreement=str(term.version),
        basis=Basis(term.basis),
        detail=Detail(term.detail),
        fields=tuple(term.fields),
        purpose=term.purpose,
        expires_on=term.expires_on,
        starts_on=term.starts_on,
        keeper=str(keeper) if keeper else "",
    )


def weighed(
    term: Term,
    *,
    view: TermView,
    provider: Organisation,
    states: Mapping[Any, SignatureState],
    on: date,
) -> Permission:
    """One term for one provider, with where both ends of it stand on its agreement."""
    recipient = term.recipient
    return weigh(
        view,
        provider=provider.name,
        signature=states.get(provider.pk, SignatureState.NEVER),
        on=on,
        recipient=Signer(recipient.name, states.get(recipient.pk, SignatureState.NEVER))
        if recipient is not None
        else None,
    )


@dataclass(frozen=True)
class Terms:
    """The terms in force on a dataset with every party's standing, read once."""

    dataset: Dataset
    terms: tuple[Term, ...]
    standing: dict[Any, dict[Any, SignatureState]]

    @classmethod
    def of(cls, dataset: Dataset) -> Terms:
        terms = tuple(terms_in_force().filter(dataset=dataset))
        return cls(dataset, terms, standings({term.version.agreement_id for term in terms}))

    def weigh(self, terms: list[Term], provider: Organisation, on: date) -> list[Permission]:
        return [
            weighed(
                term,
                view=view_of(term),
                provider=provider,
                states=self.standing[term.version.agreement_id],
                on=on,
            )
            for term in terms
            if term.provider_id in (None, provider.pk)
        ]


def permission_to_send(*, organisation: Organisation, dataset: Dataset, on: date) -> Permission:
    """May this organisation's data come in today, and under which clause."""
    terms = Terms.of(dataset)
    granted = set(DataRequest.objects.filter(dataset=dataset).values_list("term", flat=True))
    signed = [term for term in terms.terms if term.pk not in granted]  # a grant only gives
    found = terms.weigh(signed, organisation, on)
    return best(found, dataset=dataset.name, provider=organisation.name)


@dataclass(frozen=True)
class Reading:
    """Whose data an actor may read of a dataset, how finely, and what stands in the way.

    `permissions` are those of the organisations, in the same order.
    """

    organisations: tuple[Organisation, ...]
    detail: Detail | None
    clauses: tuple[str, ...]
    warnings: tuple[str, ...]
    refusals: tuple[str, ...]
    permissions: tuple[Permission, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.organisations)

    def covers(self, asked: Detail) -> bool:
        return self.detail is not None and covers(self.detail, asked)


def reading(*, actor: Actor, dataset: Dataset, on: date) -> Reading:
    """The permission to read, provider by provider; detail is the finest common to all."""
    compiled = Terms.of(dataset)
    roles = {grant.role for grant in actor.grants} | {"public"}
    mine = [
        term
        for term in compiled.terms
        if term.recipient_role in roles or term.recipient_id in actor.organisations()
    ]
    providers = Organisation.objects.filter(
        Q(submissions__dataset=dataset, submissions__months__current=True)
    ).distinct()
    allowed, permissions, refusals = [], [], []
    for provider in providers.order_by("name", "pk"):
        permission = best(
            compiled.weigh(mine, provider, on), dataset=dataset.name, provider=provider.name
        )
        if permission:
            allowed.append(provider)
            permissions.append(permission)
        else:
            refusals.append(permission.sentence)
    detail = max((p.detail for p in permissions), key=FINENESS.index, default=None)
    return Reading(
        organisations=tuple(allowed),
        detail=detail,
        clauses=tuple(dict.fromkeys(p.clause for p in permissions)),
        warnings=tuple(dict.fromkeys(p.warning for p in permissions if p.warning)),
        refusals=tuple(refusals),
        permissions=tuple(permissions),
    )


def terms_giving(*, roles: Iterable[str], organisations: Iterable[Any], on: date) -> QuerySet[Term]:
    """`weigh` as a query: the terms that give these readers data on a day.

    For a subquery over rows that have a dataset and the organisation that provides it.
    """
    standing_now = Signature.objects.filter(version=OuterRef("version"), revoked_on__isnull=True)
    provided = standing_now.filter(organisation=OuterRef(OuterRef("organisation")))
    received = standing_now.filter(organisation=OuterRef("recipient"))
    lasts = Q(expires_on__isnull=True) | Q(expires_on__gte=on)
    signed = Q(Exists(provided)) & (Q(recipient__isnull=True) | Q(Exists(received)))
    return Term.objects.filter(
        Q(provider__isnull=True) | Q(provider=OuterRef("organisation")),
        Q(recipient_role__in=list(roles)) | Q(recipient__in=list(organisations)),
        Q(starts_on__isnull=True) | Q(starts_on__lte=on),
        Q(basis=Basis.DUTY) | (lasts & signed),
        dataset=OuterRef("dataset"),
        version__state=VersionState.IN_FORCE,
    )


@dataclass(frozen=True)
class Recipients:
    """Whom the terms give a dataset today, and the clauses that say so."""

    roles: frozenset[str]
    organisations: tuple[str, ...]
    clauses: tuple[str, ...]


def recipients(
    *, dataset: Dataset, providers: Iterable[Organisation], detail: Detail, on: date
) -> Recipients:
    """Those who may read all of these providers' data as finely as this."""
    compiled, wanted = Terms.of(dataset), list(providers)
    shared: dict[tuple[str, str], list[Term]] = {}
    for term in compiled.terms:
        name = term.recipient.name if term.recipient else ""
        shared.setdefault((term.recipient_role, name), []).append(term)

    def reads(terms: list[Term], provider: Organisation) -> bool:
        found = compiled.weigh(terms, provider, on)
        return any(p and p.detail is not None and covers(p.detail, detail) for p in found)

    given = {
        recipient: terms
        for recipient, terms in shared.items()
        if all(reads(terms, provider) for provider in wanted)
    }
    return Recipients(
        roles=frozenset(role for role, _ in given if role),
        organisations=tuple(sorted(name for _, name in given if name)),
        clauses=tuple(
            dict.fromkeys(f"clause {t.clause.number}" for terms in given.values() for t in terms)
        ),
    )
